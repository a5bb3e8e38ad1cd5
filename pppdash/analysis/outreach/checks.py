"""What a problem may hold; everything else is said in a sentence with what would work."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from pppdash.analysis.outreach.model import TOLERANCE, Model, who_is_called
from pppdash.analysis.outreach.problem import COLUMN_OF, COLUMNS, FLAGS, PRONGS, Limit, Problem
from pppdash.errors import PlanError

MANY_AREAS = 3
"""From how many areas on an owner in all of them is refused."""


def check(problem: Problem) -> None:
    """Refuse a problem that no plan can follow.

    Raises
    ------
    PlanError
        The first thing that is wrong, where, and what would work.
    """
    _check_targets(problem.targets)
    _check_budget(problem)
    _check_shares(problem)
    _check_locks(problem)
    for limit in problem.limits:
        _check_limit(problem, limit)
    _check_slots(problem)


def check_model(problem: Problem, model: Model) -> None:
    """Refuse what shows only when contacts are known.

    Raises
    ------
    PlanError
        As `check`.
    """
    if model.contacts == 0:
        raise PlanError(
            "Every target that could be called is locked out, or takes longer than anybody has in "
            "one period. Lock fewer out, or give more hours a period."
        )
    if lost := problem.locked_in - set(model.candidates["target_id"]):
        raise PlanError(
            f"Target {min(lost)} is locked in, but its contact takes longer than anybody who may "
            "make it has in one period. Unlock it, or give more hours a period."
        )
    _check_worth(model)
    _check_owners(model)
    _check_cheapest(model)
    _check_supply(problem, model)
    _check_locked_in(model)


def _check_targets(targets: pd.DataFrame) -> None:
    if missing := [name for name in COLUMNS if name not in targets]:
        raise PlanError(f"The targets lack {_list(missing)}. Add the column, empty if need be.")
    if targets.empty:
        raise PlanError("There are no targets. Choose areas and sectors that hold some.")
    if (twice := targets["target_id"].duplicated()).any():
        raise PlanError(f"Target {_first(targets, twice)} is there twice. Keep one of its rows.")
    for name in FLAGS:
        if (unknown := ~targets[name].isin([True, False])).any():
            raise PlanError(
                f"Target {_first(targets, unknown)} has {name} "
                f"{targets.loc[unknown, name].iloc[0]}. Say true or false for each."
            )
    free = targets[~targets["is_enrolled"].astype(bool)]
    if free.empty:
        raise PlanError(
            f"All {len(targets):,} targets are enrolled already, so there is nobody to call. "
            "Widen the choice of areas and sectors, or win back accounts that went dormant."
        )
    for name in ("area_id", "sector", "size_band", "prong"):
        if (unknown := free[name].isna()).any():
            raise PlanError(
                f"{_count(int(unknown.sum()))} without {name}, first {_first(free, unknown)}. "
                f"Give each its {name} (Unclassified or Unknown is one), or leave it out."
            )
    if (strange := ~free["prong"].isin(PRONGS)).any():
        raise PlanError(
            f"Target {_first(free, strange)} has the prong {free.loc[strange, 'prong'].iloc[0]!r}. "
            f"Prongs are {_list(PRONGS)}."
        )
    _check_numbers(free)


def _check_numbers(free: pd.DataFrame) -> None:
    for name, low, high, what in (
        ("hours", 0.0, np.inf, "more than 0"),
        ("probability", 0.0, 1.0, "0 to 1"),
        ("weight", 0.0, np.inf, "0 or more"),
    ):
        values = free[name].astype(float)
        off = ~np.isfinite(values) | (values < low) | (values > high)
        off |= (values == 0) & (name == "hours")
        if off.any():
            raise PlanError(
                f"Target {_first(free, off)} has {name} {values[off].iloc[0]:g}. "
                f"Give each target {name} of {what}."
            )


def _check_budget(problem: Problem) -> None:
    if problem.hours is None or np.isnan(problem.hours) or problem.hours == 0:
        raise PlanError("There is no budget. Set the staff hours at hand.")
    named = {
        "the budget": problem.hours,
        **{f"set-up in area {area}": hours for area, hours in problem.setup_hours.items()},
        **{f"the budget of {prong}": hours for prong, hours in problem.prong_hours.items()},
        **{f"{slot.liaison} in period {slot.period}": slot.hours for slot in problem.slots},
    }
    for what, hours in named.items():
        if not (np.isfinite(hours) and hours >= 0):
            raise PlanError(f"Hours for {what} are {hours:g}. Set a number of 0 or more.")
    if strange := set(problem.prong_hours) - set(PRONGS):
        raise PlanError(f"There is no prong {_list(strange)}. Prongs are {_list(PRONGS)}.")


def _check_shares(problem: Problem) -> None:
    if not 0 <= problem.quick_win_share <= 1:
        raise PlanError(
            f"The share of quick wins is {problem.quick_win_share:g}. Set it within 0 to 1."
        )
    if not 0 <= problem.holdout_share < 1:
        raise PlanError(
            f"The holdout is {problem.holdout_share:g} of the plan. Set it from 0 to below 1; "
            "0.2 is usual."
        )


def _check_locks(problem: Problem) -> None:
    known = set(problem.targets["target_id"])
    if unknown := (problem.locked_in | problem.locked_out) - known:
        raise PlanError(
            f"{_count(len(unknown))} locked in or out but not in the list, first "
            f"{min(unknown)}. Unlock what is not there."
        )
    called = pd.Series(who_is_called(problem.targets), index=problem.targets["target_id"])
    out = called[called.index.isin(problem.locked_out)]
    both = called[called.index.isin(problem.locked_in) & called.isin(out)]
    if len(both):
        raise PlanError(
            f"Target {both.index[0]} is locked in, while it or another target of its {both.iloc[0]}"
            " is locked out. One contact reaches both: unlock one of them."
        )
    enrolled = problem.targets.loc[problem.targets["is_enrolled"].astype(bool), "target_id"]
    if held := problem.locked_in & set(enrolled):
        raise PlanError(f"Target {min(held)} is locked in but enrolled already. Unlock it.")


def _check_limit(problem: Problem, limit: Limit) -> None:
    where = f"{limit.dimension.replace('_', ' ')} {limit.value}"
    if limit.dimension not in COLUMN_OF:
        raise PlanError(f"Limits are by {_list(COLUMN_OF)}, not by {limit.dimension}.")
    if not (problem.targets[COLUMN_OF[limit.dimension]] == limit.value).any():
        raise PlanError(f"There is a limit for {where}, which holds no target. Take it away.")
    for name, number in (("floor", limit.floor), ("ceiling", limit.ceiling)):
        if number is not None and number < 0:
            raise PlanError(f"The {name} for {where} is {number}. Set 0 or more.")
    if limit.floor is not None and limit.ceiling is not None and limit.floor > limit.ceiling:
        raise PlanError(
            f"The floor for {where} is {limit.floor:,}, above its ceiling of {limit.ceiling:,}. "
            "Lower the one or raise the other."
        )


def _check_slots(problem: Problem) -> None:
    if not problem.slots:
        if problem.liaison_of_area:
            raise PlanError("Areas have liaisons, but no hours by period. Add the liaisons' hours.")
        return
    keys = [(slot.period, slot.liaison) for slot in problem.slots]
    if twice := {key for key in keys if keys.count(key) > 1}:
        period, liaison = min(twice)
        raise PlanError(f"{liaison} has hours twice in period {period}. Keep one of them.")
    if idle := set(problem.liaison_of_area.values()) - {slot.liaison for slot in problem.slots}:
        raise PlanError(f"{_list(idle)} works an area but has no hours. Give hours by period.")


def _check_worth(model: Model) -> None:
    for name, what in (("weight", "weights"), ("probability", "chances")):
        if not (model.candidates[name] > 0).any():
            raise PlanError(
                f"All {what} are zero, so no plan is better than another. "
                f"Give some targets a {name} above 0."
            )
    if not (model.value > 0).any():
        raise PlanError(
            "Every target has a weight or a chance of zero, so no plan is better than another. "
            "Give some targets both above 0."
        )


def _check_owners(model: Model) -> None:
    """Refuse an owner in every area: one contact would open them all, which nobody means."""
    if len(model.areas) <= MANY_AREAS or not (model.setup > 0).any():
        return
    everywhere = np.flatnonzero(np.diff(model.needs.indptr) == len(model.areas))
    if len(everywhere):
        owner = model.candidates["owner_id"].iloc[model.lead[everywhere[0]]]
        raise PlanError(
            f"Owner {owner} has targets in all {len(model.areas)} areas, so that one contact would "
            "open every area. Lock its targets out, or leave their owner_id empty and they are "
            "called one by one."
        )


def _check_cheapest(model: Model) -> None:
    cost = model.hours + model.needs @ model.setup
    at_hand = model.rows[0].high
    if at_hand < cost.min() - TOLERANCE:
        raise PlanError(
            f"The budget of {at_hand:g} hours is under one contact: the least, with the set-up of "
            f"its areas, is {cost.min():g} hours. Raise the budget, or lower hours or set-up."
        )


def _check_supply(problem: Problem, model: Model) -> None:
    for limit in problem.limits:
        column = COLUMN_OF[limit.dimension]
        inside = problem.targets[problem.targets[column] == limit.value]
        there = int(inside["is_enrolled"].sum())
        free = int((model.candidates[column] == limit.value).sum())
        if limit.floor is not None and limit.floor > there + free:
            raise PlanError(
                f"The floor for {limit.dimension.replace('_', ' ')} {limit.value} is "
                f"{limit.floor:,}, but there are {there:,} enrolled and {free:,} to call. "
                f"Set at most {there + free:,}."
            )


def _check_locked_in(model: Model) -> None:
    used = model.used(model.locked)
    for row, taken in zip(model.rows, used, strict=True):
        if model.locked.any() and taken > row.high + TOLERANCE:
            what = "hours" if row.kind in ("hours", "prong", "liaison") else "targets"
            raise PlanError(
                f"What is locked in takes {taken:g} {what} of {row.kind.replace('_', ' ')} "
                f"{row.name}, where {row.high:g} are allowed. Unlock some, or raise the limit."
            )


def _first(targets: pd.DataFrame, where: pd.Series) -> str:
    return str(targets.loc[where, "target_id"].iloc[0])


def _count(number: int) -> str:
    return "1 target is" if number == 1 else f"{number:,} targets are"


def _list(names: Iterable[object]) -> str:
    return ", ".join(sorted(str(name) for name in names))
