"""The best choice with its times: the search where time is no matter, slots where it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pppdash.analysis.outreach.highs import Effort
from pppdash.analysis.outreach.model import Bools, Ints, Model
from pppdash.analysis.outreach.schedule import Times, choose_and_place, pack
from pppdash.analysis.outreach.search import search
from pppdash.analysis.outreach.stop import Progress, Watch

SMALL = 2_500
"""Contacts × slots up to which everything is decided at once."""
MANY = 10_000
"""Contacts × slots beyond which HiGHS finds too little to be asked."""
SPARE = 60
"""Contacts beside those chosen that a choice which finds no room may turn to."""
TIGHTENINGS = 6


@dataclass(frozen=True)
class Choice:
    """A choice of contacts with its times.

    Attributes
    ----------
    chosen, times
        None where none was found.
    objective
        Its Σ weight × probability; minus infinity where there is none.
    bound
        What no choice can exceed; minus infinity where it is proven that there is none.
    """

    chosen: Bools | None
    times: Times | None
    objective: float
    bound: float


def choose(
    model: Model,
    starts: list[tuple[Bools, Times]],
    watch: Watch,
    seed: int,
    progress: Progress,
) -> Choice:
    """Return the best choice, which is at least as good as any to begin with.

    Where there are many contacts and several periods, contacts are chosen as if hours could be had
    at any time, which no choice can beat, and are then given their slots. Where they do not all
    find one, others are chosen with that much less time; where that finds nobody, slot by slot
    among those near. The bound stays the first one.
    """
    best = _best_of(model, starts)
    if model.slots and model.contacts * len(model.slots) <= SMALL:
        return _placed(model, np.arange(model.contacts), best, watch, seed)
    found = search(model, [chosen for chosen, _ in starts], watch, seed, progress)
    best = replace(best, bound=found.bound)
    if found.chosen is None:
        return best
    best = _tightened(model, found.chosen, best, watch, seed)
    if best.chosen is not None or watch.is_over:
        return best
    near = _near(model, found.chosen)
    return best if len(near) * len(model.slots) > MANY else _placed(model, near, best, watch, seed)


def _best_of(model: Model, starts: list[tuple[Bools, Times]]) -> Choice:
    """Return the best of the choices to begin with; nothing is proven yet."""
    values = [model.objective(chosen) for chosen, _ in starts]
    if not values:
        return Choice(None, None, -np.inf, np.inf)
    best = int(np.argmax(values))
    return Choice(*starts[best], values[best], np.inf)


def _tightened(model: Model, chosen: Bools, best: Choice, watch: Watch, seed: int) -> Choice:
    """Pack a choice; where something finds no place, choose anew with that much less time."""
    tight = model
    for _ in range(TIGHTENINGS):
        times, left = pack(model, chosen, seed)
        if times is not None:
            return _better(best, Choice(chosen, times, model.objective(chosen), best.bound))
        rows = zip(tight.rows, left, strict=True)
        tight = replace(
            tight, rows=tuple(replace(row, high=row.high - float(cut)) for row, cut in rows)
        )
        found = search(tight, [], watch, seed, lambda objective, bound: None)
        if found.chosen is None:
            break
        chosen = found.chosen
    return best


def _better(one: Choice, other: Choice) -> Choice:
    return other if other.objective > one.objective else one


def _placed(model: Model, contacts: Ints, start: Choice, watch: Watch, seed: int) -> Choice:
    """Choose among some contacts slot by slot; the bound holds where they are all of them."""
    is_all = len(contacts) == model.contacts
    effort = Effort(watch.stop.gap, watch.left, seed)
    times = start.times if start.chosen is not None and _within(start.chosen, contacts) else None
    chosen, when, bound = choose_and_place(model, contacts, times, effort, watch)
    bound = min(start.bound, bound) if is_all else start.bound
    if chosen is None or when is None or model.objective(chosen) <= start.objective:
        return replace(start, bound=max(bound, start.objective))
    objective = model.objective(chosen)
    return Choice(chosen, when, objective, max(bound, objective))


def _within(chosen: Bools, contacts: Ints) -> bool:
    return bool(chosen.sum() == chosen[contacts].sum())


def _near(model: Model, chosen: Bools) -> Ints:
    """Return the chosen, and the best an hour of those that need no other area."""
    may = ~chosen & np.asarray(model.needs @ ~model.opened(chosen) == 0)
    rest = np.flatnonzero(may)
    rate = model.value[rest] / np.maximum(model.hours[rest], 1e-9)
    return np.sort(
        np.append(np.flatnonzero(chosen), rest[np.argsort(-rate, kind="stable")][:SPARE])
    )
