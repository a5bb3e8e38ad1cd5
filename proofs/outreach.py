"""Outreach plans against brute force, against their own limits, by hand; holdouts against truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pppdash.analysis.outreach import Plan, Problem, Stop, holdout, solve
from pppdash.analysis.outreach.model import build
from pppdash.errors import PlanError
from proofs import outreach_brute_force as brute_force
from proofs.outreach_problems import large, small, with_weeks

SMALL_PROBLEMS = 500
LARGE_PROBLEMS = 200
LARGE_TARGETS = 10_000
WEEKLY_PROBLEMS = 50
CAMPAIGNS = 1_000
EXACT = Stop(gap=0.0, seconds=60.0)


def main() -> str:
    """Return the tables of docs/methods.md."""
    return "\n\n".join(
        [
            _against_brute_force(SMALL_PROBLEMS),
            _large(LARGE_PROBLEMS),
            _weekly(WEEKLY_PROBLEMS),
            _holdouts(CAMPAIGNS),
        ]
    )


def _against_brute_force(problems: int) -> str:
    rows = [
        _agreement("two weeks of two liaisons", problems, True),
        _agreement("one period", problems, False),
    ]
    return "\n".join(
        [
            "Against brute force, random problems of 8 to 13 targets with every limit on. Refused "
            "are floors above what can be called. Disagreements are over whether all limits can be "
            "kept, over the objective, or over how far the floors fall short at least.",
            "",
            "| problems | tried | best plan | cannot be kept | refused | disagreements |",
            "| --- | --: | --: | --: | --: | --: |",
            *rows,
        ]
    )


def _agreement(name: str, problems: int, weeks: bool) -> str:
    found = [disagreement(small(seed, weeks)) for seed in range(problems)]
    kinds = ("optimal", "infeasible", "refused")
    counts = [sum(status == kind for status, _ in found) for kind in kinds]
    wrong = sum(bool(words) for _, words in found)
    return f"| {' | '.join(map(str, [name, problems, *counts, wrong]))} |"


def disagreement(problem: Problem) -> tuple[str, str]:
    """Return a plan's status, and how it differs from brute force; empty where it does not."""
    model = build(problem)
    truth = brute_force.best(model)
    try:
        plan = solve(problem, 0, EXACT, one_more_hour=False)
    except PlanError as error:
        return "refused", "" if truth is None else f"{error} But {truth} is possible"
    if truth is not None:
        same = plan.status == "optimal" and abs(plan.objective - truth) <= 1e-6
        return plan.status, "" if same else f"objective {plan.objective}, but {truth}"
    if plan.status != "infeasible":
        return plan.status, f"{plan.status}, but nothing keeps all limits"
    least = brute_force.least_short(model)
    floors = [one.short for one in plan.unkept if one.row.kind != "quick_wins"]
    named = sum(floors) if plan.unkept else None
    return plan.status, "" if named == least else f"short by {named}, but {least} is least"


def _large(problems: int) -> str:
    broken = worse = other = 0
    rises: dict[str, list[float]] = {"largest_first": [], "greedy_gap": []}
    for seed in range(problems):
        problem = large(LARGE_TARGETS, 1_000 + seed)
        plan = solve(problem, seed, one_more_hour=False)
        broken += bool(breaks(problem, plan))
        worse += any(plan.objective < hand.objective for hand in plan.by_hand if not hand.breaks)
        if seed < 20:
            other += not solve(problem, seed, one_more_hour=False).targets.equals(plan.targets)
        for hand in plan.by_hand:
            if not hand.breaks:
                rises[hand.way].append(plan.objective / hand.objective)
    rows = [
        f"| {way.replace('_', ' ')} | {len(rise)} | {np.median(rise):.1f} × | {min(rise):.1f} × |"
        for way, rise in rises.items()
    ]
    return "\n".join(
        [
            f"{problems} random problems of {LARGE_TARGETS:,} targets: plans over a budget, over a "
            f"ceiling or below a floor: {broken}; plans worse than one made by hand that keeps all "
            f"limits: {worse}; plans that differ when made again with the same seed (20 tried): "
            f"{other}.",
            "",
            "| made by hand | keeps all limits | the plan is worth, median | least |",
            "| --- | --: | --: | --: |",
            *rows,
        ]
    )


def _weekly(problems: int) -> str:
    broken, gaps = 0, []
    for seed in range(problems):
        problem = with_weeks(large(LARGE_TARGETS, 2_000 + seed))
        plan = solve(problem, seed, one_more_hour=False)
        broken += bool(breaks(problem, plan) or breaks_weeks(problem, plan))
        gaps.append(plan.gap)
    reached = sum(gap <= Stop().gap + 1e-9 for gap in gaps)
    return (
        f"{problems} of the same kind with twelve weeks of up to four liaisons, filled to the last "
        f"hour: plans that break a limit, a slot or the order of set-up and contact: {broken}; "
        f"proven to 0.1%: {reached}; widest gap {max(gaps):.2%}."
    )


def breaks_weeks(problem: Problem, plan: Plan) -> list[str]:
    """Return slots with too many hours, areas called before set-up, and contacts not at home."""
    done = pd.concat([plan.targets, plan.areas])[["period", "liaison", "hours"]]
    used = done[done["hours"] > 0].groupby(["period", "liaison"])["hours"].sum()
    room = {(slot.period, slot.liaison): slot.hours for slot in problem.slots}
    found = [str(key) for key, hours in used.items() if hours > room[key] + 1e-6]
    ready = plan.areas.groupby("area_id")["period"].max()
    early = plan.targets["period"] < plan.targets["area_id"].map(ready)
    lead = plan.targets[plan.targets["hours"] > 0]
    home = lead["area_id"].map(dict(problem.liaison_of_area))
    strange = home.notna() & (home != lead["liaison"])
    return [*found, *plan.targets.loc[early, "target_id"], *lead.loc[strange, "target_id"]]


def breaks(problem: Problem, plan: Plan) -> list[str]:
    """Return the limits that a plan's own rows break, counted anew from the problem."""
    targets, rows = problem.targets, plan.targets
    setup = sum(problem.setup_hours.get(area, 0.0) for area in set(rows["area_id"]))
    found = []
    if rows["hours"].sum() + setup > problem.hours + 1e-6:
        found.append("hours")
    lead = rows[rows["hours"] > 0]
    spent = lead.groupby("prong")["hours"].sum()
    found += [
        prong for prong, most in problem.prong_hours.items() if spent.get(prong, 0.0) > most + 1e-6
    ]
    if rows["is_quick_win"].mean() < problem.quick_win_share - 1e-9:
        found.append("quick wins")
    for limit in problem.limits:
        column = "area_id" if limit.dimension == "area" else limit.dimension
        enrolled = int(targets.loc[targets[column] == limit.value, "is_enrolled"].sum())
        there = enrolled + int((rows[column] == limit.value).sum())
        too_many = limit.ceiling is not None and there > max(limit.ceiling, enrolled)
        if too_many or (limit.floor is not None and there < limit.floor):
            found.append(limit.value)
    return found


@dataclass(frozen=True)
class Campaign:
    """What would come of some chosen owners."""

    owners: int
    share: float
    without: float
    rise: float


CAMPAIGNS_TRIED = (
    Campaign(200, 0.2, 0.05, 0.0),
    Campaign(200, 0.2, 0.05, 0.1),
    Campaign(200, 0.5, 0.1, 0.1),
    Campaign(500, 0.2, 0.02, 0.08),
    Campaign(500, 0.3, 0.1, 0.15),
    Campaign(2_000, 0.1, 0.05, 0.05),
)


def _holdouts(campaigns: int) -> str:
    rows = []
    for campaign in CAMPAIGNS_TRIED:
        held = np.mean([holds for holds, _ in _runs(campaign, campaigns)])
        least = smallest(campaign)
        seen = np.mean([seen for _, seen in _runs(_with_rise(campaign, least), campaigns)])
        rows.append(
            f"| {campaign.owners:,} | {campaign.share:.0%} | {campaign.without:.0%} | "
            f"{campaign.rise:.0%} | {held:.1%} | {100 * least:.1f} points | {seen:.1%} |"
        )
    return "\n".join(
        [
            f"{campaigns:,} simulated campaigns a row: how often the 95% interval of treated less "
            "holdout holds the truth, and how often it leaves out 0 where calling brings the "
            "smallest detectable difference (80% is what it promises).",
            "",
            "| owners | held out | enroll uncalled | calling adds | holds | smallest | seen |",
            "| --: | --: | --: | --: | --: | --: | --: |",
            *rows,
        ]
    )


def smallest(campaign: Campaign) -> float:
    """Return the smallest difference that a campaign detects."""
    held = round(campaign.owners * campaign.share)
    return holdout.smallest_detectable(campaign.owners - held, held, campaign.without)


def _with_rise(campaign: Campaign, rise: float) -> Campaign:
    return Campaign(campaign.owners, campaign.share, campaign.without, rise)


def _runs(campaign: Campaign, times: int) -> Iterator[tuple[bool, bool]]:
    for seed in range(times):
        yield run(campaign, seed)


def run(campaign: Campaign, seed: int) -> tuple[bool, bool]:
    """Return whether the interval of one simulated campaign holds the truth, and leaves out 0.

    Owners stand in 25 areas and 16 sectors of uneven size. Their chances, called or not, vary by
    sector and about it; the truth is the mean rise of the chances over all owners chosen.
    """
    rng = np.random.default_rng([seed, campaign.owners, round(100 * campaign.rise)])
    area = rng.choice(25, campaign.owners, p=_falling(25)).astype(str).astype(object)
    sector_code = rng.choice(16, campaign.owners, p=_falling(16))
    factor = rng.uniform(0.5, 1.5, 16)[sector_code] * rng.uniform(0.7, 1.3, campaign.owners)
    factor /= factor.mean()
    uncalled = np.minimum(1.0, campaign.without * factor)
    called = np.minimum(1.0, (campaign.without + campaign.rise) * factor)
    sector = sector_code.astype(str).astype(object)
    held = holdout.draw(area, sector, campaign.share, seed)
    enrolled = rng.random(campaign.owners) < np.where(held, uncalled, called)
    found = holdout.compare(holdout.strata(area, sector, campaign.share), held, enrolled)
    truth = float((called - uncalled).mean())
    return found.low <= truth <= found.high, found.low > 0 or found.high < 0


def _falling(count: int) -> np.ndarray:
    shares = 1 / np.arange(1, count + 1)
    return shares / shares.sum()
