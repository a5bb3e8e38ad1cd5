"""What every number is asked for: one date, and which part of the city."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pppdash.metrics.world import EARTH_RADIUS_M, world


@dataclass(frozen=True)
class Box:
    """What lies between two meridians and two parallels, all in degrees.

    The edges belong to it, to the world unit (15 cm and less). Across the 180th meridian ``east``
    is beyond 180.
    """

    west: float
    south: float
    east: float
    north: float

    def __str__(self) -> str:
        """Return the text that :func:`parse_within` reads: W,S,E,N to the sixth decimal."""
        return _joined(self.west, self.south, self.east, self.north)

    def bounds(self) -> Box:
        """Return itself."""
        return self

    def eastward(self) -> Box:
        """Return the same box once around the world, where a city across 180° may count it."""
        return replace(self, west=self.west + 360, east=self.east + 360)


@dataclass(frozen=True)
class Circle:
    """What lies no farther than ``radius_m`` meters from a place, given in degrees.

    In a city across the 180th meridian longitudes west of Greenwich are given as beyond 180.
    """

    longitude: float
    latitude: float
    radius_m: float

    def __str__(self) -> str:
        """Return the text that :func:`parse_within` reads: LON,LAT,RADIUS_M."""
        return _joined(self.longitude, self.latitude, self.radius_m)

    def bounds(self) -> Box:
        """Return the smallest box around it: the whole way around the world if over a pole."""
        angle = self.radius_m / EARTH_RADIUS_M
        reach = math.degrees(angle)
        south, north = self.latitude - reach, self.latitude + reach
        aside = 180.0
        if south > -90 and north < 90:
            aside = math.degrees(math.asin(math.sin(angle) / math.cos(math.radians(self.latitude))))
        return Box(self.longitude - aside, south, self.longitude + aside, north)

    def eastward(self) -> Circle:
        """Return the same circle once around the world, where a city across 180° may count it."""
        return replace(self, longitude=self.longitude + 360)


def parse_within(text: str) -> Box | Circle | None:
    """Read ``W,S,E,N`` as a box and ``LON,LAT,RADIUS_M`` as a circle.

    Returns
    -------
    Box, Circle or None
        None for any other text, and for a box or circle that holds nothing or lies beyond the
        world. Longitudes run from -180 to 540, so that a box may cross the 180th meridian.
    """
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        return None
    if len(numbers) == 4:
        west, south, east, north = numbers
        fits = -180 <= west < east <= 540 and east - west <= 360 and -90 <= south < north <= 90
        return Box(west, south, east, north) if fits else None
    if len(numbers) == 3:
        longitude, latitude, radius_m = numbers
        fits = -180 <= longitude <= 540 and -90 <= latitude <= 90
        return Circle(*numbers) if fits and 0 < radius_m <= math.pi * EARTH_RADIUS_M else None
    return None


def _joined(*numbers: float) -> str:
    return ",".join(f"{number:.6f}".rstrip("0").rstrip(".") for number in numbers)


@dataclass(frozen=True)
class Filters:
    """As of when, and for which part of the city; an empty tuple means all.

    ``areas`` are area ids of ``layer``. ``within`` takes the buildings in a part of the map, and
    the targets and accounts that are in them.
    """

    as_of: date
    layer: str | None = None
    areas: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    size_bands: tuple[str, ...] = ()
    within: Box | Circle | None = None

    def params(self) -> dict[str, Any]:
        """Return the filters as the bound parameters that queries name.

        Returns
        -------
        dict
            as_of, layer, areas, sectors, size_bands; x0, x1, y0, y1 in world units, both ends
            included; longitude, latitude in degrees and radius_m in meters of a circle. None
            where nothing is filtered.
        """
        return {
            "as_of": self.as_of,
            "layer": self.layer,
            "areas": list(self.areas) or None,
            "sectors": list(self.sectors) or None,
            "size_bands": list(self.size_bands) or None,
            **_within(self.within),
        }

    @property
    def is_whole_city(self) -> bool:
        """Whether nothing but the date is filtered."""
        return not (self.areas or self.sectors or self.size_bands or self.within)


def _within(place: Box | Circle | None) -> dict[str, Any]:
    names = ("x0", "x1", "y0", "y1", "longitude", "latitude", "radius_m")
    if place is None:
        return dict.fromkeys(names)
    bounds = place.bounds()
    x0, y0 = world(bounds.west, bounds.north)
    x1, y1 = world(bounds.east, bounds.south)
    center: tuple[float | None, ...] = (None, None, None)
    if isinstance(place, Circle):
        center = (place.longitude, place.latitude, place.radius_m)
    return dict(zip(names, (x0, x1, y0, y1, *center), strict=True))
