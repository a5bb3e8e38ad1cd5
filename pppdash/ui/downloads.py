"""Tables as files: CSV that says where its numbers come from, and what it is called."""

from __future__ import annotations

import csv
import re

import pandas as pd

from pppdash.safe_text import safe_cell
from pppdash.ui import controls
from pppdash.ui.frame import Page
from pppdash.views.parts import TableView


def as_csv(page: Page, view: TableView) -> bytes:
    """Return a table as CSV that says where its numbers come from and runs nothing.

    Texts that a spreadsheet would take for a formula get a leading apostrophe; numbers stay
    numbers. The last columns name the date, the build, the filters, and synthetic entities; a
    table that follows no date or no filters says so.
    """
    frame = view.download().copy()
    for name in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[name]):
            frame[name] = frame[name].map(safe_cell)
    frame["as_of"] = _date_text(page, view)
    frame["build_id"] = page.build.build_id
    frame["filters"] = safe_cell(filter_text(page, view))
    frame["synthetic"] = " ".join(page.build.synthetic) or "no"
    text: str = frame.to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC)
    return text.encode("utf-8-sig")


def file_name(page: Page, view: TableView) -> str:
    """Return a download's name: city, table, date, build, and what makes it special."""
    parts = [page.build.city, view.name, _date_text(page, view), page.build.build_id[:6]]
    is_cut = view.cut or (view.applied == "filters" and not page.filters.is_whole_city)
    parts += ["filtered"] if is_cut else []
    parts += ["synthetic"] if page.build.synthetic else []
    said = (re.sub(r"[^\w-]+", "-", part).strip("-") for part in parts if part)
    return "_".join(said) + ".csv"


def filter_text(page: Page, view: TableView) -> str:
    """Return what the rows of a table follow in one line, ``all`` when nothing cuts them."""
    if view.applied != "filters":
        return "do not apply"
    query = controls.link(page.filters, page.build)
    parts = [
        f"{name}={', '.join(value) if isinstance(value, list) else value}"
        for name, value in query.items()
        if name != controls.AS_OF
    ]
    return "; ".join([*parts, view.cut] if view.cut else parts) or "all"


def _date_text(page: Page, view: TableView) -> str:
    return "" if view.applied == "nothing" else page.filters.as_of.isoformat()
