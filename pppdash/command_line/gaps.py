"""``gaps``: which sectors, sizes and areas lag, without a screen."""

from __future__ import annotations

import argparse
from typing import Any

from pppdash.command_line.arguments import (
    DONE,
    add_city,
    add_command,
    add_output,
    add_where,
    names,
    opened_warehouse,
)
from pppdash.command_line.output import print_frame, say, say_synthetic


def add_commands(commands: Any) -> None:
    """Add this module's commands."""
    gaps = add_command(commands, "gaps", "print the gaps of a built city, largest first", _gaps)
    add_city(gaps)
    gaps.add_argument(
        "--by", type=names, default=["sector"], help="sector, size_band and a layer of areas"
    )
    add_where(gaps)
    add_output(gaps)


def _gaps(options: argparse.Namespace) -> int:
    from pppdash.analysis.gaps import COLUMNS
    from pppdash.findings.gaps import measure_gaps
    from pppdash.metrics.compute import parse_filters

    with opened_warehouse(options) as warehouse:
        filters = parse_filters(warehouse, options.as_of, options.where)
        found = measure_gaps(warehouse, options.by, filters)
        say_synthetic(warehouse)
    if found.cells.empty:
        say("No targets match this selection.")
    print_frame(found.cells[[*found.by, *COLUMNS]], options.format)
    return DONE
