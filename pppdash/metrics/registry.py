"""Every metric and dimension, once: name, unit, how it is counted, what it does not show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from pppdash.metrics.intervals import shrink, wilson

TIMES = ("month", "year", "flash_point")


@dataclass(frozen=True)
class Stock:
    """Counts the rows of a mart that hold on a day: from ``starts`` until before ``ends``.

    A row without a start is not counted, unless ``always_unless_dated``; one without an end
    goes on. ``marts.area_changes`` has a column of the metric's name, which holds how much that
    count changes from day to day.
    """

    mart: str
    starts: str
    ends: str
    always_unless_dated: bool = False


@dataclass(frozen=True)
class Flow:
    """Counts the rows of a mart that happened in a period, by the day in ``on``."""

    mart: str
    on: str


@dataclass(frozen=True)
class Derived:
    """Computed from other metrics' columns, after the SQL."""

    needs: tuple[str, ...]
    compute: Callable[[pd.DataFrame], pd.Series]


@dataclass(frozen=True)
class Metric:
    """What a number means.

    Parameters
    ----------
    name, label
        As commands and as people call it.
    unit
        ``targets``, ``accounts``, ``buildings`` or ``share`` (0 to 1).
    expression
        SQL aggregate over the counted rows; empty for derived metrics.
    counted
        Which rows are counted, or what it is computed from.
    caveat
        What it does not show.
    sums_over
        Dimensions over which parts add up to the whole (``area`` stands for any layer).
    """

    name: str
    label: str
    unit: str
    counted: Stock | Flow | Derived
    caveat: str
    expression: str = ""
    sums_over: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Dimension:
    """What numbers may be broken down by; ``columns`` are those it gives."""

    name: str
    label: str
    columns: tuple[str, ...]


_PARTS = frozenset({"area", "sector", "size_band"})
_FLOWS = _PARTS | {"month", "year"}

_TARGETS = Stock("targets", "listed_on", "removed_on", always_unless_dated=True)
_TARGETS_ENROLLED = Stock("target_enrollments", "enrolled_on", "ended_on")
_BUILDINGS = Stock("buildings", "", "")
_BUILDINGS_ENROLLED = Stock("building_enrollments", "enrolled_on", "ended_on")


def _ratio(above: str, below: str) -> Derived:
    def compute(frame: pd.DataFrame) -> pd.Series:
        return frame[above] / frame[below].where(frame[below] > 0)

    return Derived((above, below), compute)


def _wilson(above: str, below: str, end: int) -> Derived:
    def compute(frame: pd.DataFrame) -> pd.Series:
        return wilson(frame[above], frame[below])[end]

    return Derived((above, below), compute)


def _shrunken(frame: pd.DataFrame) -> pd.Series:
    return shrink(frame["targets_enrolled"], frame["targets"])


def _shortfall(frame: pd.DataFrame) -> pd.Series:
    return (frame["goal"] * frame["targets"] - frame["targets_enrolled"]).clip(lower=0)


def _expected(frame: pd.DataFrame) -> pd.Series:
    return frame["targets"] * frame["city_coverage"]


_LIST_TODAY = "Where targets carry no dates, the denominator is today's list at every date."
_DORMANT_CAVEAT = (
    "Accounts that do not say when they were last active are not counted. Only the latest activity "
    "is on record, so at an earlier date one that was quiet then and active later is not either."
)

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("targets", "Targets", "targets", _TARGETS, _LIST_TODAY, "count(*)", _PARTS),
        Metric(
            "targets_enrolled",
            "Targets enrolled",
            "targets",
            _TARGETS_ENROLLED,
            "A target with several active accounts counts once.",
            "count(*)",
            _PARTS,
        ),
        Metric(
            "accounts_active",
            "Active accounts",
            "accounts",
            Stock("accounts", "enrolled_on", "ended_on"),
            "Active says that an account has not ended, not that anybody used it.",
            "count(*)",
            _PARTS,
        ),
        Metric(
            "accounts_opened",
            "Accounts opened",
            "accounts",
            Flow("accounts", "enrolled_on"),
            "A target that comes back opens an account again.",
            "count(*)",
            _FLOWS,
        ),
        Metric(
            "accounts_ended",
            "Accounts ended",
            "accounts",
            Flow("accounts", "ended_on"),
            "Why an account ended is not on record.",
            "count(*)",
            _FLOWS,
        ),
        Metric(
            "accounts_dormant",
            "Dormant accounts",
            "accounts",
            Stock("accounts", "dormant_on", "ended_on"),
            _DORMANT_CAVEAT,
            "count(*)",
            _PARTS,
        ),
        Metric(
            "buildings",
            "Buildings",
            "buildings",
            _BUILDINGS,
            "The list of buildings carries no dates; it is today's at every date.",
            "count(*)",
            _PARTS,
        ),
        Metric(
            "buildings_enrolled",
            "Buildings reached",
            "buildings",
            _BUILDINGS_ENROLLED,
            "One active account reaches the whole building, however many targets it holds.",
            "count(*)",
            _PARTS,
        ),
        Metric(
            "coverage",
            "Coverage",
            "share",
            _ratio("targets_enrolled", "targets"),
            "The number of targets is itself an estimate.",
        ),
        Metric(
            "coverage_low",
            "Coverage, low",
            "share",
            _wilson("targets_enrolled", "targets", 0),
            "Wilson 95%; how sure the number of targets is stands apart from it.",
        ),
        Metric(
            "coverage_high",
            "Coverage, high",
            "share",
            _wilson("targets_enrolled", "targets", 1),
            "Wilson 95%; how sure the number of targets is stands apart from it.",
        ),
        Metric(
            "coverage_shrunken",
            "Coverage, shrunken",
            "share",
            Derived(("targets_enrolled", "targets"), _shrunken),
            "Drawn towards the whole shown; of the rows in view, not of each row alone.",
        ),
        Metric(
            "building_coverage",
            "Building coverage",
            "share",
            _ratio("buildings_enrolled", "buildings"),
            "Buildings are told apart by their own sector and size, not by their tenants'.",
        ),
        Metric(
            "building_coverage_low",
            "Building coverage, low",
            "share",
            _wilson("buildings_enrolled", "buildings", 0),
            "Wilson 95%.",
        ),
        Metric(
            "building_coverage_high",
            "Building coverage, high",
            "share",
            _wilson("buildings_enrolled", "buildings", 1),
            "Wilson 95%.",
        ),
        Metric(
            "goal",
            "Goal",
            "share",
            Derived(("targets",), lambda frame: frame["goal"]),
            "The most specific goal of area, sector and all.",
        ),
        Metric(
            "shortfall",
            "Shortfall to goal",
            "targets",
            Derived(("targets_enrolled", "targets"), _shortfall),
            "Of the cell itself: a city's shortfall is not the sum of its parts'.",
        ),
        Metric(
            "expected",
            "Expected at the city's coverage",
            "targets",
            Derived(("targets",), _expected),
            "What the cell would have enrolled, were it like the whole city.",
            sums_over=_PARTS,
        ),
    )
}

SECTOR = Dimension("sector", "Sector", ("sector",))
SIZE_BAND = Dimension("size_band", "Size", ("size_band",))
MONTH = Dimension("month", "Month", ("month",))
YEAR = Dimension("year", "Year", ("year",))
FLASH_POINT = Dimension("flash_point", "Flash point", ("flash_point_id", "flash_point"))
AREA_COLUMNS = ("area_id", "area_name")

DIMENSIONS: dict[str, Dimension] = {
    dimension.name: dimension for dimension in (SECTOR, SIZE_BAND, MONTH, YEAR, FLASH_POINT)
}
"""Dimensions that every city has; each of its area layers is one more."""
