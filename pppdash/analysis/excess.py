"""Accounts beyond those expected in stretches of months, and how unusual that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from statsmodels.stats.multitest import multipletests

from pppdash.analysis.baseline import Counts, Fits, Scatter, fit, scatter
from pppdash.analysis.windows import Settings

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Span = tuple[int, int]  # first month and the one after the last

FEW_MONTHS, FEW_PLACEBOS, NO_BASELINE = "few months", "few placebos", "no baseline"
MONTHS_MISSING = "months missing"


@dataclass(frozen=True)
class Excess:
    """Observed less expected of one stretch of months; NaN where it cannot be said.

    ``p`` is the model's, ``q`` adjusted for the stretches assessed together; ``reason`` says in a
    word why there can be no verdict, and is empty where there can.
    """

    observed: float = math.nan
    expected: float = math.nan
    excess: float = math.nan
    low: float = math.nan
    high: float = math.nan
    p: float = math.nan
    q: float = math.nan
    placebo_p: float = math.nan
    placebos: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Baseline:
    """The fit to the months outside all windows, and how they scatter; None where there is none."""

    counts: Counts
    fits: Fits
    scatter: Scatter
    band: Array

    @property
    def expected(self) -> Array:
        """Accounts expected in every month, shape (n,)."""
        expected: Array = self.fits.expected[0]
        return expected


def learn(counts: Counts, confidence: float) -> Baseline | None:
    """Fit the months outside all windows; None where too few are left or all are zero."""
    freedom = int(counts.is_base.sum()) - counts.design.shape[1]
    if freedom < 2 or not counts.opened[counts.is_base].any():
        return None
    fits = fit(counts, counts.is_base[None])
    if not fits.is_found[0]:
        return None
    found = scatter(fits)
    single = np.eye(len(counts.opened))
    return Baseline(counts, fits, found, _reaches(fits, found, single, confidence))


def _reaches(fits: Fits, found: Scatter, windows: Array, confidence: float) -> Array:
    scales = found.scales(fits.influence(windows), fits.expected)
    return np.array([found.reach(row, confidence) for row in scales])


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
    if baseline is None:
        observed = [float(counts.opened[start:stop].sum()) for start, stop in spans]
        return [Excess(observed=value, reason=NO_BASELINE) for value in observed]
    placebos = _placebos(baseline, {stop - start for start, stop in spans})
    found = [_assess(baseline, span, placebos[span[1] - span[0]], settings) for span in spans]
    return adjusted(found)


def _assess(baseline: Baseline, span: Span, placebos: Array, settings: Settings) -> Excess:
    window = _indicator([span], len(baseline.counts.opened))
    scales = baseline.scatter.scales(baseline.fits.influence(window), baseline.fits.expected)
    observed = float(window[0] @ baseline.counts.opened)
    expected = float(window[0] @ baseline.expected)
    excess = observed - expected
    reach = baseline.scatter.reach(scales[0], settings.confidence)
    statistic = abs(excess) / float(baseline.scatter.error(scales)[0])
    above = int((np.abs(placebos) >= statistic * (1 - 1e-9)).sum())
    return Excess(
        observed=observed,
        expected=expected,
        excess=excess,
        low=excess - reach,
        high=min(excess + reach, observed),
        p=baseline.scatter.p_value(excess, scales[0]),
        placebo_p=(1 + above) / (1 + len(placebos)),
        placebos=len(placebos),
        reason=_shortage(baseline, len(placebos), settings),
    )


def _shortage(baseline: Baseline, placebos: int, settings: Settings) -> str:
    rho = baseline.scatter.rho
    effective = baseline.counts.is_base.sum() * (1 - rho) / (1 + rho)
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
    scales = baseline.scatter.scales(fits.influence(windows), fits.expected)
    error = baseline.scatter.error(scales) * np.sqrt(_dispersion(fits) / _dispersion(baseline.fits))
    with np.errstate(divide="ignore", invalid="ignore"):
        statistics = (windows * (counts.opened - fits.expected)).sum(axis=1) / error
    of_length = np.array([stop - start for start, stop in spans])
    usable = fits.is_found & np.isfinite(statistics)
    return {length: statistics[usable & (of_length == length)] for length in lengths}


def _dispersion(fits: Fits) -> Array:
    """Return Pearson's chi square over its degrees of freedom, shape (b,)."""
    squares = (fits.counts.opened - fits.expected) ** 2 / fits.expected
    freedom = fits.masks.sum(axis=1) - fits.counts.design.shape[1]
    dispersion: Array = (squares * fits.masks).sum(axis=1) / np.maximum(freedom, 1)
    return dispersion


def _free(is_base: Mask, length: int) -> list[Span]:
    """Return every stretch of so many months that lies outside all windows."""
    if not 0 < length <= len(is_base):
        return []
    inside = np.lib.stride_tricks.sliding_window_view(is_base, length).all(axis=1)
    return [(int(start), int(start) + length) for start in np.flatnonzero(inside)]


def _indicator(spans: Sequence[Span], months: int) -> Array:
    at = np.arange(months)
    return np.array([(at >= start) & (at < stop) for start, stop in spans], dtype=np.float64)


def adjusted(found: Sequence[Excess]) -> list[Excess]:
    """Return stretches with q, their p by Benjamini and Hochberg (1995)."""
    known = [index for index, one in enumerate(found) if not math.isnan(one.p)]
    result = list(found)
    if known:
        q_values = multipletests([found[index].p for index in known], method="fdr_bh")[1]
        for index, q in zip(known, q_values, strict=True):
            result[index] = replace(result[index], q=float(q))
    return result
