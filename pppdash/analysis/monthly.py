"""A frame of months, checked and put in order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pppdash.analysis.windows import first_day, last_day, month_number, month_of
from pppdash.errors import UsageError

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

NEEDED = ("month", "opened", "at_risk")
MOST_MONTHS = 360
_MOST_NAMED = 6


@dataclass(frozen=True)
class Months:
    """Successive months, n of them.

    Attributes
    ----------
    first
        Number of the first month (see :mod:`pppdash.analysis.windows`).
    as_of
        The day that nothing is seen beyond; None where there is no month.
    opened, at_risk
        Accounts opened and targets that could still enroll, shape (n,); 0 where unknown.
    is_known, is_whole
        Whether a month is on record, and whether it was over on ``as_of``, shape (n,).
    remarks
        A sentence for everything that is missing.
    """

    first: int
    as_of: date | None
    opened: Array
    at_risk: Array
    is_known: Mask
    is_whole: Mask
    remarks: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.opened)

    @property
    def usable(self) -> Mask:
        """Months over and on record in which someone could enroll, shape (n,)."""
        return self.is_known & self.is_whole & (self.at_risk > 0)

    @property
    def starts(self) -> pd.DatetimeIndex:
        """First days, shape (n,)."""
        if not len(self):
            return pd.DatetimeIndex([])
        return pd.date_range(pd.Timestamp(first_day(self.first)), periods=len(self), freq="MS")


def read_months(monthly: pd.DataFrame, as_of: date | None) -> Months:
    """Check a frame of months and lay it out without gaps.

    Parameters
    ----------
    monthly
        Columns month (period, day or ISO text), opened, at_risk; in any order of rows.
    as_of
        Months that begin after it are left out; by default the last month's last day. Of more
        than `MOST_MONTHS` the latest are taken.

    Raises
    ------
    UsageError
        A column is missing, a month stands twice, or a number cannot be a count.
    """
    numbers, frame = _checked(monthly)
    if as_of is not None:
        seen = numbers <= month_of(as_of)
        numbers, frame = numbers[seen], frame[seen]
    if not len(numbers):
        none = np.empty(0)
        return Months(0, as_of, none, none, none > 0, none > 0)
    last = int(numbers.max())
    first = max(int(numbers.min()), last - MOST_MONTHS + 1)
    early = numbers < first
    frame, numbers = frame[~early], numbers[~early]
    day = as_of or last_day(last)
    opened, at_risk = np.full((2, last - first + 1), np.nan)
    opened[numbers - first], at_risk[numbers - first] = frame["opened"], frame["at_risk"]
    known = np.isfinite(opened) & np.isfinite(at_risk)
    whole = np.array([last_day(first + at) <= day for at in range(len(opened))])
    return Months(
        first,
        day,
        np.where(known, opened, 0.0),
        np.where(known, at_risk, 0.0),
        known,
        whole,
        _remarks(first, known, bool(early.any())),
    )


def _checked(monthly: pd.DataFrame) -> tuple[NDArray[np.int64], pd.DataFrame]:
    missing = [name for name in NEEDED if name not in monthly]
    if missing:
        raise UsageError(f"Months need the columns {', '.join(NEEDED)}; {_and(missing)} missing.")
    days = _days(monthly["month"])
    numbers = month_number(days)
    counts = monthly[["opened", "at_risk"]].apply(pd.to_numeric, errors="coerce").astype("float64")
    twice = pd.Series(numbers)[pd.Series(numbers).duplicated()]
    if len(twice):
        raise UsageError(
            f"{_list(sorted(set(twice)))} stands more than once; give each month one row."
        )
    wrong = numbers[((counts < 0) | np.isinf(counts)).any(axis=1).to_numpy()]
    if len(wrong):
        raise UsageError(
            f"{_list(sorted(wrong))}: counts of accounts and targets are numbers from 0 on."
        )
    return numbers, counts.reset_index(drop=True)


def _days(months: pd.Series) -> pd.Series:
    if isinstance(months.dtype, pd.PeriodDtype):
        months = months.dt.to_timestamp()
    days = pd.to_datetime(months, errors="coerce")
    if days.isna().any():
        raise UsageError(
            f"{int(days.isna().sum())} of the months are no dates; write them like 2017-03."
        )
    return days


def _remarks(first: int, known: Mask, early: bool) -> tuple[str, ...]:
    remarks = []
    if early:
        remarks.append(
            f"The latest {MOST_MONTHS} months are measured; those before {_named(first)} are not."
        )
    unknown = [first + int(at) for at in np.flatnonzero(~known)]
    if unknown:
        remarks.append(f"Nothing is on record for {_list(unknown)}: no baseline counts on it.")
    return tuple(remarks)


def _list(numbers: list[int]) -> str:
    names = [_named(int(number)) for number in numbers[:_MOST_NAMED]]
    more = len(numbers) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def _named(number: int) -> str:
    return first_day(number).strftime("%Y-%m")


def _and(names: list[str]) -> str:
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'}"
