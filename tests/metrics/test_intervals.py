from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pppdash.metrics.intervals import shrink, wilson


@pytest.mark.parametrize(
    ("enrolled", "targets", "low", "high"),
    [(1200, 10_000, 0.114, 0.127), (0, 5, 0.0, 0.43), (5, 5, 0.57, 1.0)],
)
def test_wilson_gives_the_published_figures(enrolled, targets, low, high):
    found_low, found_high = wilson(pd.Series([enrolled]), pd.Series([targets]))
    assert round(found_low[0], 3) == pytest.approx(low, abs=0.005)
    assert round(found_high[0], 3) == pytest.approx(high, abs=0.005)


def test_wilson_of_nothing_is_unknown():
    low, high = wilson(pd.Series([0]), pd.Series([0]))
    assert low.isna().all() and high.isna().all()


cells = st.lists(
    st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1
)


@given(cells)
def test_shrinking_stays_a_share_and_moves_towards_the_whole(pairs):
    enrolled = pd.Series([x for x, _ in pairs])
    targets = pd.Series([n for _, n in pairs])
    shrunken = shrink(enrolled, targets)
    if targets.sum() == 0:
        assert shrunken.isna().all()
        return
    whole = enrolled.sum() / targets.sum()
    held = targets > 0
    raw = enrolled[held] / targets[held]
    assert shrunken[~held].isna().all()
    assert shrunken[held].between(0, 1).all()
    assert ((shrunken[held] - whole).abs() <= (raw - whole).abs() + 1e-12).all()


def test_an_end_at_nobody_or_everybody_is_exact():
    low, high = wilson(pd.Series([0, 50, 0]), pd.Series([50, 50, 0]))
    assert (low[0], high[1]) == (0, 1)
    assert pd.isna([low[2], high[2]]).all()


def test_a_zero_of_three_is_pulled_further_than_a_zero_of_sixty():
    enrolled = pd.Series([0, 0, 30, 2, 25, 1])
    targets = pd.Series([3, 60, 60, 40, 50, 45])
    shrunken = shrink(enrolled, targets)
    assert shrunken[0] > shrunken[1]


def test_shrinking_equals_the_formula_of_martuzzi_and_elliott():
    # By hand: m = 12/40, mean n = 40/3, s² = Σ n (p - m)² / N = 2.2/40,
    # between = s² - m(1 - m)/mean n, weight = between / (between + m(1 - m)/n).
    enrolled, targets = pd.Series([1, 1, 10]), pd.Series([10, 10, 20])
    m = 0.3
    s2 = (10 * 0.04 + 10 * 0.04 + 20 * 0.04) / 40
    between = s2 - m * 0.7 / (40 / 3)
    weight = [between / (between + m * 0.7 / n) for n in (10, 10, 20)]
    expected = [m + w * (p - m) for w, p in zip(weight, (0.1, 0.1, 0.5), strict=True)]
    assert shrink(enrolled, targets).tolist() == pytest.approx(expected)
