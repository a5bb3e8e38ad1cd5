"""A build is published whole or not at all, whatever happens while it runs."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from pppdash.city import load_city
from pppdash.errors import BrokenWarehouse, BuildInterrupted, NoBuild
from pppdash.warehouse.build import build_city, hash_inputs
from pppdash.warehouse.publish import KEPT_BUILDS, build_path, current_build_id
from pppdash.warehouse.read import open_warehouse
from tests.helpers import (
    ACCOUNTS,
    BUILDINGS,
    ENROLLED,
    TODAY,
    LittleCity,
    assert_nothing_lost,
    assert_published,
    assert_refused,
    little_city,
    run_python,
)

ONE_MORE = ACCOUNTS + "A5,T2,,2016-02-02,,\n"


def builds(city: LittleCity) -> list[str]:
    """Names of everything in the warehouse's folder, the build lock apart."""
    return sorted(
        path.name for path in (city.folder / "warehouse").iterdir() if path.name != ".lock"
    )


def test_first_build_publishes_one_file_and_a_pointer(tmp_path: Path):
    city = little_city(tmp_path / "city")
    report = assert_published(city)
    assert builds(city) == sorted([f"{report.build_id}.duckdb", "current"])
    assert city.enrolled() == ENROLLED
    assert not (city.folder / "rejected").exists()


def test_check_publishes_nothing(city: LittleCity):
    before, files = city.build_id, builds(city)
    city.write("accounts.csv", ONE_MORE)
    report = city.build(publishes=False)
    assert (report.errors, report.published) == ([], False)
    assert report.build_id != before
    assert_nothing_lost(city, report)
    assert (city.build_id, builds(city)) == (before, files)


def test_three_builds_are_kept_and_the_one_that_serves_is_the_newest(city: LittleCity):
    seen = [city.build_id]
    for number in range(3):
        city.write("accounts.csv", ACCOUNTS + f"X{number},T2,,2016-02-02,,\n")
        seen.append(assert_published(city).build_id)
    assert len(set(seen)) == 4
    assert builds(city) == sorted([f"{name}.duckdb" for name in seen[-KEPT_BUILDS:]] + ["current"])
    city.write("accounts.csv", ACCOUNTS + "X1,T2,,2016-02-02,,\n")  # an older city again
    assert assert_published(city).build_id == seen[2]
    assert f"{seen[2]}.duckdb" in builds(city)


def test_reader_of_an_older_build_goes_on_reading_it(city: LittleCity):
    with closing(open_warehouse(city.folder)) as warehouse:
        for number in range(3):
            city.write("accounts.csv", ACCOUNTS + f"X{number},T2,,2016-02-02,,\n")
            assert_published(city)
        assert not build_path(city.folder, warehouse.build.build_id).exists()
        assert len(warehouse.query("targets", **city.filters)) == 8


def test_build_id_follows_files_configuration_and_nothing_else(city: LittleCity):
    def build_id() -> str:
        return hash_inputs(load_city(city.folder))

    first = build_id()
    assert build_id() == first
    (city.folder / "notes.txt").write_text("not read", encoding="utf-8")
    assert build_id() == first
    city.write("accounts.csv", ONE_MORE)
    second = build_id()
    city.set("settings", "min_targets = 9")
    assert len({first, second, build_id()}) == 3


# -- bad data ------------------------------------------------------------------------------------


def test_refused_build_leaves_the_last_good_one_and_says_what_was_rejected(city: LittleCity):
    city.write("accounts.csv", ACCOUNTS + "A5,T99,,2016-01-01,,\nA6,T99,,2016-01-01,,\n")
    assert_refused(city, "accounts: 2 of 6 rows were rejected")
    assert len(city.rejected("accounts")) == 2
    city.write("accounts.csv", ONE_MORE)
    assert_published(city)
    assert not (city.folder / "rejected").exists()
    assert city.enrolled() == ENROLLED + 1


HOSTILE = [
    "<script>alert(1)</script>",
    "`back tick`",
    "${1}",
    'it\'s "quoted"',
    "שלום עולם",
    "مرحبا بالعالم",
    "🏙️👩‍🚒 fire",
    "=1+1",
    "a\\nb \\ c",
    "&amp; <b>",
    "Ñandú \u202e rtl",
]


def test_names_arrive_unchanged(city: LittleCity):
    rows = [
        f'H{number},-87.69,41.81,"{name.replace(chr(34), chr(34) * 2)}",,'
        for number, name in enumerate(HOSTILE, start=10)
    ]
    city.write("buildings.csv", BUILDINGS + "\n".join(rows) + "\n")
    assert_published(city)
    names = {row["name"] for row in city.buildings()}
    assert set(HOSTILE) <= names


def test_rejected_values_are_no_formulas_in_a_spreadsheet(city: LittleCity):
    city.write("accounts.csv", ACCOUNTS + "A5,T2,,=cmd|' /C calc'!A0,,\n")
    assert_published(city)
    (row,) = city.rejected("accounts")
    assert row["value"].startswith("'=cmd")


# -- interruptions -------------------------------------------------------------------------------

BUILD_ON_FULL_DISK = """
import resource, signal, sys
from pppdash.__main__ import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
sys.exit(main(["build", sys.argv[1]]))
"""


@pytest.mark.parametrize("room", [50_000, 2_500_000])
def test_full_disk_ends_in_a_sentence_and_the_next_build_succeeds(city: LittleCity, room: int):
    before, files = city.build_id, builds(city)
    city.write("accounts.csv", ONE_MORE)
    done = run_python(BUILD_ON_FULL_DISK, city.folder, room)
    assert done.returncode == 1, done.stderr
    assert "File too large" in done.stderr
    assert "build again. The last good build still serves." in done.stderr
    assert "Traceback" not in done.stderr
    assert (city.build_id, builds(city)) == (before, files)
    assert city.enrolled() == ENROLLED
    assert_published(city)
    assert city.enrolled() == ENROLLED + 1


BUILD_AND_BE_KILLED = """
import datetime, os, signal, sys
from pathlib import Path
from pppdash.city import load_city
from pppdash.warehouse import publish
from pppdash.warehouse.build import build_city

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

moment = sys.argv[2]
if moment in ("_sync", "_prune"):
    setattr(publish, moment, die)
progress = lambda step, done, total: die() if step == moment else None
build_city(load_city(Path(sys.argv[1])), today=datetime.date(2017, 4, 1), progress=progress)
"""


@pytest.mark.parametrize(
    "moment", ["read accounts", "build marts.accounts", "publish", "_sync", "_prune"]
)
def test_killed_build_leaves_a_good_one_and_is_cleaned_up_after(city: LittleCity, moment: str):
    before = city.build_id
    city.write("accounts.csv", ONE_MORE)
    done = run_python(BUILD_AND_BE_KILLED, city.folder, moment)
    assert done.returncode == -9, done.stderr
    if moment == "_prune":  # the pointer had been moved already
        assert city.build_id != before
        assert city.enrolled() == ENROLLED + 1
    else:
        assert city.build_id == before
        assert city.enrolled() == ENROLLED
        assert any(name.startswith(".building-") for name in builds(city))
    report = assert_published(city)
    assert builds(city) == sorted([f"{before}.duckdb", f"{report.build_id}.duckdb", "current"])
    assert city.enrolled() == ENROLLED + 1


def test_second_build_of_a_city_is_told_to_wait(city: LittleCity):
    said = []

    def build_again(step: str, done: int, total: int) -> None:
        if step == "publish":
            again = run_python(
                "import sys; from pppdash.__main__ import main; sys.exit(main(sys.argv[1:]))",
                "build",
                city.folder,
            )
            said.append((again.returncode, again.stderr.strip()))

    report = build_city(load_city(city.folder), today=TODAY, progress=build_again)
    assert report.published
    assert said == [(1, f"Another build of {city.folder} is running; wait until it is done.")]


def test_warehouse_folder_that_cannot_be_written(city: LittleCity):
    shutil.rmtree(city.folder / "warehouse")
    city.write("warehouse", "in the way")
    with pytest.raises(BuildInterrupted, match=r"cannot be read or written \(File exists\)"):
        city.build()


# -- pointers ------------------------------------------------------------------------------------


def test_city_without_a_build_says_how_to_make_one(tmp_path: Path):
    city = little_city(tmp_path / "city")
    with pytest.raises(NoBuild, match=r"not been built yet\. Run: python -m pppdash build "):
        open_warehouse(city.folder)


def test_pointer_to_a_build_that_is_not_there(city: LittleCity):
    (city.folder / "warehouse" / "current").write_text("0123456789ab\n", encoding="ascii")
    with pytest.raises(BrokenWarehouse, match=r"0123456789ab\.duckdb is damaged \(the file is not"):
        open_warehouse(city.folder)
    assert_published(city)
    assert city.enrolled() == ENROLLED


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"../../../etc/passwd\n", b"a\x00b"])
def test_pointer_that_names_no_build(city: LittleCity, content: bytes):
    (city.folder / "warehouse" / "current").write_bytes(content)
    with pytest.raises(BrokenWarehouse, match=r"current does not name a build\. Build again: "):
        current_build_id(city.folder)
    assert_published(city)
    assert city.enrolled() == ENROLLED
