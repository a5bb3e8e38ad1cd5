"""What a date may know: nothing that was not so yet, and nothing later."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date

import pytest

from pppdash.errors import UsageError
from pppdash.metrics.compute import compute, parse_filters
from pppdash.metrics.filters import Filters
from pppdash.warehouse.read import open_warehouse
from tests.helpers import LittleCity, assert_published

FLASH_POINTS = """\
flash_point_id,name,started_on,kind,scope
S,Summit,2012-05-20,planned_event,local
F,Festival,2017-06-30,planned_event,local
A,Attack,2015-06-17,attack,national
"""


def names(city: LittleCity, as_of: date) -> set[str]:
    return {row["name"] for row in city.query("flash_points", as_of=as_of)}


def test_a_planned_event_is_known_from_its_window_on_or_in_the_present(city: LittleCity):
    city.write("flash_points.csv", FLASH_POINTS)
    city.set("sources.flash_points", 'path = "flash_points.csv"')
    assert_published(city)
    assert names(city, date(2012, 3, 20)) == {"Summit"}
    assert names(city, date(2016, 6, 1)) == {"Summit", "Attack"}
    assert names(city, date(2017, 3, 31)) == {"Summit", "Attack", "Festival"}


def test_a_later_target_takes_no_earlier_enrollment_away(city: LittleCity):
    """A4 names only B6, whose sole target it enrolls, whoever moves in afterwards."""
    city.write(
        "targets.csv",
        "target_id,building_id,role,listed_on\nT8,B6,tenant,\nT9,B6,tenant,2017-01-01\n",
    )
    city.write("accounts.csv", "account_id,building_id,enrolled_on\nA4,B6,2016-01-15\n")
    assert_published(city)
    assert {row["target_id"]: row["status"] for row in city.targets()} == {
        "T8": "active",
        "T9": "never",
    }


def test_a_wave_after_the_newest_account_can_be_looked_at(city: LittleCity):
    city.write("survey_waves.csv", "wave,label\n2017-03-31,Spring\n2016-12-01,Winter\n")
    city.set("sources.survey_waves", 'path = "survey_waves.csv"')
    city.set("", 'name = "Littleton"\nlaunched_on = 2012-03-07')
    assert_published(city)
    with closing(open_warehouse(city.folder)) as warehouse:
        build = warehouse.build
        assert (build.as_of, build.last_on) == (date(2016, 7, 1), date(2017, 3, 31))
        with pytest.raises(UsageError, match="2099-01-01 lies ahead; the newest"):
            parse_filters(warehouse, date(2099, 1, 1), [])


def test_a_city_seen_from_ahead_is_refused(city: LittleCity):
    city.set("", 'name = "Littleton"\nas_of = 2017-04-02')
    (error,) = city.build().errors
    assert "as_of = 2017-04-02 lies ahead" in error


def test_under_a_filter_buildings_hold_such_targets_and_count_them_alone(city: LittleCity):
    """B3 is a Commercial Facilities building in which a bank is made a target of another kind."""
    city.write(
        "targets.csv",
        "target_id,building_id,sector\nT4,B3,\nT5,B3,Financial Services\nT1,B1,\n",
    )
    city.write("accounts.csv", "account_id,target_id,enrolled_on\nA1,T4,2012-03-20\n")
    assert_published(city)
    banks = Filters(date(2017, 3, 31), "ward", sectors=("Financial Services",))
    assert city.buildings(banks) == []
    (row,) = city.buildings(replace(banks, sectors=("Commercial Facilities",)))
    assert (row["building_id"], row["targets"], row["targets_enrolled"]) == ("B3", 1, 1)
    assert row["status"] == "active"
    with closing(open_warehouse(city.folder)) as warehouse:
        areas = compute(warehouse, ["targets", "targets_enrolled"], ["ward"], banks)
    assert areas[["targets", "targets_enrolled"]].sum().tolist() == [1, 0]


def test_a_building_has_the_employees_of_its_targets_where_it_says_none(city: LittleCity):
    city.write("targets.csv", "target_id,building_id,employees\nT6,B4,200\nT9,B4,80\nT1,B1,999\n")
    city.write("accounts.csv", "account_id,target_id,enrolled_on\nA1,T1,2012-03-20\n")
    assert_published(city)
    bands = {row["building_id"]: row["size_band"] for row in city.buildings()}
    assert (bands["B4"], bands["B1"]) == ("large", "small")
