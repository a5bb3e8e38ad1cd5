"""The commands: what they print, what they leave behind, and with which status they end."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from pppdash.__main__ import main
from pppdash.analysis.flash_points import EVENT_COLUMNS, INTERIM_COLUMNS
from pppdash.command_line import output
from pppdash.command_line.arguments import DONE, REFUSED, WRONG_USE
from tests.helpers import (
    ACCOUNTS,
    ENROLLED,
    LittleCity,
    assert_published,
    copy_city,
    little_city,
    run_python,
)

COUNTS = ["read", "kept", "excluded", "merged", "rejected", "warnings"]
METRICS = (
    "targets,targets_enrolled,accounts_active,coverage,coverage_low,coverage_high,buildings,"
    "buildings_enrolled,building_coverage,accounts_opened,accounts_ended,accounts_dormant,shortfall"
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> LittleCity:
    city = little_city(tmp_path_factory.mktemp("cities") / "little")
    city.set("goal", "coverage = 0.5\ndue = 2020-12-31")
    assert_published(city)
    return city


@pytest.fixture
def spoilt(built: LittleCity, tmp_path: Path) -> LittleCity:
    """A copy with two accounts that refer to nothing."""
    city = copy_city(built, tmp_path / "city")
    city.write("accounts.csv", ACCOUNTS + "A5,T99,,2016-01-01,,\nA6,T99,,2016-01-01,,\n")
    return city


def run(*arguments: object) -> int:
    try:
        return main([str(argument) for argument in arguments])
    except SystemExit as stop:  # argparse's way to end
        return int(stop.code or 0)


def last_object(text: str) -> dict:
    return json.loads(text.splitlines()[-1])


# -- build and check -----------------------------------------------------------------------------


def test_build_publishes_and_ends_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    city = little_city(tmp_path / "city")
    assert run("build", city.folder) == DONE
    out, error = capsys.readouterr()
    assert re.search(rf"Build {city.build_id} published in \d+\.\d s\.", out)
    assert re.search(r"^buildings +6 +6 +0 +0 +0 +0", out, re.MULTILINE)
    assert error == ""
    assert city.enrolled() == ENROLLED


def test_json_is_one_object_on_the_last_line(built: LittleCity, capsys):
    assert run("build", built.folder, "--json") == DONE
    out, error = capsys.readouterr()
    report = last_object(out)
    assert {"build_id", "published", "seconds", "entities"} <= set(report)
    assert (report["build_id"], report["published"]) == (built.build_id, True)
    assert report["seconds"] > 0
    assert list(report["entities"]) == ["areas", "buildings", "targets", "accounts"]
    assert all(list(counts) == COUNTS for counts in report["entities"].values())
    assert report["entities"]["accounts"] == dict(zip(COUNTS, (4, 4, 0, 0, 0, 0), strict=True))
    assert error == ""


def test_refused_build_ends_with_1_and_says_why(spoilt: LittleCity, capsys):
    before = spoilt.build_id
    assert run("build", spoilt.folder, "--json") == REFUSED
    out, error = capsys.readouterr()
    report = last_object(out)
    assert report["published"] is False
    assert report["entities"]["accounts"]["rejected"] == 2
    assert "accounts: 2 of 6 rows were rejected" in error
    assert (spoilt.build_id, spoilt.enrolled()) == (before, ENROLLED)


def test_check_says_the_same_and_publishes_nothing(spoilt: LittleCity, capsys):
    before = spoilt.build_id
    assert run("check", spoilt.folder) == REFUSED
    assert "accounts: 2 of 6 rows were rejected" in capsys.readouterr().err
    spoilt.write("accounts.csv", ACCOUNTS + "A5,T2,,2016-01-01,,\n")
    assert run("check", spoilt.folder, "--json") == DONE
    report = last_object(capsys.readouterr().out)
    assert (report["published"], report["entities"]["accounts"]["kept"]) == (False, 5)
    assert run("check", spoilt.folder) == DONE
    assert "; nothing was published." in capsys.readouterr().out
    assert (spoilt.build_id, spoilt.enrolled()) == (before, ENROLLED)


def test_if_changed_builds_what_changed_and_what_is_damaged(
    built: LittleCity, tmp_path: Path, capsys
):
    city = copy_city(built, tmp_path / "city")
    arguments = ("build", city.folder, "--json", "--if-changed")
    assert run(*arguments) == DONE
    assert capsys.readouterr().out == ""
    city.write("accounts.csv", ACCOUNTS + "A5,T2,,2016-01-01,,\n")
    assert run(*arguments) == DONE
    assert last_object(capsys.readouterr().out)["published"]
    assert city.enrolled() == ENROLLED + 1
    for damaged in (f"{city.build_id}.duckdb", "current"):
        (city.folder / "warehouse" / damaged).write_bytes(b"junk")
        assert run(*arguments) == DONE
        assert last_object(capsys.readouterr().out)["published"]
        assert city.enrolled() == ENROLLED + 1
    (city.folder / "accounts.csv").unlink()
    assert run(*arguments) == REFUSED
    assert "accounts.csv is not there" in capsys.readouterr().err


def test_root_says_where_data_paths_start(built: LittleCity, tmp_path: Path):
    folder = tmp_path / "configuration"
    folder.mkdir()
    (folder / "city.toml").write_bytes((built.folder / "city.toml").read_bytes())
    assert run("build", folder) == REFUSED
    assert run("build", folder, "--root", built.folder) == DONE
    assert LittleCity(folder).enrolled() == ENROLLED


def test_city_defaults_to_the_environment_s(built: LittleCity, monkeypatch, capsys):
    monkeypatch.setenv("PPPDASH_CITY", str(built.folder))
    assert run("show", "targets", "--format", "csv") == DONE
    assert capsys.readouterr().out == "targets\n8\n"


@pytest.mark.parametrize("is_terminal", [True, False])
def test_progress_is_shown_on_a_terminal_alone(
    built: LittleCity, monkeypatch: pytest.MonkeyPatch, is_terminal: bool
):
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=is_terminal, width=100)
    monkeypatch.setattr(output, "errors", console)
    seen = []
    original = output.Progress.update

    def update(self, *arguments, **more):
        seen.append(more["description"])
        return original(self, *arguments, **more)

    monkeypatch.setattr(output.Progress, "update", update)
    assert run("check", built.folder) == DONE
    assert "build marts.targets" in seen
    assert bool(screen.getvalue()) == is_terminal


# -- wrong use -----------------------------------------------------------------------------------

WRONG = {
    "no command": (),
    "no such command": ("bild",),
    "no such folder": ("build", "/nowhere/at/all"),
    "no such root": ("build", "{city}", "--root", "/nowhere/at/all"),
    "no such option": ("build", "{city}", "--jsn"),
    "nothing to show": ("show",),
    "no such metric": ("show", "coverge", "{city}"),
    "no such dimension": ("show", "coverage", "{city}", "--by", "sektor"),
    "no such filter": ("show", "coverage", "{city}", "--where", "color=red"),
    "no such sector": ("show", "coverage", "{city}", "--where", "sector=Retail"),
    "no such area": ("show", "coverage", "{city}", "--where", "ward=9"),
    "filter without a value": ("show", "coverage", "{city}", "--where", "sector"),
    "no such date": ("show", "coverage", "{city}", "--as-of", "2017-02-31"),
    "no such format": ("show", "coverage", "{city}", "--format", "xml"),
    "gaps by a time": ("gaps", "{city}", "--by", "sector,month"),
    "gaps by nothing": ("gaps", "{city}", "--by", ""),
    "gaps by what is not there": ("gaps", "{city}", "--by", "sektor"),
    "nowhere to show": ("show", "coverage", "/nowhere/at/all"),
    "sample of no size": ("sample", "x"),
    "sample of a strange size": ("sample", "x", "--targets", "many"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_use_ends_with_2_and_a_sentence(built: LittleCity, case: str, capsys):
    arguments = [str(word).format(city=built.folder) for word in WRONG[case]]
    assert run(*arguments) == WRONG_USE
    out, error = capsys.readouterr()
    assert out == ""
    assert error.strip()
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("show", "coverge"), "did you mean coverage?"),
        (("show", "coverage", "--by", "sectr"), "did you mean sector?"),
        (("show", "coverage", "--where", "sector=Energi"), "did you mean Energy?"),
    ],
)
def test_slip_is_answered_with_what_was_meant(built: LittleCity, arguments, meant: str, capsys):
    command, metrics, *options = arguments
    assert run(command, metrics, built.folder, *options) == WRONG_USE
    assert meant in capsys.readouterr().err


@pytest.mark.parametrize("command", [("show", "coverage"), ("survey",), ("gaps",)])
def test_city_that_was_never_built_is_said(tmp_path: Path, command: tuple[str, ...], capsys):
    city = little_city(tmp_path / "city")
    assert run(*command, city.folder) == REFUSED
    assert f"Run: python -m pppdash build {city.folder}" in capsys.readouterr().err


def test_damaged_build_is_said(built: LittleCity, tmp_path: Path, capsys):
    city = copy_city(built, tmp_path / "city")
    (city.folder / "warehouse" / f"{city.build_id}.duckdb").write_bytes(b"junk")
    assert run("show", "coverage", city.folder) == REFUSED
    assert "is damaged" in capsys.readouterr().err


# -- plan ----------------------------------------------------------------------------------------

PLAN = "target_id,building_id,organization,area_id,sector,prong,hours,probability,weight,reason"


def test_plan_as_csv_and_table(built: LittleCity, capsys):
    asked = ("plan", built.folder, "--hours", "20")
    assert run(*asked, "--format", "csv") == DONE
    out, error = capsys.readouterr()
    head, *lines = out.splitlines()
    assert head == PLAN
    assert {line.split(",")[0] for line in lines} == {"T2", "T3", "T4", "T5", "T6", "T7"}
    assert "Chances are a prior and no finding: 10% for everybody" in error
    assert "reach 6 targets" in error
    assert re.search(r"expect \d+ to \d+ new accounts", error)
    assert "By hand, largest first: worth" in error
    assert run(*asked) == DONE
    assert re.search(r"^T5 +B3 +Cedar Bank +2 ", capsys.readouterr().out, re.MULTILINE)


def test_plan_as_json(built: LittleCity, capsys):
    asked = ("plan", built.folder, "--hours", "8", "--format", "json", "--seed", "4")
    assert run(*asked) == DONE
    out = capsys.readouterr().out
    found = json.loads(out)
    assert found["status"] == "optimal"
    assert found["objective"] <= found["bound"] <= found["objective"] * (1 + found["gap"]) + 1e-9
    assert found["hours"] <= 8
    assert found["expected_low"] <= found["expected"] <= found["expected_high"]
    assert set(found["by_hand"]) == {"largest_first", "greedy_gap"}
    for hand in found["by_hand"].values():
        assert set(hand) == {"objective", "expected", "breaks"}
        assert hand["objective"] <= found["objective"]
    assert [limit["limit"] for limit in found["binding"]] == ["hours"]
    assert set(found["targets"][0]) == set(PLAN.split(","))
    assert run(*asked) == DONE
    assert capsys.readouterr().out == out


def test_plan_follows_filters_settings_and_date(built: LittleCity, tmp_path: Path, capsys):
    file = tmp_path / "plan.toml"
    file.write_text('setup_hours = 0\nlocked_out = ["T2"]\n', encoding="utf-8")
    asked = ("plan", built.folder, "--hours", "5", "--format", "csv", "--settings", file)
    assert run(*asked, "--where", "ward=1") == DONE
    assert [line.split(",")[0] for line in capsys.readouterr().out.splitlines()[1:]] == ["T3"]
    assert run(*asked, "--where", "ward=1", "--as-of", "2012-03-10") == DONE
    assert {line.split(",")[0] for line in capsys.readouterr().out.splitlines()[1:]} == {"T1", "T3"}


@pytest.mark.parametrize(
    ("hours", "settings", "status", "said"),
    [
        ("0", "", WRONG_USE, "'0' is no budget; give hours above 0"),
        ("-5", "", WRONG_USE, "'-5' is no budget"),
        ("many", "", WRONG_USE, "'many' is no budget"),
        ("inf", "", WRONG_USE, "'inf' is no budget"),
        ("1", "", REFUSED, "under one contact: the least, with the set-up of its areas, is 4.5"),
        ("20", "setup_hous = 1", WRONG_USE, "did you mean 'setup_hours'?"),
        ("20", "[weights.sectors]\nEnegry = 2", WRONG_USE, "did you mean 'Energy'?"),
        ("20", 'locked_in = ["T99"]', REFUSED, "not in the list, first T99"),
        (
            "5",
            '[[limits]]\ndimension = "area"\nvalue = "1"\nfloor = 3\n'
            '[[limits]]\ndimension = "area"\nvalue = "2"\nfloor = 2',
            REFUSED,
            "cannot be kept",
        ),
    ],
)
def test_plan_says_what_is_wrong(
    built: LittleCity, tmp_path: Path, capsys, hours: str, settings: str, status: int, said: str
):
    file = tmp_path / "plan.toml"
    file.write_text(settings, encoding="utf-8")
    assert run("plan", built.folder, "--hours", hours, "--settings", file) == status
    assert said in " ".join(capsys.readouterr().err.split())


def test_plan_needs_hours_and_a_share_to_hold_out(built: LittleCity, capsys):
    assert run("plan", built.folder) == WRONG_USE
    assert "--hours" in capsys.readouterr().err
    assert run("plan", built.folder, "--hours", "9", "--holdout", "1") == WRONG_USE
    assert "'1' is no share to hold out; give 0 to below 1" in capsys.readouterr().err


# -- show, survey, sample ------------------------------------------------------------------------


def test_show_as_csv_json_and_table(built: LittleCity, capsys):
    metrics = "targets,targets_enrolled,coverage,shortfall"
    assert run("show", metrics, built.folder, "--format", "csv") == DONE
    assert capsys.readouterr().out == f"{metrics}\n8,3,0.375,1.0\n"
    assert run("show", metrics, built.folder, "--format", "json") == DONE
    assert json.loads(capsys.readouterr().out) == [
        {"targets": 8, "targets_enrolled": 3, "coverage": 0.375, "shortfall": 1.0}
    ]
    assert run("show", metrics, built.folder) == DONE
    assert re.search(r"^ *8 +3 +0\.375 +1$", capsys.readouterr().out, re.MULTILINE)


@pytest.mark.parametrize("by", ["ward", "sector", "size_band", "month", "year", "sector,year"])
def test_every_metric_by_every_dimension(built: LittleCity, by: str, capsys):
    assert run("show", METRICS, built.folder, "--by", by, "--format", "json") == DONE
    rows = json.loads(capsys.readouterr().out)
    assert rows
    assert set(METRICS.split(",")) <= set(rows[0])


def test_show_filters_and_goes_back_in_time(built: LittleCity, capsys):
    asked = ("show", "targets_enrolled", built.folder, "--format", "csv")
    assert run(*asked, "--as-of", "2012-04-30") == DONE
    assert capsys.readouterr().out == "targets_enrolled\n1\n"
    assert run(*asked, "--as-of", "2015-12-31", "--where", "ward=3") == DONE  # not ended yet
    assert capsys.readouterr().out == "targets_enrolled\n1\n"
    assert run(*asked, "--where", "ward=Ward 1", "sector=energy") == DONE
    assert capsys.readouterr().out == "targets_enrolled\n1\n"


def test_csv_holds_no_formula(built: LittleCity, tmp_path: Path, capsys):
    city = copy_city(built, tmp_path / "city")
    wards = (city.folder / "wards.geojson").read_text(encoding="utf-8")
    city.write("wards.geojson", wards.replace("Ward 2", "=1+1"))
    assert_published(city)
    assert run("show", "targets", city.folder, "--by", "ward", "--format", "csv") == DONE
    assert "2,'=1+1,3" in capsys.readouterr().out


GAPS = (
    "targets,enrolled,coverage,coverage_low,coverage_high,shrunken,expected,shortfall,"
    "representation,representation_low,representation_high,q,verdict,reason"
)


@pytest.mark.parametrize(
    ("by", "dimensions", "rows"),
    [
        ("sector", "sector", 4),
        ("size_band", "size_band", 4),
        ("ward", "area_id,area_name", 3),
        ("sector,ward", "sector,area_id,area_name", 4),
        ("ward,sector,size_band", "area_id,area_name,sector,size_band", 5),
    ],
)
def test_gaps_by_every_dimension(built: LittleCity, by: str, dimensions: str, rows: int, capsys):
    assert run("gaps", built.folder, "--by", by, "--format", "csv") == DONE
    head, *lines = capsys.readouterr().out.splitlines()
    assert head == f"{dimensions},{GAPS}"
    assert len(lines) == rows


def test_gaps_follow_date_and_filters_and_come_largest_first(built: LittleCity, capsys):
    asked = ("gaps", built.folder, "--format", "json")
    assert run(*asked) == DONE
    rows = json.loads(capsys.readouterr().out)
    assert sum(row["targets"] for row in rows) == 8
    assert sum(row["enrolled"] for row in rows) == ENROLLED
    assert rows[0]["sector"] == "Energy"
    assert (
        rows[0]["reason"] == "3 targets, 1 enrolled; expected 1 (unreliable: fewer than 10 targets)"
    )
    assert {row["verdict"] for row in rows} <= {"too little data", "not compared"}
    assert run(*asked, "--where", "sector=Energy", "--as-of", "2012-03-10") == DONE
    (alone,) = json.loads(capsys.readouterr().out)
    assert (alone["enrolled"], alone["verdict"], alone["q"]) == (0, "not compared", None)


def test_survey_of_a_city_without_one_is_an_empty_table(built: LittleCity, capsys):
    assert run("survey", built.folder, "--format", "csv") == DONE
    assert capsys.readouterr().out == (
        "question_id,wave,n,n_effective,response_rate,mean,mean_low,mean_high,"
        "top_two,top_two_low,top_two_high,net_score,net_low,net_high,"
        "change,change_q,trend_per_year,trend_q,verdict,suppressed\n"
    )


EMPTY = {
    "no survey": (("survey",), "no answers to a survey; add [sources.survey_responses]"),
    "no comments": (("survey", "--themes"), "no comments; add [sources.survey_responses]"),
    "no averages": (("survey", "--scores"), "no averages made by others; add [sources.survey_sc"),
    "no flash points": (("flash-points",), "no flash points; add [sources.flash_points]"),
    "no targets": (("gaps", "--where", "ward=1", "sector=Unclassified"), "No targets match"),
}


@pytest.mark.parametrize("case", EMPTY)
def test_an_empty_table_says_why(built: LittleCity, case: str, capsys):
    (command, *options), said = EMPTY[case]
    assert run(command, built.folder, *options, "--format", "json") == DONE
    out, error = capsys.readouterr()
    assert json.loads(out) == []
    assert said in error


def test_rates_of_a_city_without_accounts_say_so(built: LittleCity, tmp_path: Path, capsys):
    city = copy_city(built, tmp_path / "city")
    city.remove("sources.accounts")
    assert_published(city)
    assert run("flash-points", city.folder, "--interim", "--format", "csv") == DONE
    assert "Littleton has brought no accounts; add [sources.accounts]" in capsys.readouterr().err


def test_a_date_before_every_flash_point_and_wave_is_named(sample_city: Path, capsys):
    for command in ("flash-points", "survey"):
        assert run(command, sample_city, "--as-of", "1990-01-01", "--format", "json") == DONE
        assert "as of 1990-01-01." in capsys.readouterr().err


def test_flash_points_of_the_sample(sample_city: Path, capsys):
    assert run("flash-points", sample_city, "--format", "csv") == DONE
    out, error = capsys.readouterr()
    frame = pd.read_csv(io.StringIO(out)).set_index("flash_point_id")
    assert error.startswith("Synthetic data: ")
    assert frame.columns.tolist() == list(EVENT_COLUMNS[1:])
    summit = frame.loc["nato_summit_2012"]
    assert (summit["observed"], summit["verdict"]) == (850, "rise")
    assert (summit["window_start"], summit["peak_month"]) == ("2012-03-01", "2012-04")
    assert run("flash-points", sample_city, "--interim", "--format", "json") == DONE
    (row,) = json.loads(capsys.readouterr().out)
    assert list(row) == list(INTERIM_COLUMNS)
    assert row["interim_months"] == 46
    assert (
        run("flash-points", sample_city, "--where", "sector=Energy", "--as-of", "2013-01-31")
        == DONE
    )
    assert re.search(r"NATO Summit .* 15 .* too little data", capsys.readouterr().out)


def test_flash_points_of_a_city_without_any_are_an_empty_table(built: LittleCity, capsys):
    assert run("flash-points", built.folder, "--format", "csv") == DONE
    assert capsys.readouterr().out == ",".join(EVENT_COLUMNS) + "\n"
    assert run("flash-points", built.folder, "--interim", "--format", "csv") == DONE
    assert capsys.readouterr().out.splitlines()[1].startswith("61,0.06557")


def test_survey_of_the_sample(sample_city: Path, capsys):
    assert run("survey", sample_city, "--format", "json") == DONE
    found = capsys.readouterr()
    rows = json.loads(found.out)
    assert len(rows) == 9 * 4 and "segment" not in rows[0]
    assert "Synthetic data" in found.err
    assert run("survey", sample_city, "--by", "size_band", "--format", "json") == DONE
    rows = json.loads(capsys.readouterr().out)
    hidden = [row for row in rows if row["suppressed"]]
    assert hidden and all(row["n"] is None and row["mean"] is None for row in hidden)
    assert {row["segment"] for row in rows} == {"small", "mid-sized", "large", "Unknown"}


def test_survey_of_an_earlier_date_knows_no_later_wave(sample_city: Path, capsys):
    assert run("survey", sample_city, "--as-of", "2014-12-31", "--format", "json") == DONE
    rows = json.loads(capsys.readouterr().out)
    assert {row["wave"] for row in rows} == {"2013-10-15", "2014-10-15"}


def test_survey_themes_and_scores_stand_apart(sample_city: Path, capsys):
    assert run("survey", sample_city, "--themes", "--format", "csv") == DONE
    assert capsys.readouterr().out.startswith("theme,wave,n,share,suppressed\n")
    assert run("survey", sample_city, "--scores", "--format", "csv") == DONE
    assert capsys.readouterr().out == "question_id,wave,area_id,score\n"


def test_survey_by_anything_else_is_wrong_use(built: LittleCity):
    assert run("survey", built.folder, "--by", "owner_id") == WRONG_USE


def test_sample_can_be_built(tmp_path: Path, capsys):
    folder = tmp_path / "made"
    arguments = ("--targets", 300, "--buildings", 120, "--seed", 7)
    assert run("sample", folder, *arguments) == DONE
    assert f"Build it: python -m pppdash build {folder}" in capsys.readouterr().err
    assert run("build", folder, "--json") == DONE
    entities = last_object(capsys.readouterr().out)["entities"]
    assert (entities["targets"]["kept"], entities["buildings"]["kept"]) == (300, 120)


def test_module_is_the_command(built: LittleCity):
    done = run_python(
        "import runpy; runpy.run_module('pppdash', run_name='__main__', alter_sys=True)",
        "show",
        "targets",
        built.folder,
        "--format",
        "csv",
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "targets\n8\n", "")


# -- after a build ---------------------------------------------------------------------------------


def test_build_if_changed_builds_what_has_changed(built: LittleCity, tmp_path: Path, capsys):
    city = copy_city(built, tmp_path / "city")
    before = city.build_id
    assert run("build", city.folder, "--if-changed") == DONE
    assert capsys.readouterr() == ("", "")
    city.write("accounts.csv", ACCOUNTS + "A5,T2,,2016-02-02,,\n")
    assert run("build", city.folder, "--if-changed") == DONE
    assert "published" in capsys.readouterr().out
    assert city.build_id != before


def test_a_copied_city_with_another_name_is_built_anew(built: LittleCity, tmp_path: Path):
    city = copy_city(built, tmp_path / "city")
    city.set("", 'name = "Elsewhere"\nas_of = 2017-03-31')
    assert run("build", city.folder, "--if-changed") == DONE
    assert city.build_id != built.build_id


def test_warnings_and_rejected_rows_are_said(built: LittleCity, tmp_path: Path, capsys):
    city = copy_city(built, tmp_path / "city")
    city.write("accounts.csv", ACCOUNTS + "A5,T2,B3,2012-01-01,,\nA6,T99,,2016-01-01,,\n")
    assert run("check", city.folder) == DONE
    said = " ".join(capsys.readouterr().err.split())
    assert "lies before the program's launch on 2012-03-07; it counts all the same (1)" in said
    assert "is not the building of the target beside it; the target's counts (1)" in said
    assert "accounts: 1 rejected row is in rejected/accounts.csv" in said


def test_json_is_printed_even_when_the_configuration_is_no_good(tmp_path: Path, capsys):
    city = little_city(tmp_path / "city")
    city.set("settings", "snap = 3")
    assert run("build", city.folder, "--json") == REFUSED
    report = last_object(capsys.readouterr().out)
    assert not report["published"]
    assert "settings.snap: is not a known key; did you mean 'snap_m'?" in report["errors"][0]


def test_numbers_of_synthetic_data_say_so(built: LittleCity, tmp_path: Path, capsys):
    city = copy_city(built, tmp_path / "city")
    city.set("", 'name = "Littleton"\nas_of = 2017-03-31\nsynthetic = ["accounts"]')
    assert_published(city)
    assert run("show", "coverage", city.folder, "--format", "csv") == DONE
    printed = capsys.readouterr()
    assert printed.err == "Synthetic data: accounts.\n"
    assert printed.out.startswith("coverage\n")


def test_the_city_may_stand_behind_the_options(built: LittleCity, capsys):
    assert run("show", "targets", "--by", "ward", "--format", "csv", built.folder) == DONE
    assert len(capsys.readouterr().out.splitlines()) == 4
    assert run("show", "targets", built.folder, "--by", "ward", "another") == WRONG_USE
    assert "unrecognized arguments: another" in capsys.readouterr().err
