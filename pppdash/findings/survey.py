"""What a survey came to, from a warehouse."""

from __future__ import annotations

from datetime import date

from pppdash.analysis.survey import Survey, measure
from pppdash.analysis.themes import Themes, find_themes
from pppdash.warehouse.read import Warehouse


def survey_results(warehouse: Warehouse, as_of: date, segment: str = "") -> Survey:
    """Return the survey's results as of a date, by one segmentation or all together.

    Parameters
    ----------
    warehouse
        The build.
    as_of
        Waves after it are unseen.
    segment
        "sector", "size_band", "area_id" (of the first layer), or "" for all.

    Raises
    ------
    UsageError
        There is no such segmentation.
    """
    return measure(
        warehouse.query("survey_answers", as_of=as_of),
        warehouse.query("survey_questions"),
        warehouse.query("survey_waves", as_of=as_of),
        warehouse.query("survey_margins", as_of=as_of),
        warehouse.build.min_respondents,
        segment,
    )


def survey_themes(warehouse: Warehouse, as_of: date) -> Themes:
    """Return what the comments up to a date are about; waves after it are unseen."""
    comments = warehouse.query("survey_comments", as_of=as_of)
    return find_themes(comments, warehouse.build.min_respondents)
