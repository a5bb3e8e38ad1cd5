"""What lasted: a curve a window against the interim's, and what may be said of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from pppdash.analysis.flash_points import INTERIM
from pppdash.views import lasting
from pppdash.views.theme import LIGHT
from tests.views.found import NONE, curve, event, found

LONG = {"active_after_12m": 0.995, "active_after_12m_low": 0.98, "active_after_12m_high": 0.999}
SHORT = {"active_after_12m": 0.5, "active_after_12m_low": 0.4, "active_after_12m_high": 0.6}
EARLY = {"active_after_12m": NONE, "active_after_12m_low": NONE, "active_after_12m_high": NONE}


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([event("A"), event("B", group=1)],
         "A year on no window’s accounts can be told from those opened between, of which 95.2% "
         "are still active"),
        ([event("A", **LONG), event("B", group=1)],
         "A year on more accounts of A are active than of those opened between windows"),
        ([event("A", **LONG), event("B", group=1, **SHORT)],
         "A year on more accounts of A are active and fewer accounts of B are active than"),
        ([event("A", **SHORT), event("B", **SHORT)],
         "fewer accounts of A and B are active than"),
        ([event(name, group=at, **SHORT) for at, name in enumerate("ABC")],
         "fewer accounts of 3 windows are active than"),
        ([event("A", **EARLY)], "It is too early to tell what lasts"),
        ([], "It is too early to tell what lasts"),
    ],
)  # fmt: skip
def test_what_lasted_otherwise(events, said):
    assert said in lasting.finding(found(*events))


def test_without_accounts_between_windows_nothing_is_compared():
    alone = found(event("A"), lasted=curve("A", [1.0] * 25))
    assert lasting.finding(alone).startswith("What lasted cannot be compared: no account between")
    (chart,) = lasting.panels(alone, LIGHT)
    assert chart.subtitle == "a year on 100.0% (98.0–100.0%)"


def test_a_panel_a_window_with_both_curves_and_their_intervals():
    made = found(event("A"), event("B"), event("C", group=1))
    both, single = lasting.panels(made, LIGHT)
    assert both.title == "A and B"
    assert single.subtitle == "a year on 96.4% (94.4–98.4%); between 95.2% (93.2–97.2%)"
    assert single.alt == f"C: {single.subtitle}."
    _, interim, band, line = single.figure.data
    assert list(line.y) == [1 - 0.003 * month for month in range(25)]
    assert len(interim.y) == 61
    assert max(band.y) <= 1
    assert both.figure.layout.yaxis.range == single.figure.layout.yaxis.range
    assert len(lasting.table(made).frame) == 25 + 25 + 61


def test_the_scale_holds_every_interval():
    made = found(event("A"), lasted=pd.concat([curve("A", [1.0, 0.6] * 8), curve(INTERIM, [1.0])]))
    (chart,) = lasting.panels(made, LIGHT)
    assert chart.figure.layout.yaxis.range[0] == 0.5
    few = replace(made, lasted=curve("A", [1.0, 0.2] * 8))
    assert lasting.panels(few, LIGHT)[0].figure.layout.yaxis.range[0] == 0.0


def test_windows_watched_for_too_short_a_time_are_said_not_drawn():
    short = pd.concat([curve("A", [1.0] * 3), curve(INTERIM, [1.0] * 61)])
    made = found(event("A", **EARLY), lasted=short)
    assert lasting.panels(made, LIGHT) == []
    assert lasting.not_drawn(made) == "Not drawn: A: watched for less than 6 months."
    assert lasting.not_drawn(found(event("A"))) == ""
    nothing = found(event("A", opened=NONE, **EARLY), lasted=curve(INTERIM, [1.0]))
    assert lasting.not_drawn(nothing) == ""
    few = found(event("A", opened=9.0), event("B", opened=NONE, group=1))
    assert lasting.panels(few, LIGHT) == []
    assert lasting.not_drawn(few) == "Not drawn: A: fewer than 10 accounts."


def test_followed_for_less_than_a_year_says_for_how_long():
    young = pd.concat([curve("A", [1.0] * 10), curve(INTERIM, [1.0] * 61)])
    (chart,) = lasting.panels(found(event("A", **EARLY), lasted=young), LIGHT)
    assert list(chart.figure.layout.xaxis.ticktext) == ["0", "1", "2", "3", "4", "5 years"]
    alone = found(event("A", **EARLY), lasted=curve("A", [1.0] * 10))
    (short,) = lasting.panels(alone, LIGHT)
    assert list(short.figure.layout.xaxis.ticktext) == ["0", "9 months"]
    assert chart.subtitle.startswith("after 9 months 100.0% (98.0–100.0%); between")


def test_many_windows_keep_to_the_latest_and_say_so():
    many = [event(f"event {n}", group=n, started_on=date(2015, 6, 1)) for n in range(30)]
    made = found(*many)
    drawn = lasting.panels(made, LIGHT)
    assert [chart.title for chart in drawn] == [f"event {n}" for n in range(18, 30)]
    assert lasting.not_drawn(made) == "Not drawn: the first 18 windows: in the table."


def test_names_are_escaped():
    (chart,) = lasting.panels(found(event("<b>x</b>")), LIGHT)
    assert "<b>" not in chart.figure.to_json().replace("\\u003c", "<").replace("\\\\u003c", "<")


def test_rows_of_panels_are_about_equally_long():
    panels = lasting.panels(found(*(event(f"{n}", group=n) for n in range(10))), LIGHT)
    assert [lasting.in_a_row(panels[:n]) for n in (0, 1, 4, 5, 7, 10)] == [3, 3, 4, 3, 4, 4]
    assert lasting.legend([], LIGHT) == []
    assert len(lasting.legend(panels, LIGHT)) == 2
