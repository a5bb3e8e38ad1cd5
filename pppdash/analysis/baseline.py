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
from functools import cached_property, lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from pppdash.analysis.spread import Spread

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

RHOS = (0.2, 0.4, 0.55, 0.7, 0.8, 0.9, 0.96)
SHARES = (0.35, 0.7, 1.0)
ALTERNATING = (-0.4, -0.2)  # months that make up for one another
PAIRS = ((0.0, 1.0), *((rho, 1.0) for rho in ALTERNATING), *product(RHOS, SHARES))
LAG_ONE = np.array([rho * share for rho, share in PAIRS])
# Each correlation alike, but that short series show less of it than there is: see docs/methods.md.
PRIOR = np.exp(0.7 * LAG_ONE) / np.array([1 if rho <= 0 else len(SHARES) for rho, _ in PAIRS])
LEAST_DISPERSION = 0.01
HARMONIC_MONTHS = 36
ACCOUNTS_EACH = 10  # a regressor, after Peduzzi et al. (1996), J. Clinical Epidemiology 49:1373
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
        """Regressors of each month, shape (n, p): level, trend and time of year, as far as they go.

        Each regressor wants `ACCOUNTS_EACH` accounts, and the time of year `HARMONIC_MONTHS`.
        """
        months, turn = self.months, self.months * 2 * np.pi / 12
        columns = [np.ones_like(months)]
        if self.accounts >= 2 * ACCOUNTS_EACH:
            columns.append(2 * months / max(len(months) - 1, 1) - 1)
        if self.accounts >= 4 * ACCOUNTS_EACH and self.is_base.sum() >= HARMONIC_MONTHS:
            columns += [np.cos(turn), np.sin(turn)]
        return np.column_stack(columns)

    @property
    def accounts(self) -> float:
        """Accounts opened in the months outside all windows."""
        return float(self.opened[self.is_base].sum())


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
        Of all months, given each, shape (n, g, n).
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

    def spread(self, windows: Array, influence: Array, expected: Array) -> Spread:
        """Return how sums of months scatter around what was expected of them.

        Parameters
        ----------
        windows
            Weights of the months in each sum, shape (b, n).
        influence
            What each month being off adds to observed less expected, shape (b, n).
        expected
            Of every month, shape (b, n) or (n,).
        """
        mean = (windows * expected).sum(axis=1)
        total = np.maximum(self._variance(influence, expected), _RIDGE)
        third = self._third_cumulant(windows, expected, np.maximum(mean, _RIDGE))
        return Spread(mean, np.sqrt(total), third / total**1.5, self.weights, self.freedom)

    def _third_cumulant(self, windows: Array, expected: Array, mean: Array) -> Array:
        """Return that of each sum given each correlation, shape (b, g).

        A month's skewness is that of a negative binomial count. Summing months takes off as much
        of it as of their standard deviations: all where they are alike, none where they are one.
        """
        own, alone = self._variance(windows, expected), float(self.dispersion[0])
        skew = max(2 * alone - 1, 0.0) / np.sqrt(alone * mean / windows.sum(axis=1))
        deviations = np.sqrt(self.dispersion) * (windows @ np.sqrt(expected))[:, None]
        third: Array = skew[:, None] * own**2 / deviations
        return third

    def _variance(self, weights: Array, expected: Array) -> Array:
        """Return the variance of each sum given each correlation, shape (b, g)."""
        reach = weights * np.sqrt(expected)
        # As one matrix: many small products take longer.
        flat = self.correlations.reshape(len(self.correlations), -1)
        products = (reach @ flat).reshape(len(reach), len(self.weights), -1)
        squares: Array = np.maximum((products * reach[:, None, :]).sum(axis=2), 0)
        return squares * self.dispersion

    def errors(self, influence: Array, expected: Array) -> Array:
        """Return the standard error of each sum averaged over the grid, shape (b,)."""
        reach = influence * np.sqrt(expected)
        errors: Array = np.sqrt(np.maximum(((reach @ self.covariance) * reach).sum(axis=1), _RIDGE))
        return errors

    @cached_property
    def covariance(self) -> Array:
        """Covariance of what months are off by, averaged over the grid, shape (n, n)."""
        covariance: Array = (self.weights * self.dispersion) @ self.correlations
        return covariance


@dataclass(frozen=True)
class _Grid:
    """Correlations that are thought possible, of all months and of those of a baseline."""

    by_month: Array
    whiten: Array
    log_determinant: Array


@lru_cache(maxsize=4)  # the same months come again with every filter
def _grid(mask: bytes, months: int) -> _Grid:
    is_base = np.frombuffer(mask, dtype=np.bool_)
    at = np.arange(months)
    distance = np.abs(at[:, None] - at[None, :])
    all_months = np.stack([_correlation(distance, rho, share) for rho, share in PAIRS])
    lower = np.linalg.cholesky(all_months[:, is_base][:, :, is_base]).astype(np.float64)
    whiten = np.linalg.inv(lower).astype(np.float64)
    by_month = np.ascontiguousarray(all_months.transpose(1, 0, 2))
    return _Grid(by_month, whiten, _log_diagonal(lower))


def scatter(fits: Fits) -> Scatter:
    """Learn from the first of ``fits`` how its months scatter."""
    counts, expected, mask = fits.counts, fits.expected[0], fits.masks[0]
    grid = _grid(mask.tobytes(), len(mask))
    root = np.sqrt(expected)
    off = ((counts.opened - expected) / root)[mask]
    x = (counts.design * root[:, None])[mask]
    n, p = x.shape
    white = grid.whiten @ np.column_stack([x, off])
    products = white.transpose(0, 2, 1) @ white + _RIDGE * np.eye(p + 1)
    # The last number of this factor is the root of what x leaves of the squares of `off`.
    factor = np.linalg.cholesky(products).astype(np.float64)
    squares = factor[:, p, p] ** 2
    information = _log_diagonal(factor[:, :p, :p])
    likelihood = -0.5 * (n - p) * np.log(squares) - information - grid.log_determinant
    weights = np.exp(likelihood - likelihood.max()) * PRIOR
    weights /= weights.sum()
    dispersion = squares / (n - p)
    if dispersion[0] < LEAST_DISPERSION:  # months all alike say nothing of how they hang together
        weights = np.eye(1, len(PAIRS))[0]
        dispersion = np.full(len(PAIRS), LEAST_DISPERSION)
    return Scatter(weights, dispersion, grid.by_month, n - p, float(weights @ LAG_ONE))


def _correlation(distance: NDArray[np.int64], rho: float, share: float) -> Array:
    if rho == 0:
        return np.eye(len(distance))
    found: Array = share * np.power(rho, distance)
    np.fill_diagonal(found, 1.0)
    return found


def _log_diagonal(matrices: Array) -> Array:
    """Return the logarithm of the determinant of triangular matrices, shape (g,)."""
    found: Array = np.log(np.abs(np.diagonal(matrices, axis1=1, axis2=2))).sum(axis=1)
    return found
