"""Sector gaps in tables: how far each part is from its goal, and how it stands to the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from pppdash.metrics.registry import METRICS
from pppdash.sources.contracts import UNCLASSIFIED
from pppdash.views import tables, theme
from pppdash.views.comparison import Breakdown
from pppdash.views.parts import Column, TableView
from pppdash.views.tables import Cell

if TYPE_CHECKING:
    from pppdash.warehouse.read import Build

RANKED = (
    "Goal times targets, minus those enrolled; where no goal is set, what is missing to the "
    "city's coverage. The order steadies small cells: a zero of 3 does not outrank a zero of 60."
)
AGAINST = "Coverage over the coverage of all others shown: 1 is like the rest, 0.5 half of it"
STILL, MISSING = "Still to enroll", "Missing to the city's coverage"
NO_KIND = frozenset({UNCLASSIFIED, "Unknown", "Outside"})  # rows, but nobody to go to
AREA, SIZE = "area", "size"
COUNTED = (
    *("targets", "enrolled", "coverage", "coverage_low", "coverage_high", "shrunken", "expected"),
    *("shortfall", "representation_low", "representation_high", "q"),
)  # of a ranked gap, in its download alone: its reason has what a reader needs
BAR_PX, VERDICT_PX = 140, 165

SECTORS = Breakdown("sector", "Sector")


def sizes(words: Mapping[str, str]) -> Breakdown:
    """Return the breakdown by size band; ``words`` says how each is written."""
    return Breakdown("size_band", "Size", words)


def choices(layer_label: str | None) -> dict[str, str]:
    """Return by what sectors can be split, the layer of areas first where there is one."""
    return ({AREA: layer_label} if layer_label else {}) | {SIZE: "Size"}


def split(choice: str, layer_label: str, words: Mapping[str, str]) -> Breakdown:
    """Return the breakdown that stands beside the sectors."""
    if choice == AREA:
        return Breakdown("area_id", layer_label, named="area_name")
    return sizes(words)


def gap_sizes(cells: pd.DataFrame) -> pd.Series:
    """Return how many targets each cell lacks, as they were counted.

    To its goal; where none is set, to what the city's coverage would lead to.
    """
    behind = (cells["expected"] - cells["enrolled"]).clip(lower=0)
    return cells["shortfall"].where(cells["shortfall"].notna(), behind)


def gap_heading(cells: pd.DataFrame) -> str:
    """Return what :func:`gap_sizes` counts: without a goal nothing is still to enroll for it."""
    return STILL if cells.empty or cells["shortfall"].notna().any() else MISSING


def ranked(cells: pd.DataFrame, over: Breakdown, build: Build) -> TableView:
    """Return the gaps with their reason, as ``analysis.gaps.rank`` ordered them."""
    shown = cells.assign(gap=gap_sizes(cells))
    most = float(shown["gap"].max()) if len(shown) else 0.0
    quiet = (Column("accounts_dormant", "Gone quiet", "count", METRICS["accounts_dormant"].caveat),)
    return TableView(
        over.written(shown),
        (
            Column("sector", "Sector"),
            Column(over.label, over.heading),
            Column("gap", gap_heading(cells), "amber_bar", RANKED, most or 1.0, BAR_PX),
            Column("representation", "To the rest", "ratio", AGAINST),
            Column("verdict", "Verdict", width=VERDICT_PX),
            *(quiet if build.records_activity and "accounts_dormant" in cells else ()),
            Column("reason", "Why it is here", "long"),
        ),
        "sector-gaps",
        "Gaps, small ones steadied, largest first",
        exported=(*(("area_id",) if "area_id" in cells else ()), *COUNTED),
    )


def compared(cells: pd.DataFrame, over: Breakdown) -> TableView:
    """Return how each part stands to the rest, as a table."""
    ends = ("Lower end of the 95% interval", "Upper end of the 95% interval; blank: no upper end")
    return TableView(
        over.written(cells),
        (
            Column(over.label, over.heading),
            _metric("targets"),
            _metric("enrolled", "targets_enrolled"),
            _metric("expected"),
            *(_metric(name) for name in ("coverage", "coverage_low", "coverage_high")),
            Column("representation", "Against the rest", "ratio", AGAINST),
            Column("representation_low", "from", "ratio", ends[0]),
            Column("representation_high", "to", "ratio", ends[1]),
            Column("q", "q", "p", "False discovery rate at which it would be called"),
            Column("verdict", "Verdict", width=VERDICT_PX),
        ),
        f"representation-by-{over.heading.lower()}",
        f"{over.heading}: coverage against the rest",
    )


def gap_rows(cells: pd.DataFrame, most: int = 3) -> tuple[list[str], list[list[str]], list[float]]:
    """Return heads, texts and bar shares of the first ``most`` gaps, for a small table."""
    top = cells[gap_sizes(cells) > 0].head(most)
    sizes = gap_sizes(top)
    full = float(sizes.max()) if len(top) else 1.0
    rows = [
        [
            " · ".join(str(row[name]) for name in ("sector", "area_name") if name in row),
            theme.count(row["targets"]),
            theme.count(row["enrolled"]),
            theme.count(size),
            str(row["reason"]),
        ]
        for (_, row), size in zip(top.iterrows(), sizes, strict=True)
    ]
    heads = ["Where", "Targets", "Enrolled", gap_heading(cells), "Why it is here"]
    return heads, rows, [float(size) / full for size in sizes]


def keyed(cells: pd.DataFrame) -> dict[str, Cell]:
    """Return each row's cell by the key that stands for it in a link, in the order of the rows."""
    names = [name for name in ("sector", "area_id", "size_band") if name in cells]
    parts = cells[names].astype(str)
    return {"~".join(row): Cell(**dict(zip(names, row, strict=True))) for row in parts.to_numpy()}


def of_a_kind(cells: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the cells of something that one can go to."""
    return cells[~cells[column].isin(NO_KIND)]


def _metric(column: str, metric: str = "") -> Column:
    known = tables.metric_column(metric or column)
    return Column(column, known.label, known.kind, known.help)
