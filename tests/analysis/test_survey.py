from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pppdash.analysis.survey import logit_interval, moves, summarize, suppressed

QUESTIONS = pd.DataFrame(
    {
        "question_id": ["q"],
        "text": ["Useful?"],
        "theme": ["Value"],
        "scale_min": [1.0],
        "scale_max": [5.0],
    }
)
WAVES = pd.DataFrame(
    {"wave": pd.to_datetime(["2015-10-01", "2016-10-01"]), "label": ["Fall 2015", "Fall 2016"]}
)


def _results(*counts: tuple[str, int, int]) -> pd.DataFrame:
    rows = [("q", pd.Timestamp(wave), "", score, n) for wave, score, n in counts]
    return pd.DataFrame(rows, columns=["question_id", "wave", "segment", "score", "n"])


def test_mean_and_top_two():
    results = _results(("2015-10-01", 2, 10), ("2015-10-01", 4, 20), ("2015-10-01", 5, 10))
    row = summarize(results, QUESTIONS, WAVES, 10).iloc[0]
    assert (row["n"], row["mean"], row["top_two"]) == (40, 3.75, 0.75)
    assert row["top_two_low"] < 0.75 < row["top_two_high"]
    assert row["label"] == "Fall 2015" and not row["suppressed"]


def test_few_answers_are_suppressed_whole():
    row = summarize(_results(("2015-10-01", 4, 9)), QUESTIONS, WAVES, 10).iloc[0]
    assert row["suppressed"]
    assert row[["n", "mean", "top_two", "top_two_low", "top_two_high"]].isna().all()


def test_the_interval_is_that_of_a_logit_with_students_t():
    # By hand for 12 of 40: se(logit) = 1 / sqrt(p (1 - p) (n - 1)), t with 39 degrees of freedom.
    low, high = logit_interval(pd.Series([12]), pd.Series([40]))
    error = 1 / math.sqrt(0.3 * 0.7 * 39)
    for found, sign in ((low[0], -1), (high[0], 1)):
        logit = math.log(0.3 / 0.7) + sign * 2.0226909 * error
        assert found == pytest.approx(1 / (1 + math.exp(-logit)), abs=1e-7)


def test_a_share_of_one_or_nothing_still_has_an_interval():
    low, high = logit_interval(pd.Series([0, 20]), pd.Series([20, 20]))
    assert low[0] == 0 and 0.1 < high[0] < 0.2
    assert high[1] == 1 and 0.8 < low[1] < 0.9


def test_moves_compare_the_first_wave_with_the_last():
    results = _results(
        ("2015-10-01", 2, 20), ("2015-10-01", 5, 20), ("2016-10-01", 2, 10), ("2016-10-01", 5, 30)
    )
    move = moves(summarize(results, QUESTIONS, WAVES, 10)).iloc[0]
    assert (move["since"], move["before"], move["after"]) == ("Fall 2015", 0.5, 0.75)
    assert (move["change"], move["n_before"], move["n_after"]) == (0.25, 40, 40)
    assert not move["is_apart"]


def test_a_move_is_clear_only_when_the_intervals_do_not_meet():
    results = _results(
        ("2015-10-01", 2, 90), ("2015-10-01", 5, 10), ("2016-10-01", 2, 40), ("2016-10-01", 5, 60)
    )
    assert moves(summarize(results, QUESTIONS, WAVES, 10)).iloc[0]["is_apart"]


def test_one_wave_is_no_move():
    single = summarize(_results(("2016-10-01", 5, 30)), QUESTIONS, WAVES, 10)
    assert moves(single).empty
    few = _results(("2015-10-01", 5, 9), ("2016-10-01", 5, 30))
    assert moves(summarize(few, QUESTIONS, WAVES, 10)).empty


def test_the_top_two_of_two_points_are_all_and_say_nothing():
    questions = QUESTIONS.assign(scale_min=0.0, scale_max=1.0)
    row = summarize(_results(("2015-10-01", 0, 20), ("2015-10-01", 1, 20)), questions, WAVES, 10)
    assert row["mean"].iloc[0] == 0.5
    assert row[["top_two", "top_two_low", "top_two_high"]].isna().all(axis=None)


def _groups(counts: list[int]) -> pd.DataFrame:
    segments = [f"group {number}" for number in range(len(counts))]
    return pd.DataFrame(
        {"question_id": "q", "wave": WAVES["wave"][0], "segment": segments, "n": counts}
    )


def test_a_single_small_group_is_not_given_back_by_the_total():
    hidden = suppressed(_groups([120, 8, 60, 30]), 10)
    assert hidden.tolist() == [False, True, False, True]


def test_nothing_is_hidden_where_no_group_is_small():
    assert not suppressed(_groups([120, 10, 60]), 10).any()


@given(st.lists(st.integers(1, 60), min_size=1, max_size=9))
def test_what_is_hidden_is_never_one_group_nor_few_answers(counts):
    hidden = suppressed(_groups(counts), 10)
    left = [n for n, is_hidden in zip(counts, hidden, strict=True) if is_hidden]
    assert all(n >= 10 for n, is_hidden in zip(counts, hidden, strict=True) if not is_hidden)
    if left and len(counts) > 1:
        assert len(left) >= 2
        assert sum(left) >= 10 or len(left) == len(counts)
