"""Weights meet their margins, and errors know of them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pppdash.analysis.raking import Margin, Weights, influence, leverage, rake


def _margin(codes: list[int], totals: list[float], variable: str = "size") -> Margin:
    return Margin(variable, np.array(codes), np.array(totals))


def test_one_margin_is_poststratification():
    found = rake(4, [_margin([0, 0, 0, 1], [30.0, 50.0])])
    assert found is not None
    # 10 people stand behind each of three, 50 behind the fourth; weights are one on average.
    np.testing.assert_allclose(found.values, np.array([10, 10, 10, 50]) * 4 / 80)


@given(st.integers(0, 10_000))
def test_all_margins_are_met(seed: int):
    rng = np.random.default_rng(seed)
    one, other = rng.integers(0, 3, 60), rng.integers(0, 4, 60)
    one[:12], other[:12] = np.repeat(np.arange(3), 4), np.tile(np.arange(4), 3)  # no empty cell
    margins = [
        _margin(list(one), list(rng.uniform(10, 90, 3))),
        _margin(list(other), list(rng.uniform(10, 90, 4)), "sector"),
    ]
    found = rake(60, margins)
    assert found is not None and (found.values > 0).all()
    assert np.isclose(found.values.sum(), 60)
    for margin in margins:
        shares = np.bincount(margin.codes, found.values) / 60
        np.testing.assert_allclose(shares, margin.totals / margin.totals.sum(), rtol=1e-6)


def test_margins_of_other_sums_are_scaled_to_the_first():
    margins = [_margin([0, 0, 1, 1], [1.0, 3.0]), _margin([0, 1, 0, 1], [500.0, 500.0], "sector")]
    found = rake(4, margins)
    assert found is not None
    np.testing.assert_allclose(found.values, [0.5, 0.5, 1.5, 1.5])


def test_margins_that_oppose_each_other_have_no_weights():
    assert rake(4, [_margin([0, 0, 1, 1], [5, 5]), _margin([0, 0, 1, 1], [2, 8], "sector")]) is None


def test_without_margins_all_weights_are_one():
    found = rake(3, [])
    assert found is not None and found.values.tolist() == [1, 1, 1]


def test_what_margins_know_moves_no_mean():
    # Who answers is told by the margin: of a score that is the margin's own nothing is uncertain.
    codes = [0] * 10 + [1] * 20
    weights = rake(30, [_margin(codes, [50.0, 50.0])])
    assert weights is not None
    score = np.array(codes, dtype=float)
    mean = (weights.values * score).sum() / weights.values.sum()
    residuals = ((score - mean) / weights.values.sum())[:, None]
    np.testing.assert_allclose(influence(residuals, weights), 0, atol=1e-15)


def test_a_residual_is_corrected_for_what_its_group_takes_up():
    weights = Weights(np.ones(30), (_margin([0] * 10 + [1] * 20, [1.0, 1.0]),))
    np.testing.assert_allclose(leverage(weights), [1 / 10 - 1 / 30] * 10 + [1 / 20 - 1 / 30] * 20)
