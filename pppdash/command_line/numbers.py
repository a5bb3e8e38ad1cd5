"""``show``: the numbers of pages, without a screen."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from pppdash.command_line.arguments import (
    DONE,
    add_city,
    add_command,
    add_output,
    add_where,
    names,
    opened_warehouse,
)
from pppdash.command_line.output import print_frame, say_synthetic
from pppdash.errors import UsageError

if TYPE_CHECKING:
    from pppdash.metrics.filters import Box, Circle


def add_commands(commands: Any) -> None:
    """Add this module's commands."""
    show = add_command(commands, "show", "print metrics of a built city", _show)
    show.add_argument("metrics", type=names, help="names of metrics, as the README lists them")
    add_city(show)
    show.add_argument("--by", type=names, default=[], help="dimensions to break down by")
    add_where(show)
    _add_within(show)
    add_output(show)


def _add_within(parser: argparse.ArgumentParser) -> None:
    # Numbers apart, not joined by commas: a longitude below zero would be taken for an option.
    part = parser.add_mutually_exclusive_group()
    for option, parts, summary in (
        (
            "--within",
            ("W", "S", "E", "N"),
            "a box in degrees; E is beyond 180 across that meridian",
        ),
        (
            "--around",
            ("LON", "LAT", "RADIUS_M"),
            "a circle: its center in degrees, its radius in m",
        ),
    ):
        part.add_argument(option, type=float, nargs=len(parts), metavar=parts, help=summary)


def _show(options: argparse.Namespace) -> int:
    from pppdash.metrics.compute import compute, parse_filters

    with opened_warehouse(options) as warehouse:
        filters = parse_filters(warehouse, options.as_of, options.where, _part_of_map(options))
        frame = compute(warehouse, options.metrics, options.by, filters)
        say_synthetic(warehouse)
    print_frame(frame, options.format)
    return DONE


def _part_of_map(options: argparse.Namespace) -> Box | Circle | None:
    from pppdash.metrics.filters import parse_within

    numbers = options.within or options.around
    if numbers is None:
        return None
    text = ",".join(map(str, numbers))
    part = parse_within(text)
    if part is None:
        raise UsageError(
            f"{text} holds no place: W lies west of E and S south of N, latitudes run from -90 to "
            "90, longitudes from -180 on, and a radius is above 0."
        )
    return part
