"""The figures on top of a page: tiles and cards, each number with its interval and its base."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from pppdash.views import flash_points, theme
from pppdash.views.parts import Card, Tile
from pppdash.views.sentences import Standing, arrival
from pppdash.views.tables import STATUS_WORDS

if TYPE_CHECKING:
    from pppdash.analysis.flash_points import FlashPoints
    from pppdash.warehouse.read import Build

Row: TypeAlias = "Mapping[str, Any] | pd.Series"


def overview_tiles(
    standing: Standing, before_on: date, found: FlashPoints, build: Build, all_targets: int
) -> list[Tile]:
    """Return the Overview's five figures.

    Parameters
    ----------
    before_on
        The earlier date that ``standing`` compares with.
    all_targets
        Targets of the whole city, by which the target universe is scaled to a selection.
    """
    now = standing.now
    return [
        _coverage_tile(now, _band(now, build.universe, all_targets)),
        _building_tile(now),
        flash_points.interim_tile(found),
        _change_tile(standing, before_on),
        _quiet_tile(now, build),
    ]


def _quiet_tile(now: Row, build: Build) -> Tile:
    label = "accounts gone quiet"
    if not build.records_activity:
        return Tile("–", label, ("unknown: no activity is on record",))
    return Tile(
        theme.count(now["accounts_dormant"]),
        label,
        (
            f"no activity for {build.dormant_after_days} days",
            f"of {theme.plural(now['accounts_active'], 'active account')}",
        ),
    )


def health_tiles(entities: pd.DataFrame, build: Build) -> list[Tile]:
    """Return the figures of Data health: rows, what was refused, freshness."""
    made = ", ".join(name.replace("_", " ") for name in build.synthetic)
    present = int((entities["read"] > 0).sum())
    return [
        Tile(theme.count(entities["read"].sum()), "rows read", (f"of {present} entities",)),
        Tile(theme.count(entities["rejected"].sum()), "rows rejected", ("each with its reason",)),
        Tile(theme.count(entities["warnings"].sum()), "warnings", ("kept, but look at them",)),
        Tile(build.build_id[:6], "build", (theme.moment_form(build.built_at), build.build_id)),
        Tile(
            str(len(build.synthetic)) if build.synthetic else "none",
            "entities are synthetic",
            (made,) if made else (),
        ),
    ]


def _coverage_tile(now: Row, band: tuple[str, ...] = ()) -> Tile:
    low, high = now["coverage_low"], now["coverage_high"]
    counted = f"{theme.count(now['targets_enrolled'])} of {theme.count(now['targets'])}"
    return Tile(
        theme.percent(now["coverage"], low, high),
        "of targets enrolled",
        (f"{counted} · {theme.interval(low, high)}", *band),
    )


def _band(now: Row, universe: tuple[int, int] | None, all_targets: int) -> tuple[str, ...]:
    """Return what coverage would be, were there as few or as many targets as there may be."""
    if universe is None or all_targets == 0 or now["targets"] == 0:
        return ()
    part = now["targets"] / all_targets
    few, many = universe[0] * part, universe[1] * part
    scaled = "" if part == 1 else ", scaled to this selection"
    band = theme.interval(now["targets_enrolled"] / many, now["targets_enrolled"] / few)
    return (f"{band} if targets are {theme.count(few)}–{theme.count(many)}{scaled}",)


def _building_tile(now: Row) -> Tile:
    low, high = now["building_coverage_low"], now["building_coverage_high"]
    return Tile(
        theme.percent(now["building_coverage"], low, high),
        "of buildings reached",
        (
            f"{theme.count(now['buildings_enrolled'])} of {theme.count(now['buildings'])} · "
            f"{theme.interval(low, high)}",
        ),
    )


def _change_tile(standing: Standing, before_on: date) -> Tile:
    now, before = standing.now, standing.before
    net = now["targets_enrolled"] - before["targets_enrolled"]
    joined = now["accounts_opened"] - before["accounts_opened"]
    left = now["accounts_ended"] - before["accounts_ended"]
    return Tile(
        theme.signed(net),
        f"targets since {theme.date_form(before_on)}",
        tuple(
            note
            for note in (
                f"{theme.plural(joined, 'account')} opened, {theme.count(left)} ended",
                arrival(standing),
            )
            if note
        ),
    )


def attention(entities: pd.DataFrame, problems: pd.DataFrame) -> str:
    """Return in a sentence what in the data needs a look."""
    rejected, warned = int(entities["rejected"].sum()), int(entities["warnings"].sum())
    if not rejected and not warned:
        return "Every row read was accepted, without a warning."
    parts = [theme.plural(rejected, "row") + " rejected"] if rejected else []
    parts += [theme.plural(warned, "warning")] if warned else []
    first = f" First: {_problem(problems.iloc[0])}" if len(problems) else ""
    return f"{' and '.join(parts)}.{first}"


def _problem(row: Row) -> str:
    """Return one problem with its subject: entity, column and value."""
    subject = [str(row["entity"]).replace("_", " ")]
    subject += [f"column {row['column']}"] if _is_said(row["column"]) else []
    subject += [f"“{row['value']}”"] if _is_said(row["value"]) else []
    return f"{', '.join(subject)}: {row['reason']}"


def _is_said(value: object) -> bool:
    return isinstance(value, str) and value.strip() != ""


def area_lines(values: pd.DataFrame, min_targets: int) -> dict[str, list[str]]:
    """Return what each area says of itself when it is pointed at."""
    lines = {}
    for row in values.itertuples():
        text = [f"{theme.count(row.targets_enrolled)} of {theme.plural(row.targets, 'target')}"]
        if row.targets:
            text.append(
                f"coverage {theme.percent(row.coverage, row.coverage_low, row.coverage_high)} "
                f"({theme.interval(row.coverage_low, row.coverage_high)})"
            )
        if theme.is_known(row.shortfall) and row.targets:
            text.append(f"{theme.count(row.shortfall)} still to enroll")
        if 0 < row.targets < min_targets:
            text.append(f"unreliable: fewer than {min_targets} targets")
        lines[str(row.area_id)] = text
    return lines


def area_tiles(row: Row, is_part: bool) -> list[Tile]:
    """Return the figures of what is chosen, for the panel beside the map.

    ``is_part`` tells a part of the city, which is compared with the whole, from the whole.
    """
    expected = f"expected {theme.count(row['expected'])} at the city's coverage"
    return [
        _coverage_tile(row),
        _building_tile(row),
        Tile(
            theme.count(row["shortfall"]),
            "targets short of the goal" if theme.is_known(row["shortfall"]) else "no goal is set",
            (expected,) if is_part else (),
        ),
    ]


def building_card(building: Row, area_label: str, sizes: Mapping[str, str]) -> Card:
    """Return what is known of one building."""
    rows = [
        ("Address", building["address"]),
        ("Sector", building["sector"]),
        ("Size", sizes.get(building["size_band"], building["size_band"])),
        (area_label, building["area_name"]),
        ("State", _state(building)),
        (
            "Targets enrolled",
            f"{theme.count(building['targets_enrolled'])} of {theme.count(building['targets'])}",
        ),
        ("Active accounts", theme.count(building["accounts_active"])),
        ("Member of", building["memberships"]),
        ("Floor area", _with_unit(building["floor_area_sqft"], "sq ft")),
        ("Occupants", _with_unit(building["occupants"], "")),
        ("Placed by", "nearest area" if building["is_snapped"] else ""),
    ]
    known = tuple((term, str(value)) for term, value in rows if _is_said(value))
    return Card(building["name"] or f"Building {building['building_id']}", known)


def _state(building: Row) -> str:
    since = building["first_enrolled_on"]
    word = STATUS_WORDS[building["status"]]
    return word if pd.isna(since) else f"{word}, first on {theme.date_form(since)}"


def _with_unit(value: float | None, unit: str) -> str:
    return f"{theme.count(value)} {unit}".strip() if theme.is_known(value) else ""
