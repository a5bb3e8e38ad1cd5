"""Enrollment inside the windows of flash points, and between them: counts, no verdicts."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Event:
    """A flash point and the accounts opened in its window.

    ``opened`` counts the accounts in the window up to the as-of date, ``months`` its whole
    months by then, and ``rate`` the accounts a month in these; both are NaN where there is
    nothing to count.
    """

    flash_point_id: str
    name: str
    kind: str
    scope: str
    started_on: date
    window_start: date
    window_end: date
    opened: float
    months: int
    rate: float
    holds_launch: bool
    is_ahead: bool


@dataclass(frozen=True)
class Interim:
    """Enrollment in the months outside all windows, and how it compares.

    Rates are accounts a month, over whole months: one that has only begun is left out, as its
    accounts are still to come. ``steadiness`` is the interim rate over the overall one (about 1
    = steady, 0 = flash points only). All NaN where there is nothing to divide by.
    """

    months: int
    opened: int
    rate: float
    share_in_windows: float
    overall_rate: float
    steadiness: float


@dataclass(frozen=True)
class Timeline:
    """Months with their accounts, the events, and what happened between them.

    ``months`` has columns month, opened, is_whole (it was over on the as-of date), in_window,
    flash_point (names, comma-joined).
    """

    months: pd.DataFrame
    events: tuple[Event, ...]
    interim: Interim


def describe(monthly: pd.DataFrame, flash_points: pd.DataFrame, as_of: date) -> Timeline:
    """Count enrollment inside and outside the windows of flash points.

    Parameters
    ----------
    monthly
        Columns month (first day) and accounts_opened, one row a month since the launch.
    flash_points
        Columns flash_point_id, name, kind, scope, started_on, window_start, window_end,
        is_ahead, holds_launch.
    as_of
        No month after this one is counted.
    """
    months = monthly.rename(columns={"accounts_opened": "opened"})[["month", "opened"]]
    months = months[months["month"] <= pd.Timestamp(as_of)].reset_index(drop=True)
    months["is_whole"] = months["month"] + pd.offsets.MonthEnd(0) <= pd.Timestamp(as_of)
    windows = [
        (row["name"], months["month"].between(row["window_start"], row["window_end"]))
        for row in flash_points.to_dict("records")
    ]
    months["in_window"] = sum((inside for _, inside in windows), months["month"].isna()) > 0
    months["flash_point"] = [
        ", ".join(name for name, inside in windows if inside[row]) for row in months.index
    ]
    events = tuple(_event(row, months) for row in flash_points.to_dict("records"))
    return Timeline(months, events, _interim(months))


def _event(row: Mapping[Hashable, Any], months: pd.DataFrame) -> Event:
    start, end = pd.Timestamp(row["window_start"]), pd.Timestamp(row["window_end"])
    inside = months[months["month"].between(start, end)]
    whole = inside[inside["is_whole"]]
    return Event(
        flash_point_id=str(row["flash_point_id"]),
        name=str(row["name"]),
        kind=str(row["kind"]),
        scope=str(row["scope"]),
        started_on=pd.Timestamp(row["started_on"]).date(),
        window_start=start.date(),
        window_end=end.date(),
        opened=float(inside["opened"].sum()) if len(inside) else math.nan,
        months=len(whole),
        rate=_ratio(whole["opened"].sum(), len(whole)),
        holds_launch=bool(row["holds_launch"]),
        is_ahead=bool(row["is_ahead"]),
    )


def _interim(months: pd.DataFrame) -> Interim:
    whole = months[months["is_whole"]]
    between = whole.loc[~whole["in_window"], "opened"]
    inside, total = months.loc[months["in_window"], "opened"].sum(), months["opened"].sum()
    rate, overall = _ratio(between.sum(), len(between)), _ratio(whole["opened"].sum(), len(whole))
    return Interim(
        months=len(between),
        opened=int(between.sum()),
        rate=rate,
        share_in_windows=_ratio(inside, total),
        overall_rate=overall,
        steadiness=_ratio(rate, overall),
    )


def _ratio(above: float, below: float) -> float:
    return float(above) / float(below) if below else math.nan
