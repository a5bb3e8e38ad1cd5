"""``flash-points``: what coincided with each flash point, or what came between them."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from pppdash.command_line.arguments import (
    DONE,
    add_city,
    add_command,
    add_output,
    add_where,
    opened_warehouse,
)
from pppdash.command_line.output import print_frame, say, say_absent, say_synthetic

if TYPE_CHECKING:
    from pppdash.analysis.flash_points import FlashPoints

_DATES = ("started_on", "window_start", "window_end", "lead_in_month", "peak_month")


def add_commands(commands: Any) -> None:
    """Add this module's command."""
    parser = add_command(
        commands, "flash-points", "print what coincided with each flash point", _flash_points
    )
    add_city(parser)
    add_where(parser)
    parser.add_argument(
        "--interim", action="store_true", help="print what came between them instead, in one row"
    )
    add_output(parser)


def _flash_points(options: argparse.Namespace) -> int:
    from pppdash.findings import flash_points
    from pppdash.metrics.compute import parse_filters

    with opened_warehouse(options) as warehouse:
        filters = parse_filters(warehouse, options.as_of, options.where)
        found = flash_points.measure(warehouse, filters)
        say_synthetic(warehouse)
        if not warehouse.build.has("accounts"):
            say_absent(warehouse, "accounts", "accounts", filters.as_of)
        if not (found.events or options.interim):
            say_absent(warehouse, "flash_points", "flash points", filters.as_of)
    for remark in found.remarks:
        say(remark)
    print_frame(_table(found, options.interim), options.format)
    return DONE


def _table(found: FlashPoints, is_interim: bool) -> pd.DataFrame:
    from pppdash.analysis.flash_points import EVENT_COLUMNS, INTERIM_COLUMNS

    if is_interim:
        return _frame([found.interim], INTERIM_COLUMNS)
    frame = _frame(found.events, EVENT_COLUMNS).astype({"observed": "Int64"})
    return frame.assign(**{name: pd.to_datetime(frame[name]) for name in _DATES})


def _frame(records: Iterable[object], columns: Sequence[str]) -> pd.DataFrame:
    rows = [{name: getattr(record, name) for name in columns} for record in records]
    return pd.DataFrame(rows, columns=list(columns))
