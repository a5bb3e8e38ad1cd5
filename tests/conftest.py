from __future__ import annotations

import os
import shutil
from contextlib import closing
from pathlib import Path

import hypothesis
import pytest

from pppdash.city import load_city
from pppdash.warehouse.build import build_city
from pppdash.warehouse.read import open_warehouse

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "data" / "chicago"

# A shared machine may take its time over an example; how long is no property of the program.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")


def copy_city(source: Path, target: Path) -> Path:
    """A city's own files, without what a build left beside them."""
    made = shutil.ignore_patterns("warehouse", "rejected", ".*")
    return Path(shutil.copytree(source, target, ignore=made))


def build(folder: Path, root: Path | None = None) -> Path:
    report = build_city(load_city(folder, root))
    assert report.published, report.errors
    return folder


@pytest.fixture(scope="session")
def sample_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the committed sample, built and published."""
    return build(copy_city(SAMPLE, tmp_path_factory.mktemp("cities") / "sample"))


@pytest.fixture(scope="session")
def sample(sample_city: Path):
    """The sample's warehouse, open."""
    with closing(open_warehouse(sample_city)) as warehouse:
        yield warehouse


@pytest.fixture(scope="session")
def empty_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city that has said nothing but its name, built and published."""
    folder = tmp_path_factory.mktemp("cities") / "empty"
    folder.mkdir()
    (folder / "city.toml").write_text('name = "Nowhere"\n', encoding="utf-8")
    return build(folder)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of public files that is not part of the project."""
    named = os.environ.get("PPPDASH_REAL_DATA")
    if not named:
        pytest.skip("PPPDASH_REAL_DATA names no folder of real files")
    return Path(named)
