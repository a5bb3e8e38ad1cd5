"""Distributions of sums of counts whose variance is an estimate and whose correlation is unsure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

Array = NDArray[np.float64]

_HALVINGS = 20  # of a bracket between quantiles: to a thousandth of an account
_LEAST_SKEW, _MOST_SKEW = 1e-4, 2.0  # beyond an exponential's, Wilson and Hilferty do not reach


@dataclass(frozen=True)
class Spread:
    """Distributions of b sums of months, each a mixture over the g correlations.

    Counts lean to the right. Given a correlation, a sum is taken for a Pearson III variable whose
    third cumulant is that of a negative binomial one, its quantiles by Wilson and Hilferty (1931)
    at those of Student's t, because its variance is an estimate.

    Attributes
    ----------
    mean
        What is expected of each sum, shape (b,).
    scales, skews
        Standard error and skewness of each given each correlation, shape (b, g).
    weights
        How likely each correlation is, shape (g,).
    freedom
        Degrees of freedom of the variance.
    """

    mean: Array
    scales: Array
    skews: Array
    weights: Array
    freedom: int

    def below(self, off: Array) -> Array:
        """Return the probability of sums less than ``off`` (b,) from their means, shape (b,)."""
        standard = _from_skewed(off[:, None] / self.scales, self.skews)
        found: Array = stdtr(self.freedom, standard) @ self.weights
        return found

    def p_values(self, off: Array) -> Array:
        """Return the two-sided p of sums ``off`` (b,) from their means, shape (b,)."""
        below = self.below(off)
        # The weights may sum to a hair more than one, and so may what lies below.
        p_values: Array = np.clip(2 * np.minimum(below, 1 - below), 0.0, 1.0)
        return p_values

    def interval(self, confidence: float) -> tuple[Array, Array]:
        """Return the central interval of each sum, no less than 0, two arrays of shape (b,)."""
        low, high = (self._quantile(0.5 + side * confidence / 2) for side in (-1, 1))
        return np.maximum(self.mean + low, 0), self.mean + high

    def _quantile(self, level: float) -> Array:
        """Return how far from its mean each sum's quantile lies, by halving what holds it."""
        each = self.scales * _to_skewed(float(stdtrit(self.freedom, level)), self.skews)
        low, high = each.min(axis=1), each.max(axis=1)
        middle: Array = (low + high) / 2
        for _ in range(_HALVINGS):
            is_short = self.below(middle) < level
            low, high = np.where(is_short, middle, low), np.where(is_short, high, middle)
            middle = (low + high) / 2
        return middle


def _to_skewed(standard: float, skews: Array) -> Array:
    """Return the Pearson III variables that lie where a symmetrical one lies at ``standard``."""
    skew = np.clip(skews, _LEAST_SKEW, _MOST_SKEW)
    found: Array = 2 / skew * ((1 + skew * standard / 6 - skew**2 / 36) ** 3 - 1)
    return found


def _from_skewed(values: Array, skews: Array) -> Array:
    """Return the inverse of `_to_skewed`."""
    skew = np.clip(skews, _LEAST_SKEW, _MOST_SKEW)
    found: Array = 6 / skew * (np.cbrt(1 + skew * values / 2) - 1 + skew**2 / 36)
    return found
