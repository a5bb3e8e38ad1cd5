"""Every page by Streamlit's own harness: full, filtered, empty, and over a broken warehouse."""

from __future__ import annotations

import re
import shutil
from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from pppdash.city import load_city
from pppdash.ui.frame import PAGES
from pppdash.views import markup
from pppdash.warehouse.build import build_city
from pppdash.warehouse.publish import build_path, current_build_id
from tests.helpers import ACCOUNTS, little_city
from tests.pages.opened import open_at, text_of

PATHS = [path for path, _ in PAGES]
FILTERS = {"as_of": "2015-12-31", "area": ["8", "32"], "sector": "Energy", "size": "small"}


def headline_of(app: AppTest) -> str:
    found = re.findall(r'<h1 class="pd-headline">(.*?)</h1>', text_of(app))
    return found[0].replace(markup.JOINER, "")


def link_of(app: AppTest) -> dict[str, list[str]]:
    values = app.query_params.items()
    return {k: v if isinstance(v, list) else [v] for k, v in values}


def kinds(app: AppTest, kind: str) -> int:
    return len(app.get(kind))


@pytest.mark.parametrize("path", PATHS)
def test_full(monkeypatch, sample_city, path):
    app = open_at(monkeypatch, sample_city, path)
    assert not app.exception
    assert len(headline_of(app)) > 20
    said = text_of(app)
    assert "As of 31 March 2017" in said
    assert "Synthetic data" in said
    assert "nan" not in said.lower().split()
    assert "unexpected" not in said


def test_the_sample_says_twelve_percent(monkeypatch, sample_city):
    app = open_at(monkeypatch, sample_city, "app.py")
    assert headline_of(app).startswith("12.0% of 10,000 targets are enrolled")
    said = text_of(app)
    assert "1,200 of 10,000 · 11.4–12.7%" in said
    assert "10.9–13.3% if targets are 9,000–11,000" in said


@pytest.mark.parametrize("path", PATHS)
def test_filtered(monkeypatch, sample_city, path):
    app = open_at(monkeypatch, sample_city, path, **FILTERS)
    assert not app.exception
    said = text_of(app)
    assert "As of 31 December 2015" in said
    assert "unexpected" not in said
    assert app.sidebar.multiselect[0].value == ["8", "32"]
    assert link_of(app)["sector"] == ["Energy"]


@pytest.mark.parametrize("path", PATHS)
def test_one_day_after_the_launch(monkeypatch, sample_city, path):
    """Hardly anything is known yet, and every sentence must still be right."""
    app = open_at(monkeypatch, sample_city, path, as_of="2012-03-08")
    assert not app.exception
    assert "unexpected" not in text_of(app)


@pytest.mark.parametrize("path", PATHS)
def test_a_selection_that_holds_nothing(monkeypatch, sample_city, path):
    app = open_at(monkeypatch, sample_city, path, area="47", sector="Dams", size="large")
    assert not app.exception
    assert "unexpected" not in text_of(app)


def test_a_filter_changes_the_headline(monkeypatch, sample_city):
    whole = headline_of(open_at(monkeypatch, sample_city, "app.py"))
    part = headline_of(open_at(monkeypatch, sample_city, "app.py", layer="side", area="central"))
    assert whole != part


def test_where_no_activity_is_on_record_nobody_is_called_quiet(monkeypatch, tmp_path):
    city = little_city(tmp_path / "city")
    accounts = "account_id,target_id,enrolled_on\nA1,T1,2012-03-20\n"
    city.write("accounts.csv", accounts)
    assert city.build().published
    said = text_of(open_at(monkeypatch, city.folder, "app.py"))
    assert "unknown: no activity is on record" in said


def test_nonsense_in_the_link_is_left_out_and_said(monkeypatch, sample_city):
    app = open_at(monkeypatch, sample_city, "app.py", as_of="soon", area="<b>", sector="Magic")
    assert not app.exception
    said = text_of(app)
    assert "“soon”" in said
    assert "“&lt;b&gt;”" in said
    assert "“Magic”" in said
    assert "As of 31 March 2017" in said
    assert link_of(app) == {}


def test_touching_a_filter_writes_the_link(monkeypatch, sample_city):
    app = open_at(monkeypatch, sample_city, "app.py")
    app.sidebar.multiselect[1].set_value(["Energy"]).run()
    assert link_of(app)["sector"] == ["Energy"]
    app.sidebar.multiselect[1].set_value([]).run()
    assert "sector" not in link_of(app)


def test_another_layer_starts_with_all_its_areas(monkeypatch, sample_city):
    app = open_at(monkeypatch, sample_city, "app.py", area="8")
    app.sidebar.selectbox[0].set_value("side").run()
    assert not app.exception
    assert app.sidebar.multiselect[0].value == []
    assert link_of(app) == {"layer": ["side"]}


def test_links_carry_the_filters(monkeypatch, sample_city):
    app = open_at(monkeypatch, sample_city, "app.py", sector="Energy")
    links = [link.proto for link in app.get("page_link")]
    assert links
    assert all(link.query_string == "sector=Energy" for link in links)


@pytest.mark.parametrize("path", PATHS[:-1])
def test_empty_says_what_to_add(monkeypatch, empty_city, path):
    app = open_at(monkeypatch, empty_city, path)
    assert not app.exception
    assert "Nowhere has brought no" in headline_of(app)
    assert "[sources." in text_of(app)
    assert "city.toml" in text_of(app)
    assert not kinds(app, "plotly_chart")


def test_empty_health(monkeypatch, empty_city):
    app = open_at(monkeypatch, empty_city, "pages/data_health.py")
    assert not app.exception
    assert headline_of(app) == "This city has brought no data yet."


@pytest.mark.parametrize("path", PATHS)
def test_broken_warehouse(monkeypatch, sample_city, tmp_path, path):
    city = shutil.copytree(sample_city, tmp_path / "city")
    file = build_path(city, current_build_id(city))
    file.write_bytes(file.read_bytes()[:20_000])
    app = open_at(monkeypatch, city, path)
    assert not app.exception
    assert "damaged" in text_of(app)
    assert "python -m pppdash build" in text_of(app)
    assert kinds(app, "page_link") == len(PATHS) - 1


def test_mended_without_a_restart(monkeypatch, sample_city, tmp_path):
    city = shutil.copytree(sample_city, tmp_path / "city")
    file = build_path(city, current_build_id(city))
    good = file.read_bytes()
    file.write_bytes(good[:20_000])
    app = open_at(monkeypatch, city, "app.py")
    assert "damaged" in text_of(app)
    file.write_bytes(good)
    app.run()
    assert headline_of(app).startswith("12.0%")


def test_a_new_build_shows_with_the_next_click(monkeypatch, tmp_path):
    city = little_city(tmp_path / "city")
    assert city.build().published
    app = open_at(monkeypatch, city.folder, "app.py")
    assert headline_of(app).startswith("38% of 8 targets")
    city.write("accounts.csv", ACCOUNTS + "A5,T2,,2016-02-02,,\n")
    assert city.build().published
    app.run()
    assert headline_of(app).startswith("50% of 8 targets")
    assert f"build {city.build_id[:6]}" in text_of(app)


def test_never_built(monkeypatch, tmp_path):
    (tmp_path / "city.toml").write_text('name = "Nowhere"\n', encoding="utf-8")
    app = open_at(monkeypatch, tmp_path, "app.py")
    assert not app.exception
    assert "has not been built yet" in text_of(app)


def test_an_unexpected_error_is_plain_and_logged(monkeypatch, sample_city, caplog):
    def fail(*_: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr("pppdash.views.sentences.data_health", fail)
    app = open_at(monkeypatch, sample_city, "pages/data_health.py")
    assert not app.exception
    assert "ZeroDivisionError" in text_of(app)
    assert "by nothing" not in text_of(app)
    assert "by nothing" in caplog.text


@pytest.mark.parametrize("name", ["_freshness", "_badge", "_navigation"])
def test_an_error_in_the_frame_leaves_one_navigation(monkeypatch, sample_city, name):
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(f"pppdash.ui.frame.{name}", fail)
    app = open_at(monkeypatch, sample_city, "app.py")
    assert not app.exception
    assert "ZeroDivisionError" in text_of(app)
    assert kinds(app, "page_link") == (0 if name == "_navigation" else len(PATHS) - 1)


@pytest.mark.parametrize("path", ["app.py", "pages/survey_feedback.py"])
def test_before_the_first_wave_the_survey_says_when_it_begins(monkeypatch, sample_city, path):
    app = open_at(monkeypatch, sample_city, path, as_of="2013-01-31")
    assert not app.exception
    assert "No wave had been held by this date; the first is of " in text_of(app)


@pytest.mark.parametrize("path", PATHS)
def test_a_city_without_areas_goals_flash_points_or_a_survey(monkeypatch, tmp_path, path):
    city = little_city(tmp_path / "city")
    city.remove("areas.ward")
    assert city.build().published
    app = open_at(monkeypatch, city.folder, path)
    assert not app.exception
    said = text_of(app)
    assert "unexpected" not in said
    assert 'src=""' not in said
    assert "between flash points" not in said.lower()
    assert "No goal is missed" not in said
    if path == "app.py":
        assert "no goal is set" in headline_of(app)
        assert "No survey has been brought." in said
        assert "has brought no areas" in said


QUESTIONS = "question_id,text,scale_min,scale_max\nQ1,Do you feel safe?,0,100\n"
AVERAGES = "wave,question_id,area_id,score\n2016-01-01,Q1,1,40\n2017-01-01,Q1,1,55\n"


@pytest.mark.parametrize("path", ["app.py", "pages/survey_feedback.py"])
def test_a_city_with_published_averages_alone_has_a_survey(monkeypatch, tmp_path, path):
    city = little_city(tmp_path / "city")
    city.write("questions.csv", QUESTIONS)
    city.write("averages.csv", AVERAGES)
    city.set("sources.survey_questions", 'path = "questions.csv"')
    city.set("sources.survey_scores", 'path = "averages.csv"')
    assert city.build().published
    app = open_at(monkeypatch, city.folder, path)
    assert not app.exception
    assert "“Do you feel safe” rose most, the areas’ median from 40 to 55" in text_of(app)
    assert ("only the date applies" in text_of(app)) == (path != "app.py")
    early = text_of(open_at(monkeypatch, city.folder, path, as_of="2015-12-31"))
    assert "the first is of 1 January 2016" in early
    assert "No survey" not in early


def test_the_overview_says_when_and_what_was_last(monkeypatch, sample_city):
    said = text_of(open_at(monkeypatch, sample_city, "app.py"))
    assert "at this pace 80% " in said
    assert re.search(r"last: Orlando, June 2016, \+\d+ accounts \(\d+–\d+\), a rise", said)
    assert re.search(r"323 in 46 months · \d\.\d–\d\.\d", said)


def test_flash_points_of_one_kind(monkeypatch, sample_city):
    app = open_at(monkeypatch, sample_city, "pages/flash_points.py", kind="attack")
    assert not app.exception
    said = text_of(app)
    assert "The windows of the others stay windows" in said
    assert "planned event, " not in said
    assert headline_of(app) == headline_of(
        open_at(monkeypatch, sample_city, "pages/flash_points.py")
    )


def test_flash_points_say_whether_it_lasts_between_them(monkeypatch, sample_city):
    app = open_at(monkeypatch, sample_city, "pages/flash_points.py")
    assert re.match(
        r"Between flash points enrollment falls back to 7\.0 accounts a month \(\d\.\d–\d\.\d\); "
        r"all 4 windows coincided with a rise\.",
        headline_of(app),
    )
    said = text_of(app)
    assert "Its window holds the launch: the two cannot be told apart." in said
    assert "Ahead, no detectable change so far" in said
    assert len(re.findall('class="pd-card[ "]', said)) == 5
    assert kinds(app, "plotly_chart") == 5
    assert "The filters reach accounts" not in said


def test_filters_reach_flash_points_and_say_where_they_do_not(monkeypatch, sample_city):
    app = open_at(monkeypatch, sample_city, "pages/flash_points.py", sector="Energy", size="small")
    assert not app.exception
    said = text_of(app)
    assert "The filters reach accounts" in said
    assert "Too little data to tell" in said
    assert headline_of(app) != headline_of(
        open_at(monkeypatch, sample_city, "pages/flash_points.py")
    )


def test_a_date_of_ones_own_is_in_the_link(monkeypatch, sample_city):
    page = "pages/flash_points.py"
    app = open_at(monkeypatch, sample_city, page, **{"try": "2014-05"})
    assert not app.exception
    said = text_of(app)
    assert '<h3 class="pd-title">May 2014</h3>' in said
    assert re.search(r"May–July 2014: 27 accounts opened where 18 were expected, \+9 \(", said)
    assert "6 were as far off or farther" in said
    assert link_of(app) == {"try": ["2014-05"]}
    app.selectbox(key="pick_try_as").set_value("planned_event").run()
    assert "January–June 2014: " in text_of(app)
    assert link_of(app) == {"try": ["2014-05"], "try_as": ["planned_event"]}
    app.selectbox(key="pick_try").set_value("").run()
    assert "Choose a month to see its excess" in text_of(app)
    assert link_of(app) == {"try_as": ["planned_event"]}


@pytest.mark.parametrize("day", ["soon", "2011-01", "2017-05"])
def test_a_date_that_cannot_be_tried_is_left_out_and_said(monkeypatch, sample_city, day):
    app = open_at(monkeypatch, sample_city, "pages/flash_points.py", **{"try": day})
    assert not app.exception
    assert f"The link asks for month “{day}”, which is not to be had" in text_of(app)
    assert link_of(app) == {}


def test_a_tried_date_that_an_earlier_as_of_date_has_not_seen_is_let_go(monkeypatch, sample_city):
    page = "pages/flash_points.py"
    app = open_at(monkeypatch, sample_city, page, **{"try": "2016-05"})
    app.sidebar.date_input[0].set_value(date(2015, 12, 31)).run()
    assert not app.exception
    assert link_of(app) == {"as_of": ["2015-12-31"]}
    assert "Choose a month to see its excess" in text_of(app)


def test_without_flash_points_a_date_can_be_tried_all_the_same(monkeypatch, tmp_path):
    city = little_city(tmp_path / "city")
    assert city.build().published
    app = open_at(monkeypatch, city.folder, "pages/flash_points.py", **{"try": "2014-05"})
    assert not app.exception
    said = text_of(app)
    assert "[sources.flash_points]" in said
    assert "Too little data to tell" in said
    assert "window lies in this period: 0.1 accounts a month" in headline_of(app)


def test_a_city_without_accounts_says_what_to_add(monkeypatch, tmp_path):
    city = little_city(tmp_path / "city")
    city.remove("sources.accounts")
    assert city.build().published
    app = open_at(monkeypatch, city.folder, "pages/flash_points.py", **{"try": "2014-05"})
    assert not app.exception
    assert headline_of(app) == "Littleton has brought no accounts yet."
    assert "[sources.accounts]" in text_of(app)


def test_five_thousand_flash_points(monkeypatch, tmp_path):
    city = little_city(tmp_path / "city")
    days = (date(2012, 3, 7) + timedelta(days=n % 1_800) for n in range(5_000))
    rows = "".join(f"F{n},Event {n},{day},attack,local\n" for n, day in enumerate(days))
    city.write("flash_points.csv", f"flash_point_id,name,started_on,kind,scope\n{rows}")
    city.set("sources.flash_points", 'path = "flash_points.csv"')
    assert city.build().published
    app = open_at(monkeypatch, city.folder, "pages/flash_points.py")
    assert not app.exception
    said = text_of(app)
    assert "unexpected" not in said
    assert "Without a card, but in the table: the first 4,988 of 5,000." in said
    assert "One window with 4,999 other flash points: they share one excess." in said


def test_a_sector_says_what_it_does_to_buildings(monkeypatch, sample_city):
    app = open_at(monkeypatch, sample_city, "pages/coverage_map.py", sector="Energy")
    assert "hold the buildings that are of it themselves" in text_of(app)


def test_sector_gaps_of_the_sample(monkeypatch, sample_city):
    app = open_at(monkeypatch, sample_city, "pages/sector_gaps.py")
    said = text_of(app)
    assert headline_of(app).startswith("5 of 16 sectors are behind, Healthcare and Public Health")
    assert "10,000 targets, those not enrolled first" in said
    assert "Behind the rest: small (&lt; 50)" in said
    assert "Small and mid-sized firms together: 990 of 9,035 enrolled" in said
    assert "1,667 already belong to another program" in said
    assert "Whom to win back: 210 accounts have gone quiet" in said
    assert said.count("How this was made") == 5


def test_a_chosen_cell_is_part_of_the_link(monkeypatch, sample_city):
    path = "pages/sector_gaps.py"
    app = open_at(monkeypatch, sample_city, path, cell="Healthcare and Public Health~28")
    said = text_of(app)
    assert "262 targets of Healthcare and Public Health in Near West Side" in said
    assert "Of the 256 targets of Healthcare and Public Health in Near West Side not enr" in said
    assert link_of(app) == {"cell": ["Healthcare and Public Health~28"]}
    next(button for button in app.button if button.label == "Show all targets").click().run()
    assert link_of(app) == {}
    assert "10,000 targets, those not enrolled first" in text_of(app)
    gone = open_at(monkeypatch, sample_city, path, cell="Energy~nowhere")
    assert "The cell chosen before is not among those shown here" in text_of(gone)
    assert "10,000 targets, those not enrolled first" in text_of(gone)


def test_sector_gaps_by_size_of_one_sector(monkeypatch, sample_city):
    app = open_at(monkeypatch, sample_city, "pages/sector_gaps.py", by="size", sector="Energy")
    assert not app.exception
    said = text_of(app)
    assert headline_of(app).startswith("Energy: 23 of 238 targets enrolled; the city")
    assert "Every target here is of one sector, Energy: there is no rest" in said
    assert "The filters apply to everything here" in said
    assert "by sector and size, in targets" in said


def test_sector_gaps_of_a_city_without_accounts_or_memberships(monkeypatch, tmp_path):
    city = little_city(tmp_path / "city")
    city.remove("sources.accounts")
    assert city.build().published
    app = open_at(monkeypatch, city.folder, "pages/sector_gaps.py")
    assert not app.exception
    said = text_of(app)
    assert headline_of(app).startswith("None of the 8 targets is enrolled yet")
    assert "no memberships have been brought" in said
    assert "No accounts have been brought" in said


def test_the_cumulative_view_is_a_link(monkeypatch, sample_city):
    app = open_at(monkeypatch, sample_city, "pages/flash_points.py", view="cumulative")
    assert not app.exception
    assert "accounts opened" in text_of(app)


def test_a_new_build_shows_at_the_next_run(monkeypatch, sample_city, tmp_path):
    city = shutil.copytree(sample_city, tmp_path / "city")
    app = open_at(monkeypatch, city, "app.py")
    before = current_build_id(city)
    settings = city / "city.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("as_of = 2017-03-31", "as_of = 2016-12-31"), encoding="utf-8")
    assert build_city(load_city(city)).published
    app.run()
    assert current_build_id(city) != before
    assert "As of 31 December 2016" in text_of(app)
    assert f"build {current_build_id(city)[:6]}" in text_of(app)


def test_a_date_after_the_usual_one_may_be_chosen_where_something_is_on_record(
    monkeypatch, sample_city, tmp_path
):
    city = shutil.copytree(sample_city, tmp_path / "city")
    settings = city / "city.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("as_of = 2017-03-31", "as_of = 2016-12-31"), encoding="utf-8")
    assert build_city(load_city(city)).published
    app = open_at(monkeypatch, city, "app.py", as_of="2017-02-28")
    assert "As of 28 February 2017" in text_of(app)
    assert link_of(app) == {"as_of": ["2017-02-28"]}
