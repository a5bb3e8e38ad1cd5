"""The sentence of each page, right in every state."""

from __future__ import annotations

import math
from datetime import date

import pandas as pd
import pytest

from pppdash.analysis.flash_points import describe
from pppdash.metrics.intervals import wilson
from pppdash.views import sentences

AS_OF, DUE = date(2017, 3, 31), date(2020, 12, 31)
NONE = pd.DataFrame(columns=["sector", "area_name", "targets_enrolled", "expected"])


def row(targets, enrolled):
    low, high = wilson(pd.Series([enrolled]), pd.Series([targets]))
    share = enrolled / targets if targets else math.nan
    return pd.Series(
        {"targets": targets, "targets_enrolled": enrolled, "coverage": share,
         "coverage_low": low[0], "coverage_high": high[0]}
    )  # fmt: skip


def cells(*rows):
    names = ("sector", "area_name", "targets", "targets_enrolled", "expected", "shortfall")
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(ranked_shortfall=frame["shortfall"])


RANKED = cells(("Energy", "Loop", 50, 2, 6.0, 38.0), ("Dams", "Hyde Park", 20, 3, 2.4, 13.0))


@pytest.mark.parametrize(
    ("now", "before", "months", "goal", "due", "expected"),
    [
        ((10_000, 1_200), 1_156, 6, 0.8, DUE, "at 7.3 more a month, 80% by December 2020 is out"),
        ((10_000, 7_900), 7_300, 6, 0.8, DUE, "80% by December 2020 is within reach"),
        ((10_000, 8_000), 7_900, 6, 0.8, DUE, "the goal of 80% is reached"),
        ((10_000, 1_200), 1_200, 6, 0.8, DUE, "no net gain in six months"),
        ((10_000, 1_200), 1_300, 6, 0.8, DUE, "the number has fallen in six months"),
        ((10_000, 1_200), 1_156, 6, None, None, "the number grows by 7.3 a month"),
        ((10_000, 1_200), 1_156, 6, 0.8, date(2016, 1, 1), "80% by January 2016 was missed"),
        ((10_000, 1_200), 1_200, 0, 0.8, DUE, "it is too early to tell the pace"),
        ((350, 0), 0, 6, 0.8, DUE, "None of the 350 targets in this selection is enrolled yet."),
        ((0, 0), 0, 6, 0.8, DUE, "No targets match this selection."),
    ],
)
def test_overview(now, before, months, goal, due, expected):
    said = sentences.overview(row(*now), row(now[0], before), months, goal, due, NONE, AS_OF)
    assert expected in said
    assert "nan" not in said


def test_overview_names_who_is_furthest_behind():
    now = row(70, 5)
    said = sentences.overview(now, now, 6, 0.8, DUE, RANKED, AS_OF)
    assert said.endswith("Furthest behind: Energy, and Loop.")
    one = sentences.overview(now, now, 6, 0.8, DUE, RANKED.iloc[:1], AS_OF)
    assert "Furthest" not in one


def areas(*triples):
    frame = pd.DataFrame([{"area_name": name, **row(n, k)} for name, n, k in triples])
    return frame.assign(coverage_shrunken=frame["coverage"])


def test_coverage_map():
    two = areas(("Loop", 100, 40), ("Austin", 100, 2))
    said = sentences.coverage_map(two, row(200, 42))
    assert said.startswith("Coverage runs from 2% in Austin to 40% in Loop; 1 of 2 areas lie")
    same = areas(("Loop", 100, 10), ("Austin", 100, 10))
    assert "no area can be told" in sentences.coverage_map(same, row(200, 20))
    assert "10% of targets in Loop" in sentences.coverage_map(same.iloc[:1], row(100, 10))
    assert "12.0% of targets are" in sentences.coverage_map(same.iloc[:0], row(10_000, 1_200))
    assert sentences.coverage_map(two, row(0, 0)) == sentences.NO_TARGETS
    assert "None of 200 targets" in sentences.coverage_map(two, row(200, 0))


def timeline(opened, events=()):
    months = pd.date_range("2012-03-01", periods=len(opened), freq="MS")
    monthly = pd.DataFrame({"month": months, "accounts_opened": opened})
    names = ["flash_point_id", "name", "kind", "scope", "started_on", "window_start", "window_end",
             "is_ahead", "holds_launch"]  # fmt: skip
    return describe(monthly, pd.DataFrame(events, columns=names), AS_OF)


def event(name, start, first, last, ahead=False, launch=False):
    stamps = [pd.Timestamp(day) for day in (start, first, last)]
    return (name, name, "attack", "local", *stamps, ahead, launch)


def test_flash_points():
    one = event("Summit", "2012-05-20", "2012-03-01", "2012-06-30")
    said = sentences.flash_points(timeline([100, 100, 100, 10, 4, 6], [one]))
    assert said == (
        "Between flash points 5.0 accounts a month are opened; "
        "97% of all accounts came in 4 months around them."
    )
    every = sentences.flash_points(timeline([100, 1], [one]))
    assert every == "Every month so far lies in a flash-point window: 101 accounts opened."
    none = sentences.flash_points(timeline([3, 5]))
    assert none.startswith("No flash point's window lies in this period: 4.0 accounts a month")
    assert "No accounts have been opened" in sentences.flash_points(timeline([0, 0], [one]))
    assert "No accounts have been opened" in sentences.flash_points(timeline([]))


def test_sector_gaps():
    by_sector = pd.DataFrame([
        {"sector": "Energy", **row(200, 4)}, {"sector": "Dams", **row(200, 60)},
    ])  # fmt: skip
    said = sentences.sector_gaps(RANKED, by_sector, row(400, 64))
    assert said == (
        "Energy lies clearly below the rest. The largest gap: Energy in Loop, 38 still to enroll."
    )
    met = sentences.sector_gaps(RANKED.iloc[:0], by_sector.iloc[1:], row(200, 60))
    assert met == "30% of these targets are enrolled; no goal is missed."
    assert sentences.sector_gaps(RANKED, by_sector, row(0, 0)) == sentences.NO_TARGETS


WAVES = pd.DataFrame({
    "wave": pd.to_datetime(["2015-10-15", "2016-10-15"]),
    "label": ["Autumn 2015", "Autumn 2016"],
    "invited": [100, 200],
    "respondents": [30, 66],
})  # fmt: skip
SCORES = pd.DataFrame(columns=["text", "wave", "score"])


def moves(before, after, is_apart=True):
    return pd.DataFrame(
        {
            "text": ["It is timely."],
            "since": ["Autumn 2015"],
            "before": [before],
            "after": [after],
            "change": [after - before],
            "is_apart": [is_apart],
        }
    )


def test_survey():
    rose = sentences.survey(moves(0.41, 0.55), WAVES, SCORES)
    assert rose == (
        "Since Autumn 2015, “It is timely” rose most: 41% to 55% in the top two answers; "
        "33% of those asked answered Autumn 2016."
    )
    assert "fell most" in sentences.survey(moves(0.55, 0.41), WAVES, SCORES)
    unclear = sentences.survey(moves(0.5, 0.6, is_apart=False), WAVES, SCORES)
    assert unclear.startswith("No answer has clearly moved since Autumn 2015;")
    single = sentences.survey(moves(0, 0).iloc[:0], WAVES.iloc[:1], SCORES)
    assert "no earlier wave" in single
    unknown = WAVES.assign(invited=[math.nan, math.nan])
    assert "of how many is unknown" in sentences.survey(moves(0.4, 0.5), unknown, SCORES)
    assert "No wave" in sentences.survey(moves(0, 0).iloc[:0], WAVES.iloc[:0], SCORES)


def test_survey_of_published_averages_compares_each_question_with_its_own_first_wave():
    waves = pd.to_datetime(["2017-11-01", "2020-06-01", "2021-07-01"])
    scores = pd.DataFrame({
        "text": ["Safety"] * 3 + ["Respect"] * 2,
        "wave": [*waves, *waves[1:]],
        "score": [58.0, 60.0, 57.0, 70.0, 62.0],
    })  # fmt: skip
    said = sentences.survey(moves(0, 0).iloc[:0], WAVES.iloc[:0], scores)
    assert said == ("“Respect” fell most: since June 2020 the areas' median went from 70 to 62.")


def test_data_health():
    names = ["read", "kept", "excluded", "merged", "rejected", "warnings"]
    frame = pd.DataFrame([[10, 7, 2, 0, 1, 3], [5, 5, 0, 0, 0, 0]], columns=names)
    assert sentences.data_health(frame) == (
        "Every one of 15 rows read is accounted for: 12 kept, 2 excluded, 1 rejected; 3 warnings."
    )
    assert "no data yet" in sentences.data_health(frame.iloc[:0])
