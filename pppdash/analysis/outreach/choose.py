"""The best choice with its times: the search where time is no matter, slots where it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pppdash.analysis.outreach.model import Bools, Ints, Model
from pppdash.analysis.outreach.schedule import Times, choose_and_place, pack
from pppdash.analysis.outreach.search import search
from pppdash.analysis.outreach.stop import Progress, Watch

SMALL = 2_500
"""Contacts × slots up to which everything is decided at once."""
SPARE = 60
"""Contacts beside those chosen that a choice which finds no room may turn to."""


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
    find one, others are chosen slot by slot among those near them; the bound stays the first one.
    """
    if model.slots and model.contacts * len(model.slots) <= SMALL:
        every = np.arange(model.contacts)
        return _placed(model, every, _better_of(model, starts, np.inf), watch, seed)
    found = search(model, [chosen for chosen, _ in starts], watch, seed, progress)
    if found.chosen is None:
        return Choice(None, None, -np.inf, found.bound)
    times = pack(model, found.chosen)
    if times is not None:
        return Choice(found.chosen, times, found.objective, found.bound)
    near = _near(model, found.chosen)
    return _placed(model, near, _better_of(model, starts, found.bound), watch, seed)


def _better_of(model: Model, starts: list[tuple[Bools, Times]], bound: float) -> Choice:
    values = [model.objective(chosen) for chosen, _ in starts]
    if not values:
        return Choice(None, None, -np.inf, bound)
    best = int(np.argmax(values))
    return Choice(*starts[best], values[best], bound)


def _placed(model: Model, contacts: Ints, start: Choice, watch: Watch, seed: int) -> Choice:
    """Choose among some contacts slot by slot; the bound holds where they are all of them."""
    times = start.times if start.chosen is not None and _within(start.chosen, contacts) else None
    chosen, when, bound = choose_and_place(model, contacts, times, watch.stop.gap, watch, seed)
    bound = min(start.bound, bound) if len(contacts) == model.contacts else start.bound
    if chosen is None or model.objective(chosen) < start.objective:
        return Choice(start.chosen, start.times, start.objective, max(bound, start.objective))
    objective = model.objective(chosen)
    return Choice(chosen, when, objective, max(bound, objective))


def _within(chosen: Bools, contacts: Ints) -> bool:
    return bool(chosen.sum() == chosen[contacts].sum())


def _near(model: Model, chosen: Bools) -> Ints:
    """Return the chosen, and the best an hour of those that need no other area."""
    may = ~chosen & np.asarray(model.needs @ ~model.opened(chosen) == 0)
    rest = np.flatnonzero(may)
    rate = model.value[rest] / model.hours[rest]
    return np.sort(
        np.append(np.flatnonzero(chosen), rest[np.argsort(-rate, kind="stable")][:SPARE])
    )
