"""How long the server counts for one view, in process: ``python -m benchmarks.views CITY``.

Prints one JSON line, milliseconds of every call: ``look`` is all that the map's fragment asks of
the warehouse, ``marks`` is writing it down in columns; ``pyramid`` and ``scan`` are the whole city
counted at the level of the farthest view, from the counts made while building and from the
buildings themselves, as where the pyramid cannot serve.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.cities import some_buildings
from benchmarks.walk import FARTHEST, asked, walk
from pppdash.metrics.filters import Filters
from pppdash.metrics.viewport import Extent, look
from pppdash.metrics.world import WORLD_BITS
from pppdash.views.maps import marks
from pppdash.warehouse.read import Warehouse, open_warehouse

VIEWS = 60
FAR_VIEWS = 7


def main() -> None:
    """Measure one city."""
    city = Path(sys.argv[1])
    points = some_buildings(city)
    with closing(open_warehouse(city)) as warehouse:
        filters = Filters(as_of=warehouse.build.as_of)
        found: dict[str, list[float]] = {"look": [], "marks": []}
        for box, level in itertools.islice(walk(points, 0), VIEWS):
            milliseconds, view = _timed(look, warehouse, Extent(*box), level, filters)
            found["look"].append(milliseconds)
            found["marks"].append(_timed(_write, view)[0])
        for name, query in (("pyramid", "map_cells"), ("scan", "map_cells_scan")):
            found[name] = _far(warehouse, query, filters)
    print(json.dumps(found))


def _far(warehouse: Warehouse, query: str, filters: Filters) -> list[float]:
    extent = warehouse.query("map_extent").iloc[0]
    longitude = (extent["west"] + extent["east"]) / 2
    latitude = (extent["south"] + extent["north"]) / 2
    box, level = asked(longitude, latitude, FARTHEST)
    cells = [edge >> (WORLD_BITS - level) for edge in box]
    chosen = filters.params()
    parameters = dict(zip(("west", "north", "east", "south"), cells, strict=True))
    parameters |= {name: chosen[name] for name in ("as_of", "sectors", "size_bands")}
    return [_timed(warehouse.query, query, level=level, **parameters)[0] for _ in range(FAR_VIEWS)]


def _write(view: Any) -> str:
    return json.dumps(marks(view))


def _timed(call: Callable[..., Any], *arguments: Any, **named: Any) -> tuple[float, Any]:
    start = time.perf_counter()
    answer = call(*arguments, **named)
    return 1_000 * (time.perf_counter() - start), answer


if __name__ == "__main__":
    main()
