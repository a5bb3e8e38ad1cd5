"""What kind of file is this, really: encoding, delimiter and header are found, not asked for."""

from __future__ import annotations

import codecs
import csv
import io
import shutil
from dataclasses import dataclass
from pathlib import Path

from pppdash.errors import SourceError

DELIMITERS = (",", ";", "\t", "|")
FALLBACK_ENCODING = "cp1252"

_SNIFF_BYTES = 1 << 20
_CHUNK_CHARS = 1 << 22
_MARKS = (
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


@dataclass(frozen=True)
class TextTable:
    """A delimited text file, decoded.

    ``path`` is UTF-8 (the file itself, or a decoded copy); ``note`` says what had to be assumed.
    """

    path: Path
    delimiter: str
    header: tuple[str, ...]
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
    header_line, delimiter = _find_delimiter(path, readable)
    note = None
    if encoding is None and used == FALLBACK_ENCODING:
        note = "is not UTF-8 and was read as Windows-1252; set `encoding` if letters look wrong"
    return TextTable(readable, delimiter, _unique(header_line), note)


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
        half = sample[offset::2]
        if half.count(0) > 0.4 * len(half) and sample[1 - offset :: 2].count(0) == 0:
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


def _copy_as_utf8(path: Path, scratch: Path, encoding: str) -> Path:
    copy = scratch / f"{path.stem}.utf8.csv"
    try:
        with (
            path.open(encoding=encoding, newline="") as source,
            copy.open("w", encoding="utf-8", newline="") as target,
        ):
            shutil.copyfileobj(source, target, _CHUNK_CHARS)
    except (UnicodeError, LookupError) as error:
        raise SourceError(
            f"{path} cannot be read as {encoding} ({error}); save it as UTF-8 or set `encoding`."
        ) from error
    return copy


def _find_delimiter(path: Path, readable: Path) -> tuple[list[str], str]:
    """Return the header and the delimiter that splits it into most columns."""
    with readable.open(encoding="utf-8", newline="") as file:
        start = file.read(_SNIFF_BYTES)
    headers = {}
    for delimiter in DELIMITERS:
        try:
            headers[delimiter] = next(csv.reader(io.StringIO(start), delimiter=delimiter), [])
        except csv.Error as error:
            raise SourceError(f"{path} has a header line that cannot be read: {error}.") from error
    delimiter = max(DELIMITERS, key=lambda candidate: len(headers[candidate]))
    return headers[delimiter], delimiter


def _unique(header: list[str]) -> tuple[str, ...]:
    """Name blank columns by position and tell repeated ones apart, ignoring case."""
    seen: dict[str, int] = {}
    names = []
    for position, raw in enumerate(header, start=1):
        name = raw.strip() or f"column_{position}"
        count = seen[name.casefold()] = seen.get(name.casefold(), 0) + 1
        names.append(name if count == 1 else f"{name}_{count}")
    return tuple(names)
