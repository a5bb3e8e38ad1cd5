"""What a page is made of, as frozen values: tiles, cards, tables, charts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

Kind = Literal[
    "text",
    "long",
    "flag",
    "date",
    "month",
    "count",
    "number",
    "score",
    "ratio",
    "p",
    "percent",
    "amber_bar",
]
Applied = Literal["filters", "date", "nothing"]


def across(number: int, most: int) -> int:
    """Return how many things stand side by side, so that rows are about equally long.

    Examples
    --------
    >>> [across(number, 5) for number in (1, 4, 5, 6, 7, 12)]
    [1, 4, 5, 3, 4, 4]
    """
    rows = max(1, math.ceil(number / most))
    return max(1, math.ceil(number / rows))


@dataclass(frozen=True)
class Tile:
    """One figure with its label; ``notes`` are the interval, the base and the caveats."""

    value: str
    label: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Card:
    """A small block of facts under a title; ``strong`` draws its rule in the accent.

    ``finding`` says in a line what the facts come to.
    """

    title: str
    rows: tuple[tuple[str, str], ...]
    note: str = ""
    strong: bool = True
    finding: str = ""


@dataclass(frozen=True)
class Column:
    """One column of a table: which frame column, under which name, written how.

    ``upper`` is the full length of a bar, ``width`` that of the column in pixels where its first
    rows do not tell. Columns of kind ``percent`` hold shares (0..1).
    """

    name: str
    label: str
    kind: Kind = "text"
    help: str = ""
    upper: float | None = None
    width: int | None = None


def interval_columns(
    low: str, high: str, kind: Kind, of: str = "the 95% interval"
) -> tuple[Column, Column]:
    """Return the columns of the two ends of an interval."""
    return (
        Column(low, "from", kind, f"Lower end of {of}"),
        Column(high, "to", kind, f"Upper end of {of}"),
    )


@dataclass(frozen=True)
class TableView:
    """A frame with the columns to show, in order.

    Attributes
    ----------
    frame
        Raw values (shares as 0..1); what a download holds.
    name
        File stem of its download, for example ``"sector-gaps"``.
    label
        What the table lists, for its heading and for screen readers.
    exported
        Further columns of the frame that only a download holds, such as identifiers.
    applied
        Which of the shared choices the rows follow: all filters, the date alone, or none.
    cut
        What else was chosen on the page and leaves rows out, for example ``"only area=8"``.
    """

    frame: pd.DataFrame
    columns: tuple[Column, ...]
    name: str
    label: str
    exported: tuple[str, ...] = ()
    applied: Applied = "filters"
    cut: str = ""

    def shown(self) -> pd.DataFrame:
        """Return the frame's shown columns only, in order."""
        return self.frame[[column.name for column in self.columns]]

    def download(self) -> pd.DataFrame:
        """Return what a download holds: identifiers first, then what is shown."""
        names = [*self.exported, *(column.name for column in self.columns)]
        return self.frame[list(dict.fromkeys(names))]


@dataclass(frozen=True)
class Chart:
    """A figure with everything that must stand around it.

    Attributes
    ----------
    figure
        A ``plotly.graph_objects.Figure``.
    title, subtitle, footnote
        The finding; what is plotted; source, date and caveats.
    alt
        What a person who cannot see the figure should know from it.
    table
        The same data as a table.
    legend
        (color, text) pairs, where direct labels do not do.
    strong
        Whether the subtitle is a finding, to be set in ink.
    """

    figure: Any
    title: str
    subtitle: str
    footnote: str
    alt: str
    table: TableView
    legend: tuple[tuple[str, str], ...] = ()
    strong: bool = False
