"""Half-lives: right where they can be told, and not told where they cannot."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize

from pppdash.analysis import decay
from pppdash.analysis.decay import IDENTIFIED, NOT_IDENTIFIABLE, half_life


def fading(peak: float, level: float, months: int, half: float = 2.0) -> np.ndarray:
    return level + peak * 2.0 ** (-np.arange(months) / half)


def test_an_exact_curve_gives_back_its_half_life():
    found = half_life(fading(150, 12, 25), 1.0, 0.95)
    assert found.verdict == IDENTIFIED
    assert found.months == pytest.approx(2.0, rel=0.02)
    assert 1.5 < found.low < 2 < found.high < 2.6


def test_correlation_widens_the_interval():
    near, far = (half_life(fading(150, 12, 25), inflation, 0.95) for inflation in (1.0, 4.0))
    assert far.low < near.low and near.high < far.high


@pytest.mark.parametrize(
    "counts",
    [
        fading(150, 12, 5),  # too short
        np.full(25, 12.0),  # nothing fades
        np.zeros(25),
        np.r_[np.zeros(24), 1.0],
        fading(-10, 12, 25),  # it grows
        np.array([12, 9, 15, 11, 12, 8, 13, 14, 10, 12.0]),
    ],
)
def test_what_does_not_fade_has_no_half_life(counts):
    found = half_life(counts, 1.0, 0.95)
    assert found.verdict == NOT_IDENTIFIABLE
    assert all(math.isnan(value) for value in (found.months, found.low, found.high))


def test_the_fit_is_the_best_there_is():
    """Against a general optimizer, for several shapes at several half-lives."""
    rng = np.random.default_rng(1)
    for level, peak, months in ((0.2, 8, 9), (2, 8, 20), (12, 150, 25), (12, 0, 25)):
        counts = rng.poisson(fading(peak, level, months)).astype(float)
        fades = 2.0 ** (-np.arange(months) / np.array([0.3, 1.0, 2.0, 9.0])[:, None])
        deviances = decay._deviance(counts, decay._fit(counts, fades))
        for fade, deviance in zip(fades, deviances, strict=True):

            def of(pair, fade=fade, counts=counts):
                fitted = np.maximum(pair[0] + pair[1] * fade, 1e-9)
                return decay._deviance(counts, fitted[None])[0]

            tried = [
                minimize(of, start, bounds=[(0, None)] * 2, method="L-BFGS-B").fun
                for start in ((counts.mean(), 0.5), (0.1, counts[0] + 1))
            ]
            assert deviance <= min(tried) + 1e-6
