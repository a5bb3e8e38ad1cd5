"""From a problem to a plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from pppdash.analysis.outreach import holdout
from pppdash.analysis.outreach.by_hand import ByHand, by_hand
from pppdash.analysis.outreach.checks import check, check_model
from pppdash.analysis.outreach.choose import Choice, choose
from pppdash.analysis.outreach.model import TOLERANCE, Bools, Floats, Ints, Model, Texts, build
from pppdash.analysis.outreach.plan import LimitUse, OneMoreHour, Plan, Status
from pppdash.analysis.outreach.problem import Problem
from pppdash.analysis.outreach.reasons import reasons
from pppdash.analysis.outreach.schedule import NOWHERE, Times
from pppdash.analysis.outreach.shortfall import unkept
from pppdash.analysis.outreach.stop import Progress, Stop, Watch

CLOSE = 1e-7
"""A share of the objective that only rounding leaves between it and its bound."""


def solve(
    problem: Problem,
    seed: int,
    stop: Stop | None = None,
    progress: Progress | None = None,
    one_more_hour: bool = True,
) -> Plan:
    """Return the best plan for a problem, and what is proven of it.

    Parameters
    ----------
    seed
        Of the holdout and of the solver; the same seed gives the same plan, unless time stops it.
    stop
        When to stop; by default at a proven gap of 0.1%, or after a minute.
    progress
        Called with the best objective so far and the bound.
    one_more_hour
        Whether to solve again with one more hour, in the time that is left.

    Raises
    ------
    PlanError
        The problem asks for something that no plan can follow; says what would work.
    """
    check(problem)
    model = build(problem)
    check_model(problem, model)
    watch = Watch(stop or Stop())
    hands = by_hand(problem, model)
    starts = [(hand.chosen, hand.times) for hand in hands if not hand.breaks]
    found = choose(model, starts, watch, seed, progress or _quiet)
    if found.chosen is None or found.times is None:
        return _without(model, found, hands, watch, seed)
    plan = _plan(problem, model, found.chosen, found.times, hands, seed)
    plan = replace(plan, status=_status(found, watch.stop), bound=found.bound)
    if not one_more_hour:
        return plan
    more = _one_more_hour(model, found.chosen, found.times, found, watch, seed)
    return replace(plan, one_more_hour=more)


def _quiet(objective: float, bound: float) -> None:
    """Progress that nobody watches."""


def _status(found: Choice, stop: Stop) -> Status:
    enough = stop.enough(found.objective) + CLOSE * (1 + abs(found.objective))
    return "optimal" if found.bound <= enough else "stopped"


def _one_more_hour(
    model: Model, chosen: Bools, times: Times, found: Choice, watch: Watch, seed: int
) -> OneMoreHour | None:
    """Solve again with one more hour, from the plan found; None where time is up."""
    row = replace(model.rows[0], high=model.rows[0].high + 1.0)
    more = replace(model, rows=(row, *model.rows[1:]))
    again = choose(more, [(chosen, times)], watch, seed, _quiet)
    if watch.is_over:
        return None
    least = max(0.0, again.objective - found.bound)
    return OneMoreHour(again.objective - found.objective, least, again.bound - found.objective)


def _without(
    model: Model, found: Choice, hands: tuple[ByHand, ...], watch: Watch, seed: int
) -> Plan:
    """Return a plan that chooses nobody, and says why."""
    is_proven = found.bound < 0
    empty = model.candidates.iloc[:0].assign(contact=0, period=0, liaison="", is_holdout=False)
    return Plan(
        status="infeasible" if is_proven else "not_found",
        objective=0.0,
        bound=0.0 if is_proven else found.bound,
        hours=0.0,
        setup_hours=0.0,
        expected=0.0,
        targets=empty.assign(reason=""),
        areas=pd.DataFrame({"area_id": [], "hours": [], "period": [], "liaison": []}),
        limits=(),
        by_hand=hands,
        unkept=unkept(model, watch, seed) if is_proven else (),
    )


def _plan(
    problem: Problem,
    model: Model,
    chosen: Bools,
    times: Times,
    hands: tuple[ByHand, ...],
    seed: int,
) -> Plan:
    limits = limit_uses(problem, model, chosen)
    targets = _targets(problem, model, chosen, times, limits, seed)
    opened = model.opened(chosen)
    return Plan(
        status="optimal",
        objective=model.objective(chosen),
        bound=np.inf,
        hours=float(model.hours[chosen].sum()),
        setup_hours=float(model.setup[opened].sum()),
        expected=float(targets["probability"].sum()),
        targets=targets,
        areas=_areas(model, opened, times),
        limits=limits,
        by_hand=hands,
    )


def _targets(
    problem: Problem,
    model: Model,
    chosen: Bools,
    times: Times,
    limits: tuple[LimitUse, ...],
    seed: int,
) -> pd.DataFrame:
    """Return the rows of `Plan.targets`."""
    inside = chosen[model.contact_of]
    contact = model.contact_of[inside]
    is_lead = np.flatnonzero(inside) == model.lead[contact]
    rows = model.candidates[inside].copy()
    rows["reason"] = reasons(problem, model, inside, limits)
    rows["hours"] = np.where(is_lead, rows["hours"], 0.0)
    rows["contact"] = contact
    rows["period"], rows["liaison"] = _slots(model, times.contact[contact])
    rows["is_holdout"] = np.isin(contact, _held_out(problem, model, chosen, seed))
    order = np.lexsort((~is_lead, contact, -_rate(model)[contact], rows["period"]))
    rows = rows.iloc[order].reset_index(drop=True)
    rows["contact"] = pd.factorize(rows["contact"])[0] + 1
    return rows


def _held_out(problem: Problem, model: Model, chosen: Bools, seed: int) -> Ints:
    """Return the contacts that are held out: none that must be made."""
    may = np.flatnonzero(chosen & ~model.locked)
    if problem.holdout_share == 0 or not len(may):
        return may[:0]
    lead = model.candidates.iloc[model.lead[may]]
    area, sector = lead["area_id"].to_numpy(dtype=object), lead["sector"].to_numpy(dtype=object)
    return may[holdout.draw(area, sector, problem.holdout_share, seed)]


def _rate(model: Model) -> Floats:
    return model.value / model.hours


def _slots(model: Model, slot: Ints) -> tuple[Ints, Texts]:
    """Return periods and liaisons; 1 and missing where there are no slots."""
    if not model.slots:
        return np.ones(len(slot), dtype=np.int64), np.full(len(slot), None, dtype=object)
    period = np.array([one.period for one in model.slots])
    liaison = np.array([one.liaison for one in model.slots], dtype=object)
    nobody = np.full(len(slot), None, dtype=object)
    is_placed = slot != NOWHERE
    return np.where(is_placed, period[slot], 1), np.where(is_placed, liaison[slot], nobody)


def _areas(model: Model, opened: Bools, times: Times) -> pd.DataFrame:
    """Return the rows of `Plan.areas`."""
    names = np.array(model.areas, dtype=object)
    if not model.slots:
        return _area_rows(names[opened], model.setup[opened], np.full(opened.sum(), NOWHERE), model)
    area, slot = np.nonzero(times.setup)
    free = np.flatnonzero(opened & (model.setup == 0))
    return _area_rows(
        np.append(names[area], names[free]),
        np.append(times.setup[area, slot], np.zeros(len(free))),
        np.append(slot, np.full(len(free), NOWHERE)),
        model,
    )


def _area_rows(names: Texts, hours: Floats, slot: Ints, model: Model) -> pd.DataFrame:
    period, liaison = _slots(model, slot)
    return pd.DataFrame({"area_id": names, "hours": hours, "period": period, "liaison": liaison})


def limit_uses(problem: Problem, model: Model, chosen: Bools) -> tuple[LimitUse, ...]:
    """Return how far a choice uses each limit, and which of them bind."""
    used = model.used(chosen)
    return tuple(
        _limit_use(problem, model, chosen, index, float(used[index]))
        for index in range(len(model.rows))
    )


def _limit_use(problem: Problem, model: Model, chosen: Bools, index: int, used: float) -> LimitUse:
    row = model.rows[index]
    uses = model.uses[[index]].toarray()[0]
    more = uses[(uses > 0) & ~chosen]
    less = uses[(uses > 0) & chosen]
    binds_above = len(more) > 0 and used + more.min() > row.high + TOLERANCE
    wants = row.low > 0 or row.kind == "quick_wins"
    binds_below = wants and len(less) > 0 and used - less.min() < row.low - TOLERANCE
    binds = bool(binds_above or binds_below)
    if row.kind == "quick_wins":
        quick = model.candidates["is_quick_win"].to_numpy(dtype=bool)[chosen[model.contact_of]]
        share = float(quick.mean()) if len(quick) else 0.0
        return LimitUse(row.kind, row.name, share, problem.quick_win_share, np.inf, binds)
    base = row.enrolled
    return LimitUse(row.kind, row.name, used + base, row.low + base, row.high + base, binds)
