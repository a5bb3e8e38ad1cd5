"""Surveys in small for tests: scores by wave and question → results as the analysis gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd

from pppdash.analysis.survey import Survey, measure

Scores = Mapping[str, Sequence[float]]
SIZES = ("small", "large")


def survey_of(
    waves: Mapping[str, Scores],
    invited: Sequence[int | None] | None = None,
    *,
    segment: str = "",
    scale: tuple[float, float] = (1, 5),
    kind: str = "agreement",
    margins: Sequence[tuple[str, float]] = (),
    sizes: Sequence[str] = SIZES,
    least: int = 10,
) -> Survey:
    """Measure waves given as day → question → one score a respondent.

    Respondents take turns among ``sizes``; ``margins`` are the known totals of each wave by size.
    """
    days = [pd.Timestamp(day) for day in waves]
    rows = [
        (day, f"{day.year}-{who}", question, float(score), sizes[who % len(sizes)])
        for day, scores in zip(days, waves.values(), strict=True)
        for question, given in scores.items()
        for who, score in enumerate(given)
    ]
    columns = ["wave", "respondent_id", "question_id", "score", "size_band"]
    answers = pd.DataFrame(rows, columns=columns).astype(
        {"wave": "datetime64[us]"} | dict.fromkeys(columns[1:3], "str")
    )
    questions = list(dict.fromkeys(question for scores in waves.values() for question in scores))
    return measure(
        answers.assign(sector="Energy", area_id="1", area_name="Ward 1"),
        pd.DataFrame(
            {
                "question_id": pd.Series(questions, dtype="str"),
                "text": pd.Series([f"{name.capitalize()}." for name in questions], dtype="str"),
                "theme": "",
                "kind": kind,
                "scale_min": scale[0],
                "scale_max": scale[1],
            }
        ),
        pd.DataFrame(
            {
                "wave": pd.Series(days, dtype="datetime64[us]"),
                "label": [f"Wave {day.year}" for day in days],
                "invited": pd.array(invited or [None] * len(days), dtype="Int64"),
            }
        ),
        pd.DataFrame(
            [(day, "size_band", size, total) for day in days for size, total in margins],
            columns=["wave", "variable", "value", "population"],
        ).astype({"wave": "datetime64[us]"}),
        least,
        segment,
    )


def around(mean: int, n: int = 60) -> list[float]:
    """Return ``n`` scores that average ``mean``, a point to either side."""
    return [mean - 1.0, float(mean), mean + 1.0] * (n // 3)


FIRST_ON = date(2014, 10, 15)
