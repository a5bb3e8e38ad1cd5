"""A published build, opened so that nothing can be changed, loaded or reached through it."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from pppdash.city import Settings
from pppdash.errors import BrokenWarehouse, PppdashError
from pppdash.sources.contracts import UNCLASSIFIED
from pppdash.warehouse.models import load_query
from pppdash.warehouse.publish import build_path, current_build_id

MEMORY_LIMIT = "1GB"

_PARAMETER = re.compile(r"\$(\w+)")

_log = logging.getLogger(__name__)

_LOCKED = {
    "enable_external_access": "false",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "memory_limit": MEMORY_LIMIT,
    "lock_configuration": "true",
}


@dataclass(frozen=True)
class Layer:
    """A layer of areas; ``label`` is how people call it."""

    name: str
    label: str


@dataclass(frozen=True)
class SizeBand:
    """A size band; ``label`` says its bounds in employees."""

    name: str
    label: str


@dataclass(frozen=True)
class Build:
    """What a build says of itself; every number on a page belongs to one of these.

    ``as_of`` is the default as-of date, ``first_on`` and ``last_on`` the first and last day on
    which anything is on record; ``entities`` maps an entity to its rows kept (0 = absent);
    ``records_activity`` is false where no account says when it was last active, so that nothing
    is known of dormancy.
    """

    build_id: str
    built_at: datetime
    city: str
    launched_on: date | None
    as_of: date
    first_on: date | None
    last_on: date
    synthetic: tuple[str, ...]
    layers: tuple[Layer, ...]
    sectors: tuple[str, ...]
    size_bands: tuple[SizeBand, ...]
    universe: tuple[int, int] | None
    basemap: Mapping[str, str] | None
    entities: Mapping[str, int]
    records_activity: bool
    settings: Settings

    @property
    def dormant_after_days(self) -> int:
        """Days without activity after which an account counts as dormant."""
        return self.settings.dormant_after_days

    @property
    def min_targets(self) -> int:
        """Targets below which a cell's coverage is labeled unreliable."""
        return self.settings.min_targets

    @property
    def min_respondents(self) -> int:
        """Respondents below which a survey result is suppressed."""
        return self.settings.min_respondents

    def has(self, *entities: str) -> bool:
        """Whether the city brought rows of every one of these entities."""
        return all(self.entities.get(name, 0) > 0 for name in entities)


class Warehouse:
    """One build, open for reading; safe to share between threads (a cursor per query)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = _open(path)
        try:
            self.build = self._read_build()
        except BrokenWarehouse:
            raise
        except (duckdb.Error, LookupError, TypeError, ValueError) as error:
            self._let_go()
            raise _broken(path, error) from error

    def query(self, name: str, **parameters: Any) -> pd.DataFrame:
        """Run ``queries/<name>.sql`` with bound parameters, those that it names."""
        return self.execute(load_query(name), parameters)

    def execute(self, sql: str, parameters: Mapping[str, Any]) -> pd.DataFrame:
        """Run a statement with those of the parameters that it names, on a cursor of its own.

        Raises
        ------
        BrokenWarehouse
            The file is damaged.
        """
        cursor = self._connection.cursor()
        try:
            return cursor.execute(sql, _named(sql, parameters)).df()
        except duckdb.Error as error:
            if _is_damage(error):
                self._let_go()
                raise _broken(self._path, error) from error
            raise
        finally:
            cursor.close()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _let_go(self) -> None:
        """Close a damaged file, so that a good one under the same path is opened anew.

        DuckDB shares what it has read of a file between the connections of a process. Where
        another query still runs, the last of them lets go.
        """
        try:
            self._connection.close()
        except duckdb.Error as error:
            _log.warning("%s is damaged and still in use: %s", self._path, error)

    def _read_build(self) -> Build:
        row = self.query("build").iloc[0]
        city = json.loads(row["city"])
        settings = Settings.model_validate(city["settings"])
        universe = city["target_universe"]
        entities = self.query("entities")
        as_of = _day(city["as_of"]) or _day(row["newest_on"]) or date.today()
        return Build(
            build_id=row["build_id"],
            built_at=datetime.fromisoformat(row["built_at"]).astimezone(UTC),
            city=city["name"],
            launched_on=_day(city["launched_on"]),
            as_of=as_of,
            first_on=_day(row["oldest_on"]),
            last_on=max(as_of, _day(row["last_on"]) or as_of),
            synthetic=tuple(city["synthetic"]),
            layers=tuple(Layer(name, label or _label(name)) for name, label in row["layers"]),
            sectors=_sectors(self.query("sectors")["sector"]),
            size_bands=_size_bands(settings),
            universe=(universe["low"], universe["high"]) if universe else None,
            basemap=city["basemap"],
            entities=dict(zip(entities["entity"], entities["kept"].astype(int), strict=True)),
            records_activity=bool(row["records_activity"]),
            settings=settings,
        )


def open_warehouse(city_folder: Path, build_id: str | None = None) -> Warehouse:
    """Open one build of a city, the one that serves when none is named.

    Raises
    ------
    NoBuild
        Nothing has been published for this city yet.
    BrokenWarehouse
        The build's file is missing, damaged or cut short.
    """
    return Warehouse(build_path(city_folder, build_id or current_build_id(city_folder)))


def _open(path: Path) -> duckdb.DuckDBPyConnection:
    if not path.is_file():
        raise _broken(path, FileNotFoundError("the file is not there"))
    try:
        return duckdb.connect(str(path), read_only=True, config=dict(_LOCKED))
    except duckdb.Error as error:
        raise _broken(path, error) from error


def _named(sql: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that a statement names.

    Filters are handed on whole, and not every question follows all of them; DuckDB refuses to
    bind what a statement does not name.
    """
    return {name: parameters[name] for name in set(_PARAMETER.findall(sql)) & set(parameters)}


def _is_damage(error: duckdb.Error) -> bool:
    """Whether an error speaks of the file; of a wrong statement it has a class of its own."""
    of_file = (duckdb.IOException, duckdb.SerializationException, duckdb.FatalException)
    return isinstance(error, of_file) or type(error) is duckdb.Error  # a checksum that is off


def _broken(path: Path, error: Exception) -> PppdashError:
    return BrokenWarehouse(
        f"The warehouse file {path.name} is damaged ({str(error).splitlines()[0]}). "
        f"Build the city again: python -m pppdash build {path.parent.parent}"
    )


def _day(value: Any) -> date | None:
    if value is None or pd.isna(value):
        return None
    return value.date() if hasattr(value, "date") else date.fromisoformat(str(value)[:10])


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _sectors(present: pd.Series) -> tuple[str, ...]:
    return tuple(sorted(present, key=lambda sector: (sector == UNCLASSIFIED, sector)))


def _size_bands(settings: Settings) -> tuple[SizeBand, ...]:
    middle, large = settings.size_bands.mid_sized, settings.size_bands.large
    return (
        SizeBand("small", f"small (< {middle})"),
        SizeBand("mid-sized", f"mid-sized ({middle}\u2013{large - 1})"),
        SizeBand("large", f"large (\u2265 {large})"),
        SizeBand("Unknown", "unknown size"),
    )
