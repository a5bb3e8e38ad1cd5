"""Results of flash points by hand, for whatever state a test wants to see worded or drawn."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pandas as pd

from pppdash.analysis.excess import FALL, NO_CHANGE, RISE, TOO_LITTLE
from pppdash.analysis.flash_points import INTERIM, Event, FlashPoints
from pppdash.analysis.flash_points import Interim as Between

FIRST, AS_OF = date(2012, 3, 1), date(2017, 3, 31)
NONE = math.nan

# What differs of a window of 2014, of an event ahead, of a fall.
JULY = {"window_start": date(2014, 7, 1), "window_end": date(2014, 9, 30), "group": 1}
LATER = {
    "started_on": date(2017, 6, 30), "window_start": date(2017, 2, 1), "kind": "planned_event",
    "window_end": date(2017, 7, 31), "is_ahead": True, "is_open": True, "group": 9,
}  # fmt: skip
FALLEN = {"verdict": FALL, "excess": -12.0, "excess_low": -20.0, "excess_high": -5.0}


def event(name: str = "Fair", **more: Any) -> Event:
    """Return a flash point of June 2015 without a detectable change, but for what is named."""
    facts = {
        "flash_point_id": name, "name": name, "kind": "attack", "scope": "local",
        "started_on": date(2015, 6, 17), "window_start": date(2015, 6, 1),
        "window_end": date(2015, 8, 31), "observed": 58.0, "expected": 50.0, "excess": 8.0,
        "excess_low": -6.0, "excess_high": 21.0, "q": 0.3, "placebo_p": 0.2, "placebos": 39,
        "verdict": NO_CHANGE, "lead_in_month": None, "peak_month": None,
        "half_life_months": NONE, "half_life_low": NONE, "half_life_high": NONE,
        "half_life_verdict": "not identifiable", "active_after_12m": 0.95,
        "active_after_12m_low": 0.85, "active_after_12m_high": 0.98, "opened": 58.0, "months": 3,
        "rate": 58 / 3,
    }  # fmt: skip
    return Event(**(facts | more))


def rise(name: str = "Fair", **more: Any) -> Event:
    """Return a flash point that coincided with a rise."""
    facts: dict[str, Any] = {
        "verdict": RISE, "expected": 19.0, "excess": 39.0, "excess_low": 23.0,
        "excess_high": 56.0, "q": 0.001, "placebo_p": 1 / 39, "placebos": 38,
        "lead_in_month": date(2015, 6, 1), "peak_month": date(2015, 7, 1),
    }  # fmt: skip
    return event(name, **(facts | more))


def unclear(reason: str, name: str = "Fair", **more: Any) -> Event:
    """Return a flash point of which too little is known."""
    return event(name, verdict=TOO_LITTLE, reason=reason, **more)


def interim(**more: Any) -> Between:
    """Return 323 accounts in 46 months, but for what is named."""
    facts = {
        "interim_months": 46, "interim_rate": 7.02, "interim_low": 5.21, "interim_high": 8.93,
        "share_in_windows": 0.766, "steadiness": 0.31, "opened": 323, "overall_rate": 22.6,
    }  # fmt: skip
    return Between(**(facts | more))


def months(opened: list[float], events: tuple[Event, ...] = (), expected: float = 7.0) -> Any:
    """Return months from March 2012 on, those in the windows of ``events`` marked."""
    starts = pd.date_range(FIRST, periods=len(opened), freq="MS")
    names = [
        ", ".join(e.name for e in events if e.window_start <= start.date() <= e.window_end)
        for start in starts
    ]
    return pd.DataFrame(
        {
            "month": starts, "opened": opened, "at_risk": 9_000.0, "expected": expected,
            "expected_low": 1.0, "expected_high": 2 * expected + 1,
            "is_whole": starts + pd.offsets.MonthEnd(0) <= pd.Timestamp(AS_OF),
            "in_window": [name != "" for name in names], "flash_point": names,
        }
    )  # fmt: skip


def curve(name: str, shares: list[float], reach: float = 0.02) -> pd.DataFrame:
    """Return a curve of so many shares, month by month."""
    share = pd.Series(shares, dtype=float)
    return pd.DataFrame(
        {
            "flash_point_id": name, "months_since": range(len(shares)), "share": share,
            "low": (share - reach).clip(lower=0), "high": (share + reach).clip(upper=1),
        }
    )  # fmt: skip


def found(*events: Event, **more: Any) -> FlashPoints:
    """Return what was found of some events: 61 months, and two years of what lasted."""
    facts: dict[str, Any] = {
        "interim": interim(),
        "months": months([7.0] * 61, events),
        "lasted": pd.concat(
            [
                *(curve(e.flash_point_id, [1 - 0.003 * month for month in range(25)])
                  for e in events),
                curve(INTERIM, [1 - 0.004 * month for month in range(61)]),
            ],
            ignore_index=True,
        ),
    }  # fmt: skip
    return FlashPoints(events=events, **(facts | more))
