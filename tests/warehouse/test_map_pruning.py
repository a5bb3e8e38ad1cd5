"""A view reads the row groups that hold it, and no others: seen in DuckDB's own profile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pppdash.metrics.world import WORLD_BITS, world
from pppdash.warehouse.models import FOLDER, load_models, load_query

ACROSS, DOWN = 600, 400
BUILDINGS = ACROSS * DOWN
ROW_GROUP = 2_048
AS_OF = date(2014, 6, 15)

# Buildings in rows and columns, each with an account, in no order of their own.
CITY = f"""
create table source.buildings as
select
    'B' || i as building_id,
    'House ' || i as name,
    null::varchar as address,
    -88 + (i * 7919 % {BUILDINGS} % {ACROSS}) * 0.0005 as longitude,
    41.5 + (i * 7919 % {BUILDINGS} // {ACROSS}) * 0.0005 as latitude,
    case when i % 3 = 0 then 'Energy' end as sector,
    null::bigint as employees,
    1.0 as floor_area_sqft,
    1::bigint as occupants,
    null::varchar as owner_id,
    false as is_snapped
from range({BUILDINGS}) as t (i);
create table source.targets as
select
    ''::varchar as target_id,
    *,
    name as organization,
    'manager' as role,
    false as is_quick_win,
    null::date as listed_on,
    null::date as removed_on
from source.buildings
limit 0;
create table source.accounts as
select
    'A' || building_id as account_id,
    null::varchar as target_id,
    building_id,
    date '2012-03-07' + (hash(building_id) % 1500)::integer as enrolled_on,
    null::date as ended_on,
    null::date as last_active_on,
    null::varchar as form,
    null::date as invited_on,
    null::varchar as prong
from source.buildings;
create table source.memberships (target_id varchar, building_id varchar, program varchar);
create table source.settings as
select
    50 as mid_sized,
    250 as large,
    365 as dormant_after_days
"""
MARTS = {"buildings", "accounts", "building_enrollments", "building_changes", "map_cells"}
MARTS |= {"targets"}


@dataclass(frozen=True)
class Large:
    """A large city's marts, and where DuckDB writes what a query took."""

    connection: duckdb.DuckDBPyConnection
    profile: Path

    def read(self, query: str, **asked: Any) -> tuple[int, int]:
        """Run a query; return how many rows it made and how many it read of tables."""
        self.connection.execute("pragma enable_profiling = 'json'")
        made = len(self.connection.execute(load_query(query), asked).fetchall())
        self.connection.execute("pragma disable_profiling")
        profile = json.loads(self.profile.read_text(encoding="utf-8"))
        return made, profile["query"]["total_rows_scanned"]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Large]:
    folder = tmp_path_factory.mktemp("large")
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as source; attach ':memory:' as staging")
        connection.execute(
            f"attach '{folder / 'large.duckdb'}' as large (row_group_size {ROW_GROUP})"
        )
        connection.execute("use large; create schema marts")
        connection.execute((FOLDER / "macros.sql").read_text(encoding="utf-8"))
        connection.execute(CITY)
        for model in load_models():
            if model.layer == "staging" or model.name in MARTS:
                connection.execute(f"create table {model.full_name} as {model.body}")
        connection.execute("checkpoint")
        connection.execute("pragma enable_profiling = 'json'")
        connection.execute(f"pragma profiling_output = '{folder / 'profile.json'}'")
        yield Large(connection, folder / "profile.json")


def limits(west: float, south: float, east: float, north: float, level: int) -> dict[str, int]:
    """Return the edges of a part of the map, given in degrees, in cells of a level."""
    (x0, y0), (x1, y1) = world(west, north), world(east, south)
    edges = {"west": x0, "east": x1, "north": y0, "south": y1}
    return {name: edge >> (WORLD_BITS - level) for name, edge in edges.items()}


def ask(part: tuple[float, float, float, float], level: int, as_of: date = AS_OF) -> dict[str, Any]:
    """Return the parameters of a view; of buildings where the level is the world unit's."""
    asked = {"as_of": as_of, "sectors": None, "size_bands": None, **limits(*part, level)}
    return asked if level == WORLD_BITS else asked | {"level": level}


WHOLE = (-88.0, 41.5, -87.7, 41.7)
BLOCKS = [(-87.95, 41.55), (-87.9, 41.6), (-87.86, 41.52), (-87.8, 41.65), (-87.72, 41.68)]


@pytest.mark.parametrize(("west", "south"), BLOCKS)
@pytest.mark.parametrize(
    ("query", "level"), [("map_buildings", WORLD_BITS), ("map_cells_scan", 18), ("map_cells", 15)]
)
def test_a_block_is_read_alone(large: Large, query: str, level: int, west: float, south: float):
    part = (west, south, west + 0.006, south + 0.004)
    of_whole, read_for_whole = large.read(query, **ask(WHOLE, level))
    of_block, read_for_block = large.read(query, **ask(part, level))
    assert 0 < of_block < of_whole / 100
    assert read_for_whole >= BUILDINGS
    assert 0 < read_for_block < read_for_whole / 8


@pytest.mark.parametrize("sectors", [None, ["Energy"]])
def test_whole_months_are_read_of_one_level_alone(large: Large, sectors: list[str] | None):
    of_level = "select count(*) from marts.map_cells where level = 13 and (sector = 'All') = $all"
    counted = large.connection.execute(of_level, {"all": sectors is None}).fetchall()[0][0]
    asked = ask(WHOLE, 13, date(2014, 6, 30)) | {"sectors": sectors}
    made, read = large.read("map_cells", **asked)
    assert made > 50
    assert read <= counted + 3 * ROW_GROUP


def test_a_card_is_read_by_its_place(large: Large):
    asked = {"place": BUILDINGS // 3, "as_of": AS_OF}
    for query in ("building_accounts", "building_targets"):
        made, read = large.read(query, **asked)
        assert made == 1
        assert read <= 4 * ROW_GROUP
