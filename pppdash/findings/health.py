"""What became of the rows of a city's files, as far as it may be told."""

from __future__ import annotations

from datetime import date

import pandas as pd

from pppdash.findings.survey import survey_results
from pppdash.warehouse.read import Warehouse

ANSWERS = "survey_responses"
_TOLD = ["read", "kept", "excluded", "merged"]


def row_counts(warehouse: Warehouse) -> pd.DataFrame:
    """Return read, kept, excluded, merged, rejected and warnings of every entity.

    Of the survey's answers only rejected and warnings are told where anything counted over all
    respondents is suppressed, be it a wave, a question or who commented: it would be what all rows
    leave beside those that are shown.

    Returns
    -------
    pd.DataFrame
        entity, file and the counts (Int64), those that may not be told missing.
    """
    counts = warehouse.query("entities").astype(dict.fromkeys(_TOLD, "Int64"))
    if warehouse.build.has(ANSWERS) and _hides_some(warehouse):
        counts.loc[counts["entity"] == ANSWERS, _TOLD] = pd.NA
    return counts


def _hides_some(warehouse: Warehouse) -> bool:
    """Whether a wave, a question of it or its commenters are too few to be shown."""
    survey = survey_results(warehouse, date.max)
    comments = warehouse.query("survey_comments", as_of=date.max)
    commenters = comments.groupby("wave")["respondent_id"].nunique()
    is_few = (commenters < survey.min_respondents).any()
    return bool(survey.waves["suppressed"].any() or survey.results["suppressed"].any() or is_few)
