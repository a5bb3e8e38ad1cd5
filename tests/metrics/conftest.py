"""A little city where much happens on the same days: ends of months, first days, and the launch."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from datetime import date

import pytest

from pppdash.warehouse.read import Warehouse, open_warehouse
from tests.helpers import (
    SIDE,
    SOUTH,
    WEST,
    LittleCity,
    assert_published,
    built_city,
    collection,
    feature,
    little_city,
    square,
)

__all__ = ["built_city"]

DAYS = [
    date(2012, 2, 29),
    date(2012, 3, 7),
    date(2012, 3, 31),
    date(2012, 4, 1),
    date(2012, 12, 31),
    date(2013, 1, 1),
    date(2013, 2, 28),
    date(2013, 6, 15),
]
SECTORS = ["Energy", "Dams", "Chemical", ""]
# The windows of the first two overlap, and the last two end on the same day.
FLASH_POINTS = """\
flash_point_id,name,started_on,kind,scope
F1,Parade,2012-04-10,planned_event,local
F2,Summit,2012-05-20,planned_event,local
F3,Flood,2012-12-31,disaster,local
F4,Storm,2012-12-31,disaster,local
"""


def _csv(header: str, rows: list[tuple[object, ...]]) -> str:
    lines = [",".join("" if value is None else str(value) for value in row) for row in rows]
    return "\n".join([header, *lines]) + "\n"


def _write_busy(city: LittleCity, seed: int) -> None:
    draw = random.Random(seed)
    buildings = [
        (
            f"B{n}",
            round(WEST + draw.uniform(-0.005, 0.07), 4),  # some outside every ward
            round(SOUTH + draw.uniform(0, SIDE), 4),
            draw.choice(SECTORS),
            draw.choice([10, 60, 300, ""]),
        )
        for n in range(60)
    ]
    targets, accounts = [], []
    for n in range(200):
        listed, removed = sorted(draw.choices(DAYS, k=2))  # often the same day
        targets.append(
            (
                f"T{n}",
                f"B{draw.randrange(60)}",
                draw.choice(["manager", "tenant"]),
                draw.choice(SECTORS),
                draw.choice([10, 60, 300, ""]),
                draw.choice([None, listed]),
                draw.choice([None, removed]),
            )
        )
    for n in range(300):
        enrolled, ended = sorted(draw.choices(DAYS, k=2))
        target = (f"T{draw.randrange(200)}", None)
        owner = draw.choice([target, target, (None, f"B{draw.randrange(60)}")])
        seen = draw.choice([None, draw.choice([day for day in DAYS if day >= enrolled])])
        accounts.append((f"A{n}", *owner, enrolled, draw.choice([None, ended]), seen))
    city.write("buildings.csv", _csv("building_id,longitude,latitude,sector,employees", buildings))
    city.write(
        "targets.csv",
        _csv("target_id,building_id,role,sector,employees,listed_on,removed_on", targets),
    )
    city.write(
        "accounts.csv",
        _csv("account_id,target_id,building_id,enrolled_on,ended_on,last_active_on", accounts),
    )
    city.write("flash_points.csv", FLASH_POINTS)
    city.set("sources.flash_points", 'path = "flash_points.csv"')
    city.set("settings", "dormant_after_days = 30\nsnap_m = 0\nmax_rejected = 1.0")


@pytest.fixture(scope="session")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """The warehouse of a busy city with two layers of areas, one of which leaves some out."""
    city = little_city(tmp_path_factory.mktemp("cities") / "busy")
    halves = [
        feature(square(WEST - 0.01 + i * 0.04, SOUTH, 0.04), area_id=f"H{i}", name=f"Half {i}")
        for i in (0, 1)
    ]
    city.write("halves.geojson", collection(halves))
    city.remove("areas.ward")  # the first layer decides who is too far out to keep
    city.set("areas.half", 'path = "halves.geojson"')
    city.set("areas.ward", 'path = "wards.geojson"')
    _write_busy(city, seed=7)
    yield from _opened(city)


@pytest.fixture(scope="session")
def busy_without_areas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """The warehouse of a busy city without any layer of areas."""
    city = little_city(tmp_path_factory.mktemp("cities") / "no_areas")
    city.remove("areas.ward")
    _write_busy(city, seed=8)
    yield from _opened(city)


@pytest.fixture(scope="session")
def across(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """The warehouse of a city across the 180th meridian: a building every tenth of a degree."""
    city = little_city(tmp_path_factory.mktemp("cities") / "across")
    city.remove("areas.ward", "sources.targets", "sources.accounts")
    rows = [(f"B{n}", round((n / 10 + 359.5) % 360 - 180, 1), -17.0) for n in range(10)]
    city.write("buildings.csv", _csv("building_id,longitude,latitude", list(rows)))
    yield from _opened(city)


def _opened(city: LittleCity) -> Iterator[Warehouse]:
    assert_published(city)
    with closing(open_warehouse(city.folder)) as warehouse:
        yield warehouse
