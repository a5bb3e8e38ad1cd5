"""What is said of places beside the map: names, centers, the months' events, and the trend."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from pppdash.metrics.filters import Box, Circle
from pppdash.metrics.world import degrees
from pppdash.views import sentences, theme
from pppdash.views.theme import Palette

TREND_WIDTH, TREND_HEIGHT = 340, 64
MOST_NAMED = 2
SAME_DEGREES = 2e-6  # links round to the sixth digit


@dataclass(frozen=True)
class Center:
    """A place that a circle may be drawn around."""

    label: str
    longitude: float
    latitude: float

    def circle(self, radius_m: float) -> Circle:
        """Return the circle around it."""
        return Circle(self.longitude, self.latitude, radius_m)


def labels(found: pd.DataFrame) -> list[str]:
    """Return how each building is written: its name and its address, or what there is."""
    pairs = zip(found["name"], found["address"], found["building_id"], strict=True)
    return [
        ", ".join(part for part in (name, address) if part) or f"Building {key}"
        for name, address, key in pairs
    ]


def center_of(building: pd.Series) -> Center:
    """Return where a building is, as the map draws it: ``x`` and ``y`` are in world units."""
    longitude, latitude = degrees(building["x"] + 0.5, building["y"] + 0.5)
    return Center(labels(pd.DataFrame([building]))[0], longitude, latitude)


def centers(events: pd.DataFrame, building: pd.Series | None, is_across: bool) -> dict[str, Center]:
    """Return the places to choose from: the building whose card is open, then local venues.

    Parameters
    ----------
    is_across
        Whether the city lies across the 180th meridian.
    """
    found = {} if building is None else {"building": center_of(building)}
    placed = events.dropna(subset=["longitude", "latitude"])
    for row in placed[placed["scope"] != "national"].itertuples():
        longitude = row.longitude + 360 if is_across and row.longitude < 0 else row.longitude
        label = f"{row.name}, {theme.date_form(row.started_on)}"
        found[f"event-{row.flash_point_id}"] = Center(label, longitude, row.latitude)
    return found


def title(
    areas: Sequence[str],
    within: Box | Circle | None,
    known: Mapping[str, Center],
    city: str,
) -> str:
    """Return what is counted: the city, the areas by name, or the place.

    Parameters
    ----------
    known
        Places whose names may stand for their coordinates.
    """
    several = len(areas) > MOST_NAMED
    named = theme.plural(len(areas), "area") if several else " and ".join(areas)
    parts = [part for part in (named, _placed(within, known)) if part]
    return sentences.capitalized(", ".join(parts)) or city


def _placed(within: Box | Circle | None, known: Mapping[str, Center]) -> str:
    if within is None:
        return ""
    for center in known.values():
        if isinstance(within, Circle) and _is_at(within, center):
            return f"within {theme.count(within.radius_m)} m of {center.label}"
    return sentences.within(within)


def _is_at(circle: Circle, center: Center) -> bool:
    aside = (circle.longitude - center.longitude, circle.latitude - center.latitude)
    return max(map(abs, aside)) < SAME_DEGREES


def events_by_month(events: pd.DataFrame, ends: Sequence[date]) -> dict[int, str]:
    """Return the position of each month with flash points → their names."""
    months = {(day.year, day.month): i for i, day in enumerate(ends)}
    found: dict[int, list[str]] = {}
    for row in events.itertuples():
        at = months.get((row.started_on.year, row.started_on.month))
        if at is not None:
            found.setdefault(at, []).append(str(row.name))
    return {at: ", ".join(names) for at, names in found.items()}


def trend(monthly: pd.DataFrame, colors: Palette) -> tuple[str, str]:
    """Return a line of a stock by month as an SVG in a data URI, and what it shows in words.

    Parameters
    ----------
    monthly
        Columns ``month`` and ``targets_enrolled``, in order.
    """
    values = monthly["targets_enrolled"].to_numpy(dtype=float)
    if len(values) == 0:
        return "", "Nothing is on record yet."
    top = max(float(values.max()), 1.0)
    step = TREND_WIDTH / max(len(values) - 1, 1)
    points = " ".join(
        f"{i * step:.1f},{TREND_HEIGHT - 2 - (TREND_HEIGHT - 6) * value / top:.1f}"
        for i, value in enumerate(values)
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {TREND_WIDTH} {TREND_HEIGHT}">'
        f'<path d="M0 {TREND_HEIGHT - 1}H{TREND_WIDTH}" stroke="{colors.rule}"/>'
        f'<polyline fill="none" stroke="{colors.accent}" stroke-width="2" points="{points}"/></svg>'
    )
    peak = int(values.argmax())
    months = monthly["month"]
    said = (
        f"{theme.count(values[0])} in {theme.month_form(months.iloc[0])}, "
        f"{theme.count(values[-1])} in {theme.month_form(months.iloc[-1])}"
    )
    if 0 < peak < len(values) - 1 and values[peak] > values[-1]:
        said += f"; most, {theme.count(values[peak])}, in {theme.month_form(months.iloc[peak])}"
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode(), said
