"""What kind of file is this, really: encoding, delimiter and header are found, not asked for."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pppdash.errors import SourceError

DELIMITERS = (",", ";", "\t", "|")
FALLBACK_ENCODING = "cp1252"

_SNIFF_BYTES = 1 << 20
_SNIFF_ROWS = 20
_CHUNK_CHARS = 1 << 22
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SIGNATURES = {
    b"PK\x03\x04": "a ZIP archive or an XLSX workbook; name it .xlsx or export it as CSV",
    b"%PDF": "a PDF; export the table as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save it as .xlsx or CSV",
    b"PAR1": "a Parquet file; give it the ending .parquet",
    b"\x1f\x8b": "compressed; unpack it first",
}

csv.field_size_limit(1 << 30)  # how long a line may be is decided where rows are read


@dataclass(frozen=True)
class TextTable:
    """A delimited text file, decoded.

    ``path`` is UTF-8 (the file itself, or a decoded copy); ``blank_rows`` are the numbers of rows
    that hold nothing, the header being row 1; ``note`` says what had to be assumed.
    """

    path: Path
    delimiter: str
    header: tuple[str, ...]
    blank_rows: tuple[int, ...]
    note: str | None


def decode(path: Path, scratch: Path, encoding: str | None = None) -> TextTable:
    """Find out how a CSV file is written and make it readable as UTF-8.

    Parameters
    ----------
    path
        The file.
    scratch
        A folder for a decoded copy, used only where the file is not UTF-8 already.
    encoding
        What the city says it is; found when not given.

    Raises
    ------
    SourceError
        The file is missing, empty, not text, or not in the encoding that was stated.
    """
    sample = _read_sample(path)
    used = encoding or _find_encoding(path, sample)
    readable = path if used == "utf-8" else _copy_as_utf8(path, scratch, used)
    lines = _look_at_lines(readable)
    if not lines.end_alike:
        readable = _copy_as_utf8(path, scratch, used)
    header_line, delimiter = _find_delimiter(path, readable)
    blank_rows = _blank_rows(readable, delimiter) if lines.any_blank else ()
    note = None
    if encoding is None and used == FALLBACK_ENCODING:
        note = "is not UTF-8 and was read as Windows-1252; set `encoding` if letters look wrong"
    return TextTable(readable, delimiter, unique_names(header_line), blank_rows, note)


def _read_sample(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            sample = file.read(_SNIFF_BYTES)
    except FileNotFoundError:
        raise SourceError(f"{path} is not there; put the file in place or mend its path.") from None
    except OSError as error:
        raise SourceError(f"{path} cannot be opened: {error.strerror}.") from error
    if not sample.strip():
        raise SourceError(f"{path} is empty; it needs a header line and rows.")
    for signature, what in _SIGNATURES.items():
        if sample.startswith(signature):
            raise SourceError(f"{path} is not a text file: it looks like {what}.")
    return sample


def _find_encoding(path: Path, sample: bytes) -> str:
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    if b"\x00" in sample:
        return _unmarked_utf16(path, sample)
    return "utf-8" if _is_utf8(path) else FALLBACK_ENCODING


def _unmarked_utf16(path: Path, sample: bytes) -> str:
    """UTF-16 without its mark has a NUL in every other byte of plain Latin text."""
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        half, other = sample[offset::2], sample[1 - offset :: 2]
        if half.count(0) > 0.4 * len(half) and other.count(0) < 0.1 * half.count(0):
            return encoding
    raise SourceError(f"{path} is not a text file (it holds NUL bytes); export the table as CSV.")


def _is_utf8(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as file:
            while file.read(_CHUNK_CHARS):
                continue
    except UnicodeDecodeError:
        return False
    return True


class _Lines(NamedTuple):
    end_alike: bool  # and not in a carriage return alone
    any_blank: bool


def _look_at_lines(readable: Path) -> _Lines:
    any_blank = False
    # A stated encoding may be wrong; copying it, if need be, says so.
    with readable.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            any_blank |= line == "\n"
        return _Lines(file.newlines in (None, "\n", "\r\n"), any_blank)


def _blank_rows(readable: Path, delimiter: str) -> tuple[int, ...]:
    with readable.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter=delimiter)
        return tuple(number for number, row in enumerate(rows, start=1) if not row)


def _copy_as_utf8(path: Path, scratch: Path, encoding: str) -> Path:
    """Write a copy in UTF-8 whose lines all end in a line feed."""
    copy = scratch / f"{path.stem}.utf8.csv"
    try:
        with (
            path.open(encoding=encoding) as source,
            copy.open("w", encoding="utf-8", newline="") as target,
        ):
            shutil.copyfileobj(source, target, _CHUNK_CHARS)
    except (UnicodeError, LookupError) as error:
        raise SourceError(
            f"{path} cannot be read as {encoding} ({error}); save it as UTF-8 or set `encoding`."
        ) from error
    return copy


def _find_delimiter(path: Path, readable: Path) -> tuple[list[str], str]:
    """Return the header, and the delimiter that splits it and the rows after it alike.

    Where none does, the one that splits the header into most columns.
    """
    with readable.open(encoding="utf-8", newline="") as file:
        start = file.read(_SNIFF_BYTES)
    found = {}
    for delimiter in DELIMITERS:
        try:
            rows = csv.reader(io.StringIO(start), delimiter=delimiter)
            header, *first = itertools.islice(rows, 1 + _SNIFF_ROWS)
        except csv.Error as error:
            raise SourceError(f"{path} has a line that cannot be read: {error}.") from error
        alike = sum(len(row) == len(header) for row in first) if len(header) > 1 else 0
        found[delimiter] = (alike, len(header)), header
    delimiter = max(DELIMITERS, key=lambda candidate: found[candidate][0])
    header = found[delimiter][1]
    if not "".join(header).strip():
        raise SourceError(f"{path} begins with a blank line; put the header line first.")
    return header, delimiter


def unique_names(header: list[str]) -> tuple[str, ...]:
    """Name blank columns by position and tell repeated ones apart, ignoring case."""
    seen: dict[str, int] = {}
    names = []
    for position, raw in enumerate(header, start=1):
        name = raw.strip("\ufeff \t\n") or f"column_{position}"
        count = seen[name.casefold()] = seen.get(name.casefold(), 0) + 1
        names.append(name if count == 1 else f"{name}_{count}")
    return tuple(names)
