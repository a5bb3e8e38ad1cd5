"""Three cities built from public files by configuration alone, held against figures that were
computed from those files by other means (expected.toml says how)."""

from __future__ import annotations

import shutil
import tomllib
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pppdash.analysis.flash_points import BEFORE
from pppdash.analysis.gaps import AHEAD, BEHIND
from pppdash.city import load_city
from pppdash.findings import flash_points
from pppdash.findings.gaps import measure_gaps
from pppdash.findings.survey import survey_results
from pppdash.metrics.compute import compute, parse_filters
from pppdash.metrics.filters import Filters
from pppdash.sources.contracts import UNCLASSIFIED
from pppdash.views import answers, gap_sentences, survey_sentences
from pppdash.warehouse.build import Report, build_city
from pppdash.warehouse.read import Warehouse, open_warehouse
from proofs.suppression import Table, attack
from tests.helpers import list_buildings

HERE = Path(__file__).parent
EXPECTED = tomllib.loads((HERE / "expected.toml").read_text(encoding="utf-8"))
CHICAGO = EXPECTED["chicago_real"]
SENTIMENT = EXPECTED["police_sentiment"]
KANSAS = EXPECTED["kansas_city"]


def _built(name: str, real_data: Path, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("cities") / name
    shutil.copytree(HERE / name, folder)
    report = build_city(load_city(folder, real_data))
    assert report.published, report.errors
    with closing(open_warehouse(folder)) as warehouse:
        yield report, warehouse, folder


@pytest.fixture(scope="module")
def chicago(real_data, tmp_path_factory):
    yield from _built("chicago_real", real_data, tmp_path_factory)


@pytest.fixture(scope="module")
def sentiment(real_data, tmp_path_factory):
    yield from _built("police_sentiment", real_data, tmp_path_factory)


@pytest.fixture(scope="module")
def kansas(real_data, tmp_path_factory):
    yield from _built("kansas_city", real_data, tmp_path_factory)


def _check_entities(report: Report, expected: dict[str, dict[str, int]]) -> None:
    counts = report.as_dict()["entities"]
    layers = [values for name, values in expected.items() if name.startswith("areas_")]
    if layers:
        sums = pd.DataFrame(layers).fillna(0).sum().astype(int).to_dict()
        assert {key: counts["areas"][key] for key in sums} == sums
    for name, values in expected.items():
        if not name.startswith("areas_"):
            assert {key: counts[name][key] for key in values} == values, name


def _show(warehouse: Warehouse, metrics: list[str], by: list[str] = [], as_of=None):  # noqa: B006
    return compute(warehouse, metrics, by, Filters(as_of=as_of or warehouse.build.as_of))


def test_chicago_accounts_for_every_row(chicago):
    _check_entities(chicago[0], CHICAGO["entities"])


def test_chicago_says_how_far_out_each_rejected_building_lies(chicago):
    _, _, folder = chicago
    rejected = pd.read_csv(folder / "rejected" / "buildings.csv")
    assert len(rejected) == len(CHICAGO["rejected_m"])
    said = rejected["reason"].str.extract(r"lies ([\d,]+) (m|km) outside")
    meters = said[0].str.replace(",", "").astype(float) * said[1].map({"m": 1, "km": 1000})
    expected = sorted(row["meters"] for row in CHICAGO["rejected_m"].values())
    assert sorted(meters) == pytest.approx(expected, rel=0.01)


def test_chicago_snaps_what_lies_just_outside(chicago):
    _, warehouse, _ = chicago
    filters = Filters(warehouse.build.as_of, "police_district")
    buildings = list_buildings(warehouse, filters)
    snapped = buildings[buildings["is_snapped"]].set_index("building_id")["area_id"].to_dict()
    assert snapped == {key: row["area_id"] for key, row in CHICAGO["snapped_m"].items()}


def test_chicago_metrics(chicago):
    _, warehouse, _ = chicago
    expected = {
        k: v
        for k, v in CHICAGO["metrics"].items()
        if k not in ("population", "enrolled_before_launch")
    }
    row = _show(warehouse, list(expected)).iloc[0].to_dict()
    assert row == pytest.approx(expected, abs=1e-6)


def test_chicago_seen_from_earlier_dates(chicago):
    _, warehouse, _ = chicago
    active = {
        day: _show(warehouse, ["accounts_active"], as_of=pd.Timestamp(day).date()).iloc[0, 0]
        for day in CHICAGO["accounts_active_on"]
    }
    assert active == CHICAGO["accounts_active_on"]


@pytest.mark.parametrize("metric", ["accounts_opened", "accounts_ended"])
def test_chicago_by_year_and_month(chicago, metric):
    _, warehouse, _ = chicago
    years = _show(warehouse, [metric], ["year"]).set_index("year")[metric].to_dict()
    assert {str(year): count for year, count in years.items()} == CHICAGO[f"{metric}_in"]
    months = _show(warehouse, [metric], ["month"])
    assert len(months) == 61
    if metric == "accounts_opened":
        found = months.set_index(months["month"].dt.strftime("%Y-%m"))[metric].to_dict()
        expected = CHICAGO["accounts_opened_in_month"]
        assert {month: found[month] for month in expected} == expected


@pytest.mark.parametrize("by", ["sector", "police_district", "community_area"])
def test_chicago_by_part(chicago, by):
    _, warehouse, _ = chicago
    frame = _show(warehouse, ["targets", "targets_enrolled"], [by])
    key = "sector" if by == "sector" else "area_id"
    found = {
        row[key]: [row["targets"], row["targets_enrolled"]] for row in frame.to_dict("records")
    }
    found = {name: counts for name, counts in found.items() if counts != [0, 0]}
    assert found == CHICAGO[f"by_{by}"]


def test_chicago_names_the_sectors_that_fishers_test_names(chicago):
    _, warehouse, _ = chicago
    counts = CHICAGO["by_sector"]
    targets, enrolled = (sum(column) for column in zip(*counts.values(), strict=True))
    named = {name: pair for name, pair in counts.items() if name != UNCLASSIFIED}
    p = [
        stats.fisher_exact([[x, n - x], [enrolled - x, targets - n - enrolled + x]]).pvalue
        for n, x in named.values()
    ]
    q = dict(zip(named, stats.false_discovery_control(p), strict=True))
    called = {name for name in named if q[name] <= 0.05}
    found = measure_gaps(warehouse, ["sector"], Filters(warehouse.build.as_of))
    assert set(found.of(BEHIND)["sector"]) | set(found.of(AHEAD)["sector"]) == called
    assert set(found.of(AHEAD)["sector"]) == {"Commercial Facilities"}
    assert gap_sentences.answer(found, found) == (
        "2 of 8 sectors are behind, Government Facilities most: 6.6% of its 715 targets enrolled, "
        "of all others 11.2%."
    )


def test_chicago_wards_sum_to_the_whole(chicago):
    _, warehouse, _ = chicago
    frame = _show(warehouse, ["targets", "targets_enrolled"], ["ward"])
    assert frame[["targets", "targets_enrolled"]].sum().tolist() == [3845, 397]
    assert len(warehouse.query("areas", layer="ward")) == 50


def test_chicago_population(chicago):
    _, warehouse, _ = chicago
    areas = warehouse.query("areas", layer="community_area").set_index("area_id")["population"]
    assert areas.sum() == CHICAGO["metrics"]["population"]
    assert {key: areas[key] for key in CHICAGO["population"]} == CHICAGO["population"]


def test_chicago_flash_points(chicago):
    _, warehouse, _ = chicago
    everything = warehouse.query("flash_points", as_of=pd.Timestamp("2030-01-01").date())
    found = {
        row["flash_point_id"]: row["started_on"].date() for row in everything.to_dict("records")
    }
    assert found == CHICAGO["flash_points"]
    known = warehouse.query("flash_points", as_of=warehouse.build.as_of)
    assert len(everything) - len(known) == CHICAGO["flash_point_facts"]["after_as_of"]
    assert (
        everything["longitude"].isna().sum() == CHICAGO["flash_point_facts"]["without_coordinates"]
    )


def test_chicago_after_the_attacks(chicago):
    """Twelve attacks known by then: seven before the launch, none followed by a clear change."""
    _, warehouse, _ = chicago
    found = flash_points.measure(warehouse, Filters(warehouse.build.as_of))
    verdicts = pd.Series([event.verdict for event in found.events]).value_counts().to_dict()
    assert verdicts == {"too little data": 7, "no detectable change": 5}
    assert all(event.reason == BEFORE for event in found.events[:7])
    bernardino = found.events[-2]
    assert (bernardino.observed, bernardino.flash_point_id) == (22, "san-bernardino-mass-shooting")
    assert bernardino.excess_low > 0 and bernardino.placebo_p > 0.05  # other windows rose as much
    assert found.remarks[0].startswith("From the launch to May 2012")


def test_chicago_warns_of_stated_areas_that_disagree(chicago):
    report, _, _ = chicago
    notices = {notice.column: notice.count for notice in report.tallies["buildings"].warnings}
    assert notices["longitude"] == 2
    assert notices["community_area"] == CHICAGO["stated_areas"]["disagree"]


def test_chicago_warns_of_accounts_from_before_the_launch(chicago):
    (notice,) = chicago[0].tallies["accounts"].warnings
    assert notice.count == CHICAGO["metrics"]["enrolled_before_launch"]


def test_sentiment_accounts_for_every_row(sentiment):
    _check_entities(sentiment[0], SENTIMENT["entities"])


def test_sentiment_scores(sentiment):
    _, warehouse, _ = sentiment
    scores = warehouse.query("survey_scores", as_of=warehouse.build.as_of)
    for name, expected in SENTIMENT["questions"].items():
        of_question = scores.loc[scores["question_id"] == name, "score"]
        found = {
            "scores": len(of_question),
            "mean": of_question.mean(),
            "min": of_question.min(),
            "max": of_question.max(),
        }
        assert found == pytest.approx(expected, abs=1e-6)
    keyed = scores.set_index(["question_id", "wave", "area_id"])["score"]
    for some in SENTIMENT["some"].values():
        key = (some["question_id"], pd.Timestamp(some["wave"]), some["area_id"])
        assert keyed[key] == some["score"]


def test_sentiment_has_the_waves_of_its_questions(sentiment):
    _, warehouse, _ = sentiment
    scores = warehouse.query("survey_scores", as_of=warehouse.build.as_of)
    facts = SENTIMENT["facts"]
    assert scores["area_id"].nunique() == facts["areas"]
    assert scores["wave"].nunique() == facts["waves"]
    assert scores["wave"].min().date() == facts["first_wave"]
    assert scores["wave"].max().date() == facts["last_wave"]
    first = scores.groupby("question_id")["wave"].min()
    for name, day in SENTIMENT["first_asked"].items():
        assert first[name].date() == day


def test_kansas_city_counts_respondents(kansas):
    report, warehouse, _ = kansas
    _check_entities(report, KANSAS["entities"])
    waves = warehouse.query("survey_waves", as_of=warehouse.build.as_of)
    found = {str(row["wave"].date()): row["respondents"] for row in waves.to_dict("records")}
    assert found == KANSAS["respondents"]


def test_kansas_city_answers(kansas):
    _, warehouse, _ = kansas
    summary = survey_results(warehouse, warehouse.build.as_of).results
    assert summary["n"].sum() == KANSAS["facts"]["answers"]
    assert summary["question_id"].nunique() == KANSAS["facts"]["questions"]
    for name, waves in KANSAS["questions"].items():
        rows = summary[summary["question_id"] == name].sort_values("wave")
        for (_, row), expected in zip(rows.iterrows(), waves, strict=True):
            found = {key: row[key] for key in expected}
            assert found == pytest.approx(expected, abs=1e-6), name


def test_kansas_city_council_districts_are_plain_labels(kansas):
    _, warehouse, _ = kansas
    summary = survey_results(warehouse, warehouse.build.as_of, "area_id").results
    rows = summary[summary["question_id"] == "q3_01"].sort_values("wave")
    for name, waves in KANSAS["q3_01_by_council_district"].items():
        found = rows.loc[rows["segment"] == name, ["n", "mean"]].to_dict("records")
        for row, expected in zip(found, waves, strict=True):
            assert row == pytest.approx(expected, abs=1e-6)


def test_kansas_city_says_what_changed_and_what_cannot_be_said(kansas):
    _, warehouse, _ = kansas
    found = survey_results(warehouse, warehouse.build.as_of)
    assert found.waves["respondents"].tolist() == list(KANSAS["respondents"].values())
    assert found.waves["response_rate"].isna().all()  # how many were asked is not in the files
    assert found.waves["weighted_to"].tolist() == ["", ""]
    last = found.results[found.results["wave"] == found.results["wave"].max()]
    moved = last[last["verdict"] != "no detectable change"]
    # By themselves ten of the 38 have p of 5% or less; one bears up against there being 38.
    assert moved[["question_id", "verdict"]].values.tolist() == [["q3_13", "better"]]
    first = found.results[found.results["wave"] == found.results["wave"].min()]
    assert (first["verdict"] == "too little data").all()


def test_kansas_city_has_no_district_that_moved(kansas):
    _, warehouse, _ = kansas
    found = survey_results(warehouse, warehouse.build.as_of, "area_id").results
    assert not found["suppressed"].any()
    assert set(found["verdict"]) == {"no detectable change", "too little data"}


def test_kansas_city_withstands_where_districts_are_hidden(kansas):
    _, warehouse, _ = kansas
    answers = warehouse.query("survey_answers", as_of=warehouse.build.as_of)
    hidden = 0
    for _, wave in answers[answers["question_id"].str.startswith("q2")].groupby("wave"):
        groups = wave.drop_duplicates("respondent_id")["area_id"].value_counts()
        counts = pd.crosstab(wave["question_id"], wave["area_id"])[groups.index].to_numpy()
        table = Table(groups.to_numpy(), np.stack([counts, 0 * counts], axis=2))
        for least in (150, 160):
            for count in attack(table, least):
                hidden += 1
                assert count.is_protected(least), (least, count)
    assert hidden > 50


def test_sentiment_has_averages_and_no_answers(sentiment):
    _, warehouse, _ = sentiment
    found = survey_results(warehouse, warehouse.build.as_of)
    assert found.results.empty and found.waves.empty and found.remarks == ()
    assert len(warehouse.query("survey_scores", as_of=warehouse.build.as_of))


def test_a_city_without_buildings_answers_with_nothing(kansas):
    _, warehouse, _ = kansas
    row = _show(warehouse, ["targets", "coverage", "accounts_active"]).iloc[0]
    assert row["targets"] == 0 and row["accounts_active"] == 0 and pd.isna(row["coverage"])
    assert not warehouse.build.layers
    assert parse_filters(warehouse, None, []).layer is None


def _survey_headline(warehouse: Warehouse) -> str:
    as_of = warehouse.build.as_of
    found = survey_results(warehouse, as_of)
    scores = warehouse.query("survey_scores", as_of=as_of)
    latest = answers.of_last_wave(found.results)
    return survey_sentences.headline(latest, found.waves, scores, None)


def test_kansas_citys_first_sentence(kansas):
    assert _survey_headline(kansas[1]) == (
        "Answers got better on 1 of 38 questions, “City communication with the public”, and worse "
        "on none. 984 answered, fewer than the 1,033 of September 2021; how many were asked is "
        "unknown."
    )


def test_sentiments_first_sentence_says_what_its_publisher_left_out(sentiment):
    assert _survey_headline(sentiment[1]) == (
        "“Trust: the police listen” fell most, the areas’ median from 67 to 57, from June 2020 to "
        "July 2021. How many answered is not published, so better or worse cannot be told from "
        "chance."
    )
