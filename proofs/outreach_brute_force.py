"""The best plan by trying every choice of contacts, and every way to place it in the weeks."""

from __future__ import annotations

import itertools

import numpy as np

from pppdash.analysis.outreach.model import TOLERANCE, Model


def best(model: Model) -> float | None:
    """Return the objective of the best choice; None where no choice keeps all limits."""
    for chosen in _by_objective(model):
        if not model.broken(chosen) and not (model.locked & ~chosen).any() and fits(model, chosen):
            return model.objective(chosen)
    return None


def least_short(model: Model) -> int | None:
    """Return how many targets the floors are short in all, at least, within the other limits.

    Where no choice keeps those, the share for quick wins is let go; None where that does not help.
    """
    floors = np.array([row.kind in ("area", "sector", "size_band") for row in model.rows])
    quick = np.array([row.kind == "quick_wins" for row in model.rows])
    for loose in (floors, floors | quick):
        short = [_short(model, chosen, floors, loose) for chosen in _by_objective(model)]
        found = [number for number in short if number is not None]
        if found:
            return min(found)
    return None


def _short(model: Model, chosen: np.ndarray, floors: np.ndarray, loose: np.ndarray) -> int | None:
    used = model.used(chosen)
    low = np.where(loose, -np.inf, model.low)
    off = (used > model.high + TOLERANCE) | (used < low - TOLERANCE)
    if off.any() or (model.locked & ~chosen).any() or not fits(model, chosen):
        return None
    missing = np.ceil((model.low - used)[floors & np.isfinite(model.low)] - TOLERANCE)
    return int(np.maximum(0.0, missing).sum())


def fits(model: Model, chosen: np.ndarray) -> bool:
    """Return whether a choice can be placed in the slots, by trying every place."""
    if not model.slots:
        return True
    contacts = sorted(np.flatnonzero(chosen).tolist(), key=lambda one: -model.hours[one])
    due = {area: 10**6 for area in np.flatnonzero(model.opened(chosen)).tolist()}
    return _call(model, contacts, [slot.hours for slot in model.slots], due)


def _call(model: Model, contacts: list[int], left: list[float], due: dict[int, int]) -> bool:
    """Place contacts one by one; ``due`` is the period by which an area must be set up."""
    if not _set_up_fits(model, left, due):
        return False
    if not contacts:
        return True
    contact, rest = contacts[0], contacts[1:]
    needed = model.needs[[contact]].indices.tolist()
    for index, slot in enumerate(model.slots):
        mine = model.whose[contact] in ("", slot.liaison)
        if mine and _room(left[index], model.hours[contact]):
            sooner = {area: min(due[area], slot.period) for area in needed}
            less = [*left[:index], left[index] - model.hours[contact], *left[index + 1 :]]
            if _call(model, rest, less, {**due, **sooner}):
                return True
    return False


def _set_up_fits(model: Model, left: list[float], due: dict[int, int]) -> bool:
    """Every set of areas finds its hours in the slots that any of them may use (Hall's theorem)."""
    reach = {
        area: {
            index
            for index, slot in enumerate(model.slots)
            if slot.period <= period and model.whose_area[area] in ("", slot.liaison)
        }
        for area, period in due.items()
    }
    for count in range(1, len(due) + 1):
        for areas in itertools.combinations(due, count):
            slots = set().union(*(reach[area] for area in areas))
            if not _room(sum(left[index] for index in slots), model.setup[list(areas)].sum()):
                return False
    return True


def _room(left: float, hours: float) -> bool:
    return bool(left >= hours - TOLERANCE)


def _by_objective(model: Model) -> list[np.ndarray]:
    choices = [np.array(one) for one in itertools.product([False, True], repeat=model.contacts)]
    return sorted(choices, key=lambda chosen: -model.objective(chosen))
