"""Buildings one by one: on the map, on their cards and in the list beside it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pppdash.metrics.compute import compute
from pppdash.metrics.filters import Box, Circle, Filters
from pppdash.metrics.world import world
from pppdash.warehouse.read import Warehouse
from tests.helpers import LittleCity, assert_published
from tests.warehouse.map_queries import see_buildings

DATES = st.dates(date(2012, 2, 20), date(2017, 4, 10))
PLACED = ["accounts", "buildings", "building_enrollments", "target_enrollments", "targets"]


def test_places_follow_the_curve(sample: Warehouse):
    buildings = sample.execute("select * from marts.buildings", {})
    assert buildings["place"].tolist() == list(range(len(buildings)))
    positions = [
        world(longitude, latitude)
        for longitude, latitude in zip(buildings["longitude"], buildings["latitude"], strict=True)
    ]
    assert list(zip(buildings["x"], buildings["y"], strict=True)) == positions
    keys = [
        (_interleaved(x, y), building_id)
        for (x, y), building_id in zip(positions, buildings["building_id"], strict=True)
    ]
    assert keys == sorted(keys)


def _interleaved(x: int, y: int) -> int:
    """A position on the Z-order curve, bit by bit."""
    return sum((x >> i & 1) << 2 * i | (y >> i & 1) << 2 * i + 1 for i in range(29))


@pytest.mark.parametrize("mart", [*PLACED, "building_areas", "building_changes"])
def test_marts_are_stored_by_place(sample: Warehouse, mart: str):
    rows = sample.execute(f"select * from marts.{mart}", {})
    if mart == "building_areas":
        assert rows["layer"].is_monotonic_increasing
        assert all(part["place"].is_monotonic_increasing for _, part in rows.groupby("layer"))
    else:
        assert rows["place"].is_monotonic_increasing
    buildings = sample.execute("select * from marts.buildings", {}).set_index("place")
    known = "x" if mart == "building_changes" else "building_id"
    assert (rows["place"].map(buildings[known]) == rows[known]).all()


@settings(max_examples=25)
@given(as_of=DATES)
def test_state_is_what_the_accounts_say(sample: Warehouse, as_of: date):
    accounts = sample.execute("select * from marts.accounts", {})
    day = pd.Timestamp(as_of)
    accounts = accounts[accounts["enrolled_on"] <= day]
    is_active = accounts["ended_on"].isna() | (accounts["ended_on"] > day)
    is_dormant = is_active & (accounts["dormant_on"] <= day)
    seen = see_buildings(sample, as_of)
    place = seen["place"]
    expected = pd.Series("never", place.index)
    expected[place.isin(accounts["place"])] = "ended"
    expected[place.isin(accounts["place"][is_active])] = "active"
    assert seen["status"].tolist() == expected.tolist()
    assert seen["is_dormant"].tolist() == place.isin(accounts["place"][is_dormant]).tolist()


def test_highlights_are_what_targets_and_memberships_say(sample: Warehouse):
    seen = see_buildings(sample, date(2017, 3, 31)).set_index("building_id")
    targets = sample.execute("select * from marts.targets", {})
    members = sample.execute("select distinct building_id from marts.memberships", {})
    grouped = targets.groupby("building_id")
    assert seen["targets"].to_dict() == grouped.size().reindex(seen.index, fill_value=0).to_dict()
    assert seen["is_quick_win"].sum() == grouped["is_quick_win"].any().sum() > 0
    assert set(seen.index[seen["is_member"]]) == set(members["building_id"]) != set()


# -- the card ----------------------------------------------------------------------------------


@pytest.fixture
def storied(city: LittleCity) -> LittleCity:
    """A city whose B3 has two targets, members of three programs, and one account after another."""
    city.write(
        "accounts.csv",
        "account_id,target_id,building_id,enrolled_on,ended_on,last_active_on,form\n"
        "A1,T4,,2013-01-01,2013-06-01,2013-02-01,memorandum\n"
        "A2,T4,,2014-01-01,2016-01-01,2014-03-01,simplified\n"
        "A3,,B3,2015-01-01,,,\n",
    )
    city.write(
        "memberships.csv",
        "target_id,building_id,program\nT5,,InfraGard\n,B3,CSAT\nT4,,ISAC\nT5,,CSAT\n",
    )
    city.set("sources.memberships", 'path = "memberships.csv"')
    assert_published(city)
    return city


def card(city: LittleCity, as_of: date, layer: str | None = "ward") -> dict[str, Any]:
    (place,) = city.query("building_place", building_id="B3")
    (row,) = city.query("building", place=place["place"], layer=layer, as_of=as_of)
    return row


@pytest.mark.parametrize(
    ("as_of", "status", "active", "dormant", "enrolled"),
    [
        (date(2012, 12, 31), "never", 0, 0, 0),
        (date(2013, 5, 31), "active", 1, 0, 1),
        (date(2013, 6, 1), "ended", 0, 0, 0),
        (date(2015, 3, 1), "active", 2, 0, 1),
        (date(2015, 3, 2), "active", 2, 1, 1),
        (date(2016, 1, 1), "active", 1, 0, 1),
    ],
)
def test_card_says_what_was_so(
    storied: LittleCity, as_of: date, status: str, active: int, dormant: int, enrolled: int
):
    found = card(storied, as_of)
    counts = [found[name] for name in ("accounts_active", "accounts_dormant", "targets_enrolled")]
    assert (found["status"], counts) == (status, [active, dormant, enrolled])
    assert (found["name"], found["area_name"], found["targets"]) == ("Cedar House", "Ward 2", 2)
    assert found["memberships"] == "CSAT, ISAC, InfraGard"
    assert (found["x"], found["y"]) == world(found["longitude"], found["latitude"])
    first = found["first_enrolled_on"]
    assert pd.isna(first) if status == "never" else first == pd.Timestamp(2013, 1, 1)


def test_card_needs_no_layer(storied: LittleCity):
    assert pd.isna(card(storied, date(2016, 1, 1), None)["area_name"])


def test_accounts_and_targets_of_a_card_know_nothing_of_later(storied: LittleCity):
    (row,) = storied.query("building_place", building_id="B3")
    known = {"place": row["place"], "as_of": date(2015, 3, 2)}
    accounts = storied.query("building_accounts", **known)
    assert [account["account_id"] for account in accounts] == ["A3", "A2", "A1"]
    assert [account["organization"] for account in accounts] == ["Cedar Management"] * 3
    assert [account["is_dormant"] for account in accounts] == [False, True, False]
    assert [pd.isna(account["ended_on"]) for account in accounts] == [True, True, False]
    targets = storied.query("building_targets", **known)
    assert [(t["target_id"], t["role"], t["status"]) for t in targets] == [
        ("T4", "manager", "active"),
        ("T5", "tenant", "never"),
    ]
    assert [t["memberships"] for t in targets] == ["CSAT, ISAC", "CSAT, InfraGard"]
    before = {**known, "as_of": date(2014, 2, 1)}
    latest = storied.query("building_accounts", **before)[0]
    assert (latest["account_id"], pd.isna(latest["last_active_on"])) == ("A2", True)


# -- the list ----------------------------------------------------------------------------------

PARTS = st.sampled_from(
    [
        {},
        {"sectors": ("Energy", "Commercial Facilities")},
        {"size_bands": ("large",)},
        {"layer": "side", "areas": ("west", "central")},
        {"within": Circle(-87.63, 41.88, 2_500)},
        {"within": Box(-87.7, 41.8, -87.6, 41.9)},
        {"layer": "side", "areas": ("central",), "within": Circle(-87.63, 41.88, 900)},
    ]
)


def listed(
    warehouse: Warehouse, filters: Filters, status: str | None = None, **page: int
) -> pd.DataFrame:
    asked = {"limit": 100_000, "offset": 0, "first": None} | page
    return warehouse.query("list_buildings", **filters.params(), status=status, **asked)


@settings(max_examples=40)
@given(as_of=DATES, part=PARTS, status=st.sampled_from([None, "active", "ended", "never"]))
def test_list_holds_the_buildings_that_are_counted(
    sample: Warehouse, as_of: date, part: dict[str, Any], status: str | None
):
    filters = Filters(as_of, **part)
    rows = listed(sample, filters, status)
    if status is None:
        (expected,) = compute(sample, ["buildings"], [], filters)["buildings"]
    elif status == "active":
        (expected,) = compute(sample, ["buildings_enrolled"], [], filters)["buildings_enrolled"]
    else:
        expected = (listed(sample, filters)["status"] == status).sum()
    assert len(rows) == expected
    assert rows["total"].eq(expected).all()
    assert status is None or rows["status"].eq(status).all()
    assert rows["place"].is_unique
    order = list(zip(-rows["targets"], rows["place"], strict=True))
    assert order == sorted(order)
    if isinstance(filters.within, Circle):
        assert rows["distance_m"].between(0, filters.within.radius_m).all()
    else:
        assert rows["distance_m"].isna().all()


@settings(max_examples=15)
@given(as_of=DATES)
def test_list_sums_to_the_metrics(sample: Warehouse, as_of: date):
    names = ["targets", "targets_enrolled", "accounts_active", "accounts_dormant"]
    rows = listed(sample, Filters(as_of, layer="side"))
    assert (
        rows[names].sum().to_dict() == compute(sample, names, [], Filters(as_of)).iloc[0].to_dict()
    )
    areas = compute(sample, ["buildings", "targets"], ["side"], Filters(as_of))
    by_area = rows.groupby("area_id").agg(buildings=("place", "size"), targets=("targets", "sum"))
    pd.testing.assert_frame_equal(
        by_area,
        areas.set_index("area_id")[["buildings", "targets"]].sort_index(),
        check_dtype=False,
    )


def test_pages_of_the_list_follow_one_another(sample: Warehouse):
    filters = Filters(date(2015, 6, 15), layer="side", sectors=("Energy",))
    whole = listed(sample, filters)
    pages = [listed(sample, filters, limit=37, offset=37 * i) for i in range(-(-len(whole) // 37))]
    pd.testing.assert_frame_equal(pd.concat(pages, ignore_index=True), whole)


def test_a_building_asked_for_comes_first_where_it_is_among_them(sample: Warehouse):
    filters = Filters(date(2016, 3, 31))
    usual = listed(sample, filters)["place"].tolist()
    first = usual[1234]
    assert listed(sample, filters, first=first)["place"].tolist() == [
        first,
        *(place for place in usual if place != first),
    ]
    never = listed(sample, filters, "never")["place"].tolist()
    enrolled = next(place for place in usual if place not in set(never))
    assert listed(sample, filters, "never", first=enrolled)["place"].tolist() == never


def test_list_knows_nothing_of_targets_that_came_later(city: LittleCity):
    city.write(
        "targets.csv",
        "target_id,building_id,role,listed_on,removed_on\n"
        "T1,B1,manager,,2014-01-01\nT2,B1,tenant,,\nT3,B2,manager,,\n"
        "T4,B3,manager,,\nT5,B3,tenant,2016-01-01,\nT6,B3,tenant,2016-01-01,\nT7,B5,manager,,\n",
    )
    assert_published(city)

    def targets(as_of: date) -> list[tuple[str, int]]:
        asked = Filters(as_of, "ward").params() | {
            "status": None,
            "first": None,
            "limit": 3,
            "offset": 0,
        }
        rows = city.query("list_buildings", **asked)
        return [(row["building_id"], row["targets"]) for row in rows]

    assert targets(date(2013, 12, 31))[0] == ("B1", 2)
    assert {count for _, count in targets(date(2014, 1, 1))} == {1}
    assert targets(date(2016, 1, 1))[0] == ("B3", 3)


def test_a_city_without_buildings_lists_none(empty_city: Path):
    empty = LittleCity(empty_city)
    asked = Filters(date(2017, 1, 1)).params() | {
        "status": None,
        "first": None,
        "limit": 5,
        "offset": 0,
    }
    assert empty.query("list_buildings", **asked) == []
