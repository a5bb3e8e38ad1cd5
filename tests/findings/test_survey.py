"""The sample's survey, whose recipe says what was planted in it."""

from __future__ import annotations

import json
import tomllib
from datetime import date

import pytest

from pppdash.__main__ import main
from pppdash.findings.survey import survey_results, survey_themes
from tests.conftest import SAMPLE
from tests.helpers import LittleCity, assert_published

RECIPE = tomllib.loads((SAMPLE / "recipe.toml").read_text(encoding="utf-8"))
PLANTED = {
    question["question_id"]: question["change"] for question in RECIPE["survey"]["questions"]
}


def test_what_was_planted_is_called_and_nothing_else(sample):
    found = survey_results(sample, sample.build.as_of).results
    last = found[found["wave"] == found["wave"].max()].set_index("question_id")["verdict"]
    expected = {
        question: "better" if change > 0 else "worse" if change < 0 else "no detectable change"
        for question, change in PLANTED.items()
    }
    assert last.to_dict() == expected


def test_the_samples_waves_say_who_answered(sample):
    waves = survey_results(sample, sample.build.as_of).waves
    assert waves["respondents"].tolist() == [265, 275, 317, 381]
    assert waves["response_rate"].round(3).tolist() == [0.3, 0.29, 0.31, 0.33]
    assert set(waves["weighted_to"]) == {"size_band"}


@pytest.mark.parametrize("segment", ["sector", "size_band", "area_id"])
def test_every_segmentation_shows_some_and_hides_some(sample, segment):
    found = survey_results(sample, sample.build.as_of, segment).results
    assert 0 < found["suppressed"].sum() < len(found)


def test_themes_of_an_earlier_date_know_no_later_wave(sample):
    found = survey_themes(sample, date(2015, 12, 31))
    assert found.counts["wave"].max().year == 2015
    assert not found.counts["suppressed"].all()


# -- a city whose survey is odd in every way at once ---------------------------------------------


def _odd_survey(city: LittleCity) -> None:
    questions = ["question_id,text,scale_min,scale_max,kind"]
    questions += ["q1,Useful?,1,5,", "q2,Recommend?,1,5,recommend"]
    rows = ["wave,respondent_id,question_id,score,comment,size_band"]
    rows += [f"2015-10-01,R{i},q1,{1 + i % 5},Обучение полезно,small" for i in range(30)]
    rows += ["2016-10-01,R0,q1,5,,small"]  # a wave of one respondent
    comments = ["培训有用 " + "long " * 1_900] + ["培训有用"] * 39
    rows += [f"2016-12-01,R{i},q2,3,{comment},small" for i, comment in enumerate(comments)]
    margins = ["wave,variable,value,population", "2015-10-01,size_band,large,90"]
    for name, lines in (("questions", questions), ("responses", rows), ("margins", margins)):
        city.write(f"survey_{name}.csv", "\n".join(lines) + "\n")
    for entity in ("survey_questions", "survey_responses", "survey_margins"):
        city.set(f"sources.{entity}", f'path = "{entity}.csv"')
    assert_published(city)


def test_an_odd_survey_is_a_sentence_each(city, capsys):
    _odd_survey(city)
    assert main(["survey", str(city.folder), "--format", "json"]) == 0
    printed = capsys.readouterr()
    rows = {(row["question_id"], row["wave"]): row for row in json.loads(printed.out)}
    assert rows["q1", "2015-10-01"]["mean"] == 3
    assert rows["q1", "2016-10-01"]["suppressed"] and rows["q1", "2016-10-01"]["n"] is None
    alike = rows["q2", "2016-12-01"]
    assert (alike["mean"], alike["mean_low"], alike["net_score"]) == (3, None, None)
    assert "not weighted to size_band, as its known totals leave out groups" in printed.err
    assert "q2: a net score needs a scale of 0 to 10" in printed.err


def test_odd_comments_are_a_sentence_each(city, capsys):
    _odd_survey(city)
    assert main(["survey", str(city.folder), "--themes", "--format", "json"]) == 0
    printed = capsys.readouterr()
    assert {row["n"] for row in json.loads(printed.out)} == {30, 40}
    assert "Of very long comments the first 5,000 characters are read." in printed.err
