"""Names that try to break or script the page, shown unharmed on the map and in every table."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.browser.browsing import MAP, map_frame, serving, visiting
from tests.helpers import collection, little_city, wards

pytestmark = pytest.mark.xdist_group("browser")

NAMES = [
    "<script>window.hacked = 1</script>",
    '"><img src=x onerror="window.hacked = 1">',
    "`${window.hacked = 1}` {{ 7 * 7 }} _a1b2",
    "שלום :red[boo] $x^2$ 🏛 :material/home:",
    "</script><!-- \\u2028 \\' ]]>",
    "=1+1 <b>bold</b> &amp; [link](http://example.org)",
]
HACKED = "window.hacked !== undefined"
AREA_NAMES = "Object.values(map_div.city.page.areas.lines).map(lines => lines[0])"
TIP = ".leaflet-tooltip b"
ALL_IN_TABLE = """([which, names]) => {
  const table = document.querySelectorAll("[data-testid=stDataFrame]")[which];
  const cells = table ? [...table.querySelectorAll("td")] : [];
  return names.every(name => cells.some(cell => cell.textContent === name));
}"""


def as_csv(heads, rows):
    text = io.StringIO()
    csv.writer(text).writerows([heads, *rows])
    return text.getvalue()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    city = little_city(tmp_path_factory.mktemp("hostile") / "city")
    areas = wards()
    for area, name in zip(areas, NAMES[:3], strict=True):
        area["properties"]["name"] = name
    city.write("wards.geojson", collection(areas))
    places = [(-87.695, 41.805), (-87.685, 41.815), (-87.675, 41.805)]
    places += [(-87.665, 41.815), (-87.655, 41.805), (-87.645, 41.815)]
    heads = ["building_id", "longitude", "latitude", "name", "address", "sector"]
    rows = [[f"B{i + 1}", *places[i], name, name, "Energy"] for i, name in enumerate(NAMES)]
    city.write("buildings.csv", as_csv(heads, rows))
    rows = [[f"T{i + 1}", f"B{i + 1}", name, "manager"] for i, name in enumerate(NAMES)]
    rows += [["T7", "B1", NAMES[0], "tenant"], ["T8", "B2", NAMES[1], "tenant"]]
    city.write("targets.csv", as_csv(["target_id", "building_id", "organization", "role"], rows))
    heads = ["flash_point_id", "name", "started_on", "kind", "scope"]
    days = ["2012-05-20", "2013-06-01", "2014-06-01", "2015-06-17", "2015-12-02", "2016-06-12"]
    rows = [[f"F{i}", name, days[i], "attack", "local"] for i, name in enumerate(NAMES)]
    city.write("flash_points.csv", as_csv(heads, rows))
    city.set("sources.flash_points", 'path = "flash_points.csv"')
    add_survey(city)
    city.set("", "name = " + json.dumps(NAMES[0]) + "\nas_of = 2017-03-31")
    report = city.build()
    assert report.published, report.errors
    with serving(city.folder) as base:
        yield base


def add_survey(city):
    rows = [[f"Q{i}", name, 1, 5] for i, name in enumerate(NAMES)]
    heads = ["question_id", "text", "scale_min", "scale_max"]
    city.write("questions.csv", as_csv(heads, rows))
    rows = [
        ["2016-10-01", f"R{who}", f"Q{i}", 1 + (who + i) % 5, NAMES[who % 2], name]
        for who in range(40)
        for i, name in enumerate(NAMES)
    ]
    heads = ["wave", "respondent_id", "question_id", "score", "area_id", "comment"]
    city.write("responses.csv", as_csv(heads, rows))
    city.write("waves.csv", as_csv(["wave", "invited", "label"], [["2016-10-01", 90, NAMES[1]]]))
    for entity in ("questions", "responses", "waves"):
        city.set(f"sources.survey_{entity}", f'path = "{entity}.csv"')


PAGES = ["", "coverage_map", "flash_points", "sector_gaps", "survey_feedback"]


@pytest.mark.parametrize("address", PAGES)
def test_names_stay_names(chromium, hostile, address):
    with visiting(chromium, hostile, address) as visit:
        frames = [frame for frame in visit.page.frames if frame.url.startswith("http")]
        assert not any(frame.evaluate(HACKED) for frame in frames)
        assert visit.complaints == []
        assert visit.outside == []
        assert NAMES[0] in visit.page.inner_text(".pd-city")


def test_cards_show_names_as_they_are(chromium, hostile):
    with visiting(chromium, hostile, "flash_points") as visit:
        said = "\n".join(visit.page.locator(".pd-card h3").all_inner_texts())
        assert all(" ".join(name.split()) in said for name in NAMES)


def test_the_map_shows_names_as_they_are(chromium, hostile):
    with visiting(chromium, hostile, "coverage_map") as visit:
        frame = map_frame(visit)
        assert sorted(frame.evaluate(AREA_NAMES)) == sorted(NAMES[:3])
        box = visit.page.locator(MAP).bounding_box()
        for longitude, latitude in [(-87.695, 41.805), (-87.645, 41.815)]:
            at = frame.evaluate(f"map_div.latLngToContainerPoint([{latitude}, {longitude}])")
            visit.page.mouse.move(box["x"] + at["x"], box["y"] + at["y"])
            frame.wait_for_selector(TIP)
            assert frame.locator(TIP).text_content() in NAMES
            visit.page.mouse.click(box["x"] + at["x"], box["y"] + at["y"])
            visit.settle()
            assert visit.page.locator(".pd-card h3").first.text_content() in NAMES
        assert not frame.evaluate(HACKED)
        assert not visit.page.evaluate(HACKED)


def test_a_search_for_a_name_finds_it_as_it_is(chromium, hostile):
    with visiting(chromium, hostile, "coverage_map") as visit:
        visit.page.get_by_label("Find a building").fill("onerror")
        visit.page.get_by_label("Find a building").press("Enter")
        visit.page.get_by_label("1 building found").click()
        visit.page.get_by_role("option").first.click()
        visit.settle()
        assert visit.page.locator(".pd-card h3").first.text_content() == NAMES[1]
        assert not visit.page.evaluate(HACKED)


def test_tables_show_names_as_they_are(chromium, hostile):
    with visiting(chromium, hostile, "coverage_map") as visit:
        for which, drawer, names in (
            (0, "3 areas in a table", NAMES[:3]),
            (1, "Buildings in a table", NAMES),
        ):
            visit.page.get_by_text(drawer).click()
            visit.page.wait_for_function(ALL_IN_TABLE, arg=[which, names])


def test_the_survey_shows_questions_and_comments_as_they_are(chromium, hostile):
    with visiting(chromium, hostile, "survey_feedback") as visit:
        titles = visit.page.locator("h3.pd-title").all_text_contents()
        assert set(NAMES) <= set(titles)
        visit.page.get_by_text("Comments in their own words").click()
        visit.settle()
        assert not visit.page.evaluate(HACKED)
