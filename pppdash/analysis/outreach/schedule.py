"""Which contact in which week, by whom.

A contact takes its hours in one slot of its liaison. Setting up an area may take several slots of
whoever works it, and is done by the period of the first contact that opens it.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from pppdash.analysis.outreach.highs import (
    Effort,
    add_limits,
    quiet_solver,
    set_effort,
    stop_with,
)
from pppdash.analysis.outreach.model import TOLERANCE, Bools, Floats, Ints, Model, Texts
from pppdash.analysis.outreach.stop import Watch

NOWHERE = -1
HUNDREDTHS = 100  # of an hour
ORDERS = 20


@dataclass(frozen=True)
class Times:
    """When things are done.

    Attributes
    ----------
    contact
        Position in `Model.slots` of each contact (n); `NOWHERE` where it is not made.
    setup
        Hours that each area's set-up takes of each slot (m × slots).
    """

    contact: Ints
    setup: Floats


class Diary:
    """Slots that fill up, the earliest first."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.left = np.array([slot.hours for slot in model.slots], dtype=float)
        self.period = np.array([slot.period for slot in model.slots], dtype=np.int64)
        self.liaison = np.array([slot.liaison for slot in model.slots], dtype=object)
        self.contact = np.full(model.contacts, NOWHERE)
        self.setup = np.zeros((len(model.areas), len(model.slots)))
        self.spare = {name: np.inf for name in self.liaison}

    def reserve(self, chosen: Bools) -> None:
        """Keep each liaison's hours for what only they may do, so that others' set-ups wait."""
        opened = self.model.opened(chosen)
        for name in self.spare:
            calls = self.model.hours[chosen & (self.model.whose == name)].sum()
            setups = self.model.setup[opened & (self.model.whose_area == name)].sum()
            self.spare[name] = float(self.left[self.liaison == name].sum() - calls - setups)

    def place(self, contact: int) -> bool:
        """Enter a contact and the set-ups that it needs, all or nothing; say whether it fits."""
        if not self.model.slots:
            return True
        before = self.left.copy(), self.setup.copy()
        if self.open(areas_of(self.model, contact)) and self._enter(contact):
            return True
        self.left, self.setup = before
        return False

    def open(self, areas: Ints) -> bool:
        """Enter the set-ups of areas that are not there yet; say whether they fit."""
        if not self.model.slots:
            return True
        return all(self._set_up(int(area)) for area in areas if not self.setup[area].any())

    def ready(self, contact: int) -> int:
        """Return the first period in which all areas of a contact are set up."""
        taken = self.setup[areas_of(self.model, contact)].any(axis=0)
        return int(self.period[taken].max(initial=0))

    def fill(self, slot: int, waiting: Ints) -> Ints:
        """Fill a slot with waiting contacts, the first ones rather; return who still waits."""
        ready = np.array([self.ready(contact) for contact in waiting.tolist()], dtype=np.int64)
        whose = self.model.whose[waiting]
        may = (ready <= self.period[slot]) & ((whose == "") | (whose == self.liaison[slot]))
        taken = np.zeros(len(waiting), dtype=bool)
        taken[may] = _fullest(self.model.hours[waiting[may]], float(self.left[slot]))
        self.contact[waiting[taken]] = slot
        self.left[slot] -= self.model.hours[waiting[taken]].sum()
        return waiting[~taken]

    def copy(self) -> Diary:
        """Return a diary with the same entries."""
        other = Diary(self.model)
        other.left, other.setup = self.left.copy(), self.setup.copy()
        other.contact, other.spare = self.contact.copy(), dict(self.spare)
        return other

    def times(self) -> Times:
        """Return what was entered."""
        return Times(self.contact, self.setup)

    def _set_up(self, area: int) -> bool:
        """Take an area's hours from the first slots that have any."""
        whose, hours = self.model.whose_area[area], self.model.setup[area]
        room = self.left * self._mine(whose) if whose else self._free()
        taken = _first(room, hours)
        self.setup[area] = taken
        self.left = self.left - taken
        if not whose:
            for name in self.spare:
                self.spare[name] -= float(taken[self.liaison == name].sum())
        return bool(taken.sum() >= hours - TOLERANCE)

    def _free(self) -> Floats:
        """Return the hours of each slot that are not kept for the liaison's own."""
        room = np.zeros(len(self.left))
        for name, spare in self.spare.items():
            mine = self.liaison == name
            room[mine] = _first(self.left[mine], max(0.0, spare))
        return room

    def _enter(self, contact: int) -> bool:
        hours = self.model.hours[contact]
        fits = self._mine(self.model.whose[contact]) & (self.left >= hours - TOLERANCE)
        fits &= self.period >= self.ready(contact)
        if not fits.any():
            return False
        self.contact[contact] = slot = int(np.argmax(fits))
        self.left[slot] -= hours
        return True

    def _mine(self, whose: str) -> Bools:
        return np.asarray((self.liaison == whose) | (whose == ""))


def _first(room: Floats, hours: float) -> Floats:
    """Take hours from the first places that have any, and return what each gives."""
    before = np.cumsum(room) - room
    return np.clip(hours - before, 0.0, room)


def pack(model: Model, chosen: Bools, seed: int) -> tuple[Times | None, Floats]:
    """Place a choice of contacts: one slot after another is filled as full as it can be.

    The longest contacts are placed rather than others, then in orders more and more at random.

    Returns
    -------
    tuple
        The times, None where not everything found a place in any order (which does not say that it
        cannot); and the least that found none, as it counts towards the limits on hours (r).
    """
    diary, none = Diary(model), np.zeros(0, dtype=np.int64)
    if not model.slots:
        return diary.times(), np.zeros(len(model.rows))
    diary.reserve(chosen)
    areas = np.flatnonzero(model.opened(chosen))
    short_first = areas[np.argsort(model.setup[areas], kind="stable")].tolist()
    if late := [area for area in short_first if not diary.open(np.array([area]))]:
        return None, _hours_of(model, none, np.array(late))
    rng, least = np.random.default_rng(seed), np.flatnonzero(chosen)
    for attempt in range(ORDERS):
        tried = diary.copy()
        waiting = _in_order(model, np.flatnonzero(chosen), rng, attempt / ORDERS)
        for slot in range(len(model.slots)):
            waiting = tried.fill(slot, waiting)
        if not len(waiting):
            return tried.times(), np.zeros(len(model.rows))
        least = min(least, waiting, key=lambda left: float(model.hours[left].sum()))
    return None, _hours_of(model, least, none)


def _in_order(model: Model, contacts: Ints, rng: np.random.Generator, chance: float) -> Ints:
    """Order contacts: those of one liaison before anybody's, longest first but for chance."""
    length = model.hours[contacts] * (1 - chance * rng.random(len(contacts)))
    return contacts[np.lexsort((contacts, -length, model.whose[contacts] == ""))]


def _fullest(hours: Floats, room: float) -> Bools:
    """Return a choice whose hours fill a room as far as can be, the first ones rather.

    Subset sums in hundredths of an hour, kept as bits of one number (Pisinger 1999 has better ones
    for longer lists): bit k after i hours says that k hundredths can be filled from the first i.
    """
    sizes = np.ceil(hours * HUNDREDTHS - TOLERANCE).astype(int).tolist()
    limit = (1 << (int(room * HUNDREDTHS + TOLERANCE) + 1)) - 1
    sums = [1]
    for size in sizes:
        sums.append((sums[-1] | (sums[-1] << size)) & limit)
    taken = np.zeros(len(sizes), dtype=bool)
    left = sums[-1].bit_length() - 1
    for index in range(len(sizes) - 1, -1, -1):
        if not (sums[index] >> left) & 1:
            taken[index] = True
            left -= sizes[index]
    return taken


def _hours_of(model: Model, contacts: Ints, areas: Ints) -> Floats:
    """Return what contacts and set-ups take of the limits that slots are about."""
    is_hours = np.array([row.kind in ("hours", "liaison") for row in model.rows])
    uses = np.asarray(model.uses[:, contacts].sum(axis=1)) + model.opens[:, areas].sum(axis=1)
    return np.where(is_hours, uses, 0.0)


def choose_and_place(
    model: Model, contacts: Ints, start: Times | None, effort: Effort, watch: Watch
) -> tuple[Bools | None, Times | None, float]:
    """Choose among some contacts, slot by slot, by HiGHS.

    Parameters
    ----------
    contacts
        Those to choose from; no others are made.
    start
        Of a choice that keeps all limits, to begin with.

    Returns
    -------
    tuple
        The choice and its times, None where none was found, and the bound on all such choices;
        minus infinity where it is proven that there is none.
    """
    table = _Table(model, contacts)
    solver = quiet_solver()
    set_effort(solver, effort)
    table.fill(solver)
    if start is not None:
        columns = np.arange(table.columns, dtype=np.int32)
        solver.setSolution(table.columns, columns, table.values(start))
    stop_with(solver, watch)
    solver.run()
    if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return None, None, -np.inf
    info = solver.getInfo()
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None, None, -info.mip_dual_bound
    chosen, times = table.read(np.array(solver.getSolution().col_value))
    return chosen, times, -info.mip_dual_bound


class _Table:
    """Columns: contact × slot, whole, then area × slot, the share of its set-up done there.

    Areas that take no time to set up have no columns.
    """

    def __init__(self, model: Model, contacts: Ints) -> None:
        self.model, self.contacts = model, contacts
        self.areas = np.flatnonzero(model.setup > 0)
        self.slots = len(model.slots)
        self.split = len(contacts) * self.slots
        self.columns = self.split + len(self.areas) * self.slots
        self.period = np.array([slot.period for slot in model.slots])
        self.liaison = np.array([slot.liaison for slot in model.slots], dtype=object)

    def fill(self, solver: highspy.Highs) -> None:
        """Pass columns and rows to a solver."""
        value = np.zeros(self.columns)
        value[: self.split] = np.repeat(self.model.value[self.contacts], self.slots)
        may = np.concatenate(
            [
                self._may(self.model.whose[self.contacts]),
                self._may(self.model.whose_area[self.areas]),
            ]
        )
        columns = np.arange(self.columns, dtype=np.int32)
        solver.addVars(self.columns, np.zeros(self.columns), may)
        solver.changeColsCost(self.columns, columns, -value)
        integer = np.full(self.split, int(highspy.HighsVarType.kInteger), dtype=np.uint8)
        solver.changeColsIntegrality(self.split, columns[: self.split], integer)
        for low, high, rows in (self._limits(), self._once(), self._room(), self._order()):
            add_limits(solver, low, high, rows)

    def values(self, times: Times) -> Floats:
        """Return the columns that stand for a choice."""
        one = np.zeros((len(self.contacts), self.slots))
        slot = times.contact[self.contacts]
        placed = np.flatnonzero(slot != NOWHERE)
        one[placed, slot[placed]] = 1.0
        share = times.setup[self.areas] / self.model.setup[self.areas, np.newaxis]
        return np.concatenate([one.ravel(), share.ravel()])

    def read(self, values: Floats) -> tuple[Bools, Times]:
        """Return the choice that columns stand for."""
        one = values[: self.split].reshape(-1, self.slots) > 0.5
        contact = np.full(self.model.contacts, NOWHERE)
        contact[self.contacts] = np.where(one.any(axis=1), one.argmax(axis=1), NOWHERE)
        share = values[self.split :].reshape(-1, self.slots)
        setup = np.zeros((len(self.model.areas), self.slots))
        setup[self.areas] = np.where(share > TOLERANCE, share, 0.0)
        chosen = contact != NOWHERE
        setup[~self.model.opened(chosen)] = 0.0
        return chosen, Times(contact, setup * self.model.setup[:, np.newaxis])

    def _may(self, whose: Texts) -> Floats:
        fits = (whose[:, np.newaxis] == "") | (whose[:, np.newaxis] == self.liaison)
        return np.asarray(fits, dtype=float).ravel()

    def _limits(self) -> tuple[Floats, Floats, sparse.csr_array]:
        """Limits count a contact or an area in whichever slot it is."""
        model = self.model
        uses = model.uses_by_contact[self.contacts].T
        both = sparse.hstack([uses, model.opens[:, self.areas]])
        rows = sparse.kron(both, np.ones((1, self.slots)))
        return model.low, model.high, sparse.csr_array(rows)

    def _once(self) -> tuple[Floats, Floats, sparse.csr_array]:
        count = len(self.contacts) + len(self.areas)
        low = np.zeros(count)
        low[: len(self.contacts)] = self.model.locked[self.contacts]
        rows = sparse.kron(sparse.eye_array(count), np.ones((1, self.slots)))
        return low, np.ones(count), sparse.csr_array(rows)

    def _room(self) -> tuple[Floats, Floats, sparse.csr_array]:
        """No slot takes more hours than it has."""
        model = self.model
        hours = np.concatenate([model.hours[self.contacts], model.setup[self.areas]])
        rows = sparse.kron(hours[np.newaxis, :], sparse.eye_array(self.slots))
        room = np.array([slot.hours for slot in model.slots], dtype=float)
        return np.full(self.slots, -np.inf), room, sparse.csr_array(rows)

    def _order(self) -> tuple[Floats, Floats, sparse.csr_array]:
        """By the end of each period, no more contacts in an area than it was set up."""
        needs = self.model.needs[self.contacts][:, self.areas].tocoo()
        upto = (self.period[np.newaxis, :] <= np.unique(self.period)[:, np.newaxis]).astype(float)
        pairs = np.arange(needs.nnz)
        size = (needs.nnz, len(self.contacts))
        contact = sparse.coo_array((np.ones(needs.nnz), (pairs, needs.row)), shape=size)
        size = (needs.nnz, len(self.areas))
        area = sparse.coo_array((np.ones(needs.nnz), (pairs, needs.col)), shape=size)
        rows = sparse.kron(sparse.hstack([contact, -area]), upto)
        return np.full(rows.shape[0], -np.inf), np.zeros(rows.shape[0]), sparse.csr_array(rows)


def areas_of(model: Model, contact: int) -> Ints:
    """Return the areas that a contact opens."""
    start, end = model.needs.indptr[contact : contact + 2]
    return np.asarray(model.needs.indices[start:end], dtype=np.int64)
