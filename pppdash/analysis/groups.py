"""Flash points put in order of time, each in the group that its window belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pppdash.analysis.decay import HalfLife
from pppdash.analysis.excess import Excess
from pppdash.analysis.monthly import Months
from pppdash.analysis.windows import Settings, month_of, windows
from pppdash.errors import UsageError

Mask = NDArray[np.bool_]

UNSPECIFIED = "unspecified"
NEEDED = ("flash_point_id", "name", "started_on", "kind")


@dataclass(frozen=True)
class Group:
    """Events of overlapping windows, where they lie in the series, and what was found.

    ``start`` and ``end`` are numbers of months; ``span`` are the positions of the first of the
    window's whole months and the one after the last, the same where there is none.
    """

    start: int
    end: int
    span: tuple[int, int]
    excess: Excess = field(default_factory=Excess)
    peak: int | None = None
    lead_in: int | None = None
    half_life: HalfLife = field(default_factory=HalfLife)


def checked(events: pd.DataFrame) -> pd.DataFrame:
    """Return flash_point_id, name, started_on (days), kind and scope of events.

    Raises
    ------
    UsageError
        A column is missing, or an event has no date.
    """
    missing = [name for name in NEEDED if name not in events]
    if missing:
        raise UsageError(f"Flash points need a column {missing[0]}.")
    days = pd.to_datetime(events["started_on"], errors="coerce")
    if days.isna().any():
        name = events.loc[days.isna(), "name"].iloc[0]
        raise UsageError(f"The flash point {name!r} has no date; write it like 2012-05-20.")
    scope = events["scope"] if "scope" in events else pd.Series(None, events.index, dtype="object")
    return events[["flash_point_id", "name"]].assign(
        started_on=days.dt.tz_localize(None).dt.normalize(),
        kind=events["kind"].astype("object").fillna(UNSPECIFIED),
        scope=scope.astype("object").fillna(UNSPECIFIED),
    )


def place(events: pd.DataFrame, settings: Settings, months: Months) -> pd.DataFrame:
    """Return events in order of time with the columns of `windows`.

    One of a group whose window holds the launch holds it too.
    """
    launched = settings.launched_on
    launch = month_of(launched) if launched else months.first
    known = launched is not None or len(months) > 0
    ordered = checked(events).sort_values(
        ["started_on", "flash_point_id"], kind="stable", ignore_index=True
    )
    found = windows(ordered, settings, launch if known else None)
    found["holds_launch"] = found.groupby("group")["holds_launch"].transform("any")
    return ordered.join(found)


def groups_of(placed: pd.DataFrame, months: Months) -> list[Group]:
    """Return the groups of events that `place` found, in order of time."""
    bounds = placed.groupby("group").agg(start=("start", "min"), end=("end", "max"))
    whole = int(months.is_whole.sum())
    return [
        Group(int(start), int(end), _span(int(start), int(end), months.first, whole))
        for start, end in zip(bounds["start"], bounds["end"], strict=True)
    ]


def _span(start: int, end: int, first: int, whole: int) -> tuple[int, int]:
    low, high = max(start - first, 0), min(end - first + 1, whole)
    return (low, high) if low < high else (0, 0)


def inside(groups: Sequence[Group], months: Months) -> Mask:
    """Return which months lie in the window of any of the groups, shape (n,)."""
    numbers = months.first + np.arange(len(months))
    found = np.zeros(len(months), dtype=bool)
    for group in groups:
        found |= (numbers >= group.start) & (numbers <= group.end)
    return found
