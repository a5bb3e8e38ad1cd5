"""The survey's page in every state of a survey, and that nothing suppressed is ever sent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pppdash.analysis.survey import BETTER
from pppdash.ui import downloads, show
from pppdash.views.answers import SEGMENTS
from tests.helpers import LittleCity, assert_published, little_city
from tests.pages import opened
from tests.pages.opened import text_of

PAGE = "pages/survey_feedback.py"
QUESTIONS = "question_id,text,scale_min,scale_max,kind\nQ1,Is it timely?,1,5,agreement\n"
SHARES = ("survey_responses", "survey_questions", "survey_waves", "survey_margins")


def open_at(monkeypatch, city: Path, path: str = PAGE, **query: str) -> AppTest:
    app = opened.open_at(monkeypatch, city, path, **query)
    assert not app.exception
    assert "unexpected" not in text_of(app)
    return app


def headline_of(app: AppTest) -> str:
    return re.findall(r'<h1 class="pd-headline">(.*?)</h1>', text_of(app))[0]


def figures_of(app: AppTest) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def with_survey(folder: Path, files: dict[str, str]) -> LittleCity:
    """A little city with the survey's files, named after their entities."""
    city = little_city(folder)
    for entity, text in files.items():
        city.write(f"{entity}.csv", text)
        city.set(f"sources.{entity}", f'path = "{entity}.csv"')
    assert_published(city)
    return city


def responses(*rows: tuple[object, ...]) -> str:
    head = "wave,respondent_id,question_id,score,size_band,sector,area_id,comment"
    return "\n".join([head, *(",".join(map(str, row)) for row in rows)]) + "\n"


def wave(day: str, scores: list[int], size: str = "small", comment: str = "") -> list[tuple]:
    return [
        (day, f"{day}-{size}-{i}", "Q1", score, size, "Energy", "1", comment)
        for i, score in enumerate(scores)
    ]


# -- the sample --------------------------------------------------------------------------------


def test_the_sample_says_what_moved_and_whether_fewer_answered(monkeypatch, sample_city):
    app = open_at(monkeypatch, sample_city)
    assert headline_of(app) == (
        "Answers got better on 3 of 9 questions, most on “Enrolling was easy”, and worse on 1, "
        "“The training offered is useful to our staff”. More of those asked answered: 33%, after "
        "30% in Autumn 2013."
    )
    said = text_of(app)
    assert said.count("▲ Better") == 3
    assert said.count("▼ Worse") == 1
    assert said.count("No detectable change") >= 5
    assert "Neither answers nor weights can speak for those who were never asked" in said
    assert "How this was made: What is hidden" in said
    assert "only the date applies here" in said
    assert len(figures_of(app)) == 1 + 9 + 3


@pytest.mark.parametrize("by", SEGMENTS)
@pytest.mark.parametrize("measure", ["average", "share"])
def test_one_kind_of_group_at_a_time(monkeypatch, sample_city, by, measure):
    app = open_at(monkeypatch, sample_city, by=by, measure=measure, question="recommend")
    said = text_of(app)
    assert f"By {SEGMENTS[by].lower()}, Autumn 2016" in said
    assert ("Net score, with 95% interval" in said) == (measure == "share")


def test_the_overview_says_it_too(monkeypatch, sample_city):
    said = text_of(open_at(monkeypatch, sample_city, "app.py"))
    assert "Average answer, Autumn 2013 to Autumn 2016" in said
    assert "▲ Better" in said
    assert "More of those asked answered: 33%, after 30% in Autumn 2013." in said
    assert "only the date applies to the survey" not in said
    filtered = text_of(open_at(monkeypatch, sample_city, "app.py", sector="Energy"))
    assert "only the date applies to the survey" in filtered


def test_comments_are_shown_where_a_theme_is_chosen(monkeypatch, sample_city):
    monkeypatch.setattr(show, "drawer", always_open)
    app = open_at(monkeypatch, sample_city, theme="training, staff, night")
    tables = [table.value for table in app.dataframe]
    (quotes,) = [table for table in tables if "comment" in table]
    assert set(quotes["theme"]) == {"training, staff, night"}


# -- little surveys ----------------------------------------------------------------------------


def test_one_wave(monkeypatch, tmp_path):
    rows = wave("2015-10-01", [1, 3, 4, 5] * 6)
    city = with_survey(
        tmp_path / "city",
        {"survey_questions": QUESTIONS, "survey_responses": responses(*rows)},
    )
    app = open_at(monkeypatch, city.folder)
    assert headline_of(app) == (
        "It is too early to tell: October 2015 is the first wave, with none before it. 24 answered "
        "in October 2015; how many were asked is unknown."
    )
    said = text_of(app)
    assert "Too little data to tell: 3.25 of 5" in said
    assert "▲" not in said
    assert "Nothing is known of who the respondents are" in said
    assert "No wave so far has brought comments" in said
    assert "Average answer in October 2015" in text_of(open_at(monkeypatch, city.folder, "app.py"))


def test_everything_suppressed(monkeypatch, tmp_path):
    rows = [*wave("2015-10-01", [5] * 6), *wave("2016-10-01", [1] * 7)]
    city = with_survey(
        tmp_path / "city",
        {"survey_questions": QUESTIONS, "survey_responses": responses(*rows)},
    )
    app = open_at(monkeypatch, city.folder)
    assert headline_of(app).startswith("Too few answered for a result to be shown")
    assert "Every question is in every wave suppressed (under 10 answers" in text_of(app)
    assert len(figures_of(app)) == 1
    assert all(value is None for value in figures_of(app)[0]["data"][1]["y"])
    overview = text_of(open_at(monkeypatch, city.folder, "app.py"))
    assert "Too few answered for a result to be shown" in overview


def test_a_survey_of_comments_alone(monkeypatch, tmp_path):
    rows = [
        ("2015-10-01", f"r{i}", "Q1", "", "small", "Energy", "1", "Alerts came late again.")
        for i in range(12)
    ]
    city = with_survey(
        tmp_path / "city",
        {"survey_questions": QUESTIONS, "survey_responses": responses(*rows)},
    )
    app = open_at(monkeypatch, city.folder)
    assert "all comments" in text_of(app)


def test_remarks_of_what_could_not_be_done_are_said_and_many_fill_a_drawer(monkeypatch, tmp_path):
    names = ("shoe", "hat", "coat", "glove", "scarf", "belt")
    margins = "".join(f"2015-10-01,{name},blue,10\n" for name in names)
    city = with_survey(
        tmp_path / "city",
        {
            "survey_questions": QUESTIONS,
            "survey_responses": responses(*wave("2015-10-01", [1, 3, 4, 5] * 6)),
            "survey_margins": f"wave,variable,value,population\n{margins}",
        },
    )
    said = text_of(open_at(monkeypatch, city.folder))
    assert said.count("not weighted to ") == 4
    assert "Answers are not weighted: no known totals could be used." in said
    monkeypatch.setattr(show, "drawer", always_open)
    said = text_of(open_at(monkeypatch, city.folder))
    assert all(f"not weighted to {name}" in said for name in names)


def test_averages_stand_apart_from_answers(monkeypatch, tmp_path):
    scores = "wave,question_id,area_id,score\n2016-01-01,Q1,1,2.0\n2017-01-01,Q1,1,3.0\n"
    rows = wave("2015-10-01", [1, 3, 4, 5] * 6)
    city = with_survey(
        tmp_path / "city",
        {
            "survey_questions": QUESTIONS,
            "survey_responses": responses(*rows),
            "survey_scores": scores,
        },
    )
    app = open_at(monkeypatch, city.folder)
    assert headline_of(app).startswith("It is too early to tell")
    assert "Published averages" in text_of(app)
    last = figures_of(app)[-1]
    assert all("error_y" not in line for line in last["data"])


# -- nothing suppressed is sent ----------------------------------------------------------------


SECRET_WAVE, SECRET_WORD = 711, "quagga"
# What must not occur, and how near to it a number would give it away: the averages of two groups,
# the score of a wave, a group's share of one answer, and a wave's response rate.
SECRETS = {617.142857: 0.06, 622.4: 0.06, SECRET_WAVE: 0.5, 4 / 7: 1e-4, 6 / 90: 1e-4}


def secretive(folder: Path) -> LittleCity:
    """A city with groups and a wave to suppress, whose figures occur nowhere else.

    Of the last wave, 7 large respondents average 617.14 and 25 mid-sized ones 622.4; of the
    first, 6 in all gave 711, and wrote of quaggas.
    """

    def of(size: str, low: int, high: int) -> list[tuple]:
        return wave("2015-10-01", [600] * low + [640] * high, size, "Training nights help staff.")

    rows = [*of("small", 15, 15), *of("mid-sized", 11, 14), *of("large", 4, 3)]
    rows += wave("2014-10-01", [SECRET_WAVE] * 6, "small", f"More {SECRET_WORD} stripes.")
    places = {"small": ("Energy", "1"), "mid-sized": ("Dams", "2"), "large": ("Chemical", "3")}
    placed = [(*row[:5], *places[str(row[4])], row[7]) for row in rows]
    return with_survey(
        folder,
        {
            "survey_questions": QUESTIONS.replace(",1,5,", ",0,1000,"),
            "survey_responses": responses(*placed),
            "survey_waves": "wave,invited,label\n2014-10-01,90,First\n2015-10-01,210,Second\n",
        },
    )


@contextmanager
def always_open(*_: object) -> Iterator[bool]:
    yield True


def sent(monkeypatch, city: Path, path: str, **query: str) -> str:
    """All that a page sends with every drawer open: texts, figures, tables and downloads."""
    files: list[str] = []

    def download(page, view, key="", rows=None) -> None:
        made = rows() if rows else view
        files.append(downloads.as_csv(page, made).decode("utf-8-sig"))
        files.append(made.shown().to_csv())

    monkeypatch.setattr(show, "drawer", always_open)
    monkeypatch.setattr(show, "download", download)
    app = open_at(monkeypatch, city, path, **query)
    figures = [chart.proto for chart in app.get("plotly_chart")]
    specs = [figure.spec for figure in figures]
    assert not any("bdata" in spec for spec in specs), "numbers that this test cannot read"
    alts = [getattr(figure, "alt", "") for figure in figures]
    grids = [table.value.to_csv() for table in app.dataframe]
    assert path == "app.py" or (specs and grids and files)
    return "\n".join([text_of(app), *specs, *alts, *grids, *files])


@pytest.fixture(scope="module")
def secrets(tmp_path_factory) -> LittleCity:
    return secretive(tmp_path_factory.mktemp("cities") / "secrets")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (PAGE, {"by": "size_band"}),
        (PAGE, {"by": "sector", "measure": "share"}),
        (PAGE, {"by": "area_id"}),
        ("app.py", {}),
    ],
)
def test_no_suppressed_number_occurs_in_anything_that_is_sent(monkeypatch, secrets, path, query):
    everything = sent(monkeypatch, secrets.folder, path, **query)
    assert "620" in everything, "what may be shown is"
    numbers = [float(text) for text in re.findall(r"\d+(?:\.\d+)?", everything)]
    for secret, margin in SECRETS.items():
        assert not [number for number in numbers if abs(number - secret) <= margin], secret
    assert SECRET_WORD not in everything
    assert not re.search(r"\bn (6|7|25)\b", everything)
    assert not re.search(r"\b(6|7|25) (answered|respondents)\b", everything)


def test_the_same_city_without_suppression_would_be_caught(monkeypatch, tmp_path):
    city = secretive(tmp_path / "city")
    city.set("settings", "min_respondents = 1")
    assert_published(city)
    everything = sent(monkeypatch, city.folder, PAGE, by="size_band")
    for secret in ("617.1", "622.4", str(SECRET_WAVE), SECRET_WORD):
        assert secret in everything
    assert re.search(r"\bn 7\b", everything)


def test_no_table_of_the_sample_holds_a_suppressed_figure(monkeypatch, sample_city):
    monkeypatch.setattr(show, "drawer", always_open)
    for by in SEGMENTS:
        app = open_at(monkeypatch, sample_city, by=by)
        for table in (table.value for table in app.dataframe):
            if "note" in table and "mean" in table:
                hidden = table["note"] != ""
                assert table.loc[hidden, ["n", "mean", "top_two", "change"]].isna().all().all()
                assert BETTER not in set(table.loc[hidden, "verdict"])
                assert (table.loc[~hidden, "n"] >= 10).all()
