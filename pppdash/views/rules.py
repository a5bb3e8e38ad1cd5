"""Flash points on a time axis: thin rules with their names, none of which collide."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from pppdash.analysis.flash_points import HYPOTHETICAL
from pppdash.views.text import plot_text
from pppdash.views.theme import Palette

LABEL_ROWS = 4  # names stand in up to this many rows
MOST_NAMED = 8
MOST_RULES = 60  # more would be a gray wall
LONGEST_NAME = 17
NARROW_PX = 310  # the plot width of a phone: names must not collide even there
RIGHT_PX = 12  # how far a name may reach beyond the plot
LETTER_PX = 5.9
ROW_PX = 16


class Marked(Protocol):
    """What a rule needs to know of a flash point."""

    @property
    def flash_point_id(self) -> str:
        """Its id."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def started_on(self) -> date:
        """Where it stands."""

    @property
    def opened(self) -> float:
        """How much it weighs where not all can be named."""


@dataclass(frozen=True)
class Rule:
    """A flash point's name placed on the time axis; ``row`` counts from the axis upward.

    Names that found no place have row -1.
    """

    event: Marked
    row: int
    leftward: bool


@dataclass(frozen=True)
class _Placed:
    event: Marked
    at: float
    low: float
    high: float
    row: int
    leftward: bool


def place_rules(events: Sequence[Marked], first: date, last: date) -> tuple[Rule, ...]:
    """Place flash points' names in rows so that nothing collides, even at a phone's width.

    A rule reaches up to its name's row, so a name may lie neither on another name nor across
    the rule of one that stands higher. Names are set from the last to the first; those that find
    no place are left out, and so are all but ``MOST_NAMED``. Of very many events those with most
    accounts in their windows get a rule.
    """
    inside = [event for event in events if first <= event.started_on <= last]
    ranked = sorted(inside, key=_weight, reverse=True)[:MOST_RULES]
    named = ranked[:MOST_NAMED]
    placed: list[_Placed] = []
    for event in sorted(ranked, key=lambda e: e.started_on, reverse=True):
        at = NARROW_PX * (event.started_on - first).days / max(1, (last - first).days)
        width = LETTER_PX * len(short_name(event.name)) + 8 if event in named else 0.0
        placed.append(_place(event, at, width, placed))
    return tuple(Rule(p.event, p.row, p.leftward) for p in reversed(placed))


def _weight(event: Marked) -> tuple[bool, float]:
    """Return what decides whose name stands: a reader's own date, then accounts."""
    return event.flash_point_id == HYPOTHETICAL, event.opened


def short_name(name: str) -> str:
    """Return a flash point's name for the time axis: as many whole words as fit a narrow one."""
    return textwrap.shorten(name, LONGEST_NAME, placeholder="…")


def _place(event: Marked, at: float, width: float, placed: Sequence[_Placed]) -> _Placed:
    leftward = at + width > NARROW_PX + RIGHT_PX
    low, high = (at - width, at) if leftward else (at, at + width)
    for row in range(LABEL_ROWS if width else 0):
        overlaps = any(p.row == row and low < p.high and p.low < high for p in placed)
        crosses = any(p.row >= row and low < p.at < high for p in placed)
        crossed = any(p.row < row and p.low < at < p.high for p in placed if p.row >= 0)
        if not (overlaps or crosses or crossed):
            return _Placed(event, at, low, high, row, leftward)
    return _Placed(event, at, at, at, -1, leftward)


def margin(rules: Sequence[Rule], right: int = RIGHT_PX) -> dict[str, int]:
    """Return the margins of a plot above which the names stand."""
    rows = 1 + max((rule.row for rule in rules), default=-1)
    return {"l": 36, "r": right, "t": 6 + ROW_PX * rows, "b": 24}


def lines(rules: Sequence[Rule], colors: Palette, height: int) -> list[dict[str, Any]]:
    """Return each flash point's rule, from the axis up to its name, as Plotly shapes."""
    margins = margin(rules)
    plot = height - margins["t"] - margins["b"]
    return [
        {
            "type": "line",
            "xref": "x",
            "x0": rule.event.started_on.isoformat(),
            "x1": rule.event.started_on.isoformat(),
            "yref": "paper",
            "y0": 0,
            "y1": 1 + ROW_PX * (rule.row + 1) / plot,
            "line": {"color": colors.quiet, "width": 1, "dash": _dash(rule.event)},
        }
        for rule in rules
    ]


def _dash(event: Marked) -> str:
    return "dot" if event.flash_point_id == HYPOTHETICAL else "solid"


def names(rules: Sequence[Rule], colors: Palette) -> list[dict[str, Any]]:
    """Return the names that found a place, as Plotly annotations."""
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
