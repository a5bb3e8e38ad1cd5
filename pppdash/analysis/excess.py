"""Accounts beyond those expected in stretches of months, and how unusual that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pppdash.analysis.baseline import (
    ACCOUNTS_EACH,
    LEAST_DISPERSION,
    Counts,
    Fits,
    Scatter,
    fit,
    scatter,
)
from pppdash.analysis.discovery import q_values
from pppdash.analysis.spread import Spread
from pppdash.analysis.windows import Settings

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Span = tuple[int, int]  # first month and the one after the last

RISE, FALL = "rise", "fall"
NO_CHANGE, TOO_LITTLE = "no detectable change", "too little data"
NO_BASELINE, MONTHS_MISSING = "no baseline", "months missing"
FEW_ACCOUNTS, FEW_MONTHS, FEW_PLACEBOS = "few accounts", "few months", "few placebos"
GUARD = 12  # months after a window or the launch that a first fit leaves out
LEAST_GUARDED = 12
WAKE_CONFIDENCE = 0.998  # that a wake begins; correlation makes lesser runs by chance


@dataclass(frozen=True)
class Excess:
    """Observed less expected of one stretch of months; NaN where it cannot be said.

    ``q`` is the model's p adjusted for the stretches assessed together (Benjamini and Hochberg
    1995), of those that can have a verdict; ``placebo_p`` the rank among ``placebos`` windows of
    the same shape; ``reason`` says in a word why there can be no verdict, and is empty where there
    can.
    """

    observed: float = math.nan
    expected: float = math.nan
    excess: float = math.nan
    low: float = math.nan
    high: float = math.nan
    q: float = math.nan
    placebo_p: float = math.nan
    placebos: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Baseline:
    """The fit to the months outside all windows, and how they scatter."""

    fits: Fits
    scatter: Scatter
    confidence: float

    @property
    def counts(self) -> Counts:
        """What was fitted."""
        return self.fits.counts

    @property
    def expected(self) -> Array:
        """Accounts expected in every month, shape (n,)."""
        expected: Array = self.fits.expected[0]
        return expected

    @property
    def inflation(self) -> float:
        """By how much correlation multiplies the variance of a long sum of months."""
        rho = max(self.scatter.rho, 0.0)
        return (1 + rho) / (1 - rho)

    def band(self) -> tuple[Array, Array]:
        """Return the interval around what is expected of every month, two arrays of shape (n,)."""
        return self.spread(np.eye(len(self.expected))).interval(self.confidence)

    def are_above(self, months: Sequence[int], confidence: float) -> Mask:
        """Return which months lie above the interval around what is expected, shape (b,)."""
        at = np.array(months)
        off = self.counts.opened[at] - self.expected[at]
        above: Mask = self.spread(np.eye(len(self.expected))[at]).below(off) > 0.5 + confidence / 2
        return above

    def is_above(self, month: int) -> bool:
        """Whether a month lies above the interval around what is expected of it."""
        return bool(self.are_above([month], self.confidence)[0])

    def spread(self, windows: Array) -> Spread:
        """Return how the sums of windows, shape (b, n), scatter around what is expected."""
        return self.scatter.spread(windows, self.fits.influence(windows), self.expected)

    def errors(self, windows: Array) -> Array:
        """Return the standard errors of observed less expected of windows, shape (b,)."""
        return self.scatter.errors(self.fits.influence(windows), self.expected)


def learn(counts: Counts, spans: Sequence[Span], confidence: float) -> Baseline | None:
    """Fit the months outside all windows and their wakes.

    A wake is the unbroken run of months above expectation that goes on beyond the end of a
    window, or begins with the first month, where a program was launched: were it left in, a rise
    that fades slowly would hide itself. What is above expectation is told by a first fit, which
    leaves out up to `GUARD` months after every window and the launch.

    Parameters
    ----------
    counts
        All months; those of windows are outside its base.
    spans
        The windows, in order of time.
    confidence
        Of intervals.

    Returns
    -------
    Baseline or None
        None where too few months are left or all are zero.
    """
    first = fitted(_guarded(counts, spans), confidence)
    if first is None:
        return fitted(counts, confidence)
    base = counts.is_base.copy()
    starts = [0, *(stop - 1 for start, stop in spans if start < stop)]
    for month in np.array(starts)[first.are_above(starts, WAKE_CONFIDENCE)]:
        end = month
        while end < len(base) and first.is_above(end):
            end += 1
        base[month:end] = False
    return fitted(replace(counts, is_base=base), confidence)


def _guarded(counts: Counts, spans: Sequence[Span]) -> Counts:
    """Leave out months after launch and windows, while half of the base is left at least."""
    least = max(LEAST_GUARDED, counts.is_base.sum() / 2)
    for many in range(GUARD, 0, -1):
        base = counts.is_base.copy()
        for stop in (0, *(stop for _, stop in spans)):
            base[stop : stop + many] = False
        if base.sum() >= least:
            return replace(counts, is_base=base)
    return counts


def fitted(counts: Counts, confidence: float) -> Baseline | None:
    """Fit the months of the base; None where too few are left or all are zero."""
    freedom = int(counts.is_base.sum()) - counts.design.shape[1]
    if freedom < 2 or not counts.opened[counts.is_base].any():
        return None
    fits = fit(counts, counts.is_base[None])
    if not fits.is_found[0]:
        return None
    return Baseline(fits, scatter(fits), confidence)


def assess(
    counts: Counts, baseline: Baseline | None, spans: Sequence[Span], settings: Settings
) -> list[Excess]:
    """Measure stretches of months against the baseline and against placebo windows.

    Parameters
    ----------
    counts
        All months; those of ``spans`` are outside its base.
    baseline
        What `learn` made of them.
    spans
        Stretches, one a group of flash points.
    settings
        Levels, and how much a verdict wants.
    """
    if not spans:
        return []
    windows = _indicator(spans, len(counts.opened))
    observed = windows @ counts.opened
    if baseline is None:
        return [Excess(observed=float(value), reason=NO_BASELINE) for value in observed]
    spread, expected = baseline.spread(windows), windows @ baseline.expected
    low, high = spread.interval(baseline.confidence)
    statistics = (observed - expected) / baseline.errors(windows)
    of_length = _placebos(baseline, {stop - start for start, stop in spans})
    placebos = [of_length[stop - start] for start, stop in spans]
    reasons = [_shortage(baseline, len(some), settings) for some in placebos]
    # Only windows that can have a verdict count towards how many were looked at.
    p_values = np.where([not why for why in reasons], spread.p_values(observed - expected), np.nan)
    q = q_values(p_values)
    return [
        Excess(
            observed=float(observed[at]),
            expected=float(expected[at]),
            excess=float(observed[at] - expected[at]),
            low=float(observed[at] - high[at]),
            high=float(observed[at] - low[at]),
            q=float(q[at]),
            placebo_p=_rank(statistics[at], placebos[at]),
            placebos=len(placebos[at]),
            reason=reasons[at],
        )
        for at in range(len(spans))
    ]


def _rank(statistic: float, placebos: Array) -> float:
    """Return the two-sided placebo p: the share at least as large, itself among them."""
    above = int((np.abs(placebos) >= abs(statistic) * (1 - 1e-9) - 1e-9).sum())
    return (1 + above) / (1 + len(placebos))


def _shortage(baseline: Baseline, placebos: int, settings: Settings) -> str:
    if baseline.counts.accounts < ACCOUNTS_EACH:
        return FEW_ACCOUNTS
    effective = baseline.counts.is_base.sum() / baseline.inflation
    if effective < settings.least_effective_months:
        return FEW_MONTHS
    return FEW_PLACEBOS if placebos < settings.least_placebos else ""


def _placebos(baseline: Baseline, lengths: set[int]) -> dict[int, Array]:
    """Return excess over standard error of every placebo window, by how many months it has.

    Each is refitted without the window's own months, which are missing from its dispersion too.
    """
    counts = baseline.counts
    spans = [span for length in sorted(lengths) for span in _free(counts.is_base, length)]
    if not spans:
        return {length: np.empty(0) for length in lengths}
    windows = _indicator(spans, len(counts.opened))
    fits = fit(counts, counts.is_base & (windows == 0))
    errors = baseline.scatter.errors(fits.influence(windows), fits.expected)
    errors = errors * np.sqrt(_dispersion(fits) / _dispersion(baseline.fits))
    with np.errstate(divide="ignore", invalid="ignore"):
        statistics = (windows * (counts.opened - fits.expected)).sum(axis=1) / errors
    of_length = np.array([stop - start for start, stop in spans])
    usable = fits.is_found & np.isfinite(statistics)
    return {length: statistics[usable & (of_length == length)] for length in lengths}


def _dispersion(fits: Fits) -> Array:
    """Return Pearson's chi square over its degrees of freedom, shape (b,)."""
    squares = (fits.counts.opened - fits.expected) ** 2 / fits.expected
    freedom = fits.masks.sum(axis=1) - fits.counts.design.shape[1]
    dispersion: Array = (squares * fits.masks).sum(axis=1) / np.maximum(freedom, 1)
    return np.maximum(dispersion, LEAST_DISPERSION)


def _free(is_base: Mask, length: int) -> list[Span]:
    """Return every stretch of so many months that lies outside all windows."""
    if not 0 < length <= len(is_base):
        return []
    inside = np.lib.stride_tricks.sliding_window_view(is_base, length).all(axis=1)
    return [(int(start), int(start) + length) for start in np.flatnonzero(inside)]


def _indicator(spans: Sequence[Span], months: int) -> Array:
    at = np.arange(months)
    return np.array([(at >= start) & (at < stop) for start, stop in spans], dtype=np.float64)


def verdict(found: Excess, settings: Settings) -> str:
    """Say what an excess is: a change only if model and placebo windows both call it one."""
    if found.reason:
        return TOO_LITTLE
    is_change = found.q <= settings.false_discovery and found.placebo_p <= settings.placebo_level
    return (RISE if found.excess > 0 else FALL) if is_change else NO_CHANGE
