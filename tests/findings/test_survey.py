"""The sample's survey, whose recipe says what was planted in it."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest

from pppdash.findings.survey import survey_results, survey_themes
from tests.conftest import SAMPLE

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
