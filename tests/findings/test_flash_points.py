"""Flash points of a warehouse: what the filters reach, and that windows have one definition."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pppdash.analysis.windows import first_day, last_day, windows
from pppdash.findings import flash_points
from pppdash.metrics.compute import compute, parse_filters
from pppdash.metrics.filters import Box, Filters
from pppdash.warehouse.read import Warehouse, open_warehouse
from tests.helpers import assert_published, little_city

EVENTS = """\
flash_point_id,name,started_on,kind
old,Old,1999-04-20,attack
first,First,2012-04-02,planned_event
second,Second,2012-05-30,attack
third,Third,2015-06-17,disaster
unknown,Unknown,2016-12-31,
ahead,Ahead,2017-08-01,planned_event
"""


@pytest.fixture(scope="module", params=["2012-03-07", ""], ids=["launch known", "launch unknown"])
def city(tmp_path_factory, request) -> Iterator[Warehouse]:
    made = little_city(tmp_path_factory.mktemp("cities") / "flashing")
    made.write("flash_points.csv", EVENTS)
    made.set("sources.flash_points", 'path = "flash_points.csv"')
    made.set("settings.windows", "planned_before = 3\nplanned_after = 0\nother_after = 4")
    launched = f"launched_on = {request.param}\n" if request.param else ""
    made.set("", f'name = "Littleton"\n{launched}as_of = 2017-03-31')
    assert_published(made)
    with closing(open_warehouse(made.folder)) as warehouse:
        yield warehouse


def test_the_warehouse_and_the_analysis_have_the_same_windows(city):
    events = city.query("flash_points", as_of=date(2030, 1, 1))
    assert len(events) == 6
    found = windows(events, flash_points.settings_of(city.build), 2012 * 12 + 2)
    assert [first_day(start) for start in found["start"]] == list(events["window_start"].dt.date)
    assert [last_day(end) for end in found["end"]] == list(events["window_end"].dt.date)
    assert found["holds_launch"].tolist() == events["holds_launch"].tolist()
    assert found["holds_launch"].any()


def test_the_first_month_is_the_launch_s(city):
    found = flash_points.measure(city, Filters(city.build.as_of))
    assert found.months["month"].iloc[0] == pd.Timestamp("2012-03-01")
    held = {event.name: event.holds_launch for event in found.events}
    assert held["First"] and not held["Third"]
    assert {event.verdict for event in found.events} == {"too little data"}  # of four accounts


def test_the_sample_s_summit_is_a_rise(sample):
    found = flash_points.measure(sample, Filters(sample.build.as_of))
    summit = found.events[0]
    assert (summit.name, summit.verdict, summit.holds_launch) == ("NATO Summit", "rise", True)
    assert found.remarks == ()


def test_counts_are_those_of_the_metrics(sample):
    filters = Filters(sample.build.as_of)
    found = flash_points.measure(sample, filters)
    metrics = compute(sample, ["accounts_opened"], ["flash_point"], filters)
    opened = metrics.set_index("flash_point_id")["accounts_opened"].to_dict()
    assert {event.flash_point_id: event.observed for event in found.events} == opened
    assert (
        found.months["opened"].sum() == compute(sample, ["accounts_opened"], [], filters).iloc[0, 0]
    )


@pytest.mark.parametrize("by", ["sector", "size_band", "side"])
def test_filters_reach_everything(sample, by):
    whole = flash_points.measure(sample, Filters(sample.build.as_of))
    values = compute(sample, ["targets"], [by], Filters(sample.build.as_of)).iloc[:, 0]
    parts = [
        flash_points.measure(sample, parse_filters(sample, None, [(by, str(value))]))
        for value in values
    ]
    for name in ("opened", "at_risk"):
        summed = np.sum([part.months[name] for part in parts], axis=0)
        assert summed == pytest.approx(whole.months[name].to_numpy()), name
    assert sum(part.events[0].observed for part in parts) == whole.events[0].observed


def test_at_risk_are_the_targets_not_enrolled_when_the_month_began(sample):
    found = flash_points.measure(sample, Filters(sample.build.as_of))
    at = found.months.set_index("month")["at_risk"]
    assert at.iloc[0] == 10_000
    for month in ("2012-05", "2015-07", "2017-03"):
        before = pd.Timestamp(month) - pd.Timedelta(days=1)
        row = compute(sample, ["targets", "targets_enrolled"], [], Filters(before.date())).iloc[0]
        assert at[pd.Timestamp(month)] == row["targets"] - row["targets_enrolled"]


def test_what_lasted_follows_filters_and_parts_of_the_map(sample):
    extent = sample.query("map_extent").iloc[0]
    middle = (extent["west"] + extent["east"]) / 2
    filters = Filters(sample.build.as_of)
    halves = [
        Box(extent["west"] - 1, extent["south"] - 1, middle, extent["north"] + 1),
        Box(middle, extent["south"] - 1, extent["east"] + 1, extent["north"] + 1),
    ]
    counts = [
        sample.query("account_spells", **replace(filters, within=half).params())["accounts"].sum()
        for half in halves
    ]
    assert sum(counts) == sample.query("account_spells", **filters.params())["accounts"].sum()
    assert min(counts) > 0
    energy = flash_points.measure(sample, parse_filters(sample, None, [("sector", "Energy")]))
    whole = flash_points.measure(sample, filters)
    assert energy.events[0].active_after_12m != whole.events[0].active_after_12m


def test_ends_after_the_date_are_unknown_then(sample):
    spells = sample.query("account_spells", **Filters(date(2013, 1, 31)).params())
    assert spells["opened_on"].max() <= pd.Timestamp("2013-01-31")
    assert spells["ended_on"].max() <= pd.Timestamp("2013-01-31")


def test_a_date_of_ones_own(sample):
    filters = Filters(sample.build.as_of)
    quiet = flash_points.hypothetical(sample, filters, date(2014, 4, 10), "attack")
    assert quiet.verdict == "no detectable change" and quiet.placebos >= 19
    again = flash_points.hypothetical(sample, filters, date(2016, 6, 13), "attack")
    assert again.verdict == "rise"  # in Orlando's window: one group with it


@pytest.mark.parametrize("as_of", [date(2011, 1, 1), date(2012, 3, 8)])
def test_before_a_month_is_over_there_is_nothing_to_measure(sample, as_of):
    found = flash_points.measure(sample, Filters(as_of))
    assert {event.verdict for event in found.events} <= {"too little data"}
    assert found.interim.interim_months == 0 and len(found.months) == (as_of.year == 2012)


def test_an_empty_city_has_nothing_to_say(empty_city: Path):
    with closing(open_warehouse(empty_city)) as warehouse:
        found = flash_points.measure(warehouse, Filters(warehouse.build.as_of))
    assert found.events == () and found.months.empty
    assert found.interim.interim_months == 0


def test_accounts_from_before_the_launch_are_said(tmp_path: Path):
    made = little_city(tmp_path / "late")
    made.set("", 'name = "Littleton"\nlaunched_on = 2014-06-01\nas_of = 2017-03-31')
    assert_published(made)
    with closing(open_warehouse(made.folder)) as warehouse:
        found = flash_points.measure(warehouse, Filters(warehouse.build.as_of))
    assert found.months["month"].iloc[0] == pd.Timestamp("2014-06-01")
    assert found.months["at_risk"].iloc[0] == 6  # two of eight had enrolled
    assert found.remarks == (
        "Accounts opened before the month of the launch are in no month here: 2.",
    )
