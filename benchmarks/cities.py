"""The sample cities that are measured, made once and kept in a folder that git passes over."""

from __future__ import annotations

import csv
import itertools
import json
import shutil
import sys
from pathlib import Path

from benchmarks.usage import measured
from pppdash.warehouse.publish import build_path, current_build_id

CACHE = Path(__file__).resolve().parent / ".cache"
BUILDINGS = "buildings.csv"


def cache() -> Path:
    """Return the folder for what is made once, made itself where it is missing."""
    CACHE.mkdir(exist_ok=True)
    (CACHE / ".gitignore").write_text("*\n", encoding="ascii")
    return CACHE


def prepare(buildings: int, cities: Path | None = None) -> Path:
    """Return the folder of a sample city with so many buildings, made where there is none yet.

    Parameters
    ----------
    cities
        A folder in whose subfolders to look first.
    """
    for folder in (cities, cache()):
        for listing in sorted(folder.glob("*/sample.json")) if folder else ():
            if json.loads(listing.read_text(encoding="utf-8"))["buildings"] == buildings:
                return listing.parent
    city, count = cache() / f"city_{buildings}", str(buildings)
    shutil.rmtree(city, ignore_errors=True)  # what an interrupted run left has no sample.json
    command = [sys.executable, "-m", "pppdash", "sample", str(city)]
    measured([*command, "--targets", count, "--buildings", count])
    return city


def build(city: Path) -> tuple[float, float]:
    """Build a city from its files; return the seconds and the peak of memory in bytes."""
    return measured([sys.executable, "-m", "pppdash", "build", str(city)])


def build_file(city: Path) -> Path:
    """Return the file of the build that serves."""
    return build_path(city, current_build_id(city))


def some_buildings(city: Path, count: int = 1_000) -> list[tuple[float, float]]:
    """Return longitude and latitude of the first buildings on file, which lie all over the city."""
    with (city / BUILDINGS).open(encoding="utf-8", newline="") as file:
        rows = itertools.islice(csv.DictReader(file), count)
        return [(float(row["longitude"]), float(row["latitude"])) for row in rows]
