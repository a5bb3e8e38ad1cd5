"""Many questions at once: p adjusted for those that were asked, and for no others."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from pppdash.analysis.discovery import q_values
from pppdash.analysis.spread import Spread


@pytest.mark.parametrize("shape", [(12,), (3, 4)])
def test_q_is_that_of_statsmodels_over_what_was_tested(shape):
    p = np.random.default_rng(1995).uniform(0, 0.2, shape)
    p.flat[[2, 7]] = np.nan
    known = np.isfinite(p)
    q = q_values(p)
    assert q.shape == shape
    np.testing.assert_allclose(q[known], multipletests(p[known], method="fdr_bh")[1])
    assert np.isnan(q[~known]).all()


@pytest.mark.parametrize("p", [[], [np.nan, np.nan]])
def test_where_nothing_was_tested_there_is_no_q(p):
    assert np.isnan(q_values(p)).all()


def test_a_p_stays_within_0_and_1_where_weights_round_to_more_than_one():
    weights = np.full(3, (1 + 1e-15) / 3)
    assert weights.sum() > 1
    ones = np.ones((1, 3))
    spread = Spread(np.array([9.0]), ones, 1e-3 * ones, weights, 30)
    assert spread.p_values(np.array([500.0])) == 0.0
