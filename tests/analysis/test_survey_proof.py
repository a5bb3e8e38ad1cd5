"""Little versions of ``python -m proofs survey``, whose tables stand in docs/methods.md."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from proofs.survey import FLAT, QUESTIONS, Plan, attacks, calls, coverage, reasoned


def _chance(happened: int, tries: int, limit: float) -> float:
    """How likely as many or more are, if each happens at the limit."""
    return float(stats.binom.sf(happened - 1, tries, limit))


@pytest.mark.parametrize("again", [0.0, 1.0])
def test_flat_questions_are_not_called(again: float):
    found = calls(Plan(3, 60, again, False), surveys=120, seed=1)
    for name in ("trends", "changes"):
        assert _chance(int((found[name] > 0).sum()), len(found), 0.05) > 0.001, name


def test_weights_keep_a_flat_question_flat_where_who_answers_drifts():
    weighted = calls(Plan(3, 300, 0.5, True), surveys=80, seed=2)
    assert _chance(int((weighted["trends"] > 0).sum()), len(weighted), 0.05) > 0.001


def test_planted_trends_are_found():
    plan = Plan(4, 150, 0.3, True, (0.0,) * 5 + (0.2,) * 4)
    found = calls(plan, surveys=40, seed=3)
    assert found["found"].sum() > 0.95 * 4 * len(found)


@pytest.mark.parametrize("is_weighted", [False, True])
def test_intervals_hold_the_truth(is_weighted: bool):
    held = coverage(100, is_weighted, 0.4, draws=800, seed=4)
    assert (np.abs(held - 0.95) < 0.025).all(), held


def test_hidden_counts_withstand():
    found = list(attacks(10, tables=40, seed=5))
    assert len(found) > 50 and all(is_protected for is_protected, _ in found)


def test_who_reasons_about_the_rule_finds_ranges_that_hold_the_truth():
    found, kept = reasoned(10, tables=10, seed=6)
    assert all(each.low <= each.count <= each.high for each in found)
    assert 0 < kept < 1  # this attacker is stronger than what is promised, and not all-knowing


def test_every_setting_has_as_many_slopes_as_questions():
    assert all(len(plan.slopes) == QUESTIONS for plan in FLAT)
