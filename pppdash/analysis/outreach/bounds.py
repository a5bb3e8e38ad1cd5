"""How good a plan can be at all: a bound by Lagrangian relaxation, and what follows from it.

Every limit gets a price. At those prices a contact is worth its value less what it uses, an area
costs what it opens, and without the limits the best choice falls apart by area: open it where the
contacts in it are worth more than the opening. Whatever the prices, no plan that keeps the limits
is worth more than this (Geoffrion 1974). The best prices are the duals of the linear relaxation, in
which each contact is linked to each of its areas; it is solved over few contacts, and others are
added while their worth at the prices says that they could matter ("sifting": Bixby et al. 1992).

What a contact is worth at the prices also says what it would cost to decide it the other way. Where
that costs more than what lies between the bound and the best plan known, it is decided for good
(reduced-cost fixing: Nemhauser and Wolsey 1988, II.5.2).
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from pppdash.analysis.outreach.highs import add_contacts, add_limits, add_links, quiet_solver
from pppdash.analysis.outreach.model import Bools, Floats, Ints, Model

START = 400  # contacts in the first relaxation, besides those that floors ask for
MOST_ADDED = 1500
SHORT = 1e3  # price of a unit short of a limit, times the largest value of a contact


@dataclass(frozen=True)
class Part:
    """A part of all plans: which areas may be opened, and which must be.

    Attributes
    ----------
    may, must
        Of each area (m).
    """

    may: Bools
    must: Bools


def everything(model: Model) -> Part:
    """Return all plans; the areas of contacts that must be made are open."""
    return Part(np.ones(len(model.areas), dtype=bool), model.opened(model.locked))


@dataclass(frozen=True)
class Bound:
    """What no plan within a part of all plans can exceed.

    Attributes
    ----------
    value
        The bound; below 0 there is no plan at all, because none is worth less than nothing.
    to_one, to_zero
        By how much the bound falls when a contact is made, or is not (n).
    to_open, to_close
        By how much it falls when an area is opened, or is not (m).
    x, y
        Of the linear relaxation (n, m).
    """

    value: float
    to_one: Floats
    to_zero: Floats
    to_open: Floats
    to_close: Floats
    x: Floats
    y: Floats


@dataclass(frozen=True)
class Prices:
    """What things are worth at one price a limit.

    Attributes
    ----------
    limit
        Price of a unit of each limit (r): above 0 its upper end counts, below 0 its lower.
    worth
        Of each contact: its value less what it uses (n).
    share
        What a contact that is worth something brings to each area it opens (as `Model.needs`).
    net
        Of each area when open: what contacts bring to it less its opening (m).
    """

    limit: Floats
    worth: Floats
    share: Floats
    net: Floats


class Relaxation:
    """The linear relaxation of a model over the contacts that matter so far."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.inside = np.zeros(model.contacts, dtype=bool)
        self.columns = np.empty(0, dtype=np.int64)
        self.links = np.empty(0, dtype=np.int64)
        self.solver = quiet_solver()
        self.solver.setOptionValue("presolve", "off")
        self._start()
        self._add(_first(model))

    def solve(self, part: Part) -> Bound:
        """Return the bound over a part of all plans, at prices that are best for it."""
        m = len(self.model.areas)
        self.solver.changeColsBounds(
            m, np.arange(m, dtype=np.int32), part.must.astype(float), part.may.astype(float)
        )
        while True:
            self.solver.run()
            prices = self._prices(part)
            more = self._missing(prices, part)
            if not len(more):
                return self._bound(prices, part)
            self._add(more)

    def _start(self) -> None:
        """Begin with the areas and, for each end of each limit, what it costs to be short."""
        model = self.model
        m, r = len(model.areas), len(model.rows)
        inf = highspy.kHighsInf
        price = SHORT * max(1e-12, float(model.value.max(initial=0.0)))
        self.solver.addVars(m, np.zeros(m), np.ones(m))
        self.solver.addVars(2 * r, np.zeros(2 * r), np.full(2 * r, inf))
        short = np.arange(m, m + 2 * r, dtype=np.int32)
        self.solver.changeColsCost(2 * r, short, np.full(2 * r, price))
        signs = np.hstack([np.eye(r), -np.eye(r)])
        rows = sparse.csr_array(np.hstack([model.opens, signs]))
        add_limits(self.solver, model.low, model.high, rows)

    def _add(self, contacts: Ints) -> None:
        """Take contacts in: a column each, and a row for each area that it opens."""
        model = self.model
        first = self.solver.getNumCol()
        low = model.locked[contacts].astype(float)
        add_contacts(self.solver, model.value[contacts], low, model.uses_by_contact[contacts])
        add_links(self.solver, model.needs[contacts], first)
        self.inside[contacts] = True
        self.columns = np.concatenate([self.columns, contacts])
        self.links = np.concatenate([self.links, _positions(model.needs, contacts)])

    def _prices(self, part: Part) -> Prices:
        """Return the prices that the relaxation ends with."""
        r = len(self.model.rows)
        duals = -np.array(self.solver.getSolution().row_dual)
        pull = np.zeros(self.model.needs.nnz)
        pull[self.links] = np.maximum(0.0, duals[r:])
        return _priced(self.model, part, _signed(duals[:r], self.model), pull)

    def _missing(self, prices: Prices, part: Part) -> Ints:
        """Return contacts outside that could matter at these prices, the best first."""
        model = self.model
        gain = np.maximum(0.0, prices.worth)
        most = np.asarray(model.needs.T @ gain) - prices.limit @ model.opens
        idle = np.asarray(model.needs @ (~part.may | ((most <= 1e-9) & ~part.must)) > 0)
        more = np.flatnonzero((prices.worth > 1e-9) & ~idle & ~self.inside)
        return more[np.argsort(-prices.worth[more], kind="stable")][:MOST_ADDED]

    def _bound(self, prices: Prices, part: Part) -> Bound:
        model = self.model
        m, r = len(model.areas), len(model.rows)
        values = np.array(self.solver.getSolution().col_value)
        x = np.zeros(model.contacts)
        x[self.columns] = values[m + 2 * r :]
        value = _value(model, prices, part)
        return Bound(value, *_flips(model, prices, part), x, values[:m])


def _first(model: Model) -> Ints:
    """Return the contacts to begin with: the best an hour, and the best for each floor."""
    rate = model.value / np.maximum(model.hours, 1e-9)
    best = np.argsort(-rate, kind="stable")
    wanted = [best[:START], np.flatnonzero(model.locked)]
    for index, row in enumerate(model.rows):
        if row.low > 0:
            inside = np.asarray(model.uses[[index]].toarray()[0] > 0)
            wanted.append(best[inside[best]][: int(2 * row.low) + 1])
    return np.unique(np.concatenate(wanted))


def _signed(price: Floats, model: Model) -> Floats:
    """Return prices that count only ends which a limit has."""
    price = np.where(np.isfinite(model.high), price, np.minimum(price, 0.0))
    return np.where(np.isfinite(model.low), price, np.maximum(price, 0.0))


def _positions(table: sparse.csr_array, rows: Ints) -> Ints:
    """Return where the entries of some rows stand in a table's data."""
    start, count = table.indptr[rows], np.diff(table.indptr)[rows]
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.asarray(np.repeat(start, count) + within, dtype=np.int64)


def _priced(model: Model, part: Part, limit: Floats, pull: Floats) -> Prices:
    """Return what contacts and areas are worth; ``pull`` is how the relaxation links them."""
    worth = model.value - model.uses.T @ limit
    shut = np.asarray(model.needs @ ~part.may > 0)
    gain = np.where(model.locked | shut, 0.0, np.maximum(0.0, worth))
    opening = limit @ model.opens
    share = _split(model, gain, pull, np.asarray(model.needs.T @ gain) <= opening)
    return Prices(limit, worth, share, _by_area(model, share) - opening)


def _split(model: Model, gain: Floats, pull: Floats, dull: Bools) -> Floats:
    """Split each contact's gain over its areas as the relaxation does.

    Where the relaxation does not say, all of it goes to areas that stay dull even so.
    """
    pull = pull + np.where(dull[model.needs.indices], 1e-6, 1e-12)
    scale = gain / np.add.reduceat(pull, model.needs.indptr[:-1])
    return np.asarray(pull * np.repeat(scale, np.diff(model.needs.indptr)))


def _by_area(model: Model, share: Floats) -> Floats:
    return np.asarray(np.bincount(model.needs.indices, share, len(model.areas)), dtype=float)


def _by_contact(model: Model, each: Floats) -> Floats:
    return np.asarray(np.add.reduceat(each, model.needs.indptr[:-1]))


def _value(model: Model, prices: Prices, part: Part) -> float:
    """Return the bound at the prices."""
    counts = prices.limit != 0
    ends = np.where(prices.limit > 0, model.high, model.low)[counts]
    fixed = float(ends @ prices.limit[counts]) + float(prices.worth[model.locked].sum())
    return fixed + float(_standing(prices, part).sum())


def _standing(prices: Prices, part: Part) -> Floats:
    """Return what each area adds to the bound: what it is worth where it pays or must be."""
    free = np.where(part.may, np.maximum(0.0, prices.net), 0.0)
    return np.where(part.must, prices.net, free)


def _flips(model: Model, prices: Prices, part: Part) -> tuple[Floats, Floats, Floats, Floats]:
    """Return by how much the bound falls when contacts and areas are decided the other way."""
    never = np.where(part.may, 0.0, np.inf)
    to_open = _standing(prices, part) - prices.net + never
    to_close = np.where(part.must, np.inf, np.maximum(0.0, prices.net))
    where = model.needs.indices
    costs = np.where(model.locked, 0.0, np.maximum(0.0, -prices.worth))
    to_one = _by_contact(model, to_open[where]) + costs
    lost = np.minimum(prices.share, np.where(part.must, np.inf, to_close)[where])
    to_zero = np.where(model.locked, np.inf, _by_contact(model, lost))
    return to_one, to_zero, to_open, to_close
