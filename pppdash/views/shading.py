"""How areas are shaded: classes of a measure, each with a color and a text for the legend.

Classes stay the same over time, so that two dates, or the steps of a played map, can be compared:
shares have fixed breaks; counts have steps of a fixed ladder, as high as the newest date needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd

from pppdash.metrics.registry import METRICS
from pppdash.views.theme import Palette

CHOICES = {
    "coverage_shrunken": "Coverage, small areas steadied",
    "coverage": "Coverage as counted",
    "shortfall": "Shortfall to the goal",
    "targets_enrolled": "Targets enrolled",
}
# As many classes as a palette has colors.
SHARE_BREAKS = (0.0, 0.05, 0.10, 0.20, 0.40, 0.60, 1.0)
# Each step is about two and a half times the last: counts are so uneven that equal steps would
# leave all but a few in the palest color.
LADDER = (1, 3, 8, 20, 50, 125, 300, 750, 2000, 5000, 12500, 30000, 75000, 200000, 500000)
UNSURE_CLASSES = 2  # an interval that reaches this many classes further tells little


@dataclass(frozen=True)
class Class:
    """One class: where it begins, its color, and what the legend says.

    The class of areas without a value begins nowhere (None).
    """

    start: float | None
    color: str
    text: str


@dataclass(frozen=True)
class Shading:
    """Classes by area.

    Attributes
    ----------
    label
        What is shaded.
    classes
        From low to high; the last one, where there is one, holds the areas without a value.
    at
        ``area_id`` → position in ``classes``.
    unsure
        Areas whose interval is so wide that their class says little.
    """

    label: str
    classes: tuple[Class, ...]
    at: Mapping[str, int]
    unsure: frozenset[str]

    @property
    def colors(self) -> dict[str, str]:
        """``area_id`` → ``#rrggbb``."""
        return {area: self.classes[i].color for area, i in self.at.items()}

    @property
    def legend(self) -> tuple[tuple[str, str], ...]:
        """(color, text) from low to high; the class without a value where an area is in it."""
        used = set(self.at.values())
        return tuple(
            (c.color, c.text)
            for i, c in enumerate(self.classes)
            if c.start is not None or i in used
        )


def shade(
    values: pd.DataFrame, metric: str, colors: Palette, newest: pd.DataFrame, min_targets: int
) -> Shading:
    """Divide areas into classes.

    Parameters
    ----------
    values
        Columns ``area_id``, ``targets``, ``coverage_low``, ``coverage_high`` and ``metric``.
    newest
        The same at the newest date: how high the classes of a count must reach.
    min_targets
        Targets below which a share is unreliable.
    """
    classes = classes_of(metric, colors, newest)
    at = np.where(values[metric].isna(), len(classes) - 1, ranks(values[metric], classes))
    return Shading(
        CHOICES[metric],
        classes,
        dict(zip(values["area_id"].astype(str), at.tolist(), strict=True)),
        _unsure(values, min_targets) if _is_share(metric) else frozenset(),
    )


def classes_of(metric: str, colors: Palette, newest: pd.DataFrame) -> tuple[Class, ...]:
    """Return the classes of a metric, the last of them for areas without a value."""
    if _is_share(metric):
        pairs = pairwise(SHARE_BREAKS)
        known = tuple(
            Class(low, color, f"{100 * low:.0f}–{100 * high:.0f}%")
            for (low, high), color in zip(pairs, colors.coverage, strict=True)
        )
    else:
        scale = colors.shortfall if metric == "shortfall" else colors.coverage
        top = float(newest[metric].max()) if newest[metric].notna().any() else 0.0
        known = count_classes(top, scale)
    return (*known, Class(None, colors.panel, _nothing(newest, metric)))


def count_classes(top: float, scale: tuple[str, ...]) -> tuple[Class, ...]:
    """Return classes of a count up to ``top``, at most one for each color of ``scale``."""
    inner = [edge for edge in LADDER if edge < max(top, 2.0)][1 - len(scale) :]
    texts = [f"under {inner[0]:,}"]
    texts += [f"{low:,}–{high - 1:,}" for low, high in pairwise(inner)]
    picked = scale[len(scale) - len(inner) - 1 :]
    edges = [0.0, *map(float, inner)]
    return tuple(map(Class, edges, picked, [*texts, f"{inner[-1]:,} and more"]))


def ranks(values: pd.Series | np.ndarray, classes: tuple[Class, ...]) -> np.ndarray:
    """Return each value's class among those with a start; what a NaN gets means nothing."""
    starts = np.array([c.start for c in classes if c.start is not None])
    found = np.searchsorted(starts, np.asarray(values, dtype=float), side="right") - 1
    return np.clip(found, 0, len(starts) - 1)


def _unsure(values: pd.DataFrame, min_targets: int) -> frozenset[str]:
    """Return the areas with few targets, or whose interval reaches over several classes."""
    inner = np.array(SHARE_BREAKS[1:-1])
    low, high = (np.searchsorted(inner, values[f"coverage_{end}"]) for end in ("low", "high"))
    few = values["targets"].between(1, min_targets - 1)
    wide = (high - low > UNSURE_CLASSES) & (values["targets"] > 0)
    return frozenset(values.loc[few | wide, "area_id"].astype(str))


def _is_share(metric: str) -> bool:
    return METRICS[metric].unit == "share"


def _nothing(values: pd.DataFrame, metric: str) -> str:
    """Return why areas may have no value: they hold no targets, or no goal is set for them."""
    if metric != "shortfall" or values["shortfall"].notna().any():
        return "no targets"
    return "no goal"


def runs(
    monthly: pd.DataFrame, metric: str, classes: tuple[Class, ...], starts: Sequence[date]
) -> dict[str, list[int]]:
    """Return when each area's class changes, for the map that is played.

    Parameters
    ----------
    monthly
        Columns ``month``, ``area_id`` and ``metric``.
    starts
        The first days of the months, in order.

    Returns
    -------
    dict
        ``area_id`` → ``[month, class, month, class, …]``; months are positions in ``starts``.
    """
    ranked = np.where(monthly[metric].isna(), len(classes) - 1, ranks(monthly[metric], classes))
    rows = monthly.assign(rank=ranked, area=monthly["area_id"].astype(str))
    wide = rows.pivot(index="area", columns="month", values="rank")
    wide = wide.reindex(columns=pd.DatetimeIndex(starts)).fillna(len(classes) - 1).astype(int)
    return {str(area): _changes(row.tolist()) for area, row in wide.iterrows()}


def _changes(ranks_by_month: Sequence[int]) -> list[int]:
    found: list[int] = []
    for at, rank in enumerate(ranks_by_month):
        if not found or rank != found[-1]:
            found += [at, rank]
    return found
