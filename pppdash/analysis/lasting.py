"""How many accounts last: the share still active months after they were opened."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight

Array = NDArray[np.float64]

MONTH_DAYS = 365 / 12
YEAR_MONTHS = 12
LONGEST_MONTHS = 60
COLUMNS = ("months_since", "share", "low", "high")


@dataclass(frozen=True)
class Share:
    """A share with its interval; all NaN where nothing was watched for long enough."""

    value: float = math.nan
    low: float = math.nan
    high: float = math.nan


def curve(accounts: pd.DataFrame, as_of: pd.Timestamp, confidence: float) -> pd.DataFrame:
    """Estimate the share of accounts still active by months since opening (Kaplan & Meier 1958).

    Accounts count for as long as they were watched. The interval is that of log(-log(share)),
    which stays within 0 and 1; while none has ended it is the exact one for a share of one
    among those still watched (Clopper & Pearson 1934).

    Parameters
    ----------
    accounts
        Columns opened_on, ended_on (missing: still active) and accounts (how many).
    as_of
        The day until which accounts were watched.
    confidence
        Of the interval, between 0 and 1.

    Returns
    -------
    pd.DataFrame
        months_since (from 0, while any account is watched, at most `LONGEST_MONTHS`), share, low,
        high; no rows without accounts.
    """
    seen = accounts[(accounts["opened_on"] <= as_of) & (accounts["accounts"] > 0)]
    if seen.empty:
        return nothing()
    has_ended = (seen["ended_on"] <= as_of).to_numpy()
    until = seen["ended_on"].where(has_ended, as_of)
    days = np.maximum((until - seen["opened_on"]).dt.days.to_numpy(), 0)
    many = seen["accounts"].to_numpy(np.int64)
    months = np.arange(min(int(days.max() / MONTH_DAYS), LONGEST_MONTHS) + 1)
    at = np.asarray(months * MONTH_DAYS, dtype=np.float64)
    share, error = _survival(days, has_ended, many, at)
    low, high = _interval(share, error, confidence)
    watched = ((days[None, :] >= at[:, None]) * many).sum(axis=1)
    none_ended = share == 1
    low = np.where(none_ended, ((1 - confidence) / 2) ** (1 / np.maximum(watched, 1)), low)
    return pd.DataFrame(dict(zip(COLUMNS, (months, share, low, high), strict=True)))


def nothing() -> pd.DataFrame:
    """Return a curve of no accounts."""
    return pd.DataFrame(columns=list(COLUMNS), dtype="float64")


def after_a_year(found: pd.DataFrame) -> Share:
    """Return a curve's share a year after opening."""
    at = found[found["months_since"] == YEAR_MONTHS]
    return Share(*at[list(COLUMNS[1:])].iloc[0].astype(float)) if len(at) else Share()


def _survival(
    days: NDArray[np.int64], has_ended: NDArray[np.bool_], many: NDArray[np.int64], at: Array
) -> tuple[Array, Array]:
    """Return share and its standard error on some days after opening, shapes of ``at``."""
    if not has_ended.any():
        return np.ones_like(at), np.zeros_like(at)
    # Repeated, not weighted: with weights statsmodels leaves Greenwood's formula for another.
    with np.errstate(invalid="ignore"):  # its standard error of a share of 0 is 0/0
        found = SurvfuncRight(np.repeat(days, many), np.repeat(has_ended, many))
    index = np.searchsorted(found.surv_times, at, side="right")
    share = np.concatenate([[1.0], found.surv_prob])[index]
    error = np.concatenate([[0.0], found.surv_prob_se])[index]
    return share, error


def _interval(share: Array, error: Array, confidence: float) -> tuple[Array, Array]:
    inside = np.where((share > 0) & (share < 1), share, 0.5)
    reach = stats.norm.ppf(0.5 + confidence / 2) * error / abs(inside * np.log(inside))
    low, high = inside ** np.exp(reach), inside ** np.exp(-reach)
    is_inside = (share > 0) & (share < 1)
    return np.where(is_inside, low, share), np.where(is_inside, high, share)
