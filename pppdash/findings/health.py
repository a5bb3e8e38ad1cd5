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

    Of the survey's answers only rejected and warnings are told where the size of a wave is
    suppressed: it would be what all waves' rows leave beside those that are shown.

    Returns
    -------
    pd.DataFrame
        entity, file and the counts (Int64), those that may not be told missing.
    """
    counts = warehouse.query("entities").astype(dict.fromkeys(_TOLD, "Int64"))
    if warehouse.build.has(ANSWERS):
        survey = survey_results(warehouse, date.max)
        if survey.waves["suppressed"].any():
            counts.loc[counts["entity"] == ANSWERS, _TOLD] = pd.NA
    return counts
