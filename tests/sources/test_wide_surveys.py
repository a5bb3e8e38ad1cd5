"""Surveys with one column a question, and the questions that city.toml states for them."""

from __future__ import annotations

import pytest

from tests.helpers import LittleCity, assert_published, assert_refused

ANSWERS = "day,id,q1,q2\n2016-01-01,1,1,2\n2016-01-01,2,9,5\n2016-01-01,3,,4\n"
QUESTIONS = 'q1 = { text = "One?", scale = [1, 5] }\nq2 = { text = "Two?", scale = [1, 5] }'


def wide(
    city: LittleCity,
    answers: str,
    questions: str = QUESTIONS,
    *,
    entity: str = "survey_responses",
    more: str = 'not_answered = ["9"]',
) -> None:
    who = "area_id" if entity == "survey_scores" else "respondent_id"
    city.write(f"{entity}.csv", answers)
    city.set(f"sources.{entity}", f'path = "{entity}.csv"\nlayout = "wide"\n{more}')
    city.set(f"sources.{entity}.columns", f'wave = "day"\n{who} = "id"')
    city.set(f"sources.{entity}.questions", questions)


def results(city: LittleCity) -> dict[str, dict[float, int]]:
    found: dict[str, dict[float, int]] = {}
    for row in city.query("survey_answers", as_of=city.filters["as_of"]):
        counts = found.setdefault(row["question_id"], {})
        counts[row["score"]] = counts.get(row["score"], 0) + 1
    return found


def test_rows_are_counted_in_respondents(city: LittleCity):
    wide(city, ANSWERS)
    report = assert_published(city)
    assert (report.tallies["survey_responses"].read, report.tallies["survey_responses"].kept) == (
        3,
        3,
    )
    assert report.tallies["survey_questions"].kept == 2
    assert results(city) == {"q1": {1: 1}, "q2": {2: 1, 4: 1, 5: 1}}


def test_one_bad_answer_rejects_its_respondent_and_names_the_question(city: LittleCity):
    more = "2016-01-01,4,7,2\n2016-01-01,5,1,x\n2016-01-01,1,1,2\n"
    wide(city, ANSWERS + more)
    assert_refused(city, "survey_responses: 3 of 6 rows were rejected")
    assert [
        (row["row"], row["column"], row["value"], row["reason"].split(";")[0])
        for row in city.rejected("survey_responses")
    ] == [
        ("5", "q1", "7", "lies outside its question's scale of 1 to 5"),
        ("6", "q2", "x", "is not a number"),
        (
            "7",
            "wave",
            "2016-01-01",
            "repeats the wave + respondent_id + question_id of row 2 of survey_responses.csv",
        ),
    ]


def test_question_that_is_no_column_is_named_with_what_was_meant(city: LittleCity):
    wide(city, ANSWERS.replace("q2", "q_2"))
    assert_refused(city, "questions.q2 is not a column of", "did you mean q_2?")


def test_headers_may_differ_in_case(city: LittleCity):
    wide(city, ANSWERS.replace("q2", "Q2"))
    assert_published(city)
    assert results(city)["q2"] == {2: 1, 4: 1, 5: 1}


@pytest.mark.parametrize("taken", ["row", "file", "wave", "score", "question_id", 'q"1'])
def test_questions_may_bear_any_name(city: LittleCity, taken: str):
    header = '"' + taken.replace('"', '""') + '"'
    questions = QUESTIONS.replace("q1", f"'{taken}'")
    wide(city, ANSWERS.replace("q1", header), questions)
    assert_published(city)
    assert results(city)[taken] == {1: 1}


def test_two_sources_may_share_a_question_but_not_its_name_alone(city: LittleCity):
    wide(city, ANSWERS)
    wide(city, "day,id,q1\n2016-01-01,1,1.5\n", QUESTIONS.splitlines()[0], entity="survey_scores")
    assert assert_published(city).tallies["survey_questions"].kept == 2
    city.set("sources.survey_scores.questions", 'q1 = { text = "Other?", scale = [0, 100] }')
    assert_refused(city, "sources.survey_scores.questions.q1 means something else in another")


def test_file_of_questions_may_not_repeat_those_of_city_toml(city: LittleCity):
    wide(city, ANSWERS)
    city.write("q.csv", "question_id,text,scale_min,scale_max\nq1,One?,1,5\nq9,Nine?,5,1\n")
    city.set("sources.survey_questions", 'path = "q.csv"')
    assert_refused(city, "survey_questions: 2 of 4 rows were rejected")
    assert [row["reason"] for row in city.rejected("survey_questions")] == [
        "repeats the question_id of city.toml; only the first is kept",
        "lies before scale_min; mend one of the two",
    ]


def test_scores_that_were_not_published_are_no_rows(city: LittleCity):
    scores = "day,id,q1,q2\n2016-01-01,1,1.5,\n2016-02-01,1,,\n"
    wide(city, scores, entity="survey_scores", more="")
    report = assert_published(city)
    assert report.tallies["survey_scores"].kept == 2
    rows = city.query("survey_scores", as_of=city.filters["as_of"])
    assert [(row["question_id"], row["score"]) for row in rows] == [("q1", 1.5)]


def test_scores_of_which_none_was_published(city: LittleCity):
    wide(city, "day,id,q1,q2\n2016-01-01,1,,\n", entity="survey_scores", more="")
    assert_published(city)
    assert city.query("survey_scores", as_of=city.filters["as_of"]) == []
