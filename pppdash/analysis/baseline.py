"""What enrollment would have been without the events: a model of the months outside all windows.

Counts follow a quasi-Poisson regression on a trend, a yearly harmonic pair where there are months
enough, and the logarithm of the targets still to enroll as offset. What a month is off by may
resemble what its neighbors are off by: correlations are ``share × rho ** distance``, part a level
that drifts and part noise of each month's own. Neither share nor rho is known, so that whatever is
said of a sum of months is averaged over a grid of them, weighed by their restricted likelihood
(Harville 1974, Biometrika 61:383); given both, the scatter of a sum is Student's t.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import brentq

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

RHOS = (0.2, 0.4, 0.55, 0.7, 0.8, 0.9, 0.96)
SHARES = (0.35, 0.7, 1.0)
ALTERNATING = (-0.4, -0.2)  # months that make up for one another
HARMONIC_MONTHS = 36
_STEPS, _FINE_ENOUGH, _LARGEST_STEP, _WIDEST_LOG = 40, 1e-8, 2.0, 30.0
_RIDGE = 1e-9


@dataclass(frozen=True)
class Counts:
    """What is modeled: n successive months.

    Attributes
    ----------
    opened
        Accounts opened in each month, shape (n,).
    at_risk
        Targets that could still enroll, shape (n,); a month with none is never part of a baseline.
    is_base
        Months outside all windows, shape (n,).
    """

    opened: Array
    at_risk: Array
    is_base: Mask

    @property
    def months(self) -> Array:
        """Number of each month, from 0, shape (n,)."""
        return np.arange(len(self.opened), dtype=np.float64)

    @cached_property
    def offset(self) -> Array:
        """Logarithm of the targets that could still enroll, shape (n,)."""
        return np.log(np.maximum(self.at_risk, _RIDGE))

    @cached_property
    def design(self) -> Array:
        """Regressors of each month, shape (n, p): level, trend, and perhaps the time of year."""
        months = self.months
        columns = [np.ones_like(months), 2 * months / max(len(months) - 1, 1) - 1]
        if self.is_base.sum() >= HARMONIC_MONTHS:
            turn = 2 * np.pi * months / 12
            columns += [np.cos(turn), np.sin(turn)]
        return np.column_stack(columns)


@dataclass(frozen=True)
class Fits:
    """Poisson regressions of the same counts, each over months of its own; b of them.

    Attributes
    ----------
    masks
        The months that each was fitted to, shape (b, n).
    expected
        Counts that each expects in every month, shape (b, n).
    inverse
        Inverse of each one's information, shape (b, p, p).
    is_found
        Whether the regression settled, shape (b,); it does not where nearly all is zero.
    """

    counts: Counts
    masks: Mask
    expected: Array
    inverse: Array
    is_found: Mask

    def influence(self, windows: Array) -> Array:
        """Return how what each month is off by enters observed less expected of a window.

        Parameters
        ----------
        windows
            Weights of the months whose sum is asked for, shape (b, n).

        Returns
        -------
        Array
            Shape (b, n): the window's own weights, less what the fit takes over from the months
            that it was fitted to.
        """
        x = self.counts.design
        slope = (windows * self.expected) @ x
        taken: Array = np.einsum("bp,bpq,nq->bn", slope, self.inverse, x) * self.masks
        return windows - taken


def fit(counts: Counts, masks: Mask) -> Fits:
    """Fit one Poisson regression to each row of ``masks``, all at once (Newton's method).

    The same as ``statsmodels.GLM(family=Poisson())`` on each by itself, which takes a hundred times
    as long for the hundred fits that placebo windows want.
    """
    x, weights = counts.design, masks.astype(np.float64)
    p = x.shape[1]
    squares = (x[:, :, None] * x[:, None, :]).reshape(len(x), p * p)

    def look(beta: Array) -> tuple[Array, Array]:
        reach = np.clip(beta @ x.T + counts.offset, -_WIDEST_LOG, _WIDEST_LOG)
        expected = np.exp(reach)
        information = ((weights * expected) @ squares).reshape(-1, p, p)
        return expected, information + _RIDGE * np.eye(p)

    beta = np.zeros((len(masks), p))
    exposure = weights @ np.exp(counts.offset)
    beta[:, 0] = np.log(np.maximum(weights @ counts.opened, 0.5) / np.maximum(exposure, _RIDGE))
    largest = np.full(len(masks), np.inf)
    for _ in range(_STEPS):
        expected, information = look(beta)
        score = (weights * (counts.opened - expected)) @ x
        step = np.linalg.solve(information, score[:, :, None])[:, :, 0]
        largest = np.abs(step).max(axis=1)
        beta = beta + step * np.minimum(1, _LARGEST_STEP / np.maximum(largest, _RIDGE))[:, None]
        if largest.max() < _FINE_ENOUGH:
            break
    expected, information = look(beta)
    inverse = np.linalg.inv(information).astype(np.float64)
    return Fits(counts, masks, expected, inverse, largest < 1e-4)


@dataclass(frozen=True)
class Scatter:
    """How far sums of months lie from what was expected, by chance.

    Attributes
    ----------
    weights
        How likely each correlation of the grid is, shape (g,).
    dispersion
        Variance over mean, given each, shape (g,).
    correlations
        Of all months, given each, shape (g, n, n).
    freedom
        Degrees of freedom of the dispersion.
    rho
        Lag-one correlation of what months are off by, averaged over the grid.
    """

    weights: Array
    dispersion: Array
    correlations: Array
    freedom: int
    rho: float

    def scales(self, influence: Array, expected: Array) -> Array:
        """Return the standard error of each sum given each correlation, shape (b, g)."""
        reach = influence * np.sqrt(expected)
        squares = np.stack([((reach @ r) * reach).sum(axis=1) for r in self.correlations], axis=1)
        scales: Array = np.sqrt(np.maximum(squares, 0) * self.dispersion)
        return scales

    def error(self, scales: Array) -> Array:
        """Return the standard error averaged over the grid, shape (b,)."""
        error: Array = np.sqrt((scales**2) @ self.weights)
        return error

    def p_value(self, excess: float, scales: Array) -> float:
        """Return the two-sided p of an excess with standard errors ``scales``, shape (g,)."""
        tails = stats.t.sf(abs(excess) / scales, self.freedom)
        return float(2 * (self.weights * tails).sum())

    def reach(self, scales: Array, confidence: float) -> float:
        """Return the half-width of the interval of a sum with standard errors ``scales``."""
        level = 0.5 + confidence / 2
        most = float(scales.max() * stats.t.ppf(level, self.freedom))

        def beyond(width: float) -> float:
            return float((self.weights * stats.t.cdf(width / scales, self.freedom)).sum()) - level

        return float(brentq(beyond, 0.0, most * (1 + 1e-9), xtol=1e-9 * most))


def scatter(fits: Fits) -> Scatter:
    """Learn from the first of ``fits`` how its months scatter."""
    counts, expected, mask = fits.counts, fits.expected[0], fits.masks[0]
    months = counts.months
    distance = np.abs(months[:, None] - months[None, :])
    root = np.sqrt(expected)
    off = ((counts.opened - expected) / root)[mask]
    x = (counts.design * root[:, None])[mask]
    n, p = x.shape
    grid = [(0.0, 1.0), *((rho, 1.0) for rho in ALTERNATING), *product(RHOS, SHARES)]
    prior = np.array([1.0 if rho <= 0 else 1 / len(SHARES) for rho, _ in grid])
    all_months = np.stack([_correlation(distance, rho, share) for rho, share in grid])
    within = all_months[:, mask][:, :, mask]
    lower = np.linalg.cholesky(within).astype(np.float64)
    white = np.linalg.solve(
        lower, np.broadcast_to(np.column_stack([off, x]), (len(grid), n, p + 1))
    )
    q, r = np.linalg.qr(white[:, :, 1:])
    rest = white[:, :, 0] - np.einsum("gnp,gmp,gm->gn", q, q, white[:, :, 0])
    squares = np.maximum((rest**2).sum(axis=1), _RIDGE)
    likelihood = -0.5 * (n - p) * np.log(squares) - _log_diagonal(r) - _log_diagonal(lower)
    weights = np.exp(likelihood - likelihood.max()) * prior
    weights /= weights.sum()
    lag_one = np.array([rho * share for rho, share in grid])
    return Scatter(weights, squares / (n - p), all_months, n - p, float(weights @ lag_one))


def _correlation(distance: Array, rho: float, share: float) -> Array:
    if rho == 0:
        return np.eye(len(distance))
    found: Array = share * np.power(rho, distance)
    np.fill_diagonal(found, 1.0)
    return found


def _log_diagonal(matrices: Array) -> Array:
    """Return the logarithm of the determinant of triangular matrices, shape (g,)."""
    found: Array = np.log(np.abs(np.diagonal(matrices, axis1=1, axis2=2))).sum(axis=1)
    return found
