"""What became of rows, and what may not be told of it."""

from __future__ import annotations

import pandas as pd

from pppdash.findings.health import row_counts
from pppdash.findings.survey import survey_results
from pppdash.views import sentences
from pppdash.warehouse.read import open_warehouse
from tests.helpers import LittleCity, assert_published, little_city

QUESTIONS = "question_id,text,scale_min,scale_max\nq,How?,1,5\nfew,Where?,1,5\n"


def answers_of(*waves: tuple[str, int]) -> str:
    rows = [f"{wave},R{wave}{i},q,{1 + i % 5}" for wave, many in waves for i in range(many)]
    return "\n".join(["wave,respondent_id,question_id,score", *rows]) + "\n"


def survey_city(tmp_path, answers: str) -> LittleCity:
    city = little_city(tmp_path / "city")
    city.write("survey_questions.csv", QUESTIONS)
    city.write("survey_responses.csv", answers)
    for name in ("survey_questions", "survey_responses"):
        city.set(f"sources.{name}", f'path = "{name}.csv"')
    return city


def counts_of(tmp_path, *waves: tuple[str, int], answers: str = "") -> pd.DataFrame:
    city = survey_city(tmp_path, answers or answers_of(*waves))
    assert_published(city)
    warehouse = open_warehouse(city.folder)
    try:
        return row_counts(warehouse).set_index("entity")
    finally:
        warehouse.close()


def test_rows_are_told_where_no_wave_is_small(tmp_path):
    counts = counts_of(tmp_path, ("2014-05-01", 40), ("2015-05-01", 30))
    assert counts.loc["survey_responses", ["read", "kept"]].tolist() == [70, 70]
    assert sentences.untold(counts.reset_index(), 10) == ""


def test_a_small_wave_cannot_be_worked_out_from_all_rows(tmp_path):
    counts = counts_of(tmp_path, ("2014-05-01", 40), ("2015-05-01", 4))
    assert counts.loc["survey_responses", ["read", "kept", "excluded", "merged"]].isna().all()
    assert counts.loc["survey_responses", ["rejected", "warnings"]].tolist() == [0, 0]
    said = sentences.data_health(counts.reset_index())
    others = counts.drop("survey_responses")["read"].sum()
    assert f"Every one of {others:,} rows" in said
    assert "survey responses" in sentences.untold(counts.reset_index(), 10)


def test_a_question_that_few_answered_cannot_be_worked_out_from_all_rows(tmp_path):
    few = "".join(f"2014-05-01,R2014-05-01{i},few,3\n" for i in range(4))
    counts = counts_of(tmp_path, answers=answers_of(("2014-05-01", 40)) + few)
    assert counts.loc["survey_responses", ["read", "kept", "excluded", "merged"]].isna().all()


def test_nor_can_how_few_commented(tmp_path):
    answers = ["wave,respondent_id,question_id,score,comment"]
    answers += [f"2014-05-01,R{i},q,3," for i in range(40)]
    answers += [f"2014-05-01,R{i},few,,Fine." for i in range(4)]
    counts = counts_of(tmp_path, answers="\n".join(answers) + "\n")
    assert counts.loc["survey_responses", ["read", "kept", "excluded", "merged"]].isna().all()


def test_what_a_rejected_answer_held_is_not_told(tmp_path):
    rows = ["wave,respondent_id,question_id,score,comment", "2014-05-01,R0,q,3,"]
    rows += ["2014-05-01,R1,q,77,", f"2014-05-01,R2,q,3,{'Mine.' * 2_500}"]
    city = survey_city(tmp_path, "\n".join(rows) + "\n")
    city.set("settings", "max_rejected = 0.7")
    assert_published(city)
    told = {row["column"]: row["value"] for row in city.query("problems")}
    assert told == {"score": "", "comment": ""}
    kept = {row["column"]: row["value"] for row in city.rejected("survey_responses")}
    assert kept["score"] == "77"


def test_the_samples_waves_are_large_enough(sample):
    assert not survey_results(sample, sample.build.last_on).waves["suppressed"].any()
    assert row_counts(sample).notna().all(axis=None)


def test_a_survey_of_one_small_wave(tmp_path):
    counts = counts_of(tmp_path, ("2014-05-01", 9))
    assert counts.loc["survey_responses", "read"] is pd.NA
