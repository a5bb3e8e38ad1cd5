"""The large map on a page: what it sends is taken, what came into view is sent back.

The map lives in a fragment of its own, so that panning and zooming run nothing else. A message
from the map holds what is in view, the key of what it was last given, and the last thing that was
chosen; a choice that concerns the page reruns the page.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

import pandas as pd
import streamlit as st
from streamlit_folium import st_folium

from pppdash.metrics.filters import Box, Circle, parse_within
from pppdash.metrics.viewport import CELL_PX, Extent
from pppdash.metrics.world import WORLD_BITS, world
from pppdash.ui import controls
from pppdash.ui.data import current_source
from pppdash.ui.frame import Page, boundary
from pppdash.views import maps

KEY = "city_map"
HEIGHT = 620
USUAL_WIDTH = 780  # of the map on a desktop: the first answer fits it, any other asks again
BUILDING = "building"
LISTED_FIRST = "list_first"  # the building that was last chosen elsewhere than in its table
RADIUS = "radius"

_NAMES = ("leaflet.js", maps.script_name(), "leaflet.css", maps.style_name())
FILES = tuple(f"{maps.SERVED}/{name}" for name in _NAMES)  # what the map's frame loads

_LOOK, _HANDLED, _GO = "map_look", "map_handled", "map_go"
_RERUN, _FRAMES = "map_reruns_page", "map_wants_frames"
_WIDEST = 2 << WORLD_BITS  # a city across the 180th meridian reaches into the next world
_numbers = count(1)


@dataclass(frozen=True)
class Content:
    """What a page gives its map.

    Attributes
    ----------
    part
        From :func:`pppdash.views.maps.page_part`.
    box
        The what the map looks at first, ``[west, north, east, south]`` in world units.
    highlight
        One of `maps.HIGHLIGHTS`, or nothing.
    month_ends
        The day that each month of the slider stands for.
    key
        Tells one ``part`` from another.
    frames
        Returns when the class of each area changes; asked for when the slider is first moved.
    """

    part: Mapping[str, Any]
    box: Sequence[int]
    highlight: str
    month_ends: Sequence[date]
    key: str
    frames: Callable[[], dict[str, list[int]]]


def draw(page: Page, content: Content) -> None:
    """Draw the map; at first with all that it shows, later with what it lacks."""
    _live(page, content, {"page": True})


def go_to(box: Sequence[int]) -> None:
    """Have the map look at a box of world units, with the next run."""
    st.session_state[_GO] = {"id": next(_numbers), "box": list(box)}


@st.fragment
def _live(page: Page, content: Content, owed: dict[str, bool]) -> None:
    with boundary():
        if st.session_state.pop(_RERUN, False) or current_source() != page.data:
            st.rerun()
        st_folium(
            maps.base_map(),
            key=KEY,
            height=HEIGHT,
            use_container_width=True,
            returned_objects=[],  # the map's own script speaks for it
            feature_group_to_add=_news(page, content, owed),
            on_change=lambda: _take(page, content),
        )


def _news(page: Page, content: Content, owed: dict[str, bool]) -> Any:
    """Return what the map lacks: always the marks in view, the rest when it is new to it."""
    said = _message()
    is_owed = owed.pop("page", False) or said.get("key") != content.key
    extent, level = _in_view(said, content.box)
    return maps.news(
        key=content.key,
        page=content.part if is_owed else None,
        marks=maps.marks(page.data.look(extent, level, page.filters), content.highlight),
        frames=content.frames() if st.session_state.pop(_FRAMES, False) else None,
        look=st.session_state.get(_LOOK) or {"box": list(content.box)},
        go=st.session_state.pop(_GO, None),
    )


# -- messages ----------------------------------------------------------------------------------


def _message() -> dict[str, Any]:
    """Return what the map last said; it comes from a browser, so nothing in it is certain."""
    said = st.session_state.get(KEY)
    return said if isinstance(said, dict) else {}


def _in_view(said: Mapping[str, Any], city: Sequence[int]) -> tuple[Extent, int]:
    view = said.get("view")
    if isinstance(view, dict) and isinstance(view.get("level"), int):
        edges = view.get("box")
        if isinstance(edges, list) and len(edges) == 4 and all(isinstance(n, int) for n in edges):
            west, north, east, south = (max(-_WIDEST, min(_WIDEST, n)) for n in edges)
            return Extent(west, north, max(west, east), max(north, south)), view["level"]
    return _whole(city)


def _whole(city: Sequence[int]) -> tuple[Extent, int]:
    """Return the city as a map of usual size shows it first."""
    west, north, east, south = city
    units_a_pixel = max((east - west) / USUAL_WIDTH, (south - north) / HEIGHT, 1.0)
    level = math.floor(WORLD_BITS - math.log2(CELL_PX * units_a_pixel))
    more = int(0.5 * USUAL_WIDTH * units_a_pixel)
    return Extent(west - more, north - more, east + more, south + more), level


def _take(page: Page, content: Content) -> None:
    """Follow what was chosen on the map, once."""
    said = _message()
    look, event = said.get("look"), said.get("event")
    if isinstance(look, dict):
        st.session_state[_LOOK] = look
    if not isinstance(event, dict) or event.get("id") == st.session_state.get(_HANDLED):
        return
    st.session_state[_HANDLED] = event.get("id")
    follow = _FOLLOWS.get(str(event.get("kind")))
    if follow is not None:
        follow(page, content, event.get("what"))


def _follow_area(page: Page, content: Content, what: Any) -> None:
    if isinstance(what, dict) and str(what.get("id")) in content.part["areas"]["at"]:
        controls.toggle_area(str(what["id"]), bool(what.get("more")))
        st.session_state[_RERUN] = True


def _follow_building(page: Page, content: Content, what: Any) -> None:
    if isinstance(what, int):
        found = page.data.listing("building_id", place=what)
        if len(found):
            open_card(page, str(found["building_id"].iloc[0]))
            st.session_state[_RERUN] = True


def _follow_box(page: Page, content: Content, what: Any) -> None:
    if _are_numbers(what, 4) and (box := parse_within(str(Box(*map(float, what))))):
        controls.set_within(box)
        st.session_state[_RERUN] = True


def _follow_point(page: Page, content: Content, what: Any) -> None:
    if _are_numbers(what, 2) and (
        circle := parse_within(str(Circle(float(what[0]), float(what[1]), radius())))
    ):
        controls.set_within(circle)
        go_to(box_around(circle))
        st.session_state[_RERUN] = True


def _follow_month(page: Page, content: Content, what: Any) -> None:
    if isinstance(what, int) and 0 <= what < len(content.month_ends):
        controls.set_date(content.month_ends[what])
        st.session_state[_RERUN] = True


def _follow_frames(page: Page, content: Content, what: Any) -> None:
    st.session_state[_FRAMES] = True


_FOLLOWS: dict[str, Callable[[Page, Content, Any], None]] = {
    "area": _follow_area,
    "building": _follow_building,
    "box": _follow_box,
    "point": _follow_point,
    "month": _follow_month,
    "frames": _follow_frames,
}


def _are_numbers(what: Any, many: int) -> bool:
    return (
        isinstance(what, list)
        and len(what) == many
        and all(isinstance(n, (int, float)) and math.isfinite(n) for n in what)
    )


def open_card(page: Page, building_id: str) -> None:
    """Open a building's card, and list the building before the others."""
    controls.hold(page.name, BUILDING, building_id)
    st.session_state[LISTED_FIRST] = building_id


def building(page: Page) -> pd.Series | None:
    """Return the building whose card is open; None without one."""
    return page.data.building(controls.held(page.name, BUILDING), page.filters)


def radius() -> float:
    """Return the radius for the next circle in meters, as it was last chosen."""
    return float(st.session_state.get(RADIUS, controls.USUAL_RADIUS_M))


def box_around(shape: Box | Circle) -> list[int]:
    """Return the box of world units around a shape."""
    box = shape.bounds()
    return [*world(box.west, box.north), *world(box.east, box.south)]
