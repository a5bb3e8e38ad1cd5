"""Where a place lies in world units: whole-number positions that cells of the map are cut from.

Web Mercator (EPSG:3857) with `WORLD` units to the world's width, about 15 cm at the equator: x
grows east from 180° W, y grows south from the top of the map. Buildings bear both, made by the
same formula in ``warehouse/``.

A city across the 180th meridian is drawn in one piece: in it, longitudes west of Greenwich count
from 180° to 360°, and x goes beyond `WORLD`.
"""

from __future__ import annotations

import math

WORLD_BITS = 28
WORLD = 1 << WORLD_BITS
MOST_LATITUDE = 85.05112878
"""Where the square map ends; whatever lies nearer to a pole counts as lying there, in degrees."""

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the earth, in meters."""


def world(longitude: float, latitude: float) -> tuple[int, int]:
    """Return the world unit that a place lies in.

    Parameters
    ----------
    longitude, latitude
        In degrees (EPSG:4326); longitudes beyond 180 continue eastward.

    Returns
    -------
    tuple of int
        x, which grows by `WORLD` for each 360 degrees, and y, from 0 to ``WORLD - 1``.
    """
    phi = math.radians(min(max(latitude, -MOST_LATITUDE), MOST_LATITUDE))
    x = (longitude + 180) / 360 * WORLD
    y = (1 - math.asinh(math.tan(phi)) / math.pi) / 2 * WORLD
    return math.floor(x), min(max(math.floor(y), 0), WORLD - 1)


def degrees(x: float, y: float) -> tuple[float, float]:
    """Return longitude and latitude of a world unit's northwestern corner, in degrees.

    Add a half to both for the middle of the unit.
    """
    longitude = x / WORLD * 360 - 180
    latitude = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / WORLD))))
    return longitude, latitude
