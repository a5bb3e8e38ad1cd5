"""The shared filters and each page's own choices. They live in the URL: a link is a state.

Streamlit can bind a widget to the URL itself (``bind="query-params"``), but with native pages it
drops a bound value when the page changes; so the few lines below do it. The URL wins when it
changed from outside (a link, the Back button, another page); the widget wins when it was touched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from pppdash.metrics.filters import Box, Circle, Filters, parse_within
from pppdash.ui.data import Source
from pppdash.views import markup, sentences
from pppdash.warehouse.read import Build

OF_BUILD = "#"
AS_OF, LAYER, AREA, SECTOR, SIZE = "as_of", "layer", "area", "sector", "size"
WITHIN = "within"
USUAL_RADIUS_M = 800


def draw_filters(source: Source, page: str) -> Filters:
    """Draw the shared filters in the sidebar and return what is chosen."""
    build = source.build
    place = f"{page}{OF_BUILD}{source.build_id}"  # another build may have other dates and areas
    as_of = _draw_date(build, place)
    layer = _draw_layer(build, place)
    names = area_names(source, layer)
    sizes = {band.name: band.label for band in build.size_bands}
    return Filters(
        as_of=as_of,
        layer=layer,
        areas=_draw_many(place, AREA, "Areas", names) if names else (),
        sectors=_draw_many(place, SECTOR, "Sectors", {s: s for s in build.sectors}),
        size_bands=_draw_many(place, SIZE, "Sizes", sizes if build.sectors else {}),
        within=_draw_within(place),
    )


def choose(page: str, name: str, label: str, options: Mapping[str, str]) -> str:
    """Draw one choice that belongs to a page and return it; the first option is the default.

    Parameters
    ----------
    name
        The key in the URL.
    options
        Value → how it is written.
    """
    first = next(iter(options))
    _seed(
        page, name, lambda raw: next((v for v in raw if v in options), first), set(options), label
    )
    picked = st.selectbox(
        label,
        list(options),
        format_func=lambda v: options.get(v, v),
        key=_key(name),
        width=420,
        on_change=_touch,
        args=(name,),
    )
    _write(page, name, () if picked == first else (picked,))
    return picked


def held(page: str, name: str) -> str:
    """Return a page's choice that has no widget of its own; empty where nothing is chosen."""
    _seed(page, name, lambda raw: raw[0] if raw else "", lambda value: False, name)
    value = str(st.session_state[_key(name)])
    _write(page, name, (value,) if value else ())
    return value


def hold(page: str, name: str, value: str) -> None:
    """Choose what has no widget of its own; an empty value chooses nothing."""
    st.session_state[_key(name)] = value
    _touch(name)


def toggle_area(area: str, more: bool) -> None:
    """Choose an area, or leave it if it was chosen; with ``more``, beside those chosen before."""
    chosen = list(st.session_state.get(_key(AREA), []))
    rest = [other for other in chosen if other != area]
    kept = rest if more else []
    set_areas(kept if area in chosen else [*kept, area])


def set_areas(areas: Sequence[str]) -> None:
    """Choose areas, instead of a place, from elsewhere than their widget.

    For callbacks, which run before it.
    """
    st.session_state[_key(AREA)] = list(areas)
    st.session_state[_key(WITHIN)] = ""
    _touch(AREA)
    _touch(WITHIN)


def set_date(day: date) -> None:
    """Set the as-of date from elsewhere than its widget."""
    st.session_state[_key(AS_OF)] = day
    _touch(AS_OF)


def set_within(shape: Box | Circle | None) -> None:
    """Choose within what the numbers are counted, instead of areas; None for everywhere."""
    set_areas(())
    st.session_state[_key(WITHIN)] = "" if shape is None else str(shape)


def within() -> Box | Circle | None:
    """Return within what the numbers are counted, as it was chosen last."""
    return parse_within(str(st.session_state.get(_key(WITHIN), "")))


def link(filters: Filters, build: Build) -> dict[str, str | list[str]]:
    """Return the URL parameters of ``filters``: only what differs from the default."""
    default_layer = build.layers[0].name if build.layers else None
    parts: dict[str, str | list[str]] = {}
    if filters.as_of != build.as_of:
        parts[AS_OF] = filters.as_of.isoformat()
    if filters.layer and filters.layer != default_layer:
        parts[LAYER] = filters.layer
    if filters.within is not None:
        parts[WITHIN] = str(filters.within)
    lists = ((AREA, filters.areas), (SECTOR, filters.sectors), (SIZE, filters.size_bands))
    return parts | {name: list(values) for name, values in lists if values}


def remarks(page: str) -> list[str]:
    """Return what the link asked for in vain on this page."""
    kept: dict[str, tuple[str, str]] = st.session_state.get("remarks", {})
    return [text for where, text in kept.values() if where == page]


def area_names(source: Source, layer: str | None) -> dict[str, str]:
    """Return ``area_id`` → name of a layer; a name that two areas bear carries its id."""
    if layer is None:
        return {}
    frame = source.listing("area_names", layer=layer)
    twice = set(frame["area_name"][frame["area_name"].duplicated(keep=False)])
    return {
        str(row.area_id): f"{row.area_name} ({row.area_id})"
        if row.area_name in twice
        else str(row.area_name)
        for row in frame.itertuples()
    }


def _draw_date(build: Build, place: str) -> date:
    usual, last = build.as_of, build.last_on
    first = min(build.first_on or build.launched_on or usual, usual)

    def parse(raw: Sequence[str]) -> date:
        try:
            asked = date.fromisoformat(raw[0]) if raw else usual
        except ValueError:
            asked = usual
        return asked if first <= asked <= last else usual

    def refused(raw: str) -> bool:
        return parse((raw,)).isoformat() != raw

    _seed(place, AS_OF, parse, refused, "As of")
    picked = st.date_input(
        "As of",
        min_value=first,
        max_value=last,
        format="YYYY-MM-DD",
        key=_key(AS_OF),
        on_change=_touch,
        args=(AS_OF,),
    )
    day = picked if isinstance(picked, date) else usual
    _write(place, AS_OF, () if day == usual else (day.isoformat(),))
    return day


def _draw_layer(build: Build, place: str) -> str | None:
    options = {layer.name: layer.label for layer in build.layers}
    if not options:
        return None
    first = next(iter(options))
    _seed(
        place,
        LAYER,
        lambda raw: next((v for v in raw if v in options), first),
        set(options),
        "Area layer",
    )
    if len(options) == 1:
        return first
    picked = st.selectbox(
        "Area layer",
        list(options),
        format_func=lambda v: options.get(v, v),
        key=_key(LAYER),
        on_change=_touch_layer,
    )
    _write(place, LAYER, () if picked == first else (picked,))
    return str(picked)


def _draw_many(place: str, name: str, label: str, options: Mapping[str, str]) -> tuple[str, ...]:
    if not options:
        return ()
    _seed(
        place,
        name,
        lambda raw: [v for v in dict.fromkeys(raw) if v in options],
        set(options),
        label,
    )
    picked = st.multiselect(
        label,
        list(options),
        format_func=lambda v: options.get(v, v),
        key=_key(name),
        placeholder=f"All {len(options)}",
        on_change=_touch,
        args=(name,),
    )
    values = tuple(sorted(picked))
    _write(place, name, values)
    return values


def _draw_within(place: str) -> Box | Circle | None:
    """Say within what the numbers are counted, and offer to leave it."""
    _seed(
        place,
        WITHIN,
        lambda raw: raw[0] if raw and parse_within(raw[0]) is not None else "",
        lambda value: parse_within(value) is None,
        "Place",
    )
    text = str(st.session_state[_key(WITHIN)])
    shape = parse_within(text)
    if shape is not None:
        with st.container(key="within"):
            st.html(markup.said([sentences.capitalized(sentences.within(shape))]))
            st.button("Count everywhere", type="tertiary", on_click=set_within, args=(None,))
    _write(place, WITHIN, (text,) if shape is not None else ())
    return shape


def _key(name: str) -> str:
    return f"pick_{name}"


def _touch(name: str) -> None:
    st.session_state[f"touched_{name}"] = True
    st.session_state.get("remarks", {}).pop(name, None)


def _touch_layer() -> None:
    """Areas belong to their layer: another layer starts with all of them."""
    _touch(LAYER)
    _touch(AREA)
    st.session_state[_key(AREA)] = []


def _seed(
    place: str,
    name: str,
    parse: Callable[[Sequence[str]], Any],
    allowed: set[str] | Callable[[str], bool],
    label: str,
) -> None:
    """Take the widget's value from the URL, when the URL changed from outside."""
    raw = tuple(st.query_params.get_all(name))
    touched = st.session_state.pop(f"touched_{name}", False)
    unseen = st.session_state.get(f"seen_{name}") != (place, raw)
    if _key(name) in st.session_state and (touched or not unseen):
        return
    st.session_state[_key(name)] = parse(raw)
    bad = [v for v in raw if (allowed(v) if callable(allowed) else v not in allowed)]
    _remark(place, name, label, bad)


def _remark(place: str, name: str, label: str, bad: Sequence[str]) -> None:
    kept = st.session_state.setdefault("remarks", {})
    kept.pop(name, None)
    if bad:
        asked = ", ".join(value[:40] for value in bad[:3])
        kept[name] = (
            place.split(OF_BUILD)[0],
            f"The link asks for {label.lower()} “{asked}”, which is not to be had "
            "here; it was left out.",
        )


def _write(place: str, name: str, values: tuple[str, ...]) -> None:
    """Write a value into the URL; the default is not written."""
    if tuple(st.query_params.get_all(name)) != values:
        if values:
            st.query_params[name] = list(values)
        else:
            del st.query_params[name]
    st.session_state[f"seen_{name}"] = (place, values)
