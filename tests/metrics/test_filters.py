from __future__ import annotations

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pppdash.__main__ import main
from pppdash.metrics.compute import compute, parse_filters
from pppdash.metrics.filters import Box, Circle, Filters, parse_within
from pppdash.metrics.world import EARTH_RADIUS_M, WORLD, degrees, world

AS_OF = date(2017, 3, 31)
DAY = date(2013, 2, 28)
many = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
longitudes = st.floats(-180, 180, allow_nan=False)
latitudes = st.floats(-90, 90, allow_nan=False)


def distances(buildings: pd.DataFrame, circle: Circle) -> np.ndarray:
    """Meters from the center, by the angle between two directions from the earth's center."""

    def direction(longitude, latitude):
        a, b = np.radians(longitude), np.radians(latitude)
        return np.array([np.cos(b) * np.cos(a), np.cos(b) * np.sin(a), np.sin(b)])

    here = direction(circle.longitude, circle.latitude)
    there = direction(buildings["longitude"].to_numpy(), buildings["latitude"].to_numpy())
    chord = np.sqrt(((there - here[:, None]) ** 2).sum(axis=0))
    return EARTH_RADIUS_M * 2 * np.arcsin(np.clip(chord / 2, 0, 1))


def listed(warehouse, filters) -> set[str]:
    """The buildings of queries/list_buildings.sql."""
    rows = warehouse.query(
        "list_buildings", **filters.params(), status=None, first=None, limit=100_000, offset=0
    )
    assert rows.empty or (rows["total"] == len(rows)).all()
    return set(rows["building_id"])


def assert_selected(warehouse, within, building_ids: set[str]) -> None:
    """Every way of asking takes the same buildings, and the targets and accounts in them."""
    filters = Filters(DAY, within=within)
    row = compute(
        warehouse, ["buildings", "targets", "accounts_active", "accounts_opened"], [], filters
    ).iloc[0]
    assert row["buildings"] == len(building_ids)
    assert listed(warehouse, filters) == building_ids
    targets = warehouse.query("targets", **filters.params())
    assert set(targets["building_id"]) <= building_ids
    assert row["targets"] == len(targets)
    everywhere = warehouse.query("targets", **Filters(DAY).params())
    assert len(targets) == everywhere["building_id"].isin(building_ids).sum()
    accounts = warehouse.execute("select * from marts.accounts", {})
    accounts = accounts[accounts["building_id"].isin(building_ids)]
    assert row["accounts_opened"] == (accounts["enrolled_on"] <= pd.Timestamp(DAY)).sum()
    goes_on = ~(accounts["ended_on"] <= pd.Timestamp(DAY))
    assert (
        row["accounts_active"] == (goes_on & (accounts["enrolled_on"] <= pd.Timestamp(DAY))).sum()
    )


@many
@given(data=st.data(), radius=st.floats(1, 8_000))
def test_a_circle_takes_the_buildings_in_it(busy, data, radius):
    buildings = busy.execute("select * from marts.buildings", {})
    home = data.draw(st.sampled_from(buildings.to_dict("records")))
    circle = Circle(home["longitude"], home["latitude"], radius)
    away = distances(buildings, circle)
    assume((np.abs(away - radius) > 1e-3).all())  # rounding decides no nearer than that
    inside = set(buildings.loc[away <= radius, "building_id"])
    assert home["building_id"] in inside
    assert_selected(busy, circle, inside)


@many
@given(data=st.data())
def test_a_box_takes_the_buildings_in_it(busy, data):
    buildings = busy.execute("select * from marts.buildings", {})
    west, east = sorted(data.draw(st.tuples(*[st.floats(-87.71, -87.62)] * 2)))
    south, north = sorted(data.draw(st.tuples(*[st.floats(41.79, 41.83)] * 2)))
    unit = 360 / WORLD
    ways = [buildings["longitude"] - west, buildings["longitude"] - east]
    ways += [buildings["latitude"] - south, buildings["latitude"] - north]
    assume(all((way.abs() > unit).all() for way in ways))
    inside = buildings["longitude"].between(west, east) & buildings["latitude"].between(
        south, north
    )
    assert_selected(busy, Box(west, south, east, north), set(buildings.loc[inside, "building_id"]))


def test_the_edges_of_a_box_belong_to_it(busy):
    home = busy.execute("select * from marts.buildings limit 1", {}).iloc[0]
    spot = (home["longitude"], home["latitude"])
    assert home["building_id"] in listed(busy, Filters(DAY, within=Box(*spot, *spot)))
    assert home["building_id"] in listed(busy, Filters(DAY, within=Circle(*spot, 0.001)))


def test_within_goes_with_every_other_filter_and_breakdown(busy):
    place = Circle(-87.665, 41.81, 1_500)
    metrics = ["targets", "accounts_active", "accounts_opened", "buildings_enrolled"]
    filters = Filters(DAY, within=place)
    whole = compute(busy, metrics, [], filters).iloc[0]
    assert (whole > 0).all()
    for part in ("ward", "sector", "size_band"):
        parts = compute(busy, metrics, [part], filters)
        assert parts[metrics].sum().to_dict() == whole.to_dict()
    # Every ward has its row, even where nothing of it lies within.
    wards = compute(busy, metrics, ["ward"], Filters(DAY, within=Circle(-87.675, 41.81, 200)))
    assert len(wards) == 4 and (wards["targets"] == 0).any()
    one = Filters(DAY, "ward", ("2",), ("Energy",), within=place)
    targets = busy.query("targets", **one.params())
    assert len(targets) == compute(busy, ["targets"], [], one).iloc[0, 0] > 0
    assert set(targets["area_id"]) == {"2"} and set(targets["sector"]) == {"Energy"}
    months = compute(busy, metrics, ["month"], filters)
    assert months["accounts_opened"].sum() == whole["accounts_opened"]
    assert months["targets"].iloc[-1] == whole["targets"]


def test_across_the_180th_meridian(across):
    """Buildings stand at 179.5, 179.6, … 179.9, -180, -179.9, … -179.6."""
    two = Filters(AS_OF, within=Box(179.85, -18, 180.05, -16))
    assert listed(across, two) == {"B4", "B5"}
    assert compute(across, ["buildings", "targets"], [], two).iloc[0].tolist() == [2, 2]
    for longitude in (-179.9, 180.1):
        filters = parse_filters(across, AS_OF, [], Circle(longitude, -17.0, 12_000))
        assert filters.within.longitude == pytest.approx(180.1)
        assert listed(across, filters) == {"B5", "B6", "B7"}
    for box in (Box(-180, -18, -179.75, -16), Box(180, -18, 180.25, -16)):
        filters = parse_filters(across, AS_OF, [], box)
        assert listed(across, filters) == {"B5", "B6", "B7"}


def test_only_a_city_across_the_meridian_moves_what_lies_west_of_it(busy):
    west = Box(-88.0, 41.0, -87.9, 42.0)
    assert parse_filters(busy, AS_OF, [], west).within == west


@given(
    longitude=longitudes,
    latitude=latitudes,
    radius=st.floats(0.1, math.pi * EARTH_RADIUS_M),
    bearing=st.floats(0, 2 * math.pi),
    share=st.floats(0, 1),
)
def test_a_circles_box_holds_all_of_it(longitude, latitude, radius, bearing, share):
    angle, phi = share * radius / EARTH_RADIUS_M, math.radians(latitude)
    sine = math.sin(phi) * math.cos(angle) + math.cos(phi) * math.sin(angle) * math.cos(bearing)
    north = math.degrees(math.asin(max(-1.0, min(1.0, sine))))
    aside = math.atan2(
        math.sin(bearing) * math.sin(angle) * math.cos(phi), math.cos(angle) - math.sin(phi) * sine
    )
    box = Circle(longitude, latitude, radius).bounds()
    near = 1e-5
    assert box.south - near <= north <= box.north + near
    if abs(north) < 89.9999:  # at a pole every longitude is as good
        assert box.west - near <= longitude + math.degrees(aside) <= box.east + near


def test_parameters_are_none_where_nothing_is_filtered():
    free = Filters(AS_OF).params()
    assert {name for name, value in free.items() if value is None} == set(free) - {"as_of"}
    box = Filters(AS_OF, within=Box(-87.7, 41.8, -87.6, 41.9)).params()
    assert (box["x0"], box["y1"]) == world(-87.7, 41.8)
    assert (box["x1"], box["y0"]) == world(-87.6, 41.9)
    assert box["radius_m"] is box["longitude"] is box["latitude"] is None
    circle = Filters(AS_OF, within=Circle(-87.65, 41.85, 800)).params()
    assert (circle["longitude"], circle["latitude"], circle["radius_m"]) == (-87.65, 41.85, 800)
    assert circle["x0"] < world(-87.65, 41.85)[0] < circle["x1"]


def test_a_part_of_the_map_is_not_the_whole_city():
    assert Filters(AS_OF).is_whole_city
    assert not Filters(AS_OF, within=Box(-1, -1, 1, 1)).is_whole_city
    assert not Filters(AS_OF, within=Circle(0, 0, 1)).is_whole_city


@given(
    shape=st.one_of(
        st.builds(Circle, longitudes, latitudes, st.floats(0.1, 1e7)),
        st.builds(Box, st.floats(-180, 0), st.floats(-90, -1), st.floats(1, 180), st.floats(0, 90)),
    )
)
def test_a_part_of_the_map_can_be_read_back(shape):
    back = parse_within(str(shape))
    assert vars(back) == pytest.approx(vars(shape), abs=1e-6)
    assert parse_within(str(back)) == back
    assert type(back) is type(shape)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "here",
        "1,2",
        "1,2,3,4,5",
        "1,2,0",
        "1,2,-5",
        "1,2,nan",
        "nan,2,3",
        "1,2,inf",
        "1,91,3",
        "541,2,3",
        "2,1,1,2",
        "1,2,2,1",
        "1,1,1,2",
        "-181,1,2,3",
        "-180,1,200,3",
        "1,2,3,91",
        "1,2,3,nan",
    ],
)
def test_what_is_no_part_of_the_map_is_none(text):
    assert parse_within(text) is None


def test_a_text_is_a_box_or_a_circle():
    assert parse_within("170, -20, 190, -10") == Box(170, -20, 190, -10)
    assert parse_within("-87.63,41.88,800") == Circle(-87.63, 41.88, 800)


# -- on the command line -------------------------------------------------------------------------


def test_show_counts_within_a_box_or_a_circle(built_city, capsys):
    asked = ["show", "targets", str(built_city.folder), "--format", "csv"]
    assert main([*asked, "--within", "-87.70", "41.80", "-87.68", "41.82"]) == 0
    assert capsys.readouterr().out == "targets\n3\n"  # those of B1 and B2
    assert main([*asked, "--around", "-87.675", "41.805", "100"]) == 0
    assert capsys.readouterr().out == "targets\n2\n"  # those of B3


@pytest.mark.parametrize(
    "part",
    [
        ["--within", "-87.6", "41.8", "-87.7", "41.9"],
        ["--around", "-87.6", "41.8", "0"],
        ["--around", "-87.6", "91", "5"],
        ["--within", "-87.6", "41.8", "-87.5"],
        ["--around", "here", "41.8", "5"],
        ["--within", "1", "1", "2", "2", "--around", "1", "1", "5"],
    ],
)
def test_what_is_no_part_of_the_map_is_wrong_use(built_city, part, capsys):
    try:
        status = main(["show", "targets", str(built_city.folder), *part])
    except SystemExit as stop:  # argparse's way to end
        status = stop.code
    printed = capsys.readouterr()
    assert (status, printed.out) == (2, "")
    assert "Traceback" not in printed.err and len(printed.err.strip()) > 20


# -- world units ---------------------------------------------------------------------------------


def test_known_places_in_world_units():
    assert world(0, 0) == (WORLD // 2, WORLD // 2)
    assert world(-180, 90) == world(-180, 85.06) == (0, 0)
    assert world(180, -90) == (WORLD, WORLD - 1)
    assert world(181, 0)[0] - world(-179, 0)[0] == WORLD
    x, y = (n / WORLD * 256 for n in world(-87.65, 41.85))
    assert (round(x, 3), round(y, 3)) == (65.671, 95.175)  # as published of this place


@given(longitude=longitudes, latitude=st.floats(-85, 85))
def test_degrees_undo_world_units(longitude, latitude):
    x, y = world(longitude, latitude)
    west, north = degrees(x, y)
    east, south = degrees(x + 1, y + 1)
    near = 1e-9
    assert west - near <= longitude <= east + near
    assert south - near <= latitude <= north + near


@pytest.mark.parametrize("name", ["busy", "across", "sample"])
def test_buildings_lie_where_the_formula_says(name, request):
    warehouse = request.getfixturevalue(name)
    buildings = warehouse.execute("select longitude, latitude, x, y from marts.buildings", {})
    east = warehouse.query("map_extent").iloc[0]["east"]
    for row in buildings.itertuples():
        turn = 360 if east > 180 and row.longitude < 0 else 0
        x, y = world(row.longitude + turn, row.latitude)
        assert (row.x, row.y) == (x, y)
