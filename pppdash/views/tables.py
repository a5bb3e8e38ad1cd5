"""Frames → tables: which columns, in which order, under which names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from pppdash.metrics.registry import METRICS
from pppdash.views import theme
from pppdash.views.parts import Column, Kind, TableView

# What became of a building or a target, in the order of the legend.
STATUS_WORDS = {"active": "enrolled", "ended": "enrollment ended", "never": "not enrolled"}
ANY_STATE = "any state"
SHOWN_ROWS = 6
SHOWN_ACCOUNTS = 12


@dataclass(frozen=True)
class Cell:
    """One sector: in one area, of one size band, or all of it where neither is named."""

    sector: str
    area_id: str | None = None
    size_band: str | None = None

    @property
    def parts(self) -> dict[str, str]:
        """The columns that a row of the cell must match, with their values."""
        named = {"sector": self.sector, "area_id": self.area_id, "size_band": self.size_band}
        return {name: value for name, value in named.items() if value is not None}


def metric_column(name: str) -> Column:
    """Return the column of a registered metric: its label, its unit, its caveat."""
    metric = METRICS[name]
    kind: Kind = "percent" if metric.unit == "share" else "count"
    return Column(name, metric.label, kind, metric.caveat)


def size_texts(frame: pd.DataFrame, sizes: Mapping[str, str]) -> pd.Series:
    """Return the size band of every row as people write it."""
    return frame["size_band"].map(sizes).fillna(frame["size_band"])


def whose(area_label: str | None) -> tuple[Column, ...]:
    """Return the columns that say who somebody is and where; without an area where none is named.

    They are those of a frame with ``size_text``; see :func:`size_texts`.
    """
    return (
        Column("organization", "Organization"),
        Column("building", "Building"),
        Column("address", "Address"),
        *((Column("area_name", area_label),) if area_label else ()),
        Column("sector", "Sector"),
        Column("size_text", "Size"),
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
        size_text=size_texts(frame, sizes),
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


def in_cell(frame: pd.DataFrame, cell: Cell | None) -> pd.DataFrame:
    """Return the rows of one cell; all of them when none is chosen."""
    inside = pd.Series(True, frame.index)
    for name, value in cell.parts.items() if cell else ():
        inside &= frame[name].astype(str) == value
    return frame[inside]


def cell_text(cell: Cell | None, rows: pd.DataFrame, sizes: Mapping[str, str]) -> str:
    """Return a cell in words, empty for none: ``Energy in Loop``, ``Energy, small (< 50)``.

    ``rows`` are some of the cell's own, from which its area has its name.
    """
    if cell is None:
        return ""
    if cell.size_band is not None:
        return f"{cell.sector}, {sizes.get(cell.size_band, cell.size_band)}"
    if cell.area_id is not None:
        return f"{cell.sector} in {rows['area_name'].iloc[0] if len(rows) else 'this area'}"
    return cell.sector


def cell_cut(cell: Cell | None) -> str:
    """Return what a cell leaves out, as downloads say it."""
    if cell is None:
        return ""
    words = {"area_id": "area", "size_band": "size"}
    return "; ".join(f"only {words.get(n, n)}={value}" for n, value in cell.parts.items())


def targets(
    frame: pd.DataFrame, area_label: str | None, sizes: dict[str, str], cell: Cell | None = None
) -> TableView:
    """Return targets, those to call first: not enrolled, quick wins, then the largest."""
    where = f" of {cell_text(cell, frame, sizes)}" if cell else ""
    shown = frame.assign(
        status_text=[
            "enrolled, gone quiet" if dormant else STATUS_WORDS.get(status, status)
            for status, dormant in zip(frame["status"], frame["is_dormant"].eq(True), strict=True)
        ],
        size_text=size_texts(frame, sizes),
        quick=["quick win" if quick else "" for quick in frame["is_quick_win"].eq(True)],
        order=frame["status"].map({"never": 0, "ended": 1, "active": 2}),
    ).sort_values(
        ["order", "quick", "employees", "organization"], ascending=[True, False, False, True]
    )
    return TableView(
        shown,
        (
            *whose(area_label),
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
        cut=cell_cut(cell),
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
            Column("value", "Value", help="Not told of answers to a survey"),
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
