"""Maps: the city's own polygons and buildings, drawn without tiles and without any outside request.

The small map is a picture (SVG). The large one is Leaflet through folium: areas are one GeoJSON
layer; buildings are one canvas that draws all points from compact columns, because one folium
marker a building takes seconds. Everything that came from a file travels as JSON that cannot
leave its string, and reaches the page as ``textContent`` only.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import folium
import numpy as np
import pandas as pd
from branca.element import Element, MacroElement
from folium.template import Template

from pppdash.views import theme
from pppdash.views.shading import Shading
from pppdash.views.tables import STATUS_WORDS
from pppdash.views.text import script_json
from pppdash.views.theme import Palette

SCRIPTS = Path(__file__).parent / "scripts"
LEAFLET = "../../app/static/leaflet"  # from a component's frame; relative, so a base path works
STATUS_CODES = {"never": 0, "ended": 1, "active": 2}
DEGREES = 100_000  # coordinates travel as whole hundred-thousandths of a degree, about a meter


@dataclass(frozen=True)
class CityMap:
    """A Leaflet map to be shown.

    Attributes
    ----------
    base
        The empty map: where it looks. It stays while layers change, so that nothing jumps.
    layers
        What is drawn on it; replaced without reloading the map.
    key
        Differs when the base differs.
    """

    base: folium.Map
    layers: folium.FeatureGroup
    key: str


class _Base(folium.Map):
    """A folium map that asks no outside host and leaves zooming of the page to the reader."""

    default_js = [("leaflet", f"{LEAFLET}.js")]  # noqa: RUF012 - folium's own interface
    default_css = [("leaflet_css", f"{LEAFLET}.css")]  # noqa: RUF012

    def __init__(self, bounds: Sequence[Sequence[float]], colors: Palette) -> None:
        (south, west), (north, east) = bounds
        center = [(south + north) / 2, (west + east) / 2]
        super().__init__(
            location=center,
            tiles=None,
            zoom_start=10,
            zoom_snap=0.1,
            attribution_control=False,
            min_zoom=3,
        )
        self._style = _frame_style(colors)
        self.add_child(_Fit(bounds))

    def render(self, **kwargs: Any) -> str:
        """Render, with our own head instead of folium's, which forbids pinching to zoom."""
        text: str = super().render(**kwargs)  # type: ignore[no-untyped-call]
        figure: Any = self.get_root()
        figure.header.add_child(Element(self._style), name=self.get_name())
        return text


class _Fit(MacroElement):
    """Looks at the whole city, at any width."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "{{ this._parent.get_name() }}.fitBounds({{ this.bounds }}, {padding: [6, 6]});"
        "{% endmacro %}"
    )

    def __init__(self, bounds: Sequence[Sequence[float]]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Fit"
        self.bounds = json.dumps(bounds)


class _Layer(MacroElement):
    """A layer whose script is a file beside this one and whose data is one JSON value."""

    def __init__(self, name: str, data: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = name
        self._template = Template(_script(name))
        self.data = script_json(data)


@lru_cache(maxsize=4)
def _script(name: str) -> str:
    body = (SCRIPTS / f"{name.lower()}.js").read_text(encoding="utf-8")
    call = f"({body.strip()})({{{{ this.data }}}}, {{{{ this._parent.get_name() }}}});"
    return "{% macro script(this, kwargs) %}" + call + "{% endmacro %}"


def city_map(
    areas: pd.DataFrame,
    shading: Shading | None,
    hover: Mapping[str, Sequence[str]],
    buildings: pd.DataFrame,
    colors: Palette,
    key: str,
    selected: str | None = None,
) -> CityMap:
    """Return the map of areas and buildings.

    Parameters
    ----------
    areas
        Columns ``area_id``, ``name``, ``geojson``; no rows when the city has no polygons.
    shading
        The areas' colors; None when there are no areas.
    hover
        ``area_id`` → lines of text shown when pointed at.
    buildings
        Columns ``longitude, latitude, name, address, sector, status, targets,
        targets_enrolled``.
    key
        Identifies the build and the mode: the map is loaded anew only when it changes.
    selected
        ``area_id`` to outline.
    """
    layers = folium.FeatureGroup(name="city")
    if shading is not None and len(areas):
        layers.add_child(_Layer("Areas", _area_data(areas, shading, hover, colors, selected)))
    layers.add_child(_Layer("Buildings", _building_data(buildings, colors)))
    return CityMap(_Base(bounds(areas, buildings), colors), layers, key)


def bounds(areas: pd.DataFrame, buildings: pd.DataFrame) -> list[list[float]]:
    """Return ``[[south, west], [north, east]]`` of the polygons, else of the buildings."""
    corners = [_corners(text) for text in areas["geojson"].dropna()] if len(areas) else []
    if corners:
        box = np.array(corners)
        west, south = box[:, :2].min(axis=0)
        east, north = box[:, 2:].max(axis=0)
    elif len(buildings):
        west, east = buildings["longitude"].min(), buildings["longitude"].max()
        south, north = buildings["latitude"].min(), buildings["latitude"].max()
    else:
        west, south, east, north = -180, -60, 180, 75
    return [[float(south), float(west)], [float(north), float(east)]]


def small_map(areas: pd.DataFrame, shading: Shading, colors: Palette) -> str:
    """Return the areas as an SVG in a data URI, colored by ``shading``."""
    outlines = {row.area_id: _rings(row.geojson) for row in areas.itertuples() if row.geojson}
    if not outlines:
        return ""
    every = np.vstack([ring for rings in outlines.values() for ring in rings])
    (west, south), (east, north) = every.min(axis=0), every.max(axis=0)
    shrink = float(np.cos(np.radians((south + north) / 2)))
    scale = 400 / max((east - west) * shrink, north - south)
    paths = "".join(
        f'<path fill="{shading.colors.get(area, colors.panel)}" d="'
        + "".join(_path(ring, west, north, shrink, scale) for ring in rings)
        + '"/>'
        for area, rings in outlines.items()
    )
    width, height = (east - west) * shrink * scale + 4, (north - south) * scale + 4
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 -2 {width:.0f} {height:.0f}" '
        f'stroke="{colors.ground}" stroke-width="0.8" fill-rule="evenodd">{paths}</svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _path(ring: np.ndarray, west: float, north: float, shrink: float, scale: float) -> str:
    x = (ring[:, 0] - west) * shrink * scale
    y = (north - ring[:, 1]) * scale
    return "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True)) + "Z"


@lru_cache(maxsize=512)
def _rings(geojson: str) -> tuple[np.ndarray, ...]:
    shape = json.loads(geojson)
    parts = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
    return tuple(np.asarray(ring, dtype=float)[:, :2] for part in parts for ring in part)


def _corners(geojson: str) -> list[float]:
    every = np.vstack(_rings(geojson))
    return [*every.min(axis=0), *every.max(axis=0)]


def _area_data(
    areas: pd.DataFrame,
    shading: Shading,
    hover: Mapping[str, Sequence[str]],
    colors: Palette,
    selected: str | None,
) -> dict[str, Any]:
    features = [
        {
            "type": "Feature",
            "properties": {
                "id": str(row.area_id),
                "fill": shading.colors.get(row.area_id, colors.panel),
                "lines": [str(row.name), *hover.get(row.area_id, ())],
            },
            "geometry": json.loads(row.geojson),
        }
        for row in areas.itertuples(index=False)
        if row.geojson
    ]
    return {
        "areas": {"type": "FeatureCollection", "features": features},
        "line": colors.ground,
        "ink": colors.ink,
        "selected": selected,
    }


def _building_data(buildings: pd.DataFrame, colors: Palette) -> dict[str, Any]:
    order = buildings.assign(code=buildings["status"].map(STATUS_CODES)).sort_values("code")
    sectors = sorted(order["sector"].dropna().astype(str).unique())
    return {
        "x": (order["longitude"] * DEGREES).round().astype(int).tolist(),
        "y": (order["latitude"] * DEGREES).round().astype(int).tolist(),
        "status": order["code"].astype(int).tolist(),
        "name": [
            _label(name, place) for name, place in zip(order["name"], order["address"], strict=True)
        ],
        "sector": pd.Categorical(order["sector"].astype(str), sectors).codes.tolist(),
        "sectors": sectors,
        "targets": order["targets"].astype(int).tolist(),
        "enrolled": order["targets_enrolled"].astype(int).tolist(),
        "words": [STATUS_WORDS[status] for status in STATUS_CODES],
        "unit": DEGREES,
        "colors": {
            "active": colors.accent,
            "ended": colors.ended,
            "never": colors.amber,
            "ground": colors.ground,
        },
        "title": "Map of the city: areas and buildings; the same data is in the tables below it",
    }


def _label(name: object, address: object) -> str:
    parts = [str(part) for part in (name, address) if isinstance(part, str) and part]
    return "\n".join(parts) or "Building without a name"


def _frame_style(colors: Palette) -> str:
    """Return the head of the map's frame: its own little page, so it needs its own style."""
    return (
        "<style>html,body{margin:0;padding:0;background:" + colors.ground + ";}"
        "#map_div{position:relative;width:100%;}"
        ".leaflet-container{background:" + colors.ground + ";font:13px/1.4 " + theme.FONT + ";}"
        ".leaflet-tooltip{background:" + colors.panel + ";color:" + colors.ink + ";"
        "border:1px solid " + colors.rule + ";box-shadow:none;"
        "white-space:normal;width:max-content;max-width:17rem;}"
        ".leaflet-tooltip::before{display:none;}"
        ".leaflet-tooltip b{display:block;}"
        ".on-building .area-tip{display:none;}"
        ".leaflet-bar a{background:" + colors.panel + ";color:" + colors.ink + ";"
        "border-color:" + colors.rule + ";}"
        ".leaflet-interactive:focus{outline:none;}</style>"
    )
