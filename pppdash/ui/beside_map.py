"""What stands beside and below the map: finding, places, the panel, the card, and the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from pppdash.metrics.filters import Circle
from pppdash.ui import controls, live_map, map_content, show
from pppdash.ui.data import AREA_METRICS
from pppdash.ui.frame import Page, boundary
from pppdash.views import figures, maps, markup, places, sentences, shading, tables, theme
from pppdash.views.parts import TableView
from pppdash.views.shading import Shading

PER_PAGE = 100
MOST_EXPORTED = 200_000
_RERUN = "list_reruns_page"
RADII_M = (250, 500, 800, 1500, 3000, 5000)


# -- choices and legend ---------------------------------------------------------------------


def choose_measure(page: Page) -> str:
    """Draw the choice of what areas are shaded by."""
    return controls.choose(page.name, "shade", "Shade areas by", shading.CHOICES)


def choose_highlight(page: Page) -> str:
    """Draw the choice of which buildings wear a square."""
    options = {"": "nothing"} | {key: words[2] for key, words in maps.HIGHLIGHTS.items()}
    return controls.choose(page.name, "highlight", "Highlight", options)


def legend(page: Page, shade: Shading | None, highlight: str) -> None:
    """Show what the map's colors and marks mean."""
    if shade is not None:
        st.html(markup.swatches(shade.legend, shade.label))
        if shade.unsure:
            st.html(markup.hatch(shade.legend[0][0], sentences.UNSURE))
    st.html(markup.marks(list(tables.STATUS_WORDS.items())))
    lit = f" A square marks {maps.HIGHLIGHTS[highlight][2].lower()}." if highlight else ""
    show.note(sentences.MARKS + lit, sentences.building_filters(page.filters))


# -- finding and places ------------------------------------------------------------------------


def find(page: Page) -> None:
    """Draw the search for a building by part of its name or address."""
    text = st.text_input(
        "Find a building", key="find_text", placeholder="Name or address", max_chars=80
    )
    if not text.strip():
        return
    found = page.data.find(text)
    if found.empty:
        show.note(sentences.not_found(text))
        return
    options = found["building_id"].tolist()
    names = dict(zip(options, places.labels(found), strict=True))
    st.selectbox(
        f"{theme.plural(len(found), 'building')} found",
        options,
        index=None,
        format_func=lambda key: names.get(key, key),
        key="find_pick",
        placeholder="Choose one to see it on the map",
        on_change=_found,
        args=(page,),
    )


def _found(page: Page) -> None:
    if picked := st.session_state.get("find_pick"):
        live_map.open_card(page, str(picked))
        _look_at(page, str(picked))


def _look_at(page: Page, building_id: str) -> None:
    building = page.data.building(building_id, page.filters)
    if building is not None:
        live_map.go_to(live_map.box_around(places.center_of(building).circle(map_content.CLOSE_M)))


def around(page: Page) -> None:
    """Draw the choice of a place and a radius within which everything is counted."""
    options = _centers(page)
    with st.popover("Around a place", width="stretch"):
        st.selectbox(
            "Radius",
            RADII_M,
            index=RADII_M.index(controls.USUAL_RADIUS_M),
            key=live_map.RADIUS,
            format_func=lambda meters: f"{meters:,} m",
            on_change=_around,
            args=(options,),
        )
        st.selectbox(
            "Around",
            list(options),
            index=None,
            format_func=lambda key: options[key].label if key in options else key,
            key="around_pick",
            placeholder="A building or a venue",
            on_change=_around,
            args=(options,),
        )
        show.note(sentences.AROUND)


def _centers(page: Page) -> dict[str, places.Center]:
    events = page.data.listing("flash_points", as_of=page.build.last_on)
    building = live_map.building(page)
    return places.centers(events, building, page.data.extent()["east"] > 180)


def _around(options: Mapping[str, places.Center]) -> None:
    """Count within the circle that is chosen; with none chosen, make the present one as wide."""
    center = options.get(str(st.session_state.get("around_pick") or ""))
    present = controls.within()
    if center is not None:
        longitude, latitude = center.longitude, center.latitude
    elif isinstance(present, Circle):
        longitude, latitude = present.longitude, present.latitude
    else:
        return
    circle = Circle(longitude, latitude, live_map.radius())
    controls.set_within(circle)
    live_map.go_to(live_map.box_around(circle))


# -- the panel and the card --------------------------------------------------------------------


def panel(page: Page, values: pd.DataFrame, whole: pd.Series) -> None:
    """Show the figures of what is chosen: areas, a place, or the whole city."""
    filters = page.filters
    chosen = values[values["area_id"].astype(str).isin(filters.areas)]["area_name"].tolist()
    show.heading(places.title(chosen, filters.within, _centers(page), page.build.city))
    is_part = bool(filters.areas or filters.within)
    show.tiles(figures.area_tiles(whole, is_part))
    if whole["targets"] == 0 or not is_part:
        return
    monthly = page.data.measure(("targets_enrolled",), ("month",), filters)
    picture, alt = places.trend(monthly, page.colors)
    st.html(markup.heading("Targets enrolled by month", alt, 3) + markup.trend(picture, alt))
    sectors = page.data.measure(AREA_METRICS, ("sector",), filters)
    heads, rows = tables.sector_rows(sectors)
    st.html(markup.heading("Sectors, largest first", level=3))
    st.html(markup.table(heads, rows, "Sectors", frozenset({1, 2})))
    largest = page.data.listing("list_buildings", **_listed(page, "never", 5))
    if len(largest):
        heads, rows = tables.largest_rows(largest)
        st.html(markup.heading("Largest buildings not enrolled", level=3))
        st.html(markup.table(heads, rows, "Largest buildings not enrolled", frozenset({1})))


def card(page: Page) -> None:
    """Show the card of the building that was chosen."""
    building = live_map.building(page)
    if building is None:
        return
    known = {"place": int(building["place"]), "as_of": page.filters.as_of}
    accounts = page.data.listing("building_accounts", **known)
    targets = page.data.listing("building_targets", **known)
    st.html(markup.cards([figures.building_card(building, page.layer_label, page.sizes)]))
    for title, (heads, rows) in (
        ("Accounts", tables.account_rows(accounts)),
        ("Targets here", tables.target_rows(targets)),
    ):
        if rows:
            st.html(markup.heading(title, level=3) + markup.table(heads, rows, title))
    st.button(
        "Close the card",
        type="tertiary",
        on_click=controls.hold,
        args=(page.name, live_map.BUILDING, ""),
    )


# -- the tables --------------------------------------------------------------------------------


def area_table(page: Page, values: pd.DataFrame) -> None:
    """Draw the areas as a table, in a drawer; rows chosen here are chosen on the map, and back."""
    view = tables.areas(values, page.layer_label, page.build.min_targets)
    ids = view.frame["area_id"].astype(str).tolist()
    chosen = [i for i, area in enumerate(ids) if area in page.filters.areas]
    key = f"areas-{page.filters.layer}-{page.build.build_id}-{'-'.join(map(str, chosen))}"
    with show.drawer(f"{theme.plural(len(ids), 'area')} in a table", "areas") as is_open:
        if is_open:
            show.note("Choose rows to see them on the map and to count within them alone.")
            show.selectable(view, key, chosen, lambda rows: _choose_areas(page, ids, rows))
            show.download(page, view)


def _choose_areas(page: Page, ids: Sequence[str], rows: Sequence[int]) -> None:
    picked = [ids[row] for row in rows]
    controls.set_areas(picked)
    if picked:
        outlines = page.data.outlines(page.filters.layer)
        kept = outlines[outlines["area_id"].astype(str).isin(picked)]
        live_map.go_to(maps.city_box(kept, page.data.extent()))


@st.fragment
def building_table(page: Page) -> None:
    """Draw the buildings of what is chosen in a drawer; a row chosen opens its card."""
    with boundary(), show.drawer("Buildings in a table", "buildings") as is_open:
        if st.session_state.pop(_RERUN, False):
            st.rerun()
        if is_open:
            _building_table(page)


def _building_table(page: Page) -> None:
    status, listed, number = _choose_page(page)
    total = int(listed["total"].iloc[0]) if len(listed) else 0

    def view_of(rows: pd.DataFrame) -> TableView:
        state = tables.STATUS_WORDS.get(status, tables.ANY_STATE)
        return tables.buildings(rows, page.layer_label, page.sizes, total, state)

    view = view_of(listed)
    show.heading(view.label, "Choose a row to see it on the map, with its card.", 3)
    ids, first = listed["building_id"].astype(str).tolist(), _listed_first(page)
    show.selectable(
        view,
        f"buildings-{number}-{status}-{first}",
        [0] if ids[:1] == [first] else [],
        lambda rows: _choose_building(page, ids, rows),
        "single-row",
    )
    everything = _listed(page, status, MOST_EXPORTED)
    show.download(page, view, rows=lambda: view_of(page.data.fresh("list_buildings", **everything)))
    show.note(sentences.cut_export(total, MOST_EXPORTED))


def _choose_building(page: Page, ids: Sequence[str], rows: Sequence[int]) -> None:
    picked = ids[rows[0]] if rows else ""
    controls.hold(page.name, live_map.BUILDING, picked)
    _look_at(page, picked)
    st.session_state[_RERUN] = True


def _listed_first(page: Page) -> str:
    """Return the building that the list begins with: the one last chosen on the map, if any.

    One chosen in the list itself leaves the order as it is.
    """
    held = controls.held(page.name, live_map.BUILDING)
    return str(st.session_state.setdefault(live_map.LISTED_FIRST, held))


def _choose_page(page: Page) -> tuple[str, pd.DataFrame, int]:
    """Draw the choice of a state and a page; return both with the page's buildings."""
    words = {"": tables.ANY_STATE} | tables.STATUS_WORDS
    left, right = st.columns([2, 1])
    with left:
        status = st.selectbox(
            "State", list(words), format_func=lambda key: words[key], key="list_status", width=320
        )
    first = _listed_first(page)
    beginning = page.data.listing("list_buildings", **_listed(page, status, PER_PAGE, 0, first))
    pages = max(1, -(-int(beginning["total"].iloc[0]) // PER_PAGE)) if len(beginning) else 1
    with right:
        key = f"list_page-{pages}-{first}"
        number = int(st.number_input(f"Page, of {pages:,}", 1, pages, key=key))
    if number == 1:
        return status, beginning, number
    asked = _listed(page, status, PER_PAGE, PER_PAGE * (number - 1), first)
    return status, page.data.listing("list_buildings", **asked), number


def _listed(
    page: Page, status: str, limit: int, offset: int = 0, first: str = ""
) -> dict[str, object]:
    """Return what to ask of the list; ``first`` is the building that it begins with."""
    place = page.data.listing("building_place", building_id=first)["place"]
    return {
        **page.filters.params(),
        "status": status or None,
        "first": int(place.iloc[0]) if len(place) else None,
        "limit": limit,
        "offset": offset,
    }
