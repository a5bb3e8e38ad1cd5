"""Which figure of a question is drawn, how it is written, and where its axis runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from pppdash.views import theme

SHORT_SCALE = 20
MOST_TICKS = 5
AVERAGE, SHARE = "average", "share"
MEASURES = {AVERAGE: "Average answer", SHARE: "Share in the top two answers, or net score"}


@dataclass(frozen=True)
class Measure:
    """One figure of a question: its columns, the whole of its scale, and how it is written."""

    column: str
    label: str
    whole: tuple[float, float]
    is_share: bool

    @property
    def digits(self) -> int:
        """How many decimals a mean is written with: more on a short scale."""
        return 2 if self.whole[1] - self.whole[0] <= SHORT_SCALE else 1

    @property
    def ends(self) -> tuple[str, str]:
        """The columns of its 95% interval."""
        stem = "net" if self.column == "net_score" else self.column
        return f"{stem}_low", f"{stem}_high"

    @property
    def ticks(self) -> dict[str, Any]:
        """How its axis is marked; a net score in points."""
        if self.column == "net_score":
            points = range(-100, 101, 20)
            texts = [theme.signed(point) for point in points]
            return {"tickvals": [point / 100 for point in points], "ticktext": texts}
        return {"tickformat": ".0%" if self.is_share else ".1f", "nticks": MOST_TICKS}

    def text(self, value: float) -> str:
        """Return a value as it is written; a net score in points with its sign."""
        if self.column == "net_score":
            return theme.signed(100 * value)
        if self.is_share:
            return theme.percent(value)
        return f"{value:.{self.digits}f}" if theme.is_known(value) else theme.NO_FIGURE

    def interval(self, low: float, high: float) -> str:
        """Return an interval as it is written; empty where there is none."""
        known = theme.is_known(low) and theme.is_known(high)
        return f"{self.text(low)} to {self.text(high)}" if known else ""


def measure_of(rows: pd.DataFrame, kind: str) -> Measure:
    """Return what of a question is drawn: its mean; or its net score, else its top-two share.

    Parameters
    ----------
    rows
        One question of ``Survey.results``.
    kind
        `AVERAGE` or `SHARE`; a scale of two points has no top two, and keeps its mean.
    """
    if kind == SHARE and rows["net_score"].notna().any():
        return Measure("net_score", "net score", (-1.0, 1.0), True)
    if kind == SHARE and rows["top_two"].notna().any():
        return Measure("top_two", "in the top two answers", (0.0, 1.0), True)
    scale = (float(rows["scale_min"].iloc[0]), float(rows["scale_max"].iloc[0]))
    return Measure("mean", f"on a scale from {scale[0]:g} to {scale[1]:g}", scale, False)


@dataclass(frozen=True)
class Point:
    """One wave of a question as it is drawn; where it is suppressed, all figures are NaN."""

    label: str
    day: date
    value: float
    low: float
    high: float
    n: float
    is_hidden: bool

    @property
    def top(self) -> float:
        """How far up it reaches: the end of its interval, where it has one."""
        return self.high if theme.is_known(self.high) else self.value


def points(rows: pd.DataFrame, measure: Measure) -> list[Point]:
    """Return one question's waves in time.

    Parameters
    ----------
    rows
        One question of ``Survey.results``.
    """
    names = ["label", "wave", measure.column, *measure.ends, "n", "suppressed"]
    ordered = rows.sort_values("wave")
    columns = [ordered[name].tolist() for name in names]
    return [
        Point(str(label), wave.date(), value, low, high, n, hidden)
        for label, wave, value, low, high, n, hidden in zip(*columns, strict=True)
    ]


def part_of(rows: pd.DataFrame, measure: Measure) -> float:
    """Return what part of its scale a question's intervals cover."""
    low, high = _reach(rows, measure)
    return (high - low) / (measure.whole[1] - measure.whole[0])


def _reach(rows: pd.DataFrame, measure: Measure) -> tuple[float, float]:
    known = rows[[measure.column, *measure.ends]]
    low, high = known.min().min(), known.max().max()
    return (float(low), float(high)) if theme.is_known(low) else measure.whole


def axis_range(rows: pd.DataFrame, measure: Measure, part: float) -> list[float]:
    """Return the axis of one chart: ``part`` of the scale, around what is shown, within it."""
    low, high = _reach(rows, measure)
    bottom, top = measure.whole
    size = part * (top - bottom)
    start = min(max((low + high - size) / 2, bottom), top - size)
    return [start - 0.04 * size, start + 1.1 * size]
