"""Whether the answers to a question moved: since the last wave, and over all waves.

A change and a slope are both weighted sums of the waves' means, so their errors follow from the
means' own, and from what those who answered again share between waves. Of the slope that is the
linear model of the score on time, weighted, with the error clustered on the respondent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from pppdash.analysis.discovery import q_values
from pppdash.analysis.estimates import Estimates
from pppdash.analysis.raking import Floats
from pppdash.analysis.suppression import Mask

SIGNIFICANT = 0.05
LEAST_ANSWERS = 10  # of a wave that is compared; fewer do not carry a test


@dataclass(frozen=True)
class Moves:
    """Movements of mean scores, arrays of waves by questions by groups.

    ``change`` is since ``before``, the number of the wave before in which the group is shown (-1:
    none); ``slope`` is per year over all waves up to this one. ``change_q`` and ``slope_q`` are
    the p of Student's t, adjusted (Benjamini & Hochberg 1995) over a wave's questions and groups;
    NaN where no test can be made.
    """

    change: Floats
    before: np.ndarray
    change_q: Floats
    slope: Floats
    slope_q: Floats


def find_moves(estimates: Estimates, is_shown: Mask, years: Floats) -> Moves:
    """Find changes and slopes.

    Parameters
    ----------
    estimates
        Of the survey.
    is_shown
        Waves by questions by groups: only these are looked at.
    years
        When each wave was held, in years.
    """
    usable = is_shown & (estimates.n >= LEAST_ANSWERS)
    shape = usable.shape
    change, change_p, slope, slope_p = (np.full(shape, np.nan) for _ in range(4))
    before = np.full(shape, -1)
    for k in range(1, len(years)):
        earlier = _last_shown(usable[:k])
        has_both = usable[k] & (earlier >= 0)
        before[k] = np.where(has_both, earlier, -1)
        contrast = _difference(before[k], k)
        change[k], change_p[k] = _test(estimates, contrast, has_both)
        contrast = _slope(np.where(usable[: k + 1], estimates.weight[: k + 1], 0.0), years[: k + 1])
        slope[k], slope_p[k] = _test(estimates, contrast, has_both)
    return Moves(change, before, _adjusted(change_p), slope, _adjusted(slope_p))


def _last_shown(usable: Mask) -> np.ndarray:
    """Return the number of the last wave that is usable, -1 where none is."""
    last = len(usable) - 1 - np.argmax(usable[::-1], axis=0)
    return np.where(usable.any(axis=0), last, -1)


def _difference(before: np.ndarray, k: int) -> Floats:
    contrast = np.zeros((k + 1, *before.shape))
    contrast[k] = before >= 0
    for j in range(k):
        contrast[j] -= before == j
    return contrast


def _slope(weight: Floats, years: Floats) -> Floats:
    """Return what each wave's mean counts for in the weighted least-squares slope."""
    total = weight.sum(axis=0)
    when = years[:, None, None]
    center = (weight * when).sum(axis=0) / np.where(total > 0, total, 1)
    away = weight * (when - center)
    spread = (away * (when - center)).sum(axis=0)
    return np.asarray(away / np.where(spread > 0, spread, 1))


def _test(estimates: Estimates, contrast: Floats, is_asked: Mask) -> tuple[Floats, Floats]:
    """Return a contrast of the waves' means, and the two-sided p that it is none."""
    waves = len(contrast)
    means = np.nan_to_num(estimates.score.value[:waves])
    value = (contrast * means).sum(axis=0)
    covariance = np.nan_to_num(estimates.covariance[:waves, :waves])
    variance = np.einsum("jqs,jkqs,kqs->qs", contrast, covariance, contrast)
    is_tested = is_asked & (variance > 1e-24)
    t = np.abs(value) / np.sqrt(np.where(is_tested, variance, 1.0))
    p = 2 * stats.t.sf(t, _freedom(estimates, contrast))
    return np.where(is_asked, value, np.nan), np.where(is_tested, p, np.nan)


def _freedom(estimates: Estimates, contrast: Floats) -> Floats:
    """Return degrees of freedom as Welch and Satterthwaite do, fewer where people come again.

    They are scaled by respondents over answers, so that two waves of the same people have those of
    pairs. Who was in three waves is taken off three times for two, which errs towards caution.
    """
    waves = len(contrast)
    takes_part = contrast != 0
    own = contrast**2 * np.nan_to_num(np.einsum("kkqs->kqs", estimates.covariance[:waves, :waves]))
    each = own**2 / np.maximum(estimates.freedom[:waves], 1)
    n = np.where(takes_part, estimates.n[:waves], 0)
    again = np.zeros(n.shape[1:])
    for k in range(waves):
        for j in range(k):
            again += estimates.shared[j, k] * (takes_part[j] & takes_part[k])
    people = np.maximum(n.sum(axis=0) - again, n.max(axis=0))
    welch = own.sum(axis=0) ** 2 / np.where(each.sum(axis=0) > 0, each.sum(axis=0), 1)
    return np.asarray(np.maximum(welch * people / np.maximum(n.sum(axis=0), 1), 1))


def _adjusted(p: Floats) -> Floats:
    """Adjust each wave's p for how many there are in it."""
    adjusted = np.empty_like(p)
    for wave, row in zip(adjusted, p, strict=True):
        wave[:] = q_values(row)
    return adjusted
