"""What an account is worth to the planner: factors with names, each with its own exponent.

Every factor is 1 for a target in the middle of those at hand, so that a weight reads as "so many
times as much as an ordinary target".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

FACTORS = ("sector", "size", "shortfall", "membership", "distance")

LEAST_SHORTFALL = 0.1
"""Where a goal is reached, a target still counts for so much of one where nobody is enrolled."""
NEAR_KM = 1.0
"""Added to every distance: below it, near is near."""
KM_A_DEGREE = 111.195


class Weights(Protocol):
    """What the planner says; the city's settings have it."""

    @property
    def sectors(self) -> Mapping[str, float]:
        """How many times as much a sector's targets weigh; those not named once."""

    @property
    def size(self) -> float:
        """Exponent of people (or floor area) over that of the middle target."""

    @property
    def shortfall(self) -> float:
        """Exponent of the share of the goal that is missing in the target's area and sector."""

    @property
    def membership(self) -> float:
        """How many times as much a member of another program weighs."""

    @property
    def distance(self) -> float:
        """Exponent of the distance to what is well covered; below 0, near weighs more."""


def weigh(targets: pd.DataFrame, weights: Weights) -> pd.DataFrame:
    """Return the factors of each target's weight.

    Parameters
    ----------
    targets
        ``sector``; ``size`` (people or square feet, missing where unknown); ``shortfall`` (share of
        the goal that is missing, 0 to 1); ``is_member``; ``distance_km`` (missing where there is
        nothing to be far from).

    Returns
    -------
    pd.DataFrame
        `FACTORS` and their product, ``weight``. A factor that is not known is 1.
    """
    short = targets["shortfall"].clip(lower=LEAST_SHORTFALL)
    factors = pd.DataFrame(
        {
            "sector": targets["sector"].map(dict(weights.sectors)).astype(float).fillna(1.0),
            "size": _about_middle(targets["size"].where(targets["size"] > 0), weights.size),
            "shortfall": _about_middle(short, weights.shortfall),
            "membership": np.where(targets["is_member"], weights.membership, 1.0),
            "distance": _about_middle(targets["distance_km"] + NEAR_KM, weights.distance),
        },
        targets.index,
    )
    return factors.assign(weight=factors.prod(axis=1))


def _about_middle(values: pd.Series, exponent: float) -> pd.Series:
    values = values.astype(float)
    return (values / values.median()).pow(exponent).fillna(1.0)


def distance_km(places: pd.DataFrame, covered: pd.DataFrame) -> pd.Series:
    """Return how far each place lies from the nearest of some others, in km.

    Parameters
    ----------
    places, covered
        ``longitude`` and ``latitude`` in degrees. A city is small enough to be taken for flat.

    Returns
    -------
    pd.Series
        Missing where there are no others.
    """
    if covered.empty or places.empty:
        return pd.Series(np.nan, places.index)
    shrink = float(np.cos(np.radians(places["latitude"].mean())))
    flat = [
        np.column_stack(
            [
                KM_A_DEGREE * shrink * one["longitude"] % (360 * KM_A_DEGREE * shrink),
                KM_A_DEGREE * one["latitude"],
            ]
        )
        for one in (places, covered)
    ]
    distances, _ = KDTree(flat[1]).query(flat[0])
    return pd.Series(distances, places.index)
