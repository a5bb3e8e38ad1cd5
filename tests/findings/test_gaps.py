"""Sector gaps from a warehouse: the same counts as everywhere else, and who could be won."""

from __future__ import annotations

from contextlib import closing
from datetime import date

import pytest

from pppdash.analysis.gaps import COLUMNS
from pppdash.errors import UsageError
from pppdash.findings.gaps import (
    dormant_accounts,
    largest_gaps,
    measure_gaps,
    members_not_enrolled,
)
from pppdash.metrics.compute import compute
from pppdash.metrics.filters import Box, Filters
from pppdash.warehouse.read import open_warehouse
from tests.helpers import AS_OF, SIDE, SOUTH, WEST, little_city

# T2 and T3 by themselves; everyone in B3 and B6 through their building. T4 and T8 are enrolled.
MEMBERSHIPS = """\
target_id,building_id,program
T2,,InfraGard
T2,,"Owners, Managers"
T3,,InfraGard
,B3,"Owners, Managers"
T5,,InfraGard
,B6,InfraGard
"""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    city = little_city(tmp_path_factory.mktemp("cities") / "members")
    city.write("memberships.csv", MEMBERSHIPS)
    city.set("sources.memberships", 'path = "memberships.csv"')
    assert city.build().published
    with closing(open_warehouse(city.folder)) as opened:
        yield opened


def _counts(warehouse, **chosen):
    rows = members_not_enrolled(warehouse, Filters(AS_OF, "ward", **chosen))
    return rows.fillna({"program": "any"}).groupby("program")["targets"].sum().to_dict()


@pytest.mark.parametrize("by", [["sector"], ["size_band"], ["ward", "sector"], ["ward"]])
def test_cells_are_those_of_compute_and_together_the_whole(warehouse, by):
    found = measure_gaps(warehouse, by, Filters(AS_OF))
    assert set(COLUMNS) <= set(found.cells)
    assert (found.targets, found.enrolled) == (8, 3)
    same = compute(warehouse, ["targets", "targets_enrolled", "shortfall"], by, Filters(AS_OF))
    key = list(found.by)
    merged = found.cells.merge(same, on=key, suffixes=("", "_there"))
    assert len(merged) == len(found.cells) == int((same["targets"] > 0).sum())
    assert (merged["targets"] == merged["targets_there"]).all()
    assert (merged["enrolled"] == merged["targets_enrolled"]).all()


def test_the_overview_has_the_order_of_the_page(sample):
    filters = Filters(sample.build.as_of, "side")
    few = largest_gaps(sample, ["sector", "side"], filters)
    full = measure_gaps(sample, ["sector", "side"], filters).cells
    same = ["sector", "area_id", "reason", "ranked_shortfall"]
    assert few[same].equals(full[same])


def test_gaps_follow_the_filters(warehouse):
    found = measure_gaps(warehouse, ["sector"], Filters(AS_OF, "ward", ("1",)))
    assert found.cells["sector"].tolist() == ["Energy"]
    assert found.targets == 3
    assert measure_gaps(warehouse, ["sector"], Filters(date(2012, 3, 8))).enrolled == 0


@pytest.mark.parametrize("by", [[], ["month"], ["sector", "year"], ["nothing"]])
def test_gaps_by_what_makes_no_sense_are_refused(warehouse, by):
    with pytest.raises(UsageError):
        measure_gaps(warehouse, by, Filters(AS_OF))


def test_members_not_enrolled_count_under_each_program_and_once_in_all(warehouse):
    # Not enrolled and a member: T2 (both), T3 (InfraGard), T5 (both).
    assert _counts(warehouse) == {"InfraGard": 3, "Owners, Managers": 2, "any": 3}


def test_members_follow_date_and_filters(warehouse):
    assert _counts(warehouse, sectors=("Energy",)) == {
        "InfraGard": 2,
        "Owners, Managers": 1,
        "any": 2,
    }
    assert _counts(warehouse, areas=("2",)) == {"InfraGard": 1, "Owners, Managers": 1, "any": 1}
    assert _counts(warehouse, size_bands=("mid-sized",)) == {"InfraGard": 1, "any": 1}
    west = Box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)
    assert _counts(warehouse, within=west)["any"] == 2
    before = members_not_enrolled(warehouse, Filters(date(2012, 3, 8), "ward"))
    assert before.loc[before["program"].isna(), "targets"].sum() == 5  # nobody is enrolled yet


def test_members_of_the_sample_are_those_of_its_list_of_targets(sample):
    filters = Filters(sample.build.as_of, "side", sectors=("Energy", "Chemical"))
    listed = sample.query("targets", **filters.params())
    missed = listed[(listed["status"] != "active") & (listed["memberships"] != "")]
    found = members_not_enrolled(sample, filters)
    any_program = found[found["program"].isna()].groupby(["sector", "area_id"])["targets"].sum()
    assert any_program.to_dict() == missed.groupby(["sector", "area_id"]).size().to_dict()
    programs = missed["memberships"].str.split(", ").explode().value_counts()
    assert found.groupby("program")["targets"].sum().to_dict() == programs.to_dict()


def test_dormant_accounts_are_those_that_the_metric_counts(sample):
    for filters in (
        Filters(sample.build.as_of, "side"),
        Filters(sample.build.as_of, "side", ("central",), ("Energy", "Chemical")),
        Filters(date(2015, 6, 30), "side", size_bands=("small",)),
    ):
        accounts = dormant_accounts(sample, filters)
        counted = compute(sample, ["accounts_dormant"], [], filters)["accounts_dormant"].iloc[0]
        assert len(accounts) == counted
        assert accounts["days_quiet"].gt(sample.build.dormant_after_days).all()
        assert accounts["last_active_on"].is_monotonic_decreasing


def test_dormant_accounts_say_who_where_and_since_when(warehouse):
    found = dormant_accounts(warehouse, Filters(date(2018, 3, 2), "ward"))
    assert found["account_id"].tolist() == ["A1", "A4", "A2"]
    row = found.iloc[0]
    assert (row["organization"], row["building"]) == ("Alder Management", "Alder House")
    assert (row["area_name"], row["days_quiet"]) == ("Ward 1", 366)
    assert found["organization"][1] == "Fir Clinic"  # the account names the building alone
    a_day_before = dormant_accounts(warehouse, Filters(date(2018, 3, 1), "ward"))
    assert a_day_before["account_id"].tolist() == ["A4", "A2"]
