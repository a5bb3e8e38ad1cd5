"""What of the city comes into view: counts in cells of the screen, or the buildings themselves.

The screen bounds what is read and sent, never the city: far out, DuckDB reads counts made while
building (``marts.map_cells``); close by, the few row groups that hold what is in view.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from pppdash.metrics.compute import Queryable
from pppdash.metrics.filters import Filters
from pppdash.metrics.world import WORLD_BITS

MOST_CELLS = 4_096  # of a view, counted with the empty ones
MOST_BUILDINGS = 1_000
MOST_NAMED = 250
CELL_PX = 20  # a cell is never smaller on the screen, and never twice as large
COARSEST = 5


@dataclass(frozen=True)
class Extent:
    """A part of the world in world units, its edges included."""

    west: int
    north: int
    east: int
    south: int


@dataclass(frozen=True)
class View:
    """What is in view.

    Attributes
    ----------
    kind
        ``cells`` or ``buildings``.
    level
        The level that was asked for: cells are ``2 ** level`` to a world's width, or coarser.
    box
        What the rows cover.
    rows
        As ``queries/map_cells.sql`` or ``queries/map_buildings.sql`` returns them.
    """

    kind: Literal["cells", "buildings"]
    level: int
    box: Extent
    rows: pd.DataFrame

    @property
    def is_named(self) -> bool:
        """Whether names go along: with more, they would be most of what is sent."""
        return len(self.rows) <= MOST_NAMED


def look(warehouse: Queryable, box: Extent, level: int, filters: Filters) -> View:
    """Return what ``box`` holds, in cells of ``level`` or as buildings where they are few.

    Only the date, the sectors and the size bands are followed: chosen areas and places are shown
    on the map, not cut out of it.
    """
    counted = bounded(box, level)
    rows = _cells(warehouse, box, counted, filters)
    if rows["buildings"].sum() > MOST_BUILDINGS:
        return View("cells", counted, _whole_cells(box, counted), rows)
    parameters = _limits(box, 0) | _parameters(filters)
    buildings = warehouse.query("map_buildings", **parameters)
    return View("buildings", level, box, buildings)


def bounded(box: Extent, level: int) -> int:
    """Return ``level``, or the coarser one at which no more than `MOST_CELLS` cover ``box``."""
    level = max(COARSEST, min(level, WORLD_BITS))
    while level > COARSEST and _cell_count(box, level) > MOST_CELLS:
        level -= 1
    return level


def _cell_count(box: Extent, level: int) -> int:
    limits = _limits(box, WORLD_BITS - level)
    across, down = (limits[b] - limits[a] + 1 for a, b in (("west", "east"), ("north", "south")))
    return across * down


def _cells(warehouse: Queryable, box: Extent, level: int, filters: Filters) -> pd.DataFrame:
    finest = warehouse.query("map_levels")["finest"].iloc[0]
    name = "map_cells" if pd.notna(finest) and level <= finest else "map_cells_scan"
    limits = _limits(box, WORLD_BITS - level)
    return warehouse.query(name, level=level, **limits, **_parameters(filters))


def _limits(box: Extent, shift: int) -> dict[str, int]:
    """Return the edges of a box in whole cells of ``2 ** shift`` world units."""
    edges = {"west": box.west, "east": box.east, "north": box.north, "south": box.south}
    return {name: edge >> shift for name, edge in edges.items()}


def _whole_cells(box: Extent, level: int) -> Extent:
    """Return a box grown to the edges of its cells, all of which are counted whole."""
    shift = WORLD_BITS - level
    limits = _limits(box, shift)
    return Extent(
        limits["west"] << shift,
        limits["north"] << shift,
        ((limits["east"] + 1) << shift) - 1,
        ((limits["south"] + 1) << shift) - 1,
    )


def _parameters(filters: Filters) -> dict[str, object]:
    chosen = filters.params()
    return {name: chosen[name] for name in ("as_of", "sectors", "size_bands")}
