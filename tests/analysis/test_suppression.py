"""What is hidden stays hidden, whatever else is published."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pppdash.analysis.responses import SEGMENTS, arrange
from pppdash.analysis.suppression import hide, may_be_listed
from pppdash.analysis.survey import Survey, measure
from proofs import suppression as proof
from proofs.suppression import Table, attack, random_table
from tests.analysis.surveys import (
    MARGIN_COLUMNS,
    QUESTIONS,
    answers_of,
    margins_of,
    survey_of,
    waves_of,
)

MIN = 10


def _hidden(*groups: int) -> list[bool]:
    counts = np.array(groups)
    return [bool(hidden) for hidden in hide(counts[None, :], counts, MIN)[0]]


def test_large_groups_are_shown():
    assert _hidden(10, 40, 300) == [False, False, False]


def test_a_small_group_is_hidden_with_the_next_smallest():
    assert _hidden(4, 12, 40) == [True, True, False]


def test_small_groups_that_hold_enough_hide_nobody_else():
    assert _hidden(9, 8, 40, 50) == [True, True, False, False]


def test_groups_hidden_together_leave_half_as_many_again_in_doubt():
    # 9 + 9 = 18 >= 2 groups + 13; 5 + 9 = 14 is one too few, so a third group goes with them.
    assert _hidden(9, 9, 30) == [True, True, False]
    assert _hidden(5, 9, 30, 40) == [True, True, True, False]


def test_where_nothing_else_is_large_enough_all_are_hidden():
    assert _hidden(3, 50) == [True, True]


def test_a_wave_of_few_shows_nothing():
    assert hide(np.array([[1], [1]]), np.array([1]), MIN).all()
    assert hide(np.array([[4, 5]]), np.array([4, 5]), MIN).all()


def test_groups_are_hidden_for_all_questions_alike():
    # Who answered one question in full gives away who left out another.
    answers = np.array([[10, 60, 70], [9, 60, 70]])
    hidden = hide(answers, np.array([10, 60, 70]), MIN)
    assert (hidden == [[True, True, False], [True, True, False]]).all()


def test_a_question_that_most_left_out_costs_no_other_its_groups():
    answers = np.array([[100, 100, 100], [6, 30, 20]])
    hidden = hide(answers, np.array([100, 100, 100]), MIN)
    assert (hidden == [[False] * 3, [True] * 3]).all()


def test_groups_are_not_named_where_each_would_have_about_one():
    groups = np.ones(12, dtype=int)
    hidden = hide(groups[None, :], groups, MIN)
    assert hidden.all() and not may_be_listed(hidden, groups, MIN)
    groups = np.array([5, 9, 13])
    assert may_be_listed(hide(groups[None, :], groups, MIN), groups, MIN)


# -- the attacker ------------------------------------------------------------------------------


def test_no_hidden_count_is_bounded():
    rng, attacked = np.random.default_rng(4), 0
    for _ in range(60):
        table, least = random_table(rng), int(rng.choice([2, 3, 5, 10, 20]))
        for found in attack(table, least):
            attacked += 1
            assert found.is_protected(least), (least, found, table)
    assert attacked > 200


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([[4, 30, 40]], "the total less the others is the hidden one"),
        ([[10, 60, 70], [9, 60, 70]], "who left one question out shows in the other"),
    ],
)
def test_hiding_small_counts_alone_falls_to_the_attacker(answers, why, monkeypatch):
    counts = np.array(answers)
    monkeypatch.setattr(proof, "hide", lambda answers, groups, least: answers < least)
    table = Table(counts.max(axis=0), np.stack([counts, 0 * counts], axis=2))
    found = list(attack(table, MIN))
    assert found and not all(each.is_protected(MIN) for each in found), why


def test_complements_that_leave_too_little_fall_to_the_attacker(monkeypatch):
    def barely(answers: np.ndarray, groups: np.ndarray, least: int) -> np.ndarray:
        hidden = np.zeros(answers.shape, dtype=bool)
        hidden[:, np.argsort(groups)[:2]] = True
        return hidden

    monkeypatch.setattr(proof, "hide", barely)
    counts = np.array([[4, 7, 40]])
    table = Table(counts[0], np.stack([counts, 0 * counts], axis=2))
    assert not all(each.is_protected(MIN) for each in attack(table, MIN))


@pytest.mark.parametrize("segment", ["sector", "size_band"])
def test_the_samples_waves_withstand(sample, segment):
    answers = sample.query("survey_answers", as_of=sample.build.as_of)
    hidden = 0
    for _, wave in answers.groupby("wave"):
        groups = wave.drop_duplicates("respondent_id")[segment].value_counts()
        counts = pd.crosstab(wave["question_id"], wave[segment])[groups.index].to_numpy()
        top = pd.crosstab(wave["question_id"], [wave[segment]], wave["score"] >= 4, aggfunc="sum")
        high = top[groups.index].fillna(0).to_numpy().astype(int)
        table = Table(groups.to_numpy(), np.stack([counts - high, high], axis=2))
        for found in attack(table, MIN):
            hidden += 1
            assert found.is_protected(MIN), found
    assert hidden


def test_weights_take_together_just_the_groups_that_are_hidden():
    # Two complements of one size: the one that is hidden goes by its name, not by its id.
    answers = answers_of(*[("2015-10-01", f"R{i}", "useful", 1 + i % 5) for i in range(94)])
    answers["area_id"] = ["1"] * 4 + ["2"] * 20 + ["3"] * 20 + ["4"] * 50
    answers["area_name"] = answers["area_id"].map({"1": "Zoo", "2": "Yard", "3": "Xylo", "4": "A"})
    rows = [(answers["wave"][0], "area_id", area, 100.0) for area in "1234"]
    margins = pd.DataFrame(rows, columns=MARGIN_COLUMNS)
    (wave,) = arrange(answers, QUESTIONS, margins, MIN, "area_id").waves
    hidden = wave.hidden.all(axis=0)
    assert hidden.tolist() == [False, True, False, True]
    weights = pd.Series(wave.weights.values).groupby(wave.segments).unique()
    assert all(len(values) == 1 for values in weights)
    assert weights[1][0] == weights[3][0] != weights[2][0]


# -- what is published does not depend on who is in which hidden group --------------------------


def _published(answers: pd.DataFrame, margins: pd.DataFrame) -> list[Survey]:
    waves = waves_of(answers)
    return [measure(answers, QUESTIONS, waves, margins, MIN, by) for by in ("", *SEGMENTS)]


@pytest.mark.parametrize("segment", SEGMENTS)
def test_respondents_may_change_places_between_hidden_groups(segment):
    """All three segmentations, weights, errors, tests and all: not one figure moves."""
    rng = np.random.default_rng(11)
    answers = survey_of(rng, waves=3, respondents=130)
    margins = margins_of(answers)
    before = _published(answers, margins)
    shown = before[1 + SEGMENTS.index(segment)].results
    wave = answers["wave"].max()
    rows = shown[shown["wave"] == wave]
    few = sorted(set(rows.loc[rows["suppressed"], "segment"]))
    assert len(few) >= 2, "the wave must hide groups for this to say anything"
    people = answers[answers["wave"] == wave].drop_duplicates("respondent_id")
    names = "area_name" if segment == "area_id" else segment
    one, other = (people.loc[people[names] == name, "respondent_id"].to_numpy() for name in few[:2])
    moving = min(len(one), len(other))
    places = dict.fromkeys(one[:moving], few[1]) | dict.fromkeys(other[:moving], few[0])
    moved = answers.copy()
    at = (moved["wave"] == wave) & moved["respondent_id"].isin(places)
    for column in {names, segment}:
        moved.loc[at, column] = moved.loc[at, "respondent_id"].map(places)
    for first, second in zip(before, _published(moved, margins), strict=True):
        pd.testing.assert_frame_equal(first.results, second.results, rtol=0, atol=1e-9)
        pd.testing.assert_frame_equal(first.distributions, second.distributions, atol=1e-9)
        pd.testing.assert_frame_equal(first.waves, second.waves)
        assert first.remarks == second.remarks
