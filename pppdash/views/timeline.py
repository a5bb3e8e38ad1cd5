"""Enrollment over time with the flash points marked: monthly and cumulative."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from pppdash.analysis.windows import first_day, month_of
from pppdash.views import rules, theme
from pppdash.views.parts import Chart, Column, TableView, interval_columns
from pppdash.views.rules import Rule
from pppdash.views.text import plot_text
from pppdash.views.theme import Palette

if TYPE_CHECKING:
    from pppdash.analysis.flash_points import Event, FlashPoints

DAY_MS = 86_400_000
NEAR_MONTHS = 3
ENLARGE_FROM = 3.0  # a second panel, when the tallest month is this many times the tallest other
BAND_FROM = 2.0  # a band that reaches higher than this many times all else is cut
ROOM = 1.08
LONGEST_HOVER, LONGEST_ALT = 90, 300
SHADE = 0.22  # how much of its color the ground of a window takes
BAND = 0.24
YOUR_DATE = "your date"


def monthly(
    found: FlashPoints,
    as_of: date,
    colors: Palette,
    height: int = 400,
    tried: Event | None = None,
) -> Chart:
    """Draw new accounts a month against what was expected, flash points as rules with names.

    Months inside a window are dark on a shaded ground. When a few months dwarf the rest, a
    second panel repeats the months on a scale of its own; what it cuts is said to be cut.

    Parameters
    ----------
    found
        The flash points to show; the months are those of all of them.
    tried
        A date of the reader's own, marked by a dotted rule.
    """
    marked = [*found.events, *([replace(tried, name=YOUR_DATE)] if tried else [])]
    placed = rules.place_rules(marked, *_span(found.months, as_of))
    limit = enlarged_limit(found.months)
    figure = go.Figure(
        data=[*_bars(found, colors, limit is not None), *_expected(found, limit, colors)],
        layout=_monthly_layout(found, placed, as_of, limit, colors, height),
    )
    return Chart(
        figure=figure,
        title=_monthly_title(found),
        subtitle=_monthly_subtitle(found),
        footnote=" · ".join(filter(None, (_ahead(found), _not_marked(marked, placed)))),
        alt=_monthly_alt(found),
        table=monthly_table(found),
    )


def _ahead(found: FlashPoints) -> str:
    """Return whose windows have begun already, though they are still to come."""
    begun = [event for event in found.events if event.is_ahead and theme.is_known(event.opened)]
    if not begun:
        return ""
    whose = ", ".join(f"{e.name}, {theme.date_form(e.started_on)}" for e in begun)
    return f"Window of what is still ahead: {whose}"


def _not_marked(events: Sequence[Event], placed: Sequence[Rule]) -> str:
    if len(placed) < rules.MOST_RULES or len(events) == len(placed):
        return ""
    return f"Marked: the {len(placed)} flash points with most accounts in their windows"


def cumulative(
    stocks: pd.DataFrame, found: FlashPoints, as_of: date, colors: Palette, height: int = 400
) -> Chart:
    """Draw accounts ever opened and accounts still active at each month's end.

    Parameters
    ----------
    stocks
        Columns ``month``, ``accounts_opened`` (in the month), ``accounts_active`` (its end).
    """
    frame = stocks.assign(opened_in_all=stocks["accounts_opened"].cumsum())
    opened, active = _last(frame, "opened_in_all"), _last(frame, "accounts_active")
    return Chart(
        figure=_cumulative_figure(frame, found.events, as_of, colors, height),
        title=f"{theme.count(opened)} accounts opened, {theme.count(active)} still active",
        subtitle="Accounts opened since the launch, and accounts active at the end of each month",
        footnote="",
        alt=f"Two lines over {theme.plural(len(frame), 'month')} to {theme.month_form(as_of)}: "
        f"{theme.count(opened)} accounts opened in all, {theme.count(active)} active at the end.",
        table=TableView(
            frame,
            (
                Column("month", "Month", "month"),
                Column("accounts_opened", "Opened", "count"),
                Column("opened_in_all", "Opened in all", "count"),
                Column("accounts_active", "Active at its end", "count"),
            ),
            "accounts-cumulative",
            "Accounts opened and active, by month",
        ),
    )


def _last(frame: pd.DataFrame, name: str) -> float:
    return float(frame[name].iloc[-1]) if len(frame) else 0.0


def _cumulative_figure(
    frame: pd.DataFrame, events: Sequence[Event], as_of: date, colors: Palette, height: int
) -> go.Figure:
    placed = rules.place_rules(events, *_span(frame, as_of))
    lines = (
        ("opened_in_all", "opened in all", colors.quiet, 2),
        ("accounts_active", "active", colors.accent, 3),
    )
    ends = _month_ends(frame["month"], as_of)
    return go.Figure(
        data=[
            {
                "type": "scatter",
                "mode": "lines",
                "x": ends,
                "y": frame[name].tolist(),
                "line": {"color": color, "width": width},
                "hovertemplate": f"%{{x|%B %Y}}: %{{y:,}} {label}<extra></extra>",
            }
            for name, label, color, width in lines
        ],
        layout=theme.figure_layout(
            colors,
            height,
            margin=rules.margin(placed, right=92),
            xaxis=_time_axis(frame, as_of, colors),
            yaxis=theme.axis(colors, showgrid=True, rangemode="tozero", nticks=5, tickformat=","),
            shapes=rules.lines(placed, colors, height),
            annotations=[*rules.names(placed, colors), *_line_ends(frame, lines, ends)],
        ),
    )


def monthly_table(found: FlashPoints) -> TableView:
    """Return the months with what was expected of them as a table."""
    return TableView(
        found.months,
        (
            Column("month", "Month", "month"),
            Column("opened", "New accounts", "count"),
            Column("expected", "Expected", "number", "Without the events"),
            *interval_columns(
                "expected_low", "expected_high", "number", "the 95% band of one month"
            ),
            Column("at_risk", "Targets not enrolled", "count", "When the month began"),
            Column("in_window", "In a window", "flag"),
            Column("flash_point", "Flash point"),
            Column("is_whole", "Whole month", "flag"),
        ),
        "accounts-by-month",
        "New accounts by month",
    )


def enlarged_limit(months: pd.DataFrame) -> float | None:
    """Return where the enlarged panel's scale ends, or None when one scale serves all months.

    The scale is that of the months away from the tallest one and outside its window.
    """
    if months.empty:
        return None
    at = int(months["opened"].to_numpy().argmax())
    tallest = months.iloc[at]
    same = months["in_window"] & (months["flash_point"] == tallest["flash_point"])
    near = abs(np.arange(len(months)) - at) <= NEAR_MONTHS
    rest = months["opened"][~same & ~near]
    if rest.empty or rest.max() <= 0:
        return None
    return float(rest.max()) * 1.2 if tallest["opened"] > ENLARGE_FROM * rest.max() else None


def _in_shown(found: FlashPoints) -> NDArray[np.bool_]:
    """Return which months lie in the window of a flash point that is shown."""
    months = found.months["month"].to_numpy("datetime64[D]")
    inside = np.zeros(len(months), dtype=bool)
    for first, last in {(event.window_start, event.window_end) for event in found.events}:
        inside |= (months >= np.datetime64(first)) & (months <= np.datetime64(last))
    return inside


def _span(months: pd.DataFrame, as_of: date) -> tuple[date, date]:
    first = months["month"].iloc[0] if len(months) else pd.Timestamp(as_of)
    return first.date(), as_of


def _month_ends(months: pd.Series, as_of: date) -> list[datetime]:
    ends = months + pd.offsets.MonthEnd(0)
    return [min(end.to_pydatetime(), datetime(as_of.year, as_of.month, as_of.day)) for end in ends]


def _bars(found: FlashPoints, colors: Palette, enlarged: bool) -> list[dict[str, Any]]:
    months, shown = found.months, _in_shown(found)
    bar = {
        "type": "bar",
        "x": _middles(months),
        "y": months["opened"].tolist(),
        "width": 27 * DAY_MS,
        "marker": {
            "color": [
                colors.accent if here else colors.accent_soft if inside else colors.gray
                for here, inside in zip(shown, months["in_window"], strict=True)
            ],
            "line": {"width": 0},
        },
        "zorder": 1,
        "hovertext": [_month_text(row) for row in months.itertuples()],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    return [bar, {**bar, "yaxis": "y2"}] if enlarged else [bar]


def _middles(months: pd.DataFrame) -> list[str]:
    """Return where bars stand; as text, which Plotly takes over at a third of the time."""
    return [(month + timedelta(days=14.5)).isoformat() for month in months["month"]]


def _month_text(row: Any) -> str:
    text = f"{theme.month_form(row.month)}: {theme.plural(row.opened, 'new account')}"
    if theme.is_known(row.expected):
        band = theme.rates(row.expected_low, row.expected_high)
        text += f"<br>{theme.rate(row.expected)} expected without events ({band})"
    if row.in_window:
        names = textwrap.shorten(row.flash_point, LONGEST_HOVER, placeholder="…")
        text += f"<br>in the window of {plot_text(names)}"
    return text


def _has_expected(found: FlashPoints) -> bool:
    """Whether there is something to expect, and an event to expect it without."""
    return bool(found.events) and bool(found.months["expected"].notna().any())


def _expected(found: FlashPoints, limit: float | None, colors: Palette) -> list[dict[str, Any]]:
    """Return what was expected, and its band beneath, in the panel where they can be read."""
    if not _has_expected(found):
        return []
    months, at = found.months, _middles(found.months)
    axis = "y2" if limit is not None else "y"
    low = months["expected_low"].tolist()
    high = months["expected_high"].clip(upper=limit if limit is not None else _top(found)).tolist()
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": at,
        "y": months["expected"].tolist(),
        "line": {"color": colors.amber, "width": 2, "dash": "dash"},
        "hoverinfo": "skip",
        "yaxis": axis,
        "zorder": 2,
    }
    return [theme.band(at, low, high, theme.sheer(colors.amber, BAND), yaxis=axis), line]


def _top(found: FlashPoints) -> float:
    """Return where the scale of all months ends: above bars and line, and their band if it fits."""
    months = found.months
    highest = float(np.nanmax([1.0, *months["opened"]]))
    if not _has_expected(found):
        return ROOM * highest
    highest = max(highest, float(np.nanmax(months["expected"])))
    band = float(np.nanmax(months["expected_high"]))
    return ROOM * max(highest, min(band, BAND_FROM * highest))


def _monthly_layout(
    found: FlashPoints,
    placed: Sequence[Rule],
    as_of: date,
    limit: float | None,
    colors: Palette,
    height: int,
) -> dict[str, Any]:
    axes = {"yaxis": _count_axis(_top(found), 4, colors)}
    notes = rules.names(placed, colors)
    if limit is not None:
        highest = ROOM * float(found.months["opened"].max())
        axes = {
            "yaxis": {**_count_axis(highest, 3, colors), "domain": [0.6, 1.0]},
            "yaxis2": {**_count_axis(limit, 4, colors), "domain": [0.0, 0.47], "anchor": "x"},
        }
        notes = [*notes, _panel_note(limit, colors)]
    return theme.figure_layout(
        colors,
        height,
        margin=rules.margin(placed),
        xaxis=_time_axis(found.months, as_of, colors, anchor="y2" if limit is not None else "y"),
        shapes=[*_shades(found, colors), *rules.lines(placed, colors, height)],
        annotations=notes,
        barmode="overlay",
        **axes,
    )


def _count_axis(top: float, ticks: int, colors: Palette) -> dict[str, Any]:
    """Return an axis of whole accounts, from none to ``top``."""
    steps = {"dtick": 1} if top < ticks else {"nticks": ticks}
    return theme.axis(colors, showgrid=True, range=[0, top], tickformat=",d", **steps)


def _shades(found: FlashPoints, colors: Palette) -> list[dict[str, Any]]:
    """Return the ground of the windows shown, from their first day to their last."""
    shaded = zip(found.months["month"], _in_shown(found), strict=True)
    runs = [
        [month for month, _ in run]
        for inside, run in groupby(shaded, key=lambda item: item[1])
        if inside
    ]
    return [
        {
            "type": "rect",
            "xref": "x",
            "x0": run[0].date().isoformat(),
            "x1": (run[-1] + pd.offsets.MonthEnd(0)).date().isoformat(),
            "yref": "paper",
            "y0": 0,
            "y1": 1,
            "layer": "below",
            "line": {"width": 0},
            "fillcolor": theme.sheer(colors.accent_soft, SHADE),
        }
        for run in runs
    ]


def _panel_note(limit: float, colors: Palette) -> dict[str, Any]:
    return {
        "text": f"Enlarged: what lies above {theme.count(limit)} is cut",
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": 0.475,
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "bgcolor": colors.ground,
        "font": {"size": 12, "color": colors.quiet},
    }


def _line_ends(
    frame: pd.DataFrame, lines: Sequence[tuple[str, str, str, int]], ends: Sequence[datetime]
) -> list[dict[str, Any]]:
    if frame.empty:
        return []
    values = [float(frame[name].iloc[-1]) for name, *_ in lines]
    near = abs(values[0] - values[1]) < 0.06 * max(values[0], 1)
    shifts = (9, -9) if near else (0, 0)
    return [
        {
            "text": f"{theme.count(value)}<br>{label}",
            "x": ends[-1],
            "y": value,
            "xanchor": "left",
            "xshift": 6,
            "yshift": shift,
            "align": "left",
            "showarrow": False,
            "font": {"size": 12, "color": color},
        }
        for value, shift, (_, label, color, _) in zip(values, shifts, lines, strict=True)
    ]


def _time_axis(
    months: pd.DataFrame, as_of: date, colors: Palette, anchor: str = "y"
) -> dict[str, Any]:
    first, last = _span(months, as_of)
    end = first_day(month_of(last) + 1)
    ticks = _year_ticks(first, end)
    years = [str(tick.year) for tick in ticks]
    return theme.time_axis(colors, first, end, ticks, years, anchor=anchor)


def _year_ticks(first: date, end: date) -> list[date]:
    step = 1 if end.year - first.year <= 8 else 2 if end.year - first.year <= 16 else 5
    januaries = [date(year, 1, 1) for year in range(first.year + 1, end.year + 1)]
    kept = [tick for tick in januaries if (tick.year - first.year) % step == 0 and tick < end]
    crowded = bool(kept) and (kept[0] - first).days < 150
    return kept if crowded else [first, *kept]


def _monthly_title(found: FlashPoints) -> str:
    inside, shown = found.interim.share_in_windows, _in_shown(found)
    if not found.months["in_window"].any() or not theme.is_known(inside):
        return "New accounts by month"
    if (found.months["in_window"] & ~shown).any():
        opened = found.months["opened"]
        share = theme.percent(opened[shown].sum() / opened.sum())
        return f"{share} of all accounts were opened in the windows shown"
    return f"{theme.percent(inside)} of all accounts were opened in flash-point windows"


def _monthly_subtitle(found: FlashPoints) -> str:
    text = "New accounts a month"
    if found.months["in_window"].any():
        text += "; dark on a shaded ground: inside a flash-point window"
    if (found.months["in_window"] & ~_in_shown(found)).any():
        text += ", pale: of one not shown"
    if _has_expected(found):
        text += "; dashed: expected without the events, with the 95% band of one month"
    return text


def _monthly_alt(found: FlashPoints) -> str:
    months = found.months
    if months.empty:
        return "No months to show."
    top = months.loc[months["opened"].idxmax()]
    past = [event.name for event in found.events if not event.is_ahead]
    names = textwrap.shorten(", ".join(past), LONGEST_ALT, placeholder="…") or "none"
    expected = (
        f" Without the events {theme.rate(months['expected'].min())} to "
        f"{theme.rate(months['expected'].max())} a month were expected."
        if _has_expected(found)
        else ""
    )
    return (
        f"Bars of new accounts for {theme.plural(len(months), 'month')} from "
        f"{theme.month_form(months['month'].iloc[0])}. The tallest is "
        f"{theme.month_form(top['month'])} with {theme.count(top['opened'])}.{expected} "
        f"Flash points marked: {names}."
    )
