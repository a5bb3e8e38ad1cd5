"""What a survey's results say, and what they do not pretend to know."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from pppdash.analysis.survey import (
    BETTER,
    NO_CHANGE,
    RESULT_COLUMNS,
    TOO_LITTLE,
    WORSE,
    Survey,
    measure,
)
from pppdash.errors import UsageError
from tests.analysis.surveys import (
    MARGIN_COLUMNS,
    NO_MARGINS,
    QUESTIONS,
    answers_of,
    margins_of,
    survey_of,
    waves_of,
)

FIGURES = RESULT_COLUMNS[RESULT_COLUMNS.index("n") : RESULT_COLUMNS.index("verdict")]


def _measure(answers: pd.DataFrame, margins: pd.DataFrame = NO_MARGINS, **others) -> Survey:
    waves = others.pop("waves", waves_of(answers))
    return measure(answers, QUESTIONS, waves, margins, others.pop("least", 10), **others)


def _wave(day: str, question: str, scores: list[float], first: int = 0) -> pd.DataFrame:
    rows = [(day, f"R{first + i}", question, score) for i, score in enumerate(scores)]
    return answers_of(*rows)


def _row(survey: Survey, question: str = "useful") -> pd.Series:
    return survey.results[survey.results["question_id"] == question].iloc[-1]


# -- figures -----------------------------------------------------------------------------------


def test_mean_top_two_and_their_intervals():
    row = _row(_measure(_wave("2015-10-01", "useful", [2] * 10 + [4] * 20 + [5] * 10)))
    assert (row["n"], row["n_effective"], row["mean"], row["top_two"]) == (40, 40, 3.75, 0.75)
    # By hand: t with 39 degrees of freedom, s of 10 twos, 20 fours, 10 fives.
    reach = 2.0226909 * math.sqrt((10 * 1.75**2 + 20 * 0.25**2 + 10 * 1.25**2) / 39 / 40)
    assert row["mean_high"] - row["mean"] == pytest.approx(reach, abs=1e-7)
    error = 1 / math.sqrt(0.75 * 0.25 * 39)
    low = 1 / (1 + math.exp(-(math.log(3) - 2.0226909 * error)))
    assert row["top_two_low"] == pytest.approx(low, abs=1e-7)


def test_net_score_of_a_recommend_question():
    scores = [10] * 12 + [9] * 8 + [8] * 10 + [7] * 5 + [6] * 3 + [0] * 2
    row = _row(_measure(_wave("2015-10-01", "recommend", scores)), "recommend")
    promoters, detractors = 20 / 40, 5 / 40
    net = promoters - detractors
    error = math.sqrt((promoters + detractors - net**2) / 40)
    assert row["net_score"] == pytest.approx(net)
    assert row["net_high"] == pytest.approx(net + 2.0226909 * error, abs=1e-7)


def test_only_recommend_questions_have_a_net_score():
    assert math.isnan(_row(_measure(_wave("2015-10-01", "useful", [5] * 6 + [1] * 6)))["net_score"])


def test_a_recommend_question_on_another_scale_has_none_and_says_so():
    answers = _wave("2015-10-01", "recommend", [1, 2, 3, 4, 5] * 4)
    questions = QUESTIONS.assign(scale_min=1.0, scale_max=5.0)
    found = measure(answers, questions, waves_of(answers), NO_MARGINS, 10)
    assert math.isnan(_row(found, "recommend")["net_score"])
    assert found.remarks == ("recommend: a net score needs a scale of 0 to 10, so none is given.",)


def test_response_rate_is_known_where_the_invited_are():
    answers = _wave("2015-10-01", "useful", [1, 5] * 10)
    asked = _measure(answers, waves=waves_of(answers, invited=80))
    assert _row(asked)["response_rate"] == asked.waves["response_rate"][0] == 0.25
    assert math.isnan(_row(_measure(answers))["response_rate"])
    fewer = _measure(answers, waves=waves_of(answers, invited=10))  # more answered than were asked
    assert math.isnan(_row(fewer)["response_rate"])


def test_weights_give_each_group_its_known_share():
    answers = _wave("2015-10-01", "useful", [5] * 30 + [1] * 10)
    answers["size_band"] = ["small"] * 30 + ["large"] * 10
    totals = [("size_band", "small", 100.0), ("size_band", "large", 300.0)]
    rows = [(answers["wave"][0], *total) for total in totals]
    found = _measure(answers, pd.DataFrame(rows, columns=MARGIN_COLUMNS))
    assert _row(found)["mean"] == pytest.approx(0.25 * 5 + 0.75 * 1)
    weights = np.array([100 / 30] * 30 + [300 / 10] * 10)
    assert _row(found)["n_effective"] == pytest.approx(weights.sum() ** 2 / (weights**2).sum())
    assert found.waves["weighted_to"][0] == "size_band"


# -- movement ----------------------------------------------------------------------------------


def test_change_of_other_people_is_welchs_error():
    rng = np.random.default_rng(1)
    first, second = rng.integers(1, 6, 40).astype(float), rng.integers(1, 6, 60).astype(float)
    answers = pd.concat(
        [
            _wave("2015-10-01", "useful", list(first)),
            _wave("2016-10-01", "useful", list(second), 100),
        ]
    )
    row = _row(_measure(answers))
    expected = stats.ttest_ind(second, first, equal_var=False)
    assert row["change"] == pytest.approx(second.mean() - first.mean())
    assert row["change_q"] == pytest.approx(expected.pvalue)
    assert row["change_since"] == pd.Timestamp("2015-10-01")


def test_change_of_the_same_people_is_that_of_pairs():
    rng = np.random.default_rng(2)
    first = rng.integers(1, 5, 50).astype(float)
    second = np.clip(first + rng.integers(0, 2, 50), 1, 5)
    answers = pd.concat(
        [_wave("2015-10-01", "useful", list(first)), _wave("2016-10-01", "useful", list(second))]
    )
    row = _row(_measure(answers))
    expected = stats.ttest_rel(second, first)
    assert row["change_q"] == pytest.approx(expected.pvalue, rel=0.05)  # Welch's degrees, halved
    assert row["verdict"] == BETTER


def test_trend_is_the_weighted_linear_model_clustered_on_the_respondent():
    rng = np.random.default_rng(3)
    answers = survey_of(rng, waves=4, respondents=150)
    rows = answers[answers["question_id"] == "useful"]
    found = _row(_measure(answers))
    years = rows["wave"].map(pd.Timestamp.toordinal) / 365.25
    model = sm.OLS(rows["score"].to_numpy(), sm.add_constant(years.to_numpy()))
    groups = pd.factorize(rows["respondent_id"])[0]
    fitted = model.fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
    assert found["trend_per_year"] == pytest.approx(fitted.params[1], abs=1e-9)
    alone = measure(rows, QUESTIONS, waves_of(rows), NO_MARGINS, 10)
    # Ours takes each wave about its own mean, theirs about the line: near, not equal.
    assert _row(alone)["trend_q"] == pytest.approx(fitted.pvalues[1], abs=0.03)


def test_q_is_adjusted_over_the_questions_of_a_wave():
    answers = survey_of(np.random.default_rng(5), waves=2, respondents=200)
    together = _measure(answers).results.query("wave == '2014-10-01'")
    alone = [
        _row(_measure(answers[answers["question_id"] == name]), name)["change_q"]
        for name in together["question_id"]
    ]
    np.testing.assert_allclose(together["change_q"], stats.false_discovery_control(alone))


@pytest.mark.parametrize(("shift", "verdict"), [(1, BETTER), (-1, WORSE), (0, NO_CHANGE)])
def test_verdict(shift: int, verdict: str):
    scores = [2, 3, 4] * 20
    answers = pd.concat(
        [
            _wave("2015-10-01", "useful", scores),
            _wave("2016-10-01", "useful", [score + shift for score in scores], 100),
        ]
    )
    assert _row(_measure(answers))["verdict"] == verdict


def test_a_wave_that_is_hidden_is_passed_over():
    answers = pd.concat(
        [
            _wave("2014-10-01", "useful", [2, 3, 4] * 10),
            _wave("2015-10-01", "useful", [5] * 9, 100),
            _wave("2016-10-01", "useful", [3, 4, 5] * 10, 200),
        ]
    )
    found = _measure(answers)
    assert found.results["suppressed"].tolist() == [False, True, False]
    assert _row(found)["change_since"] == pd.Timestamp("2014-10-01")
    # What the hidden wave said has no part in the trend.
    otherwise = answers.assign(score=answers["score"].where(answers["wave"].dt.year != 2015, 1.0))
    pd.testing.assert_frame_equal(found.results, _measure(otherwise).results)


def test_an_earlier_date_says_what_was_true_then():
    answers = survey_of(np.random.default_rng(6), waves=3, respondents=120)
    early = answers[answers["wave"] < "2015"]
    whole = _measure(answers, margins_of(answers), segment="sector").results
    then = _measure(early, margins_of(answers), segment="sector").results
    same = whole[whole["wave"] < "2015"].reset_index(drop=True)
    pd.testing.assert_frame_equal(same, then)


# -- what is hidden ----------------------------------------------------------------------------


def test_suppressed_rows_hold_no_figure():
    found = _measure(survey_of(np.random.default_rng(7), 3, 120), segment="sector")
    hidden = found.results[found.results["suppressed"]]
    assert len(hidden)
    assert hidden[FIGURES].isna().all(axis=None)
    assert (hidden["verdict"] == TOO_LITTLE).all()
    keys = ["question_id", "wave", "segment"]
    shown = set(found.results.loc[~found.results["suppressed"], keys].itertuples(index=False))
    assert set(found.distributions[keys].itertuples(index=False)) == shown


def test_distributions_add_up():
    found = _measure(survey_of(np.random.default_rng(8), 2, 90))
    sums = found.distributions.groupby(["question_id", "wave", "segment"])[["n", "share"]].sum()
    shown = found.results.set_index(["question_id", "wave", "segment"])["n"]
    assert (sums["n"] == shown[sums.index].astype(int)).all()
    np.testing.assert_allclose(sums["share"], 1)


def test_a_wave_of_one_respondent_says_not_even_that():
    answers = _wave("2015-10-01", "useful", [4])
    found = _measure(answers, waves=waves_of(answers, invited=50))
    assert _row(found)["suppressed"]
    wave = found.waves.iloc[0]
    assert wave["suppressed"] and wave["respondents"] is pd.NA and math.isnan(wave["response_rate"])
    assert found.distributions.empty


# -- bad input ---------------------------------------------------------------------------------


def test_no_answers_are_no_rows():
    nothing = answers_of(*[]).astype({"score": "float64"})
    found = _measure(nothing, waves=waves_of(nothing), segment="sector")
    assert list(found.results.columns) == RESULT_COLUMNS
    assert found.results.empty and found.distributions.empty and found.waves.empty


def test_a_wave_that_nobody_answered_is_still_a_wave():
    nothing = answers_of(*[]).astype({"score": "float64"})
    waves = waves_of(_wave("2015-10-01", "useful", [1]), invited=90)
    found = _measure(nothing, waves=waves)
    assert found.waves["suppressed"].tolist() == [True]
    assert found.waves["invited"].tolist() == [90]


def test_other_segmentations_are_refused():
    with pytest.raises(UsageError, match="sector, size_band, area_id, not by owner"):
        _measure(_wave("2015-10-01", "useful", [1, 2]), segment="owner")


def test_scores_outside_their_scale_are_left_out_and_counted():
    answers = _wave("2015-10-01", "useful", [1, 5] * 10 + [7, -3, 0])
    found = _measure(answers)
    assert (_row(found)["n"], _row(found)["mean"]) == (20, 3)
    assert found.remarks == (
        "3 answers lie outside the scale of their question; they are left out.",
    )


def test_answers_given_twice_count_once():
    answers = _wave("2015-10-01", "useful", [1, 5] * 10)
    found = _measure(pd.concat([answers, answers.assign(score=3.0)]))
    assert (_row(found)["n"], _row(found)["mean"]) == (20, 3)
    assert "20 answers were given twice by one respondent in one wave" in found.remarks[0]


def test_answers_to_questions_that_are_not_listed_are_left_out():
    answers = pd.concat(
        [_wave("2015-10-01", "useful", [1, 5] * 10), _wave("2015-10-01", "unknown", [1, 5])]
    )
    found = _measure(answers)
    assert set(found.results["question_id"]) == {"useful"}
    assert "2 answers are to questions that the survey does not list" in found.remarks[0]


@pytest.mark.parametrize("missing", [math.nan, math.inf])
def test_missing_scores_are_no_answers(missing: float):
    found = _measure(_wave("2015-10-01", "useful", [1, 5] * 10 + [missing] * 5))
    assert _row(found)["n"] == 20


def test_answers_all_alike_have_no_error_to_go_by():
    answers = pd.concat(
        [
            _wave("2015-10-01", "recommend", [0] * 20),
            _wave("2016-10-01", "recommend", [1] * 20, 100),
        ]
    )
    row = _row(_measure(answers), "recommend")
    assert (row["mean"], row["change"]) == (1, 1)
    assert row[["mean_low", "mean_high", "change_q", "trend_q"]].isna().all()
    assert row["verdict"] == TOO_LITTLE
    assert row["top_two"] == row["top_two_low"] == 0 and 0.1 < row["top_two_high"] < 0.2


def test_the_top_two_of_two_points_are_all_and_say_nothing():
    answers = _wave("2015-10-01", "useful", [0, 1] * 10)
    questions = QUESTIONS.assign(scale_min=0.0, scale_max=1.0)
    row = _row(measure(answers, questions, waves_of(answers), NO_MARGINS, 10))
    assert row["mean"] == 0.5
    assert row[["top_two", "top_two_low", "top_two_high"]].isna().all()


def _with_margins(*rows: tuple[str, str, float]) -> Survey:
    answers = _wave("2015-10-01", "useful", [1, 2, 3, 4, 5] * 12)
    answers["size_band"] = ["small"] * 40 + ["large"] * 20
    wave = answers["wave"][0]
    return _measure(answers, pd.DataFrame([(wave, *row) for row in rows], columns=MARGIN_COLUMNS))


@pytest.mark.parametrize(
    ("margins", "said", "weighted_to"),
    [
        (
            [("size_band", "small", 9.0), ("size_band", "large", 9.0), ("size_band", "huge", 9.0)],
            "nobody of size_band huge answered, so no weight speaks for it",
            "size_band",
        ),
        (
            [("size_band", "small", 9.0)],
            "not weighted to size_band, as its known totals leave out groups that answered",
            "",
        ),
        (
            [("size_band", "small", 9.0), ("size_band", "large", 0.0)],
            "not weighted to size_band, as a group that answered has no known total above 0",
            "",
        ),
        (
            [("sector", "Energy", 40.0), ("sector", "Dams", 60.0)],
            "not weighted to sector, as too few groups answered for weights to tell apart",
            "",
        ),
        ([("age", "young", 40.0)], "not weighted to age, which the answers do not tell", ""),
    ],
)
def test_margins_that_do_not_fit_are_said(margins, said, weighted_to):
    found = _with_margins(*margins)
    assert f"Wave of 1 October 2015: {said}." in found.remarks
    assert found.waves["weighted_to"].tolist() == [weighted_to]
    assert np.isfinite(_row(found)["mean"])


def test_margins_that_no_weights_meet_are_said():
    answers = _wave("2015-10-01", "useful", [1, 2, 3, 4, 5] * 12)
    answers["size_band"] = ["small"] * 40 + ["large"] * 20
    answers["sector"] = answers["size_band"].map({"small": "Dams", "large": "Energy"})
    rows = [("size_band", "small", 5.0), ("size_band", "large", 5.0)]
    rows += [("sector", "Dams", 2.0), ("sector", "Energy", 8.0)]
    margins = pd.DataFrame([(answers["wave"][0], *row) for row in rows], columns=MARGIN_COLUMNS)
    found = _measure(answers, margins)
    assert "no weights meet all known totals at once" in found.remarks[0]
    assert _row(found)["n_effective"] == 60


def test_two_areas_of_one_name_are_told_apart():
    answers = _wave("2015-10-01", "useful", [1, 5] * 20)
    answers["area_id"] = ["1"] * 20 + ["2"] * 20
    found = _measure(answers, segment="area_id")
    assert found.results["segment"].tolist() == ["North (1)", "North (2)"]
