"""Periods that numbers are asked over, each with a first and a last day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

import pandas as pd

BEGINNING = date(1, 1, 1)
DAYS_A_MONTH = 365.25 / 12  # on average


class Queryable(Protocol):
    """What is asked of a warehouse."""

    build: Any

    def query(self, name: str, **parameters: Any) -> pd.DataFrame:
        """Run a query by name."""

    def execute(self, sql: str, parameters: Mapping[str, Any]) -> pd.DataFrame:
        """Run a statement with bound parameters."""


def list_periods(warehouse: Queryable, time: str | None, as_of: date) -> pd.DataFrame:
    """Return every period of a time dimension, none of them after the as-of date.

    Parameters
    ----------
    warehouse
        An open build.
    time
        ``month``, ``year`` or ``flash_point``; None for one period, from the beginning on.
    as_of
        The day that no period goes beyond.

    Returns
    -------
    pd.DataFrame
        The dimension's columns, then ``starts_on`` and ``ends_on``, the first and last day.
    """
    match time:
        case "month":
            starts = _month_starts(warehouse, as_of)
            columns = {"month": starts}
            ends = [(start + pd.offsets.MonthEnd()).date() for start in starts]
        case "year":
            years = sorted({start.year for start in _month_starts(warehouse, as_of)})
            starts = pd.DatetimeIndex([pd.Timestamp(year, 1, 1) for year in years])
            columns = {"year": years}
            ends = [date(year, 12, 31) for year in years]
        case "flash_point":
            events = warehouse.query("flash_points", as_of=as_of)
            events = events[events["window_start"] <= pd.Timestamp(as_of)]
            starts = pd.DatetimeIndex(events["window_start"])
            columns = {"flash_point_id": events["flash_point_id"], "flash_point": events["name"]}
            ends = [end.date() for end in pd.DatetimeIndex(events["window_end"])]
        case _:
            return pd.DataFrame({"starts_on": [BEGINNING], "ends_on": [as_of]})
    table = pd.DataFrame({name: list(values) for name, values in columns.items()})
    table["starts_on"] = [start.date() for start in starts]
    table["ends_on"] = [min(end, as_of) for end in ends]
    return table


def _month_starts(warehouse: Queryable, as_of: date) -> pd.DatetimeIndex:
    """First days of the months from the launch (or the first account) to the as-of date."""
    months = warehouse.query("months", launched_on=warehouse.build.launched_on)
    first = months["first_month"].iloc[0]
    if pd.isna(first):
        return pd.DatetimeIndex([])
    return pd.date_range(first, as_of, freq="MS")
