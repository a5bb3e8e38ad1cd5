"""Enrollment over time: what is drawn, what is cut and said to be, and that no names collide."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pppdash.analysis.flash_points import HYPOTHETICAL
from pppdash.views import rules, theme, timeline
from pppdash.views.theme import DARK, LIGHT
from tests.views.found import AS_OF, FIRST, event, found, interim, months, rise

SUMMIT = event("Summit", started_on=date(2012, 5, 20), window_start=FIRST,
               window_end=date(2012, 6, 30), opened=853.0)  # fmt: skip

days = st.integers(0, (AS_OF - FIRST).days).map(lambda n: FIRST + timedelta(days=n))
names = st.text("abcdefgh ", min_size=1, max_size=30)
accounts = st.floats(0, 300)
events = st.builds(lambda n, day, m: event(n, started_on=day, opened=m), names, days, accounts)


@settings(max_examples=200)
@given(st.lists(events, max_size=25))
def test_names_of_flash_points_never_collide(some):
    placed = rules.place_rules(some, FIRST, AS_OF)
    assert len(placed) == len(some)
    boxes = []
    for rule in placed:
        at = rules.NARROW_PX * (rule.event.started_on - FIRST).days / (AS_OF - FIRST).days
        width = rules.LETTER_PX * len(rules.short_name(rule.event.name))
        span = (at - width, at) if rule.leftward else (at, at + width)
        boxes.append((rule, at, *span))
    for (one, _, low, high), (other, far, left, right) in itertools.permutations(boxes, 2):
        if one.row < 0:
            continue
        assert not (one.row == other.row and low < right and left < high)
        assert not (other.row > one.row and low < far < high), "a rule crosses a name"


def monthly(opened, *some, **more):
    made = found(*some, months=months(opened, some), **more)
    return timeline.monthly(made, AS_OF, LIGHT)


def traces(chart, kind):
    return [trace for trace in chart.figure.data if trace.type == kind]


def test_months_that_dwarf_the_rest_get_a_second_panel_and_say_so():
    chart = monthly([200, 350, 290, 13] + [5, 8] * 10, SUMMIT)
    assert len(traces(chart, "bar")) == 2
    assert chart.figure.layout.yaxis2.range[1] == pytest.approx(8 * 1.2)
    assert any("is cut" in note.text for note in chart.figure.layout.annotations)
    assert {trace.yaxis for trace in traces(chart, "scatter")} == {"y2"}
    assert len(traces(monthly([5, 8] * 12), "bar")) == 1


def test_a_launch_outside_every_window_is_enlarged_too():
    opened = [85, 125, 99] + [0, 3] * 20
    assert timeline.enlarged_limit(months(opened, (event(),))) == pytest.approx(3 * 1.2)


def test_expected_stands_beneath_the_bars_with_its_band():
    chart = monthly([7.0] * 61, rise())
    band, line = traces(chart, "scatter")
    assert list(line.y) == [7.0] * 61
    assert max(band.y) == 15.0
    assert min(band.y) == 1.0
    assert chart.figure.layout.yaxis.range[1] == pytest.approx(1.08 * 14)
    assert "dashed: expected without the events" in chart.subtitle
    assert "7.0 to 7.0 a month were expected" in chart.alt
    assert {"expected", "expected_low", "expected_high"} <= set(chart.table.download())


def test_a_band_that_would_dwarf_the_bars_is_cut():
    wide = months([7.0] * 61, (rise(),)).assign(expected_high=4e6)
    chart = timeline.monthly(found(rise(), months=wide), AS_OF, LIGHT)
    assert chart.figure.layout.yaxis.range[1] == pytest.approx(1.08 * 2 * 7)


def test_without_a_baseline_nothing_is_expected():
    chart = monthly([7.0] * 61, rise())
    unknown = chart.table.frame.assign(expected=math.nan, expected_high=math.nan)
    bare = timeline.monthly(found(rise(), months=unknown), AS_OF, LIGHT)
    assert not traces(bare, "scatter")
    assert "expected" not in bare.subtitle + bare.alt
    assert "expected" not in bare.figure.data[0].hovertext[0]


def test_windows_have_a_shaded_ground_and_months_say_what_they_are():
    chart = monthly([7.0] * 61, rise("Orlando"))
    ground = [shape for shape in chart.figure.layout.shapes if shape.type == "rect"]
    assert [(shape.x0, shape.x1) for shape in ground] == [("2015-06-01", "2015-08-31")]
    inside = chart.figure.data[0].hovertext[39]
    assert inside == (
        "June 2015: 7 new accounts<br>7.0 expected without events (1–15)<br>in the window of "
        "Orlando"
    )


def test_only_some_flash_points_color_only_their_windows():
    fair = event("Fair", window_start=FIRST, window_end=date(2012, 3, 31), started_on=FIRST)
    storm = replace(fair, name="Storm", window_start=date(2012, 4, 1),
                    window_end=date(2012, 4, 30))  # fmt: skip
    every = months([30, 10, 5, 5], (fair, storm))
    chart = timeline.monthly(found(storm, months=every), AS_OF, LIGHT)
    colors = list(chart.figure.data[0].marker.color)
    assert colors == [LIGHT.accent_soft, LIGHT.accent, LIGHT.gray, LIGHT.gray]
    assert chart.title == "20% of all accounts were opened in the windows shown"
    assert "pale: of one not shown" in chart.subtitle


def test_a_window_of_what_is_still_ahead_is_named():
    fair = {"started_on": date(2017, 6, 30), "window_start": date(2017, 2, 1), "is_ahead": True}
    assert monthly([7.0] * 61, rise("Fair", **fair)).footnote == (
        "Window of what is still ahead: Fair, 30 June 2017"
    )
    assert monthly([7.0] * 61, rise("Fair")).footnote == ""


def test_a_date_of_ones_own_is_marked():
    own = event(flash_point_id=HYPOTHETICAL, started_on=date(2014, 5, 1), opened=0.0)
    chart = timeline.monthly(found(rise("Orlando")), AS_OF, LIGHT, tried=own)
    dots = [shape for shape in chart.figure.layout.shapes if shape.line.dash == "dot"]
    assert [shape.x0 for shape in dots] == ["2014-05-01"]
    assert timeline.YOUR_DATE in [note.text for note in chart.figure.layout.annotations]


def test_five_thousand_flash_points_are_bounded():
    many = [
        event(f"event {n}", started_on=FIRST + timedelta(days=n % 1_800), opened=float(n))
        for n in range(5_000)
    ]
    inside = months([7.0] * 61, (event(),)).assign(flash_point=", ".join(e.name for e in many))
    chart = timeline.monthly(found(*many, months=inside), AS_OF, LIGHT)
    assert len(chart.figure.layout.shapes) <= rules.MOST_RULES + 1
    assert chart.footnote.startswith("Marked: the 60 flash points with most accounts")
    assert max(map(len, chart.figure.data[0].hovertext)) < 300
    assert len(chart.alt) < 600


def test_few_accounts_are_counted_in_whole_ones():
    assert monthly([0, 1, 0, 1]).figure.layout.yaxis.dtick == 1
    assert monthly([0, 40, 0, 1]).figure.layout.yaxis.dtick is None


@pytest.mark.parametrize("opened", [[], [0], [4], [0, 0, 0]])
def test_hardly_any_months(opened):
    none = interim(share_in_windows=math.nan)
    made = found(months=months(opened), interim=none)
    assert timeline.monthly(made, date(2012, 3, 8), LIGHT).alt
    stocks = pd.DataFrame({"month": made.months["month"], "accounts_opened": made.months["opened"],
                           "accounts_active": made.months["opened"]})  # fmt: skip
    assert timeline.cumulative(stocks, made, date(2012, 3, 8), DARK).alt


def test_names_in_figures_are_escaped():
    figure = monthly([5, 8], replace(SUMMIT, name="<b>x</b>")).figure.to_json()
    assert "<b>" not in figure.replace("\\u003c", "<")


def test_a_sheer_color_is_its_own_let_through():
    assert theme.sheer("#0b4f55", 0.25) == "rgba(11,79,85,0.25)"
