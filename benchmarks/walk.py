"""Where somebody looks who pans and zooms over a city, and what the map then asks for."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence

from pppdash.metrics.viewport import CELL_PX
from pppdash.metrics.world import world

WIDTH, HEIGHT = 860, 620  # of the map in pixels
PADDING = 0.12  # of the view on each side, as pppdash/views/scripts/city_map.js asks
UNIT_ZOOM = 20  # at this zoom a pixel is one world unit
FARTHEST, CLOSEST = 10, 17


def asked(longitude: float, latitude: float, zoom: float) -> tuple[list[int], int]:
    """Return the box (west, north, east, south in world units) and the level that a view asks."""
    x, y = world(longitude, latitude)
    units = (1 + 2 * PADDING) / 2 * 2 ** (UNIT_ZOOM - zoom)
    across, down = units * WIDTH, units * HEIGHT
    box = [round(x - across), round(y - down), round(x + across), round(y + down)]
    return box, math.floor(math.log2(256 / CELL_PX) + zoom)


def walk(points: Sequence[tuple[float, float]], seed: int) -> Iterator[tuple[list[int], int]]:
    """Yield views without end, hardly any of them twice, so that no cache answers.

    They go near some building at any zoom, and then pan around it a few times.
    """
    chance = random.Random(seed)
    while True:
        longitude, latitude = chance.choice(points)
        zoom = chance.randint(4 * FARTHEST, 4 * CLOSEST) / 4
        for _ in range(4):
            step = 360 * WIDTH / 256 / 2**zoom  # the width of the view in degrees
            longitude += chance.uniform(-0.5, 0.5) * step
            latitude += chance.uniform(-0.3, 0.3) * step
            yield asked(longitude, latitude, zoom)
