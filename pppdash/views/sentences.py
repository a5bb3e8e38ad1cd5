"""Each page's finding in one sentence or two, made from its results and right in every state.

A sentence claims no more than was counted: changes are described, nothing is explained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from pppdash.views import tables, theme

if TYPE_CHECKING:
    from pppdash.analysis.flash_points import Timeline

Row: TypeAlias = "Mapping[str, Any] | pd.Series"
EVENTS_NOTE = (
    "Counts in each one's window. They tell what happened at the same time, not what caused it: "
    "a citywide event has no untouched district to compare with."
)
SURVEY_FILTERS = (
    "Of the filters, only the date applies here: survey results are published by question, wave "
    "and one group at a time, so that nobody's answer can be worked out."
)
SCORES_NOTE = (
    "Averaged by whoever published them, with no number of answers: no interval can be given. "
    "One line an area; the strong line is their median, or the areas chosen."
)
WHOLE_CITY = "The filters do not apply here: this page is about the whole build."
LEAST_MONTHS = 2.0  # a pace over less than this says nothing
LEAST_SPREAD = 0.01  # areas that differ by less than a point are not told apart
NO_TARGETS = "No targets match this selection."


def overview(
    now: Row,
    before: Row,
    months: float,
    goal: float | None,
    due: date | None,
    ranked: pd.DataFrame,
    as_of: date,
) -> str:
    """Return where the city stands: coverage, the pace against the goal, the largest gap.

    Parameters
    ----------
    now, before
        ``targets``, ``targets_enrolled`` as of the date and ``months`` earlier.
    ranked
        Gaps, worst first; may be empty.
    """
    targets, enrolled = int(now["targets"]), int(now["targets_enrolled"])
    if targets == 0:
        return NO_TARGETS
    if enrolled == 0:
        return f"None of the {theme.plural(targets, 'target')} in this selection is enrolled yet."
    share = theme.percent(enrolled / targets, now["coverage_low"], now["coverage_high"])
    first = f"{share} of {theme.plural(targets, 'target')} are enrolled"
    gained = enrolled - int(before["targets_enrolled"])
    pace = gained / months if months >= LEAST_MONTHS else float("nan")
    return f"{first}; {_pace(targets, enrolled, pace, goal, due, as_of)}.{_furthest(ranked)}"


def _pace(
    targets: int, enrolled: int, pace: float, goal: float | None, due: date | None, as_of: date
) -> str:
    if goal is not None and enrolled >= goal * targets:
        return f"the goal of {theme.percent(goal)} is reached"
    if not theme.is_known(pace):
        return "it is too early to tell the pace"
    if round(pace, 1) <= 0:
        return (
            "the number has fallen in six months" if pace < -0.05 else "no net gain in six months"
        )
    speed = f"at {theme.rate(pace)} more a month"
    if goal is None or due is None:
        return f"the number grows by {theme.rate(pace)} a month"
    left = (due.year - as_of.year) * 12 + due.month - as_of.month
    by = f"{theme.percent(goal)} by {theme.month_form(due)}"
    if left <= 0:
        return f"{by} was missed, and the number grows by {theme.rate(pace)} a month"
    reached = enrolled + pace * left >= goal * targets
    return f"{speed}, {by} is {'within' if reached else 'out of'} reach"


def _furthest(ranked: pd.DataFrame) -> str:
    """Return the sector and the area that lie furthest below what their size would lead to."""
    found = [_most_behind(ranked, column) for column in ("sector", "area_name")]
    names = [name for name in found if name]
    return f" Furthest behind: {', and '.join(names)}." if names else ""


def _most_behind(ranked: pd.DataFrame, column: str) -> str:
    if column not in ranked or ranked[column].nunique() < 2:
        return ""
    behind = (ranked["expected"] - ranked["targets_enrolled"]).groupby(ranked[column]).sum()
    return str(behind.idxmax()) if behind.max() >= 1 else ""


def absent(entities: Sequence[str], city: str) -> str:
    """Return that the city has not brought what a page needs."""
    words = [name.replace("_", " ") for name in entities]
    listed = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
    return f"{city} has brought no {listed} yet."


def coverage_map(values: pd.DataFrame, whole: Row) -> str:
    """Return who is in and where: the spread over the areas against the whole."""
    if int(whole["targets"]) == 0:
        return NO_TARGETS
    known = values[values["targets"] > 0]
    share = theme.percent(whole["coverage"], whole["coverage_low"], whole["coverage_high"])
    if int(whole["targets_enrolled"]) == 0:
        return f"None of {theme.plural(whole['targets'], 'target')} here is enrolled yet."
    if len(known) < 2:
        place = f" in {known['area_name'].iloc[0]}" if len(known) else ""
        return (
            f"{share} of targets{place} are enrolled: {theme.count(whole['targets_enrolled'])} "
            f"of {theme.count(whole['targets'])}."
        )
    measure = "coverage_shrunken" if known["coverage_shrunken"].notna().all() else "coverage"
    top, low = known.loc[known[measure].idxmax()], known.loc[known[measure].idxmin()]
    if top[measure] - low[measure] < LEAST_SPREAD:
        return f"About {share} of targets are enrolled, and no area can be told from another."
    below = int((known["coverage_high"] < whole["coverage"]).sum())
    return (
        f"Coverage runs from {theme.percent(low[measure])} in {low['area_name']} to "
        f"{theme.percent(top[measure])} in {top['area_name']}; {below} of "
        f"{theme.plural(len(known), 'area')} lie clearly below the {share} of all selected."
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


def goal(share: float | None, due: date | None) -> str:
    """Return what the gaps are measured against."""
    if share is None:
        return "Targets missing to the city's own coverage, as no goal is set"
    by = f" by {theme.month_form(due)}" if due else ""
    return f"Targets still to enroll for {theme.percent(share)}{by}, or for a nearer goal"


def flash_points(timeline: Timeline) -> str:
    """Return what happens between the flash points, and how much came within their windows."""
    opened = float(timeline.months["opened"].sum()) if len(timeline.months) else 0.0
    if opened == 0:
        return "No accounts have been opened in this selection."
    interim = timeline.interim
    if interim.months == 0:
        return (
            "Every month so far lies in a flash-point window: "
            f"{theme.plural(opened, 'account')} opened."
        )
    if not timeline.months["in_window"].any():
        return (
            f"No flash point's window lies in this period: {theme.rate(interim.overall_rate)} "
            "accounts a month were opened on average."
        )
    return (
        f"Between flash points {theme.rate(interim.rate)} accounts a month are opened; "
        f"{theme.percent(interim.share_in_windows)} of all accounts came in "
        f"{theme.plural(int(timeline.months['in_window'].sum()), 'month')} around them."
    )


def sector_gaps(ranked: pd.DataFrame, by_sector: pd.DataFrame, whole: Row) -> str:
    """Return which sectors lie below the whole and where the largest gap is."""
    if int(whole["targets"]) == 0:
        return NO_TARGETS
    known = by_sector[by_sector["targets"] > 0]
    below = known[known["coverage_high"] < whole["coverage"]].sort_values("coverage")
    if len(known) < 2:
        first = f"{theme.percent(whole['coverage'])} of these targets are enrolled"
    elif below.empty:
        first = f"No sector lies clearly below the {theme.percent(whole['coverage'])} of the whole"
    elif len(below) == 1:
        first = f"{below['sector'].iloc[0]} lies clearly below the rest"
    else:
        first = (
            f"{len(below)} of {len(known)} sectors lie clearly below "
            f"{theme.percent(whole['coverage'])}, {below['sector'].iloc[0]} furthest"
        )
    if ranked.empty or not ranked["ranked_shortfall"].iloc[0] > 0:
        return f"{first}; no goal is missed."
    top = ranked.iloc[0]
    place = f" in {top['area_name']}" if "area_name" in ranked else ""
    return (
        f"{first}. The largest gap: {top['sector']}{place}, "
        f"{theme.count(tables.gap_of(top))} still to enroll."
    )


def survey(moves: pd.DataFrame, waves: pd.DataFrame, scores: pd.DataFrame) -> str:
    """Return the question that moved most since its first wave, and who answered.

    Parameters
    ----------
    moves
        ``analysis.survey.moves``: clear ones first, largest first.
    waves
        ``wave, label, invited, respondents``.
    scores
        Published averages, spoken of only where there are no answers.
    """
    if waves.empty and len(scores):
        return _scores(scores)
    if waves.empty:
        return "No wave of the survey had been held by this date."
    response = response_rate(waves)
    if moves.empty:
        return f"There is no earlier wave to compare with; {response}."
    top = moves.iloc[0]
    since = top["since"]
    if not top["is_apart"]:
        return f"No answer has clearly moved since {since}; {response}."
    way = "rose" if top["change"] > 0 else "fell"
    return (
        f"Since {since}, “{_short(top['text'])}” {way} most: {theme.percent(top['before'])} to "
        f"{theme.percent(top['after'])} in the top two answers; {response}."
    )


def _scores(scores: pd.DataFrame) -> str:
    """Return how the published averages moved: the question whose median moved most."""
    middle = scores.groupby(["text", "wave"], as_index=False)["score"].median().sort_values("wave")
    ends = middle.groupby("text").agg(
        first=("score", "first"),
        last=("score", "last"),
        since=("wave", "first"),
        n=("wave", "size"),
    )
    ends = ends[ends["n"] > 1]
    if ends.empty:
        return f"{theme.plural(scores['text'].nunique(), 'question')} with averages of one wave."
    text = str((ends["last"] - ends["first"]).abs().idxmax())
    top = ends.loc[text]
    way = "rose" if top["last"] > top["first"] else "fell"
    return (
        f"“{_short(text)}” {way} most: since {theme.month_form(top['since'])} the areas' median "
        f"went from {theme.rate(top['first'])} to {theme.rate(top['last'])}."
    )


def asked(waves: pd.DataFrame) -> str:
    """Return who was asked and who answered, wave by wave."""
    parts = []
    for row in waves.sort_values("wave").itertuples():
        known = not pd.isna(row.invited) and row.invited > 0
        share = f" ({theme.percent(row.respondents / row.invited)})" if known else ""
        of = f"{theme.count(row.invited)} asked" if known else "how many were asked is unknown"
        parts.append(f"{row.label}: {theme.count(row.respondents)} answered, {of}{share}")
    return (
        "; ".join(parts) + ". Bars are 95% intervals; nothing is known of those who were not asked."
    )


def response_rate(waves: pd.DataFrame) -> str:
    """Return how many answered the last wave, in words."""
    if waves.empty:
        return "no survey has been brought"
    last = waves.sort_values("wave").iloc[-1]
    if pd.isna(last["invited"]) or not last["invited"]:
        return f"{theme.count(last['respondents'])} answered, of how many is unknown"
    share = last["respondents"] / last["invited"]
    return f"{theme.percent(share)} of those asked answered {last['label']}"


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


def _short(text: str, most: int = 60) -> str:
    text = str(text).rstrip(".?")
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
