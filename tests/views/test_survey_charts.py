"""The survey's panels, groups, spreads, comments and averages: what they hold and must not hold."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pppdash.analysis.themes import find_themes
from pppdash.views import answer_groups, answer_spread, answers, averages, comments, waves
from pppdash.views.comparison import Breakdown
from pppdash.views.measures import AVERAGE, SHARE
from pppdash.views.theme import DARK, LIGHT
from tests.views.surveys import around, survey_of

AS_OF = date(2017, 3, 31)
NO_EVENTS = pd.DataFrame({"flash_point_id": [], "name": [], "started_on": []})
SUMMIT = pd.DataFrame(
    {
        "flash_point_id": ["a", "b"],
        "name": ["Summit", "<b>Later</b>"],
        "started_on": pd.to_datetime(["2015-05-20", "2031-01-01"]),
    }
)
THREE = ("2014-10-15", "2015-10-15", "2016-10-15")
BY_SIZE = Breakdown("segment", "Size", {"small": "small (< 50)"})


def axis_of(found, events=NO_EVENTS, launched_on=None):
    return waves.time_axis([w.date() for w in found.waves["wave"]], events, launched_on, AS_OF)


def panels_of(found, kind=AVERAGE, events=NO_EVENTS):
    makers = answers.trends(found.results, axis_of(found, events), kind, LIGHT, 10)
    return [make() for make in makers]


def notes_of(chart):
    return [note.text for note in chart.figure.layout.annotations]


def trend_of(*means, **more):
    return survey_of({day: {"q": around(m)} for day, m in zip(THREE, means, strict=True)}, **more)


# -- panels ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("means", "said", "color"),
    [
        ((2, 3, 4), "▲ Better: 2.00 → 4.00 of 5", LIGHT.accent),
        ((4, 3, 2), "▼ Worse: 4.00 → 2.00 of 5", LIGHT.accent),
        ((3, 3, 3), "No detectable change: 3.00 → 3.00 of 5", LIGHT.quiet),
    ],
)
def test_an_arrow_only_where_the_trend_is_clear(means, said, color):
    (panel,) = panels_of(trend_of(*means))
    assert panel.subtitle == said
    assert panel.figure.data[0].line.color == color
    assert said in panel.alt
    assert notes_of(panel).count("n 60") == 3


def test_one_wave_has_no_verdict_and_its_interval():
    (panel,) = panels_of(survey_of({THREE[0]: {"q": around(3)}}))
    assert panel.subtitle == "Too little data to tell: 3.00 of 5"
    assert panel.figure.data[0].error_y.array[0] > 0


def test_what_everybody_answered_alike_has_no_interval():
    (panel,) = panels_of(survey_of({THREE[0]: {"q": [4.0] * 20}}))
    assert list(panel.figure.data[0].error_y.array) == [0]
    assert "95%" not in panel.figure.data[0].hovertext[0]


def test_shares_and_net_scores_are_drawn_on_request_and_the_verdict_stays_the_averages():
    (share,) = panels_of(trend_of(2, 3, 4), SHARE)
    assert share.subtitle == "▲ Better; top two 0% → 67%"
    found = trend_of(6, 7, 9, scale=(0, 10), kind="recommend")
    (net,) = panels_of(found, SHARE)
    assert net.subtitle == "▲ Better; net score −67 → +67"
    assert net.figure.data[0].y[0] == pytest.approx(-2 / 3)
    (mean,) = panels_of(found)
    assert mean.subtitle == net.subtitle
    assert mean.figure.data[0].y[0] == pytest.approx(6)


def test_a_question_on_two_points_keeps_its_mean():
    found = survey_of({THREE[0]: {"q": [0, 1] * 20}}, scale=(0, 1))
    (panel,) = panels_of(found, SHARE)
    assert panel.figure.data[0].y[0] == pytest.approx(0.5)


def test_panels_come_clearest_first_and_cover_the_same_part_of_their_scales():
    found = survey_of(
        {
            day: {"flat": around(3), "down": around(4 - i), "up": around(2 + i // 2)}
            for i, day in enumerate(THREE)
        }
    )
    charts = panels_of(found)
    assert [chart.title for chart in charts] == ["Down.", "Up.", "Flat."]
    spans = [chart.figure.layout.yaxis.range for chart in charts]
    assert len({round(high - low, 6) for low, high in spans}) == 1
    assert answers.left_out(found.results, 10) == ""


def test_a_suppressed_wave_says_so_and_holds_no_figure():
    found = survey_of({d: {"q": around(3, n)} for d, n in zip(THREE, (60, 6, 60), strict=True)})
    (panel,) = panels_of(found)
    assert "hidden" in notes_of(panel)
    assert "suppressed (under 10 answers, or" in panel.alt
    assert len(panel.figure.data[0].x) == 2
    row = panel.table.download().iloc[1]
    assert row["note"].startswith("suppressed")
    figures = [c.name for c in panel.table.columns if c.kind not in ("text", "date")]
    assert row[figures].isna().all()


def test_questions_that_show_nothing_are_named_instead_of_drawn():
    found = survey_of({THREE[0]: {"a": around(3), "b": around(3, 6)}})
    assert [panel.title for panel in panels_of(found)] == ["A."]
    assert answers.left_out(found.results, 10).startswith("“B.”: in every wave suppressed")
    none = survey_of({THREE[0]: {"a": around(3, 6), "b": around(3, 6)}})
    assert panels_of(none) == []
    assert answers.left_out(none.results, 10).startswith("Every question is in every wave")
    assert answers.rows(answers.of_last_wave(none.results), none.results)[1] == []


def test_the_overviews_rows_say_the_verdict_in_words():
    found = trend_of(2, 3, 4)
    heads, rows = answers.rows(answers.of_last_wave(found.results), found.results)
    assert rows == [["“Q.”", "2.00 → 4.00 of 5", "60", "▲ Better"]]
    assert len(heads) == len(rows[0])


# -- the time axis -----------------------------------------------------------------------------


def test_the_axis_is_the_programs_own_where_waves_fill_enough_of_it():
    launch = date(2012, 3, 7)
    whole = axis_of(trend_of(3, 3, 3), SUMMIT, launch)
    assert (whole.first, whole.last) == (date(2012, 3, 1), date(2017, 4, 1))
    late = {"2016-10-15": {"q": around(3)}, "2017-01-15": {"q": around(3)}}
    short = axis_of(survey_of(late), SUMMIT, launch)
    assert short.first > date(2016, 8, 1)
    assert short.names == ""


def test_flash_points_are_marked_with_their_names_and_those_ahead_are_not():
    (panel,) = panels_of(trend_of(3, 3, 3), events=SUMMIT)
    assert "Summit" in notes_of(panel)
    assert len(panel.figure.layout.shapes) == 1
    assert panel.alt.endswith("Flash points marked: Summit.")
    assert "Later" not in panel.figure.to_json()


def test_of_very_many_flash_points_the_last_ones_are_named_and_drawn():
    days = pd.date_range("2014-11-01", periods=400, freq="D")
    many = pd.DataFrame({"flash_point_id": days.astype(str), "started_on": days})
    when = axis_of(trend_of(3, 3, 3), many.assign(name=[f"E{i}" for i in range(400)]))
    assert 0 < len(when.rules) <= 8
    assert when.names.endswith("E399")


@settings(max_examples=60)
@given(st.lists(st.integers(0, 3000), min_size=1, max_size=30, unique=True))
def test_any_waves_have_an_axis_that_holds_them(days):
    held = [date(2010, 1, 1) + timedelta(days=day) for day in days]
    when = waves.time_axis(held, NO_EVENTS, None, AS_OF)
    assert when.first < min(held) <= max(held) < when.last
    kept = waves.labeled(sorted(held), when)
    assert {0, len(held) - 1} <= set(kept)
    axis = waves.layout(when, LIGHT, 100, {})["xaxis"]
    assert len(axis["tickvals"]) <= 10


def test_who_answered_is_drawn_and_a_wave_of_few_is_not():
    found = survey_of({THREE[0]: {"q": around(3)}, THREE[1]: {"q": around(3, 6)}}, (200, 150))
    chart = waves.respondents(found.waves, axis_of(found), 10, DARK)
    asked, answered = chart.figure.data
    assert list(asked.y) == [200, 150]
    assert list(answered.y) == [60, None]
    assert notes_of(chart) == ["30%", "suppressed"]
    table = chart.table.download()
    assert pd.isna(table.loc[1, "respondents"])
    assert pd.isna(table.loc[1, "response_rate"])
    assert "Wave 2015: answers suppressed (under 10" in chart.alt


# -- groups and spreads ------------------------------------------------------------------------


def by_size(small, large):
    """One wave in which ``small`` and ``large`` give the counts of two sizes, of three."""
    sizes = ["small"] * small + ["large"] * large + ["mid-sized"] * 30
    return {
        segment: survey_of(
            {THREE[0]: {"q": [3.0, 4.0] * (len(sizes) // 2)}}, sizes=sizes, segment=segment
        )
        for segment in ("", "size_band")
    }


def test_groups_are_drawn_with_intervals_and_n():
    found = by_size(30, 20)["size_band"]
    chart = answer_groups.groups(found.results, "q", BY_SIZE, AVERAGE, LIGHT, 10)
    assert chart.title == "By size, Wave 2014"
    assert "3.50, n 30" in notes_of(chart)
    assert chart.footnote == ""
    assert "small (< 50) 3.50 (" in chart.alt


def test_a_group_of_few_takes_another_along_and_neither_has_a_figure():
    found = by_size(6, 14)["size_band"]
    chart = answer_groups.groups(found.results, "q", BY_SIZE, AVERAGE, LIGHT, 10)
    assert chart.footnote.startswith("large, small (< 50): suppressed (under 10 answers, or hidden")
    assert chart.alt.endswith("2 groups suppressed.")
    text = chart.figure.to_json() + chart.alt + chart.table.download().to_csv()
    assert not re.search(r"\bn (6|14)\b", text)
    assert len(chart.figure.data[1].x) == 1


def test_where_every_group_is_suppressed_there_is_no_chart():
    found = survey_of({THREE[0]: {"q": around(3, 12)}}, segment="size_band")
    assert answer_groups.groups(found.results, "q", BY_SIZE, AVERAGE, LIGHT, 10) is None
    said = answer_groups.none_shown(BY_SIZE, 10)
    assert said.startswith("By size every group is suppressed")


def test_spreads_are_the_engines_and_leave_out_what_it_leaves_out():
    found = survey_of({THREE[0]: {"a": around(3), "b": around(3, 6)}, THREE[1]: {"a": around(4)}})
    last = answer_spread.of_last_wave(found.distributions, found.results, LIGHT)
    assert last.title == "How the answers spread in Wave 2015"
    assert [bar.x[0] for bar in last.figure.data] == pytest.approx([1 / 3] * 3)
    own = answer_spread.by_wave(found.distributions, found.results, "a", LIGHT)
    assert list(own.figure.layout.yaxis.ticktext) == ["Wave 2014", "Wave 2015"]
    assert answer_spread.by_wave(found.distributions, found.results, "b", LIGHT) is None
    few = survey_of({THREE[0]: {"a": around(3, 6)}})
    assert answer_spread.of_last_wave(few.distributions, few.results, LIGHT) is None


def test_of_many_questions_the_clearest_are_spread_and_the_table_holds_all():
    found = survey_of({THREE[0]: {f"q{i:02}": around(3) for i in range(15)}})
    chart = answer_spread.of_last_wave(found.distributions, found.results, LIGHT)
    assert "the first 12 of 15" in chart.subtitle
    assert len(chart.figure.layout.yaxis.ticktext) == 12
    assert chart.table.download()["question_id"].nunique() == 15


def test_answers_on_a_long_scale_are_spread_in_fifths():
    found = survey_of({THREE[0]: {"a": range(101), "b": [0.0, 100.0] * 10}}, scale=(0, 100))
    chart = answer_spread.of_last_wave(found.distributions, found.results, LIGHT)
    assert len(chart.figure.data) == 5
    shares = {bar.hovertext[0]: bar.x[0] for bar in chart.figure.data}
    assert shares["Wave 2014, answer 80–100: 21%, n 21"] == pytest.approx(21 / 101)
    assert sum(sum(bar.x) for bar in chart.figure.data) == pytest.approx(2)
    assert len(chart.table.frame) == 103


# -- comments and averages ---------------------------------------------------------------------


def themes_of(*counts):
    """Themes of waves, each given as how many wrote of alerts and how many of training."""
    said = ("Alerts came late again.", "Training nights suit our staff.")
    rows = [
        (pd.Timestamp(day), f"{day}-{text}-{i}", text)
        for day, numbers in zip(THREE, counts, strict=False)
        for text, number in zip(said, numbers, strict=True)
        for i in range(number)
    ]
    columns = ["wave", "respondent_id", "comment"]
    frame = pd.DataFrame(rows, columns=columns).astype({"wave": "datetime64[us]"})
    return find_themes(frame.astype(dict.fromkeys(columns[1:], "str")), 10)


WAVES = survey_of({day: {"q": around(3)} for day in THREE[:2]}).waves


def test_themes_have_words_counts_and_shares():
    themes = themes_of((30, 20))
    heads, rows = comments.rows(themes, WAVES)
    assert heads == ["Words of the theme", "Wave 2014"]
    assert sorted(row[1] for row in rows) == ["20 (40%)", "30 (60%)"]
    finding = comments.finding(themes, WAVES)
    assert finding.startswith("60% of those who commented in Wave 2014 wrote mostly of “")
    assert set(comments.choices(themes)) == {"", *themes.names}
    quoted = comments.quotes(themes, themes.names[0])
    assert quoted.frame["theme"].nunique() == 1
    assert quoted.cut == f"only theme={themes.names[0]}"


def test_few_comments_are_neither_counted_nor_quoted():
    themes = themes_of((30, 20), (30, 6))
    assert "Wave 2014" in comments.finding(themes, WAVES)
    assert [row[2] for row in comments.rows(themes, WAVES)[1]] == ["suppressed", "suppressed"]
    assert set(comments.quotes(themes, "").frame["wave"]) == {pd.Timestamp(THREE[0])}
    hidden = comments.table(themes, 10).download().query("wave == @THREE[1]")
    assert hidden["n"].isna().all()
    assert hidden["note"].str.startswith("suppressed").all()


def test_what_is_said_of_comments_without_themes():
    assert comments.finding(themes_of(), WAVES) == "No wave so far has brought comments"
    assert comments.finding(themes_of((20, 4)), WAVES) == "24 respondents commented in Wave 2014"
    few = themes_of((3, 3))
    assert comments.finding(few, WAVES) == "Comments: too few of any one theme to be shown"


def scores(*rows):
    frame = pd.DataFrame(rows, columns=["wave", "area_id", "score"])
    named = frame.assign(question_id="q", text="Safe?", scale_max=100.0)
    return named.assign(wave=pd.to_datetime(frame["wave"]))


def test_the_whole_citys_average_is_not_an_area():
    rows = scores(
        ("2020-01-01", "1", 40.0), ("2020-01-01", "2", 50.0), ("2020-01-01", "Whole city", 90.0),
        ("2021-01-01", "1", 50.0), ("2021-01-01", "2", 60.0), ("2021-01-01", "Whole city", 90.0),
    )  # fmt: skip
    when = waves.time_axis([date(2020, 1, 1), date(2021, 1, 1)], NO_EVENTS, None, AS_OF)
    chart = averages.panel(rows, (), when, LIGHT)
    assert chart.subtitle == "median 45 → 55 of 100; 2 areas"
    assert all(line.error_y.array is None for line in chart.figure.data)
    alone = averages.panel(rows[rows["area_id"] == "Whole city"], (), when, LIGHT)
    assert alone.subtitle == "average 90 → 90 of 100 in the whole city"
    one = averages.panel(rows.iloc[:1], (), when, LIGHT)
    assert one.subtitle == "median 40 of 100; 1 area"
    assert one.figure.data[0].mode == "markers"
    chosen = averages.panel(rows, ("2",), when, LIGHT)
    assert chosen.figure.data[-1].line.color == LIGHT.accent


def test_texts_of_a_city_are_escaped_in_figures():
    name = "<b>x</b>"
    found = survey_of({THREE[0]: {name: around(3)}}, sizes=[name, "<i>y</i>"], segment="size_band")
    found_all = survey_of({THREE[0]: {name: around(3)}})
    bare = Breakdown("segment", "Size")
    charts = [
        answer_groups.groups(found.results, name, bare, AVERAGE, LIGHT, 10),
        answer_spread.of_last_wave(found_all.distributions, found_all.results, LIGHT),
        waves.respondents(found_all.waves.assign(label=name), axis_of(found_all), 10, LIGHT),
        *panels_of(found_all),
    ]
    text = "".join(chart.figure.to_json() for chart in charts).replace("\\u003c", "<")
    assert "<b>" not in text
    assert "<i>" not in text
