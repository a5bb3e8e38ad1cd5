from __future__ import annotations

import math
from datetime import date

import pandas as pd
import pytest

from pppdash.analysis.timeline import describe


def _monthly(counts: list[int]) -> pd.DataFrame:
    months = pd.date_range("2012-03-01", periods=len(counts), freq="MS")
    return pd.DataFrame({"month": months, "accounts_opened": counts})


def _events(*windows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "flash_point_id": name,
                "name": name,
                "kind": "attack",
                "scope": "national",
                "started_on": pd.Timestamp(start),
                "window_start": pd.Timestamp(start),
                "window_end": pd.Timestamp(end),
                "is_ahead": False,
                "holds_launch": False,
            }
            for name, start, end in windows
        ],
        columns=[
            "flash_point_id",
            "name",
            "kind",
            "scope",
            "started_on",
            "window_start",
            "window_end",
            "is_ahead",
            "holds_launch",
        ],
    )


def test_windows_and_what_lies_between():
    events = _events(("A", "2012-04-01", "2012-05-31"))
    timeline = describe(_monthly([2, 20, 10, 4]), events, date(2012, 6, 30))
    event = timeline.events[0]
    assert (event.opened, event.months, event.rate) == (30, 2, 15)
    assert timeline.months["in_window"].tolist() == [False, True, True, False]
    interim = timeline.interim
    assert (interim.months, interim.opened, interim.rate) == (2, 6, 3)
    assert interim.share_in_windows == pytest.approx(30 / 36)
    assert interim.steadiness == pytest.approx(3 / 9)


def test_a_month_in_two_windows_is_counted_once_between_them():
    events = _events(("A", "2012-04-01", "2012-05-31"), ("B", "2012-05-01", "2012-06-30"))
    timeline = describe(_monthly([1, 5, 7, 9]), events, date(2012, 6, 30))
    assert [event.opened for event in timeline.events] == [12, 16]
    assert timeline.interim.share_in_windows == pytest.approx(21 / 22)
    assert timeline.months["flash_point"].tolist() == ["", "A", "A, B", "B"]


def test_a_window_that_has_not_come_has_no_count():
    events = _events(("Ahead", "2013-01-01", "2013-02-28"))
    event = describe(_monthly([3, 4]), events, date(2012, 4, 30)).events[0]
    assert math.isnan(event.opened) and math.isnan(event.rate) and event.months == 0


def test_no_event_means_everything_lies_between():
    interim = describe(_monthly([3, 5]), _events(), date(2012, 4, 30)).interim
    assert (interim.rate, interim.share_in_windows, interim.steadiness) == (4, 0, 1)


def test_no_month_at_all_is_unknown():
    timeline = describe(_monthly([]), _events(), date(2012, 4, 30))
    assert math.isnan(timeline.interim.rate) and math.isnan(timeline.interim.share_in_windows)
    assert timeline.months.empty


def test_months_after_the_as_of_date_are_not_seen():
    timeline = describe(_monthly([1, 2, 3]), _events(), date(2012, 4, 30))
    assert timeline.months["opened"].tolist() == [1, 2]


def test_a_month_that_has_only_begun_is_in_no_rate():
    events = _events(("A", "2012-05-01", "2012-06-30"))
    timeline = describe(_monthly([4, 6, 20, 3]), events, date(2012, 6, 2))
    assert timeline.months["is_whole"].tolist() == [True, True, True, False]
    event = timeline.events[0]
    assert (event.opened, event.months, event.rate) == (23, 1, 20)
    begun = describe(_monthly([4, 6, 1]), _events(), date(2012, 5, 2)).interim
    assert (begun.months, begun.rate) == (2, 5)
    assert begun.overall_rate == 5
