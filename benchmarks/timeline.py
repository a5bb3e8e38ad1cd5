"""Where the time of a page goes until its map is drawn: ``python -m benchmarks.timeline``.

The map's page and a blank one are visited in turn, each in a fresh browser context, and what was
seen when is printed as medians in milliseconds since the navigation began.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks import rivals
from benchmarks.browser import SCREEN
from benchmarks.cities import build, cache, prepare
from benchmarks.machine import machine
from benchmarks.report import NONE, milliseconds, table
from benchmarks.serving import APP, serving
from tests.browser.browsing import find_chromium

PROBE = Path(__file__).with_name("timeline.js").read_text(encoding="utf-8")
STEPS = {
    "app": "Streamlit's own code runs",
    "message": "the server's first message",
    "elements": "first elements, as placeholders",
    "title": "the page's title",
    "frame": "the map's frame is there",
    "leaflet": "Leaflet runs in it",
    "drawn": "the map is drawn",
}
GATHER = """(() => {
  const frames = [...document.querySelectorAll("iframe")].map((frame) => frame.contentWindow);
  const steps = Object.assign({}, ...[window, ...frames].map((one) => one.benchmarkSteps || {}));
  return Object.fromEntries(Object.entries(steps).map(([k, t]) => [k, t - performance.timeOrigin]));
})()"""


def main() -> None:
    """Print the table."""
    options = _options()
    city = prepare(options.buildings, options.cities)
    build(city)
    folder = rivals.place(cache() / "rivals")
    environment = {"PPPDASH_CITY": str(city.resolve())}
    with (
        sync_playwright() as playwright,
        serving(folder / "blank.py", {}) as blank,
        serving(APP, environment) as ours,
    ):
        path = find_chromium()
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        print(machine(browser.version))
        visits: dict[str, list[dict[str, float]]] = {"blank page": [], "the map's page": []}
        for _ in range(options.rounds + 1):
            visits["blank page"].append(_visit(browser, blank.base, "title"))
            visits["the map's page"].append(_visit(browser, f"{ours.base}/coverage_map", "drawn"))
        browser.close()
    warm = {name: seen[1:] for name, seen in visits.items()}
    rows = {text: [_median(seen, step) for seen in warm.values()] for step, text in STEPS.items()}
    print(f"\n{table('first seen', list(warm), rows)}")


def _visit(browser: Browser, address: str, last: str) -> dict[str, float]:
    context = browser.new_context(viewport=SCREEN, color_scheme="light")
    context.add_init_script(PROBE)
    try:
        page = context.new_page()
        page.goto(address, wait_until="commit")
        page.wait_for_function(f"() => {GATHER}.{last}", polling=50, timeout=60_000)
        steps: dict[str, float] = page.evaluate(GATHER)
        return steps
    finally:
        context.close()


def _median(visits: list[dict[str, float]], step: str) -> str:
    seen = [visit[step] for visit in visits if step in visit]
    return milliseconds(statistics.median(seen)) if seen else NONE


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.timeline", description=__doc__)
    parser.add_argument("--buildings", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--cities", type=Path, help="a folder whose subfolders may hold the city")
    return parser.parse_args()


if __name__ == "__main__":
    main()
