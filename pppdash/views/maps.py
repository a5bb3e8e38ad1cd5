"""Maps: the city's own polygons and buildings, drawn without any outside request.

The small map is a picture (SVG). The large one is Leaflet through folium. Its base never changes,
so nothing is loaded twice and nothing jumps; all that is shown travels as one JSON value a run,
of which a pan or a zoom needs only the marks in view. Outlines of areas are a static file. What
came from a city's files reaches the map as JSON that cannot leave its string, and the page as
``textContent``.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import folium
import numpy as np
import pandas as pd
from branca.element import MacroElement
from folium.template import Template

from pppdash.metrics.filters import Box, Circle
from pppdash.metrics.viewport import CELL_PX, View
from pppdash.metrics.world import world
from pppdash.views import theme
from pppdash.views.shading import Shading
from pppdash.views.text import script_json
from pppdash.views.theme import Palette

FOLDER = Path(__file__).parent / "scripts"
SCRIPTS = ("city_map.js", "areas.js", "marks.js", "choosing.js", "player.js")
STYLE = "city_map.css"
SERVED = "../../app/static"  # from a component's frame; relative, so a base path works
STATUS_CODES = {"never": "0", "ended": "1", "active": "2"}
NAME_LENGTH = 70
TITLE = "Map of the city: areas and buildings; the tables below it hold the same"
WORDS = {
    "building": "Building",
    "buildings": "buildings",
    "nameless": "Building without a name",
    "active": "enrolled",
    "ended": "enrollment ended",
    "never": "not enrolled",
    "accounts": "active accounts",
    "together": "buildings on one spot",
    "spread": "Click to spread them.",
    "zoom": "Click to zoom in.",
    "open": "Click for its card.",
}
# What may be highlighted: the column of the counts, the flag of a building, and its words.
HIGHLIGHTS: dict[str, tuple[str, str, str]] = {
    "quick_wins": ("quick_wins", "is_quick_win", "Quick wins"),
    "members": ("members", "is_member", "Members of other programs"),
    "dormant": ("accounts_dormant", "is_dormant", "Accounts gone quiet"),
}


# -- the large map -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Months:
    """The months that the slider walks.

    Attributes
    ----------
    names
        As they are written, from the first.
    now
        Position of the page's own date.
    events
        Position → the flash points of that month.
    key
        Differs where frames that were sent before do not hold any more.
    """

    names: tuple[str, ...]
    now: int
    events: Mapping[int, str]
    key: str


@dataclass(frozen=True)
class Tiles:
    """A background that the city hosts itself: a URL with {z}, {x}, {y}, and whom to credit."""

    url: str
    attribution: str


class _Base(folium.Map):
    """A folium map that asks no outside host and looks nowhere until it is told."""

    def __init__(self) -> None:
        files = [("leaflet", f"{SERVED}/leaflet.js"), ("city_map", f"{SERVED}/{script_name()}")]
        styles = [("leaflet", f"{SERVED}/leaflet.css"), ("city_map", f"{SERVED}/{style_name()}")]
        self.default_js = files
        self.default_css = styles
        super().__init__(
            location=[0, 0],
            tiles=None,
            zoom_start=2,
            zoom_snap=0.25,
            attribution_control=False,
            fade_animation=False,
        )


class _News(MacroElement):
    """Hands one JSON value to the map's own script."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "CityMap.take({{ this._parent._parent.get_name() }}, {{ this.data }});"
        "{% endmacro %}"
    )

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "News"
        self.data = script_json(data)


def base_map() -> folium.Map:
    """Return the empty map, the same for every city and build."""
    return _Base()


def news(**parts: Any) -> folium.FeatureGroup:
    """Return what the map is to take in: ``page, key, marks, frames, look, go``.

    The group itself stays empty: what is drawn is the script's own and is not taken away with it.
    """
    group = folium.FeatureGroup(name="news")
    group.add_child(_News({name: part for name, part in parts.items() if part is not None}))
    return group


@cache
def script() -> str:
    """Return the map's script: its files, one after the other."""
    return "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in SCRIPTS)


@cache
def style() -> str:
    """Return the map's style sheet."""
    return (FOLDER / STYLE).read_text(encoding="utf-8")


def script_name() -> str:
    """Return the file name of :func:`script`; another script has another name."""
    return f"city_map-{_digest(script())}.js"


def style_name() -> str:
    """Return the file name of :func:`style`."""
    return f"city_map-{_digest(style())}.css"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def page_part(
    colors: Palette,
    areas: Mapping[str, Any],
    months: Months | None,
    shape: Box | Circle | None,
    card: int | None,
    highlight: str,
    tiles: Tiles | None,
) -> dict[str, Any]:
    """Return what the map shows besides the marks in view; it changes with the page.

    Parameters
    ----------
    areas
        From :func:`area_part`.
    shape
        Within what the page counts.
    card
        The ``place`` of the building whose card is open.
    highlight
        One of `HIGHLIGHTS`, or nothing.
    """
    lit = HIGHLIGHTS[highlight][2].lower() if highlight else ""
    return {
        "title": TITLE,
        "cell": CELL_PX,
        "colors": _frame_colors(colors),
        "words": WORDS | {"lit": lit},
        "areas": areas,
        "player": _player(months),
        "shape": _shape(shape),
        "card": card,
        "tiles": {"url": tiles.url, "attribution": tiles.attribution} if tiles else None,
    }


def part_key(part: Mapping[str, Any]) -> str:
    """Return what tells one page part from another."""
    return _digest(script_json(part))


def area_part(
    url: str,
    shading: Shading | None,
    lines: Mapping[str, Iterable[str]],
    names: Mapping[str, str],
    chosen: Iterable[str],
) -> dict[str, Any]:
    """Return how the areas are shaded and what they say when they are pointed at.

    Parameters
    ----------
    url
        Where the outlines are, from the component's frame; empty without a layer.
    lines, names
        By ``area_id``.
    """
    if shading is None:
        return {"url": "", "classes": [], "at": {}, "unsure": [], "lines": {}, "chosen": []}
    return {
        "url": url,
        "classes": [c.color for c in shading.classes],
        "at": dict(shading.at),
        "unsure": sorted(shading.unsure),
        "lines": {area: [names[area], *more] for area, more in lines.items()},
        "chosen": list(chosen),
    }


def _frame_colors(colors: Palette) -> dict[str, str]:
    names = ("ground", "panel", "ink", "quiet", "rule", "accent", "ended", "amber")
    return {
        **{name: getattr(colors, name) for name in names},
        "hollow": f"{colors.ground}b3",  # lets the shading of the area show through
        "font": theme.FONT,
    }


def _player(months: Months | None) -> dict[str, Any] | None:
    if months is None or not months.names:
        return None
    return {
        "names": list(months.names),
        "now": months.now,
        "events": {str(at): text for at, text in months.events.items()},
        "key": months.key,
    }


def _shape(shape: Box | Circle | None) -> dict[str, Any] | None:
    if shape is None:
        return None
    if isinstance(shape, Circle):
        return {"center": [shape.latitude, shape.longitude], "radius": shape.radius_m}
    return {"corners": [[shape.south, shape.west], [shape.north, shape.east]]}


def marks(view: View, highlight: str = "") -> dict[str, Any]:
    """Return the marks of a view in compact columns.

    Cells run row by row: ``rows`` holds each row's number and how many cells are in it, ``x``
    the column of each, counted from ``west``. Buildings bear their distance from the view's
    north-western corner in world units and the step of their ``place`` from the one before.
    """
    box = view.box
    part: dict[str, Any] = {
        "kind": view.kind,
        "level": view.level,
        "box": [box.west, box.north, box.east, box.south],
    }
    if view.kind == "cells":
        return part | _cells(view.rows, highlight)
    return part | _buildings(view, highlight)


def _cells(cells: pd.DataFrame, highlight: str) -> dict[str, Any]:
    cells = cells[cells["buildings"] > 0]
    west = int(cells["cell_x"].min()) if len(cells) else 0
    rows, counts = np.unique(cells["cell_y"].to_numpy(), return_counts=True)
    part = {
        "west": west,
        "rows": np.column_stack([rows, counts]).ravel().tolist(),
        "x": (cells["cell_x"] - west).tolist(),
        "n": cells["buildings"].tolist(),
        "on": cells["buildings_enrolled"].tolist(),
        "off": cells["buildings_ended"].tolist(),
        "accounts": cells["accounts_active"].tolist(),
    }
    return part | ({"lit": cells[HIGHLIGHTS[highlight][0]].tolist()} if highlight else {})


def _buildings(view: View, highlight: str) -> dict[str, Any]:
    rows = view.rows
    places = rows["place"].to_numpy(dtype=np.int64)
    part = {
        "west": view.box.west,
        "north": view.box.north,
        "x": (rows["x"] - view.box.west).tolist(),
        "y": (rows["y"] - view.box.north).tolist(),
        "place": np.diff(places, prepend=0).tolist(),
        "status": "".join(rows["status"].map(STATUS_CODES)),
    }
    if view.is_named:
        part["names"] = [
            _label(name, address)
            for name, address in zip(rows["name"], rows["address"], strict=True)
        ]
    if highlight:
        part["lit"] = "".join("1" if lit else "0" for lit in rows[HIGHLIGHTS[highlight][1]])
    return part


def _label(name: object, address: object) -> str:
    parts = [part for part in (name, address) if isinstance(part, str) and part]
    return "\n".join(p if len(p) <= NAME_LENGTH else f"{p[:NAME_LENGTH]}…" for p in parts)


# -- outlines ----------------------------------------------------------------------------------


def area_shapes(outlines: pd.DataFrame, wraps: bool) -> str:
    """Return the outlines of a layer as GeoJSON, with nothing but their ids.

    Parameters
    ----------
    outlines
        Columns ``area_id`` and ``geojson``.
    wraps
        Whether the city lies across the 180th meridian: its western part is then drawn beyond it.
    """
    features = [
        {
            "type": "Feature",
            "properties": {"id": str(row.area_id)},
            "geometry": _shifted(json.loads(row.geojson), wraps),
        }
        for row in outlines.itertuples(index=False)
        if row.geojson
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"))


def _shifted(shape: dict[str, Any], wraps: bool) -> dict[str, Any]:
    if not wraps:
        return shape

    def moved(part: Any) -> Any:
        if isinstance(part[0], (int, float)):
            return [part[0] + 360 if part[0] < 0 else part[0], *part[1:]]
        return [moved(inner) for inner in part]

    return shape | {"coordinates": moved(shape["coordinates"])}


def city_box(outlines: pd.DataFrame, extent: pd.Series) -> list[int]:
    """Return ``[west, north, east, south]`` of the areas, else of the buildings, in world units.

    Parameters
    ----------
    extent
        ``west, south, east, north`` of the buildings in degrees; ``east`` may lie beyond 180.
    """
    wraps = extent["east"] > 180
    boxes = [_corners(text, wraps) for text in outlines["geojson"].dropna()]
    if boxes:
        box = np.array(boxes)
        west, south = box[:, :2].min(axis=0)
        east, north = box[:, 2:].max(axis=0)
    else:
        west, south, east, north = (extent[name] for name in ("west", "south", "east", "north"))
    return [*world(float(west), float(north)), *world(float(east), float(south))]


def _corners(geojson: str, wraps: bool) -> list[float]:
    every = np.vstack(_rings(geojson))
    if wraps:
        every = np.column_stack([np.where(every[:, 0] < 0, 360, 0) + every[:, 0], every[:, 1]])
    return [*every.min(axis=0), *every.max(axis=0)]


@lru_cache(maxsize=4096)
def _rings(geojson: str) -> tuple[np.ndarray, ...]:
    shape = json.loads(geojson)
    parts = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
    return tuple(np.asarray(ring, dtype=float)[:, :2] for part in parts for ring in part)


# -- the small map -----------------------------------------------------------------------------


def small_map(areas: pd.DataFrame, shading: Shading, colors: Palette) -> str:
    """Return the areas as an SVG in a data URI, colored by ``shading``."""
    outlines = {row.area_id: _rings(row.geojson) for row in areas.itertuples() if row.geojson}
    if not outlines:
        return ""
    every = np.vstack([ring for rings in outlines.values() for ring in rings])
    (west, south), (east, north) = every.min(axis=0), every.max(axis=0)
    shrink = float(np.cos(np.radians((south + north) / 2)))
    scale = 400 / max((east - west) * shrink, north - south)
    fills = shading.colors
    paths = "".join(
        f'<path fill="{fills.get(area, colors.panel)}" d="'
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
