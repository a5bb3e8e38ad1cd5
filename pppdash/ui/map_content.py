"""What a page gives its large map: outlines, shading, months, and where to look at first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pandas as pd

from pppdash.metrics.filters import Filters
from pppdash.ui import live_map
from pppdash.ui.data import everywhere
from pppdash.ui.frame import Page
from pppdash.ui.static_files import place_outlines
from pppdash.views import figures, maps, places, shading, theme
from pppdash.views.shading import Shading

CLOSE_M = 250  # how far around a building the map looks


def draw(
    page: Page, values: pd.DataFrame, shade: Shading | None, measure: str, highlight: str
) -> None:
    """Draw the map of the whole city with the page's choices on it."""
    building = live_map.building(page)
    outlines = page.data.outlines(page.filters.layer)
    starts = _month_starts(page)
    part = maps.page_part(
        page.colors,
        maps.area_part(
            place_outlines(page.data, page.filters.layer),
            shade,
            figures.area_lines(values, page.build.min_targets),
            dict(zip(values["area_id"].astype(str), values["area_name"], strict=True)),
            page.filters.areas,
        ),
        _months(page, starts, measure) if shade else None,
        page.filters.within,
        None if building is None else int(building["place"]),
        highlight,
        _tiles(page),
    )
    content = live_map.Content(
        part,
        _start(page) or maps.city_box(outlines, page.data.extent()),
        highlight,
        [_month_end(day, page.build.last_on) for day in starts],
        maps.part_key(part),
        lambda: _frames(page, measure, starts),
    )
    live_map.draw(page, content)


def _start(page: Page) -> list[int] | None:
    """Return what a link that names a place or a building looks at; None for the whole city."""
    building = live_map.building(page)
    if page.filters.within is not None:
        return live_map.box_around(page.filters.within)
    if building is None:
        return None
    return live_map.box_around(places.center_of(building).circle(CLOSE_M))


def _tiles(page: Page) -> maps.Tiles | None:
    basemap = page.build.basemap
    return maps.Tiles(basemap["tiles"], basemap["attribution"]) if basemap else None


def _month_starts(page: Page) -> list[date]:
    """Return the first day of each month on record."""
    months = page.data.measure(("accounts_opened",), ("month",), Filters(page.build.last_on))
    return [day.date() for day in months["month"]]


def _month_end(start: date, last: date) -> date:
    end: date = (pd.Timestamp(start) + pd.offsets.MonthEnd()).date()
    return min(end, last)


def _newest(page: Page) -> Filters:
    return replace(everywhere(page.filters), as_of=page.build.last_on)


def _months(page: Page, starts: Sequence[date], measure: str) -> maps.Months:
    events = page.data.listing("flash_points", as_of=page.build.last_on)
    return maps.Months(
        tuple(theme.month_form(day) for day in starts),
        max(0, sum(day <= page.filters.as_of for day in starts) - 1),
        places.events_by_month(events, starts),
        f"{page.data.build_id} {measure} {_newest(page)}",
    )


def _frames(page: Page, measure: str, starts: Sequence[date]) -> dict[str, list[int]]:
    if page.filters.layer is None:
        return {}
    newest = _newest(page)
    monthly = page.data.measure((measure,), (page.filters.layer, "month"), newest)
    classes = shading.classes_of(measure, page.colors, page.data.areas(newest))
    return shading.runs(monthly, measure, classes, starts)


def shade(page: Page, values: pd.DataFrame, measure: str) -> Shading | None:
    """Return how the areas are shaded; None without areas."""
    if values.empty:
        return None
    newest = page.data.areas(_newest(page))
    return shading.shade(values, measure, page.colors, newest, page.build.min_targets)
