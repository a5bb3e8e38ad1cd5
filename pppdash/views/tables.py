"""Frames → tables: which columns, in which order, under which names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from pppdash.metrics.registry import METRICS
from pppdash.views import theme
from pppdash.views.parts import Column, Kind, TableView

STATUS_WORDS = {"active": "enrolled", "ended": "enrollment ended", "never": "not enrolled"}
RANKED = (
    "Goal times targets, minus those enrolled; where no goal is set, what is missing to the "
    "city's coverage. The order steadies small cells: a zero of 3 does not outrank a zero of 60."
)
SEVERITY_WORDS = {"rejected": "rejected", "warning": "warning"}


@dataclass(frozen=True)
class Cell:
    """One sector in one area, or in all areas when ``area_id`` is None."""

    sector: str
    area_id: str | None


def metric_column(name: str, kind: Kind | None = None, upper: float | None = None) -> Column:
    """Return the column of a registered metric: its label, its unit, its caveat."""
    metric = METRICS[name]
    return Column(
        name,
        metric.label,
        kind or ("percent" if metric.unit == "share" else "count"),
        metric.caveat,
        upper,
    )


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


def buildings(frame: pd.DataFrame, area_label: str | None, sizes: dict[str, str]) -> TableView:
    """Return the buildings with their state, those not enrolled and largest in targets first."""
    shown = frame.assign(
        status_text=frame["status"].map(STATUS_WORDS),
        size_text=frame["size_band"].map(sizes).fillna(frame["size_band"]),
        placed=["nearest area" if snapped else "" for snapped in frame["is_snapped"]],
    ).sort_values(["targets_enrolled", "targets"], ascending=[True, False])
    area = (Column("area_name", area_label),) if area_label else ()
    return TableView(
        shown,
        (
            Column("name", "Building"),
            Column("address", "Address"),
            *area,
            Column("sector", "Sector"),
            Column("size_text", "Size"),
            Column("status_text", "State"),
            Column("targets", "Targets", "count"),
            Column("targets_enrolled", "Enrolled", "count"),
            Column("accounts_dormant", "Gone quiet", "count"),
            Column("first_enrolled_on", "First enrolled", "date"),
            Column("placed", "Placed by"),
        ),
        "buildings",
        f"{theme.plural(len(frame), 'building')}, those not enrolled and largest first",
        exported=("building_id", "longitude", "latitude"),
    )


def area_choices(values: pd.DataFrame) -> dict[str, str]:
    """Return ``area_id`` → name, for choosing one area or none."""
    pairs = zip(values["area_id"].astype(str), values["area_name"].astype(str), strict=True)
    return {"": "no area"} | dict(pairs)


def gaps(cells: pd.DataFrame, area_label: str | None) -> TableView:
    """Return the ranked gaps with their reason."""
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
            Column("gap", "Still to enroll", "amber_bar", RANKED, most or 1.0),
            Column("reason", "Why it is here", "long"),
        ),
        "sector-gaps",
        "Gaps, largest first",
        exported=("area_id",) if area_label else (),
    )


def gap_sizes(cells: pd.DataFrame) -> pd.Series:
    """Return how many targets each cell still has to enroll, as they were counted."""
    return cells["shortfall"].where(cells["shortfall"].notna(), cells["ranked_shortfall"])


def gap_of(row: pd.Series) -> float:
    """Return how many targets one cell still has to enroll."""
    return float(row["shortfall"] if pd.notna(row["shortfall"]) else row["ranked_shortfall"])


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
    """Return targets one by one, those to call first: not enrolled, quick wins before others."""
    where = "" if cell is None or frame.empty else f" of {_cell_name(frame, cell)}"
    shown = frame.assign(
        status_text=[
            "enrolled, gone quiet" if dormant else STATUS_WORDS.get(status, status)
            for status, dormant in zip(frame["status"], frame["is_dormant"].eq(True), strict=True)
        ],
        size_text=frame["size_band"].map(sizes).fillna(frame["size_band"]),
        quick=["quick win" if quick else "" for quick in frame["is_quick_win"].eq(True)],
        order=frame["status"].map({"never": 0, "ended": 1, "active": 2}),
    ).sort_values(["order", "quick", "organization"], ascending=[True, False, True])
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
            Column("role", "Role"),
            Column("status_text", "State"),
            Column("enrolled_on", "Enrolled on", "date"),
            Column("quick", "Quick win"),
            Column("memberships", "Member of"),
        ),
        "targets",
        f"{theme.plural(len(frame), 'target')}{where}, those not enrolled first",
        exported=("target_id",),
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
    )


def problems(frame: pd.DataFrame) -> TableView:
    """Return every rejected row and warning with its reason."""
    return TableView(
        frame.assign(severity=frame["severity"].map(SEVERITY_WORDS).fillna(frame["severity"])),
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
    )


def gap_rows(ranked: pd.DataFrame, most: int = 3) -> tuple[list[str], list[list[str]], list[float]]:
    """Return heads, texts and bar shares of the ``most`` largest gaps, for a small table."""
    top = ranked[ranked["ranked_shortfall"] > 0].head(most)
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
    heads = ["Where", "Targets", "Enrolled", "Still to enroll", "Why it is here"]
    return heads, rows, [float(size) / full for size in sizes]


def move_rows(moves: pd.DataFrame, most: int = 3) -> tuple[list[str], list[list[str]]]:
    """Return the survey's largest changes since its first wave, for a small table."""
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
