"""Files that the browser fetches from Streamlit's static folder: Leaflet, the map's, outlines.

They are made when they are first needed, and named so that another content has another name;
Leaflet's own stay as they are. Nothing is asked of another host.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import xstatic.pkg.leaflet

from pppdash.ui.data import Source
from pppdash.views import maps

STATIC = Path(__file__).resolve().parents[2] / "static"
AREAS = "areas"
KEPT_OUTLINES = 60  # of the builds shown last, of all cities that this folder serves


@cache
def place_map_files() -> None:
    """Put Leaflet and the map's script and style where Streamlit serves static files."""
    for name in ("leaflet.js", "leaflet.css"):
        _place(name, (Path(xstatic.pkg.leaflet.BASE_DIR) / name).read_bytes())
    _place(maps.script_name(), maps.script().encode())
    _place(maps.style_name(), maps.style().encode())


def place_outlines(source: Source, layer: str | None) -> str:
    """Put the outlines of a layer there, and return where the map finds them; empty without any."""
    outlines = source.outlines(layer)
    if outlines.empty:
        return ""
    name = f"{AREAS}/{source.build_id}-{layer}.json"
    if not (STATIC / name).exists():
        shapes = maps.area_shapes(outlines, source.extent()["east"] > 180)
        _place(name, shapes.encode())
        _prune()
    return f"{maps.SERVED}/{name}"


def _place(name: str, content: bytes) -> None:
    target = STATIC / name
    if target.exists() and target.stat().st_size == len(content):
        return
    target.parent.mkdir(exist_ok=True)
    fresh = target.with_name(f".{target.name}-{os.getpid()}")
    fresh.write_bytes(content)
    os.replace(fresh, target)


def _prune() -> None:
    files = sorted((STATIC / AREAS).glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    for old in files[:-KEPT_OUTLINES]:
        old.unlink(missing_ok=True)
