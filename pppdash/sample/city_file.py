"""The made city's ``city.toml``: what a planner copies to bring their own city."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pppdash.sample.recipe import Recipe

_HEAD = """\
# A city is a folder: this file names its data files and says how their columns become ours.
# To bring your own city, copy this folder, put your files in it, and change what follows.
"""

_AREAS = """
# Area layers, the first being the default: GeoJSON or Shapefile. `id` and `name` are expressions
# over the file's own columns; `crs` is needed only where the file carries none.
"""

_SOURCES = """
# One table a file. Leave out what you do not have: no file is needed, and a page without its file
# says what to add. Columns that bear our names need nothing more; else say how yours become ours:
#   [sources.buildings.columns]
#   building_id = "ID"
#   floor_area_sqft = "cast(area_m2 as double) * 10.7639"
"""


def city_file(recipe: Recipe, targets: int, entities: Sequence[str]) -> str:
    """Return the text of ``city.toml`` for a city whose ``entities`` are all made up."""
    city = recipe.city
    low, high = (max(1, round(part * targets)) for part in city.universe)
    made_up = "".join(f"  {_quoted(entity)},\n" for entity in entities)
    return "".join(
        [
            _HEAD,
            f"name = {_quoted(city.name)}\n",
            f"launched_on = {city.launched_on}  # months before it are not at risk\n",
            f"as_of = {city.as_of}  # every number is true as of this date, until it is moved\n",
            "# Made-up data, said on every page and in every export; leave out what is real.\n",
            f"synthetic = [\n{made_up}]\n",
            f"\n[goal]\ncoverage = {city.goal.coverage:.2f}\ndue = {city.goal.due}\n",
            "\n[target_universe]  # how few and how many targets there may really be\n",
            f"low = {low}\nhigh = {high}\n",
            _AREAS,
            "\n".join(_layers(recipe)),
            _SOURCES,
            "\n".join(
                f"[sources.{entity}]\npath = {_quoted(entity + '.csv')}\n" for entity in entities
            ),
        ]
    )


def _layers(recipe: Recipe) -> list[str]:
    return [
        f"[areas.{layer.name}]\nlabel = {_quoted(layer.label)}\npath = {_quoted(layer.path)}\n"
        'id = "area_id"\nname = "name"\n'
        for layer in recipe.city.layers
    ]


def _quoted(text: str) -> str:
    """Return a TOML string; JSON's escapes are a subset of TOML's."""
    return json.dumps(text, ensure_ascii=False)
