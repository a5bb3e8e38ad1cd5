"""What a careful person would do without a solver, held to the same limits.

Both ways first make the contacts that are locked in, then see to the floors and the quick wins, and
then go down a list, skipping what no longer fits. Where a floor cannot be kept this way, the plan
says so: its objective may then exceed that of a plan that keeps all limits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from pppdash.analysis.outreach.model import TOLERANCE, Bools, Floats, Ints, Model, Row
from pppdash.analysis.outreach.problem import Problem
from pppdash.analysis.outreach.schedule import Diary, Times

Way = Literal["largest_first", "greedy_gap"]


@dataclass(frozen=True)
class ByHand:
    """A plan made by hand.

    Attributes
    ----------
    way
        ``largest_first``: the largest buildings or organizations, whatever their chances.
        ``greedy_gap``: always the cell of area and sector that lags most behind the city's share.
    chosen
        Of each contact (n).
    times
        When they are made.
    objective, expected
        Σ weight × probability, and Σ probability.
    breaks
        Limits that it does not keep.
    """

    way: Way
    chosen: Bools
    times: Times
    objective: float
    expected: float
    breaks: tuple[Row, ...]


def by_hand(problem: Problem, model: Model) -> tuple[ByHand, ByHand]:
    """Return both plans made by hand."""
    return (
        _made(model, "largest_first", _largest_first(model)),
        _made(model, "greedy_gap", _greedy_gap(problem, model)),
    )


def _largest_first(model: Model) -> Ints:
    size = model.candidates["size"].fillna(0.0).to_numpy(dtype=float)
    total = np.bincount(model.contact_of, size, model.contacts)
    return np.argsort(-total, kind="stable")


def _greedy_gap(problem: Problem, model: Model) -> Ints:
    """Order contacts by how far their cell lags when all before them in it are enrolled."""
    cells = problem.targets.groupby(["area_id", "sector"])["is_enrolled"].agg(["size", "sum"])
    share = cells["sum"].sum() / cells["size"].sum()
    gap = cells["size"] * share - cells["sum"]
    lead = model.candidates.iloc[model.lead]
    keys = pd.MultiIndex.from_frame(lead[["area_id", "sector"]])
    frame = pd.DataFrame(
        {
            "gap": gap.reindex(keys).to_numpy(dtype=float),
            "cell": gap.index.get_indexer(keys),
            "chance": lead["probability"].to_numpy(dtype=float),
            "targets": np.bincount(model.contact_of, minlength=model.contacts),
        }
    ).sort_values(["cell", "chance"], ascending=[True, False], kind="stable")
    before = frame.groupby("cell")["targets"].cumsum() - frame["targets"]
    frame["gap"] -= before
    ranked = frame.sort_values(["gap", "chance"], ascending=False, kind="stable")
    return np.asarray(ranked.index, dtype=np.int64)


def _made(model: Model, way: Way, order: Ints) -> ByHand:
    hand = _Hand(model)
    hand.take(np.flatnonzero(model.locked).tolist(), keep=False)
    for index, row in enumerate(model.rows):
        if np.isfinite(row.low):
            inside = model.uses[[index]].toarray()[0] > 0
            hand.take(order[inside[order]].tolist(), until=index, keep=False)
    hand.take(order.tolist())
    probability = model.candidates["probability"].to_numpy(dtype=float)
    expected = float(probability[hand.chosen[model.contact_of]].sum())
    broken = tuple(model.broken(hand.chosen))
    return ByHand(
        way, hand.chosen, hand.diary.times(), model.objective(hand.chosen), expected, broken
    )


class _Hand:
    """A plan that grows contact by contact."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.diary = Diary(model)
        self.chosen = np.zeros(model.contacts, dtype=bool)
        self.is_open = np.zeros(len(model.areas), dtype=bool)
        self.used = np.zeros(len(model.rows))
        self.uses = model.uses_by_contact

    def take(self, contacts: Iterable[int], until: int | None = None, keep: bool = True) -> None:
        """Take contacts that fit, one after another.

        Parameters
        ----------
        until
            Stop when the lower end of this limit is kept.
        keep
            Skip contacts that would take the plan below a lower end that it keeps.
        """
        hours = self.model.hours.tolist()
        for contact in contacts:
            if until is not None and self.used[until] >= self.model.low[until] - TOLERANCE:
                return
            if hours[contact] <= self.model.high[0] - self.used[0] + TOLERANCE:
                self._try(contact, keep)

    def _try(self, contact: int, keep: bool) -> None:
        if self.chosen[contact]:
            return
        span = slice(*self.uses.indptr[contact : contact + 2])
        needs = self.model.needs
        areas = needs.indices[slice(*needs.indptr[contact : contact + 2])]
        opening = areas[~self.is_open[areas]]
        used = self.used + self.model.opens[:, opening].sum(axis=1)
        used[self.uses.indices[span]] += self.uses.data[span]
        if self._may_be(used, keep) and self.diary.place(contact):
            self.used, self.chosen[contact] = used, True
            self.is_open[areas] = True

    def _may_be(self, used: Floats, keep: bool) -> bool:
        """Whether no upper end is passed and, to keep them, no lower end is left."""
        if (used > self.model.high + TOLERANCE).any():
            return False
        lost = (used < self.model.low - TOLERANCE) & (self.used >= self.model.low - TOLERANCE)
        return not (keep and lost.any())
