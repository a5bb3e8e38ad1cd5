"""How areas are shaded: classes of a measure, each with a color and a text for the legend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from pppdash.metrics.registry import METRICS
from pppdash.views import theme
from pppdash.views.theme import Palette

CHOICES = {
    "coverage_shrunken": "Coverage, small areas steadied",
    "coverage": "Coverage as counted",
    "shortfall": "Shortfall to the goal",
    "targets_enrolled": "Targets enrolled",
}
# As many classes as a palette has colors.
SHARE_BREAKS = (0.0, 0.05, 0.10, 0.20, 0.40, 0.60, 1.0)


@dataclass(frozen=True)
class Shading:
    """Colors by area.

    Attributes
    ----------
    label
        What is shaded.
    colors
        ``area_id`` → ``#rrggbb``.
    classes
        (color, text) from low to high, for the legend.
    """

    label: str
    colors: Mapping[str, str]
    classes: tuple[tuple[str, str], ...]


def shade(values: pd.DataFrame, metric: str, colors: Palette) -> Shading:
    """Divide areas into classes: shares by fixed breaks, counts into about equal numbers.

    A share has the same color at every date and under every filter, so that two maps can be
    compared.

    Parameters
    ----------
    values
        Columns ``area_id`` and ``metric``; areas without a value are drawn as having none.
    """
    known = values.dropna(subset=[metric])
    scale = colors.shortfall if metric == "shortfall" else colors.coverage
    values_known = known[metric].to_numpy(dtype=float)
    if METRICS[metric].unit == "share":
        edges, picked = _fixed(values_known, scale)
    else:
        edges = _edges(values_known, len(scale))
        picked = _picked(scale, len(edges) - 1)
    at = np.clip(np.searchsorted(edges, known[metric], side="right") - 1, 0, len(picked) - 1)
    by_area = dict(zip(known["area_id"], (picked[i] for i in at), strict=True))
    missing = {area: colors.panel for area in values["area_id"] if area not in by_area}
    classes = [(color, text) for color, text in zip(picked, _texts(edges, metric), strict=True)]
    if missing:
        classes.append((colors.panel, _nothing(values[values[metric].isna()], metric)))
    return Shading(METRICS[metric].label, {**by_area, **missing}, tuple(classes))


def _nothing(missing: pd.DataFrame, metric: str) -> str:
    """Return why areas have no value: they hold no targets, or no goal is set for them."""
    if metric != "shortfall" or not missing["targets"].any():
        return "no targets"
    return "no goal" if missing["targets"].all() else "no targets or no goal"


def _fixed(values: np.ndarray, scale: tuple[str, ...]) -> tuple[np.ndarray, list[str]]:
    """Return the fixed breaks that the values reach, and their colors."""
    breaks = np.array(SHARE_BREAKS)
    inner = breaks[1:-1]
    classes = np.searchsorted(inner, values, side="right") if values.size else np.array([0])
    first, last = int(classes.min()), int(classes.max())
    return breaks[first : last + 2], list(scale[first : last + 1])


def _edges(values: np.ndarray, most: int) -> np.ndarray:
    """Return class edges: quantiles, rounded to what the legend can say, without repeats."""
    if values.size == 0:
        return np.array([0.0, 1.0])
    cuts = np.quantile(values, np.linspace(0, 1, min(most, len(np.unique(values))) + 1))
    inner = np.round(cuts[1:-1])
    low, high = np.floor(values.min()), np.ceil(values.max())
    edges = np.unique([low, *inner[(inner > low) & (inner < high)], high])
    return edges if edges.size > 1 else np.array([edges[0], edges[0] + 1])


def _picked(scale: tuple[str, ...], classes: int) -> list[str]:
    """Return ``classes`` colors spread over the scale."""
    at = np.linspace(0, len(scale) - 1, classes) if classes > 1 else [len(scale) - 1]
    return [scale[round(i)] for i in at]


def _texts(edges: np.ndarray, metric: str) -> list[str]:
    share = METRICS[metric].unit == "share"
    pairs = list(pairwise(edges))
    if share:
        return [f"{100 * low:.0f}–{100 * high:.0f}%" for low, high in pairs]
    return [f"{theme.count(low)}–{theme.count(high)}" for low, high in pairs]
