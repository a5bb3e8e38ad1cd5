"""What a browser may send in the name of the map: none of it is trusted."""

from __future__ import annotations

import math

import pytest

from pppdash.metrics.viewport import bounded
from pppdash.metrics.world import WORLD
from pppdash.ui import live_map

CITY = [68_000_000, 99_000_000, 68_300_000, 99_400_000]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"view": None},
        {"view": "all"},
        {"view": {"box": [1, 2, 3, 4]}},
        {"view": {"box": [1, 2, 3], "level": 5}},
        {"view": {"box": [1, 2, 3, "4"], "level": 5}},
        {"view": {"box": [1.5, 2, 3, 4], "level": 5}},
        {"view": {"box": [1, 2, 3, 4], "level": math.nan}},
        {"view": {"box": {"west": 1}, "level": 5}},
    ],
)
def test_a_message_that_makes_no_sense_shows_the_whole(said):
    extent, level = live_map._in_view(said, CITY)
    assert extent.west < CITY[0]
    assert extent.east > CITY[2]
    assert 8 <= level <= 16


def test_a_message_from_far_away_is_held_within_the_world():
    extent, level = live_map._in_view(
        {"view": {"box": [-(10**30), -(10**30), 10**30, 10**30], "level": 10**6}}, CITY
    )
    assert abs(extent.west) <= 4 * WORLD
    assert bounded(extent, level) < 10


def test_a_message_with_its_edges_swapped_is_empty_not_an_error():
    extent, _ = live_map._in_view({"view": {"box": [9, 9, 1, 1], "level": 5}}, CITY)
    assert (extent.west, extent.east) == (9, 9)
