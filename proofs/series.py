"""Monthly counts with known properties: correlated, sloped, overdispersed, with rises planted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]
Span = tuple[int, int]

AT_RISK = 9_000.0
PLANNED = ("planned event", -4, 1)  # the window's first and last month, counted from its own
ATTACK = ("attack", 0, 2)


@dataclass(frozen=True)
class Setting:
    """What series are drawn from.

    Attributes
    ----------
    months
        Length of each series.
    mean
        Accounts a month.
    rho
        Correlation of successive months' ranks.
    doubles
        Whether the mean doubles from the first month to the last.
    dispersion
        Variance over mean: 1 is Poisson, more is negative binomial.
    events
        How many: 1 attack, or a planned event and 2 attacks.
    """

    months: int
    mean: float
    rho: float
    doubles: bool = False
    dispersion: float = 1.0
    events: int = 1

    @property
    def placed(self) -> list[tuple[str, int, Span]]:
        """Return kind, month and window of each event."""
        where = (
            [(ATTACK, 0.6)] if self.events == 1 else [(PLANNED, 0.2), (ATTACK, 0.5), (ATTACK, 0.8)]
        )
        return [
            (
                kind,
                int(self.months * at),
                (int(self.months * at) + first, int(self.months * at) + last + 1),
            )
            for (kind, first, last), at in where
        ]

    @property
    def spans(self) -> list[Span]:
        """Return the windows of its events."""
        return [span for *_, span in self.placed]

    @property
    def is_base(self) -> NDArray[np.bool_]:
        """Return which months lie outside all windows."""
        outside = np.ones(self.months, dtype=bool)
        for start, stop in self.spans:
            outside[start:stop] = False
        return outside


def draw(setting: Setting, many: int, rng: np.random.Generator) -> Array:
    """Return series without any rise, shape (many, months).

    Ranks follow a stationary Gaussian process of first order, so that successive counts have the
    correlation asked for (a little less where counts are few), and each has its own distribution
    exactly.
    """
    rise = np.exp2(np.linspace(-0.5, 0.5, setting.months) * setting.doubles)
    mean = setting.mean * rise / rise.mean()
    ranks = stats.norm.cdf(_process(setting.rho, many, setting.months, rng))
    if setting.dispersion == 1:
        counts: Array = stats.poisson.ppf(ranks, mean)
    else:
        size = mean / (setting.dispersion - 1)
        counts = stats.nbinom.ppf(ranks, size, 1 / setting.dispersion)
    return counts


def plant(setting: Setting, many: int, rng: np.random.Generator) -> Array:
    """Return what events add, shape (many, months): rises of six standard deviations at the peak.

    An attack's halves each month after it. A planned event's doubles each month towards it and is
    over in the month after; neither stops where its window does.
    """
    height = 6 * np.sqrt(setting.mean * setting.dispersion)
    added = np.zeros(setting.months)
    for kind, month, _ in setting.placed:
        away = np.arange(setting.months) - month
        is_on = away >= 0 if kind == ATTACK[0] else away <= 0
        added += np.where(is_on, height * np.exp2(-np.abs(away) * 1.0), 0)
    return rng.poisson(added, (many, setting.months)).astype(np.float64)


def fading(
    setting: Setting, month: int, peak: float, half_life: float, many: int, rng: np.random.Generator
) -> Array:
    """Return what a rise adds that fades from ``month`` on, shape (many, months)."""
    away = np.arange(setting.months) - month
    added = np.where(away >= 0, peak * np.exp2(-np.maximum(away, 0) / half_life), 0)
    return rng.poisson(added, (many, setting.months)).astype(np.float64)


def _process(rho: float, many: int, months: int, rng: np.random.Generator) -> Array:
    noise = rng.standard_normal((many, months))
    noise[:, 1:] *= np.sqrt(1 - rho**2)
    for month in range(1, months):
        noise[:, month] += rho * noise[:, month - 1]
    return noise
