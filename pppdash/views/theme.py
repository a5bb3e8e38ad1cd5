"""Every color and every number form, once, for light and dark alike.

Colors are chosen so that each pair that must be told apart also differs in lightness: they
survive gray print and the three common kinds of color blindness. ``tests/views/test_theme.py``
checks the contrast of every text color against every ground it stands on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import pandas as pd

Mode = Literal["light", "dark"]

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
NO_FIGURE = "–"
CLEAR = "rgba(0,0,0,0)"
FONT = '"Source Sans", "Source Sans 3", "Segoe UI", system-ui, sans-serif'


@dataclass(frozen=True)
class Palette:
    """The colors of one mode, as ``#rrggbb``."""

    mode: Mode
    ground: str
    panel: str  # sidebar and table heads
    ink: str  # text
    quiet: str  # captions, axis labels
    rule: str  # hairlines
    accent: str  # the point being made; enrolled
    accent_soft: str  # intervals around the accent
    gray: str  # everything that is not the point
    ended: str  # enrollment that ended
    amber: str  # gaps; not enrolled
    amber_soft: str
    amber_ink: str  # amber that is text
    badge: str  # ground under amber_ink
    coverage: tuple[str, ...]  # low → high
    shortfall: tuple[str, ...]  # low → high
    diverging: tuple[str, ...]  # worst answer → best answer, the middle in gray


LIGHT = Palette(
    mode="light",
    ground="#ffffff",
    panel="#f5f7f8",
    ink="#1a2530",
    quiet="#55626d",
    rule="#dde3e7",
    accent="#0b4f55",
    accent_soft="#8fbdbe",
    gray="#a3b0b6",
    ended="#55626d",
    amber="#c47a16",
    amber_soft="#f3dfbf",
    amber_ink="#7a4a00",
    badge="#fdf1dc",
    coverage=("#edf5f4", "#d0e5e4", "#a9d0cf", "#7db8b8", "#529fa1", "#318487"),
    shortfall=("#fdf4e3", "#f8dfb4", "#eec07a", "#dc9a3c", "#b87010", "#824a00"),
    diverging=("#b4651d", "#e3b27a", "#cbd3d7", "#7fb5b5", "#1f6f74"),
)
DARK = Palette(
    mode="dark",
    ground="#12171a",
    panel="#191f23",
    ink="#e9edef",
    quiet="#a6b1b8",
    rule="#2d363b",
    accent="#7fdcd7",
    accent_soft="#2f6f70",
    gray="#6d7a81",
    ended="#8b969d",
    amber="#e0a244",
    amber_soft="#4a381b",
    amber_ink="#f0bd6e",
    badge="#33270f",
    coverage=("#1d3034", "#1f474b", "#245f63", "#2d787b", "#398a8c", "#4ca2a2"),
    shortfall=("#2a2416", "#46371a", "#6b501f", "#957027", "#c39236", "#f2c069"),
    diverging=("#d98a3d", "#8a6437", "#4b565c", "#3c7f81", "#6fcdca"),
)


def palette(mode: str | None) -> Palette:
    """Return the colors of ``mode``; anything but ``"dark"`` reads as light."""
    return DARK if mode == "dark" else LIGHT


# -- number forms ------------------------------------------------------------------------------


def is_known(value: float | None) -> bool:
    """Tell whether ``value`` is a number that can be shown (not None, NA, NaN or infinite)."""
    return value is not None and not pd.isna(value) and not math.isinf(value)


def count(value: float | None) -> str:
    """Return whole things with thousands set apart: ``1,200``.

    Examples
    --------
    >>> count(10000)
    '10,000'
    """
    return f"{round(value):,}" if value is not None and is_known(value) else NO_FIGURE


def signed(value: float | None) -> str:
    """Return a change with its sign, a true minus for a fall: ``+61``, ``−7``, ``0``."""
    if value is None or not is_known(value):
        return NO_FIGURE
    rounded = round(value)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else ""
    return f"{sign}{abs(rounded):,}"


def rate(value: float | None) -> str:
    """Return a rate to one digit below ten and whole from there on: ``7.6``, ``106``.

    A rate that one digit would write as none has two: ``0.02``.
    """
    if value is None or not is_known(value):
        return NO_FIGURE
    if 0 < abs(value) < 0.05:
        return f"{value:.2f}"
    return f"{value:.1f}" if abs(value) < 9.95 else f"{value:,.0f}"


def digits(low: float | None, high: float | None) -> int:
    """Return how many percent decimals an interval from ``low`` to ``high`` (shares) supports."""
    if low is None or high is None or not (is_known(low) and is_known(high)):
        return 0
    return 1 if high - low < 0.05 else 0


def percent(value: float | None, low: float | None = None, high: float | None = None) -> str:
    """Return a share (0..1) as percent, with the digits its interval supports.

    Examples
    --------
    >>> percent(0.12, 0.1138, 0.1265)
    '12.0%'
    >>> percent(0.4, 0.1, 0.7)
    '40%'
    """
    if value is None or not is_known(value):
        return NO_FIGURE
    return f"{100 * value:.{digits(low, high)}f}%"


def interval(low: float | None, high: float | None) -> str:
    """Return an interval of shares as ``11.4–12.7%``.

    Examples
    --------
    >>> interval(0.1138, 0.1265)
    '11.4–12.7%'
    """
    if low is None or high is None or not (is_known(low) and is_known(high)):
        return NO_FIGURE
    places = digits(low, high)
    return f"{100 * low:.{places}f}–{100 * high:.{places}f}%"


def rates(low: float | None, high: float | None) -> str:
    """Return an interval of rates, both to the same digits: ``5.2–8.9``, ``0–36``."""
    if low is None or high is None or not (is_known(low) and is_known(high)):
        return NO_FIGURE
    places = 0 if abs(high) >= 9.95 else 1 if abs(high) >= 0.5 else 2
    return f"{low:,.{places}f}–{high:,.{places}f}"


def counts(low: float | None, high: float | None) -> str:
    """Return an interval of whole things: ``794–844``, and ``−3 to 22`` where one is below zero."""
    if low is None or high is None or not (is_known(low) and is_known(high)):
        return NO_FIGURE
    between = " to " if round(low) < 0 else "–"
    return f"{_true_minus(low)}{between}{_true_minus(high)}"


def _true_minus(value: float) -> str:
    return f"{round(value):,}".replace("-", "−")


def plural(number: float, one: str, many: str | None = None) -> str:
    """Return ``number`` with its noun: ``1 target``, ``1,200 targets``."""
    return f"{count(number)} {one if round(number) == 1 else many or one + 's'}"


def listed(names: Sequence[str], word: str = "and") -> str:
    """Return names as a sentence lists them; there is at least one.

    Examples
    --------
    >>> listed(["Energy"]), listed(["Energy", "Dams", "Water"])
    ('Energy', 'Energy, Dams and Water')
    """
    *before, last = names
    return f"{', '.join(before)} {word} {last}" if before else last


def date_form(day: date | None) -> str:
    """Return a date as ``20 May 2012``."""
    return NO_FIGURE if day is None else f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def month_form(day: date | None) -> str:
    """Return the month of a date as ``May 2012``."""
    return NO_FIGURE if day is None else f"{MONTHS[day.month - 1]} {day.year}"


def span_form(first: date, last: date) -> str:
    """Return a window in months: ``January–June 2012``, ``December 2015–February 2016``."""
    if (first.year, first.month) == (last.year, last.month):
        return month_form(first)
    if first.year == last.year:
        return f"{MONTHS[first.month - 1]}–{month_form(last)}"
    return f"{month_form(first)}–{month_form(last)}"


def month_short(day: date | None) -> str:
    """Return the month of a date where room is scarce: ``May 2012``, ``Dec 2015``."""
    return NO_FIGURE if day is None else f"{MONTHS[day.month - 1][:3]} {day.year}"


def span_short(first: date, last: date) -> str:
    """Return a window in months where room is scarce: ``Mar–Jun 2012``, ``Dec 2015–Feb 2016``."""
    if (first.year, first.month) == (last.year, last.month):
        return month_short(first)
    start = MONTHS[first.month - 1][:3] if first.year == last.year else month_short(first)
    return f"{start}–{month_short(last)}"


def moment_form(moment: datetime) -> str:
    """Return a moment as ``22 Nov 2026 14:02 UTC``."""
    return f"{moment.day} {MONTHS[moment.month - 1][:3]} {moment:%Y %H:%M} UTC"


# -- the look of figures -----------------------------------------------------------------------


def sheer(color: str, share: float) -> str:
    """Return ``#rrggbb`` as a color that lets what is under it show; ``share`` is its own part."""
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share:g})"


def axis(colors: Palette, **more: Any) -> dict[str, Any]:
    """Return the look of one Plotly axis: hairline, quiet labels, no grid unless asked."""
    return {
        "showgrid": False,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "fixedrange": True,
        "gridcolor": colors.rule,
        "linecolor": colors.rule,
        "tickfont": {"color": colors.quiet, "size": 12},
        **more,
    }


def figure_layout(colors: Palette, height: int, **more: Any) -> dict[str, Any]:
    """Return the look that all Plotly figures share; ``height`` in pixels."""
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "font": {"family": FONT, "size": 13, "color": colors.ink},
        "showlegend": False,
        "dragmode": False,
        "bargap": 0.12,
        "hoverlabel": {
            "bgcolor": colors.panel,
            "bordercolor": colors.rule,
            "font": {"family": FONT, "size": 13, "color": colors.ink},
        },
        **more,
    }


def time_axis(
    colors: Palette,
    first: date,
    last: date,
    ticks: Sequence[date],
    texts: Sequence[str],
    **more: Any,
) -> dict[str, Any]:
    """Return a horizontal axis of days from ``first`` to ``last``, marked at ``ticks``."""
    return axis(
        colors,
        type="date",
        range=[first.isoformat(), last.isoformat()],
        showline=True,
        tickvals=[tick.isoformat() for tick in ticks],
        ticktext=list(texts),
        ticks="outside",
        ticklen=4,
        tickcolor=colors.rule,
        **more,
    )


def band(
    at: Sequence[Any], low: Sequence[float], high: Sequence[float], color: str, **more: Any
) -> dict[str, Any]:
    """Return a Plotly trace of the ground between two lines; ``color`` lets the rest show."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [*at, *reversed(at)],
        "y": [*high, *reversed(low)],
        "fill": "toself",
        "fillcolor": color,
        "line": {"width": 0},
        "hoverinfo": "skip",
        **more,
    }


def row_axis(colors: Palette, names: Sequence[str], **more: Any) -> dict[str, Any]:
    """Return a vertical axis of named rows, the first at the bottom; ``names`` are safe texts."""
    return axis(
        colors,
        automargin=True,
        tickvals=list(range(len(names))),
        ticktext=list(names),
        range=[-0.6, len(names) - 0.4],
        ticklabelstandoff=8,
        **{"tickfont": {"color": colors.ink, "size": 12}, **more},
    )
