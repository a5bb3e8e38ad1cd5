"""An attacker who has everything that a survey publishes, as a linear program.

What is attacked are the counts of one wave by one segmentation. The other segmentations share only
the totals with it, which are known; figures of a wave say nothing of another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.optimize import linprog

from pppdash.analysis.suppression import Counts, Mask, hide, may_be_listed

LEVELS = 2  # answers on a scale of two points: their counts give mean, top two and distribution
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Table:
    """One wave by one segmentation: groups by respondents, questions by groups by answer."""

    groups: Counts
    scores: Counts

    @property
    def answers(self) -> Counts:
        """Questions by groups: how many answered."""
        return np.asarray(self.scores.sum(axis=2))


@dataclass(frozen=True)
class Hidden:
    """A hidden count, the range in which the attacker finds it, and the most it could be at all.

    ``most`` is what is known without the segmentation: the question's answers, the respondents
    beside whom every other group has one, and the group's respondents where others show them.
    """

    count: int
    low: float
    high: float
    most: float

    def is_protected(self, least: int) -> bool:
        """Whether the range is what docs/decisions/0012-what-suppression-protects.md promises."""
        wide = self.high - self.low >= min(least, self.most - 1) - TOLERANCE
        if self.count >= least:
            return wide
        reaches_down = self.low <= max(1, self.count - least / 2) + TOLERANCE
        reaches_up = self.high >= min(self.most, self.count + least / 2) - TOLERANCE
        return wide and reaches_down and reaches_up


def random_table(rng: np.random.Generator) -> Table:
    """Draw a wave: few or many groups, of like or of unlike size; questions left out by any share.

    A third of the tables are all but fully answered, where questions say most of one another.
    """
    size = int(rng.integers(2, 9))
    mean = rng.choice([3, 8, 12, 25, 60])
    groups = 1 + rng.poisson(mean * rng.dirichlet(np.full(size, rng.choice([0.3, 1, 5]))) * size)
    most_left_out = rng.choice([0.02, 0.2, 0.9])
    questions = int(rng.integers(1, 4))
    left_out = rng.uniform(0, most_left_out, questions)
    answers = rng.binomial(groups[None, :], 1 - left_out[:, None])
    top = rng.binomial(answers, rng.uniform(0, 1, (questions, 1)))
    return Table(groups, np.stack([answers - top, top], axis=2))


def attack(table: Table, least: int) -> Iterator[Hidden]:
    """Find the range of every hidden count from all that is published of a table.

    The attacker has, besides what is published, the number of respondents of every group that is
    shown for any question, and knows that every group that is named has one.
    """
    hidden = hide(table.answers, table.groups, least)
    if table.groups.sum() < least or not may_be_listed(hidden, table.groups, least):
        return
    program = _program(table, hidden, least)
    is_shown = ~hidden.all(axis=0)
    _questions, groups = hidden.shape
    respondents = table.groups.sum()
    for question, group in np.argwhere(hidden):
        total = table.answers[question].sum()
        most = respondents - groups + 1
        most = min(most, table.groups[group]) if is_shown[group] else most
        most = min(most, total) if total >= least else most
        aim = np.zeros(program["A_eq"].shape[1])
        start = groups + (question * groups + group) * LEVELS
        aim[start : start + LEVELS] = 1
        low = linprog(aim, method="highs", **program).fun
        high = -linprog(-aim, method="highs", **program).fun
        yield Hidden(int(table.answers[question, group]), low, high, float(most))


def reason(groups: Counts, least: int) -> Iterator[Hidden]:
    """Find the ranges that are left to one who also asks which counts the rule would have hidden.

    Parameters
    ----------
    groups
        Respondents by group; two or three of them hidden, as every division of these is tried.
    """
    hidden = hide(groups[None, :], groups, least)[0]
    divisions = []
    for cuts in combinations(range(1, groups[hidden].sum()), int(hidden.sum()) - 1):
        guess = groups.copy()
        guess[hidden] = np.diff([0, *cuts, groups[hidden].sum()])
        if (hide(guess[None, :], guess, least)[0] == hidden).all():
            divisions.append(guess[hidden])
    most = float(groups.sum() - len(groups) + 1)
    for count, found in zip(groups[hidden], np.array(divisions).T, strict=True):
        yield Hidden(int(count), float(found.min()), float(found.max()), most)


def _program(table: Table, hidden: Mask, least: int) -> dict[str, np.ndarray]:
    """Return all that is published as equations of respondents by group, then answers."""
    questions, groups = hidden.shape
    size = groups * (1 + questions * LEVELS)
    equal: list[tuple[np.ndarray, float]] = []

    def row(places: np.ndarray) -> np.ndarray:
        line = np.zeros(size)
        line[places] = 1
        return line

    def cells(question: int, group: int) -> np.ndarray:
        return groups + (question * groups + group) * LEVELS + np.arange(LEVELS)

    equal.append((row(np.arange(groups)), table.groups.sum()))
    for group in np.flatnonzero(~hidden.all(axis=0)):
        equal.append((row(np.array([group])), table.groups[group]))
    below = []
    for question in range(questions):
        if table.answers[question].sum() >= least:
            for level in range(LEVELS):
                places = np.array([cells(question, group)[level] for group in range(groups)])
                equal.append((row(places), table.scores[question, :, level].sum()))
        for group in range(groups):
            line = row(cells(question, group))
            line[group] = -1
            below.append(line)
            if not hidden[question, group]:
                for place, count in zip(
                    cells(question, group), table.scores[question, group], strict=True
                ):
                    equal.append((row(np.array([place])), count))
    bounds = np.zeros((size, 2))
    bounds[:, 1] = np.inf
    bounds[:groups, 0] = 1
    return {
        "A_eq": np.array([line for line, _ in equal]),
        "b_eq": np.array([value for _, value in equal], dtype=float),
        "A_ub": np.array(below),
        "b_ub": np.zeros(len(below)),
        "bounds": bounds,
    }
