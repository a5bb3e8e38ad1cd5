"""Answers of a wave weighted to known totals, and standard errors that know of it.

Raking by iterative proportional fitting (Deming & Stephan 1940) from equal weights; errors by
linearization, the residuals swept by the margins' means, as R's ``survey::svymean`` after
``survey::rake`` (Deville, Särndal & Sautory 1993).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

EPSILON = 1e-12
MAX_ROUNDS = 1000
SWEEPS = 10  # as many as R's svyrecvar takes


@dataclass(frozen=True)
class Margin:
    """Known totals of one variable.

    ``codes`` says which of ``totals`` each respondent belongs to; every total is above zero and
    has respondents.
    """

    variable: str
    codes: Codes
    totals: Floats


@dataclass(frozen=True)
class Weights:
    """What each respondent of a wave stands for, as many as there are respondents on average.

    ``margins`` are those that the weights were raked to; without any, all weights are one.
    """

    values: Floats
    margins: tuple[Margin, ...] = ()


def rake(respondents: int, margins: Sequence[Margin]) -> Weights | None:
    """Weight respondents so that they add up to known totals, one variable after the other.

    Parameters
    ----------
    respondents
        How many there are.
    margins
        What to weight to. Where the variables' totals differ in sum, each is scaled to the first.

    Returns
    -------
    Weights or None
        None where no weights meet all margins: after `MAX_ROUNDS` rounds the cells still move by
        more than `EPSILON` of the total, or they have settled elsewhere.
    """
    weights = np.ones(respondents)
    if not margins:
        return Weights(weights)
    whole = margins[0].totals.sum()
    targets = [margin.totals * (whole / margin.totals.sum()) for margin in margins]
    for _ in range(MAX_ROUNDS):
        before = weights
        for margin, target in zip(margins, targets, strict=True):
            sums = np.bincount(margin.codes, weights, minlength=len(target))
            weights = weights * (target / sums)[margin.codes]
        if _largest_move(before, weights, margins) < EPSILON * whole:
            is_met = _meets(weights, margins, targets)
            return Weights(weights * (respondents / whole), tuple(margins)) if is_met else None
    return None


def _meets(weights: Floats, margins: Sequence[Margin], targets: Sequence[Floats]) -> bool:
    """Whether weights add up to every margin: opposed margins settle where the last is met."""
    return all(
        np.allclose(np.bincount(margin.codes, weights), target, rtol=1e-6, atol=0)
        for margin, target in zip(margins, targets, strict=True)
    )


def _largest_move(before: Floats, after: Floats, margins: Sequence[Margin]) -> float:
    """Return by how much the sum of weights moved in the cell where it moved most."""
    shape = tuple(len(margin.totals) for margin in margins)
    cells = np.ravel_multi_index([margin.codes for margin in margins], shape)
    return float(np.abs(np.bincount(cells, after - before)).max(initial=0.0))


def influence(residuals: Floats, weights: Weights) -> Floats:
    """Return how much each respondent moves a weighted mean.

    Its squares, summed and times n / (n - 1) for n respondents, are R's variance of the mean.

    Parameters
    ----------
    residuals
        Respondents by means: (value - mean) / sum of the mean's weights, 0 for who has no part in
        it.
    weights
        The weights of the means.

    Returns
    -------
    np.ndarray
        As ``residuals``, with the margins' means taken out.
    """
    swept = residuals
    for _ in range(SWEEPS if len(weights.margins) > 1 else 1):
        for margin in weights.margins:
            swept = swept - _means(swept, margin)[margin.codes]
    moved = weights.values[:, None] * swept
    centered: Floats = moved - moved.mean(axis=0) if len(moved) else moved
    return centered


def leverage(weights: Weights) -> Floats:
    """Return how much of each respondent's own answer the margins' means take up."""
    n = len(weights.values)
    taken = np.zeros(n)
    for margin in weights.margins:
        taken += 1 / np.bincount(margin.codes)[margin.codes] - 1 / n
    return taken


def _means(values: Floats, margin: Margin) -> Floats:
    member = np.zeros((len(margin.totals), len(values)))
    member[margin.codes, np.arange(len(values))] = 1
    means: Floats = (member @ values) / member.sum(axis=1, keepdims=True)
    return means
