"""Sector gaps in words and tables: who lags and how surely, and who could be won there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from pppdash.analysis.gaps import AHEAD, BEHIND, NO_DIFFERENCE, NOT_COMPARED, TOO_LITTLE
from pppdash.metrics.intervals import wilson
from pppdash.metrics.registry import METRICS
from pppdash.sources.contracts import UNCLASSIFIED
from pppdash.views import tables, theme
from pppdash.views.coverage import Breakdown
from pppdash.views.parts import Column, TableView
from pppdash.views.sentences import NO_TARGETS
from pppdash.views.tables import Cell

if TYPE_CHECKING:
    from pppdash.analysis.gaps import Gaps
    from pppdash.metrics.filters import Filters
    from pppdash.warehouse.read import Build

RANKED = (
    "Goal times targets, minus those enrolled; where no goal is set, what is missing to the "
    "city's coverage. The order steadies small cells: a zero of 3 does not outrank a zero of 60."
)
AGAINST = "Coverage over the coverage of all others shown: 1 is like the rest, 0.5 half of it"
STILL, MISSING = "Still to enroll", "Missing to the city's coverage"
LEAST_GAP = 0.5  # less than this is written as none
NO_KIND = frozenset({UNCLASSIFIED, "Unknown", "Outside"})  # rows, but nobody to go to
AREA, SIZE = "area", "size"
COUNTED = (
    *("targets", "enrolled", "coverage", "coverage_low", "coverage_high", "shrunken", "expected"),
    *("shortfall", "representation_low", "representation_high", "q"),
)  # of a ranked gap, in its download alone: its reason has what a reader needs
BAR_PX, VERDICT_PX = 140, 165
MOST_PROGRAMS = 6  # that a sentence lists

NO_MEMBERSHIPS = (
    "Who already belongs to another program is unknown: no memberships have been brought"
)
BRIDGE_NOTE = "Targets not enrolled, by sector, and how many of them belong to which program"
QUIET_NOTE = "Active accounts without any activity of late, the latest to fall quiet first"

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


# -- the page's sentence -----------------------------------------------------------------------


def answer(by_sector: Gaps, by_area: Gaps) -> str:
    """Return which sectors are behind and where, right in every state of the data.

    Parameters
    ----------
    by_sector, by_area
        By sector, and by sector and area; by sector alone in a city without areas.
    """
    if by_sector.targets == 0:
        return NO_TARGETS
    if by_sector.enrolled in (0, by_sector.targets):
        return _all_alike(by_sector)
    known = of_a_kind(by_sector.cells, "sector")
    if len(known) == len(by_sector.cells) == 1:
        return _alone(known.iloc[0], by_area)
    behind = of_a_kind(by_sector.of(BEHIND), "sector")
    if behind.empty:
        return f"{_none_behind(by_sector)}{_largest_gap(by_area)}"
    return f"{_behind(by_sector, behind)}{_behind_where(by_area, behind)}"


def _all_alike(by_sector: Gaps) -> str:
    """Return that nobody or everybody is enrolled."""
    targets = theme.plural(by_sector.targets, "target")
    if by_sector.enrolled:
        every = f"The {targets} here is" if by_sector.targets == 1 else f"All {targets} here are"
        return f"{every} enrolled: there is no gap."
    none = f"The {targets} here is not" if by_sector.targets == 1 else f"None of the {targets} is"
    apart = ": no sector can be told from another" if len(by_sector.cells) > 1 else ""
    return f"{none} enrolled yet{apart}."


def _none_behind(by_sector: Gaps) -> str:
    """Return why no sector is named."""
    known = of_a_kind(by_sector.cells, "sector")
    share = f"{theme.percent(by_sector.enrolled / by_sector.targets)} of these targets are enrolled"
    if known.empty:
        return f"{share}; none of them says its sector"
    if known["verdict"].isin([TOO_LITTLE, NOT_COMPARED]).all():
        return "There are too few targets or enrollments here to tell any sector from the rest"
    return "No sector is detectably behind the rest"


def _alone(sector: pd.Series, by_area: Gaps) -> str:
    """Return how the only sector selected stands to the city, and its areas to each other."""
    first = (
        f"{sector['sector']}: {theme.count(sector['enrolled'])} of "
        f"{theme.plural(sector['targets'], 'target')} enrolled; the city's coverage would have "
        f"{theme.count(sector['expected'])}"
    )
    told, behind = _told(by_area.cells), of_a_kind(by_area.of(BEHIND), "sector")
    if "area_id" not in by_area.by or len(by_area.cells) == 1:
        return f"{first}."
    if told.empty:
        return f"{first}. Its areas hold too few targets to be told apart."
    if behind.empty:
        return f"{first}. No area of it is detectably behind the others."
    some = f"{len(behind)} of {theme.plural(len(told), 'area')} with targets enough to tell"
    verb = "is" if len(behind) == 1 else "are"
    return f"{first}. {some} {verb} behind the others, {behind['area_name'].iloc[0]} most."


def _told(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the cells with data enough for a verdict."""
    return cells[cells["verdict"].isin([BEHIND, AHEAD, NO_DIFFERENCE])]


def _behind(by_sector: Gaps, behind: pd.DataFrame) -> str:
    """Return how many sectors are behind, and the one that misses most."""
    first = behind.iloc[0]
    known = len(of_a_kind(by_sector.cells, "sector"))
    rest = float(by_sector.rest_coverage(behind).iloc[0])
    ends = first["coverage_low"], first["coverage_high"]  # the digits of both
    shares = (
        f"{theme.percent(first['coverage'], *ends)} of its "
        f"{theme.plural(first['targets'], 'target')} enrolled, "
        f"of all others {theme.percent(rest, *ends)}"
    )
    if len(behind) == 1:
        return f"{first['sector']} is behind: {shares}."
    some = f"All {known}" if len(behind) == known else f"{len(behind)} of {known}"
    return f"{some} sectors are behind, {first['sector']} most: {shares}."


def _behind_where(by_area: Gaps, behind: pd.DataFrame) -> str:
    """Return in how many areas that sector is behind by itself, of those that can tell."""
    if "area_id" not in by_area.by:
        return ""
    cells = by_area.cells[by_area.cells["sector"] == behind["sector"].iloc[0]]
    told = _told(cells)
    found = int((told["verdict"] == BEHIND).sum())
    if not found or len(cells) < 2:
        return ""
    enough = "" if len(told) == len(cells) else " with targets enough to tell"
    return f" It is behind by itself in {found} of {theme.plural(len(told), 'area')}{enough}."


def _largest_gap(gaps: Gaps) -> str:
    """Return the cell that is short of most targets, as they were counted."""
    cells = gaps.cells
    has_goal = bool(cells["shortfall"].notna().any())
    known = cells[cells["shortfall"].notna()] if has_goal else cells
    sizes = gap_sizes(known)
    if known.empty or not sizes.max() >= LEAST_GAP:
        return "; no goal is missed." if has_goal else "; no goal is set."
    top = known.loc[sizes.idxmax()]
    missing = theme.count(sizes.max())
    place = f" in {top['area_name']}" if "area_name" in known else ""
    where = f"{top['sector']}{place}"
    if has_goal:
        return f". The largest gap: {where}, {missing} still to enroll."
    return f"; no goal is set. Furthest below the city's coverage: {where}, by {missing}."


def smaller_firms(by_size: Gaps, words: Mapping[str, str]) -> str:
    """Return how small and mid-sized firms stand together; empty where there are not both.

    ``words`` names the size bands from small to large, the unknown last.
    """
    *smaller, large = [name for name in words if name not in NO_KIND]
    cells = by_size.cells.set_index("size_band")[["targets", "enrolled"]]
    if not set(smaller) <= set(cells.index):
        return ""
    together = cells.loc[smaller].sum()
    beside = f"; of {large} ones {_coverage(cells.loc[large])}" if large in cells.index else ""
    return (
        f"{' and '.join(smaller).capitalize()} firms together: {theme.count(together['enrolled'])} "
        f"of {theme.count(together['targets'])} enrolled, {_coverage(together)}{beside}"
    )


def _coverage(row: pd.Series) -> str:
    """Return a coverage with the digits that its interval supports."""
    low, high = wilson(row[["enrolled"]], row[["targets"]].set_axis(["enrolled"]))
    return theme.percent(row["enrolled"] / row["targets"], low.iloc[0], high.iloc[0])


def followed(filters: Filters) -> str:
    """Return what filters do to comparisons; empty where nothing is filtered."""
    if filters.is_whole_city:
        return ""
    return (
        "The filters apply to everything here: “the rest” is the rest of what is selected. What is "
        "expected goes by the whole city's coverage all the same."
    )


def no_rest(found: Gaps, over: Breakdown) -> str:
    """Return why parts cannot be held against a rest."""
    noun = over.heading.lower()
    known = of_a_kind(found.cells, over.column)
    if found.targets == 0:
        return NO_TARGETS
    if known.empty:
        return f"No target here says its {noun}, so there is nothing to compare."
    if len(found.cells) == 1:
        only = over.text(known[over.column].iloc[0])
        return f"Every target here is of one {noun}, {only}: there is no rest to compare it with."
    who = "Nobody" if found.enrolled == 0 else "Everybody"
    return f"{who} here is enrolled, so there is nothing to compare."


# -- gaps --------------------------------------------------------------------------------------


def gap_sizes(cells: pd.DataFrame) -> pd.Series:
    """Return how many targets each cell lacks, as they were counted.

    To its goal; where none is set, to what the city's coverage would lead to.
    """
    behind = (cells["expected"] - cells["enrolled"]).clip(lower=0)
    return cells["shortfall"].where(cells["shortfall"].notna(), behind)


def gap_heading(cells: pd.DataFrame) -> str:
    """Return what :func:`gap_sizes` counts: without a goal nothing is still to enroll for it."""
    return STILL if cells.empty or cells["shortfall"].notna().any() else MISSING


def ranked(cells: pd.DataFrame, over: Breakdown | None, build: Build) -> TableView:
    """Return the gaps with their reason, as ``analysis.gaps.rank`` ordered them."""
    shown = cells.assign(gap=gap_sizes(cells))
    most = float(shown["gap"].max()) if len(shown) else 0.0
    quiet = (Column("accounts_dormant", "Gone quiet", "count", _caveat("accounts_dormant")),)
    return TableView(
        over.written(shown) if over else shown,
        (
            Column("sector", "Sector"),
            *((Column(over.label, over.heading),) if over else ()),
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
            Column("q", "q", "q", "False discovery rate at which it would be called"),
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


def cell_of(cells: pd.DataFrame, row: int) -> Cell:
    """Return the cell in the ``row``-th row of the ranked gaps."""
    found = cells.iloc[row]
    return Cell(**{n: str(found[n]) for n in ("sector", "area_id", "size_band") if n in cells})


# -- who could be won --------------------------------------------------------------------------


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
    return f"{verb} to another program: {', '.join(named[:-1])} and {named[-1]}"


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
        size_text=accounts["size_band"].map(words).fillna(accounts["size_band"]),
        organization=accounts["organization"].where(
            accounts["organization"] != "", "(the building)"
        ),
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


def of_a_kind(cells: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the cells of something that one can go to."""
    return cells[~cells[column].isin(NO_KIND)]


def _missed(cells: pd.DataFrame) -> pd.DataFrame:
    return cells.assign(not_enrolled=cells["targets"] - cells["enrolled"])


def _programs(members: pd.DataFrame) -> list[str]:
    """Return the programs, those with most targets first."""
    totals = members.groupby("program")["targets"].sum().sort_values(ascending=False, kind="stable")
    return [str(program) for program in totals.index]


def _metric(column: str, metric: str = "") -> Column:
    known = tables.metric_column(metric or column)
    return Column(column, known.label, known.kind, known.help)


def _caveat(metric: str) -> str:
    return METRICS[metric].caveat
