"""The map's queries as tests ask them: over the whole world, or a part of it, as of a date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from pppdash.metrics.compute import Queryable
from pppdash.metrics.world import WORLD, WORLD_BITS

COUNTS = [
    "buildings",
    "buildings_enrolled",
    "buildings_ended",
    "accounts_active",
    "accounts_dormant",
    "quick_wins",
    "members",
]
WHOLE_WORLD = {"west": 0, "east": 2 * WORLD - 1, "north": 0, "south": WORLD - 1}

Kinds = Sequence[str] | None


def count_cells(
    warehouse: Queryable,
    query: str,
    level: int,
    as_of: date,
    sectors: Kinds = None,
    size_bands: Kinds = None,
    box: dict[str, int] = WHOLE_WORLD,
) -> pd.DataFrame:
    """Return what ``map_cells`` or ``map_cells_scan`` counts in a box of world units."""
    cells = {name: edge >> (WORLD_BITS - level) for name, edge in box.items()}
    kinds: dict[str, Any] = {"sectors": sectors, "size_bands": size_bands}
    return warehouse.query(query, level=level, as_of=as_of, **cells, **kinds)


def see_buildings(
    warehouse: Queryable,
    as_of: date,
    sectors: Kinds = None,
    size_bands: Kinds = None,
    box: dict[str, int] = WHOLE_WORLD,
) -> pd.DataFrame:
    """Return the buildings in a box of world units."""
    kinds: dict[str, Any] = {"sectors": sectors, "size_bands": size_bands}
    return warehouse.query("map_buildings", as_of=as_of, **box, **kinds)


def finest_level(warehouse: Queryable) -> int:
    """Return the finest level of the pyramid."""
    return int(warehouse.query("map_levels")["finest"].iloc[0])
