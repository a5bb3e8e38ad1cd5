"""Branch and bound over which areas open; what is left of each branch is decided by HiGHS.

The relaxation is weak only where areas are half open, and there are few areas. So branches are made
over areas (Land and Doig 1960, the most promising first). Once a branch's relaxation opens areas
whole, its bound is so close that reduced costs decide all but some hundred contacts.
"""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass

import numpy as np

from pppdash.analysis.outreach.bounds import Bound, Part, Relaxation, everything
from pppdash.analysis.outreach.core import Core, decide
from pppdash.analysis.outreach.highs import ALL, Effort
from pppdash.analysis.outreach.model import Bools, Model
from pppdash.analysis.outreach.stop import Progress, Watch

WHOLE = 1e-6
ROUNDING = 1e-9  # share of an objective by which a bound may exceed it for nothing
GLANCE = 120  # contacts that are open at a first glance
GLANCE_NODES = 300


@dataclass(frozen=True)
class Best:
    """The best choice found and what is proven.

    Attributes
    ----------
    chosen
        Of each contact (n); None where none was found.
    objective
        Its Σ weight × probability; minus infinity where there is none.
    bound
        What no choice can exceed; minus infinity where it is proven that there is none.
    """

    chosen: Bools | None
    objective: float
    bound: float


def search(
    model: Model,
    starts: list[Bools],
    watch: Watch,
    seed: int,
    progress: Progress,
) -> Best:
    """Return the best choice of contacts, by branch and bound until the watch stops it.

    Parameters
    ----------
    starts
        Choices that keep all limits, to begin with.
    """
    return _Search(model, watch, seed, progress).run(starts)


class _Search:
    """The state of one search."""

    def __init__(self, model: Model, watch: Watch, seed: int, progress: Progress) -> None:
        self.model, self.watch, self.seed, self.progress = model, watch, seed, progress
        self.relaxation = Relaxation(model)
        self.chosen: Bools | None = None
        self.objective = -np.inf
        self.settled = -np.inf  # the largest bound of what was given up
        self.queue: list[tuple[float, int, Part, Bound]] = []
        self.order = itertools.count()

    def run(self, starts: list[Bools]) -> Best:
        for chosen in starts:
            self._offer(chosen)
        self._visit(everything(self.model))
        self._dive()
        self.progress(self.objective, self._bound())
        while self.queue and not self.watch.is_over:
            _, _, part, found = heapq.heappop(self.queue)
            self._branch(part, found)
            self.progress(self.objective, self._bound())
        return Best(self.chosen, self.objective, self._bound())

    @property
    def cutoff(self) -> float:
        """What a plan must exceed to be looked for."""
        if self.chosen is None:
            return -1e-9
        return max(
            self.watch.stop.enough(self.objective), self.objective + ROUNDING * self.objective
        )

    def _bound(self) -> float:
        waiting = -self.queue[0][0] if self.queue else -np.inf
        return max(self.objective, self.settled, waiting)

    def _give_up(self, bound: float) -> None:
        if bound >= 0:
            self.settled = max(self.settled, bound)

    def _offer(self, chosen: Bools) -> None:
        """Keep a choice if it is the best so far."""
        value = self.model.objective(chosen)
        if value > self.objective and not self.model.broken(chosen):
            self.chosen, self.objective = chosen.copy(), value

    def _visit(self, part: Part) -> None:
        """Bound a part and let it wait, unless nothing better can be in it."""
        found = self.relaxation.solve(part)
        if found.value <= self.cutoff:
            self._give_up(found.value)
            return
        part = self._narrowed(part, found)
        heapq.heappush(self.queue, (-found.value, next(self.order), part, found))

    def _narrowed(self, part: Part, found: Bound) -> Part:
        """Close and open the areas that the bound decides."""
        room = found.value - self.cutoff
        closed, opened = found.to_open >= room, found.to_close >= room
        if (closed & part.may).any() or (opened & ~part.must).any():
            self._give_up(self.cutoff)
        return Part(part.may & ~closed, part.must | (opened & part.may))

    def _branch(self, part: Part, found: Bound) -> None:
        if found.value <= self.cutoff:
            self._give_up(found.value)
            return
        part = self._narrowed(part, found)
        area = _halfway(found, part)
        if area is None:
            self._finish(part, found)
            return
        for child in _children(part, area):
            self._visit(child)

    def _dive(self) -> None:
        """Open or close half-open areas one by one, as promises more, to a first good plan."""
        if not self.queue:
            return
        _, _, part, found = self.queue[0]
        while (area := _halfway(found, part)) is not None and not self.watch.is_over:
            tried = [(child, self.relaxation.solve(child)) for child in _children(part, area)]
            part, found = max(tried, key=lambda one: one[1].value)
        if found.value > self.cutoff:
            self._glance(part, found)

    def _glance(self, part: Part, found: Bound) -> None:
        """Look for a good plan among the contacts that are closest to undecided."""
        is_part = (found.x > WHOLE) & (found.x < 1 - WHOLE)
        flip = np.where(is_part, -1.0, np.maximum(found.to_one, found.to_zero))
        near = np.argsort(flip, kind="stable")[:GLANCE]
        made = found.x > 0.5
        made[near] = False
        chosen, _ = self._decide(Core(np.sort(near), made, part), GLANCE_NODES)
        self._offer(chosen)

    def _finish(self, part: Part, found: Bound) -> None:
        """Decide a part whose areas are whole in the relaxation."""
        self._glance(part, found)
        room = found.value - self.cutoff
        self._give_up(min(self.cutoff, found.value))
        if room > 0:
            made = (found.to_zero >= room) & (found.to_one < room)
            undecided = np.flatnonzero((found.to_one < room) & ~made)
            chosen, bound = self._decide(Core(undecided, made, part))
            self._offer(chosen)
            self._give_up(min(bound, found.value))

    def _decide(self, core: Core, nodes: int = ALL) -> tuple[Bools, float]:
        effort = Effort(self.watch.stop.gap / 2, self.watch.left, self.seed, nodes)
        return decide(self.model, core, self.cutoff, effort, self.watch)


def _halfway(found: Bound, part: Part) -> int | None:
    """Return the area that is closest to half open; None where all are whole."""
    half = np.minimum(found.y, 1 - found.y) * (part.may & ~part.must)
    area = int(np.argmax(half))
    return area if half[area] > WHOLE else None


def _children(part: Part, area: int) -> tuple[Part, Part]:
    """Return the part with an area open, and with it closed."""
    may, must = part.may.copy(), part.must.copy()
    may[area], must[area] = False, True
    return Part(part.may, must), Part(may, part.must)
