"""Each page's finding in one sentence or two, made from its results and right in every state.

A sentence claims no more than was counted: changes are described, nothing is explained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from pppdash.analysis.windows import month_of
from pppdash.metrics.filters import Box, Circle, Filters
from pppdash.metrics.periods import DAYS_A_MONTH
from pppdash.sources.contracts import UNCLASSIFIED
from pppdash.views import theme

if TYPE_CHECKING:
    from pppdash.metrics.goals import Goal

Row: TypeAlias = "Mapping[str, Any] | pd.Series"
WHOLE_CITY = "The filters do not apply here: this page is about the whole build."
LEAST_MONTHS = 2.0  # a pace over less than this says nothing
LAST_YEAR = 2100  # no pace of today says anything about the years after
LEAST_SPREAD = 0.01  # areas that differ by less than a point are not told apart
NO_TARGETS = "No targets match this selection."


@dataclass(frozen=True)
class Standing:
    """Where a selection stands: now, ``months`` before, and what it is to reach.

    ``now`` and ``before`` hold the totals as of ``as_of`` and as of ``months`` earlier.
    """

    now: Row
    before: Row
    months: float
    goal: Goal | None
    as_of: date

    @property
    def pace(self) -> float:
        """Targets gained a month; NaN over a span too short to tell."""
        gained = int(self.now["targets_enrolled"]) - int(self.before["targets_enrolled"])
        return gained / self.months if self.months >= LEAST_MONTHS else float("nan")

    @property
    def is_growing(self) -> bool:
        """Whether the pace is more than nothing, as it is written."""
        return theme.is_known(self.pace) and round(self.pace, 1) > 0

    @property
    def missing(self) -> float:
        """Targets still to enroll for the goal; NaN without one."""
        if self.goal is None:
            return float("nan")
        return float(self.goal.target * self.now["targets"] - self.now["targets_enrolled"])


def overview(standing: Standing, ranked: pd.DataFrame) -> str:
    """Return where the city stands: coverage, the pace against the goal, the largest gap.

    Parameters
    ----------
    ranked
        Gaps, worst first; may be empty.
    """
    now = standing.now
    targets, enrolled = int(now["targets"]), int(now["targets_enrolled"])
    if targets == 0:
        return NO_TARGETS
    if enrolled == 0:
        return f"None of the {theme.plural(targets, 'target')} in this selection is enrolled yet."
    share = theme.percent(enrolled / targets, now["coverage_low"], now["coverage_high"])
    first = f"{share} of {theme.plural(targets, 'target')} are enrolled"
    return f"{first}; {_pace(standing)}.{_furthest(ranked)}"


def _pace(standing: Standing) -> str:
    goal, pace = standing.goal, standing.pace
    if goal is None:
        return f"no goal is set, and {_growth(standing)}"
    if standing.missing <= 0:
        return f"the goal of {theme.percent(goal.target)} is reached"
    if not standing.is_growing:
        return _growth(standing)
    left = month_of(goal.due) - month_of(standing.as_of)
    by = f"{theme.percent(goal.target)} by {theme.month_form(goal.due)}"
    if left <= 0:
        return f"{by} was missed, and {_growth(standing)}"
    reach = "within" if pace * left >= standing.missing else "out of"
    return f"at {theme.rate(pace)} more a month, {by} is {reach} reach"


def _growth(standing: Standing) -> str:
    pace = standing.pace
    if not theme.is_known(pace):
        return "it is too early to tell the pace"
    if standing.is_growing:
        return f"the number grows by {theme.rate(pace)} a month"
    span = theme.plural(standing.months, "month")
    return f"the number has fallen in {span}" if pace < -0.05 else f"no net gain in {span}"


def arrival(standing: Standing) -> str:
    """Return when the present pace would reach the goal; empty where nothing can be said."""
    if standing.goal is None or not standing.now["targets"] or not theme.is_known(standing.pace):
        return ""
    goal = theme.percent(standing.goal.target)
    if standing.missing <= 0:
        return f"the goal of {goal} is reached"
    if not standing.is_growing:
        return f"at this pace {goal} is out of reach"
    days = DAYS_A_MONTH * standing.missing / standing.pace
    if days > (date(LAST_YEAR, 1, 1) - standing.as_of).days:
        return f"at this pace {goal} not before {LAST_YEAR}"
    return f"at this pace {goal} in {theme.month_form(standing.as_of + timedelta(days=days))}"


def _furthest(ranked: pd.DataFrame) -> str:
    """Return the sector and the area that lie furthest below what their size would lead to."""
    found = [_most_behind(ranked, column) for column in ("sector", "area_name")]
    names = [name for name in found if name]
    return f" Furthest behind: {', and '.join(names)}." if names else ""


def _most_behind(ranked: pd.DataFrame, column: str) -> str:
    if column not in ranked or ranked[column].nunique() < 2:
        return ""
    ranked = ranked[ranked[column] != UNCLASSIFIED]
    behind = (ranked["expected"] - ranked["enrolled"]).groupby(ranked[column]).sum()
    return str(behind.idxmax()) if behind.max() >= 1 else ""


def absent(entities: Sequence[str], city: str) -> str:
    """Return that the city has not brought what a page needs."""
    words = [name.replace("_", " ") for name in entities]
    return f"{city} has brought no {theme.listed(words, 'or')} yet."


UNSURE = "hatched: too few targets to tell"
MARKS = (
    "A circle is a building, or several: the fuller, the more of them are enrolled. Click an area "
    "for its figures, a circle to look closer, a building for its card; with Ctrl or ⌘ areas are "
    "added. Drag with Shift to count within a rectangle."
)
AROUND = (
    "Or press the dotted circle on the map and click a point. Everything, on every page, is then "
    "counted within the circle."
)


def coverage_map(values: pd.DataFrame, whole: Row, filters: Filters, min_targets: int) -> str:
    """Return who is in and where: of what is chosen, else the spread over the areas.

    Only areas with at least ``min_targets`` targets are compared: a zero of 3 is no finding.
    """
    if int(whole["targets"]) == 0:
        return NO_TARGETS
    held = values[values["targets"] > 0]
    share = theme.percent(whole["coverage"], whole["coverage_low"], whole["coverage_high"])
    if int(whole["targets_enrolled"]) == 0:
        return f"None of {theme.plural(whole['targets'], 'target')} here is enrolled yet."
    if filters.areas or filters.within is not None:
        return (
            f"{share} of the targets chosen are enrolled: {theme.count(whole['targets_enrolled'])} "
            f"of {theme.count(whole['targets'])}."
        )
    known = held[held["targets"] >= min_targets]
    if len(known) < 2:
        place = f" in {held['area_name'].iloc[0]}" if len(held) == 1 else ""
        return (
            f"{share} of targets{place} are enrolled: {theme.count(whole['targets_enrolled'])} "
            f"of {theme.count(whole['targets'])}."
        )
    top, low = known.loc[known["coverage"].idxmax()], known.loc[known["coverage"].idxmin()]
    among = f"areas with at least {min_targets} targets" if len(known) < len(held) else "areas"
    if top["coverage"] - low["coverage"] < LEAST_SPREAD:
        return f"About {share} of targets are enrolled, and the {among} can hardly be told apart."
    below = int((known["coverage_high"] < whole["coverage"]).sum())
    some = f"{below} of {len(known)}" if below else f"none of {len(known)}"
    return (
        f"Coverage runs from {theme.percent(low['coverage'])} in {low['area_name']} to "
        f"{theme.percent(top['coverage'])} in {top['area_name']}; {some} "
        f"{among} lie clearly below the {share} of all selected."
    )


def building_filters(filters: Filters) -> str:
    """Return what a sector or a size does to buildings, which have both of their own."""
    if not filters.sectors and not filters.size_bands:
        return ""
    return (
        "With a sector or size chosen, areas are shaded by such targets, wherever they are; the "
        "marks and the list of buildings hold the buildings that are of it themselves."
    )


def within(shape: Box | Circle) -> str:
    """Return a part of the map in words."""
    if isinstance(shape, Circle):
        place = f"{shape.latitude:.4f}, {shape.longitude:.4f}"
        return f"within {theme.count(shape.radius_m)} m of {place}"
    corners = f"{shape.south:.3f}–{shape.north:.3f} N, {shape.west:.3f}–{shape.east:.3f} E"
    return f"within the rectangle {corners}"


def capitalized(text: str) -> str:
    """Return ``text`` as a sentence begins; what follows the first letter stays as it is."""
    return text[:1].upper() + text[1:]


def not_found(text: str) -> str:
    """Return that a search found nothing, and what to try."""
    return (
        f"No building’s name or address holds “{text.strip()[:40]}”, nor anything one letter "
        "away. Try a shorter part of it."
    )


def cut_export(total: int, most: int) -> str:
    """Return what a download leaves out, where there are more rows than it takes."""
    if total <= most:
        return ""
    return (
        f"The download holds the first {theme.count(most)}; choose areas, a place or a state for "
        "the rest."
    )


def spread(values: pd.DataFrame) -> str:
    """Return how coverage spreads over the areas, in few words."""
    known = values[values["targets"] > 0]
    if len(known) < 2:
        return "Coverage by area"
    top, low = known.loc[known["coverage_shrunken"].idxmax()], known["coverage_shrunken"].min()
    if top["coverage_shrunken"] - low < LEAST_SPREAD:
        return "No area can be told from another"
    return (
        f"From {theme.percent(low)} to {theme.percent(top['coverage_shrunken'])}, "
        f"highest in {top['area_name']}"
    )


def goal(whole: Goal | None, ranked: pd.DataFrame) -> str:
    """Return what the gaps are measured against."""
    if not ranked["shortfall"].notna().any():
        return "No goal is set: targets missing to the city's own coverage"
    if whole is None:
        return "Targets still to enroll for the goal of each; where none is set, for the city's own"
    by = f"{theme.percent(whole.target)} by {theme.month_form(whole.due)}"
    return f"Targets still to enroll for {by}, or for a goal of their own"


def data_health(entities: pd.DataFrame) -> str:
    """Return whether every row is accounted for."""
    sums = entities[["read", "kept", "excluded", "merged", "rejected", "warnings"]].sum()
    if int(sums["read"]) == 0:
        return "This city has brought no data yet."
    parts = [
        f"{theme.count(sums[name])} {name}"
        for name in ("kept", "excluded", "merged", "rejected")
        if sums[name] or name in {"kept", "rejected"}
    ]
    warned = theme.plural(sums["warnings"], "warning")
    return (
        f"Every one of {theme.count(sums['read'])} rows read is accounted for: "
        f"{', '.join(parts)}; {warned}."
    )


def untold(entities: pd.DataFrame, min_respondents: int) -> str:
    """Return why counts of an entity are missing; empty where none is."""
    missing = entities.loc[entities["read"].isna(), "entity"].str.replace("_", " ")
    if missing.empty:
        return ""
    return (
        f"How many rows of {', '.join(missing)} were read is not told: a wave, a question "
        f"or comments of fewer than {min_respondents} respondents could be worked out from it."
    )


def left_out(entities: pd.DataFrame, problems: pd.DataFrame) -> str:
    """Return of which entities not every rejected row is listed; empty where all are."""
    rejected = problems[problems["severity"] == "rejected"]
    shown = rejected.drop_duplicates(["entity", "file", "row"])["entity"].value_counts()
    parts = [
        f"of {str(row.entity).replace('_', ' ')} the first {theme.count(shown[row.entity])} "
        f"of {theme.count(row.rejected)}"
        for row in entities.itertuples()
        if row.rejected > shown.get(row.entity, 0) > 0
    ]
    return f"Listed are {'; '.join(parts)}; all are in rejected/." if parts else ""
