"""How fast a rise fades: the half-life of what comes after a peak."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]

IDENTIFIED, NOT_IDENTIFIABLE = "identified", "not identifiable"
SHORTEST, LONGEST = 0.2, 48.0  # months; an interval that touches either says nothing
LEAST_MONTHS = 6  # from the peak on
_GRID = np.geomspace(SHORTEST, LONGEST, 160)
_STEPS = 200


@dataclass(frozen=True)
class HalfLife:
    """Months in which a rise halves, with a 95% interval; all NaN where not identifiable."""

    months: float = math.nan
    low: float = math.nan
    high: float = math.nan
    verdict: str = NOT_IDENTIFIABLE


def half_life(counts: Array, expected: Array, confidence: float) -> HalfLife:
    """Fit ``b × expected + A × 2 ** (-t / h)`` to the months from a peak on.

    The interval is that of the profile likelihood of a Poisson model, its deviance divided by the
    dispersion of the best fit (at least 1) and held against Student's t squared.

    Parameters
    ----------
    counts
        Accounts opened in the peak's month and each after it, shape (n,).
    expected
        What was expected of these months without the event, shape (n,).
    confidence
        Of the interval, between 0 and 1.

    Returns
    -------
    HalfLife
        Not identifiable where there are fewer than `LEAST_MONTHS`, where the rise itself may be
        chance, or where the interval reaches `SHORTEST` or `LONGEST`.
    """
    n = len(counts)
    if n < LEAST_MONTHS or not expected.min() > 0:
        return HalfLife()
    fades = 2.0 ** (-np.arange(n) / _GRID[:, None])
    fitted = _fit(counts, expected, fades)
    deviance = _deviance(counts, fitted)
    best = int(deviance.argmin())
    chi_square = float(((counts - fitted[best]) ** 2 / fitted[best]).sum())
    dispersion = max(chi_square / (n - 3), 1.0)
    limit = dispersion * stats.t.ppf(0.5 + confidence / 2, n - 3) ** 2
    flat = expected * (counts.sum() / expected.sum())
    inside = np.flatnonzero(deviance - deviance[best] <= limit)
    is_rise = _deviance(counts, flat[None])[0] - deviance[best] > limit
    if not is_rise or inside[0] == 0 or inside[-1] == len(_GRID) - 1:
        return HalfLife()
    low, high = _GRID[inside[0]], _GRID[inside[-1]]
    return HalfLife(float(_GRID[best]), float(low), float(high), IDENTIFIED)


def _fit(counts: Array, expected: Array, fades: Array) -> Array:
    """Return the best sums of ``expected`` and each of ``fades``, neither weight below 0.

    Shape (h, n). By expectation-maximization: each month's count is shared out among the two by
    what they predict, which keeps both weights positive.
    """
    level = np.full(len(fades), 0.5 * counts[len(counts) // 2 :].mean() / expected.mean() + 1e-9)
    height = np.full(len(fades), max(counts[0], 1.0))
    for _ in range(_STEPS):
        ratio = counts / (level[:, None] * expected + height[:, None] * fades)
        level *= (ratio @ expected) / expected.sum()
        height *= (ratio * fades).sum(axis=1) / fades.sum(axis=1)
    fitted: Array = level[:, None] * expected + height[:, None] * fades
    return np.maximum(fitted, 1e-9)


def _deviance(counts: Array, fitted: Array) -> Array:
    ratio = np.where(counts > 0, counts, 1.0) / fitted
    terms = np.where(counts > 0, counts * np.log(ratio), 0.0) - (counts - fitted)
    deviance: Array = 2 * terms.sum(axis=1)
    return deviance
