"""A city's files → one checked DuckDB file, or a sentence why not."""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import filelock
import pandas as pd

import pppdash
from pppdash.city import City
from pppdash.errors import (
    BrokenWarehouse,
    BuildInterrupted,
    CityError,
    NoBuild,
    PppdashError,
    SourceError,
)
from pppdash.safe_text import safe_cell
from pppdash.sources.checks import REJECTION_COLUMNS
from pppdash.sources.contracts import ENTITIES, Entity
from pppdash.sources.intake import CROSSWALKS, Intake, Tally
from pppdash.warehouse.models import FOLDER, Model, load_models
from pppdash.warehouse.publish import build_path, current_build_id, publish, warehouse_folder
from pppdash.warehouse.read import Warehouse

REJECTED = "rejected"
SHOWN_PROBLEMS = 500
MEMORY_LIMIT = "4GB"

_BUILDING = ".building-"
_PACKAGE = Path(pppdash.__file__).parent

Progress = Callable[[str, int, int], None]


@dataclass
class Report:
    """What a build found; ``errors`` are sentences, and any of them keeps it from publishing."""

    build_id: str = ""
    published: bool = False
    seconds: float = 0.0
    tallies: dict[str, Tally] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def remarks(self) -> list[str]:
        """Return what the counts do not say: warnings in words, and where rejected rows are."""
        said = []
        for name, tally in self.tallies.items():
            said += [
                f"{name}: {notice.file} {notice.column}: {notice.reason} ({notice.count:,})"
                for notice in tally.warnings
            ]
            if tally.rejected:
                rows = "row is" if tally.rejected == 1 else "rows are"
                said.append(f"{name}: {tally.rejected:,} rejected {rows} in {REJECTED}/{name}.csv")
        return said

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values, for JSON."""
        return {
            "build_id": self.build_id,
            "published": self.published,
            "seconds": round(self.seconds, 3),
            "entities": {name: _counts(tally) for name, tally in self.tallies.items()},
            "errors": self.errors,
        }


def _counts(tally: Tally) -> dict[str, int]:
    return {
        "read": tally.read,
        "kept": tally.kept,
        "excluded": tally.excluded,
        "merged": tally.merged,
        "rejected": tally.rejected,
        "warnings": sum(notice.count for notice in tally.warnings),
    }


def build_city(
    city: City,
    *,
    publishes: bool = True,
    today: date | None = None,
    progress: Progress = lambda step, done, total: None,
) -> Report:
    """Read, check and build a city; publish it if nothing speaks against it.

    Parameters
    ----------
    city
        What to build.
    publishes
        Whether a good build is to serve from now on; otherwise it is thrown away.
    today
        The day against which "tomorrow" is meant; the machine's when not given.
    progress
        Called with the step's name, its number, and how many there are.

    Returns
    -------
    Report
        Counts of every entity, and the sentences that kept it from publishing, if any.

    Raises
    ------
    BuildInterrupted
        The disk is full or cannot be written, or another build of the city is running.
    """
    started = time.perf_counter()
    folder = warehouse_folder(city.folder)
    with _alone(folder), _scratch(folder) as scratch:
        report = _build(city, scratch, publishes, today or date.today(), progress)
    report.seconds = time.perf_counter() - started
    return report


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the city's build lock; the system lets go of it if the process dies."""
    try:
        folder.mkdir(exist_ok=True)
        lock = filelock.FileLock(folder / ".lock", timeout=0)
        with lock:
            yield
    except filelock.Timeout as error:
        raise BuildInterrupted(
            f"Another build of {folder.parent} is running; wait until it is done."
        ) from error
    except OSError as error:
        raise BuildInterrupted(
            f"{error.filename or folder} cannot be read or written ({error.strerror or error}); "
            "make room or give access, then build again. The last good build still serves."
        ) from error


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """Yield a fresh folder beside the builds; what a killed build left behind goes first."""
    for left in folder.glob(f"{_BUILDING}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(
        prefix=_BUILDING, dir=folder, ignore_cleanup_errors=True
    ) as name:
        yield Path(name)


def _build(city: City, scratch: Path, publishes: bool, today: date, progress: Progress) -> Report:
    report = Report()
    path = scratch / "build.duckdb"
    try:
        if city.as_of and city.as_of > today:
            raise CityError(
                f"{city.config_file}: as_of = {city.as_of} lies ahead; choose a past day."
            )
        intake = Intake(city, today)
    except PppdashError as error:
        report.errors.append(str(error))
        return report
    report.tallies = intake.tallies
    try:
        with _connect(path) as connection:
            _attach(connection)
            _fill_sources(connection, city, intake, report, progress)
            del intake  # the ids of every building and target, which the models do without
            _write_rejected(city, report)
            _check_tallies(city, report)
            if not report.errors:
                report.build_id = hash_inputs(city)
                _run_models(connection, report, progress)
                _warn_of_contradictions(connection, report.tallies)
                _describe(connection, city, report)
                connection.execute("checkpoint")  # closing would keep quiet about a full disk
        if not report.errors:
            _read_back(path, report.build_id)
    except (duckdb.Error, BrokenWarehouse) as error:
        raise BuildInterrupted(
            f"The build of {city.folder} was stopped ({str(error).splitlines()[0]}); make sure "
            "that there is room on the disk, then build again. The last good build still serves."
        ) from error
    if publishes and not report.errors:
        progress("publish", 1, 1)
        publish(city.folder, path, report.build_id)
        report.published = True
    return report


@contextmanager
def _connect(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(
        str(path), config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(path.parent)}
    )
    try:
        yield connection
    finally:
        connection.close()


def _read_back(path: Path, build_id: str) -> None:
    """Open a finished build as its readers will; what cannot be opened must not be published."""
    with closing(Warehouse(path)) as warehouse:
        if warehouse.build.build_id != build_id:
            raise BrokenWarehouse(f"{path} does not hold what was written to it")


def _attach(connection: duckdb.DuckDBPyConnection) -> None:
    """Keep sources and staging beside the file, so that it holds the marts alone."""
    connection.execute("attach ':memory:' as source")
    connection.execute("attach ':memory:' as staging")
    connection.execute("create schema marts")
    connection.execute((FOLDER / "macros.sql").read_text(encoding="utf-8"))


# -- sources -----------------------------------------------------------------------------------


def _fill_sources(
    connection: duckdb.DuckDBPyConnection,
    city: City,
    intake: Intake,
    report: Report,
    progress: Progress,
) -> None:
    _create_source_tables(connection, city)
    steps = ["areas", *ENTITIES]
    for number, name in enumerate(steps, start=1):
        progress(f"read {name}", number, len(steps))
        try:
            chunks = intake.read_areas() if name == "areas" else intake.read(name)
            for chunk in chunks:
                _insert(connection, name, chunk, list(intake.layers))
        except (SourceError, CityError) as error:
            report.errors.append(str(error))
            report.tallies.pop(name, None)  # it was not read to its end, so its counts say nothing
            if name in ("areas", "buildings", "targets", "survey_questions"):
                return  # what follows refers to it and would only repeat the complaint


def _create_source_tables(connection: duckdb.DuckDBPyConnection, city: City) -> None:
    for entity in ENTITIES.values():
        more = ", is_snapped BOOLEAN" if entity.name == "buildings" else ""
        connection.execute(f"create table source.{entity.name} ({_typed_columns(entity)}{more})")
    connection.execute(
        "create table source.areas (layer VARCHAR, area_id VARCHAR, name VARCHAR, "
        "population DOUBLE, geojson VARCHAR)"
    )
    connection.execute(
        "create table source.building_areas (building_id VARCHAR, layer VARCHAR, area_id VARCHAR)"
    )
    settings = pd.DataFrame([_settings(city)])
    connection.register("frame", settings)
    connection.execute(
        "create table source.settings as select * replace (launched_on::date as launched_on, "
        "goal_due::date as goal_due, goal_coverage::double as goal_coverage, "
        "first_layer::varchar as first_layer, layers::varchar[] as layers) from frame"
    )
    connection.unregister("frame")


def _typed_columns(entity: Entity) -> str:
    return ", ".join(f"{column.name} {column.kind.sql_type}" for column in entity.columns)


def _settings(city: City) -> dict[str, Any]:
    settings = city.settings
    return {
        "launched_on": city.launched_on,
        "first_layer": next(iter(city.areas), None),
        "layers": list(city.areas),
        "goal_coverage": city.goal.coverage if city.goal else None,
        "goal_due": city.goal.due if city.goal else None,
        "dormant_after_days": settings.dormant_after_days,
        "mid_sized": settings.size_bands.mid_sized,
        "large": settings.size_bands.large,
        "planned_before": settings.windows.planned_before,
        "planned_after": settings.windows.planned_after,
        "other_after": settings.windows.other_after,
    }


def _insert(
    connection: duckdb.DuckDBPyConnection, name: str, chunk: pd.DataFrame, layers: list[str]
) -> None:
    if chunk.empty:
        return
    rows = chunk.drop(columns=["file", "row"], errors="ignore")
    if name == "buildings":
        areas = rows.melt("building_id", layers, "layer", "area_id")
        rows = rows.drop(columns=layers)
        _append(connection, "building_areas", areas)
    _append(connection, name, rows)


def _append(connection: duckdb.DuckDBPyConnection, name: str, rows: pd.DataFrame) -> None:
    connection.register("frame", rows)
    connection.execute(f"insert into source.{name} by name from frame")
    connection.unregister("frame")


# -- rejected rows -----------------------------------------------------------------------------


def _write_rejected(city: City, report: Report) -> None:
    """Replace the city's ``rejected/`` by this build's."""
    folder = city.folder / REJECTED
    fresh = city.folder / f".{REJECTED}-{os.getpid()}"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    for name, tally in report.tallies.items():
        if tally.rejections:
            _write_csv(fresh / f"{name}.csv", pd.concat(tally.rejections))
    shutil.rmtree(folder, ignore_errors=True)
    if any(fresh.iterdir()):
        os.replace(fresh, folder)
    else:
        fresh.rmdir()


def _write_csv(path: Path, rows: pd.DataFrame) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(REJECTION_COLUMNS)
        for row in rows[list(REJECTION_COLUMNS)].itertuples(index=False):
            writer.writerow([safe_cell(value) for value in row])


def _check_tallies(city: City, report: Report) -> None:
    for name, tally in report.tallies.items():
        if not tally.balances:
            raise AssertionError(f"{name}: rows read are not all accounted for: {_counts(tally)}")
        allowed = max(1, city.settings.max_rejected * tally.read)
        if tally.rejected > allowed:
            report.errors.append(_too_many(city, name, tally, int(allowed)))


def _too_many(city: City, name: str, tally: Tally, allowed: int) -> str:
    reasons = pd.concat(tally.rejections)
    first = reasons.iloc[0]
    cell = f"{first['column']} {first['value']!r}".strip()
    return (
        f"{name}: {tally.rejected:,} of {tally.read:,} rows were rejected, and at most {allowed:,} "
        f"may be. The first is row {first['row']} of {first['file']}: "
        f"{cell} {first['reason']}. All are in {city.folder / REJECTED / name}.csv; "
        "mend them, or raise settings.max_rejected."
    )


# -- models ------------------------------------------------------------------------------------


def _run_models(connection: duckdb.DuckDBPyConnection, report: Report, progress: Progress) -> None:
    models = load_models()
    for number, model in enumerate(models, start=1):
        progress(f"build {model.full_name}", number, len(models))
        connection.execute(f"create table {model.full_name} as {model.body}")
        report.errors.extend(check_model(connection, model))


def _warn_of_contradictions(
    connection: duckdb.DuckDBPyConnection, tallies: Mapping[str, Tally]
) -> None:
    """Count rows that name a target and, beside it, another building than the target's."""
    for name in ("accounts", "memberships", "outreach_contacts"):
        count = connection.execute(
            f"select count(*) from source.{name} as a "
            "inner join staging.targets as t on a.target_id = t.target_id "
            "where a.building_id <> t.building_id"
        ).fetchall()[0][0]
        if count:
            reason = "is not the building of the target beside it; the target's counts"
            tallies[name].warn(", ".join(tallies[name].files), "building_id", reason, count)


def check_model(connection: duckdb.DuckDBPyConnection, model: Model) -> list[str]:
    """Hold a built table against its header; a sentence for every promise that it breaks."""
    built = connection.execute(f"describe {model.full_name}").df()["column_name"].tolist()
    documented = [column.name for column in model.columns]
    if built != documented:
        return [f"{model.full_name} has columns {built}, but its header documents {documented}."]
    return [
        f"{model.full_name}: {count:,} rows break its contract ({promise})."
        for promise, query in _promises(model).items()
        if (count := connection.execute(query).fetchall()[0][0])
    ]


def _promises(model: Model) -> Mapping[str, str]:
    grain = ", ".join(model.grain)
    promises = {
        f"{grain} unique": f"select count(*) - count(distinct row({grain})) from {model.full_name}"
    }
    conditions = [f"{name} is not null" for name in model.not_null] + list(model.checks)
    for condition in conditions:
        promises[condition] = (
            f"select count(*) from {model.full_name} where ({condition}) is not true"
        )
    return promises


# -- what the build says of itself -------------------------------------------------------------


def _describe(connection: duckdb.DuckDBPyConnection, city: City, report: Report) -> None:
    """Write the tables that Data health and the stamp read."""
    facts = {
        "build_id": report.build_id,
        "built_at": datetime.now(UTC).replace(microsecond=0).isoformat(),
        "city": city.model_dump_json(exclude={"folder", "root", "sources", "areas"}),
        "layers": [[name, layer.label or ""] for name, layer in city.areas.items()],
    }
    entities = [
        {"entity": name, "file": ", ".join(dict.fromkeys(tally.files)), **_counts(tally)}
        for name, tally in report.tallies.items()
    ]
    tables = {
        "builds": pd.DataFrame([facts]),
        "entities": pd.DataFrame(entities, columns=["entity", "file", *_counts(Tally())]),
        "problems": _problems(report.tallies),
        "dictionary": _dictionary(connection),
    }
    for name, frame in tables.items():
        connection.register("frame", frame)
        connection.execute(f"create table marts.{name} as from frame")
        connection.unregister("frame")


def _problems(tallies: Mapping[str, Tally]) -> pd.DataFrame:
    columns = ["severity", "entity", "file", "row", "column", "value", "reason", "count"]
    rejected = [
        pd.concat(tally.rejections).head(SHOWN_PROBLEMS).assign(entity=name)
        for name, tally in tallies.items()
        if tally.rejections
    ]
    warned = [
        {"entity": name, "file": n.file, "column": n.column, "reason": n.reason, "count": n.count}
        for name, tally in tallies.items()
        for n in tally.warnings
    ]
    frames = [frame.assign(severity="rejected", count=1) for frame in rejected]
    if warned:
        frames.append(pd.DataFrame(warned).assign(severity="warning", row=None, value=""))
    if not frames:
        return (
            pd.DataFrame(columns=columns).astype("str").astype({"row": "Int64", "count": "int64"})
        )
    typed = [frame.astype({"row": "Int64", "value": "str"})[columns] for frame in frames]
    return pd.concat(typed, ignore_index=True)


def _dictionary(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    rows = []
    for model in load_models():
        if model.layer != "marts":
            continue
        described = connection.execute(f"describe {model.full_name}").df()
        types = dict(zip(described["column_name"], described["column_type"], strict=True))
        rows += [
            {
                "model": model.name,
                "column": column.name,
                "type": types.get(column.name, ""),
                "meaning": column.meaning,
                "unit": column.unit,
            }
            for column in model.columns
        ]
    return pd.DataFrame(rows)


def hash_inputs(city: City) -> str:
    """Return the build's id: the same for the same files, configuration and code.

    Returns
    -------
    str
        Twelve hexadecimal digits of a SHA-256.
    """
    digest = hashlib.sha256()
    for path in [city.config_file, *_data_files(city), *_code_files()]:
        digest.update(path.name.encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:12]


def _data_files(city: City) -> list[Path]:
    files = [path for source in city.sources.values() for path in source.paths]
    for layer in city.areas.values():
        files.append(layer.path)
        if layer.population is not None and not isinstance(layer.population, str):
            files.append(layer.population.path)
    paths = [city.file(name) for name in dict.fromkeys(files)]
    beside = [
        part
        for path in paths
        if path.suffix == ".shp"
        for part in path.parent.glob(path.stem + ".*")
    ]
    crosswalks = sorted(city.folder.glob("*.csv")) + sorted(CROSSWALKS.glob("*.csv"))
    return sorted({*paths, *beside, *crosswalks})


def _code_files() -> list[Path]:
    folders = [_PACKAGE / "sources", FOLDER]
    code = [
        path for folder in folders for path in folder.rglob("*") if path.suffix in (".py", ".sql")
    ]
    return sorted([_PACKAGE / "city.py", *code])


def is_current(city: City) -> bool:
    """Whether the build that serves was made of just these files, configuration and code."""
    try:
        build_id = current_build_id(city.folder)
        if build_id != hash_inputs(city):
            return False
        _read_back(build_path(city.folder, build_id), build_id)
    except (NoBuild, BrokenWarehouse, OSError):  # what is missing, the build will complain of
        return False
    return True
