"""A published file that is cut short, overwritten or gone ends in a sentence, never in a crash."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from pppdash.errors import BrokenWarehouse
from pppdash.warehouse.publish import build_path
from pppdash.warehouse.read import open_warehouse
from tests.helpers import ENROLLED, LittleCity, assert_published, run_python

# In a process of its own: a library that aborts would take the tests with it.
READ_EVERYTHING = """
import sys
from contextlib import closing
from datetime import date
from pathlib import Path
from pppdash.errors import BrokenWarehouse
from pppdash.metrics.compute import compute
from pppdash.metrics.filters import Filters
from pppdash.warehouse.models import load_models
from pppdash.warehouse.read import open_warehouse

def read(folder):
    with closing(open_warehouse(folder)) as warehouse:
        for model in load_models():
            if model.layer == "marts":
                warehouse.execute(f"select * from {model.full_name}", {})
        for name in ("entities", "problems", "dictionary", "goals"):
            warehouse.query(name)
        filters = Filters(date(2017, 3, 31), "ward")
        compute(warehouse, ["coverage", "accounts_opened", "buildings"], ["ward"], filters)

file = next(Path(sys.argv[1]).glob("warehouse/*.duckdb"))
whole = file.read_bytes()
for spoil in sys.argv[2:]:
    file.write_bytes(eval(spoil, {"whole": whole, "size": len(whole)}))
    try:
        read(Path(sys.argv[1]))
        print("read")
    except BrokenWarehouse as error:
        print(error)
"""
CUTS = [0, 1, 100, 4096, 8192, 12288, "size // 4", "size // 2", "size - 4096", "size - 1"]


def spoiled(city: LittleCity, *spoils: str) -> list[str]:
    done = run_python(READ_EVERYTHING, city.folder, *spoils)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(spoils)
    return done.stdout.splitlines()


def assert_sentence(city: LittleCity, said: str) -> None:
    assert said.startswith(f"The warehouse file {city.build_id}.duckdb is damaged (")
    assert said.endswith(f"Build the city again: python -m pppdash build {city.folder}")


def test_file_cut_short(city: LittleCity):
    for said in spoiled(city, *(f"whole[:{cut}]" for cut in CUTS)):
        assert_sentence(city, said)


def test_file_overwritten(city: LittleCity):
    for said in spoiled(city, "bytes(size)", "b'junk' * 9999", "b'\\0' * 4096 + whole[4096:]"):
        assert_sentence(city, said)


def test_file_with_single_bytes_changed(city: LittleCity):
    """Checksums find most of them; those in unused space hurt nobody. None is a crash."""
    places = [f"size * {part} // 41" for part in range(1, 41)]
    flips = [f"whole[:{p}] + bytes([whole[{p}] ^ 255]) + whole[{p} + 1:]" for p in places]
    found = 0
    for said in spoiled(city, *flips):
        if said != "read":
            assert_sentence(city, said)
            found += 1
    assert found > 10


def test_file_that_is_gone(city: LittleCity):
    build_path(city.folder, city.build_id).unlink()
    with pytest.raises(BrokenWarehouse) as caught:
        open_warehouse(city.folder)
    assert_sentence(city, str(caught.value))


def test_database_that_is_no_warehouse(city: LittleCity):
    file = build_path(city.folder, city.build_id)
    file.unlink()
    duckdb.connect(str(file)).close()
    with pytest.raises(BrokenWarehouse) as caught:
        open_warehouse(city.folder)
    assert_sentence(city, str(caught.value))


def test_wrong_statement_is_not_taken_for_damage(city: LittleCity):
    with closing(open_warehouse(city.folder)) as warehouse, pytest.raises(duckdb.BinderException):
        warehouse.execute("select nothing from marts.builds", {})


FORBIDDEN: dict[str, Callable[[Path], str]] = {
    "create": lambda _: "create table marts.mine (a int)",
    "insert": lambda _: "insert into marts.goals select * from marts.goals",
    "drop": lambda _: "drop table marts.targets",
    "read a file": lambda _: "select * from read_text('/etc/hostname')",
    "read a table": lambda folder: f"select * from read_csv('{folder}/buildings.csv')",
    "read by name": lambda folder: f"select * from '{folder}/buildings.csv'",
    "list files": lambda _: "select * from glob('/*')",
    "write a file": lambda folder: f"copy marts.targets to '{folder}/out.csv'",
    "attach": lambda folder: f"attach '{folder}/other.duckdb'",
    "install": lambda _: "install httpfs",
    "load": lambda _: "load httpfs",
    "give access": lambda _: "set enable_external_access = true",
    "give memory": lambda _: "set memory_limit = '1TB'",
    "unlock": lambda _: "set lock_configuration = false",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_nothing_can_be_changed_or_reached_through_a_warehouse(city: LittleCity, what: str):
    before = sorted(path.name for path in city.folder.iterdir())
    with closing(open_warehouse(city.folder)) as warehouse:
        with pytest.raises((duckdb.Error, BrokenWarehouse)):
            warehouse.execute(FORBIDDEN[what](city.folder), {})
        assert len(warehouse.query("targets", **city.filters)) == 8
    assert sorted(path.name for path in city.folder.iterdir()) == before


@pytest.mark.parametrize("cut", [0, 100, 1 << 20])
def test_building_again_mends_a_damaged_file(city: LittleCity, cut: int):
    """Though nothing of the city has changed, and the build bears the same id."""
    file = build_path(city.folder, city.build_id)
    file.write_bytes(file.read_bytes()[:cut])
    assert_published(city)
    assert city.enrolled() == ENROLLED


def test_a_file_spoiled_while_open_is_mended_without_a_restart(city: LittleCity):
    file = build_path(city.folder, city.build_id)
    whole = file.read_bytes()
    held = open_warehouse(city.folder)
    file.write_bytes(whole[:20_000])
    with pytest.raises(BrokenWarehouse):
        for mart in ("buildings", "targets", "accounts", "areas", "dictionary"):
            held.execute(f"select * from marts.{mart}", {})
    file.write_bytes(whole)
    assert city.enrolled() == ENROLLED


def test_the_build_that_is_asked_for_is_the_one_that_answers(city: LittleCity):
    first = city.build_id
    city.write("accounts.csv", "account_id,target_id,enrolled_on\nA1,T1,2012-03-20\n")
    assert_published(city)
    assert city.build_id != first
    with closing(open_warehouse(city.folder, first)) as warehouse:
        assert warehouse.build.build_id == first
