"""Weights: each factor by itself, and their product."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pppdash.analysis.weights import FACTORS, distance_km, weigh
from pppdash.city import Weights

TARGETS = pd.DataFrame(
    {
        "sector": ["Energy", "Dams", "Dams"],
        "size": [100.0, 400.0, np.nan],
        "shortfall": [1.0, 0.5, 0.0],
        "is_member": [True, False, False],
        "distance_km": [0.0, 1.0, 3.0],
    }
)
OFF = {"size": 0.0, "shortfall": 0.0}


def test_nothing_asked_is_one_each():
    assert (weigh(TARGETS, Weights(**OFF)) == 1).all(axis=None)


@pytest.mark.parametrize(
    ("factor", "asked", "expected"),
    [
        ("sector", {"sectors": {"Energy": 2.0}}, [2, 1, 1]),
        ("size", {"size": 0.5}, [(100 / 250) ** 0.5, (400 / 250) ** 0.5, 1]),
        ("shortfall", {"shortfall": 1.0}, [2, 1, 0.2]),
        ("membership", {"membership": 3.0}, [3, 1, 1]),
        ("distance", {"distance": -1.0}, [2, 1, 0.5]),
    ],
)
def test_a_factor_by_itself(factor, asked, expected):
    found = weigh(TARGETS, Weights(**{**OFF, **asked}))
    assert found[factor].to_numpy() == pytest.approx(expected)
    assert found["weight"].to_numpy() == pytest.approx(expected)
    assert (found[[name for name in FACTORS if name != factor]] == 1).all(axis=None)


def test_weight_is_the_product():
    found = weigh(TARGETS, Weights(sectors={"Dams": 1.5}, size=1, shortfall=1, membership=2))
    assert found["weight"].to_numpy() == pytest.approx(found[list(FACTORS)].prod(axis=1))


def test_what_nobody_knows_weighs_one():
    unknown = TARGETS.assign(size=np.nan, distance_km=np.nan)
    found = weigh(unknown, Weights(size=1.0, distance=1.0))
    assert (found[["size", "distance"]] == 1).all(axis=None)


def test_distance_is_to_the_nearest():
    places = pd.DataFrame({"longitude": [-87.0, -87.5], "latitude": [41.8, 41.8]})
    covered = pd.DataFrame({"longitude": [-87.0, -87.4], "latitude": [41.9, 41.8]})
    found = distance_km(places, covered)
    assert found.to_numpy() == pytest.approx([11.12, 8.29], abs=0.01)
    assert distance_km(places, covered.iloc[:0]).isna().all()


def test_distance_across_the_180th_meridian():
    west, east = [{"longitude": lon, "latitude": 0.0} for lon in (-179.9, 179.9)]
    found = distance_km(pd.DataFrame([west]), pd.DataFrame([east]))
    assert found.iloc[0] == pytest.approx(0.2 * 111.195, abs=0.01)
