"""A problem as arrays: one column a contact, one row a limit.

    maximize    value · x
    subject to  low ≤ uses · x + opens · y ≤ high      (a row a limit)
                x of a contact ≤ y of each area that it opens
                x, y 0 or 1

A *contact* is an owner, or a target that has none. It is worth the sum of weight × probability over
its targets, and takes the hours, the prong and the liaison of the most laborious of them (the first
of those that are equal).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from pppdash.analysis.outreach.problem import COLUMN_OF, PRONGS, Limit, Problem, Slot

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]
Kind = Literal["hours", "prong", "liaison", "quick_wins", "area", "sector", "size_band"]

TOLERANCE = 1e-6
"""How far a sum of hours may stray by rounding before it counts as more than its limit."""


@dataclass(frozen=True)
class Row:
    """One limit: what it is about, and its bounds in hours or targets *beyond those enrolled*.

    Attributes
    ----------
    kind
        What it limits.
    name
        Of which prong, liaison, area, sector or size band.
    low, high
        Infinite where there is none.
    enrolled
        Targets enrolled already, which floors and ceilings count.
    """

    kind: Kind
    name: str
    low: float
    high: float
    enrolled: int = 0


@dataclass(frozen=True)
class Model:
    """The arrays of one problem: n contacts, m areas, r limits.

    Attributes
    ----------
    candidates
        The targets that may be chosen, in their order: neither enrolled nor locked out, and in no
        contact that is longer than every slot of whoever would make it.
    contact_of
        Contact of each candidate.
    lead
        Position in `candidates` of each contact's most laborious target (n).
    value, hours
        Of each contact (n).
    areas
        Names of the areas (m), and `setup` their hours.
    needs
        Which areas a contact opens (n × m, sparse, ones).
    rows
        The limits (r).
    uses, opens
        What a contact (r × n, sparse) and an area (r × m) take of each limit.
    locked
        Contacts that must be made (n).
    slots
        By period and liaison; empty where there are no periods.
    whose, whose_area
        Who makes each contact (n) and sets up each area (m); "" is anybody.
    """

    candidates: pd.DataFrame
    contact_of: Ints
    lead: Ints
    value: Floats
    hours: Floats
    areas: tuple[str, ...]
    setup: Floats
    needs: sparse.csr_array
    rows: tuple[Row, ...]
    uses: sparse.csr_array
    opens: Floats
    locked: Bools
    slots: tuple[Slot, ...]
    whose: Texts
    whose_area: Texts

    @property
    def contacts(self) -> int:
        """How many contacts there are."""
        return len(self.value)

    @cached_property
    def low(self) -> Floats:
        """Least of each limit."""
        return np.array([row.low for row in self.rows])

    @cached_property
    def high(self) -> Floats:
        """Most of each limit."""
        return np.array([row.high for row in self.rows])

    @cached_property
    def uses_by_contact(self) -> sparse.csr_array:
        """What each contact takes of the limits, by contact (n × r)."""
        return self.uses.T.tocsr()

    def opened(self, chosen: Bools) -> Bools:
        """Return which areas the chosen contacts open."""
        return np.asarray(self.needs.T @ chosen > 0)

    def used(self, chosen: Bools) -> Floats:
        """Return what the chosen contacts, and the areas they open, take of each limit."""
        return np.asarray(self.uses @ chosen + self.opens @ self.opened(chosen))

    def broken(self, chosen: Bools) -> list[Row]:
        """Return the limits that the chosen contacts break."""
        used = self.used(chosen)
        off = (used > self.high + TOLERANCE) | (used < self.low - TOLERANCE)
        return [self.rows[index] for index in np.flatnonzero(off)]

    def objective(self, chosen: Bools) -> float:
        """Return Σ weight × probability over the chosen."""
        return float(self.value[chosen].sum())


@dataclass(frozen=True)
class _Contacts:
    """Contacts and areas of a problem, before its limits."""

    candidates: pd.DataFrame
    contact_of: Ints
    lead: Ints
    areas: tuple[str, ...]
    setup: Floats
    whose_area: Texts

    @cached_property
    def hours(self) -> Floats:
        return np.asarray(self.candidates["hours"].to_numpy(dtype=float)[self.lead])

    @cached_property
    def area(self) -> Ints:
        """Area of each candidate."""
        return np.asarray(pd.Index(self.areas).get_indexer(self.candidates["area_id"]))

    @cached_property
    def whose(self) -> Texts:
        return np.asarray(self.whose_area[self.area[self.lead]])

    def total(self, of_candidate: Floats | Bools) -> Floats:
        """Sum over each contact's candidates."""
        return np.asarray(np.bincount(self.contact_of, of_candidate, len(self.lead)), dtype=float)


def build(problem: Problem) -> Model:
    """Return the arrays of a problem that `checks.check` has passed."""
    made = _contacts(problem, problem.locked_out)
    if (too_long := _too_long(problem, made)).any():
        out = made.candidates["target_id"][too_long[made.contact_of]]
        made = _contacts(problem, problem.locked_out.union(out))
    candidates = made.candidates
    parts = list(_rows(problem, made))
    return Model(
        candidates=candidates,
        contact_of=made.contact_of,
        lead=made.lead,
        value=made.total((candidates["weight"] * candidates["probability"]).to_numpy(dtype=float)),
        hours=made.hours,
        areas=made.areas,
        setup=made.setup,
        needs=_needs(made),
        rows=tuple(row for row, _, _ in parts),
        uses=sparse.csr_array(np.stack([uses for _, uses, _ in parts])),
        opens=np.array([opens for _, _, opens in parts]),
        locked=made.total(candidates["target_id"].isin(problem.locked_in).to_numpy()) > 0,
        slots=tuple(sorted(problem.slots, key=lambda slot: (slot.period, slot.liaison))),
        whose=made.whose,
        whose_area=made.whose_area,
    )


def who_is_called(targets: pd.DataFrame) -> Texts:
    """Return the owner, or the target itself where it has none; the two cannot be confused."""
    owner = targets["owner_id"]
    alone = "target " + targets["target_id"].astype(str)
    has_owner = owner.notna() & (owner != "")
    return np.asarray(("owner " + owner.astype(str)).where(has_owner, alone), dtype=object)


def _contacts(problem: Problem, locked_out: frozenset[str]) -> _Contacts:
    targets = problem.targets
    called = who_is_called(targets)
    out = called[targets["target_id"].isin(locked_out).to_numpy()]
    free = ~targets["is_enrolled"].to_numpy(dtype=bool) & ~np.isin(called, out)
    candidates = targets[free].reset_index(drop=True)
    contact_of, _ = pd.factorize(called[free])
    areas = tuple(sorted(candidates["area_id"].unique()))
    return _Contacts(
        candidates,
        np.asarray(contact_of, dtype=np.int64),
        _lead(contact_of, candidates["hours"].to_numpy(dtype=float)),
        areas,
        np.array([float(problem.setup_hours.get(name, 0.0)) for name in areas]),
        np.array([problem.liaison_of_area.get(name, "") for name in areas], dtype=object),
    )


def _too_long(problem: Problem, made: _Contacts) -> Bools:
    """Return which contacts take longer than any slot of whoever would make them."""
    if not problem.slots:
        return np.zeros(len(made.lead), dtype=bool)
    longest = {"": max(slot.hours for slot in problem.slots)}
    for slot in problem.slots:
        longest[slot.liaison] = max(slot.hours, longest.get(slot.liaison, 0.0))
    most = np.array([longest[name] for name in made.whose])
    return np.asarray(made.hours > most + TOLERANCE)


def _lead(contact_of: Ints, hours: Floats) -> Ints:
    """Return each contact's target of most hours, the first of those that are equal."""
    order = np.lexsort((np.arange(len(hours)), -hours, contact_of))
    first = np.searchsorted(contact_of[order], np.arange(contact_of.max(initial=-1) + 1))
    return np.asarray(order[first])


def _needs(made: _Contacts) -> sparse.csr_array:
    pairs = (np.ones(len(made.area)), (made.contact_of, made.area))
    needs = sparse.coo_array(pairs, shape=(len(made.lead), len(made.areas))).tocsr()
    needs.data[:] = 1.0
    return needs


Part = tuple[Row, Floats, Floats]
"""A limit, and what each contact (n) and each area (m) takes of it."""


def _rows(problem: Problem, made: _Contacts) -> Iterator[Part]:
    yield from _hours(problem, made)
    if problem.slots:
        yield from _liaisons(problem, made)
    if problem.quick_win_share > 0:
        more = made.candidates["is_quick_win"].to_numpy(dtype=float) - problem.quick_win_share
        row = Row("quick_wins", f"{problem.quick_win_share:.0%}", 0.0, np.inf)
        yield row, made.total(more), np.zeros(len(made.areas))
    for limit in problem.limits:
        inside = (made.candidates[COLUMN_OF[limit.dimension]] == limit.value).to_numpy()
        yield _limit(problem, limit), made.total(inside), np.zeros(len(made.areas))


def _hours(problem: Problem, made: _Contacts) -> Iterator[Part]:
    at_hand = float(problem.hours)
    if problem.slots:
        at_hand = min(at_hand, sum(slot.hours for slot in problem.slots))
    yield Row("hours", "all", -np.inf, at_hand), made.hours, made.setup
    prong = made.candidates["prong"].to_numpy()[made.lead]
    for name in PRONGS:
        if name in problem.prong_hours:
            row = Row("prong", name, -np.inf, float(problem.prong_hours[name]))
            yield row, np.where(prong == name, made.hours, 0.0), np.zeros(len(made.areas))


def _liaisons(problem: Problem, made: _Contacts) -> Iterator[Part]:
    for name in sorted(set(made.whose_area) - {""}):
        total = sum(slot.hours for slot in problem.slots if slot.liaison == name)
        mine = np.where(made.whose == name, made.hours, 0.0)
        opening = np.where(made.whose_area == name, made.setup, 0.0)
        yield Row("liaison", name, -np.inf, float(total)), mine, opening


def _limit(problem: Problem, limit: Limit) -> Row:
    held = problem.targets[COLUMN_OF[limit.dimension]] == limit.value
    enrolled = int(problem.targets.loc[held, "is_enrolled"].sum())
    low = -np.inf if limit.floor is None else max(0.0, float(limit.floor - enrolled))
    high = np.inf if limit.ceiling is None else max(0.0, float(limit.ceiling - enrolled))
    return Row(limit.dimension, limit.value, low, high, enrolled)
