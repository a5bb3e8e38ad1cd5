"""The sentence of each page, right in every state."""

from __future__ import annotations

import math
from datetime import date

import pandas as pd
import pytest

from pppdash.metrics.filters import Box, Circle, Filters
from pppdash.metrics.goals import Goal
from pppdash.metrics.intervals import wilson
from pppdash.views import sentences

AS_OF, DUE = date(2017, 3, 31), date(2020, 12, 31)
NONE = pd.DataFrame(columns=["sector", "area_name", "enrolled", "expected"])


def row(targets, enrolled):
    low, high = wilson(pd.Series([enrolled]), pd.Series([targets]))
    share = enrolled / targets if targets else math.nan
    return pd.Series(
        {"targets": targets, "targets_enrolled": enrolled, "coverage": share,
         "coverage_low": low[0], "coverage_high": high[0]}
    )  # fmt: skip


def cells(*rows):
    names = ("sector", "area_name", "targets", "enrolled", "expected", "shortfall")
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(ranked_shortfall=frame["shortfall"])


RANKED = cells(("Energy", "Loop", 50, 2, 6.0, 38.0), ("Dams", "Hyde Park", 20, 3, 2.4, 13.0))


def standing(now, before, months=6, goal=0.8, due=DUE):
    aim = None if goal is None else Goal(goal, due)
    return sentences.Standing(row(*now), row(now[0], before), months, aim, AS_OF)


@pytest.mark.parametrize(
    ("now", "before", "months", "goal", "expected"),
    [
        ((10_000, 1_200), 1_156, 6, 0.8, "at this pace 80% in July 2094"),
        ((10_000, 7_900), 7_300, 6, 0.8, "at this pace 80% in April 2017"),
        ((10_000, 1_200), 1_190, 6, 0.8, "at this pace 80% not before 2100"),
        ((10_000, 1_200), 1_200, 6, 0.8, "at this pace 80% is out of reach"),
        ((10_000, 8_000), 7_900, 6, 0.8, "the goal of 80% is reached"),
        ((10_000, 1_200), 1_156, 6, None, ""),
        ((10_000, 1_200), 1_156, 1, 0.8, ""),
        ((0, 0), 0, 6, 0.8, ""),
    ],
)
def test_when_the_present_pace_would_reach_the_goal(now, before, months, goal, expected):
    assert sentences.arrival(standing(now, before, months, goal)) == expected


@pytest.mark.parametrize(
    ("now", "before", "months", "goal", "due", "expected"),
    [
        ((10_000, 1_200), 1_156, 6, 0.8, DUE, "at 7.3 more a month, 80% by December 2020 is out"),
        ((10_000, 7_900), 7_300, 6, 0.8, DUE, "80% by December 2020 is within reach"),
        ((10_000, 8_000), 7_900, 6, 0.8, DUE, "the goal of 80% is reached"),
        ((10_000, 1_200), 1_200, 6, 0.8, DUE, "no net gain in 6 months"),
        ((10_000, 1_200), 1_200, 2.6, 0.8, DUE, "no net gain in 3 months"),
        ((10_000, 1_200), 1_300, 6, 0.8, DUE, "the number has fallen in 6 months"),
        ((10_000, 1_200), 1_156, 6, None, DUE, "no goal is set, and the number grows by 7.3 a m"),
        ((10_000, 1_200), 1_200, 0, None, DUE, "no goal is set, and it is too early to tell"),
        ((10_000, 1_200), 1_156, 6, 0.8, date(2016, 1, 1), "80% by January 2016 was missed"),
        ((10_000, 1_200), 1_200, 0, 0.8, DUE, "it is too early to tell the pace"),
        ((350, 0), 0, 6, 0.8, DUE, "None of the 350 targets in this selection is enrolled yet."),
        ((0, 0), 0, 6, 0.8, DUE, "No targets match this selection."),
    ],
)
def test_overview(now, before, months, goal, due, expected):
    said = sentences.overview(standing(now, before, months, goal, due), NONE)
    assert expected in said
    assert "nan" not in said


def test_overview_names_who_is_furthest_behind():
    now = standing((70, 5), 5)
    said = sentences.overview(now, RANKED)
    assert said.endswith("Furthest behind: Energy, and Loop.")
    assert "Furthest" not in sentences.overview(now, RANKED.iloc[:1])


def test_goal():
    whole = sentences.goal(Goal(0.8, DUE), RANKED)
    assert whole == "Targets still to enroll for 80% by December 2020, or for a goal of their own"
    assert "for the goal of each" in sentences.goal(None, RANKED)
    assert "No goal is set" in sentences.goal(None, RANKED.assign(shortfall=math.nan))


def areas(*triples):
    frame = pd.DataFrame([{"area_name": name, **row(n, k)} for name, n, k in triples])
    return frame.assign(coverage_shrunken=frame["coverage"])


def test_coverage_map():
    two = areas(("Loop", 100, 40), ("Austin", 100, 2))
    said = sentences.coverage_map(two, row(200, 42), Filters(AS_OF), 10)
    assert said.startswith("Coverage runs from 2% in Austin to 40% in Loop; 1 of 2 areas lie")
    same = areas(("Loop", 100, 10), ("Austin", 100, 10))
    assert "areas can hardly be told" in sentences.coverage_map(
        same, row(200, 20), Filters(AS_OF), 10
    )
    assert "10% of targets in Loop" in sentences.coverage_map(
        same.iloc[:1], row(100, 10), Filters(AS_OF), 10
    )
    assert "12.0% of targets are" in sentences.coverage_map(
        same.iloc[:0], row(10_000, 1_200), Filters(AS_OF), 10
    )
    assert sentences.coverage_map(two, row(0, 0), Filters(AS_OF), 10) == sentences.NO_TARGETS
    assert "None of 200 targets" in sentences.coverage_map(two, row(200, 0), Filters(AS_OF), 10)


def test_the_coverage_map_compares_areas_with_targets_enough_as_they_were_counted():
    three = areas(("Loop", 100, 40), ("Austin", 100, 2), ("Tiny", 3, 0), ("Empty", 0, 0))
    steadied = three.assign(coverage_shrunken=0.2)
    said = sentences.coverage_map(steadied, row(203, 42), Filters(AS_OF), 10)
    assert "from 2% in Austin to 40% in Loop; 1 of 2 areas with at least 10 targets" in said


def test_the_coverage_map_speaks_of_what_is_chosen():
    two = areas(("Loop", 100, 40), ("Austin", 100, 2))
    for filters in (Filters(AS_OF, areas=("1",)), Filters(AS_OF, within=Circle(-87.6, 41.9, 800))):
        said = sentences.coverage_map(two, row(200, 42), filters, 10)
        assert "of the targets chosen are enrolled: 42 of 200" in said


def test_places_in_words():
    assert sentences.within(Circle(-87.6, 41.9, 1500)) == "within 1,500 m of 41.9000, -87.6000"
    assert "41.800–41.900 N" in sentences.within(Box(-87.7, 41.8, -87.6, 41.9))
    assert sentences.cut_export(10, 10) == ""
    assert "first 10;" in sentences.cut_export(11, 10)


def test_buildings_under_a_sector():
    assert sentences.building_filters(Filters(AS_OF, areas=("8",))) == ""
    assert "of it themselves" in sentences.building_filters(Filters(AS_OF, sectors=("Energy",)))


def test_rejected_rows_that_are_not_listed_are_said():
    entities = pd.DataFrame({"entity": ["target_list", "areas"], "rejected": [3, 1]})
    problems = pd.DataFrame({
        "severity": ["rejected", "rejected", "rejected", "warning"],
        "entity": ["target_list", "target_list", "areas", "areas"],
        "file": ["f", "f", "g", "g"], "row": [1, 2, 1, 0],
    })  # fmt: skip
    said = sentences.left_out(entities, problems)
    assert said == "Listed are of target list the first 2 of 3; all are in rejected/."
    assert sentences.left_out(entities.iloc[1:], problems) == ""


def test_data_health():
    names = ["read", "kept", "excluded", "merged", "rejected", "warnings"]
    frame = pd.DataFrame([[10, 7, 2, 0, 1, 3], [5, 5, 0, 0, 0, 0]], columns=names)
    assert sentences.data_health(frame) == (
        "Every one of 15 rows read is accounted for: 12 kept, 2 excluded, 1 rejected; 3 warnings."
    )
    assert "no data yet" in sentences.data_health(frame.iloc[:0])
