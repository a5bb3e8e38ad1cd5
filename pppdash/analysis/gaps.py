"""Where coverage falls short: how far, how surely, and the reason in words.

A gap has two measures. How many targets are missing to the goal orders the work; how the cell's
coverage stands to that of the rest tells whether anything sets it apart from chance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats
from scipy.optimize import elementwise

from pppdash.analysis.discovery import q_values
from pppdash.metrics.intervals import CONFIDENCE
from pppdash.metrics.registry import METRICS

Counts: TypeAlias = "npt.NDArray[np.int64] | pd.Series"
Floats: TypeAlias = "npt.NDArray[np.float64]"

NEEDED = (
    "targets",
    "targets_enrolled",
    "coverage",
    "coverage_low",
    "coverage_high",
    "coverage_shrunken",
    "goal",
    "shortfall",
    "expected",
)
"""Metrics that `rank` and `measure` want in their cells."""

COLUMNS = (
    "targets",
    "enrolled",
    "coverage",
    "coverage_low",
    "coverage_high",
    "shrunken",
    "expected",
    "shortfall",
    "representation",
    "representation_low",
    "representation_high",
    "q",
    "verdict",
    "reason",
)
"""What is known of a cell, in the order in which tables give it."""

BEHIND, AHEAD = "behind", "ahead"
NO_DIFFERENCE, TOO_LITTLE = "no detectable difference", "too little data"
NOT_COMPARED = "not compared"
VERDICTS = (BEHIND, AHEAD, NO_DIFFERENCE, TOO_LITTLE, NOT_COMPARED)

COMPARED = ["representation", "representation_low", "representation_high", "p"]

LEVEL = 1 - CONFIDENCE
ALIKE = 1e-7  # chances that differ by less than this part are equal, but for rounding
_Z = float(stats.norm.isf(LEVEL / 2))
_RENAMED = {"targets_enrolled": "enrolled", "coverage_shrunken": "shrunken"}
_TYPES = {"targets": "int64", "enrolled": "int64", "goal": "float64", "expected": "float64"}


@dataclass(frozen=True)
class Gaps:
    """The cells of one breakdown, the largest gap first.

    Attributes
    ----------
    cells
        One row a cell that holds targets: the columns in ``by``, `COLUMNS`, ``goal`` (share) and
        ``ranked_shortfall`` (targets); see `measure`.
    by
        The dimensions' columns.
    targets, enrolled
        Of all cells together.
    """

    cells: pd.DataFrame
    by: tuple[str, ...]
    targets: int
    enrolled: int

    def of(self, verdict: str) -> pd.DataFrame:
        """Return the cells of one verdict, those furthest from the rest's coverage first.

        They bear ``missing``: how many more targets the rest's coverage would have enrolled.
        """
        found = self.cells[self.cells["verdict"] == verdict]
        missing = found["targets"] * self.rest_coverage(found) - found["enrolled"]
        furthest_first = missing.abs().sort_values(ascending=False, kind="stable").index
        return found.assign(missing=missing).loc[furthest_first]

    def rest_coverage(self, cells: pd.DataFrame) -> pd.Series:
        """Return the coverage of everything but each cell; NaN where it is the whole."""
        others = self.targets - cells["targets"]
        return (self.enrolled - cells["enrolled"]) / others.where(others > 0)


def rank(cells: pd.DataFrame, min_targets: int) -> pd.DataFrame:
    """Order cells by how many targets they are short of their goal.

    Parameters
    ----------
    cells
        One row a cell: its dimensions and the metrics in `NEEDED`; further metrics are kept.
    min_targets
        Cells with fewer targets are called unreliable in their reason.

    Returns
    -------
    pd.DataFrame
        The cells that hold targets, with ``ranked_shortfall`` (targets; goal less shrunken
        coverage, so that a zero of 3 does not outrank a zero of 60; without a goal, what is
        missing to the city's coverage) and ``reason``, worst first; between equals, the cell of
        more targets.
    """
    held = cells[cells["targets"] > 0].rename(columns=_RENAMED).astype(_TYPES)
    short = (held["goal"] - held["shrunken"]).clip(lower=0) * held["targets"]
    behind = (held["expected"] - held["shrunken"] * held["targets"]).clip(lower=0)
    held["ranked_shortfall"] = short.where(held["goal"].notna(), behind)
    held["reason"] = [
        reason(row.targets, row.enrolled, row.expected, row.ranked_shortfall > 0, min_targets)
        for row in held.itertuples()
    ]
    return held.sort_values(
        ["ranked_shortfall", "targets"], ascending=False, kind="stable", ignore_index=True
    )


def measure(cells: pd.DataFrame, min_targets: int, unnamed: str = "") -> Gaps:
    """Order cells by their gap and hold each against the rest.

    Parameters
    ----------
    cells
        One row a cell, which together are the whole: its dimensions and the metrics in `NEEDED`.
    min_targets
        Cells with fewer targets are called unreliable in their reason.
    unnamed
        What stands for no sector: a cell of it counts towards the rest of the others, but gets no
        q and no verdict. A sector that is missing is taken for it.

    Returns
    -------
    Gaps
        ``representation`` is the cell's coverage over the rest's, with its 95% score interval;
        NaN where nobody of the rest is enrolled, and then without an upper end. ``q`` is Fisher's
        exact p (two-sided) after Benjamini and Hochberg (1995) over the cells shown.

        ``verdict`` is `BEHIND` or `AHEAD` only where q ≤ .05; `TOO_LITTLE` where not even a cell
        without any enrollment would have shown at its size (chance alone leaves it without one in
        more than 5% of cases); `NO_DIFFERENCE` otherwise. `NOT_COMPARED`: there is no rest,
        nobody or everybody is enrolled, or the cell is ``unnamed``.
    """
    ranked = rank(cells, min_targets)
    by = tuple(name for name in cells.columns if name not in METRICS)
    if "sector" in by:
        ranked["sector"] = ranked["sector"].fillna(unnamed)
    targets, enrolled = int(ranked["targets"].sum()), int(ranked["enrolled"].sum())
    compared = _compared(ranked, targets, enrolled)
    in_family = compared["p"].notna() & ~_is_unnamed(ranked, unnamed)
    compared["q"] = q_values(compared["p"].where(in_family))
    ranked = ranked.join(compared.drop(columns="p"))
    ranked["verdict"] = _verdicts(ranked, targets, enrolled)
    return Gaps(ranked, by, targets, enrolled)


def reason(targets: int, enrolled: int, expected: float, is_short: bool, min_targets: int) -> str:
    """Say why a cell is where it is: "60 targets, none enrolled; expected 7"."""
    have = "none" if enrolled == 0 else f"{enrolled:,}"
    noun = "target" if targets == 1 else "targets"
    words = f"{targets:,} {noun}, {have} enrolled"
    if pd.notna(expected):
        words += f"; expected {_rounded(expected)}"
        words += ", so a gap by its size alone" if is_short and enrolled > expected else ""
    if targets < min_targets:
        words += f" (unreliable: fewer than {min_targets} targets)"
    return words


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else "fewer than 1"


# -- against the rest --------------------------------------------------------------------------


def ratio_intervals(
    enrolled: Counts, targets: Counts, rest_enrolled: Counts, rest_targets: Counts
) -> tuple[Floats, Floats]:
    """95% score intervals of ratios of two shares (Koopman 1984, Miettinen & Nurminen 1985).

    The ratios that the score test does not reject, found by their two ends: the interval of
    statsmodels' ``confint_proportions_2indep(compare="ratio", method="score")``, whose closed
    form breaks off where a share is 0 or 1, and loses its digits as the rest's nears 1.

    Parameters
    ----------
    enrolled, targets
        Of the cells, element by element; ``targets`` above 0.
    rest_enrolled, rest_targets
        Of their rests, likewise. Together somebody is enrolled, and not everybody.

    Returns
    -------
    tuple of np.ndarray
        Low, 0 where nobody of the cell is enrolled, and high, NaN where nobody of the rest is.
    """
    counts = tuple(
        np.asarray(part, dtype="float64")
        for part in (enrolled, targets, rest_enrolled, rest_targets)
    )
    x, n, rest_x, rest_n = counts
    guess = np.log((x + 0.5) / (n + 1) / ((rest_x + 0.5) / (rest_n + 1)))
    low = np.where(x > 0, np.exp(_ratio_end(guess, _Z, counts)), 0.0)
    high = np.where(rest_x > 0, np.exp(_ratio_end(guess, -_Z, counts)), np.nan)
    return low, high


def _ratio_end(guess: Floats, score: float, counts: tuple[Floats, ...]) -> Floats:
    """Return the logarithms of the ratios that have a score; NaN where none has."""
    arguments = (np.full_like(guess, score), *counts)
    # Far out the variance may vanish; such a ratio is rejected, as it should be.
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found = elementwise.bracket_root(_score_less, guess - 1, guess + 1, args=arguments)
        root = elementwise.find_root(_score_less, found.bracket, args=arguments)
    return np.where(root.success, root.x, np.nan)


def _score_less(
    log_ratio: Floats, score: Floats, x: Floats, n: Floats, rest_x: Floats, rest_n: Floats
) -> Floats:
    """Return how far the score of a ratio lies above ``score`` (Miettinen & Nurminen 1985, 13)."""
    ratio, total = np.exp(log_ratio), n + rest_n
    # The rest's likeliest share, were this the ratio: the smaller root, in its stable form.
    linear = n * ratio + x + rest_n + rest_x * ratio
    root = np.sqrt(linear**2 - 4 * total * ratio * (x + rest_x))
    rest_share = 2 * (x + rest_x) / (linear + root)
    share = ratio * rest_share
    variance = share * (1 - share) / n + ratio**2 * rest_share * (1 - rest_share) / rest_n
    scale = np.sqrt(variance * total / (total - 1))
    above: Floats = (x / n - ratio * rest_x / rest_n) / scale - score
    return above


def _compared(cells: pd.DataFrame, targets: int, enrolled: int) -> pd.DataFrame:
    """Return representation, its interval and Fisher's p; NaN where there is nothing to compare.

    Small cells are much alike: each pair of counts is worked out once.
    """
    pairs = cells[["enrolled", "targets"]].drop_duplicates()
    found = pairs.join(_pairs_compared(pairs, targets, enrolled))
    return cells[["enrolled", "targets"]].merge(found, "left").set_axis(cells.index)[COMPARED]


def _pairs_compared(pairs: pd.DataFrame, targets: int, enrolled: int) -> pd.DataFrame:
    x, n = pairs["enrolled"], pairs["targets"]
    compared = pd.DataFrame(math.nan, pairs.index, COMPARED)
    if 0 < enrolled < targets and n.max() < targets:
        rest_x, rest_n = enrolled - x, targets - n
        rest = (rest_x / rest_n).where(rest_x > 0)
        compared["representation"] = x / n / rest
        ends = ratio_intervals(x, n, rest_x, rest_n)
        compared["representation_low"], compared["representation_high"] = ends
        compared["p"] = fisher(x, n, enrolled, targets)
    return compared


def fisher(
    enrolled: Counts, targets: Counts, all_enrolled: int | Counts, all_targets: int
) -> Floats:
    """Fisher's exact p of cells against their rest, two-sided, as ``scipy.stats.fisher_exact``.

    The chance of a table no likelier than the cell's, the margins kept; of all cells at once,
    which one by one takes a second for a large city's.

    Parameters
    ----------
    enrolled, targets
        Of the cells, element by element.
    all_enrolled, all_targets
        Of cell and rest together.
    """
    x, n = np.asarray(enrolled), np.asarray(targets)
    # A cell above the likeliest count is looked at from the other side, by who is not enrolled.
    is_above = x > (n + 1) * (all_enrolled + 1) // (all_targets + 2)
    x = np.where(is_above, n - x, x)
    held = np.where(is_above, all_targets - all_enrolled, all_enrolled)
    tables = stats.hypergeom(all_targets, held, n)
    likely = tables.logpmf(x) + ALIKE
    # The first count on the far side that is no likelier than x lies in (near, far]; the
    # likeliest itself may be that, as there can be two of them.
    near = np.maximum(x, (n + 1) * (held + 1) // (all_targets + 2) - 1)
    far = np.minimum(n, held) + 1
    while (far - near > 1).any():
        middle = (near + far) // 2
        is_beyond = tables.logpmf(middle) <= likely
        near, far = np.where(is_beyond, near, middle), np.where(is_beyond, middle, far)
    p: Floats = np.minimum(tables.cdf(x) + tables.sf(far - 1), 1)
    return p


def _is_unnamed(cells: pd.DataFrame, unnamed: str) -> pd.Series:
    return cells["sector"].eq(unnamed) if "sector" in cells else pd.Series(False, cells.index)


def _verdicts(cells: pd.DataFrame, targets: int, enrolled: int) -> pd.Series:
    """Return each cell's verdict; see `measure`."""
    # Compared without division: a rest in which nobody is enrolled has no ratio.
    is_lower = cells["enrolled"] * targets < enrolled * cells["targets"]
    called = cells["q"] <= LEVEL
    fewest = (cells["targets"] - (targets - enrolled)).clip(lower=0)
    none = stats.hypergeom.logpmf(fewest, targets, enrolled, cells["targets"])
    found = np.select(
        [cells["q"].isna(), called & is_lower, called, none > math.log(LEVEL)],
        [NOT_COMPARED, BEHIND, AHEAD, TOO_LITTLE],
        NO_DIFFERENCE,
    )
    return pd.Series(found, cells.index, dtype="object")
