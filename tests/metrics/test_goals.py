from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from pppdash.metrics.compute import compute
from pppdash.metrics.filters import Filters
from pppdash.metrics.goals import Goal, Goals

DUE = pd.Timestamp(2020, 12, 31)
ROWS = pd.DataFrame(
    [
        ("coverage", "all", "", "", 0.8, DUE),
        ("coverage", "sector", "Energy", "", 0.5, DUE),
        ("coverage", "area", "8", "ward", 0.3, DUE),
    ],
    columns=["metric", "scope", "key", "layer", "target", "due"],
)


@pytest.mark.parametrize(
    ("layer", "area", "sector", "target"),
    [
        ("ward", "8", "Energy", 0.3),
        ("ward", "9", "Energy", 0.5),
        ("district", "8", "Energy", 0.5),
        ("ward", "9", "Dams", 0.8),
        (None, None, None, 0.8),
    ],
)
def test_the_most_specific_goal_counts(layer, area, sector, target):
    assert Goals(ROWS).of(layer, area, sector) == Goal(target, date(2020, 12, 31))


def test_a_selection_of_one_sector_has_its_goal():
    goals, day = Goals(ROWS), date(2017, 3, 31)
    assert goals.of_selection(Filters(day, sectors=("Energy",))).target == 0.5
    assert goals.of_selection(Filters(day, sectors=("Energy", "Dams"))).target == 0.8
    assert Goals(ROWS.iloc[:0]).of_selection(Filters(day)) is None


def test_an_area_without_targets_has_no_coverage_to_shrink(sample):
    frame = compute(
        sample,
        ["targets", "coverage_shrunken"],
        ["community_area"],
        Filters(date(2017, 3, 31), sectors=("Dams",)),
    )
    empty = frame["targets"] == 0
    assert empty.any() and not empty.all()
    assert frame.loc[empty, "coverage_shrunken"].isna().all()
    assert frame.loc[~empty, "coverage_shrunken"].notna().all()
