"""The large map in a real browser: what it draws, what is done on it, what may go wrong."""

from __future__ import annotations

import json
import shutil
from datetime import date

import pytest

from pppdash.city import load_city
from pppdash.warehouse.build import build_city
from tests.browser.browsing import MAP, PHONE, map_frame, serving, visiting
from tests.helpers import collection, little_city, square, wards

pytestmark = pytest.mark.xdist_group("map")

LOG = "window.cityMapLog"
SHAPES = "document.querySelectorAll('.leaflet-overlay-pane path').length"
FILLS = (
    "[...document.querySelectorAll('.leaflet-overlay-pane path')].map(p => p.getAttribute('fill'))"
)
CHOSEN = "[...document.querySelectorAll('.leaflet-overlay-pane path[stroke-width=\"3\"]')].length"
TOTALS = """(() => {
  const items = map_div.city.marks.items, sum = (of) => items.reduce((n, i) => n + of(i), 0);
  return items.some((i) => i.side)
    ? [sum((i) => i.n), sum((i) => i.on), sum((i) => i.off)]
    : [sum((i) => i.group.length), sum((i) => i.group.filter((one) => one.status === "2").length),
       sum((i) => i.group.filter((one) => one.status === "1").length)];
})()"""
# How many points of the marks' canvas are painted.
PAINTED = """() => {
  const canvas = document.querySelector('canvas.buildings');
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let painted = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i]) painted++;
  return painted;
}"""


class Map:
    """The map of a visit, and what a reader does on it."""

    def __init__(self, visit):
        self.visit, self.page, self.frame = visit, visit.page, map_frame(visit)

    def at(self, x, y):
        """Where a point of the map, in shares of its size, is on the page."""
        box = self.page.locator(MAP).bounding_box()
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def place(self, longitude, latitude):
        """Where a place is on the page."""
        box = self.page.locator(MAP).bounding_box()
        at = self.frame.evaluate(f"map_div.latLngToContainerPoint([{latitude}, {longitude}])")
        return box["x"] + at["x"], box["y"] + at["y"]

    def log(self):
        return self.frame.evaluate(LOG)

    def after(self, act):
        """Do something that asks for another view, and wait until it is drawn."""
        views = self.log()["views"]
        act()
        self.frame.wait_for_function(f"{LOG}.views > {views}")
        self.page.wait_for_timeout(400)

    def zoom_in(self):
        self.after(lambda: self.frame.locator(".leaflet-control-zoom-in").click())

    def look(self, longitude, latitude, zoom):
        move = f"map_div.setView([{latitude}, {longitude}], {zoom}, {{animate: false}})"
        self.after(lambda: self.frame.evaluate(move))

    def asks(self):
        """The link's parameters."""
        return self.page.evaluate("decodeURIComponent(location.search)")


@pytest.fixture
def city_map(chromium, server):
    with visiting(chromium, server, "coverage_map") as visit:
        yield Map(visit)
        assert visit.complaints == []
        assert visit.outside == []


def little_map(chromium, tmp_path, change=lambda city: None):
    """Build a little city, changed before, and return it."""
    city = little_city(tmp_path / "city")
    change(city)
    report = city.build()
    assert report.published, report.errors
    return city


# -- drawing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_areas_and_marks_are_drawn_and_named(chromium, server, mode):
    with visiting(chromium, server, "coverage_map", mode=mode) as visit:
        drawn = Map(visit)
        assert drawn.frame.evaluate(SHAPES) == 77
        assert drawn.frame.evaluate(PAINTED) > 3_000
        assert drawn.frame.evaluate(TOTALS)[:2] == [3500, 740]
        title = visit.page.locator(MAP).get_attribute("title")
        assert "Map of the city" in title
        assert drawn.frame.locator("#map_div").get_attribute("aria-label") == title


def test_the_frame_is_filled_and_nothing_scrolls_in_it(city_map):
    size = city_map.frame.evaluate("[map_div.getSize().y, document.documentElement.scrollHeight]")
    assert size == [620, 620]
    assert city_map.page.locator(MAP).bounding_box()["height"] == 620


def test_zooming_shows_finer_cells_and_then_buildings_without_running_the_page(city_map):
    turns, kinds = city_map.log()["turns"], []
    city_map.frame.evaluate("window.untouched = true")
    for zoom in (11.5, 13, 14, 16):
        city_map.look(-87.63, 41.88, zoom)
        kinds.append(city_map.log()["kind"])
        assert city_map.frame.evaluate("map_div.getZoom()") == zoom
    assert kinds[0] == "cells"
    assert kinds[-1] == "buildings"
    assert kinds == sorted(kinds, reverse=True)
    assert city_map.log()["turns"] == turns
    assert city_map.frame.evaluate("window.untouched")


def test_a_small_pan_asks_for_nothing(city_map):
    city_map.look(-87.63, 41.88, 14)
    before = city_map.log()
    city_map.frame.evaluate("map_div.panBy([20, 10], {animate: false})")
    city_map.page.wait_for_timeout(500)
    assert city_map.log()["asked"] == before["asked"]
    city_map.after(lambda: city_map.frame.evaluate("map_div.panBy([500, 0], {animate: false})"))


def test_old_marks_stay_until_the_new_ones_are_there(city_map):
    city_map.frame.evaluate(
        "window.painted = []; map_div.on('zoomanim move zoomend', () => painted.push("
        f"({PAINTED})()))"
    )
    city_map.zoom_in()
    assert min(city_map.frame.evaluate("painted")) > 1_000


def test_a_map_that_was_hidden_is_drawn_once_it_shows(chromium, server):
    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.add_init_script(
        "document.addEventListener('DOMContentLoaded', () => { const style = "
        "document.createElement('style'); style.id = 'hide'; "
        "style.textContent = 'iframe { display: none }'; document.head.append(style); });"
    )
    page.goto(f"{server}/coverage_map")
    page.wait_for_selector(MAP, state="attached", timeout=30_000)
    page.wait_for_timeout(3_000)
    page.evaluate("document.getElementById('hide').remove()")
    page.wait_for_function(
        f"document.querySelector(`{MAP}`).contentWindow.cityMapLog?.drawn", timeout=10_000
    )
    page.wait_for_timeout(1_000)
    frame = next(f for f in page.frames if "streamlit_folium" in f.url)
    assert frame.evaluate(TOTALS)[0] == 3500
    assert frame.evaluate(PAINTED) > 3_000
    context.close()


def test_another_layer_keeps_the_view(city_map):
    city_map.look(-87.63, 41.88, 13)
    city_map.page.get_by_label("Area layer").click()
    city_map.page.get_by_role("option", name="Side of the city").click()
    city_map.frame.wait_for_function(f"{SHAPES} === 9")
    assert city_map.frame.evaluate("map_div.getZoom()") == 13


def test_two_tabs_keep_their_own_filters(chromium, server):
    with (
        visiting(chromium, server, "coverage_map?sector=Energy") as one,
        visiting(chromium, server, "coverage_map?sector=Dams") as other,
    ):
        first, second = Map(one), Map(other)
        first.zoom_in()
        second.zoom_in()
        assert first.page.evaluate("location.search") == "?sector=Energy"
        assert first.frame.evaluate(TOTALS) != second.frame.evaluate(TOTALS)


# -- choosing ----------------------------------------------------------------------------------


def test_a_click_chooses_an_area_and_another_leaves_it(city_map):
    turned = city_map.frame.evaluate("map_div.getCenter()")
    city_map.page.mouse.click(*city_map.place(-87.705, 41.755))
    city_map.page.wait_for_function("location.search.includes('area=')")
    city_map.visit.settle()
    assert city_map.frame.evaluate(CHOSEN) == 1
    assert city_map.frame.evaluate(SHAPES) == 77
    assert city_map.frame.evaluate("map_div.getCenter()") == turned
    assert "targets chosen are enrolled" in city_map.page.inner_text("h1")
    city_map.page.keyboard.down("Control")
    city_map.page.mouse.click(*city_map.place(-87.652, 41.715))
    city_map.page.keyboard.up("Control")
    city_map.frame.wait_for_function(f"{CHOSEN} === 2")
    city_map.visit.settle()
    city_map.page.locator(".st-key-pages").get_by_text("Sector gaps").click()
    city_map.page.wait_for_url("**/sector_gaps?area=*&area=*")


def test_a_click_on_a_cell_looks_closer_and_one_on_a_building_opens_its_card(city_map):
    zoom = city_map.frame.evaluate("map_div.getZoom()")
    spot = "map_div.city.marks.seen.sort((a, b) => b.r - a.r).map((s) => [s.x, s.y])[0]"
    for _ in range(4):
        x, y = city_map.frame.evaluate(spot)
        box = city_map.page.locator(MAP).bounding_box()
        city_map.after(lambda at=(box["x"] + x, box["y"] + y): city_map.page.mouse.click(*at))
        if city_map.log()["kind"] == "buildings":
            break
    assert city_map.frame.evaluate("map_div.getZoom()") > zoom
    assert city_map.log()["kind"] == "buildings"
    inside = (
        "map_div.city.marks.seen.filter(s => s.x > 60 && s.x < 600 && s.y > 60 && s.y < 500 && "
        "s.item.group.length === 1).map(s => [s.x, s.y])[0]"
    )
    x, y = city_map.frame.evaluate(inside)
    city_map.page.mouse.click(box["x"] + x, box["y"] + y)
    city_map.page.wait_for_function("location.search.includes('building=')")
    city_map.visit.settle()
    assert "Targets enrolled" in city_map.page.inner_text(".pd-card")
    city_map.page.get_by_text("Close the card").click()
    city_map.page.wait_for_function("!location.search.includes('building=')")


def test_a_rectangle_and_a_circle_are_counted_within_on_every_page(city_map):
    page = city_map.page
    page.keyboard.down("Shift")
    page.mouse.move(*city_map.at(0.5, 0.3))
    page.mouse.down()
    page.mouse.move(*city_map.at(0.7, 0.5), steps=5)
    page.mouse.up()
    page.keyboard.up("Shift")
    page.wait_for_function("location.search.includes('within=')")
    city_map.visit.settle()
    assert "of the targets chosen" in page.inner_text("h1")
    city_map.frame.locator("button.around").click()
    page.mouse.click(*city_map.at(0.6, 0.45))
    page.wait_for_function("decodeURIComponent(location.search).includes(',800')")
    city_map.visit.settle()
    said = page.inner_text("h1")
    assert "Within 800 m" in page.inner_text("[data-testid=stSidebar]")
    page.locator(".st-key-pages").get_by_text("Overview").click()
    page.wait_for_url("**/?within=*")
    city_map.visit.settle()
    share = said.split(" of the targets")[0]
    assert share in page.inner_text("[data-testid=stMain]")
    page.get_by_text("Count everywhere").click()
    page.wait_for_function("!location.search.includes('within')")


def test_around_a_venue(city_map):
    page = city_map.page
    page.get_by_text("Around a place").click()
    page.get_by_label("Around", exact=True).click()
    page.get_by_role("option").filter(has_text="NATO Summit").click()
    page.wait_for_function(
        "decodeURIComponent(location.search).includes('within=-87.6165,41.8515,800')"
    )
    city_map.visit.settle()
    assert city_map.frame.evaluate("map_div.getZoom()") > 13
    page.get_by_text("Buildings in a table").click()
    page.locator("[data-testid=stDataFrame] th", has_text="Meters away").wait_for(state="attached")


def test_a_building_is_found_with_a_letter_wrong(chromium, tmp_path):
    city = little_map(chromium, tmp_path)
    with serving(city.folder) as base, visiting(chromium, base, "coverage_map") as visit:
        drawn = Map(visit)
        visit.page.get_by_label("Find a building").fill("dogwod hou")
        visit.page.get_by_label("Find a building").press("Enter")
        visit.page.get_by_label("1 building found").click()
        visit.page.get_by_role("option").first.click()
        visit.page.wait_for_function("location.search.includes('building=B4')")
        visit.settle()
        assert "Dogwood House" in visit.page.inner_text(".pd-card")
        assert drawn.frame.evaluate("map_div.getZoom()") > 14
        visit.page.get_by_label("Find a building").fill("no such building")
        visit.page.get_by_label("Find a building").press("Enter")
        visit.page.get_by_text("nor anything one letter away").wait_for()


# -- time --------------------------------------------------------------------------------------


def test_playing_redraws_the_shading_alone_and_the_page_follows_at_rest(city_map):
    frame, before = city_map.frame, city_map.frame.evaluate(FILLS)
    frame.locator(".player button").click()
    frame.wait_for_function("document.querySelector('.player output').textContent.includes('2012')")
    frame.wait_for_function(f"String({FILLS}) !== {json.dumps(','.join(before))}")
    views = city_map.log()["views"]
    seen = set()
    for _ in range(30):
        seen.add(frame.locator(".player output").inner_text())
        city_map.page.wait_for_timeout(120)
    assert "May 2012 · NATO Summit" in seen
    assert city_map.log()["views"] == views
    frame.locator(".player button").click()
    city_map.page.wait_for_function("location.search.includes('as_of=201')")
    city_map.visit.settle()
    shown = frame.locator(".player output").inner_text().split(" · ")[0]
    assert shown in city_map.page.inner_text(".pd-stamp")


def test_the_slider_goes_by_keyboard(city_map):
    slider = city_map.frame.locator(".player input")
    slider.focus()
    slider.press("ArrowLeft")
    city_map.page.wait_for_function("location.search.includes('as_of=2017-02-28')")


# -- tables and map ----------------------------------------------------------------------------


def open_table(city_map, name):
    """Open a table's drawer and return the table."""
    city_map.page.get_by_text(name).click()
    grid = city_map.page.locator("[data-testid=stDataFrame]").first
    grid.wait_for()
    grid.scroll_into_view_if_needed()
    city_map.page.wait_for_timeout(500)
    return grid


def test_a_row_chosen_in_the_table_moves_the_map(city_map):
    grid = open_table(city_map, "77 areas in a table")
    box = grid.bounding_box()
    turned = city_map.frame.evaluate("map_div.getZoom()")
    city_map.page.mouse.click(box["x"] + 16, box["y"] + 52)
    city_map.page.wait_for_function("location.search.includes('area=')")
    city_map.visit.settle()
    assert city_map.frame.evaluate(CHOSEN) == 1
    assert city_map.frame.evaluate("map_div.getZoom()") > turned


def test_a_building_chosen_in_the_table_opens_its_card(city_map):
    grid = open_table(city_map, "Buildings in a table")
    box = grid.bounding_box()
    city_map.page.mouse.click(box["x"] + 16, box["y"] + 52)
    city_map.page.wait_for_function("location.search.includes('building=')")
    city_map.visit.settle()
    assert city_map.page.locator(".pd-card").count() == 1
    assert city_map.frame.evaluate("map_div.getZoom()") > 14


def test_a_building_chosen_elsewhere_is_first_in_the_table_and_chosen_there(chromium, server):
    with visiting(chromium, server, "coverage_map?building=B2000") as visit:
        city_map = Map(visit)
        grid = open_table(city_map, "Buildings in a table")
        rows = visit.page.locator("[data-testid=stDataFrame] [role=row][aria-rowindex='2']")
        assert rows.first.get_attribute("aria-selected") == "true"
        box = grid.bounding_box()
        visit.page.mouse.click(box["x"] + 16, box["y"] + 52)  # leaves it
        visit.page.wait_for_function("!location.search.includes('building=')")
        visit.settle()
        assert visit.page.locator(".pd-card").count() == 0
        visit.page.mouse.click(box["x"] + 16, box["y"] + 52)
        visit.page.wait_for_function("location.search.includes('building=B2000')")
        visit.settle()
        visit.page.get_by_role("button", name="Close the card").click()
        visit.page.wait_for_function("!location.search.includes('building=')")
        visit.settle()
        assert visit.page.locator(".pd-card").count() == 0


def test_the_map_on_a_phone(chromium, server):
    with visiting(chromium, server, "coverage_map", PHONE) as visit:
        drawn = Map(visit)
        assert drawn.frame.evaluate(TOTALS)[0] == 3500
        assert drawn.frame.evaluate("document.documentElement.scrollWidth") <= 390


# -- odd cities --------------------------------------------------------------------------------


def test_a_new_build_shows_while_people_pan(chromium, sample_city, tmp_path):
    city = tmp_path / "city"
    shutil.copytree(sample_city, city)
    with serving(city) as base, visiting(chromium, base, "coverage_map") as visit:
        drawn = Map(visit)
        stamp = visit.page.inner_text(".pd-stamp")
        drawn.zoom_in()
        accounts = (city / "accounts.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        (city / "accounts.csv").write_text("".join(accounts[:-100]), encoding="utf-8")
        report = build_city(load_city(city), today=date(2026, 1, 1))
        assert report.published, report.errors
        turned = drawn.frame.evaluate("map_div.getZoom()")
        drawn.frame.locator(".leaflet-control-zoom-in").click()
        visit.page.wait_for_function(
            f"document.querySelector('.pd-stamp').innerText !== {json.dumps(stamp)}"
        )
        visit.settle()
        assert report.build_id[:6] in visit.page.inner_text(".pd-stamp")
        assert drawn.frame.evaluate("map_div.getZoom()") == turned + 1
        assert visit.complaints == []


def test_buildings_on_one_spot_spread(chromium, tmp_path):
    def change(city):
        lines = (city.folder / "buildings.csv").read_text(encoding="utf-8").splitlines()
        lines[2] = lines[2].replace("-87.685,41.815", "-87.695,41.805")
        city.write("buildings.csv", "\n".join(lines) + "\n")

    city = little_map(chromium, tmp_path, change)
    with serving(city.folder) as base, visiting(chromium, base, "coverage_map") as visit:
        drawn = Map(visit)
        at = drawn.place(-87.695, 41.805)
        visit.page.mouse.move(*at)
        assert "2 buildings on one spot" in drawn.frame.locator(".leaflet-tooltip").inner_text()
        visit.page.mouse.click(*at)
        spots = drawn.frame.evaluate(
            "map_div.city.marks.seen.slice(-2).map(s => [s.x, s.y, s.item.group.length])"
        )
        ((x, y, one), other) = spots
        assert one == 1
        assert [x, y] != other[:2]
        box = visit.page.locator(MAP).bounding_box()
        visit.page.mouse.click(box["x"] + x, box["y"] + y)
        visit.page.wait_for_function("location.search.includes('building=B')")


def test_a_layer_of_one_area_and_an_area_without_buildings(chromium, tmp_path):
    def change(city):
        empty = square(-87.60, 41.80)
        areas = [*wards()[:1], *wards()[1:]]
        far = json.loads(json.dumps(areas[0]))
        far["geometry"], far["properties"] = empty, {"area_id": "empty", "name": "Empty"}
        city.write("wards.geojson", collection([*areas, far]))
        whole = json.loads(json.dumps(areas[0]))
        whole["geometry"] = square(-87.70, 41.75, 0.12)
        city.write("whole.geojson", collection([whole]))
        city.set("areas.whole", 'path = "whole.geojson"')

    city = little_map(chromium, tmp_path, change)
    with serving(city.folder) as base:
        with visiting(chromium, base, "coverage_map") as visit:
            drawn = Map(visit)
            assert drawn.frame.evaluate(SHAPES) == 4
            visit.page.mouse.click(*drawn.place(-87.59, 41.81))
            visit.page.wait_for_function("location.search.includes('area=empty')")
            visit.settle()
            assert "No targets" in visit.page.inner_text("h1")
            assert visit.complaints == []
        with visiting(chromium, base, "coverage_map?layer=whole") as visit:
            drawn = Map(visit)
            assert drawn.frame.evaluate(SHAPES) == 1
            assert drawn.frame.evaluate(TOTALS)[0] == 6


def test_a_city_across_the_180th_meridian(chromium, tmp_path):
    def change(city):
        text = (city.folder / "buildings.csv").read_text(encoding="utf-8")
        places = {"-87.695": "179.985", "-87.685": "179.995", "-87.675": "-179.995"}
        places |= {"-87.665": "-179.985", "-87.655": "-179.975", "-87.645": "-179.965"}
        for old, new in places.items():
            text = text.replace(old, new)
        city.write("buildings.csv", text)
        east, west = (json.loads(json.dumps(wards()[0])) for _ in range(2))
        east["geometry"] = square(179.97, 41.80, 0.03)
        west["geometry"] = square(-180.0, 41.80, 0.04)
        west["properties"] = {"area_id": "west", "name": "West"}
        city.write("wards.geojson", collection([east, west]))

    city = little_map(chromium, tmp_path, change)
    with serving(city.folder) as base, visiting(chromium, base, "coverage_map") as visit:
        drawn = Map(visit)
        assert drawn.frame.evaluate(SHAPES) == 2
        assert drawn.frame.evaluate(TOTALS)[0] == 6
        assert drawn.frame.evaluate("map_div.getZoom()") > 11
        visit.page.mouse.click(*drawn.place(180.038, 41.835))
        visit.page.wait_for_function("location.search.includes('area=west')")
        assert visit.complaints == []


def test_a_background_of_the_citys_own(chromium, tmp_path):
    def change(city):
        tiles = 'tiles = "/app/static/no-such-tiles/{z}/{x}/{y}.png"'
        city.set("basemap", f'{tiles}\nattribution = "<b>The city</b>"')

    city = little_map(chromium, tmp_path, change)
    with serving(city.folder) as base, visiting(chromium, base, "coverage_map") as visit:
        drawn = Map(visit)
        assert any("no-such-tiles" in url for url in visit.requests)
        assert drawn.frame.locator(".leaflet-control-attribution").inner_text() == "<b>The city</b>"
        assert visit.outside == []
