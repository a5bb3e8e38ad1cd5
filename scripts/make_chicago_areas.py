"""Make the sample city's two area layers from the polygons that libpysal ships.

    python scripts/make_chicago_areas.py

reads ``libpysal/examples/chicago`` (the 77 community areas, BSD-3-Clause, no CRS in the file:
its coordinates are feet in EPSG:3435) and writes ``data/chicago/community_areas.geojson`` and
``data/chicago/sides.geojson``. The polygons are simplified *as a coverage*, so that neighbors go
on sharing their borders, and a side is the exact union of its simplified areas.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import geopandas
import numpy as np
import shapely

OUT = Path(__file__).resolve().parent.parent / "data" / "chicago"
SOURCE_CRS = 3435  # Illinois State Plane East, US survey feet
TOLERANCE_FT = 40  # about 12 m: invisible at city scale, a tenth of the vertices
DECIMALS = 5  # about 1 m; checked below to leave the coverage valid

# The customary grouping of the 77 community areas into nine sides; data/README.md cites it.
SIDES: dict[str, tuple[int, ...]] = {
    "Far North Side": (*range(1, 5), *range(9, 15), 76, 77),
    "Northwest Side": tuple(range(15, 21)),
    "North Side": (*range(5, 8), 21, 22),
    "West Side": tuple(range(23, 32)),
    "Central": (8, 32, 33),
    "South Side": (*range(34, 44), 60, 69),
    "Southwest Side": (*range(56, 60), *range(61, 69)),
    "Far Southeast Side": tuple(range(44, 56)),
    "Far Southwest Side": tuple(range(70, 76)),
}
SPELLINGS = {"MCKINLEY PARK": "McKinley Park", "OHARE": "O'Hare"}  # title case gets these wrong


def main() -> None:
    """Write both layers and say what they hold."""
    areas = simplified(read_areas())
    sides = dissolved(areas)
    for layer, name in ((areas, "community_areas"), (sides, "sides")):
        check(layer)
        path = OUT / f"{name}.geojson"
        path.write_text(as_geojson(layer), encoding="utf-8")
        print(f"{path.name}: {len(layer)} areas, {path.stat().st_size / 1000:.0f} kB")


def shapefile() -> Path:
    """Find the shapefile inside the installed libpysal, without importing all of it."""
    package = importlib.util.find_spec("libpysal")
    if package is None or package.origin is None:
        raise SystemExit("libpysal is not installed; run: pip install -r requirements-dev.txt")
    return next((Path(package.origin).parent / "examples" / "chicago").glob("*77.shp"))


def read_areas() -> geopandas.GeoDataFrame:
    """Read the 77 areas as ``area_id``, ``name``, ``geometry`` in feet, ordered by number."""
    raw = geopandas.read_file(shapefile()).set_crs(SOURCE_CRS)
    names = [SPELLINGS.get(name, name.title()) for name in raw["COMMUNITY"]]
    numbers = raw["AREA_NUMBE"].astype(int)
    areas = geopandas.GeoDataFrame(
        {"number": numbers, "area_id": numbers.astype(str), "name": names},
        geometry=raw.geometry,
    )
    return areas.sort_values("number", ignore_index=True)


def simplified(areas: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """Simplify as a coverage, turn feet into degrees, round."""
    simpler = shapely.coverage_simplify(np.array(areas.geometry), TOLERANCE_FT)
    degrees = geopandas.GeoSeries(simpler, crs=SOURCE_CRS).to_crs(4326)
    rounded = shapely.transform(np.array(degrees), lambda xy: np.round(xy, DECIMALS))
    return areas.drop(columns="geometry").set_geometry(rounded, crs=4326)


def dissolved(areas: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """Unite the areas of each side; every area belongs to exactly one."""
    listed = sorted(number for numbers in SIDES.values() for number in numbers)
    if listed != areas["number"].tolist():
        raise SystemExit("SIDES must name every community area exactly once.")
    shapes = [
        shapely.coverage_union_all(np.array(areas.geometry[areas["number"].isin(numbers)]))
        for numbers in SIDES.values()
    ]
    ids = [name.lower().removesuffix(" side").replace(" ", "_") for name in SIDES]
    return geopandas.GeoDataFrame(
        {"area_id": ids, "name": list(SIDES)}, geometry=shapes, crs=areas.crs
    )


def check(layer: geopandas.GeoDataFrame) -> None:
    """Stop unless the polygons are sound and meet without gaps or overlaps."""
    shapes = np.array(layer.geometry)
    if not (shapely.is_valid(shapes).all() and shapely.coverage_is_valid(shapes)):
        raise SystemExit("Rounding broke the coverage; use more DECIMALS or less TOLERANCE_FT.")


def as_geojson(layer: geopandas.GeoDataFrame) -> str:
    """Write one feature a line, so that a diff shows which area changed."""
    features = [
        json.dumps(
            {
                "type": "Feature",
                "properties": {"area_id": row.area_id, "name": row.name},
                "geometry": shapely.geometry.mapping(shapely.orient_polygons(row.geometry)),
            },
            separators=(",", ":"),
        )
        for row in layer.itertuples(index=False)
    ]
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(features) + "\n]}\n"


if __name__ == "__main__":
    main()
