"""Which rows may come in, and a sentence for each that may not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pandera.pandas as pa

from pppdash.sources.contracts import MAX_TEXT_CHARS, Column, Entity, Kind
from pppdash.sources.ids import Ids
from pppdash.sources.parse import parse, unreadable
from pppdash.sources.private import holds_email, mask

EARLIEST = pd.Timestamp(1900, 1, 1)
LATEST = pd.Timestamp(2200, 1, 1)

REJECTION_COLUMNS = ("file", "row", "column", "value", "reason")

_SHOWN_CHARS = 200
_ROWS_A_FILE = 10**12  # more than any file has


@dataclass
class Known:
    """Ids that have been met in one entity: kept ones with where they stand, and rejected ones.

    Where an id stands is one number: its file's place in ``files`` × `_ROWS_A_FILE` + its row.
    """

    kept: Ids = field(default_factory=Ids)
    rejected: set[str] = field(default_factory=set)
    files: list[str] = field(default_factory=list)

    def locate(self, typed: pd.DataFrame) -> pd.Series:
        """Return where each row of a chunk stands."""
        codes, files = pd.factorize(typed["file"])
        self.files += [file for file in files if file not in self.files]
        numbers = np.array([self.files.index(file) for file in files], dtype="int64")
        return numbers[codes] * _ROWS_A_FILE + typed["row"].astype("int64")

    def in_words(self, where: int) -> str:
        """Return in words what `locate` gave; what city.toml itself states has no row."""
        number, row = divmod(where, _ROWS_A_FILE)
        return f"row {row} of {self.files[number]}" if row else self.files[number]


class Findings:
    """Reasons gathered against the rows of one chunk; a row may have several."""

    def __init__(self, chunk: pd.DataFrame, named_in: Mapping[str, str] | None = None) -> None:
        """Start with none; ``named_in`` says which column holds the file's name of another."""
        self._chunk = chunk
        self._named_in = named_in or {}
        self._found: list[pd.DataFrame] = []
        self.bad = pd.Series(False, index=chunk.index)

    def add(self, rows: pd.Series, column: str, reason: str | pd.Series) -> None:
        """Add a reason against the rows where ``rows`` is true."""
        rows = rows.fillna(False).astype(bool)
        if not rows.any():
            return
        self.bad |= rows
        chunk = self._chunk[rows]
        shown = chunk[column] if column in chunk else pd.Series("", index=chunk.index)
        self._found.append(
            pd.DataFrame(
                {
                    "file": chunk["file"],
                    "row": chunk["row"],
                    "column": chunk[self._named_in[column]] if column in self._named_in else column,
                    "value": _shown(shown),
                    "reason": reason if isinstance(reason, str) else reason.loc[chunk.index],
                }
            )
        )

    def spread(self, keys: list[str]) -> None:
        """Reject every row that shares ``keys`` with a bad one (a wide survey's respondent)."""
        bad = pd.MultiIndex.from_frame(self._chunk.loc[self.bad, keys])
        self.bad |= pd.MultiIndex.from_frame(self._chunk[keys]).isin(bad)

    def frame(self) -> pd.DataFrame:
        """All reasons: file, row, column, value, reason, in file order."""
        if not self._found:
            return pd.DataFrame(columns=list(REJECTION_COLUMNS))
        found = pd.concat(self._found, ignore_index=True)
        found = found.drop_duplicates()  # a wide row's complaint may be one of all its questions
        return found.sort_values(["file", "row"], kind="stable", ignore_index=True)


def _shown(values: pd.Series) -> pd.Series:
    """Return values as a person may see them, masked before an address can be cut in half."""
    text = values.astype("str").fillna("").str.slice(0, 2 * _SHOWN_CHARS)
    return mask(text).str.slice(0, _SHOWN_CHARS)


def parse_columns(
    chunk: pd.DataFrame, columns: Iterable[Column], date_formats: tuple[str, ...], found: Findings
) -> pd.DataFrame:
    """Parse a chunk of cleaned text into typed columns, noting what cannot be read."""
    typed = chunk[["file", "row"]].copy()
    for column in columns:
        text = chunk[column.name]
        found.add(
            text.str.len() > MAX_TEXT_CHARS,
            column.name,
            f"is longer than {MAX_TEXT_CHARS:,} characters; shorten it",
        )
        values = parse(text, column, date_formats)
        if column.kind is Kind.TEXT:
            values = mask(values)
        elif column.kind is Kind.ID:
            said = "holds an e-mail address, which is never stored; use another id"
            found.add(holds_email(text), column.name, said)
        elif column.kind is not Kind.CHOICE:
            found.add(text.notna() & values.isna(), column.name, unreadable(column, date_formats))
        typed[column.name] = values
    return typed


def check_values(typed: pd.DataFrame, entity: Entity, today: date, found: Findings) -> None:
    """Hold a typed chunk against its entity's contract (ranges, choices, what must be filled)."""
    schema = pa.DataFrameSchema(
        {column.name: _schema_column(column, today) for column in entity.columns}
    )
    candidates = typed[~found.bad]
    try:
        schema.validate(candidates, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        for (column, reason), rows in cases.groupby(["column", "check"], sort=False)["index"]:
            said = "is missing; it is needed" if reason == "not_nullable" else str(reason)
            found.add(pd.Series(typed.index.isin(rows), typed.index), str(column), said)
    for earlier, later in entity.in_order:
        found.add(
            typed[later] < typed[earlier] if earlier in typed and later in typed else found.bad,
            later,
            f"lies before {earlier}; mend one of the two",
        )
    for group in entity.one_of:
        empty = typed[list(group)].isna().all(axis=1)
        found.add(empty, group[0], f"is missing, and so is {group[-1]}; one of them is needed")


def _schema_column(column: Column, today: date) -> pa.Column:
    checks: list[pa.Check] = []
    if column.choices:
        checks.append(
            pa.Check(
                lambda values: values.isin(column.choices),
                error=f"is not one of {', '.join(column.choices)}",
            )
        )
    if column.low is not None:
        checks.append(
            pa.Check(lambda values: values >= column.low, error=f"is below {column.low:g}")
        )
    if column.high is not None:
        checks.append(
            pa.Check(lambda values: values <= column.high, error=f"is above {column.high:g}")
        )
    if column.kind is Kind.FACT_DATE:
        checks.append(_between(EARLIEST, pd.Timestamp(today + timedelta(days=1)), "tomorrow"))
    if column.kind is Kind.ANY_DATE:
        checks.append(_between(EARLIEST, LATEST, "2200"))
    return pa.Column(None, checks, nullable=not column.required)


def _between(first: pd.Timestamp, last: pd.Timestamp, said: str) -> pa.Check:
    return pa.Check(
        lambda values: values.between(first, last),
        error=f"does not lie between {first.year} and {said}; mend the date",
    )


def check_keys(typed: pd.DataFrame, entity: Entity, known: Known, found: Findings) -> None:
    """Find rows whose key an earlier row of the entity has used; the first good one stays.

    The last of the checks, so that a row which another one rejects takes nobody's place.
    """
    candidates = typed[~found.bad]
    if not entity.key or candidates.empty:
        return
    keys = join_key(candidates, entity.key)
    before = known.kept.find(keys)
    repeats = before.notna() | keys.duplicated()
    if not repeats.any():
        return
    first = known.locate(candidates).groupby(keys).transform("first")
    earlier = before.fillna(first)[repeats].map(known.in_words)
    reason = f"repeats the {' + '.join(entity.key)} of " + earlier + "; only the first is kept"
    found.add(repeats.reindex(typed.index, fill_value=False), entity.key[0], reason)


def remember(typed: pd.DataFrame, entity: Entity, found: Findings, known: Known) -> None:
    """Keep a chunk's ids, so that later rows can be held against them."""
    if not entity.key:
        return
    keys = join_key(typed, entity.key)
    known.kept.add(keys[~found.bad], known.locate(typed)[~found.bad].to_numpy())
    known.rejected.update(keys[found.bad])


def join_key(typed: pd.DataFrame, key: tuple[str, ...]) -> pd.Series:
    """Return one text per row that stands for its key, of one column or several."""
    parts = [typed[name].astype("str").fillna("") for name in key]
    joined = parts[0]
    for part in parts[1:]:
        joined = joined + "\x1f" + part
    return joined


def check_references(
    typed: pd.DataFrame, entity: Entity, known: Mapping[str, Known], found: Findings
) -> None:
    """Find rows that refer to something that was not brought, or was itself rejected."""
    for column in entity.columns:
        if column.refers_to is None or typed[column.name].isna().all():
            continue
        other = known[column.refers_to]
        ids = typed[column.name]
        lost = ids.notna() & ~found.bad
        lost[lost] = other.kept.find(ids[lost]).isna()
        if not lost.any():
            continue
        rejected = lost & ids.isin(other.rejected)
        found.add(
            rejected,
            column.name,
            f"refers to a row of {column.refers_to} that was itself rejected",
        )
        found.add(
            lost & ~rejected,
            column.name,
            f"is not in {column.refers_to}; add it there or mend the id",
        )


def check_scores(
    typed: pd.DataFrame, scales: Mapping[str, tuple[float, float]], found: Findings
) -> None:
    """Find survey scores outside the scale of their question."""
    questions = typed["question_id"]
    low = questions.map({key: scale[0] for key, scale in scales.items()}).astype("float64")
    high = questions.map({key: scale[1] for key, scale in scales.items()}).astype("float64")
    outside = (typed["score"] < low) | (typed["score"] > high)
    if not outside.any():
        return
    scale = low.map("{:g}".format) + " to " + high.map("{:g}".format)
    reason = (
        "lies outside its question's scale of " + scale + "; list it in not_answered or mend it"
    )
    found.add(outside, "score", reason)
