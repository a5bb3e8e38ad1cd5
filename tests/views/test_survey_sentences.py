"""The survey's first sentence and its other words, right in every state of the results."""

from __future__ import annotations

import pandas as pd
import pytest

from pppdash.views import answers, survey_sentences
from tests.views.surveys import FIRST_ON, around, survey_of

NO_SCORES = pd.DataFrame(columns=["question_id", "text", "wave", "area_id", "score"])
THREE = ("2014-10-15", "2015-10-15", "2016-10-15")


def say(found, scores=NO_SCORES, first=FIRST_ON):
    latest = answers.of_last_wave(found.results)
    return survey_sentences.headline(latest, found.waves, scores, first)


def waves_of(**means):
    """Three waves of questions by the means of each wave."""
    return {
        day: {question: around(given[i]) for question, given in means.items()}
        for i, day in enumerate(THREE)
    }


@pytest.mark.parametrize(
    ("means", "expected"),
    [
        (
            {"up": (2, 3, 4), "up_too": (2, 3, 3), "down": (4, 3, 3), "flat": (3, 3, 3)},
            "Answers got better on 2 of 4 questions, most on “Up”, and worse on 1, “Down”.",
        ),
        (
            {"up": (2, 3, 4), "flat": (3, 3, 3)},
            "Answers got better on 1 of 2 questions, “Up”, and worse on none.",
        ),
        (
            {"down": (4, 3, 2), "flat": (3, 3, 3)},
            "Answers got worse on 1 of 2 questions, “Down”, and better on none.",
        ),
        (
            {"up": (2, 3, 4), "up_too": (2, 3, 3)},
            "Answers got better on all 2 questions, most on “Up”.",
        ),
        ({"up": (2, 3, 4)}, "Answers to the one question, “Up”, got better."),
        ({"down": (4, 3, 2)}, "Answers to the one question, “Down”, got worse."),
        (
            {"flat": (3, 3, 3), "even": (2, 2, 2)},
            "No detectable change from Wave 2014 to Wave 2016 in any of 2 questions: better or "
            "worse cannot be told.",
        ),
        (
            {"flat": (3, 3, 3)},
            "No detectable change from Wave 2014 to Wave 2016 in the one question compared: "
            "better or worse cannot be told.",
        ),
    ],
)
def test_whether_answers_got_better(means, expected):
    found = survey_of(waves_of(**means), (200, 200, 200))
    assert (
        say(found) == f"{expected} As large a share answered as in Wave 2014: 30% of those asked."
    )


def test_a_question_of_one_wave_is_not_said_to_have_been_compared():
    waves = waves_of(flat=(3, 3, 3), even=(2, 2, 2))
    waves["2016-10-15"]["new"] = around(4)
    assert "in any of the 2 questions that can be compared" in say(survey_of(waves))


def test_a_question_that_is_no_longer_asked_is_not_counted():
    waves = waves_of(up=(2, 3, 4), gone=(4, 3, 2))
    del waves["2016-10-15"]["gone"]
    assert say(survey_of(waves)).startswith("Answers to the one question, “Up”, got better.")


@pytest.mark.parametrize(
    ("invited", "sizes", "expected"),
    [
        ((100, 100), (60, 60), "As large a share answered as in Wave 2015: 60% of those asked."),
        ((100, 100), (60, 30), "Fewer of those asked answered: 30%, after 60% in Wave 2015."),
        ((100, 100), (30, 60), "More of those asked answered: 60%, after 30% in Wave 2015."),
        # More people, and yet fewer of those asked.
        ((100, 400), (60, 90), "Fewer of those asked answered: 22%, after 60% in Wave 2015."),
        (
            (None, None),
            (60, 30),
            "30 answered, fewer than the 60 of Wave 2015; how many were asked is unknown.",
        ),
        (
            (None, 100),
            (30, 60),
            "60 answered, more than the 30 of Wave 2015; how many were asked is unknown.",
        ),
        (
            (None, None),
            (60, 60),
            "60 answered, as in Wave 2015; how many were asked is unknown.",
        ),
        ((100, 100), (60, 6), "Who answered in Wave 2016 is suppressed: too few."),
        ((100, 100), (6, 60), "60% of those asked answered in Wave 2016."),
    ],
)
def test_whether_fewer_answered(invited, sizes, expected):
    waves = {day: {"q": around(3, n)} for day, n in zip(THREE[1:], sizes, strict=True)}
    found = survey_of(waves, invited)
    assert survey_sentences.participation(found.waves) == expected
    assert say(found).endswith(expected)


def test_one_wave():
    said = say(survey_of({"2016-10-15": {"q": around(3)}}, (200,)))
    assert said == (
        "It is too early to tell: Wave 2016 is the first wave, with none before it. 30% of those "
        "asked answered in Wave 2016."
    )
    unknown = say(survey_of({"2016-10-15": {"q": around(3)}}))
    assert unknown.endswith("60 answered in Wave 2016; how many were asked is unknown.")


def test_two_waves_of_which_no_question_has_two():
    waves = {"2015-10-15": {"a": around(3)}, "2016-10-15": {"b": around(4)}}
    assert say(survey_of(waves)).startswith("No question has answers enough in two waves")


@pytest.mark.parametrize("after", [5, 3])
def test_answers_all_alike_are_enough_and_tell_no_change_from_chance(after):
    said = say(survey_of({"2015-10-15": {"a": [5] * 30}, "2016-10-15": {"a": [after] * 30}}))
    assert said.startswith("Answers differ too little from one another for a change to be told")


def test_everything_suppressed():
    few = survey_of({day: {"q": around(3, 6)} for day in THREE}, (100, 100, 100))
    assert say(few) == (
        "Too few answered for a result to be shown: better or worse cannot be told."
    )


def test_before_the_first_wave_and_without_a_survey():
    none = survey_of({})
    assert say(none) == "No wave had been held by this date; the first is of 15 October 2014."
    assert say(none, first=None) == "No survey has been brought."


def scores_of(*rows):
    return pd.DataFrame(rows, columns=["question_id", "text", "wave", "area_id", "score"]).assign(
        wave=lambda frame: pd.to_datetime(frame["wave"])
    )


def test_published_averages_compare_each_question_with_its_own_first_wave():
    scores = scores_of(
        ("s", "Safety", "2017-11-01", "1", 58.0),
        ("s", "Safety", "2020-06-01", "1", 60.0),
        ("s", "Safety", "2021-07-01", "1", 57.0),
        ("r", "Respect", "2020-06-01", "1", 70.0),
        ("r", "Respect", "2021-07-01", "1", 62.0),
        ("r", "Respect", "2020-06-01", "Whole city", 50.0),
        ("r", "Respect", "2021-07-01", "Whole city", 90.0),
    )
    none = survey_of({})
    assert say(none, scores) == (
        "“Respect” fell most, the areas’ median from 70 to 62, from June 2020 to July 2021. How "
        "many answered is not published, so better or worse cannot be told from chance."
    )
    city = say(none, scores.iloc[5:])
    assert "“Respect” rose most, the city’s average from 50 to 90" in city
    safety_by_area = say(none, scores.iloc[[0, 5, 6]])
    assert "“Respect” rose most, the city’s average from 50 to 90" in safety_by_area


def test_published_averages_of_two_questions_with_one_text_stay_apart_and_may_not_move():
    scores = scores_of(
        ("a", "Safety", "2017-11-01", "1", 50.0),
        ("a", "Safety", "2021-07-01", "1", 50.2),
        ("b", "Safety", "2017-11-01", "1", 90.0),
    )
    said = say(survey_of({}), scores)
    assert said.startswith("No published average has moved: “Safety” stayed at 50 from November")
    one = say(survey_of({}), scores.iloc[2:])
    assert one == "1 question with published averages of one wave: there is none to compare with."


def test_who_was_asked_and_what_weights_leave_out():
    waves = waves_of(q=(3, 3, 3))
    asked, weighted = survey_sentences.who(
        survey_of(waves, (200, 300, 400), margins=[("small", 700), ("large", 300)]).waves
    )
    assert asked.startswith("400 were asked in Wave 2016, 200 to 300 in the 2 waves before it. ")
    assert "can speak for those who were never asked" in asked
    assert weighted == "Answers are weighted to the known totals by size."
    asked, weighted = survey_sentences.who(survey_of(waves).waves)
    assert asked.startswith("Who was asked, and how many, is not on record.")
    assert weighted == "Answers are not weighted: no known totals could be used."


def test_what_is_said_of_a_suppressed_wave_holds_no_number_of_it():
    found = survey_of({"2015-10-15": {"q": around(3)}, "2016-10-15": {"q": around(3, 6)}}, (90, 95))
    last = list(found.waves.itertuples())[-1]
    said = survey_sentences.of_asked(last, 10)
    assert said.startswith("answers suppressed (under 10 answers, or")
    assert said.endswith("95 asked")
    assert survey_sentences.answered(found.waves) == "Too few answered in Wave 2016 to say how many"
