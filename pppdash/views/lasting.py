"""How long accounts last: those of each window against those opened between windows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import plotly.graph_objects as go

from pppdash.analysis.flash_points import INTERIM
from pppdash.analysis.lasting import YEAR_MONTHS
from pppdash.views import theme
from pppdash.views.parts import Chart, Column, TableView, across, interval_columns
from pppdash.views.text import plot_text
from pppdash.views.theme import Palette

if TYPE_CHECKING:
    from pppdash.analysis.flash_points import Event, FlashPoints

PANEL_PX = 150
LEAST_MONTHS = 6  # a window's accounts watched for less tell nothing of what lasts
LEAST_ACCOUNTS = 10
SCALE_ENDS = (0.75, 0.5, 0.25)  # the scale ends at the first that nothing goes below
LEAST_ACROSS, MOST_ACROSS = 3, 4
MOST_PANELS = 12
MOST_NAMED = 2
BAND = 0.3

NOTE = (
    "Share of accounts still active by months since they were opened, with 95% intervals. An "
    "interval that holds the other line says that the two cannot be told apart."
)


def panels(found: FlashPoints, colors: Palette) -> list[Chart]:
    """Return one chart a window: how long its accounts lasted, against those between windows.

    Windows with fewer accounts than `LEAST_ACCOUNTS`, or watched for less than `LEAST_MONTHS`,
    have none; of many windows the latest are drawn.
    """
    interim = _curve(found, INTERIM)
    told = [
        (events, _curve(found, events[0].flash_point_id))
        for events in _windows(found)
        if not _untold(found, events)
    ]
    lowest = _lowest([interim, *(own for _, own in told)])
    return [_panel(events, own, interim, lowest, colors) for events, own in told[-MOST_PANELS:]]


def in_a_row(panels: Sequence[Chart]) -> int:
    """Return how many panels stand in a row."""
    return max(LEAST_ACROSS, across(len(panels), MOST_ACROSS))


def _untold(found: FlashPoints, events: Sequence[Event]) -> str:
    """Return why a window's curve would tell nothing; empty where it tells something."""
    if not events[0].opened >= LEAST_ACCOUNTS:
        return f"fewer than {LEAST_ACCOUNTS} accounts"
    watched = _watched(_curve(found, events[0].flash_point_id))
    return f"watched for less than {LEAST_MONTHS} months" if watched < LEAST_MONTHS else ""


def _windows(found: FlashPoints) -> list[list[Event]]:
    """Return the events of each window, in order of time."""
    groups: dict[int, list[Event]] = {}
    for event in found.events:
        groups.setdefault(event.group, []).append(event)
    return list(groups.values())


def _curve(found: FlashPoints, name: str) -> pd.DataFrame:
    return found.lasted[found.lasted["flash_point_id"] == name]


def _watched(curve: pd.DataFrame) -> int:
    """Return to which month after opening a curve runs, which it does from 0; -1 without one."""
    return len(curve) - 1


def _lowest(curves: Sequence[pd.DataFrame]) -> float:
    low = min((float(curve["low"].min()) for curve in curves if len(curve)), default=0.0)
    return next((end for end in SCALE_ENDS if end <= low), 0.0)


def finding(found: FlashPoints) -> str:
    """Return whether the accounts of any window lasted otherwise than those between windows."""
    interim = _at(_curve(found, INTERIM), YEAR_MONTHS)
    told = [events for events in _windows(found) if theme.is_known(events[0].active_after_12m)]
    if not told:
        return "It is too early to tell what lasts"
    if interim is None:
        return "What lasted cannot be compared: no account between windows is a year old"
    longer = [e for e in told if e[0].active_after_12m_low > interim["high"]]
    shorter = [e for e in told if e[0].active_after_12m_high < interim["low"]]
    parts = [
        f"{'more' if is_more else 'fewer'} accounts of {_names(windows)} are active"
        for is_more, windows in ((True, longer), (False, shorter))
        if windows
    ]
    if parts:
        said = " and ".join(parts)
        return f"A year on {said} than of those opened between windows"
    share = theme.percent(interim["share"], interim["low"], interim["high"])
    return (
        f"A year on no window’s accounts can be told from those opened between, of which {share} "
        "are still active"
    )


def _names(windows: Sequence[Sequence[Event]]) -> str:
    if len(windows) > MOST_NAMED:
        return theme.plural(len(windows), "window")
    return " and ".join(_title(events) for events in windows)


def _title(events: Sequence[Event]) -> str:
    if len(events) > MOST_NAMED:
        return f"{events[0].name} and {len(events) - 1} more"
    return " and ".join(event.name for event in events)


def _at(curve: pd.DataFrame, month: int) -> pd.Series | None:
    return curve.iloc[month] if month <= _watched(curve) else None


def not_drawn(found: FlashPoints) -> str:
    """Return of which windows no curve is drawn, and why; empty where all are."""
    held = [events for events in _windows(found) if events[0].opened > 0]
    reasons = [(events, _untold(found, events)) for events in held]
    parts = [
        f"{_names([events for events, why in reasons if why == reason])}: {reason}"
        for reason in dict.fromkeys(why for _, why in reasons if why)
    ]
    many = sum(not why for _, why in reasons) - MOST_PANELS
    if many > 0:
        parts.append(f"the first {theme.plural(many, 'window')}: in the table")
    return f"Not drawn: {'; '.join(parts)}." if parts else ""


def _panel(
    events: Sequence[Event],
    own: pd.DataFrame,
    interim: pd.DataFrame,
    lowest: float,
    colors: Palette,
) -> Chart:
    title, said = _title(events), _compared(own, interim)
    return Chart(
        figure=go.Figure(
            data=[
                *_traces(interim, "between windows", colors.gray, colors.ended),
                *_traces(own, title, colors.accent, colors.accent),
            ],
            layout=_layout(own, interim, lowest, colors),
        ),
        title=title,
        subtitle=said,
        footnote="",
        alt=f"{title}: {said}.",
        table=_table(own.assign(of=title)),
    )


def _compared(own: pd.DataFrame, interim: pd.DataFrame) -> str:
    """Return both shares a year on, or at the last month that the window's were watched to."""
    month = min(_watched(own), YEAR_MONTHS)
    when = "a year on" if month == YEAR_MONTHS else f"after {theme.plural(month, 'month')}"
    other = _at(interim, month)
    against = f"; between {_share(other)}" if other is not None else ""
    return f"{when} {_share(own.iloc[month])}{against}"


def _share(row: pd.Series) -> str:
    share = theme.percent(row["share"], row["low"], row["high"])
    return f"{share} ({theme.interval(row['low'], row['high'])})"


def _traces(curve: pd.DataFrame, name: str, fill: str, stroke: str) -> list[dict[str, Any]]:
    """Return a curve with its interval beneath."""
    months, low, high = (
        curve[name].astype(float).tolist() for name in ("months_since", "low", "high")
    )
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": months,
        "y": curve["share"].astype(float).tolist(),
        "line": {"color": stroke, "width": 2},
        "hovertemplate": f"{plot_text(name)}, after %{{x}} months: %{{y:.0%}}<extra></extra>",
    }
    return [theme.band(months, low, high, theme.sheer(fill, BAND)), line]


def _layout(
    own: pd.DataFrame, interim: pd.DataFrame, lowest: float, colors: Palette
) -> dict[str, Any]:
    last = max(_watched(own), _watched(interim), 1)
    months, names = _ticks(last)
    return theme.figure_layout(
        colors,
        PANEL_PX,
        margin={"l": 38, "r": 20, "t": 10, "b": 24},
        xaxis=theme.axis(
            colors,
            range=[0, last],
            showline=True,
            tickvals=months,
            ticktext=names,
            tickangle=0,
        ),
        yaxis=theme.axis(
            colors,
            range=[lowest, 1.005],
            nticks=4,
            tickformat=".0%",
            showgrid=True,
        ),
    )


def _ticks(last: int) -> tuple[list[int], list[str]]:
    """Return where an axis of ``last`` months is ticked, and what stands there."""
    if last < YEAR_MONTHS:
        return [0, last], ["0", theme.plural(last, "month")]
    years = range(last // YEAR_MONTHS + 1)
    names = [*map(str, years[:-1]), theme.plural(years[-1], "year")]
    return [YEAR_MONTHS * year for year in years], names


def legend(panels: Sequence[Chart], colors: Palette) -> list[tuple[str, str]]:
    """Return what the two colors of the panels stand for; nothing where there are none."""
    texts = ("accounts opened in the window", "accounts opened between windows")
    return list(zip((colors.accent, colors.ended), texts, strict=True)) if panels else []


def table(found: FlashPoints) -> TableView:
    """Return all curves as one table, those of a shared window once."""
    titles = {events[0].flash_point_id: _title(events) for events in _windows(found)}
    of = found.lasted["flash_point_id"].map(titles | {INTERIM: "Between windows"})
    return _table(found.lasted.assign(of=of)[of.notna()])


def _table(rows: pd.DataFrame) -> TableView:
    return TableView(
        rows,
        (
            Column("of", "Accounts of"),
            Column("months_since", "Months since opening", "count"),
            Column("share", "Still active", "percent"),
            *interval_columns("low", "high", "percent"),
        ),
        "what-lasted",
        "Accounts still active by months since they were opened",
    )
