"""Text → values, strictly: what cannot be read is said, never guessed."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from pppdash.sources.contracts import Column, Kind

ISO_FORMATS = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f",  # as typed cells of Parquet and XLSX are written out
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%d %H:%M",
)
LARGEST_COUNT = 2**53  # beyond it, not every whole number can be told from the next

_TRUE = {"true", "t", "yes", "y", "1"}
_FALSE = {"false", "f", "no", "n", "0"}
_EXPECTED = {
    Kind.FACT_DATE: "is not a date of the calendar",
    Kind.ANY_DATE: "is not a date of the calendar",
    Kind.COUNT: "is not a whole number",
    Kind.NUMBER: "is not a number",
    Kind.FLAG: "is neither true nor false",
}


def clean(text: pd.Series) -> pd.Series:
    """Trim white space (non-breaking spaces included); an empty text is a missing one."""
    trimmed = text.astype("str").str.replace("\u00a0", " ").str.strip()
    return trimmed.mask(trimmed == "")


def parse(text: pd.Series, column: Column, date_formats: Iterable[str]) -> pd.Series:
    """Parse one column.

    Parameters
    ----------
    text
        Cleaned text, missing where there is none.
    column
        What it is to become.
    date_formats
        The city's formats, tried in order, each strictly; ISO dates are always understood.

    Returns
    -------
    pd.Series
        Parsed values, missing where the text is missing or cannot be read.
    """
    match column.kind:
        case Kind.FACT_DATE | Kind.ANY_DATE:
            return _dates(text, (*date_formats, *ISO_FORMATS))
        case Kind.COUNT:
            numbers = pd.to_numeric(text, errors="coerce").astype("Float64")
            is_whole = (numbers % 1 == 0) & (numbers.abs() <= LARGEST_COUNT)
            return numbers.where(is_whole).astype("Int64")
        case Kind.NUMBER:
            return pd.to_numeric(text, errors="coerce").astype("float64")
        case Kind.FLAG:
            lowered = text.str.lower()
            known = lowered.isin(_TRUE | _FALSE)
            return lowered.isin(_TRUE).astype("boolean").where(known)
        case _:
            return text


def unreadable(column: Column, date_formats: Iterable[str]) -> str:
    """Say what is wrong with a text that `parse` could not read."""
    reason = _EXPECTED[column.kind]
    if column.kind in (Kind.FACT_DATE, Kind.ANY_DATE):
        formats = " or ".join((*date_formats, ISO_FORMATS[0]))
        return f"{reason} in the form {formats}; mend it, or name its form in date_formats"
    return reason


def _dates(text: pd.Series, formats: Iterable[str]) -> pd.Series:
    parsed = pd.Series(pd.NaT, index=text.index, dtype="datetime64[s]")
    for form in formats:
        left = parsed.isna() & text.notna()
        if not left.any():
            break
        found = pd.to_datetime(text[left], format=form, errors="coerce", exact=True)
        parsed.loc[left] = found.astype("datetime64[s]")
    return parsed.dt.normalize()
