"""A made city: ``make_sample`` draws a whole city folder from a recipe.

Everything it plants stands in the recipe (``recipe.toml`` of the sample city, unless another is
given); the code knows how a city hangs together and nothing about any one of them. The same
arguments and recipe give the same bytes, at any size.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from pppdash.city import CITY_FILE, DEFAULT_CITY
from pppdash.errors import UsageError
from pppdash.sample import tables
from pppdash.sample.accounts import make_accounts
from pppdash.sample.city_file import city_file
from pppdash.sample.folder import check_replaceable, replacing, write_manifest
from pppdash.sample.outreach import make_contacts, make_memberships
from pppdash.sample.places import make_places
from pppdash.sample.recipe import Recipe, load_recipe
from pppdash.sample.survey import make_survey

RECIPE_FILE = "recipe.toml"
DEFAULT_SEED = 0

__all__ = ["DEFAULT_SEED", "RECIPE_FILE", "make_sample"]


def make_sample(
    folder: Path,
    targets: int,
    buildings: int | None = None,
    seed: int = DEFAULT_SEED,
    recipe: Path | None = None,
) -> None:
    """Write a synthetic city into ``folder``: city.toml, CSV files, area files and the recipe.

    Parameters
    ----------
    folder
        A new or empty folder, or one that holds an earlier sample, which is replaced.
    targets
        How many targets the city has, 1 or more.
    buildings
        How many buildings hold them, at most ``targets``; the recipe's ratio when not given.
    seed
        Another seed gives another city of the same kind; 0 or more.
    recipe
        What to plant; the sample city's ``recipe.toml`` when not given.

    Raises
    ------
    UsageError
        A number is out of range, or ``folder`` holds something that is not an earlier sample.
    CityError
        The recipe cannot be followed.
    """
    source = load_recipe(Path(recipe or DEFAULT_CITY / RECIPE_FILE).resolve())
    folder = Path(folder).resolve()
    if buildings is None:
        buildings = max(1, round(source.city.buildings_per_target * max(targets, 1)))
    _check_numbers(targets, buildings, seed)
    areas = [source.path.parent / layer.path for layer in source.city.layers]
    check_replaceable(folder, {source.path, *areas})
    with replacing(folder) as new:
        shutil.copyfile(source.path, new / RECIPE_FILE)
        for path in areas:
            shutil.copyfile(path, new / path.name)
        _write(new, source, targets, buildings, seed)


def _write(folder: Path, recipe: Recipe, targets: int, buildings: int, seed: int) -> None:
    """Draw the city and write its tables, city.toml and the record of how it was made."""
    entities = [
        tables.write_table(folder, table).stem
        for table in _tables(recipe, targets, buildings, seed)
    ]
    config = city_file(recipe, targets, entities)
    (folder / CITY_FILE).write_text(config, encoding="utf-8", newline="\n")
    write_manifest(folder, targets, buildings, seed)


def _check_numbers(targets: int, buildings: int, seed: int) -> None:
    if targets < 1:
        raise UsageError(f"--targets is {targets}; a city needs at least 1 target.")
    if buildings < 1:
        raise UsageError(f"--buildings is {buildings}; a city needs at least 1 building.")
    if buildings > targets:
        raise UsageError(
            f"--buildings is {buildings} and --targets {targets}; every building holds at least "
            "one target, so give at most as many buildings as targets."
        )
    if seed < 0:
        raise UsageError(f"--seed is {seed}; give 0 or more.")


def _tables(recipe: Recipe, targets: int, buildings: int, seed: int) -> Iterator[tables.Table]:
    places = make_places(recipe, targets, buildings, seed)
    names = tables.Names(recipe, places, seed)
    yield tables.buildings_table(recipe, places, names, seed)
    yield tables.targets_table(recipe, places, names)
    accounts = make_accounts(recipe, places, seed)
    yield tables.accounts_table(places, accounts)
    yield tables.flash_points_table(recipe)
    yield tables.memberships_table(recipe, places, make_memberships(recipe, places, seed))
    yield tables.contacts_table(recipe, places, make_contacts(recipe, places, accounts, seed))
    waves = list(make_survey(recipe, places, accounts, seed))
    yield tables.questions_table(recipe)
    yield tables.responses_table(recipe, places, waves)
    yield tables.waves_table(recipe, waves)
    yield tables.margins_table(recipe, waves)
    yield tables.goals_table(recipe)
