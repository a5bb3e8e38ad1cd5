"""Which build serves: a pointer file that is replaced in one step, and the builds it may name."""

from __future__ import annotations

import os
import re
from pathlib import Path

from pppdash.errors import BrokenWarehouse, NoBuild

WAREHOUSE = "warehouse"
POINTER = "current"
KEPT_BUILDS = 3

_BUILD_ID = re.compile(r"[0-9a-f]{12}")


def warehouse_folder(city_folder: Path) -> Path:
    """Return the folder that holds a city's builds."""
    return city_folder / WAREHOUSE


def build_path(city_folder: Path, build_id: str) -> Path:
    """Return the file of one build."""
    return warehouse_folder(city_folder) / f"{build_id}.duckdb"


def current_build_id(city_folder: Path) -> str:
    """Return the id of the build that serves.

    Raises
    ------
    NoBuild
        Nothing has been published for this city yet.
    BrokenWarehouse
        The pointer is damaged.
    """
    pointer = warehouse_folder(city_folder) / POINTER
    command = f"python -m pppdash build {city_folder}"
    try:
        build_id = pointer.read_bytes().decode("ascii", "replace").strip()
    except FileNotFoundError:
        raise NoBuild(f"{city_folder} has not been built yet. Run: {command}") from None
    except OSError as error:
        raise BrokenWarehouse(
            f"{pointer} cannot be read ({error.strerror}); remove it and build again: {command}"
        ) from error
    if not _BUILD_ID.fullmatch(build_id):
        raise BrokenWarehouse(f"{pointer} does not name a build. Build again: {command}")
    return build_id


def publish(city_folder: Path, built: Path, build_id: str) -> Path:
    """Put a finished build in its place and point to it.

    Either the pointer names the new build, whole and on disk, or it still names the old one.
    Readers that hold an older file go on reading it.
    """
    target = build_path(city_folder, build_id)
    _sync(built)
    os.replace(built, target)
    pointer = warehouse_folder(city_folder) / POINTER
    fresh = pointer.with_name(f".{POINTER}-{os.getpid()}")
    fresh.write_text(build_id + "\n", encoding="ascii")
    _sync(fresh)
    os.replace(fresh, pointer)
    _sync(pointer.parent)
    _prune(city_folder, build_id)
    return target


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _prune(city_folder: Path, build_id: str) -> None:
    """Keep the newest builds, the one that serves among them."""
    os.utime(build_path(city_folder, build_id))
    builds = sorted(
        warehouse_folder(city_folder).glob("*.duckdb"),
        key=lambda path: (path.stem == build_id, path.stat().st_mtime_ns),
        reverse=True,
    )
    for old in builds[KEPT_BUILDS:]:
        old.unlink()
