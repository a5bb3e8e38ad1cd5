"""Enrollment over time with the flash points marked: monthly and cumulative."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from pppdash.views import theme
from pppdash.views.parts import Chart, Column, TableView
from pppdash.views.text import plot_text
from pppdash.views.theme import Palette

if TYPE_CHECKING:
    from pppdash.analysis.timeline import Event, Timeline

DAY_MS = 86_400_000
LABEL_ROWS = 4  # names of flash points stand in up to this many rows
MOST_NAMED = 8
LONGEST_NAME = 17
NARROW_PX = 310  # the plot width of a phone: names must not collide even there
RIGHT_PX = 12  # how far a name may reach beyond the plot
LETTER_PX = 5.9
ROW_PX = 16
NEAR_MONTHS = 3
ENLARGE_FROM = 3.0  # a second panel, when the tallest month is this many times the tallest other


@dataclass(frozen=True)
class Rule:
    """A flash point's name placed on the time axis; ``row`` counts from the top."""

    event: Event
    row: int
    leftward: bool


def monthly(timeline: Timeline, as_of: date, colors: Palette, height: int = 400) -> Chart:
    """Draw new accounts a month, windows dark, flash points as thin rules with their names.

    When a few months dwarf the rest, a second panel repeats the months on a scale of its own;
    bars that it cuts are said to be cut.
    """
    months = timeline.months
    rules = place_rules(timeline.events, *_span(months, as_of))
    limit = enlarged_limit(months)
    figure = go.Figure(
        data=_bars(timeline, colors, limit is not None),
        layout=_monthly_layout(timeline, rules, as_of, limit, colors, height),
    )
    return Chart(
        figure=figure,
        title=_monthly_title(timeline),
        subtitle=_monthly_subtitle(timeline, limit),
        footnote="",
        alt=_monthly_alt(timeline),
        table=monthly_table(timeline),
    )


def cumulative(
    stocks: pd.DataFrame, timeline: Timeline, as_of: date, colors: Palette, height: int = 400
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
        figure=_cumulative_figure(frame, timeline.events, as_of, colors, height),
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
    rules = place_rules(events, *_span(frame, as_of))
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
            margin=_margin(rules, right=92),
            xaxis=_time_axis(frame, as_of, colors),
            yaxis=theme.axis(colors, showgrid=True, rangemode="tozero", nticks=5, tickformat=","),
            shapes=_rule_lines(rules, colors, height),
            annotations=[*_rule_names(rules, colors), *_line_ends(frame, lines, ends)],
        ),
    )


def event_table(timeline: Timeline, cut: str = "") -> TableView:
    """Return the flash points with their windows and counts as a table.

    ``cut`` says by what some were left out.
    """
    names = (
        *("name", "kind", "scope", "started_on", "window_start", "window_end"),
        *("opened", "months", "rate", "holds_launch", "is_ahead"),
    )
    rows = [{name: getattr(event, name) for name in names} for event in timeline.events]
    return TableView(
        pd.DataFrame(rows, columns=list(names)),
        (
            Column("name", "Flash point"),
            Column("kind", "Kind"),
            Column("scope", "Scope"),
            Column("started_on", "On", "date"),
            Column("window_start", "Window from", "date"),
            Column("window_end", "to", "date"),
            Column("opened", "Accounts opened", "count"),
            Column("months", "Months", "count"),
            Column("rate", "A month", "number"),
            Column("holds_launch", "Holds the launch", "flag"),
            Column("is_ahead", "Ahead", "flag"),
        ),
        "flash-points",
        "Flash points",
        cut=cut,
    )


def monthly_table(timeline: Timeline) -> TableView:
    """Return the months of a timeline as a table."""
    return TableView(
        timeline.months,
        (
            Column("month", "Month", "month"),
            Column("opened", "New accounts", "count"),
            Column("in_window", "In a window", "flag"),
            Column("flash_point", "Flash point"),
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


def only(timeline: Timeline, kind: str, scope: str) -> Timeline:
    """Return a timeline with the flash points of a kind and a scope; empty stands for any.

    Months and what lies between the flash points stay those of all of them.
    """
    kept = (e for e in timeline.events if kind in ("", e.kind) and scope in ("", e.scope))
    return replace(timeline, events=tuple(kept))


def _in_shown(timeline: Timeline) -> pd.Series:
    """Return which months lie in the window of a flash point that is shown."""
    months = timeline.months["month"]
    inside = pd.Series(False, index=months.index)
    for event in timeline.events:
        inside |= months.between(pd.Timestamp(event.window_start), pd.Timestamp(event.window_end))
    return inside


def place_rules(events: Sequence[Event], first: date, last: date) -> tuple[Rule, ...]:
    """Place flash points' names in rows so that nothing collides, even at a phone's width.

    A rule reaches up to its name's row, so a name may lie neither on another name nor across
    the rule of one that stands higher. Names are set from the last to the first; those that find
    no place are left out, and so are all but the tallest ``MOST_NAMED``.
    """
    shown = sorted((e for e in events if first <= e.started_on <= last), key=lambda e: e.started_on)
    named = sorted(shown, key=lambda e: e.opened, reverse=True)[:MOST_NAMED]
    placed: list[_Placed] = []
    for event in reversed(shown):
        at = NARROW_PX * (event.started_on - first).days / max(1, (last - first).days)
        width = LETTER_PX * len(short_name(event.name)) + 8 if event in named else 0.0
        placed.append(_place(event, at, width, placed))
    return tuple(Rule(p.event, p.row, p.leftward) for p in reversed(placed))


@dataclass(frozen=True)
class _Placed:
    event: Event
    at: float
    low: float
    high: float
    row: int
    leftward: bool


def short_name(name: str) -> str:
    """Return a flash point's name for the time axis: as many whole words as fit a narrow one."""
    return textwrap.shorten(name, LONGEST_NAME, placeholder="…")


def _place(event: Event, at: float, width: float, placed: Sequence[_Placed]) -> _Placed:
    leftward = at + width > NARROW_PX + RIGHT_PX
    low, high = (at - width, at) if leftward else (at, at + width)
    for row in range(LABEL_ROWS if width else 0):
        overlaps = any(p.row == row and low < p.high and p.low < high for p in placed)
        crosses = any(p.row >= row and low < p.at < high for p in placed)
        crossed = any(p.row < row and p.low < at < p.high for p in placed if p.row >= 0)
        if not (overlaps or crosses or crossed):
            return _Placed(event, at, low, high, row, leftward)
    return _Placed(event, at, at, at, -1, leftward)


def _span(months: pd.DataFrame, as_of: date) -> tuple[date, date]:
    first = months["month"].iloc[0] if len(months) else pd.Timestamp(as_of)
    return first.date(), as_of


def _month_ends(months: pd.Series, as_of: date) -> list[datetime]:
    ends = months + pd.offsets.MonthEnd(0)
    return [min(end.to_pydatetime(), datetime(as_of.year, as_of.month, as_of.day)) for end in ends]


def _bars(timeline: Timeline, colors: Palette, enlarged: bool) -> list[dict[str, Any]]:
    months, shown = timeline.months, _in_shown(timeline)
    middles = [(month + timedelta(days=14.5)).to_pydatetime() for month in months["month"]]
    bar = {
        "type": "bar",
        "x": middles,
        "y": months["opened"].tolist(),
        "width": 27 * DAY_MS,
        "marker": {
            "color": [
                colors.accent if here else colors.accent_soft if inside else colors.gray
                for here, inside in zip(shown, months["in_window"], strict=True)
            ],
            "line": {"width": 0},
        },
        "hovertext": [_month_text(row) for row in months.itertuples()],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    return [bar, {**bar, "yaxis": "y2"}] if enlarged else [bar]


def _month_text(row: Any) -> str:
    inside = f"<br>in the window of {plot_text(row.flash_point)}" if row.in_window else ""
    return f"{theme.month_form(row.month)}: {theme.plural(row.opened, 'new account')}{inside}"


def _monthly_layout(
    timeline: Timeline,
    rules: Sequence[Rule],
    as_of: date,
    limit: float | None,
    colors: Palette,
    height: int,
) -> dict[str, Any]:
    whole = theme.axis(colors, showgrid=True, rangemode="tozero", nticks=4, tickformat=",")
    axes: dict[str, Any] = {"yaxis": whole}
    notes = _rule_names(rules, colors)
    lines = [*_rule_lines(rules, colors, height), *_interim_line(timeline, bool(limit), colors)]
    if limit is not None:
        axes["yaxis"] = {**whole, "domain": [0.6, 1.0], "nticks": 3}
        axes["yaxis2"] = {
            **whole,
            "domain": [0.0, 0.47],
            "range": [0, limit],
            "rangemode": "normal",
            "anchor": "x",
            "nticks": 4,
        }
        notes = [*notes, _panel_note(limit, colors)]
    return theme.figure_layout(
        colors,
        height,
        margin=_margin(rules),
        xaxis=_time_axis(timeline.months, as_of, colors, anchor="y2" if limit is not None else "y"),
        shapes=lines,
        annotations=notes,
        barmode="overlay",
        **axes,
    )


def _panel_note(limit: float, colors: Palette) -> dict[str, Any]:
    return {
        "text": f"Enlarged: bars above {theme.count(limit)} are cut",
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


def _interim_line(timeline: Timeline, enlarged: bool, colors: Palette) -> list[dict[str, Any]]:
    if not theme.is_known(timeline.interim.rate) or not timeline.events:
        return []
    at = timeline.interim.rate
    return [
        {
            "type": "line",
            "xref": "paper",
            "x0": 0,
            "x1": 1,
            "yref": "y2" if enlarged else "y",
            "y0": at,
            "y1": at,
            "line": {"color": colors.amber, "width": 1.5, "dash": "dash"},
        }
    ]


def _margin(rules: Sequence[Rule], right: int = RIGHT_PX) -> dict[str, int]:
    rows = 1 + max((rule.row for rule in rules), default=-1)
    return {"l": 36, "r": right, "t": 6 + ROW_PX * rows, "b": 24}


def _rule_lines(rules: Sequence[Rule], colors: Palette, height: int) -> list[dict[str, Any]]:
    """Return each flash point's rule, from the axis up to its name."""
    margin = _margin(rules)
    plot = height - margin["t"] - margin["b"]
    return [
        {
            "type": "line",
            "xref": "x",
            "x0": rule.event.started_on.isoformat(),
            "x1": rule.event.started_on.isoformat(),
            "yref": "paper",
            "y0": 0,
            "y1": 1 + ROW_PX * (rule.row + 1) / plot,
            "line": {"color": colors.quiet, "width": 1},
        }
        for rule in rules
    ]


def _rule_names(rules: Sequence[Rule], colors: Palette) -> list[dict[str, Any]]:
    return [
        {
            "text": plot_text(short_name(rule.event.name)),
            "xref": "x",
            "x": rule.event.started_on.isoformat(),
            "yref": "paper",
            "y": 1,
            "yshift": ROW_PX * rule.row,
            "yanchor": "bottom",
            "xanchor": "right" if rule.leftward else "left",
            "showarrow": False,
            "font": {"size": 12, "color": colors.ink},
        }
        for rule in rules
        if rule.row >= 0
    ]


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
    end = (pd.Timestamp(last) + pd.offsets.MonthEnd(0)).date() + timedelta(days=1)
    ticks = _year_ticks(first, end)
    return theme.axis(
        colors,
        anchor=anchor,
        range=[first.isoformat(), end.isoformat()],
        showline=True,
        type="date",
        tickvals=[tick.isoformat() for tick in ticks],
        ticktext=[str(tick.year) for tick in ticks],
        ticks="outside",
        ticklen=4,
        tickcolor=colors.rule,
    )


def _year_ticks(first: date, end: date) -> list[date]:
    step = 1 if end.year - first.year <= 8 else 2 if end.year - first.year <= 16 else 5
    januaries = [date(year, 1, 1) for year in range(first.year + 1, end.year + 1)]
    kept = [tick for tick in januaries if (tick.year - first.year) % step == 0 and tick < end]
    crowded = bool(kept) and (kept[0] - first).days < 150
    return kept if crowded else [first, *kept]


def _monthly_title(timeline: Timeline) -> str:
    inside, shown = timeline.interim.share_in_windows, _in_shown(timeline)
    if not timeline.events or not theme.is_known(inside):
        return "New accounts by month"
    if (timeline.months["in_window"] & ~shown).any():
        opened = timeline.months["opened"]
        share = theme.percent(opened[shown].sum() / opened.sum())
        return f"{share} of all accounts were opened in the windows shown"
    return f"{theme.percent(inside)} of all accounts were opened in flash-point windows"


def _monthly_subtitle(timeline: Timeline, limit: float | None) -> str:
    text = "New accounts a month"
    if timeline.months["in_window"].any():
        text += "; colored: inside a flash-point window"
    if (timeline.months["in_window"] & ~_in_shown(timeline)).any():
        text += ", pale: of one not shown"
    if timeline.events and theme.is_known(timeline.interim.rate):
        text += f"; dashed: {theme.rate(timeline.interim.rate)} a month, the average between them"
    return text


def _monthly_alt(timeline: Timeline) -> str:
    months = timeline.months
    if months.empty:
        return "No months to show."
    top = months.loc[months["opened"].idxmax()]
    names = ", ".join(event.name for event in timeline.events if not event.is_ahead) or "none"
    return (
        f"Bars of new accounts for {theme.plural(len(months), 'month')} from "
        f"{theme.month_form(months['month'].iloc[0])}. The tallest is "
        f"{theme.month_form(top['month'])} with {theme.count(top['opened'])}. "
        f"Flash points marked: {names}."
    )
