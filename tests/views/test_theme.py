"""Number forms, and colors that can be read and told apart."""

from __future__ import annotations

import itertools
import math
from datetime import UTC, date, datetime

import pytest

from pppdash.views import theme
from pppdash.views.theme import DARK, LIGHT


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read_on_every_ground(colors):
    for ground in (colors.ground, colors.panel):
        for text in (colors.ink, colors.quiet, colors.accent, colors.amber_ink):
            assert contrast(text, ground) >= 4.5, (text, ground)
    assert contrast(colors.amber_ink, colors.badge) >= 4.5


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_marks_stand_out_and_differ_in_lightness(colors):
    marks = (colors.accent, colors.ended, colors.amber)
    for mark in marks:
        assert contrast(mark, colors.ground) >= 3
    for one, other in itertools.combinations(marks, 2):
        assert contrast(one, other) >= 1.2, (one, other)
    assert contrast(colors.accent, colors.gray) >= 1.5


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("scale", ["coverage", "shortfall"])
def test_scales_run_one_way_and_leave_the_ground(colors, scale):
    steps = [contrast(color, colors.ground) for color in getattr(colors, scale)]
    assert steps == sorted(steps)
    assert all(later / earlier > 1.1 for earlier, later in itertools.pairwise(steps))


def test_an_enrolled_building_stands_out_on_every_area():
    for colors in (LIGHT, DARK):
        assert min(contrast(colors.accent, area) for area in colors.coverage) > 1.7


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (0.12, 0.1138, 0.1265, "12.0%"),
        (0.4, 0.1, 0.7, "40%"),
        (0.0, None, None, "0%"),
        (math.nan, 0.1, 0.2, "–"),
        (None, None, None, "–"),
    ],
)
def test_percent_has_the_digits_its_interval_supports(value, low, high, text):
    assert theme.percent(value, low, high) == text


def test_windows_in_few_letters():
    assert theme.span_short(date(2012, 3, 1), date(2012, 6, 30)) == "Mar–Jun 2012"
    assert theme.span_short(date(2015, 12, 1), date(2016, 2, 29)) == "Dec 2015–Feb 2016"
    assert theme.span_short(date(2015, 12, 1), date(2015, 12, 31)) == "Dec 2015"
    assert theme.month_short(None) == "–"


def test_other_forms():
    assert theme.interval(0.1138, 0.1265) == "11.4–12.7%"
    assert theme.interval(0.0, 0.43) == "0–43%"
    assert theme.interval(math.nan, 0.2) == "–"
    assert theme.count(10_000) == "10,000"
    assert theme.count(math.nan) == "–"
    assert [theme.signed(n) for n in (61, -7, 0, -0.2)] == ["+61", "−7", "0", "0"]
    assert [theme.rate(n) for n in (7.63, 105.6, 9.97, math.nan)] == ["7.6", "106", "10", "–"]
    assert [theme.rate(n) for n in (0.022, 0.0, 0.05)] == ["0.02", "0.0", "0.1"]
    assert theme.rates(5.21, 8.93) == "5.2–8.9"
    assert theme.rates(0.0, 36.1) == "0–36"
    assert theme.rates(0.0, 0.12) == "0.00–0.12"
    assert theme.rates(math.nan, 1.0) == "–"
    assert theme.counts(794.1, 1841.4) == "794–1,841"
    assert theme.counts(-3.2, 22) == "−3 to 22"
    assert theme.counts(-1020.0, -5) == "−1,020 to −5"
    assert theme.counts(None, 5) == "–"
    assert theme.plural(1, "target") == "1 target"
    assert theme.plural(1200, "target") == "1,200 targets"
    assert theme.date_form(date(2012, 5, 20)) == "20 May 2012"
    assert theme.date_form(None) == "–"
    assert theme.span_form(date(2012, 3, 1), date(2012, 6, 30)) == "March–June 2012"
    assert theme.span_form(date(2015, 12, 1), date(2016, 2, 29)) == "December 2015–February 2016"
    assert theme.span_form(date(2015, 12, 1), date(2015, 12, 31)) == "December 2015"
    assert theme.moment_form(datetime(2026, 11, 22, 14, 2, tzinfo=UTC)) == "22 Nov 2026 14:02 UTC"


def test_an_unknown_mode_reads_as_light():
    assert theme.palette(None) is LIGHT
    assert theme.palette("dark") is DARK
