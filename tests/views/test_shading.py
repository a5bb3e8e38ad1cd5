from __future__ import annotations

import math
from datetime import date

import pandas as pd
import pytest

from pppdash.views import shading
from pppdash.views.theme import DARK, LIGHT


def values_of(**columns):
    size = len(next(iter(columns.values())))
    return pd.DataFrame({
        "area_id": list("abcdefgh"[:size]), "targets": [500] * size,
        "coverage_low": [0.1] * size, "coverage_high": [0.11] * size, **columns,
    })  # fmt: skip


def shaded(values, metric, newest=None, colors=LIGHT):
    return shading.shade(values, metric, colors, values if newest is None else newest, 10)


def test_shares_have_fixed_classes():
    values = values_of(coverage=[0.0, 0.1, 0.4, math.nan])
    shade = shaded(values, "coverage")
    assert shade.at == {"a": 0, "b": 2, "c": 4, "d": 6}
    texts = [text for _, text in shade.legend]
    assert texts == ["0–5%", "5–10%", "10–20%", "20–40%", "40–60%", "60–100%", "no targets"]
    assert [shade.colors[area] for area in "abc"] == [LIGHT.coverage[i] for i in (0, 2, 4)]
    alike = shaded(values.assign(coverage=0.25), "coverage")
    assert set(alike.colors.values()) == {LIGHT.coverage[3]}
    assert len(alike.legend) == 6  # nobody is without targets
    assert len(shading.SHARE_BREAKS) - 1 == len(LIGHT.coverage) == len(DARK.coverage)


def test_counts_keep_their_classes_over_time():
    newest = values_of(targets_enrolled=[3, 60, 700])
    earlier = values_of(targets_enrolled=[0, 2, 60])
    now, then = shaded(newest, "targets_enrolled"), shaded(earlier, "targets_enrolled", newest)
    assert now.classes == then.classes
    assert [c.text for c in now.classes[:-1]] == [
        "under 8",
        "8–19",
        "20–49",
        "50–124",
        "125–299",
        "300 and more",
    ]
    assert then.at == {"a": 0, "b": 0, "c": 3}
    assert now.at == {"a": 0, "b": 3, "c": 5}


@pytest.mark.parametrize("top", [0, 1, 2, 9, 600, 10_000_000])
def test_counts_have_no_more_classes_than_colors(top):
    classes = shading.count_classes(top, LIGHT.shortfall)
    assert 2 <= len(classes) <= len(LIGHT.shortfall)
    assert classes[-1].color == LIGHT.shortfall[-1]
    assert shading.ranks(pd.Series([0, top]), classes).tolist()[0] == 0


def test_an_area_without_a_goal_is_not_said_to_have_no_targets():
    some = values_of(shortfall=[5.0, math.nan])
    assert shaded(some, "shortfall").legend[-1][1] == "no targets"
    none = values_of(shortfall=[math.nan, math.nan])
    assert shaded(none, "shortfall").legend[-1][1] == "no goal"


def test_areas_that_cannot_be_told_are_unsure():
    values = values_of(
        coverage=[0.1, 0.1, 0.1, math.nan],
        coverage_low=[0.09, 0.02, 0.09, math.nan],
        coverage_high=[0.11, 0.45, 0.11, math.nan],
    ).assign(targets=[500, 12, 9, 0])
    assert shaded(values, "coverage").unsure == {"b", "c"}
    counts = values.assign(targets_enrolled=1)
    assert shaded(counts, "targets_enrolled").unsure == frozenset()


def test_runs_say_when_a_class_changes():
    starts = [date(2012, month, 1) for month in (3, 4, 5, 6)]
    monthly = pd.DataFrame({
        "month": pd.to_datetime([*starts, *starts[2:]]), "area_id": list("aaaabb"),
        "coverage": [0.0, 0.01, 0.3, 0.3, 0.07, math.nan],
    })  # fmt: skip
    classes = shading.classes_of("coverage", LIGHT, values_of(coverage=[0.3]))
    runs = shading.runs(monthly, "coverage", classes, starts)
    assert runs == {"a": [0, 0, 2, 3], "b": [0, 6, 2, 1, 3, 6]}
