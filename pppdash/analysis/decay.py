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
_STEPS = 15
_LEAST = 1e-9


@dataclass(frozen=True)
class HalfLife:
    """Months in which a rise halves, with its interval; all NaN where not identifiable."""

    months: float = math.nan
    low: float = math.nan
    high: float = math.nan
    verdict: str = NOT_IDENTIFIABLE


def half_life(counts: Array, inflation: float, confidence: float) -> HalfLife:
    """Fit ``b + A × 2 ** (-t / h)`` to the months from a peak on, neither b nor A below 0.

    The interval is that of the profile likelihood of a Poisson model (Venzon and Moolgavkar 1988),
    its deviance divided by the dispersion of the best fit and held against Student's t squared.

    Parameters
    ----------
    counts
        Accounts opened in the peak's month and each after it, shape (n,).
    inflation
        By how much correlation between months multiplies the variance, at least 1.
    confidence
        Of the interval, between 0 and 1.

    Returns
    -------
    HalfLife
        Not identifiable where there are fewer than `LEAST_MONTHS`, where the rise itself may be
        chance, or where the interval reaches `SHORTEST` or `LONGEST`.
    """
    n = len(counts)
    if n < LEAST_MONTHS:
        return HalfLife()
    fitted = _fit(counts, 2.0 ** (-np.arange(n) / _GRID[:, None]))
    deviance = _deviance(counts, fitted)
    best = int(deviance.argmin())
    chi_square = float(((counts - fitted[best]) ** 2 / fitted[best]).sum())
    dispersion = max(chi_square / (n - 3), 1.0) * inflation
    limit = dispersion * stats.t.ppf(0.5 + confidence / 2, n - 3) ** 2
    inside = np.flatnonzero(deviance - deviance[best] <= limit)
    level = np.full((1, n), max(counts.mean(), _LEAST))
    is_rise = _deviance(counts, level)[0] - deviance[best] > limit
    if not is_rise or inside[0] == 0 or inside[-1] == len(_GRID) - 1:
        return HalfLife()
    low, high = _GRID[inside[0]], _GRID[inside[-1]]
    return HalfLife(float(_GRID[best]), float(low), float(high), IDENTIFIED)


def _fit(counts: Array, fades: Array) -> Array:
    """Return the best sums of a level and each of ``fades``, neither weight below 0, shape (h, n).

    By Fisher's scoring, all at once; where a weight would fall below 0 it is 0, and the other
    is the one that makes the sums equal.
    """
    total = np.maximum(counts.sum(), _LEAST)
    alone, flat = total / fades.sum(axis=1), np.full(len(fades), total / len(counts))
    level, height = flat / 2, alone / 2
    for _ in range(_STEPS):
        weight = 1 / (level[:, None] + height[:, None] * fades + _LEAST)
        a, b, c = weight.sum(axis=1), (weight * fades).sum(axis=1), (weight * fades**2).sum(axis=1)
        d, e = weight @ counts, (weight * fades) @ counts
        determinant = np.maximum(a * c - b * b, _LEAST * a * c)
        level, height = (c * d - b * e) / determinant, (a * e - b * d) / determinant
        is_flat, is_alone = height <= 0, level <= 0
        level = np.where(is_flat, flat, np.where(is_alone, 0.0, level))
        height = np.where(is_flat, 0.0, np.where(is_alone, alone, height))
    fitted: Array = np.maximum(level[:, None] + height[:, None] * fades, _LEAST)
    return fitted


def _deviance(counts: Array, fitted: Array) -> Array:
    ratio = np.where(counts > 0, counts, 1.0) / fitted
    terms = np.where(counts > 0, counts * np.log(ratio), 0.0) - (counts - fitted)
    deviance: Array = 2 * terms.sum(axis=1)
    return deviance
