"""Whole months that count as a flash point's own, and which of them belong together.

Months are numbered ``12 × year + month - 1``, so that they can be added to and compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Months = NDArray[np.int64]

PLANNED = "planned_event"


@dataclass(frozen=True)
class Settings:
    """What shapes the figures of flash points.

    Attributes
    ----------
    planned_before, planned_after
        Months that a planned event's window has before and after its own.
    other_after
        Months that any other event's window has after its own.
    launched_on
        When the program began; None where it began with the first month.
    confidence
        Of all intervals.
    false_discovery
        Largest q at which an excess is called a change (Benjamini & Hochberg 1995).
    placebo_level
        Largest placebo p at which it is.
    least_placebos
        Fewer placebo windows than this and no verdict is given.
    least_effective_months
        Fewer independent months' worth of baseline than this, and none is given either.
    """

    planned_before: int = 4
    planned_after: int = 1
    other_after: int = 2
    launched_on: date | None = None
    confidence: float = 0.95
    false_discovery: float = 0.05
    placebo_level: float = 0.05
    least_placebos: int = 19
    least_effective_months: float = 8.0


def month_number(days: pd.Series) -> Months:
    """Return the numbers of the months that days or periods lie in, shape (n,)."""
    numbers: Months = (days.dt.year * 12 + days.dt.month - 1).to_numpy(np.int64)
    return numbers


def month_of(day: date) -> int:
    """Return the number of the month that a day lies in."""
    return 12 * day.year + day.month - 1


def first_day(number: int) -> date:
    """Return the first day of a month."""
    return date(number // 12, number % 12 + 1, 1)


def last_day(number: int) -> date:
    """Return the last day of a month."""
    return first_day(number + 1) - timedelta(days=1)


def windows(events: pd.DataFrame, settings: Settings, launch: int | None) -> pd.DataFrame:
    """Return each event's window and the group that it belongs to.

    Parameters
    ----------
    events
        Columns started_on and kind.
    settings
        How many months windows reach.
    launch
        Number of the month in which the program began; None where no month is known.

    Returns
    -------
    pd.DataFrame
        Indexed as ``events``: start and end, the numbers of the window's first and last month;
        holds_launch; group, from 0 in order of time: windows that share a month are of one group.
    """
    month = month_number(events["started_on"])
    is_planned = (events["kind"] == PLANNED).to_numpy()
    start = month - np.where(is_planned, settings.planned_before, 0)
    end = month + np.where(is_planned, settings.planned_after, settings.other_after)
    holds_launch = np.zeros(len(events), dtype=bool)
    if launch is not None:
        holds_launch = (start <= launch) & (launch <= end)
        start = np.where(holds_launch, launch, start)
    return pd.DataFrame(
        {
            "start": start,
            "end": end,
            "holds_launch": holds_launch,
            "group": _groups(start, end),
        },
        index=events.index,
    )


def _groups(start: Months, end: Months) -> Months:
    """Return the number of the unbroken stretch of windows that each lies in."""
    order = np.lexsort((end, start))
    reach = np.maximum.accumulate(end[order])
    is_first = np.ones(len(start), dtype=bool)
    is_first[1:] = start[order][1:] > reach[:-1]
    groups = np.empty(len(start), dtype=np.int64)
    groups[order] = np.cumsum(is_first) - 1
    return groups
