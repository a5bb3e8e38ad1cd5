"""Made-up surveys for tests."""

from __future__ import annotations

import numpy as np
import pandas as pd

ANSWER_COLUMNS = [
    *("wave", "respondent_id", "question_id", "score"),
    *("sector", "size_band", "area_id", "area_name"),
]
MARGIN_COLUMNS = ["wave", "variable", "value", "population"]
QUESTIONS = pd.DataFrame(
    {
        "question_id": ["recommend", "timely", "useful"],
        "text": ["Would you recommend it?", "Is it timely?", "Is it useful?"],
        "theme": ["", "", ""],
        "kind": ["recommend", "agreement", "agreement"],
        "scale_min": [0.0, 1.0, 1.0],
        "scale_max": [10.0, 5.0, 5.0],
    }
)
NO_MARGINS = pd.DataFrame(
    {
        "wave": pd.Series(dtype="datetime64[us]"),
        "variable": pd.Series(dtype="str"),
        "value": pd.Series(dtype="str"),
        "population": pd.Series(dtype="float64"),
    }
)
_SECTORS = {"Energy": 0.5, "Chemical": 0.36, "Dams": 0.05, "Water": 0.05, "Nuclear": 0.04}
_SIZES = {"small": 0.5, "mid-sized": 0.4, "large": 0.05, "Unknown": 0.05}
_AREAS = {"North": 0.45, "South": 0.4, "Loop": 0.05, "Lake": 0.05, "Park": 0.05}


def survey_of(rng: np.random.Generator, waves: int, respondents: int) -> pd.DataFrame:
    """Answers of waves a year apart, some of whose respondents come again and leave things out."""
    parts = []
    for number in range(waves):
        people = rng.choice(3 * respondents, respondents, replace=False)
        each = pd.DataFrame({"respondent_id": [f"R{person:04d}" for person in people]})
        for name, shares in (("sector", _SECTORS), ("size_band", _SIZES), ("area_id", _AREAS)):
            each[name] = rng.choice(list(shares), respondents, p=list(shares.values()))
        each["area_name"] = each["area_id"]
        each["wave"] = pd.Timestamp(2013 + number, 10, 1).as_unit("us")
        for row in QUESTIONS.itertuples():
            scores = rng.integers(row.scale_min, row.scale_max + 1, respondents).astype(float)
            scores[rng.uniform(size=respondents) < 0.03] = np.nan
            parts.append(each.assign(question_id=row.question_id, score=scores))
    return pd.concat(parts, ignore_index=True)[ANSWER_COLUMNS].dropna(subset="score")


def answers_of(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    """Answers from rows of wave, respondent, question and score, all in one group."""
    frame = pd.DataFrame(rows, columns=ANSWER_COLUMNS[:4])
    frame["wave"] = pd.to_datetime(frame["wave"]).astype("datetime64[us]")
    return frame.assign(sector="Energy", size_band="small", area_id="1", area_name="North")


def waves_of(answers: pd.DataFrame, invited: int | None = None) -> pd.DataFrame:
    """The waves of answers, each asked of ``invited``."""
    waves = answers[["wave"]].drop_duplicates().sort_values("wave", ignore_index=True)
    waves["label"] = waves["wave"].dt.strftime("%B %Y")
    return waves.assign(invited=pd.array([invited] * len(waves), dtype="Int64"))


def margins_of(answers: pd.DataFrame) -> pd.DataFrame:
    """Known totals of size and sector, a little off from who answered."""
    rows = [
        (wave, variable, value, round(2_000 * share + 40))
        for wave in sorted(answers["wave"].unique())
        for variable, shares in (("size_band", _SIZES), ("sector", _SECTORS))
        for value, share in shares.items()
    ]
    return pd.DataFrame(rows, columns=MARGIN_COLUMNS)
