"""Take the pictures of the README and the docs from the sample city: ``make screenshots``.

Needs what the browser tests need: the development requirements and a Chromium.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from pppdash.city import DEFAULT_CITY
from tests.browser.browsing import find_chromium, serving, visiting
from tests.conftest import build, copy_city

SCREENSHOTS = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
PAGES = {"overview": "", "coverage_map": "coverage_map", "flash_points": "flash_points"}


def main() -> None:
    """Take one picture a page, light, as a desktop shows it."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        city = build(copy_city(DEFAULT_CITY, Path(folder) / "city"))
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        with serving(city) as base:
            for name, address in PAGES.items():
                with visiting(browser, base, address) as visit:
                    visit.page.screenshot(path=SCREENSHOTS / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
