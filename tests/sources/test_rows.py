"""Rows that may not come in: each with its file, row, column, value and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd
import pytest

from pppdash.sources import read
from pppdash.sources.contracts import ENTITIES
from pppdash.sources.parse import clean, parse
from tests.helpers import (
    ACCOUNTS,
    BUILDINGS,
    TARGETS,
    LittleCity,
    assert_nothing_lost,
    assert_published,
    assert_refused,
    copy_city,
)


class Bad(NamedTuple):
    line: str
    column: str
    value: str
    reason: str


CALENDAR = "is not a date of the calendar in the form %Y-%m-%d; mend it, or name its form in"
ONLY_FIRST = "only the first is kept"
HAPPENED = "does not lie between 1900 and tomorrow; mend the date"

ACCOUNT = {
    "duplicate key": Bad(
        "A1,T2,,2016-01-01,,",
        "account_id",
        "A1",
        "repeats the account_id of row 2 of accounts.csv; only the first is kept",
    ),
    "building not there": Bad(
        "X1,,B99,2016-01-01,,", "building_id", "B99", "is not in buildings; add it there or mend"
    ),
    "target not there": Bad(
        "X2,T99,,2016-01-01,,", "target_id", "T99", "is not in targets; add it there or mend the"
    ),
    "neither target nor building": Bad(
        "X3,,,2016-01-01,,", "target_id", "", "is missing, and so is building_id; one of them is"
    ),
    "ended before enrolled": Bad(
        "X4,T2,,2016-01-02,2016-01-01,",
        "ended_on",
        "2016-01-01",
        "lies before enrolled_on; mend one of the two",
    ),
    "active before enrolled": Bad(
        "X5,T2,,2016-01-02,,2016-01-01", "last_active_on", "2016-01-01", "lies before enrolled_on"
    ),
    "year 2107": Bad("X6,T2,,2107-01-01,,", "enrolled_on", "2107-01-01", HAPPENED),
    "year 1899": Bad("X7,T2,,1899-12-31,,", "enrolled_on", "1899-12-31", HAPPENED),
    "after tomorrow": Bad("X8,T2,,2017-04-03,,", "enrolled_on", "2017-04-03", HAPPENED),
    "31 February": Bad("X9,T2,,2016-02-31,,", "enrolled_on", "2016-02-31", CALENDAR),
    "29 February of no leap year": Bad(
        "X10,T2,,2015-02-29,,", "enrolled_on", "2015-02-29", CALENDAR
    ),
    "another order": Bad("X11,T2,,01/02/2016,,", "enrolled_on", "01/02/2016", CALENDAR),
    "serial number": Bad("X12,T2,,42370,,", "enrolled_on", "42370", CALENDAR),
    "no date": Bad("X13,T2,,,,", "enrolled_on", "", "is missing; it is needed"),
    "no id": Bad(",T2,,2016-01-01,,", "account_id", "", "is missing; it is needed"),
    "e-mail as id": Bad(
        "of ann@example.org,T2,,2016-01-01,,",
        "account_id",
        "of [removed]",
        "holds an e-mail address, which is never stored; use another id",
    ),
}
BUILDING = {
    "swapped": Bad(
        "X1,41.805,-87.695,,,",
        "latitude",
        "'-87.695",
        "looks swapped with longitude: the other way round they lie in the city",
    ),
    "feet": Bad(
        "X2,1175000,1900000,,,",
        "longitude",
        "1175000",
        "is not in degrees (longitude -180 to 180, latitude -90 to 90); convert it, or set `crs`",
    ),
    "latitude alone in feet": Bad(
        "X3,-87.695,1900000,,,", "latitude", "1900000", "is not in degrees"
    ),
    "endless": Bad("X4,inf,41.805,,,", "longitude", "inf", "is not in degrees"),
    "no coordinates": Bad("X5,,,,,", "longitude", "", "is missing; it is needed"),
    "no number": Bad("X6,west,41.805,,,", "longitude", "west", "is not a number"),
    "not a number": Bad("X7,nan,41.805,,,", "longitude", "nan", "is not a number"),
    "decimal comma": Bad('X8,"-87,695",41.805,,,', "longitude", "'-87,695", "is not a number"),
    "too far out": Bad(
        "X9,-87.640,41.830,,,",
        "longitude",
        "'-87.640",
        "lies 1,111 m outside every area of ward; mend its coordinates, or leave it out with",
    ),
    "null island": Bad("X10,0,0,,,", "longitude", "0", "lies 9,815 km outside every area of ward"),
    "other side of the world": Bad("X11,92,-42,,,", "longitude", "92", "lies 19,974 km outside"),
    "unknown sector": Bad(
        "X12,-87.695,41.805,,Retail,", "sector", "Retail", "is not one of Chemical, Commercial"
    ),
    "half an employee": Bad(
        "X13,-87.695,41.805,,,12.5", "employees", "12.5", "is not a whole number"
    ),
    "thousands": Bad('X14,-87.695,41.805,,,"1,234"', "employees", "1,234", "is not a whole number"),
    "more than can be counted": Bad(
        "X15,-87.695,41.805,,,1e19", "employees", "1e19", "is not a whole number"
    ),
    "below zero": Bad("X16,-87.695,41.805,,,-3", "employees", "'-3", "is below 0"),
    "duplicate of a later chance": Bad(
        "X17,-87.695,41.805,again,,",
        "building_id",
        "X17",
        "repeats the building_id of row 25 of buildings.csv; only the first is kept",
    ),
}
# A first X17 that is rejected takes nobody's place: the second is kept, the third repeats it.
FIRST_BUILDINGS = BUILDINGS + "X17,west,41.805,,,\n"


@dataclass(frozen=True)
class Refused:
    said: str
    rejected: dict[str, list[dict[str, str]]]


def spoiled(entity: str, bad: dict[str, Bad]) -> str:
    if entity == "accounts":
        return ACCOUNTS + "".join(f"{row.line}\n" for row in bad.values())
    lines = [row.line for row in bad.values()]
    lines.insert(-1, "X17,-87.695,41.805,,,")
    return FIRST_BUILDINGS + "".join(f"{line}\n" for line in lines)


@pytest.fixture(scope="module")
def refused(built_city: LittleCity, tmp_path_factory: pytest.TempPathFactory) -> Refused:
    """What a build says of a city with all of these rows at once."""
    city = copy_city(built_city, tmp_path_factory.mktemp("spoiled") / "city")
    city.write("accounts.csv", spoiled("accounts", ACCOUNT))
    city.write("buildings.csv", spoiled("buildings", BUILDING))
    said = assert_refused(city)
    return Refused(said, {name: city.rejected(name) for name in ("buildings", "accounts")})


@pytest.mark.parametrize("case", ACCOUNT)
def test_account_is_rejected_with_its_reason(refused: Refused, case: str):
    assert_said(refused.rejected["accounts"], ACCOUNT[case], 6 + list(ACCOUNT).index(case))


@pytest.mark.parametrize("case", BUILDING)
def test_building_is_rejected_with_its_reason(refused: Refused, case: str):
    number = 9 + list(BUILDING).index(case) + (case == list(BUILDING)[-1])
    assert_said(refused.rejected["buildings"], BUILDING[case], number)


def assert_said(rows: list[dict[str, str]], bad: Bad, number: int) -> None:
    found = [row for row in rows if row["row"] == str(number)]
    assert (found[0]["column"], found[0]["value"]) == (bad.column, bad.value)
    assert found[0]["reason"].startswith(bad.reason)


def test_refusal_names_the_first_of_them_and_where_all_are(refused: Refused):
    for words in (
        f"accounts: {len(ACCOUNT)} of {4 + len(ACCOUNT)} rows were rejected, and at most 1 may be",
        "The first is row 6 of accounts.csv: account_id 'A1' repeats the account_id of row 2",
        "rejected/accounts.csv; mend them, or raise settings.max_rejected.",
        "The first is row 8 of buildings.csv: longitude 'west' is not a number.",
    ):
        assert words in refused.said


def test_what_hangs_on_a_rejected_row_is_rejected_with_it(city: LittleCity):
    city.write("buildings.csv", BUILDINGS.replace("B1,-87.695", "B1,west"))
    assert_refused(city, "targets: 2 of 8", "refers to a row of buildings that was itself")
    (account,) = city.rejected("accounts")
    assert account["reason"] == "refers to a row of targets that was itself rejected"


@pytest.mark.parametrize("rows", [1, 200_000])
def test_what_refers_to_a_row_kept_after_one_that_was_rejected_comes_in(
    city: LittleCity, monkeypatch: pytest.MonkeyPatch, rows: int
):
    whole = read.Scratch.chunks
    monkeypatch.setattr(read.Scratch, "chunks", lambda scratch, taken=rows: whole(scratch, taken))
    city.write("buildings.csv", BUILDINGS.replace("B1,-87.695", "B1,west,1,,,\nB1,-87.695"))
    report = assert_published(city)
    assert report.tallies["buildings"].rejected == 1
    assert report.tallies["targets"].rejected == 0


def test_one_bad_row_does_not_keep_a_city_from_publishing(city: LittleCity):
    city.write("accounts.csv", ACCOUNTS + "A5,T2,,2016-02-31,,\n")
    report = assert_published(city)
    assert report.tallies["accounts"].rejected == 1
    problems = [row for row in city.query("problems") if row["severity"] == "rejected"]
    assert [(row["entity"], row["row"], row["value"]) for row in problems] == [
        ("accounts", 6, "2016-02-31")
    ]


def test_max_rejected_is_a_share_of_the_rows(city: LittleCity):
    city.write("accounts.csv", ACCOUNTS + "A5,T99,,2016-01-01,,\nA6,T99,,2016-01-01,,\n")
    city.set("settings", "max_rejected = 0.33")
    assert_refused(city, "accounts: 2 of 6 rows were rejected, and at most 1 may be")
    city.set("settings", "max_rejected = 0.34")
    assert assert_published(city).tallies["accounts"].rejected == 2


def test_tomorrow_is_the_last_day_on_which_anything_may_have_happened(city: LittleCity):
    city.write("accounts.csv", ACCOUNTS + "A5,T2,,2017-04-02T13:00:00,,\nA6,T2,,2017-04-03,,\n")
    report = assert_published(city)
    assert report.tallies["accounts"].kept == 5
    assert [row["row"] for row in city.rejected("accounts")] == ["7"]


def test_dates_in_the_city_s_own_forms_are_tried_in_their_order(city: LittleCity):
    city.write("accounts.csv", ACCOUNTS + "A5,T2,,01/02/2016,,\nA6,T3,,31/12/2016,,\n")
    city.set("sources.accounts", 'path = "accounts.csv"\ndate_formats = ["%m/%d/%Y", "%d/%m/%Y"]')
    assert_published(city)
    enrolled = {row["target_id"]: str(row["enrolled_on"])[:10] for row in city.targets()}
    assert (enrolled["T2"], enrolled["T3"]) == ("2016-01-02", "2016-12-31")


def test_ids_are_text_and_trimmed(city: LittleCity):
    city.write("targets.csv", TARGETS + " 007 ,B1,a,tenant\n7,B1,b,tenant\n\u00a0T9\u00a0,B1,c,\n")
    assert_published(city)
    assert {"007", "7", "T9"} <= {row["target_id"] for row in city.targets()}


@pytest.mark.parametrize(
    ("written", "is_quick_win"),
    [("TRUE", True), ("Yes", True), ("1", True), ("no", False), ("f", False), ("", False)],
)
def test_flags(written: str, is_quick_win: bool):
    column = ENTITIES["targets"].column("is_quick_win")
    value = parse(clean(pd.Series([written])), column, ())[0]
    assert (False if pd.isna(value) else bool(value)) == is_quick_win


def test_what_is_neither_true_nor_false_is_said(city: LittleCity):
    lines = TARGETS.replace("role", "is_quick_win").replace("manager", "true")
    city.write("targets.csv", lines.replace("tenant", "perhaps"))
    assert_refused(city, "is_quick_win 'perhaps' is neither true nor false")


def test_where_that_leaves_nothing_is_a_warning(city: LittleCity):
    city.set("sources.accounts", 'path = "accounts.csv"\nwhere = "form = \'none\'"')
    city.write("accounts.csv", ACCOUNTS.replace("last_active_on", "form"))
    report = assert_published(city)
    assert report.tallies["accounts"].excluded == 4
    assert "excluded every row" in report.tallies["accounts"].warnings[0].reason


def test_qualify_keeps_one_of_many(city: LittleCity):
    city.write("buildings.csv", BUILDINGS + "B1,-87.695,41.805,Newer House,,\n")
    newest = "row_number() over (partition by building_id order by name desc) = 1"
    city.set("sources.buildings", f'path = "buildings.csv"\nqualify = "{newest}"')
    report = assert_published(city)
    assert report.tallies["buildings"].excluded == 1
    assert city.buildings()[0]["name"] == "Newer House"


CROSSWALK = 'sector = { from = "name", crosswalk = "kinds.csv" }'


def test_crosswalk_translates_and_says_what_it_lacks(city: LittleCity):
    city.set("sources.buildings.columns", CROSSWALK)
    city.write(
        "kinds.csv", "from;to\nElm House;Energy\nElm House;Energy\nÖl;Dams\n".encode("latin-1")
    )
    report = assert_published(city)
    sectors = {row["building_id"]: row["sector"] for row in city.buildings()}
    assert (sectors["B5"], sectors["B1"]) == ("Energy", "Unclassified")
    said = [notice.reason for notice in report.tallies["buildings"].warnings]
    assert "lacks 'Alder House'; it counts as not given" in said
    assert sum(notice.count for notice in report.tallies["buildings"].warnings) == 5


def test_crosswalk_warnings_hold_no_address_and_end_somewhere(city: LittleCity):
    rows = "".join(f"X{i},-87.69,41.81,at x{i}@example.org,,\n" for i in range(60))
    city.write("buildings.csv", BUILDINGS + rows)
    city.set("sources.buildings.columns", CROSSWALK)
    city.write("kinds.csv", "from,to\nElm House,Energy\n")
    report = assert_published(city)
    warnings = report.tallies["buildings"].warnings
    assert len(warnings) < 60
    assert sum(notice.count for notice in warnings) == 65
    assert not any("@" in notice.reason for notice in warnings)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("from,to\nElm House,Energy\nElm House,Dams\n", "translates 'Elm House' in two ways"),
        ("a,b\nElm House,Energy\n", "needs the columns from and to"),
        ("", "kinds.csv is empty"),
        (None, "crosswalk 'kinds.csv' is neither in the city's folder nor among those"),
        ("from,to\nElm House,Shops\nFir House,Shops\n", "sector 'Shops' is not one of Chemical"),
    ],
)
def test_crosswalk_that_cannot_be_used(city: LittleCity, content: str | None, words: str):
    city.set("sources.buildings.columns", CROSSWALK)
    if content is not None:
        city.write("kinds.csv", content)
    assert_refused(city, words)


def test_goals_are_held_against_sectors_and_areas(city: LittleCity):
    city.write(
        "goals.csv",
        "metric,scope,key,target,due\n"
        "coverage,all,,0.8,2020-12-31\n"
        "coverage,,,0.7,2020-12-31\n"
        "coverage,all,1,0.7,2020-12-31\n"
        "coverage,sector,Retail,0.7,2020-12-31\n"
        "coverage,area,9,0.7,2020-12-31\n"
        "coverage,area,1,80,2107-12-31\n"
        "coverage,area,1,0.5,2107-12-31\n",
    )
    city.set("sources.goals", 'path = "goals.csv"')
    assert_refused(city, "goals: 5 of 7 rows were rejected")
    assert [(row["row"], row["column"], row["reason"]) for row in city.rejected("goals")] == [
        (
            "3",
            "metric",
            "repeats the metric + scope + key of row 2 of goals.csv; only the first is kept",
        ),
        ("4", "key", "is not needed where the goal is for all; leave it empty"),
        ("5", "key", "is not one of the 16 sectors"),
        ("6", "key", "is not an area of ward"),
        ("7", "target", "is above 1"),
    ]


def test_flash_points_may_lie_ahead_but_not_run_backwards(city: LittleCity):
    city.write(
        "flash_points.csv",
        "flash_point_id,name,started_on,ended_on,kind\n"
        "1,Ahead,2107-01-01,,planned_event\n"
        "2,Backwards,2016-01-02,2016-01-01,\n"
        "3,Other,2016-01-01,,riot\n"
        "4,Never,2300-01-01,,attack\n",
    )
    city.set("sources.flash_points", 'path = "flash_points.csv"')
    assert_refused(city, "flash_points: 3 of 4 rows were rejected")
    assert [(row["column"], row["value"]) for row in city.rejected("flash_points")] == [
        ("ended_on", "2016-01-01"),
        ("kind", "riot"),
        ("started_on", "2300-01-01"),
    ]


def test_every_row_is_accounted_for_in_every_entity_at_once(city: LittleCity):
    city.write("buildings.csv", BUILDINGS + "B7,west,41.8,,,\n")
    city.write("accounts.csv", ACCOUNTS + "A5,T2,,2016-02-31,,\n")
    city.set("sources.targets", 'path = "targets.csv"\nwhere = "role = \'manager\'"')
    report = city.build()
    assert_nothing_lost(city, report)
    tallies = report.as_dict()["entities"]
    assert tallies["targets"]["excluded"] == 2
    assert tallies["buildings"]["rejected"] == tallies["accounts"]["rejected"] == 1


def test_nothing_depends_on_how_many_rows_are_taken_at_a_time(
    city: LittleCity, refused: Refused, monkeypatch: pytest.MonkeyPatch
):
    whole = read.Scratch.chunks
    monkeypatch.setattr(read.Scratch, "chunks", lambda scratch, rows=2: whole(scratch, rows))
    city.write("accounts.csv", spoiled("accounts", ACCOUNT))
    city.write("buildings.csv", spoiled("buildings", BUILDING))
    assert_refused(city)
    assert {name: city.rejected(name) for name in refused.rejected} == refused.rejected
