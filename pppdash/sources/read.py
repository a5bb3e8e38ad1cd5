"""A city's files, as text: loaded, locked, and only then read through its expressions.

Each source gets a scratch DuckDB of its own, in memory, which spills to disk where it must. Its
files are loaded as text into ``raw``; then the connection is locked (no file access, no
configuration, a memory limit); then the expressions of city.toml are evaluated, under a time limit
and a limit on the process's address space, because DuckDB's own memory limit does not count the
strings that a function makes.
"""

from __future__ import annotations

import itertools
import os
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import TracebackType

import duckdb
import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd

from pppdash.errors import CityError, SourceError
from pppdash.sources.configuration import refuse_unknown
from pppdash.sources.contracts import MAX_TEXT_CHARS
from pppdash.sources.decode import TextTable, decode, unique_names
from pppdash.sources.expressions import TABLE, check_expression
from pppdash.sources.private import EMAIL, PHONE, has_private_name, mask

MEMORY_LIMIT = "2GB"
ADDRESS_SPACE_BYTES = 6 << 30
EXPRESSION_SECONDS = 300.0
GRACE_SECONDS = 30.0
CHUNK_ROWS = 200_000
PRIVATE_SHARE = 0.01
MAX_LINE_BYTES = 64 << 20

_GEO_SUFFIXES = (".geojson", ".json", ".shp", ".gpkg")

_LOAD_CSV = f"""
create table loaded as
select $file::integer as _file, row_number() over () + 1 as _row, *
from read_csv($path, delim = $delimiter, quote = '"', escape = '"', header = true,
              all_varchar = true, auto_detect = false, columns = $columns, nullstr = '',
              store_rejects = true, max_line_size = {MAX_LINE_BYTES},
              buffer_size = {2 * MAX_LINE_BYTES}, encoding = 'utf-8')
"""
_LOCK = f"""
set memory_limit = '{MEMORY_LIMIT}';
set enable_external_access = false;
set lock_configuration = true;
"""


@dataclass
class Extract:
    """What one source's files hold, through the city's expressions.

    ``read`` and ``excluded`` count rows; ``malformed`` has columns file, row, column, value and
    reason for lines that are no rows at all; ``notes`` are warnings about whole files.
    """

    read: int
    excluded: int
    malformed: pd.DataFrame
    notes: list[tuple[str, str]] = field(default_factory=list)


class Scratch:
    """One source's files as text in a locked scratch database; use as a context manager."""

    def __init__(self, label: str, config: Path) -> None:
        self.label = label
        self.config = config
        self.notes: list[tuple[str, str]] = []
        self._files: list[str] = []
        self._malformed: list[pd.DataFrame] = []
        self._folder = tempfile.TemporaryDirectory(prefix="pppdash-", ignore_cleanup_errors=True)
        self._connection = duckdb.connect(
            config={"temp_directory": self._folder.name, "autoinstall_known_extensions": "false"}
        )

    def __enter__(self) -> Scratch:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Drop the scratch database."""
        self._connection.close()
        self._folder.cleanup()

    # -- loading -------------------------------------------------------------------------

    def load(
        self,
        path: Path,
        *,
        encoding: str | None = None,
        sheet: str | None = None,
        crs: str | None = None,
    ) -> None:
        """Add a file's rows to ``raw``, as text.

        Raises
        ------
        SourceError
            The file is missing, empty, damaged, or of a kind that is not read.
        """
        suffix = path.suffix.lower()
        if suffix in (".xlsx", ".xlsm"):
            self._load_frame(path, *_read_workbook(path, sheet))
        elif suffix in _GEO_SUFFIXES:
            self.load_attributes(path, read_polygons(path, crs))
        elif suffix == ".parquet":
            self._load_parquet(path)
        elif suffix in (".csv", ".tsv", ".txt"):
            self._load_text(path, decode(path, Path(self._folder.name), encoding))
        else:
            raise SourceError(
                f"{path} is of a kind that is not read; bring CSV, XLSX, Parquet, GeoJSON "
                "or Shapefile."
            )

    def load_attributes(self, path: Path, shapes: gpd.GeoDataFrame) -> None:
        """Add a map file's attributes as text; of points also their longitude and latitude."""
        table = pd.DataFrame(shapes.drop(columns=shapes.geometry.name)).map(_cell_text)
        if (shapes.geom_type.dropna() == "Point").all():  # without a shape, a point has no place
            table["longitude"] = table.get("longitude", shapes.geometry.x.map(_cell_text))
            table["latitude"] = table.get("latitude", shapes.geometry.y.map(_cell_text))
        self._load_frame(path, table.astype("str"))

    def _load_text(self, path: Path, table: TextTable) -> None:
        parameters = {
            "file": len(self._files),
            "path": str(table.path),
            "delimiter": table.delimiter,
            "columns": dict.fromkeys(table.header, "VARCHAR"),
        }
        try:
            self._connection.execute(_LOAD_CSV, parameters)
        except duckdb.Error as error:
            raise SourceError(
                f"{path} cannot be read ({_first_line(error)}); export it as CSV anew."
            ) from error
        if table.note:
            self.notes.append((path.name, table.note))
        self._add(path, self._rejected_lines(path, table), table.blank_rows)

    def _rejected_lines(self, path: Path, table: TextTable) -> pd.DataFrame:
        scan = "(select max(scan_id) from reject_errors)"
        errors = self._connection.execute(
            "select line::bigint as row, min(error_type) as kind, min(error_message) as reason, "
            "left(min(csv_line), 400) as value from reject_errors "
            f"where scan_id = {scan} group by line order by line"
        ).df()
        if (errors["kind"] == "UNQUOTED VALUE").any() or errors["reason"].str.contains(
            "unterminated", case=False
        ).any():
            line = int(errors["row"].iloc[-1])
            raise SourceError(
                f"{path}, line {line}: a quotation mark opens a value that never ends; close it "
                "or double it."
            )
        reason = f"the line does not have the header's {len(table.header)} columns"
        reasons = errors["kind"].map({"LINE SIZE OVER MAXIMUM": "the line is longer than 64 MB"})
        return errors.assign(
            column="",
            value=mask(errors["value"].astype("str")).str.slice(0, 200),
            reason=reasons.fillna(reason) + "; mend or remove it",
        )

    def _load_frame(
        self, path: Path, frame: pd.DataFrame, blank_rows: tuple[int, ...] = ()
    ) -> None:
        if frame.columns.empty:
            raise SourceError(f"{path} is empty; it needs a header row and rows.")
        frame = frame.assign(_file=len(self._files), _row=np.arange(2, len(frame) + 2))
        self._connection.register("frame", frame)
        self._connection.execute("create table loaded as from frame")
        self._connection.unregister("frame")
        self._add(path, blank_rows=blank_rows)

    def _load_parquet(self, path: Path) -> None:
        if not path.is_file():
            raise SourceError(f"{path} is not there; put the file in place or mend its path.")
        try:
            self._connection.execute(
                "create table typed as from read_parquet($path)", {"path": str(path)}
            )
        except duckdb.Error as error:
            raise SourceError(
                f"{path} cannot be read as Parquet ({_first_line(error)}); write it anew."
            ) from error
        described = self._connection.execute("describe typed").df()
        items = ", ".join(
            _as_text(name, kind)
            for name, kind in zip(described["column_name"], described["column_type"], strict=True)
        )
        self._connection.execute(
            f"create table loaded as select {len(self._files)} as _file, "
            f"row_number() over () + 1 as _row, {items} from typed"
        )
        self._connection.execute("drop table typed")
        self._add(path)

    def _add(
        self, path: Path, malformed: pd.DataFrame | None = None, blank_rows: tuple[int, ...] = ()
    ) -> None:
        """Append ``loaded`` to ``raw``, in file order, each row with its number in that file."""
        is_first = not self._files
        is_named_alike = path.name in self._files
        self._files.append("/".join(path.parts[-2:]) if is_named_alike else path.name)
        passed_over = np.array(blank_rows, dtype="int64")
        if malformed is not None and not malformed.empty:
            self._malformed.append(malformed.assign(file=self._files[-1]))
            passed_over = np.union1d(passed_over, malformed["row"].to_numpy())
        if len(passed_over):
            self._number_around(passed_over)
        if is_first:
            self._connection.execute(f"alter table loaded rename to {TABLE}")
            return
        self._connection.execute(
            f"create table joined as from {TABLE} union all by name from loaded"
        )
        self._connection.execute(f"drop table {TABLE}")
        self._connection.execute("drop table loaded")
        self._connection.execute(f"alter table joined rename to {TABLE}")

    def _number_around(self, lines: np.ndarray) -> None:
        """Give rows their line numbers, around the lines that could not be read."""
        count = self._count("loaded")
        rows = np.setdiff1d(np.arange(2, count + len(lines) + 2), lines)[:count]
        numbers = pd.DataFrame({"_row": np.arange(2, count + 2), "_line": rows})
        self._connection.register("numbers", numbers)
        self._connection.execute(
            "create table numbered as select loaded.* replace (_line as _row) "
            "from loaded join numbers using (_row) order by _line"
        )
        self._connection.unregister("numbers")
        self._connection.execute("drop table loaded")
        self._connection.execute("alter table numbered rename to loaded")

    # -- what was loaded -----------------------------------------------------------------

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the files, as they are named there."""
        described = self._connection.execute(f"describe {TABLE}").df()["column_name"]
        return tuple(name for name in described if name not in ("_file", "_row"))

    @property
    def malformed(self) -> pd.DataFrame:
        """Lines that are no rows: file, row, column, value, reason."""
        names = ["file", "row", "column", "value", "reason"]
        if not self._malformed:
            return pd.DataFrame(columns=names)
        return pd.concat(self._malformed, ignore_index=True)[names]

    def leave_out(self, columns: tuple[str, ...]) -> None:
        """Drop columns that the city does not want read.

        Raises
        ------
        CityError
            There is no such column; were that passed over, a slip would let one in.
        """
        for column in columns:
            refuse_unknown(column, self.columns, f"{self.config}: {self.label}.leave_out")
            self._connection.execute(f"alter table {TABLE} drop column {quoted(column)}")

    def refuse_private(self) -> None:
        """Refuse files with a column that looks like names, telephones or e-mail addresses.

        Raises
        ------
        SourceError
            Naming the columns and what to write into city.toml.
        """
        suspects = [column for column in self.columns if self._is_private(column)]
        if suspects:
            listed = ", ".join(f'"{column}"' for column in suspects)
            raise SourceError(
                f"{', '.join(self._files)}: {listed} looks like people's names, telephone "
                "numbers or e-mail addresses, which are never stored. Write "
                f"leave_out = [{listed}] under [{self.label}] in {self.config.name}."
            )

    def _is_private(self, column: str) -> bool:
        if has_private_name(column):
            return True
        name = quoted(column)
        filled, private = self._connection.execute(
            f"select count({name}), count(*) filter (regexp_full_match({name}, $shape)) "
            f"from {TABLE}",
            {"shape": rf"\s*(?:{EMAIL}|{PHONE})\s*"},
        ).fetchall()[0]
        return bool(private and private >= PRIVATE_SHARE * filled)

    # -- locked --------------------------------------------------------------------------

    def lock(self) -> None:
        """Take file access, configuration and memory away; there is no way back."""
        self._connection.execute(_LOCK)

    def extract(
        self,
        columns: Mapping[str, str],
        where: str | None,
        qualify: str | None,
        *,
        within: str = "columns.",
    ) -> Extract:
        """Evaluate the city's expressions over every row, under lock and limits.

        Parameters
        ----------
        columns
            Our column name → expression over the file's columns.
        where, qualify
            Which rows to keep; all when not given.
        within
            Where in its section of city.toml the columns stand, for messages.

        Raises
        ------
        CityError
            An expression is refused, fails, takes too long or too much memory.
        """
        keys = {f"{self.label}.where": where} if where else {}
        keys |= {f"{self.label}.{within}{name}": text for name, text in columns.items()}
        keys |= {f"{self.label}.qualify": qualify} if qualify else {}
        unsteady = _unsteady_functions() - set(self.columns)
        for key, text in keys.items():
            check_expression(text, f"{self.config}: {key}", self._serialize, unsteady)
        self._evaluate(columns, where, qualify, keys)
        read, malformed = self._count(TABLE), self.malformed
        self._connection.execute(f"drop table {TABLE}")  # a large file stands in memory but once
        return Extract(
            read=read + len(malformed),
            excluded=read - self._count("picked"),
            malformed=malformed,
            notes=self.notes,
        )

    def chunks(self, rows: int = CHUNK_ROWS) -> Iterator[pd.DataFrame]:
        """Yield the extracted rows as text, in file order: file, row, then our columns."""
        cursor = self._connection.cursor()
        for start in range(0, max(self._count("picked"), 1), rows):
            result = cursor.sql(
                "select * from picked where _rank > $start and _rank <= $stop order by _rank",
                params={"start": start, "stop": start + rows},
            )
            # By way of Arrow, no text becomes an object of Python's.
            frame = result.to_arrow_table().to_pandas()
            names = pd.Series(self._files, dtype="str")
            frame.insert(0, "file", names.take(frame.pop("_file")).to_numpy())
            yield frame.rename(columns={"_row": "row"}).drop(columns="_rank")

    def _evaluate(
        self,
        columns: Mapping[str, str],
        where: str | None,
        qualify: str | None,
        keys: Mapping[str, str],
    ) -> None:
        # One character more than may be kept: a value that is too long still shows as such.
        items = "".join(
            f", left(({text}\n)::varchar, {MAX_TEXT_CHARS + 1}) as {quoted(name)}"
            for name, text in columns.items()
        )
        kept = f" where ({where}\n)" if where else ""
        kept += f" qualify ({qualify}\n)" if qualify else ""
        # Rows stand in file order, and only a window (… over …) takes them out of it.
        is_shuffled = any("over" in text.casefold() for text in keys.values())
        order = "order by _file, _row" if is_shuffled else ""
        statement = (
            f"create table picked as select row_number() over ({order}) as _rank, * "
            f"from (select _file, _row{items} from {TABLE}{kept})"
        )
        try:
            with self._limits():
                self._connection.execute(statement)
        except (duckdb.Error, MemoryError) as error:
            raise self._explain(error, keys, where) from error

    def _explain(self, error: Exception, keys: Mapping[str, str], where: str | None) -> CityError:
        """Find out which expression it was, so that the message can name it."""
        kept = f"from {TABLE}" + (f" where ({where}\n)" if where else "")
        for key, text in keys.items():
            clause = key.removeprefix(f"{self.label}.")
            if clause == "where":
                probe = f"select count(*) {kept}"
            elif clause == "qualify":
                probe = f"select 1 {kept} qualify ({text}\n)"
            else:
                probe = f"select max(value::varchar) from (select _row, ({text}\n) as value {kept})"
            try:
                with self._limits():
                    self._connection.execute(probe).fetchall()
            except (duckdb.Error, MemoryError) as found:
                return CityError(
                    f"{self.config}: {key} = {text!r} fails over {', '.join(self._files)}. "
                    f"{_complaint(found)}"
                )
        return CityError(f"{self.config}: [{self.label}] fails. {_complaint(error)}")

    @contextmanager
    def _limits(self) -> Iterator[None]:
        stop = threading.Timer(EXPRESSION_SECONDS, self._connection.interrupt)
        give_up = threading.Timer(EXPRESSION_SECONDS + GRACE_SECONDS, _end_process, [self.label])
        stop.start()
        give_up.start()
        try:
            with _bounded_address_space(ADDRESS_SPACE_BYTES):
                yield
        finally:
            stop.cancel()
            give_up.cancel()

    def _serialize(self, statement: str) -> str:
        rows = self._connection.execute("select json_serialize_sql($s)", {"s": statement})
        return str(rows.fetchall()[0][0])

    def _count(self, table: str) -> int:
        return int(self._connection.execute(f"select count(*) from {table}").fetchall()[0][0])


@cache
def _unsteady_functions() -> frozenset[str]:
    """Return the functions of which DuckDB says that they may answer differently each time."""
    with closing(duckdb.connect()) as connection:
        rows = connection.execute(
            "select distinct function_name from duckdb_functions() "
            "where stability <> 'CONSISTENT' and function_name <> 'error'"
        ).fetchall()
    return frozenset(name for (name,) in rows)


def _end_process(label: str) -> None:
    """End the process: some functions of DuckDB cannot be interrupted, and would run for days.

    A build may be ended at any moment; the last good one still serves.
    """
    sys.stderr.write(
        f"[{label}]: an expression took longer than {EXPRESSION_SECONDS:g} seconds and could not "
        "be stopped, so the build was ended. Look for one that compares or repeats long texts.\n"
    )
    sys.stderr.flush()
    os._exit(1)


@contextmanager
def _bounded_address_space(extra_bytes: int) -> Iterator[None]:
    """Let allocations fail beyond ``extra_bytes`` more than is mapped now (Linux only)."""
    status = Path("/proc/self/statm")
    if not status.is_file():
        yield
        return
    import resource

    mapped = int(status.read_text().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (mapped + extra_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def read_polygons(path: Path, crs: str | None) -> gpd.GeoDataFrame:
    """Read a polygon or point file with its attributes, in EPSG:4326.

    Parameters
    ----------
    path
        GeoJSON, Shapefile or GeoPackage.
    crs
        What the city says, used where the file carries none.

    Raises
    ------
    SourceError
        The file is missing or damaged, carries no CRS and is not in degrees, or says another.
    """
    if not path.is_file():
        raise SourceError(f"{path} is not there; put the file in place or mend its path.")
    try:
        frame = gpd.read_file(path, engine="pyogrio")
    except Exception as error:  # pyogrio and GDAL raise many kinds for damaged files
        raise SourceError(
            f"{path} cannot be read as a map file ({_first_line(error)}); export it anew as "
            "GeoJSON or Shapefile."
        ) from error
    if not isinstance(frame, gpd.GeoDataFrame) or _has_no_shapes(frame):
        raise SourceError(f"{path} holds no shapes; export it with its polygons or points.")
    return _in_degrees(path, frame, crs)


def _has_no_shapes(frame: gpd.GeoDataFrame) -> bool:
    return bool((frame.geometry.isna() | frame.geometry.is_empty).all())


def _in_degrees(path: Path, frame: gpd.GeoDataFrame, crs: str | None) -> gpd.GeoDataFrame:
    # GDAL reports EPSG:4326 for a GeoJSON that says nothing, so there it is not the file's word.
    carries_none = frame.crs is None or (
        path.suffix.lower() in (".geojson", ".json") and '"crs"' not in _head(path)
    )
    if crs and not carries_none and not frame.crs.equals(crs):
        raise SourceError(
            f"{path} says that it is in {frame.crs.name}, city.toml says {crs}; remove `crs`."
        )
    if crs and carries_none:
        frame = frame.set_crs(crs, allow_override=True)
    if frame.crs is not None:
        frame = frame.to_crs("EPSG:4326")
    west, south, east, north = frame.total_bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise SourceError(
            f"{path} is not in degrees (it reaches from {west:.0f}, {south:.0f} to {east:.0f}, "
            f'{north:.0f}) and says no CRS; add crs = "EPSG:…" for it in city.toml.'
        )
    return frame.set_crs("EPSG:4326", allow_override=True)


def _head(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(4096)


def _read_workbook(path: Path, sheet: str | None) -> tuple[pd.DataFrame, tuple[int, ...]]:
    """Return a sheet as text, and the numbers of its rows that hold nothing, which are left out."""
    if not path.is_file():
        raise SourceError(f"{path} is not there; put the file in place or mend its path.")
    try:
        with closing(openpyxl.load_workbook(path, read_only=True, data_only=True)) as book:
            if sheet and sheet not in book.sheetnames:
                known = ", ".join(book.sheetnames)
                raise SourceError(f'{path} has no sheet "{sheet}"; it has {known}.')
            rows = (book[sheet] if sheet else book.worksheets[0]).iter_rows(values_only=True)
            header, *body = [[_cell_text(value) for value in row] for row in rows] or [[]]
    except SourceError:
        raise
    except Exception as error:  # openpyxl raises zipfile, key and value errors for damaged files
        raise SourceError(
            f"{path} cannot be read as a workbook ({_first_line(error)}); save it anew as XLSX or "
            "CSV."
        ) from error
    filled = [any(row) for row in body]
    blank_rows = tuple(number for number, any_value in enumerate(filled, 2) if not any_value)
    names = unique_names([name or "" for name in header])
    rows_left = list(itertools.compress(body, filled))
    return pd.DataFrame(rows_left, columns=list(names), dtype="str"), blank_rows


def _cell_text(value: object) -> str | None:
    """Write a typed cell as a CSV would: ISO dates, whole numbers without a point."""
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if hasattr(value, "isoformat"):
        return str(value.isoformat()).replace("T00:00:00", "")
    return str(value)


def _as_text(name: str, kind: str) -> str:
    column = quoted(name)
    if kind in ("DOUBLE", "FLOAT"):
        whole = f"{column} = trunc({column}) and abs({column}) < 1e15"
        return f"if({whole}, {column}::bigint::varchar, {column}::varchar) as {column}"
    return f"{column}::varchar as {column}"


def quoted(name: str) -> str:
    """Return a column's name as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n")[0]


def _first_paragraph(error: BaseException) -> str:
    """Return what DuckDB says before its excerpt of the statement, which is not the city's."""
    return " ".join(str(error).strip().split("\n\n")[0].split()).rstrip("!.") + "."


def _complaint(error: BaseException) -> str:
    if "must appear in the GROUP BY clause" in str(error):
        return "It sums up many rows; write one value computed from the columns of the same row."
    if isinstance(error, duckdb.InterruptException):
        return f"It took longer than {EXPRESSION_SECONDS:g} seconds and was stopped."
    if isinstance(error, (duckdb.OutOfMemoryException, duckdb.OutOfRangeException, MemoryError)):
        return (
            f"It wants more memory than an expression may have. DuckDB says: {_first_line(error)}"
        )
    return f"DuckDB says: {_first_paragraph(error)}"
