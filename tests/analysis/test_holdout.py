"""The holdout: drawn fairly, the same each time, and compared with an interval that holds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep, power_proportions_2indep

from pppdash.analysis.outreach import holdout
from proofs.outreach import Campaign, run, smallest


def labels(seed: int, owners: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    area = rng.choice(list("abcdefgh"), owners, p=[0.4, 0.2, 0.1, 0.1, 0.1, 0.05, 0.03, 0.02])
    return area.astype(object), rng.choice(list("xyz"), owners).astype(object)


@pytest.mark.parametrize("share", [0.1, 0.2, 0.5])
def test_every_stratum_gives_its_share(share):
    area, sector = labels(1, 600)
    stratum = holdout.strata(area, sector, share)
    held = holdout.draw(area, sector, share, 7)
    sizes = np.bincount(stratum)
    assert (np.abs(np.bincount(stratum, held) - share * sizes) < 1).all()
    assert (sizes * share >= holdout.LEAST_HELD).all()
    assert len(sizes) > 1
    assert abs(held.sum() - share * 600) < 1
    cells = pd.DataFrame({"area": area, "sector": sector, "held": held})
    each = cells.groupby([stratum, "area", "sector"])["held"].agg(["sum", "size"])
    assert (np.abs(each["sum"] - share * each["size"]) < 1).all()


def test_every_owner_has_the_same_chance():
    area, sector = labels(2, 60)
    times = sum(holdout.draw(area, sector, 0.3, seed).astype(int) for seed in range(1_500))
    assert np.abs(times / 1_500 - 0.3).max() < 0.06


def test_the_same_seed_draws_the_same_owners():
    area, sector = labels(3, 200)
    assert (holdout.draw(area, sector, 0.2, 5) == holdout.draw(area, sector, 0.2, 5)).all()
    assert (holdout.draw(area, sector, 0.2, 5) != holdout.draw(area, sector, 0.2, 6)).any()


def test_few_owners_are_one_stratum():
    assert holdout.strata(*labels(4, 6), 0.2).tolist() == [0] * 6


def test_one_stratum_is_newcombes_interval():
    """Newcombe (1998), table II, contrast (a): 56/70 less 48/80 is 0.0524 to 0.3339."""
    is_holdout = np.repeat([False, True], [70, 80])
    enrolled = np.concatenate([np.arange(70) < 56, np.arange(80) < 48])
    found = holdout.compare(np.zeros(150, dtype=int), is_holdout, enrolled)
    assert found.value == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    reference = confint_proportions_2indep(56, 70, 48, 80, method="newcomb")
    assert (found.low, found.high) == pytest.approx(reference)


def test_strata_are_weighted_by_their_owners():
    stratum = np.repeat([0, 1], [40, 120])
    is_holdout = np.tile([True, False], 80)
    enrolled = (stratum == 0) & ~is_holdout
    found = holdout.compare(stratum, is_holdout, enrolled)
    assert found.value == pytest.approx(0.25)
    assert found.low < 0.25 < found.high


def test_a_stratum_without_one_arm_cannot_be_compared():
    with pytest.raises(ValueError, match="nobody in one of the arms"):
        holdout.compare(np.array([0, 0, 1]), np.array([True, False, False]), np.zeros(3, bool))


def test_the_interval_holds_the_truth_and_sees_what_it_promises():
    campaign = Campaign(500, 0.3, 0.1, 0.15)
    runs = [run(campaign, seed)[0] for seed in range(120)]
    assert np.mean(runs) > 0.89  # 95% of 120, less three standard errors
    at_least = Campaign(500, 0.3, 0.1, smallest(campaign))
    seen = [run(at_least, seed)[1] for seed in range(120)]
    assert 0.69 < np.mean(seen) < 0.91


def test_the_smallest_difference_has_the_power_that_was_asked():
    least = holdout.smallest_detectable(160, 40, 0.05)
    assert power_proportions_2indep(least, 0.05, 160, ratio=0.25).power == pytest.approx(0.8)
    assert holdout.smallest_detectable(1_600, 400, 0.05) < least
    assert np.isnan(holdout.smallest_detectable(10, 0, 0.05))
    assert np.isnan(holdout.smallest_detectable(2, 1, 0.9))
