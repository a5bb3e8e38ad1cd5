"""Some of the chosen are not called, so that one learns what calling brings.

Choose first, then randomize owners within area × sector *of the chosen*; every owner has the same
chance. For the comparison, area × sectors in which too few would be held out are put together,
within their area first, before anything is drawn: an interval over many small strata is too wide.
What is compared is everybody as drawn, called or not (intention to treat).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, stats
from statsmodels.stats.proportion import power_proportions_2indep, proportion_confint

from pppdash.analysis.outreach.model import Bools, Floats, Ints, Texts

LEAST_HELD = 20.0
"""Owners that a stratum must hold out on average, to be compared by itself."""


@dataclass(frozen=True)
class Difference:
    """What contacts brought: the treated share less the holdout's.

    Attributes
    ----------
    treated, holdout
        Shares of owners that enrolled, weighted by the strata's sizes.
    value, low, high
        Their difference with its interval.
    """

    treated: float
    holdout: float
    value: float
    low: float
    high: float


def strata(area: Texts, sector: Texts, share: float) -> Ints:
    """Return the stratum in which each owner is compared: area × sector, small ones put together.

    Parameters
    ----------
    area, sector
        Of each owner.
    share
        Of owners that are held out.

    Returns
    -------
    Ints
        Numbers from 0 on.
    """
    frame = pd.DataFrame({"area": area, "sector": sector})
    label = pd.Series("rest", index=frame.index)
    by_area = _is_enough(frame["area"], share)
    label[by_area] = "area " + frame["area"][by_area].astype(str)
    both = frame["area"].astype(str) + " × " + frame["sector"].astype(str)
    by_both = _is_enough(both, share)
    label[by_both] = both[by_both]
    while (small := _too_small(label, share)) is not None:
        label[label == small] = label[label != small].value_counts().sort_index().idxmin()
    return np.asarray(pd.factorize(label, sort=True)[0], dtype=np.int64)


def draw(area: Texts, sector: Texts, share: float, seed: int) -> Bools:
    """Return which owners are held out.

    Parameters
    ----------
    area, sector
        Of each owner.
    share
        Of owners to hold out; each has this chance, and each stratum of `strata`, and each area ×
        sector within it, gives its share to within one.
    seed
        The same seed draws the same owners.
    """
    rng = np.random.default_rng(seed)
    keys = [_shuffled(values, rng) for values in (sector, area, strata(area, sector, share))]
    order = np.lexsort((rng.random(len(area)), *keys))
    # Systematic sampling along a shuffled list (Madow 1944): a step of 1 / share, a random start.
    passed = np.floor(np.arange(len(area) + 1) * share + rng.random())
    held = np.zeros(len(area), dtype=bool)
    held[order] = np.diff(passed) > 0
    return held


def _shuffled(values: Texts | Ints, rng: np.random.Generator) -> Ints:
    """Return a number for each value, in an order by chance."""
    codes, kinds = pd.factorize(values, sort=True)
    return np.asarray(rng.permutation(len(kinds))[codes])


def compare(
    stratum: Ints, is_holdout: Bools, enrolled: Bools, confidence: float = 0.95
) -> Difference:
    """Return treated less holdout by the stratum-weighted Newcombe interval.

    Yan and Su (2010), "Stratified Wilson and Newcombe confidence intervals for multiple binomial
    proportions"; with one stratum it is Newcombe's (1998) method 10. Strata are weighted by how
    many owners they hold.

    Parameters
    ----------
    stratum, is_holdout, enrolled
        Of each owner, as `strata` and `draw` gave them, and whether one enrolled.

    Raises
    ------
    ValueError
        A stratum has nobody in one of the arms.
    """
    count = int(stratum.max()) + 1
    weight = np.bincount(stratum, minlength=count) / len(stratum)
    arms = [_Arm.of(stratum[arm], enrolled[arm], count) for arm in (~is_holdout, is_holdout)]
    if any((arm.owners == 0).any() for arm in arms):
        raise ValueError("a stratum has nobody in one of the arms")
    z = float(stats.norm.ppf(0.5 + confidence / 2))
    treated, holdout = (float(weight @ arm.share) for arm in arms)
    (low_1, high_1), (low_0, high_0) = (arm.interval(weight, z) for arm in arms)
    spread_1, spread_0 = (float((weight**2 / arm.owners).sum()) for arm in arms)
    below = spread_1 * low_1 * (1 - low_1) + spread_0 * high_0 * (1 - high_0)
    above = spread_1 * high_1 * (1 - high_1) + spread_0 * low_0 * (1 - low_0)
    value = treated - holdout
    return Difference(
        treated,
        holdout,
        value,
        value - z * float(np.sqrt(below)),
        value + z * float(np.sqrt(above)),
    )


def smallest_detectable(
    treated: int, holdout: int, share: float, power: float = 0.8, alpha: float = 0.05
) -> float:
    """Return the smallest rise over the holdout's share that would be seen with this power.

    By the power of the two-sided test of two proportions (Fleiss, Levin and Paik 2003, as
    statsmodels has it), with no correction for strata, which only help.

    Parameters
    ----------
    treated, holdout
        Owners in each arm.
    share
        Share of the holdout that enrolls without being called.

    Returns
    -------
    float
        A difference of shares; NaN where not even everybody enrolling would be seen.
    """
    if min(treated, holdout) == 0:
        return float("nan")

    def lacks(difference: float) -> float:
        found = power_proportions_2indep(
            difference, share, nobs1=treated, ratio=holdout / treated, alpha=alpha
        )
        return float(found.power) - power

    most = 1 - share - 1e-9
    if lacks(most) < 0:
        return float("nan")
    return float(optimize.brentq(lacks, 1e-9, most))


@dataclass(frozen=True)
class _Arm:
    """One arm, by stratum."""

    owners: Floats
    enrolled: Floats

    @classmethod
    def of(cls, stratum: Ints, enrolled: Bools, count: int) -> _Arm:
        owners = np.bincount(stratum, minlength=count).astype(float)
        return cls(owners, np.bincount(stratum, enrolled, count).astype(float))

    @property
    def share(self) -> Floats:
        return self.enrolled / self.owners

    def interval(self, weight: Floats, z: float) -> tuple[float, float]:
        """Return the stratified Wilson interval: every stratum's at a narrower level.

        How much narrower depends on the strata's standard errors, taken at (x + ½) / (n + 1), so
        that one in which nobody or everybody enrolled has its part.
        """
        near = (self.enrolled + 0.5) / (self.owners + 1)
        spread = np.sqrt(near * (1 - near) / self.owners)
        narrow = z * float(np.sqrt((weight**2) @ spread**2) / (weight @ spread))
        alpha = 2 * float(stats.norm.sf(narrow))
        low, high = proportion_confint(self.enrolled, self.owners, alpha, method="wilson")
        return float(weight @ low), float(weight @ high)


def _is_enough(label: pd.Series, share: float) -> pd.Series:
    return label.map(label.value_counts()) * share >= LEAST_HELD


def _too_small(label: pd.Series, share: float) -> str | None:
    """Return the smallest stratum if it cannot stand by itself and there is another."""
    sizes = label.value_counts().sort_index()
    least = str(sizes.idxmin())
    enough = sizes.min() * share >= LEAST_HELD and sizes.min() * (1 - share) >= LEAST_HELD
    return None if enough or len(sizes) == 1 else least
