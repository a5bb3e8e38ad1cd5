"""What a made city holds, beside what its recipe planted: the table in ``data/README.md``.

python -m pppdash.sample.figures [CITY]

It reads the CSV files alone, as anybody could, so that it checks the generator and shares nothing
with the warehouse.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from pppdash.city import DEFAULT_CITY
from pppdash.sample.recipe import BANDS, FlashPoint, Recipe, load_recipe

Row = tuple[str, str, str]


@dataclass(frozen=True)
class Made:
    """A made city's files, with each target's sector, size band, area group and state joined on."""

    recipe: Recipe
    buildings: pd.DataFrame
    targets: pd.DataFrame
    accounts: pd.DataFrame
    contacts: pd.DataFrame
    responses: pd.DataFrame
    waves: pd.DataFrame


def read_made(folder: Path) -> Made:
    """Read a made city back from its files."""
    recipe = load_recipe(folder / "recipe.toml")
    buildings = _read(folder, "buildings")
    buildings["group"] = _groups(recipe, folder, buildings)
    accounts = _read(folder, "accounts")
    targets = _targets(recipe, _read(folder, "targets"), buildings)
    accounts["enrolls"] = _enrolls(accounts, targets)
    accounts["month"] = accounts["enrolled_on"].str[:7]
    active = accounts.loc[accounts["ended_on"] == "", "enrolls"]
    targets["is_enrolled"] = targets["target_id"].isin(active)
    return Made(
        recipe=recipe,
        buildings=buildings,
        targets=targets,
        accounts=accounts,
        contacts=_read(folder, "outreach_contacts"),
        responses=_read(folder, "survey_responses"),
        waves=_read(folder, "survey_waves"),
    )


def _read(folder: Path, entity: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{entity}.csv", dtype=str, keep_default_na=False)


def _groups(recipe: Recipe, folder: Path, buildings: pd.DataFrame) -> pd.Series:
    """Return each building's area group, by the polygon that contains it."""
    layer = folder / recipe.city.layers[0].path
    group_of = {area: group.name for group in recipe.area_groups for area in group.areas}
    longitude = buildings["longitude"].astype(float).to_numpy()
    latitude = buildings["latitude"].astype(float).to_numpy()
    groups = pd.Series("", index=buildings.index)
    for feature in json.loads(layer.read_text(encoding="utf-8"))["features"]:
        polygon = shapely.geometry.shape(feature["geometry"])
        inside = shapely.contains_xy(polygon, longitude, latitude)
        groups[inside] = group_of[feature["properties"]["area_id"]]
    return groups


def _targets(recipe: Recipe, targets: pd.DataFrame, buildings: pd.DataFrame) -> pd.DataFrame:
    """Add the sector that counts (a blank is the building's), size band and area group."""
    home = buildings[["building_id", "sector", "group"]].rename(columns={"sector": "fallback"})
    targets = targets.merge(home, on="building_id", validate="many_to_one")
    targets["sector"] = targets["sector"].where(targets["sector"] != "", targets["fallback"])
    bands = recipe.targets.size_bands
    employees = pd.to_numeric(targets["employees"], errors="coerce")
    edges = [-np.inf, bands.mid_sized, bands.large, np.inf]
    band = pd.cut(employees, edges, right=False, labels=list(BANDS[:3])).astype(object)
    targets["size_band"] = band.where(employees.notna(), BANDS[3])
    return targets


def _enrolls(accounts: pd.DataFrame, targets: pd.DataFrame) -> pd.Series:
    """Return the target each account enrolls: named, else sole, else the manager's."""
    sole = targets[~targets["building_id"].duplicated(keep=False)]
    managers = targets[targets["role"] == "manager"]
    named = accounts["target_id"].mask(accounts["target_id"] == "")
    for known in (sole, managers):
        meant = known.set_index("building_id")["target_id"]
        named = named.fillna(accounts["building_id"].map(meant))
    return named.fillna("")


def figures(made: Made) -> list[Row]:
    """Return rows of what, planted, found."""
    return [
        *_counts(made),
        *_pace(made),
        *_coverage(made),
        *_contacts(made),
        *_survey(made),
    ]


def _counts(made: Made) -> Iterator[Row]:
    accounts, part = made.accounts, made.recipe.accounts
    targets, opened = len(made.targets), len(accounts)
    active = accounts[accounts["ended_on"] == ""]
    enrolled = int(made.targets["is_enrolled"].sum())
    again = int(accounts["enrolls"].duplicated().sum())
    quiet_since = np.datetime64(made.recipe.city.as_of) - part.dormant_after_days
    quiet = active["last_active_on"].between("0", str(quiet_since), inclusive="left")
    reached = made.targets.loc[made.targets["is_enrolled"], "building_id"].nunique()
    yield "Targets in buildings", "as asked for", f"{targets:,} in {len(made.buildings):,}"
    yield "Active accounts", f"{part.active_share:.1%} of targets, exact", f"{len(active):,}"
    yield "Targets enrolled", "one active account each", f"{enrolled:,} ({enrolled / targets:.1%})"
    yield "Buildings reached", "follows", f"{reached:,} ({reached / len(made.buildings):.1%})"
    yield "Accounts ever opened", "follows", f"{opened:,}"
    yield "Ended", f"{part.ended_share:.1%} of opened", f"{opened - len(active):,}"
    yield "Enrolled twice", f"{part.reenrolled_share:.1%} of opened", f"{again:,} targets"
    yield "Dormant", f"{part.dormant_share:.1%} of active", f"{int(quiet.sum()):,}"
    by_building = int((accounts["target_id"] == "").sum())
    yield "Name only a building", f"{part.building_only:.0%} of those that may", f"{by_building:,}"


def _pace(made: Made) -> Iterator[Row]:
    """Yield each flash point's window, and the pace outside all of them."""
    city, scale = made.recipe.city, len(made.targets) / 10_000
    every = np.arange(np.datetime64(city.launched_on, "M"), np.datetime64(city.as_of, "M") + 1)
    counts = (
        made.accounts["month"].value_counts().reindex([str(month) for month in every], fill_value=0)
    )
    outside = np.ones(len(every), dtype=bool)
    for point in made.recipe.flash_points:
        inside = _window(point, every)
        outside &= ~inside
        if inside.any() and point.extra_per_10000:
            found, months = int(counts[inside].sum()), every[inside]
            yield (
                f"Opened {months[0]} to {months[-1]}: {point.name}",
                f"{point.extra_per_10000 * scale:,.0f} beyond the pace",
                f"{found:,} ({found / max(len(made.accounts), 1):.1%} of all)",
            )
    planted = f"{made.recipe.pace.interim_per_month * scale:,.1f} a month"
    yield "Opened in other months", planted, f"{counts[outside].mean():,.1f} a month"


def _window(point: FlashPoint, months: np.ndarray) -> np.ndarray:
    """Return which months hold the rise: five months to a planned event's, else three from it."""
    after = (months - np.datetime64(point.started_on, "M")).astype(int)
    if point.kind == "planned_event":
        return (after >= -4) & (after <= 0)
    return (after >= 0) & (after <= 2)


def _coverage(made: Made) -> Iterator[Row]:
    odds = made.recipe.enrollment_odds.size_band
    by_sector = {one.name: one.enrollment_odds for one in made.recipe.sectors}
    by_group = {group.name: group.enrollment_odds for group in made.recipe.area_groups}
    for what, column, planted in (
        ("Sector", "sector", by_sector),
        ("Size", "size_band", odds),
        ("Areas", "group", by_group),
    ):
        enrolled = made.targets.groupby(column)["is_enrolled"]
        for name, part in enrolled:
            yield (
                f"{what}: {name or 'Unclassified'}",
                f"odds {planted[str(name)]:g}",
                f"{part.mean():.1%} of {len(part):,}",
            )


def _contacts(made: Made) -> Iterator[Row]:
    for name, prong in sorted(made.recipe.outreach.prongs.items()):
        contacts = made.contacts[made.contacts["prong"] == name]
        won = int((contacts["outcome"] == "enrolled").sum())
        yield (
            f"Contacts that enrolled: {name}",
            f"1 in {prong.per_enrollment}",
            f"{won:,} of {len(contacts):,}",
        )


def _survey(made: Made) -> Iterator[Row]:
    answers = made.responses.assign(score=made.responses["score"].astype(float))
    respondents = answers.groupby("wave")["respondent_id"].nunique()
    invited = made.waves.set_index("wave")["invited"].astype(int)
    for wave in made.recipe.survey.waves:
        n, asked = int(respondents.get(str(wave.wave), 0)), int(invited[str(wave.wave)])
        yield f"Answered: {wave.label}", f"{wave.response:.0%}", f"{n:,} of {asked:,}"
    means = answers.pivot_table(index="question_id", columns="wave", values="score")
    for question in made.recipe.survey.questions:
        if question.question_id in means.index:
            found = " → ".join(f"{mean:.2f}" for mean in means.loc[question.question_id])
            change = f"{question.change:+g} a wave" if question.change else "no trend"
            yield f"Mean answer: {question.question_id}", change, found


def as_markdown(rows: list[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = [("What", "Planted", "Found"), ("---", "---", "---"), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    city = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_CITY
    print(as_markdown(figures(read_made(city))), end="")
