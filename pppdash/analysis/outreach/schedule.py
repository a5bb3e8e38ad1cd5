"""Which contact in which week, by whom.

A contact takes its hours in one slot of its liaison. An area is set up in one slot, no later than
the period of the first contact that opens it.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from pppdash.analysis.outreach.highs import add_limits, quiet_solver, stop_with
from pppdash.analysis.outreach.model import TOLERANCE, Bools, Floats, Ints, Model, Texts
from pppdash.analysis.outreach.stop import Watch

NOWHERE = -1


@dataclass(frozen=True)
class Times:
    """When things are done.

    Attributes
    ----------
    contact, area
        Position in `Model.slots` of each contact (n) and of each area's set-up (m); `NOWHERE` where
        there is none.
    """

    contact: Ints
    area: Ints


class Diary:
    """Slots that fill up, the earliest first."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.left = np.array([slot.hours for slot in model.slots], dtype=float)
        self.period = np.array([slot.period for slot in model.slots])
        self.liaison = np.array([slot.liaison for slot in model.slots], dtype=object)
        self.contact = np.full(model.contacts, NOWHERE)
        self.area = np.full(len(model.areas), NOWHERE)

    def place(self, contact: int) -> bool:
        """Enter a contact and the set-ups that it needs, all or nothing; say whether it fits."""
        if not self.model.slots:
            return True
        before = self.left.copy(), self.area.copy()
        if self._open(_areas_of(self.model, contact)) and self._enter(contact):
            return True
        self.left, self.area = before
        return False

    def open_all(self, chosen: Bools) -> bool:
        """Enter the set-ups of all areas that the chosen open, the longest first."""
        areas = np.flatnonzero(self.model.opened(chosen))
        return self._open(areas[np.argsort(-self.model.setup[areas], kind="stable")])

    def ready(self, contact: int) -> int:
        """Return the first period in which all areas of a contact are set up."""
        slots = self.area[_areas_of(self.model, contact)]
        return int(self.period[slots[slots != NOWHERE]].max(initial=0))

    def times(self) -> Times:
        """Return what was entered."""
        return Times(self.contact, self.area)

    def _open(self, areas: Ints) -> bool:
        for area in areas:
            hours = self.model.setup[area]
            if hours > 0 and self.area[area] == NOWHERE:
                slot = self._free(hours, self.model.whose_area[area], 0)
                if slot == NOWHERE:
                    return False
                self.area[area] = slot
        return True

    def _enter(self, contact: int) -> bool:
        hours, whose = self.model.hours[contact], self.model.whose[contact]
        self.contact[contact] = self._free(hours, whose, self.ready(contact))
        return bool(self.contact[contact] != NOWHERE)

    def _free(self, hours: float, whose: str, since: int) -> int:
        """Take hours in the first slot that has them, and return it."""
        fits = (self.left >= hours - TOLERANCE) & (self.period >= since)
        if whose:
            fits &= self.liaison == whose
        if not fits.any():
            return NOWHERE
        slot = int(np.argmax(fits))
        self.left[slot] -= hours
        return slot


def pack(model: Model, chosen: Bools) -> Times | None:
    """Place a choice of contacts, those that are ready last and take longest first.

    Returns
    -------
    Times | None
        None where they did not all find a place this way, which does not say that they cannot.
    """
    diary = Diary(model)
    if not model.slots:
        return diary.times()
    if not diary.open_all(chosen):
        return None
    contacts = np.flatnonzero(chosen)
    ready = np.array([diary.ready(int(contact)) for contact in contacts])
    order = np.lexsort((contacts, -model.hours[contacts], -ready))
    if all(diary.place(int(contact)) for contact in contacts[order]):
        return diary.times()
    return None


def choose_and_place(
    model: Model, contacts: Ints, start: Times | None, gap: float, watch: Watch, seed: int
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
    solver.setOptionValue("time_limit", max(0.01, watch.left))
    solver.setOptionValue("mip_rel_gap", gap)
    solver.setOptionValue("mip_abs_gap", 1e-9)
    solver.setOptionValue("random_seed", seed)
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
    """Columns: contact × slot, then area × slot, for the areas that take time to set up."""

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
        integer = np.full(self.columns, int(highspy.HighsVarType.kInteger), dtype=np.uint8)
        solver.changeColsIntegrality(self.columns, columns, integer)
        for low, high, rows in (self._limits(), self._once(), self._room(), self._order()):
            add_limits(solver, low, high, rows)

    def values(self, times: Times) -> Floats:
        """Return the columns that stand for a choice."""
        one = np.zeros((len(self.contacts) + len(self.areas), self.slots))
        slot = np.concatenate([times.contact[self.contacts], times.area[self.areas]])
        placed = np.flatnonzero(slot != NOWHERE)
        one[placed, slot[placed]] = 1.0
        return one.ravel()

    def read(self, values: Floats) -> tuple[Bools, Times]:
        """Return the choice that columns stand for."""
        one = values.reshape(-1, self.slots) > 0.5
        slot = np.where(one.any(axis=1), one.argmax(axis=1), NOWHERE)
        contact = np.full(self.model.contacts, NOWHERE)
        contact[self.contacts] = slot[: len(self.contacts)]
        area = np.full(len(self.model.areas), NOWHERE)
        area[self.areas] = slot[len(self.contacts) :]
        chosen = contact != NOWHERE
        area[~self.model.opened(chosen)] = NOWHERE
        return chosen, Times(contact, area)

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


def _areas_of(model: Model, contact: int) -> Ints:
    start, end = model.needs.indptr[contact : contact + 2]
    return np.asarray(model.needs.indices[start:end], dtype=np.int64)
