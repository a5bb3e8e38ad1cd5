"""Figures: what they hold, and what they must not hold."""

from __future__ import annotations

import math

import pandas as pd

from pppdash.views.figures import attention


def test_attention_names_the_subject_of_a_problem_in_its_own_letters():
    entities = pd.DataFrame({"rejected": [1], "warnings": [0]})
    problem = {"entity": "survey_scores", "column": "area_id", "value": "Chicago", "reason": "No."}
    said = attention(entities, pd.DataFrame([problem]))
    assert said == "1 row rejected. First: survey scores, column area_id, “Chicago”: No."
    bare = attention(entities, pd.DataFrame([problem | {"column": None, "value": math.nan}]))
    assert bare == "1 row rejected. First: survey scores: No."
