"""``survey``: what partners answered, without a screen."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from pppdash.command_line.arguments import (
    DONE,
    add_city,
    add_command,
    add_output,
    opened_warehouse,
)
from pppdash.command_line.output import print_frame, say, say_absent, say_synthetic

if TYPE_CHECKING:
    from pppdash.warehouse.read import Warehouse

SCORE_COLUMNS = ("question_id", "wave", "area_id", "score")


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
    apart = answers.add_mutually_exclusive_group()
    apart.add_argument("--themes", action="store_true", help="print what comments are about")
    apart.add_argument("--scores", action="store_true", help="print averages made by others")
    add_output(answers)


def _survey(options: argparse.Namespace) -> int:
    from pppdash.metrics.compute import parse_filters

    with opened_warehouse(options) as warehouse:
        as_of = parse_filters(warehouse, options.as_of, []).as_of
        frame, remarks = _asked(options, warehouse, as_of)
        say_synthetic(warehouse)
        if frame.empty and not remarks:
            say_absent(warehouse, *_source(options), as_of)
    for remark in remarks:
        say(remark)
    print_frame(frame, options.format)
    return DONE


def _source(options: argparse.Namespace) -> tuple[str, str]:
    """Return the entity that the table asked for is made of, and what it holds in words."""
    if options.scores:
        return "survey_scores", "averages made by others"
    return "survey_responses", "comments" if options.themes else "answers to a survey"


def _asked(
    options: argparse.Namespace, warehouse: Warehouse, as_of: date
) -> tuple[pd.DataFrame, Sequence[str]]:
    """Return the table that was asked for, and what there is to say of it."""
    from pppdash.analysis.survey import FIGURES
    from pppdash.findings.survey import survey_results, survey_themes

    if options.scores:
        return warehouse.query("survey_scores", as_of=as_of)[[*SCORE_COLUMNS]], ()
    if options.themes:
        themes = survey_themes(warehouse, as_of)
        return themes.counts, themes.remarks
    found = survey_results(warehouse, as_of, options.by)
    group = ["segment"] if options.by else []
    columns = ["question_id", "wave", *group, "n", *FIGURES, "verdict", "suppressed"]
    only = warehouse.build.has("survey_scores") and not warehouse.build.has("survey_responses")
    apart = ("This city has averages made by others alone; --scores prints them.",) if only else ()
    return found.results[columns], (*found.remarks, *apart)
