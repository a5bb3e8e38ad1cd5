"""Sector gaps in sentences: who lags, where and how surely, right in every state of the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from pppdash.analysis.gaps import AHEAD, BEHIND, NO_DIFFERENCE, NOT_COMPARED, TOO_LITTLE
from pppdash.metrics.intervals import wilson
from pppdash.views import theme
from pppdash.views.comparison import Breakdown
from pppdash.views.gaps import NO_KIND, gap_sizes, of_a_kind
from pppdash.views.sentences import NO_TARGETS

if TYPE_CHECKING:
    from pppdash.analysis.gaps import Gaps
    from pppdash.metrics.filters import Filters


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
    if known.empty:
        share = theme.percent(by_sector.enrolled / by_sector.targets)
        return f"{share} of these targets are enrolled; none of them says its sector."
    if len(by_sector.cells) == 1:
        return _alone(known.iloc[0], by_area)
    behind = of_a_kind(by_sector.of(BEHIND), "sector")
    if behind.empty:
        return f"{_none_behind(known)}{_largest_gap(by_area)}"
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


def _none_behind(known: pd.DataFrame) -> str:
    """Return why none of the known sectors is named."""
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
    cells = of_a_kind(gaps.cells, "sector")
    has_goal = bool(cells["shortfall"].notna().any())
    known = cells[cells["shortfall"].notna()] if has_goal else cells
    sizes = gap_sizes(known)
    if known.empty or round(sizes.max()) < 1:  # which would be written as 0
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
