"""Text that a spreadsheet must not take for a formula."""

from __future__ import annotations

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: object) -> object:
    """Put ``'`` before a text that a spreadsheet would run; numbers stay numbers."""
    if isinstance(value, str) and value.startswith(_STARTS_FORMULA):
        return "'" + value
    return value
