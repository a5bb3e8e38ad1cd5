"""Polygons as a clean coverage, and which of them each point belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from pppdash.errors import SourceError
from pppdash.sources.contracts import OUTSIDE

WGS84 = "EPSG:4326"
# About 20 m in the middle latitudes: below a pixel when a city fills a screen.
SIMPLIFY_DEGREES = 0.0002
COORDINATE_DIGITS = 5


@dataclass(frozen=True)
class Layer:
    """One layer of areas, ready to place points in.

    ``areas`` has columns area_id, name, population and geometry (EPSG:4326), one row an area;
    ``merged`` polygons were dissolved into another of the same id, ``repaired`` were mended.
    """

    name: str
    areas: gpd.GeoDataFrame
    merged: int
    repaired: int

    def geojson(self) -> pd.Series:
        """Return each area's outline for drawing: simplified as a coverage, as GeoJSON text."""
        shapes = self.areas.geometry.to_numpy()
        drawn = shapely.set_precision(
            shapely.coverage_simplify(shapes, SIMPLIFY_DEGREES), 10.0**-COORDINATE_DIGITS
        )
        # An area smaller than the tolerance would vanish; it keeps its own outline.
        drawn = np.where(shapely.is_empty(drawn), shapes, drawn)
        return pd.Series(shapely.to_geojson(drawn), index=self.areas.index, dtype="str")


def make_layer(name: str, rows: gpd.GeoDataFrame) -> Layer:
    """Repair polygons and dissolve those that share an id.

    Parameters
    ----------
    name
        The layer's name.
    rows
        Columns area_id, name, population, geometry (EPSG:4326), in file order.
    """
    valid = rows.geometry.is_valid
    mended = rows.assign(geometry=rows.geometry.make_valid())
    areas = mended.dissolve("area_id", aggfunc="first", sort=False).reset_index()
    areas = areas[["area_id", "name", "population", "geometry"]]
    areas["geometry"] = areas.geometry.map(_polygons_only)
    return Layer(name, areas, len(rows) - len(areas), int((~valid).sum()))


def _polygons_only(shape: shapely.Geometry) -> shapely.Geometry:
    """Drop the stray lines and points that repairing a polygon can leave behind."""
    if shape.geom_type != "GeometryCollection":
        return shape
    parts = [part for part in shape.geoms if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts)


def check_polygons(path: str, frame: gpd.GeoDataFrame) -> None:
    """Refuse a layer whose shapes are not polygons.

    Raises
    ------
    SourceError
        Naming the kinds of shape that were found.
    """
    kinds = set(frame.geom_type.dropna()) - {"Polygon", "MultiPolygon"}
    if kinds:
        raise SourceError(f"{path} holds {', '.join(sorted(kinds))} where areas need polygons.")


def place(points: gpd.GeoSeries, layer: Layer, snap_m: float) -> pd.DataFrame:
    """Find the area each point belongs to.

    Parameters
    ----------
    points
        Points in EPSG:4326.
    layer
        The areas.
    snap_m
        How far outside every area a point may lie and still belong to the nearest, in meters.

    Returns
    -------
    pd.DataFrame
        Indexed as ``points``: area_id (`OUTSIDE` where none), is_snapped, distance_m (0 inside).
    """
    first = _first_area(points.to_numpy(), layer.areas.geometry.to_numpy())
    area_ids = layer.areas["area_id"].array.take(first, allow_fill=True)
    placed = pd.DataFrame(
        {"area_id": area_ids, "is_snapped": False, "distance_m": 0.0}, index=points.index
    )
    outside = placed["area_id"].isna()
    if outside.any():
        apart = gpd.GeoDataFrame(geometry=points[outside], crs=WGS84)
        near = _nearest(apart, layer.areas).reindex(apart.index)
        snaps = near["distance_m"] <= snap_m
        placed.loc[near.index, "distance_m"] = near["distance_m"]
        placed.loc[near.index, "is_snapped"] = snaps
        placed.loc[near.index, "area_id"] = near["area_id"].where(snaps, OUTSIDE)
    return placed


def _first_area(points: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """Return the position of the area that each point lies in, -1 where in none.

    On a shared border a point meets two areas; the first one counts, so that it counts once.
    """
    shapely.prepare(areas)  # else every point walks the whole boundary
    point, area = shapely.STRtree(areas).query(points)
    x, y = shapely.get_x(points), shapely.get_y(points)
    lies_in = shapely.intersects_xy(areas[area], x[point], y[point])
    first = np.full(len(points), len(areas))
    np.minimum.at(first, point[lies_in], area[lies_in])
    return np.where(first < len(areas), first, -1)


def _nearest(points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    # Measured from the middle of the areas, so that it is defined even half a world away.
    west, south, east, north = areas.total_bounds
    metric = f"+proj=aeqd +lat_0={(south + north) / 2} +lon_0={(west + east) / 2} +datum=WGS84"
    near = points.to_crs(metric).sjoin_nearest(
        areas[["area_id", "geometry"]].to_crs(metric), distance_col="distance_m"
    )
    return near[~near.index.duplicated()][["area_id", "distance_m"]]


def describe_misplaced(
    longitude: pd.Series, latitude: pd.Series, layers: Mapping[str, Layer]
) -> pd.Series:
    """Say what is wrong with coordinates, where something is; missing where nothing is."""
    reasons = pd.Series(pd.NA, index=longitude.index, dtype="str")
    out_of_range = (longitude.abs() > 180) | (latitude.abs() > 90)
    reasons[out_of_range] = (
        "is not in degrees (longitude -180 to 180, latitude -90 to 90); "
        "convert it, or set `crs` under the source if it is in a projected one"
    )
    swapped = _fits(latitude, longitude, layers) & ~_fits(longitude, latitude, layers)
    reasons[swapped] = "looks swapped with longitude: the other way round they lie in the city"
    return reasons


def _fits(x: pd.Series, y: pd.Series, layers: Mapping[str, Layer]) -> pd.Series:
    """Whether points lie in the layers' box, with a degree to spare; without layers, in range."""
    if not layers:
        return x.abs().le(180) & y.abs().le(90)
    west, south, east, north = next(iter(layers.values())).areas.total_bounds
    return x.between(west - 1, east + 1) & y.between(south - 1, north + 1)
