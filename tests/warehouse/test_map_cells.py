"""Cells add up to the metrics, at every date, level and filter, from the pyramid or a scan."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pppdash.metrics.compute import compute
from pppdash.metrics.filters import Filters
from pppdash.metrics.world import WORLD, WORLD_BITS, world
from pppdash.warehouse.read import Warehouse, open_warehouse
from tests.helpers import AS_OF, LittleCity, assert_published
from tests.warehouse.map_queries import (
    COUNTS,
    WHOLE_WORLD,
    count_cells,
    finest_level,
    see_buildings,
)

DATES = st.dates(date(2012, 2, 20), date(2017, 4, 10)) | st.sampled_from(
    [date(2012, 3, 31), date(2012, 4, 1), date(2016, 2, 29), date(2016, 12, 31), date(2017, 3, 31)]
)
SECTORS = st.none() | st.lists(
    st.sampled_from(["Commercial Facilities", "Energy", "Dams", "Unclassified"]), min_size=1
)
SIZE_BANDS = st.none() | st.lists(
    st.sampled_from(["small", "mid-sized", "large", "Unknown"]), min_size=1
)
QUERIES = st.sampled_from(["map_cells", "map_cells_scan"])

# About the sample's city, so that a part of it is often all, some or none of it.
NORTHWEST, SOUTHEAST = world(-87.95, 42.03), world(-87.5, 41.63)


@st.composite
def boxes(draw: st.DrawFn) -> dict[str, int]:
    """Draw a part of the world about the sample's city, in world units."""
    west, east = sorted(draw(st.integers(NORTHWEST[0], SOUTHEAST[0])) for _ in range(2))
    north, south = sorted(draw(st.integers(NORTHWEST[1], SOUTHEAST[1])) for _ in range(2))
    return {"west": west, "east": east, "north": north, "south": south}


@settings(max_examples=40)
@given(query=QUERIES, level=st.integers(5, 28), as_of=DATES, sectors=SECTORS, sizes=SIZE_BANDS)
def test_cells_sum_to_the_metrics(
    sample: Warehouse, query: str, level: int, as_of: date, sectors: Any, sizes: Any
):
    level = min(level, finest_level(sample)) if query == "map_cells" else level
    cells = count_cells(sample, query, level, as_of, sectors, sizes)
    names = ["buildings", "buildings_enrolled", "accounts_active", "accounts_dormant"]
    filters = Filters(as_of, sectors=tuple(sectors or ()), size_bands=tuple(sizes or ()))
    assert cells[names].sum().to_dict() == compute(sample, names, [], filters).iloc[0].to_dict()


@settings(max_examples=12)
@given(as_of=DATES, sectors=SECTORS, sizes=SIZE_BANDS)
def test_the_pyramid_says_what_a_scan_says(
    sample: Warehouse, as_of: date, sectors: Any, sizes: Any
):
    for level in range(5, finest_level(sample) + 1):
        counted, scanned = (
            count_cells(sample, query, level, as_of, sectors, sizes)
            for query in ("map_cells", "map_cells_scan")
        )
        pd.testing.assert_frame_equal(counted, scanned)
        assert list(counted.columns) == ["cell_x", "cell_y", *COUNTS]
        assert counted[["cell_y", "cell_x"]].apply(tuple, axis=1).is_monotonic_increasing


@settings(max_examples=40)
@given(query=QUERIES, level=st.integers(5, 28), as_of=DATES, sectors=SECTORS, box=boxes())
def test_a_part_holds_the_cells_that_touch_it(
    sample: Warehouse, query: str, level: int, as_of: date, sectors: Any, box: dict[str, int]
):
    level = min(level, finest_level(sample)) if query == "map_cells" else level
    part = count_cells(sample, query, level, as_of, sectors, box=box)
    whole = count_cells(sample, query, level, as_of, sectors)
    edges = {name: edge >> (WORLD_BITS - level) for name, edge in box.items()}
    inside = whole["cell_x"].between(edges["west"], edges["east"]) & whole["cell_y"].between(
        edges["north"], edges["south"]
    )
    pd.testing.assert_frame_equal(part, whole[inside].reset_index(drop=True))


@settings(max_examples=40)
@given(level=st.integers(8, 28), as_of=DATES, sectors=SECTORS, sizes=SIZE_BANDS, box=boxes())
def test_cells_hold_the_buildings_that_are_drawn_one_by_one(
    sample: Warehouse, level: int, as_of: date, sectors: Any, sizes: Any, box: dict[str, int]
):
    shift = WORLD_BITS - level
    grown = {name: edge >> shift << shift for name, edge in box.items()}
    grown |= {name: grown[name] + (1 << shift) - 1 for name in ("east", "south")}
    drawn = see_buildings(sample, as_of, sectors, sizes, grown)
    drawn = drawn.assign(
        cell_x=drawn["x"] // 2**shift,
        cell_y=drawn["y"] // 2**shift,
        buildings=1,
        buildings_enrolled=drawn["status"] == "active",
        buildings_ended=drawn["status"] == "ended",
        quick_wins=drawn["is_quick_win"],
        members=drawn["is_member"],
    )
    names = ["buildings", "buildings_enrolled", "buildings_ended", "quick_wins", "members"]
    expected = drawn.groupby(["cell_x", "cell_y"])[names].sum()
    cells = count_cells(sample, "map_cells_scan", level, as_of, sectors, sizes, grown)
    cells = cells[cells["buildings"] > 0].set_index(["cell_x", "cell_y"])[names]
    pd.testing.assert_frame_equal(
        cells.sort_index(), expected.sort_index(), check_dtype=False, check_index_type=False
    )


def test_levels_reach_from_the_world_to_where_cells_hold_few(sample: Warehouse):
    levels = sample.query("map_levels").iloc[0]
    crowded = []
    for level in range(5, 20):
        cells = count_cells(sample, "map_cells_scan", level, AS_OF)
        if cells["buildings"].mean() > 200:
            crowded.append(level)
    assert levels.to_dict() == {"coarsest": 5, "finest": max(crowded)}


# -- buildings in awkward places ---------------------------------------------------------------

EDGE = -180 + 360 * 261 / 2**10  # exactly an edge of every level from 10 on, and of none before
A_HAIR = 1e-6  # degrees; about a world unit


@contextmanager
def settled(city: LittleCity, rows: list[tuple[float, float]]) -> Iterator[Warehouse]:
    """Replace a city's buildings, each with an account from 2012-03-20 on; there are no areas."""
    places = [f"P{i:03},{longitude},{latitude}" for i, (longitude, latitude) in enumerate(rows)]
    opened = [f"A{i:03},P{i:03},2012-03-20" for i in range(len(rows))]
    city.write("buildings.csv", "\n".join(["building_id,longitude,latitude", *places]) + "\n")
    city.write("accounts.csv", "\n".join(["account_id,building_id,enrolled_on", *opened]) + "\n")
    city.remove("sources.targets", "areas.ward")
    assert_published(city)
    with closing(open_warehouse(city.folder)) as warehouse:
        yield warehouse


def cells(warehouse: Warehouse, query: str, level: int, **box: int) -> pd.DataFrame:
    """Return what is counted as of AS_OF in a box of world units, or everywhere."""
    return count_cells(warehouse, query, level, AS_OF, box=WHOLE_WORLD | box)


def pairs(frame: pd.DataFrame, *names: str) -> list[list[Any]]:
    """Return the rows of some columns."""
    return frame[list(names)].to_numpy().tolist()


@pytest.mark.parametrize("query", ["map_cells", "map_cells_scan"])
def test_a_building_on_an_edge_lies_in_one_cell(city: LittleCity, query: str):
    around = [EDGE - 2 * A_HAIR, EDGE, EDGE + 2 * A_HAIR]
    edge_x, edge_y = world(EDGE, 0.0)
    assert (edge_x, edge_y) == (261 << 18, WORLD >> 1)
    rows = [(x, y) for x in around for y in (-2 * A_HAIR, 0.0, 2 * A_HAIR)]
    with settled(city, rows) as warehouse:
        for level in range(5, 9) if query == "map_cells" else range(5, 29):
            shift = WORLD_BITS - level
            whole = cells(warehouse, query, level)
            assert whole["buildings"].sum() == whole["buildings_enrolled"].sum() == 9
            assert not whole.duplicated(["cell_x", "cell_y"]).any()
            parts = [  # one view, and the next one, which begins where it ended
                cells(warehouse, query, level, **across, **down)["buildings"].sum()
                for across in ({"east": (edge_x >> shift << shift) - 1}, {"west": edge_x})
                for down in ({"south": (edge_y >> shift << shift) - 1}, {"north": edge_y})
            ]
            assert sum(parts) == 9
        # What lies on the edge belongs to the cell that begins with it.
        begun = cells(warehouse, "map_cells_scan", 10, west=edge_x, north=edge_y)
        assert pairs(begun, "cell_x", "cell_y", "buildings") == [[261, 512, 4]]


def test_cities_across_the_180th_meridian_stay_in_one_piece(city: LittleCity):
    rows = [(179.99, -17.0), (-179.99, -17.0), (179.98, -17.0), (-180.0, -17.0)]
    with settled(city, rows) as warehouse:
        found = cells(warehouse, "map_cells_scan", 13)
        assert pairs(found, "cell_x", "buildings") == [[8191, 2], [8192, 2]]
        found = cells(warehouse, "map_cells", 8)
        assert pairs(found, "cell_x", "buildings") == [[255, 2], [256, 2]]
        extent = warehouse.query("map_extent").iloc[0]
        assert (extent["west"], extent["east"]) == (179.98, pytest.approx(180.01))
        beyond = see_buildings(warehouse, AS_OF, box=WHOLE_WORLD | {"west": WORLD})
        assert beyond["building_id"].tolist() == ["P003", "P001"]
        assert beyond["x"].tolist() == [WORLD, world(180.01, 0)[0]]


def test_a_city_that_only_touches_the_180th_meridian_is_left_as_it_is(city: LittleCity):
    with settled(city, [(-179.99, 51.9), (-176.6, 51.9)]) as warehouse:
        assert cells(warehouse, "map_cells", 5)["cell_x"].tolist() == [0]
        extent = warehouse.query("map_extent").iloc[0]
        assert (extent["west"], extent["east"], extent["buildings"]) == (-179.99, -176.6, 2)


def test_many_buildings_on_one_coordinate_are_counted_at_every_level(city: LittleCity):
    with settled(city, [(-87.65, 41.85)] * 250) as warehouse:
        assert pairs(warehouse.query("map_levels"), "coarsest", "finest") == [[5, 28]]
        for level in (5, 16, 28):
            found = cells(warehouse, "map_cells", level)
            assert pairs(found, "buildings", "accounts_active") == [[250, 250]]
        assert sorted(see_buildings(warehouse, AS_OF)["place"]) == list(range(250))


def test_one_building_makes_a_city(city: LittleCity):
    with settled(city, [(-87.65, 41.85)]) as warehouse:
        assert pairs(warehouse.query("map_levels"), "coarsest", "finest") == [[5, 8]]
        assert cells(warehouse, "map_cells", 8)["buildings_enrolled"].tolist() == [1]
        extent = warehouse.query("map_extent").iloc[0].tolist()
        assert extent == [-87.65, 41.85, -87.65, 41.85, 1]


def test_a_city_without_accounts_has_cells(city: LittleCity):
    city.remove("sources.accounts")
    assert_published(city)
    with closing(open_warehouse(city.folder)) as warehouse:
        counts = cells(warehouse, "map_cells", 8)[COUNTS].sum().to_dict()
    assert counts == dict.fromkeys(COUNTS, 0) | {"buildings": 6}


def test_a_city_without_buildings_has_no_cells(empty_city: Path):
    with closing(open_warehouse(empty_city)) as warehouse:
        assert warehouse.query("map_levels").isna().all(axis=None)
        assert cells(warehouse, "map_cells", 8).empty
        assert cells(warehouse, "map_cells_scan", 20).empty
        assert warehouse.query("map_extent")["buildings"].tolist() == [0]


# -- accounts that end at once, come back, or fall dormant on odd days -------------------------

COMINGS_AND_GOINGS = """\
account_id,building_id,enrolled_on,ended_on,last_active_on
A1,B1,2014-01-10,2014-01-10,
A2,B2,2014-01-10,2014-03-01,2014-02-01
A3,B2,2014-03-01,2014-05-01,
A4,B2,2014-06-15,,2014-06-20
A5,B3,2014-02-01,2015-02-01,2014-01-31
A6,B3,2014-02-01,2015-02-02,2014-02-01
A7,B4,2014-02-01,,2014-02-01
"""
DAYS = [date(2014, 1, 9), date(2014, 1, 10), date(2014, 1, 31), date(2014, 2, 28)]
DAYS += [date(2014, 3, 1), date(2014, 4, 30), date(2014, 5, 1), date(2014, 6, 14)]
DAYS += [date(2014, 6, 15), date(2015, 2, 1), date(2015, 2, 2), date(2015, 2, 3)]
DAYS += [date(2015, 6, 21), date(2015, 6, 22), date(2017, 3, 31)]


@pytest.fixture
def changeful(city: LittleCity) -> Iterator[Warehouse]:
    city.write("accounts.csv", COMINGS_AND_GOINGS)
    assert_published(city)
    with closing(open_warehouse(city.folder)) as warehouse:
        yield warehouse


def test_every_day_of_changeful_accounts_is_as_the_metrics_say(changeful: Warehouse):
    names = ["buildings", "buildings_enrolled", "accounts_active", "accounts_dormant"]
    for day in DAYS:
        expected = compute(changeful, names, [], Filters(day)).iloc[0].to_dict()
        for query in ("map_cells", "map_cells_scan"):
            assert count_cells(changeful, query, 8, day)[names].sum().to_dict() == expected, day
    statuses = {
        day: see_buildings(changeful, day).set_index("building_id")["status"]["B2"] for day in DAYS
    }
    assert [statuses[day] for day in DAYS[:4]] == ["never", "active", "active", "active"]
    assert [statuses[day] for day in DAYS[4:9]] == ["active", "active", "ended", "ended", "active"]


def test_what_changes_nothing_is_left_out(changeful: Warehouse):
    """A1 ended on the day it began, so its building never had an account on any day."""
    changes = changeful.execute(
        "select c.*, b.building_id from marts.building_changes as c "
        "inner join marts.buildings as b on c.place = b.place order by c.changed_on, c.sector",
        {},
    )
    assert set(changes["building_id"]) == {"B2", "B3", "B4"}
    of_b2 = changes[changes["building_id"] == "B2"]
    columns = ["buildings_enrolled", "buildings_ended", "accounts_active", "accounts_dormant"]
    assert {
        str(row.changed_on.date()): [getattr(row, name) for name in columns]
        for row in of_b2.itertuples()
    } == {
        "2014-01-10": [1, 0, 1, 0],
        # on 1 March one account ended and another began: nothing changed
        "2014-05-01": [-1, 1, -1, 0],
        "2014-06-15": [1, -1, 1, 0],
        "2015-06-21": [0, 0, 0, 1],
    }
