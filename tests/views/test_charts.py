"""Figures: what they hold, and what they must not hold."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from pppdash.views import coverage, tables
from pppdash.views.figures import attention
from pppdash.views.theme import LIGHT

CELLS = pd.DataFrame({
    "sector": ["Energy", "Energy", "Dams"], "area_id": ["1", "2", "1"],
    "area_name": ["Loop", "<i>Austin", "Loop"], "targets": [50, 10, 5],
    "targets_enrolled": [2, 1, 0], "coverage": [0.04, 0.1, 0.0], "shortfall": [38.0, 7.0, 4.0],
    "ranked_shortfall": [37.0, 6.5, 3.0], "expected": [6.0, 1.2, 0.6], "reason": ["a", "b", "c"],
})  # fmt: skip


def test_matrix_cells_carry_what_they_select():
    chart = coverage.matrix(CELLS, LIGHT, "Ward")
    marks = chart.figure.data[1]
    assert sorted(map(tuple, marks.customdata)) == [("Dams", "1"), ("Energy", "1"), ("Energy", "2")]
    assert chart.title == "Half of what is missing lies in 1 of 3 cells"
    assert "&lt;i&gt;Austin" in chart.figure.to_json().replace("\\u0026", "&")
    assert [text for _, text in chart.legend] == ["under 1", "1–2", "3–7", "8–19", "20 and more"]


def test_classes_of_gaps_begin_at_nothing_whatever_the_largest():
    for top in (0.0, 1.0, 40.0, 9_000.0):
        classes = coverage.gap_classes(CELLS.assign(shortfall=top), LIGHT)
        assert classes[0].start == 0
        assert classes[0].text == f"under {classes[1].start:.0f}"
        assert len(classes) <= len(LIGHT.shortfall)


def test_gaps_without_a_goal_are_measured_against_the_city():
    none = CELLS.assign(shortfall=np.nan)
    assert tables.gap_sizes(none).round(1).tolist() == [4.0, 0.2, 0.6]
    heads, rows, shares = tables.gap_rows(none)
    assert heads[3] == "Missing to the city's coverage"
    assert rows[0][0] == "Energy · Loop"
    assert shares[0] == 1.0


def test_a_cell_filters_its_targets():
    frame = pd.DataFrame({"sector": ["Energy", "Energy", "Dams"], "area_id": ["1", "2", "1"]})
    assert len(tables.in_cell(frame, tables.cell_of(CELLS, 1))) == 1
    assert len(tables.in_cell(frame, tables.Cell("Energy", None))) == 2
    assert len(tables.in_cell(frame, None)) == 3


def test_dots_name_who_is_clearly_below():
    rows = pd.DataFrame({
        "sector": ["Energy", "Dams", "None"], "targets": [200, 200, 0],
        "targets_enrolled": [4, 60, 0], "coverage": [0.02, 0.3, math.nan],
        "coverage_low": [0.01, 0.24, math.nan], "coverage_high": [0.05, 0.37, math.nan],
    })  # fmt: skip
    over = coverage.Breakdown("sector", "Sector")
    chart = coverage.dots(rows, over, 0.16, LIGHT)
    assert chart.title == "Clearly below the rest: Energy"
    assert len(chart.figure.data[1].x) == 2
    assert len(chart.table.frame) == 3
    assert coverage.dots(rows.iloc[2:], over, math.nan, LIGHT).alt


def test_attention_names_the_subject_of_a_problem_in_its_own_letters():
    entities = pd.DataFrame({"rejected": [1], "warnings": [0]})
    problem = {"entity": "survey_scores", "column": "area_id", "value": "Chicago", "reason": "No."}
    said = attention(entities, pd.DataFrame([problem]))
    assert said == "1 row rejected. First: survey scores, column area_id, “Chicago”: No."
    bare = attention(entities, pd.DataFrame([problem | {"column": None, "value": math.nan}]))
    assert bare == "1 row rejected. First: survey scores: No."
