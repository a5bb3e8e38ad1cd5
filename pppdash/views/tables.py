"""Frames → tables: which columns, in which order, under which names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from pppdash.metrics.registry import METRICS
from pppdash.views import theme
from pppdash.views.parts import Column, Kind, TableView

# What became of a building or a target, in the order of the legend.
STATUS_WORDS = {"active": "enrolled", "ended": "enrollment ended", "never": "not enrolled"}
RANKED = (
    "Goal times targets, minus those enrolled; where no goal is set, what is missing to the "
    "city's coverage. The order steadies small cells: a zero of 3 does not outrank a zero of 60."
)
ANY_STATE = "any state"
SHOWN_ROWS = 6
SHOWN_ACCOUNTS = 12
STILL, BEHIND = "Still to enroll", "Missing to the city's coverage"


@dataclass(frozen=True)
class Cell:
    """One sector in one area, or in all areas when ``area_id`` is None."""

    sector: str
    area_id: str | None


def metric_column(name: str) -> Column:
    """Return the column of a registered metric: its label, its unit, its caveat."""
    metric = METRICS[name]
    kind: Kind = "percent" if metric.unit == "share" else "count"
    return Column(name, metric.label, kind, metric.caveat)


def areas(values: pd.DataFrame, layer_label: str, min_targets: int) -> TableView:
    """Return the measures of every area, those with few targets marked as unreliable."""
    few = [
        f"unreliable: fewer than {min_targets} targets" if 0 < n < min_targets else ""
        for n in values["targets"]
    ]
    names = (
        "targets",
        "targets_enrolled",
        "coverage",
        "coverage_low",
        "coverage_high",
        "coverage_shrunken",
        "shortfall",
        "buildings",
        "buildings_enrolled",
    )
    present = [name for name in names if name in values]
    return TableView(
        values.assign(note=few).sort_values("targets", ascending=False),
        (
            Column("area_name", layer_label),
            *(metric_column(n) for n in present),
            Column("note", "Note"),
        ),
        "areas",
        f"Coverage by {layer_label.lower()}",
        exported=("area_id",),
    )


def buildings(
    frame: pd.DataFrame, area_label: str, sizes: dict[str, str], total: int, state: str
) -> TableView:
    """Return a page of buildings with their state, the largest in targets first.

    Parameters
    ----------
    total
        How many there are on all pages.
    state
        The state that was chosen, in words.
    """
    shown = frame.assign(
        status_text=frame["status"].map(STATUS_WORDS),
        size_text=frame["size_band"].map(sizes).fillna(frame["size_band"]),
        placed=["nearest area" if snapped else "" for snapped in frame["is_snapped"].eq(True)],
    )
    place = (Column("area_name", area_label),) if frame["area_name"].notna().any() else ()
    away = (Column("distance_m", "Meters away", "count"),)
    return TableView(
        shown,
        (
            Column("name", "Building"),
            Column("status_text", "State"),
            *(away if frame["distance_m"].notna().any() else ()),
            Column("address", "Address"),
            *place,
            Column("sector", "Sector"),
            Column("size_text", "Size"),
            Column("targets", "Targets", "count"),
            Column("targets_enrolled", "Enrolled", "count"),
            Column("accounts_dormant", "Gone quiet", "count"),
            Column("first_enrolled_on", "First enrolled", "date"),
            Column("placed", "Placed by"),
        ),
        "buildings",
        f"{theme.plural(total, 'building')}, {state}, largest first",
        exported=("building_id", "longitude", "latitude"),
        cut="" if state == ANY_STATE else f"only state={state}",
    )


def sector_rows(sectors: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Return the sectors of what is chosen, those with most targets first."""
    rows = sectors[sectors["targets"] > 0].nlargest(SHOWN_ROWS, "targets")
    return ["Sector", "Enrolled", "Coverage"], [
        [
            str(row.sector),
            f"{theme.count(row.targets_enrolled)} of {theme.count(row.targets)}",
            f"{theme.percent(row.coverage, row.coverage_low, row.coverage_high)} "
            f"({theme.interval(row.coverage_low, row.coverage_high)})",
        ]
        for row in rows.itertuples()
    ]


def largest_rows(frame: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Return buildings with how many targets they hold."""
    return ["Building", "Targets"], [
        [
            ", ".join(part for part in (row.name, row.address) if part) or row.building_id,
            theme.count(row.targets),
        ]
        for row in frame.itertuples(index=False)
    ]


def account_rows(frame: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Return a building's accounts over time: whose, what is on file, from when to when."""
    return ["Account", "On file", "From", "Until"], [
        [
            row.organization or row.account_id,
            row.form or "enrollment",
            theme.date_form(row.enrolled_on),
            theme.date_form(row.ended_on)
            if pd.notna(row.ended_on)
            else ("quiet" if row.is_dormant else "active"),
        ]
        for row in frame.head(SHOWN_ACCOUNTS).itertuples(index=False)
    ]


def target_rows(frame: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Return a building's targets with their state."""
    return ["Target", "Sector", "State"], [
        [
            row.organization or row.target_id,
            row.sector,
            STATUS_WORDS[row.status] + (", quick win" if row.is_quick_win else ""),
        ]
        for row in frame.head(SHOWN_ACCOUNTS).itertuples(index=False)
    ]


def gaps(cells: pd.DataFrame, area_label: str | None) -> TableView:
    """Return the gaps with their reason, as ``analysis.gaps.rank`` ordered them."""
    shown = cells.assign(gap=gap_sizes(cells))
    most = float(shown["gap"].max()) if len(shown) else 0.0
    area = (Column("area_name", area_label),) if area_label else ()
    return TableView(
        shown,
        (
            Column("sector", "Sector"),
            *area,
            metric_column("targets"),
            metric_column("targets_enrolled"),
            metric_column("coverage"),
            Column("gap", gap_heading(cells), "amber_bar", RANKED, most or 1.0),
            Column("reason", "Why it is here", "long"),
        ),
        "sector-gaps",
        "Gaps, small ones steadied, largest first",
        exported=("area_id",) if area_label else (),
    )


def gap_sizes(cells: pd.DataFrame) -> pd.Series:
    """Return how many targets each cell lacks, as they were counted.

    To its goal; where none is set, to what the city's coverage would lead to.
    """
    behind = (cells["expected"] - cells["targets_enrolled"]).clip(lower=0)
    return cells["shortfall"].where(cells["shortfall"].notna(), behind)


def gap_heading(cells: pd.DataFrame) -> str:
    """Return what :func:`gap_sizes` counts: without a goal nothing is still to enroll for it."""
    return STILL if cells.empty or cells["shortfall"].notna().any() else BEHIND


def cell_of(cells: pd.DataFrame, row: int) -> Cell:
    """Return the cell in the ``row``-th row of the ranked gaps."""
    found = cells.iloc[row]
    return Cell(str(found["sector"]), str(found["area_id"]) if "area_id" in cells else None)


def in_cell(frame: pd.DataFrame, cell: Cell | None) -> pd.DataFrame:
    """Return the targets of one cell; all of them when none is chosen."""
    if cell is None:
        return frame
    inside = frame["sector"] == cell.sector
    if cell.area_id is not None:
        inside &= frame["area_id"].astype(str) == cell.area_id
    return frame[inside]


def targets(
    frame: pd.DataFrame, area_label: str | None, sizes: dict[str, str], cell: Cell | None = None
) -> TableView:
    """Return targets, those to call first: not enrolled, quick wins, then the largest."""
    where = "" if cell is None or frame.empty else f" of {_cell_name(frame, cell)}"
    shown = frame.assign(
        status_text=[
            "enrolled, gone quiet" if dormant else STATUS_WORDS.get(status, status)
            for status, dormant in zip(frame["status"], frame["is_dormant"].eq(True), strict=True)
        ],
        size_text=frame["size_band"].map(sizes).fillna(frame["size_band"]),
        quick=["quick win" if quick else "" for quick in frame["is_quick_win"].eq(True)],
        order=frame["status"].map({"never": 0, "ended": 1, "active": 2}),
    ).sort_values(
        ["order", "quick", "employees", "organization"], ascending=[True, False, False, True]
    )
    area = (Column("area_name", area_label),) if area_label else ()
    return TableView(
        shown,
        (
            Column("organization", "Organization"),
            Column("building", "Building"),
            Column("address", "Address"),
            *area,
            Column("sector", "Sector"),
            Column("size_text", "Size"),
            Column("employees", "Employees", "count"),
            Column("role", "Role"),
            Column("status_text", "State"),
            Column("enrolled_on", "Enrolled on", "date"),
            Column("quick", "Quick win"),
            Column("memberships", "Member of"),
        ),
        "targets",
        f"{theme.plural(len(frame), 'target')}{where}, those not enrolled first",
        exported=("target_id",),
        cut=_cut(cell),
    )


def sources(entities: pd.DataFrame) -> TableView:
    """Return what was read of every entity and what became of it."""
    return TableView(
        entities,
        (
            Column("entity", "Entity"),
            Column("file", "File", "long"),
            Column("read", "Read", "count"),
            Column("kept", "Kept", "count"),
            Column("excluded", "Excluded", "count", "Left out by the city's where or qualify"),
            Column("merged", "Merged", "count", "Polygons of one area joined"),
            Column("rejected", "Rejected", "count", "Listed with reasons below"),
            Column("warnings", "Warnings", "count"),
        ),
        "sources",
        "Rows of every source: read = kept + excluded + merged + rejected",
        applied="nothing",
    )


def problems(frame: pd.DataFrame) -> TableView:
    """Return rejected rows, as many as a build holds, and warnings with their reasons."""
    return TableView(
        frame,
        (
            Column("severity", "Kind"),
            Column("entity", "Entity"),
            Column("file", "File", "long"),
            Column("row", "Row", "count"),
            Column("column", "Column"),
            Column("value", "Value"),
            Column("reason", "Reason", "long"),
            Column("count", "Rows", "count"),
        ),
        "problems",
        "Rejected rows and warnings",
        applied="nothing",
    )


def dictionary(frame: pd.DataFrame) -> TableView:
    """Return the data dictionary."""
    return TableView(
        frame,
        (
            Column("model", "Table"),
            Column("column", "Column"),
            Column("type", "Type"),
            Column("meaning", "Meaning", "long"),
            Column("unit", "Unit"),
        ),
        "dictionary",
        "Data dictionary",
        applied="nothing",
    )


def metrics() -> TableView:
    """Return what every metric means and does not show, from the registry."""
    rows = pd.DataFrame(
        [
            {"name": m.name, "label": m.label, "unit": m.unit, "caveat": m.caveat}
            for m in METRICS.values()
        ]
    )
    return TableView(
        rows,
        (
            Column("label", "Measure"),
            Column("unit", "Unit"),
            Column("caveat", "What it does not show", "long"),
            Column("name", "Name"),
        ),
        "measures",
        "Measures",
        applied="nothing",
    )


def gap_rows(ranked: pd.DataFrame, most: int = 3) -> tuple[list[str], list[list[str]], list[float]]:
    """Return heads, texts and bar shares of the first ``most`` gaps, for a small table."""
    top = ranked[gap_sizes(ranked) > 0].head(most)
    sizes = gap_sizes(top)
    full = float(sizes.max()) if len(top) else 1.0
    rows = [
        [
            _place(row),
            theme.count(row.targets),
            theme.count(row.targets_enrolled),
            theme.count(size),
            str(row.reason),
        ]
        for row, size in zip(top.itertuples(), sizes, strict=True)
    ]
    heads = ["Where", "Targets", "Enrolled", gap_heading(ranked), "Why it is here"]
    return heads, rows, [float(size) / full for size in sizes]


def move_rows(moves: pd.DataFrame, most: int = 3) -> tuple[list[str], list[list[str]]]:
    """Return the survey's clearest changes since its first wave, for a small table."""
    rows = [
        [
            f"“{row.text}”",
            f"{theme.percent(row.before)} → {theme.percent(row.after)}",
            theme.signed(100 * row.change) if row.is_apart else "unclear",
            f"{theme.count(row.n_before)}, {theme.count(row.n_after)}",
        ]
        for row in moves.head(most).itertuples()
    ]
    return ["Question", "Top two answers", "Points", "n"], rows


def _place(row: object) -> str:
    parts: Sequence[object] = (getattr(row, "sector", ""), getattr(row, "area_name", ""))
    return " · ".join(str(part) for part in parts if part)


def _cell_name(frame: pd.DataFrame, cell: Cell) -> str:
    place = f" in {frame['area_name'].iloc[0]}" if cell.area_id is not None else ""
    return f"{cell.sector}{place}"


def _cut(cell: Cell | None) -> str:
    if cell is None:
        return ""
    area = f"; only area={cell.area_id}" if cell.area_id is not None else ""
    return f"only sector={cell.sector}{area}"
