"""Who could be won beside the gaps: members of other programs, and accounts gone quiet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from pppdash.views import tables, theme
from pppdash.views.parts import Column, TableView
from pppdash.views.tables import Cell

if TYPE_CHECKING:
    from pppdash.warehouse.read import Build

MOST_PROGRAMS = 6  # that a sentence lists
NO_MEMBERSHIPS = (
    "Who already belongs to another program is unknown: no memberships have been brought"
)
BRIDGE_NOTE = "Targets not enrolled, by sector, and how many of them belong to which program"
QUIET_NOTE = "Active accounts without any activity of late, the latest to fall quiet first"


def bridge(
    cells: pd.DataFrame, members: pd.DataFrame, build: Build, cell: Cell | None, where: str
) -> TableView:
    """Return by sector how many of its targets not enrolled belong to each other program.

    Parameters
    ----------
    cells
        Gaps by sector, and by whatever else.
    members
        As ``findings.gaps.members_not_enrolled`` counts them, of the same cells.
    where
        The cell in words; empty for all of them.
    """
    rows = _missed(cells).groupby("sector", as_index=False, sort=False)["not_enrolled"].sum()
    counted = members.assign(program=members["program"].fillna(""))
    grid = counted.pivot_table("targets", "sector", "program", aggfunc="sum")
    columns = {"": ("in_any_program", "In another program")}
    columns |= {p: (f"in_program_{i}", p) for i, p in enumerate(_programs(members), 1)}
    for program, (name, _) in columns.items():
        known = grid.get(program, pd.Series(dtype="float64"))
        rows[name] = rows["sector"].map(known).fillna(0).astype("int64")
    held = rows[rows["in_any_program"] > 0]
    return TableView(
        held.sort_values("in_any_program", ascending=False, kind="stable"),
        (
            Column("sector", "Sector"),
            Column("not_enrolled", "Not enrolled", "count"),
            *(Column(name, label, "count") for name, label in columns.values()),
        ),
        "members-not-enrolled",
        _bridge_words(cells, members, where) if build.has("memberships") else NO_MEMBERSHIPS,
        cut=tables.cell_cut(cell),
    )


def _bridge_words(cells: pd.DataFrame, members: pd.DataFrame, where: str) -> str:
    """Return how many of a gap's targets not enrolled already belong to which program."""
    missed = int(_missed(cells)["not_enrolled"].sum())
    held = int(members.loc[members["program"].isna(), "targets"].sum())
    of = f" of {where}" if where else ""
    if missed == 0:
        return f"Every target{of} is enrolled"
    who = f"{theme.plural(missed, 'target')}{of} not enrolled"
    if missed == 1:
        return (
            f"The {who} {_belonging(members) if held else 'belongs to no other program on record'}"
        )
    if held == 0:
        return f"None of the {who} belongs to another program on record"
    return f"Of the {who}, {theme.count(held)} {_belonging(members, held)}"


def _belonging(members: pd.DataFrame, count: int = 1) -> str:
    """Return to which programs ``count`` targets belong."""
    verb = "already belongs" if count == 1 else "already belong"
    totals = members.groupby("program")["targets"].sum()
    programs = _programs(members)
    if len(programs) == 1:
        return f"{verb} to {programs[0]}"
    named = [f"{theme.count(totals[program])} to {program}" for program in programs[:MOST_PROGRAMS]]
    named += ["others to others"] if len(programs) > MOST_PROGRAMS else []
    return f"{verb} to another program: {theme.listed(named)}"


def quiet(
    accounts: pd.DataFrame,
    area_label: str | None,
    words: Mapping[str, str],
    build: Build,
    cell: Cell | None,
    where: str,
) -> TableView:
    """Return the accounts to win back: organization, building, and since when they are quiet."""
    shown = accounts.assign(
        size_text=tables.size_texts(accounts, words),
        organization=accounts["organization"].where(
            accounts["organization"] != "", "(the building)"
        ),
    )
    return TableView(
        shown,
        (
            *tables.whose(area_label),
            Column("last_active_on", "Quiet since", "date"),
            Column("days_quiet", "Days", "count"),
            Column("enrolled_on", "Enrolled on", "date"),
            Column("memberships", "Member of"),
        ),
        "accounts-to-win-back",
        _quiet_words(accounts, build, where),
        exported=("account_id", "target_id", "building_id"),
        cut=tables.cell_cut(cell),
    )


def _quiet_words(accounts: pd.DataFrame, build: Build, where: str) -> str:
    """Return how many accounts have gone quiet, or why nobody knows."""
    of = f" of {where}" if where else ""
    if not build.has("accounts"):
        return "No accounts have been brought, so none can have gone quiet"
    if not build.records_activity:
        return "Whether accounts have gone quiet is unknown: no activity is on record"
    if accounts.empty:
        return f"No account{of} has been quiet for more than {build.dormant_after_days} days"
    noun = "account" if len(accounts) == 1 else "accounts"
    verb = "has" if len(accounts) == 1 else "have"
    return f"Whom to win back: {theme.count(len(accounts))} {noun}{of} {verb} gone quiet"


def _missed(cells: pd.DataFrame) -> pd.DataFrame:
    return cells.assign(not_enrolled=cells["targets"] - cells["enrolled"])


def _programs(members: pd.DataFrame) -> list[str]:
    """Return the programs, those with most targets first."""
    totals = members.groupby("program")["targets"].sum().sort_values(ascending=False, kind="stable")
    return [str(program) for program in totals.index]
