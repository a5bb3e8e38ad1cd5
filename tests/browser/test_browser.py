"""Every page in a real browser: light and dark, desktop and phone, and what readers do on it."""

from __future__ import annotations

import csv
import io

import pytest

from pppdash.ui.frame import PAGES
from pppdash.views import theme
from tests.browser.browsing import DESKTOP, PHONE, serving, visiting

pytestmark = pytest.mark.xdist_group("browser")

INK_IS = """ink => getComputedStyle(document.querySelector("h1")).getPropertyValue("--pd-ink")
  .trim() === ink"""
ADDRESSES = ["" if path == "app.py" else path[6:-3] for path, _ in PAGES]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page(chromium, server, address, mode, size):
    with visiting(chromium, server, address, size, mode) as visit:
        page = visit.page
        assert visit.outside == []
        assert visit.complaints == []
        assert page.locator("[data-testid=stException]").count() == 0
        assert "unexpected" not in page.inner_text("[data-testid=stMain]")
        assert page.locator("h1").count() == 1
        assert visit.violations() == []
        assert page.evaluate("document.scrollingElement.scrollWidth") <= size["width"]
        for picture in page.locator(".js-plotly-plot").all():
            assert picture.bounding_box()["width"] > 100


def test_a_change_of_mode_redraws_each_page(chromium, server):
    with visiting(chromium, server) as visit:
        for following in ("Flash points", "Overview"):
            for mode in ("dark", "light"):
                visit.page.emulate_media(color_scheme=mode)
                visit.page.wait_for_function(INK_IS, arg=theme.palette(mode).ink)
            visit.page.locator(".st-key-pages").get_by_text(following).click()
            visit.settle()


@pytest.mark.parametrize("address", ADDRESSES)
def test_deep_link_on_a_cold_server(chromium, sample_city, address):
    with (
        serving(sample_city) as base,
        visiting(chromium, base, f"{address}?sector=Energy&as_of=2016-06-30") as visit,
    ):
        assert visit.complaints == []
        assert visit.outside == []
        assert "As of 30 June 2016" in visit.page.inner_text(".pd-stamp")
        assert "sector=Energy" in visit.page.url
        assert visit.page.locator(".pd-here").inner_text() == NAMES[ADDRESSES.index(address)]


NAMES = [name for _, name in PAGES]


def test_filters_travel_with_the_links_and_the_back_button(chromium, server):
    with visiting(chromium, server, "?sector=Energy") as visit:
        page = visit.page
        page.locator(".st-key-pages").get_by_text("Sector gaps").click()
        page.wait_for_url("**/sector_gaps?sector=Energy")
        visit.settle()
        page.get_by_label("Sizes").click()
        page.get_by_test_id("stMultiSelectDropdown").get_by_text("large (≥ 250)").click()
        page.wait_for_url("**/sector_gaps?sector=Energy&size=large")
        visit.settle()
        page.go_back()
        page.wait_for_url("**/sector_gaps?sector=Energy")
        visit.settle()
        page.go_back()
        page.wait_for_url("**/?sector=Energy")
        visit.settle()
        assert page.locator(".pd-here").inner_text() == "Overview"


def test_a_cell_of_the_matrix_lists_its_targets(chromium, server):
    with visiting(chromium, server, "sector_gaps") as visit:
        page = visit.page
        page.locator(".st-key-wide .nsewdrag").scroll_into_view_if_needed()
        plot = page.locator(".st-key-wide .nsewdrag").bounding_box()
        page.mouse.click(plot["x"] + 4, plot["y"] + 8)
        cell = "targets of Commercial Facilities in Near North Side"
        page.get_by_text(f"{cell}, those not enrolled first").wait_for(timeout=10_000)
        page.wait_for_url("**/sector_gaps?cell=Commercial+Facilities~8")


def test_a_download_names_its_build_and_is_whole(chromium, server):
    with visiting(chromium, server, "data_health") as visit:
        with visit.page.expect_download() as waiting:
            visit.page.get_by_text("Download CSV").first.click()
        file = waiting.value
        text = file.path().read_text(encoding="utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
        assert file.suggested_filename.endswith("_synthetic.csv")
        assert {"as_of", "build_id", "filters", "synthetic"} <= set(rows[0])
        assert next(row for row in rows if row["entity"] == "targets")["read"] == "10000"


def test_a_date_of_ones_own_is_marked_and_told(chromium, server):
    with visiting(chromium, server, "flash_points?try=2014-05") as visit:
        page = visit.page
        assert "your date" in page.locator(".js-plotly-plot").first.text_content()
        page.get_by_text("How this was made: A date of your own").click()
        assert page.get_by_text("its window's months leave the baseline").is_visible()
        page.get_by_label("Measured as").click()
        page.get_by_role("option").nth(1).click()
        page.wait_for_url("**/flash_points?try=2014-05&try_as=planned_event")
        page.get_by_text("January–June 2014: ").wait_for()
        visit.settle()
        assert visit.violations() == []


def test_a_change_of_mode_redraws_the_figures(chromium, server):
    ink = "getComputedStyle(document.querySelector('h1')).color"
    with visiting(chromium, server, "flash_points") as visit:
        before = visit.page.evaluate(ink)
        visit.page.emulate_media(color_scheme="dark")
        visit.page.wait_for_function(f"{ink} !== '{before}'", timeout=10_000)
        visit.settle()
        assert visit.violations() == []
