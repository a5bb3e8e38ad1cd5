"""What must never be stored: people's names, telephone numbers and e-mail addresses."""

from __future__ import annotations

import re

import pandas as pd

# Letters of any alphabet; what DuckDB's and Python's expressions both understand.
_NOT_IN_EMAIL = r"""\s@<>()\[\],;:"'"""
EMAIL = rf"[^{_NOT_IN_EMAIL}]+@[^{_NOT_IN_EMAIL}]+\.[^{_NOT_IN_EMAIL}.]{{2,}}"
# Separators are asked for on purpose: ten bare digits are more often an id than a telephone.
PHONE = (
    r"(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\b\d{3}[ .-])\d{3}[ .-]\d{4}\b"
    r"|\+\d{1,3}(?:[ .-]\(?\d{1,4}\)?){2,5}\b"
    r"|\b0\d{1,4}[ .-]\d{3,4}[ .-]\d{3,4}\b|\b0\d{2,4}[ .-]\d{6,8}\b"
)
MASK = "[removed]"

_PRIVATE_NAME = re.compile(
    r"e?mail(?:address)?s?$|^email|phone|^mobile|^fax|firstname|lastname|surname|fullname"
    r"|contactname|contactperson|^contact$|ownername|managername|respondentname"
)
# The look-behind keeps a long run of letters from being tried again at every one of them.
_EMAIL = re.compile(rf"(?<![^{_NOT_IN_EMAIL}]){EMAIL}")
_EITHER = re.compile(f"{_EMAIL.pattern}|{PHONE}")
# Both hold an @ or two digits around a separator; digits of other alphabets are not ASCII.
_SUSPECT = r"@|[0-9]\)?[ .-]\(?[0-9]|[^\x00-\x7f]"


def has_private_name(column: str) -> bool:
    """Whether a column's name says that it holds a person's name, telephone or e-mail."""
    return bool(_PRIVATE_NAME.search(re.sub(r"[^a-z]", "", column.lower())))


def mask(text: pd.Series) -> pd.Series:
    """Replace e-mail addresses and telephone numbers inside texts, element by element."""
    # Looking for suspects first spares nearly every text the slower expression.
    suspects = text.str.contains(_SUSPECT, regex=True, na=False)
    if not suspects.any():
        return text
    return text.mask(suspects, text[suspects].str.replace(_EITHER, MASK, regex=True))


def holds_email(text: pd.Series) -> pd.Series:
    """Whether texts hold an e-mail address; false where there is no text."""
    suspects = text.str.contains("@", regex=False, na=False)
    if suspects.any():
        suspects[suspects] = text[suspects].str.contains(_EMAIL, na=False)
    return suspects


def mask_text(text: str) -> str:
    """Replace e-mail addresses and telephone numbers inside one text."""
    return _EITHER.sub(MASK, text)
