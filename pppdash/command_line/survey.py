"""``survey``: what partners answered, without a screen."""

from __future__ import annotations

import argparse
from typing import Any

from pppdash.command_line.arguments import (
    DONE,
    add_city,
    add_command,
    add_output,
    opened_warehouse,
)
from pppdash.command_line.output import print_frame, say, say_synthetic

COLUMNS = (
    *("question_id", "wave", "segment", "n", "n_effective", "response_rate"),
    *("mean", "mean_low", "mean_high"),
    *("top_two", "top_two_low", "top_two_high"),
    *("net_score", "net_low", "net_high"),
    *("change", "change_q", "trend_per_year", "trend_q"),
    *("verdict", "suppressed"),
)


def add_commands(commands: Any) -> None:
    """Add this module's command."""
    answers = add_command(commands, "survey", "print survey results of a built city", _survey)
    add_city(answers)
    answers.add_argument(
        "--by",
        choices=("sector", "size_band", "area_id"),
        default="",
        help="the one segmentation to break results down by",
    )
    add_output(answers)


def _survey(options: argparse.Namespace) -> int:
    from pppdash.findings.survey import survey_results
    from pppdash.metrics.compute import parse_filters

    with opened_warehouse(options) as warehouse:
        as_of = parse_filters(warehouse, options.as_of, []).as_of
        found = survey_results(warehouse, as_of, options.by)
        say_synthetic(warehouse)
    for remark in found.remarks:
        say(remark)
    columns = [name for name in COLUMNS if options.by or name != "segment"]
    print_frame(found.results[columns], options.format)
    return DONE
