"""Little cities for tests: three areas, six buildings, eight targets, four accounts."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pppdash.city import load_city
from pppdash.errors import PppdashError
from pppdash.metrics.compute import compute
from pppdash.metrics.filters import Filters
from pppdash.sources.read import Scratch
from pppdash.warehouse.build import Report, build_city
from pppdash.warehouse.publish import current_build_id
from pppdash.warehouse.read import Warehouse, open_warehouse

ROOT = Path(__file__).parent.parent
TODAY = date(2017, 4, 1)
AS_OF = date(2017, 3, 31)

# Three squares of 0.02 degrees in a row, from west to east.
WEST, SOUTH, SIDE = -87.70, 41.80, 0.02

BUILDINGS = """\
building_id,longitude,latitude,name,sector,employees
B1,-87.695,41.805,Alder House,Energy,10
B2,-87.685,41.815,Birch House,Energy,60
B3,-87.675,41.805,Cedar House,Commercial Facilities,300
B4,-87.665,41.815,Dogwood House,,
B5,-87.655,41.805,Elm House,Healthcare and Public Health,20
B6,-87.645,41.815,Fir House,Healthcare and Public Health,20
"""
TARGETS = """\
target_id,building_id,organization,role
T1,B1,Alder Management,manager
T2,B1,Alder Shop,tenant
T3,B2,Birch Management,manager
T4,B3,Cedar Management,manager
T5,B3,Cedar Bank,tenant
T6,B4,Dogwood Management,manager
T7,B5,Elm Clinic,manager
T8,B6,Fir Clinic,manager
"""
ACCOUNTS = """\
account_id,target_id,building_id,enrolled_on,ended_on,last_active_on
A1,T1,,2012-03-20,,2017-03-01
A2,T4,,2012-05-02,,2012-06-01
A3,T7,,2015-07-01,2016-07-01,
A4,,B6,2016-01-15,,2017-02-01
"""
CONFIG = {
    "": 'name = "Littleton"\nlaunched_on = 2012-03-07\nas_of = 2017-03-31',
    "areas.ward": 'path = "wards.geojson"',
    "sources.buildings": 'path = "buildings.csv"',
    "sources.targets": 'path = "targets.csv"',
    "sources.accounts": 'path = "accounts.csv"',
}
# As of AS_OF: T1, T4 and, through its building's sole target, T8; T7 has ended.
ENROLLED = 3


def square(west: float, south: float, side: float = SIDE) -> dict[str, Any]:
    """Return a square as a GeoJSON polygon."""
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(geometry: Mapping[str, Any] | None, **properties: object) -> dict[str, Any]:
    """Return a GeoJSON feature."""
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def wards() -> list[dict[str, Any]]:
    """Return the three areas as features, 1 to 3 from west to east."""
    return [
        feature(square(round(WEST + i * SIDE, 2), SOUTH), area_id=str(i + 1), name=f"Ward {i + 1}")
        for i in range(3)
    ]


def collection(features: Sequence[Mapping[str, Any]], crs: str | None = None) -> str:
    """Return features as GeoJSON text, with the old-style ``crs`` member where one is given."""
    whole: dict[str, Any] = {"type": "FeatureCollection"}
    if crs:
        whole["crs"] = {"type": "name", "properties": {"name": crs}}
    return json.dumps(whole | {"features": list(features)})


def list_buildings(warehouse: Warehouse, filters: Filters) -> pd.DataFrame:
    """Return all buildings under filters."""
    everything = {"status": None, "first": None, "limit": 1_000_000, "offset": 0}
    return warehouse.query("list_buildings", **filters.params(), **everything)


@dataclass
class LittleCity:
    """A city's folder with its configuration kept by section, so that a test can swap one."""

    folder: Path
    config: dict[str, str] = field(default_factory=lambda: dict(CONFIG))

    def write(self, name: str, content: str | bytes) -> Path:
        """Write one of the city's files; a text as UTF-8, its line ends as they are."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def set(self, section: str, lines: str) -> None:
        """Replace a section of city.toml (``""`` is what stands above the first)."""
        self.config[section] = lines
        self.save()

    def remove(self, *sections: str) -> None:
        """Take sections out of city.toml."""
        for section in sections:
            del self.config[section]
        self.save()

    def save(self) -> None:
        """Write city.toml."""
        parts = [
            f"[{section}]\n{lines}" if section else lines for section, lines in self.config.items()
        ]
        text = "\n\n".join(parts) + "\n"
        tomllib.loads(text)  # a slip in a test is no test of the program
        self.write("city.toml", text)

    def build(self, *, publishes: bool = True, today: date = TODAY) -> Report:
        """Build the city."""
        return build_city(load_city(self.folder), publishes=publishes, today=today)

    def rejected(self, entity: str) -> list[dict[str, str]]:
        """Return the rows of ``rejected/<entity>.csv``; none where it is not there."""
        path = self.folder / "rejected" / f"{entity}.csv"
        if not path.is_file():
            return []
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def query(self, name: str, **parameters: Any) -> list[dict[str, Any]]:
        """Return the rows of a query of the build that serves."""
        with closing(open_warehouse(self.folder)) as warehouse:
            return warehouse.query(name, **parameters).to_dict("records")

    def buildings(self, filters: Filters | None = None) -> list[dict[str, Any]]:
        """Return the buildings under filters by their ids; all, as of `AS_OF`, by default."""
        with closing(open_warehouse(self.folder)) as warehouse:
            rows = list_buildings(warehouse, filters or Filters(AS_OF, "ward"))
        return rows.sort_values("building_id").to_dict("records")

    def enrolled(self) -> int:
        """Return the targets enrolled as of `AS_OF`, by the build that serves."""
        with closing(open_warehouse(self.folder)) as warehouse:
            frame = compute(warehouse, ["targets_enrolled"], [], Filters(AS_OF))
        return int(frame["targets_enrolled"].iloc[0])

    def targets(self) -> list[dict[str, Any]]:
        """Return the targets of the build that serves."""
        return self.query("targets", **self.filters)

    @property
    def filters(self) -> dict[str, Any]:
        """The parameters of queries over the whole city, by ward, as of `AS_OF`."""
        return Filters(AS_OF, "ward").params()

    @property
    def build_id(self) -> str:
        """The id of the build that serves."""
        return current_build_id(self.folder)


def little_city(folder: Path) -> LittleCity:
    """Write the files of a little city into a new folder."""
    folder.mkdir(parents=True)
    city = LittleCity(folder)
    city.write("buildings.csv", BUILDINGS)
    city.write("targets.csv", TARGETS)
    city.write("accounts.csv", ACCOUNTS)
    city.write("wards.geojson", collection(wards()))
    city.save()
    return city


def copy_city(city: LittleCity, folder: Path) -> LittleCity:
    """Copy a city with its builds, so that a test may spoil it."""
    shutil.copytree(city.folder, folder)
    return LittleCity(folder, dict(city.config))


@pytest.fixture(scope="session")
def built_city(tmp_path_factory: pytest.TempPathFactory) -> LittleCity:
    """A little city with one good build; copy it before spoiling it."""
    city = little_city(tmp_path_factory.mktemp("cities") / "little")
    assert_published(city)
    return city


@pytest.fixture
def city(built_city: LittleCity, tmp_path: Path) -> LittleCity:
    """A little city with one good build, to be spoiled."""
    return copy_city(built_city, tmp_path / "city")


def read_rows(path: Path, **how: str) -> pd.DataFrame:
    """Return a file's rows as the program reads them: file, row, then its columns as text."""
    with Scratch("sources.test", path.parent / "city.toml") as scratch:
        scratch.load(path, **how)
        scratch.lock()
        columns = {name: '"' + name.replace('"', '""') + '"' for name in scratch.columns}
        scratch.extract(columns, None, None)
        return pd.concat(list(scratch.chunks()), ignore_index=True)


def run_python(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own, which may be limited, killed or end at its own will."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    with tempfile.TemporaryDirectory() as scratch:  # what a killed process leaves goes with it
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": scratch}
        return subprocess.run(
            command, capture_output=True, text=True, env=environment, timeout=120, check=False
        )


def assert_nothing_lost(city: LittleCity, report: Report) -> None:
    """Assert that every row read is accounted for, and every rejected one is on file."""
    for name, counts in report.as_dict()["entities"].items():
        settled = counts["kept"] + counts["excluded"] + counts["merged"] + counts["rejected"]
        assert counts["read"] == settled, (name, counts)
        on_file = {(row["file"], row["row"]) for row in city.rejected(name)}
        assert len(on_file) == counts["rejected"], (name, counts, on_file)


def assert_refused(city: LittleCity, *words: str) -> str:
    """Build a city that cannot be published; assert what it says and that the last build serves.

    Parameters
    ----------
    city
        A city that has a good build already.
    *words
        What the sentence must hold: the file, the row or key, what is wrong, what to do.

    Returns
    -------
    str
        All that was said.
    """
    before = city.build_id
    try:
        report = city.build()
    except PppdashError as error:
        said = str(error)
    else:
        assert report.errors
        assert not report.published
        assert_nothing_lost(city, report)
        said = "\n".join(report.errors)
    missing = [word for word in words if word not in said]
    assert not missing, f"{missing} not in: {said}"
    assert said.rstrip().endswith((".", "?")), said
    assert city.build_id == before
    assert city.enrolled() == ENROLLED
    assert not [path.name for path in (city.folder / "warehouse").glob(".building-*")]
    return said


def assert_published(city: LittleCity) -> Report:
    """Build a city and assert that it was published with every row accounted for."""
    report = city.build()
    assert report.errors == []
    assert report.published
    assert city.build_id == report.build_id
    assert_nothing_lost(city, report)
    return report
