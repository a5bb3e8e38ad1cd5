"""The coverage map beside other maps, at three sizes of a city: ``make bench``.

    python -m benchmarks.maps [--sizes 10000,1000000,10000000] [--cities DIR] [--out FILE]

One run, one machine: every page that is timed is visited in turn with a blank Streamlit page, each
in a fresh browser context, so that ratios hold where seconds do not. The blank page is served
twice: as this project is, with uvloop, and as pip installs Streamlit, without. What is timed is
noted by the browser's own frames (``probe.js``), not by whoever drives it. Bytes are counted on a
visit of their own, since counting costs time. A city of ten million buildings takes 3 GB of disk,
which stays in ``benchmarks/.cache`` for the next run.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Error as BrowserError
from websockets import WebSocketException

from benchmarks import report, rivals, sessions
from benchmarks.browser import BLANK, CLUSTERS, LIVE, PLOTLY, Subject, Traffic, markers, visiting
from benchmarks.cities import BUILDINGS, build, build_file, cache, prepare, some_buildings
from benchmarks.client import session
from benchmarks.machine import machine
from benchmarks.report import Column, judged, milliseconds, ratio_of_medians, size, times
from benchmarks.serving import APP, ROOT, Server, serving
from tests.browser.browsing import find_chromium

SMALL, MIDDLE, LARGE = 10_000, 1_000_000, 10_000_000
WORDS = {SMALL: "10 thousand", MIDDLE: "1 million", LARGE: "10 million"}
ANIMATION_MS = 500  # Leaflet's zoom animation and the component's debounce, by the project's terms
ZOOMS, RIVAL_ZOOMS = 3, 1  # in every visit
VIEWS = 40  # asked over the websocket
SMALL_BUILDS = 3

# Measures, as they are called in the table and among what is noisy.
DRAWN, COLD, WHOLE = "map drawn", "first map drawn", "whole page"
BLANKS, BARE_BLANKS = "blank page", "blank page without uvloop"
ZOOM, PAGE_HTTP, PAGE_SOCKET = "zoom to redrawn", "HTTP of a page", "websocket of a page"
VIEW_BYTES, ANSWER_BYTES = "received for a zoom", "answer to one view"
SERVER_MS, LOOK, MARKS = "server time of one view", "counting one view", "writing one view down"
PYRAMID, SCAN = "whole city from the pyramid", "whole city by scanning"
MEMORY, MEMORY_PEAK = "server memory", "server memory, peak"
BUILD, BUILD_MEMORY, BUILD_FILE = "build", "build memory", "build file"

Value = TypeVar("Value")
_FAILURES = (BrowserError, WebSocketException, OSError, LookupError, RuntimeError)


@dataclass(frozen=True)
class Limits:
    """What the map has to reach at one size: milliseconds, bytes, ratios."""

    ratio: float
    server_ms: float
    build_ms: float
    build_memory: float
    beyond_ms: float = 200
    view_bytes: float = 40_000


LIMITS = {
    SMALL: Limits(1.5, 40, 5_000, 1e9),
    MIDDLE: Limits(1.5, 40, 60_000, 4e9),
    LARGE: Limits(1.6, 60, 600_000, 8e9),
}
TIMES_FASTER = 10  # than one marker each


@dataclass(frozen=True)
class Trial:
    """One page to be measured."""

    column: Column
    subject: Subject
    script: Path
    city: Path
    page: str = ""
    rounds: int = 10
    zooms: int = ZOOMS


class Bench:
    """One browser and the blank pages, by their measure, beside which everything is measured."""

    def __init__(self, browser: Browser, blanks: dict[str, Server], timeout: float) -> None:
        self._browser = browser
        self._blanks = blanks
        self._timeout = timeout

    def run(self, trial: Trial) -> None:
        """Measure a page from its first visit on; what it does not survive becomes a remark."""
        environment = {
            "PPPDASH_CITY": str(trial.city.resolve()),
            "BENCHMARK_BUILDINGS": str((trial.city / BUILDINGS).resolve()),
        }
        with serving(trial.script, environment) as server:
            try:
                self._time(trial, server)
                self._count(trial, server)
                if trial.subject is LIVE:
                    self._ask(trial, server)
            except _FAILURES as error:
                said = str(error).splitlines()[0]
                trial.column.remarks.append(f"gave up within {self._timeout:.0f} s a page ({said})")
            if server.is_alive():
                now, most = server.memory()
                trial.column.add(MEMORY, now)
                trial.column.add(MEMORY_PEAK, most)
            else:
                trial.column.remarks.append("the server had ended")

    def _time(self, trial: Trial, server: Server) -> None:
        address, column = f"{server.base}/{trial.page}", trial.column
        with visiting(self._browser, trial.subject, self._timeout) as visit:
            column.add(COLD, visit.open(address)[0])
        for _ in range(trial.rounds):
            for measure, blank in self._blanks.items():
                with visiting(self._browser, BLANK, self._timeout) as visit:
                    column.add(measure, visit.open(blank.base)[1])
            with visiting(self._browser, trial.subject, self._timeout) as visit:
                drawn, whole = visit.open(address)
                column.add(DRAWN, drawn)
                column.add(WHOLE, whole)
                if trial.subject is not BLANK:
                    column.add(ZOOM, *(visit.zoom() for _ in range(trial.zooms)))

    def _count(self, trial: Trial, server: Server) -> None:
        traffic, column = Traffic(), trial.column
        with visiting(self._browser, trial.subject, self._timeout) as visit:
            traffic.watch(visit.page)
            visit.open(f"{server.base}/{trial.page}")
            visit.page.wait_for_timeout(1_000)
            http, socket = traffic.take()
            column.add(PAGE_HTTP, http)
            column.add(PAGE_SOCKET, socket)
            for _ in range(0 if trial.subject is BLANK else trial.zooms):
                visit.zoom()
                column.add(VIEW_BYTES, sum(traffic.take()))
        if traffic.outside:
            column.remarks.append(f"asked of other hosts: {', '.join(sorted(traffic.outside))}")
        if traffic.is_deflated:
            column.remarks.append("the websocket was compressed; its bytes are before compression")

    def _ask(self, trial: Trial, server: Server) -> None:
        """Ask for views as the map does, but without a browser: what the server takes."""
        said = sessions.overheard(self._browser, server.base, self._timeout)
        values = sessions.views(said, some_buildings(trial.city), seed=1)
        with session(server.base, sessions.PAGE) as client:
            client.load()
            client.pan(next(values))  # the first finds the map without what the page gives it
            for _ in range(VIEWS):
                answer = client.pan(next(values))
                trial.column.add(SERVER_MS, 1_000 * answer.seconds)
                trial.column.add(ANSWER_BYTES, answer.size)


def main() -> None:
    """Measure everything and print the table."""
    options = _options()
    cities = {
        count: _step(f"a city of {count:,}", prepare, count, options.cities)
        for count in sorted({*options.sizes, SMALL})
    }
    ours = {count: Column(f"pppdash, {_words(count)}") for count in options.sizes}
    for count, column in ours.items():
        _step(f"build {count:,}", _build, cities[count], column, not options.no_build)
        _step(f"views of {count:,}", _count_views, cities[count], column)
    folder = rivals.place(cache() / "rivals")
    trials = [
        Trial(column, LIVE, APP, cities[count], sessions.PAGE, options.rounds)
        for count, column in ours.items()
    ]
    trials += _rivals(folder, cities, min(3, options.rounds))
    blank = Column("blank page")
    with (
        sync_playwright() as playwright,
        serving(folder / "blank.py", {}) as with_uvloop,
        serving(folder / "blank.py", {"PYTHONPATH": str(rivals.BARE)}) as without,
    ):
        path = find_chromium()
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        head = machine(browser.version)
        bench = Bench(browser, {BLANKS: with_uvloop, BARE_BLANKS: without}, options.timeout)
        trials.append(Trial(blank, BLANK, folder / "blank.py", cities[SMALL], "", options.rounds))
        for trial in trials:
            _step(trial.column.name, bench.run, trial)
        browser.close()
    text = page(head, ours, [trial.column for trial in trials])
    print(text)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")


def _rivals(folder: Path, cities: dict[int, Path], rounds: int) -> list[Trial]:
    small = cities[SMALL]
    found = [
        Trial(Column("one marker each, 10 thousand"), markers(SMALL), folder / "markers.py", small),
        Trial(Column("one circle each, 10 thousand"), markers(SMALL), folder / "circles.py", small),
        Trial(Column("plotly, 10 thousand"), PLOTLY, folder / "plotly_map.py", small),
        Trial(Column("FastMarkerCluster, 10 thousand"), CLUSTERS, folder / "clusters.py", small),
    ]
    if MIDDLE in cities:
        many = Column("FastMarkerCluster, 1 million")
        found.append(Trial(many, CLUSTERS, folder / "clusters.py", cities[MIDDLE]))
    return [replace(trial, rounds=_rounds(trial, rounds), zooms=RIVAL_ZOOMS) for trial in found]


def _rounds(trial: Trial, rounds: int) -> int:
    """Return how often a rival is visited; a million markers take a minute each time."""
    return 1 if trial.column.name.endswith(WORDS[MIDDLE]) else rounds


def _build(city: Path, column: Column, anew: bool) -> None:
    runs = SMALL_BUILDS if column.name.endswith(WORDS[SMALL]) else 1
    for _ in range(runs if anew else 0):
        seconds, peak = build(city)
        column.add(BUILD, 1_000 * seconds)
        column.add(BUILD_MEMORY, peak)
    column.add(BUILD_FILE, build_file(city).stat().st_size)


def _count_views(city: Path, column: Column) -> None:
    command = [sys.executable, "-m", "benchmarks.views", str(city)]
    answer = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    found = json.loads(answer.stdout)
    names = {"look": LOOK, "marks": MARKS, "pyramid": PYRAMID, "scan": SCAN}
    for name, measure in names.items():
        column.add(measure, *found[name])


# -- the table ---------------------------------------------------------------------------------


def page(head: str, ours: dict[int, Column], columns: Sequence[Column]) -> str:
    """Return everything that is printed: where, the table, remarks and what is noisy."""
    limits = {id(column): LIMITS.get(count) for count, column in ours.items()}
    rows = _rows(ours, columns, [limits.get(id(column)) for column in columns])
    parts = [head, report.table("", [column.name for column in columns], rows)]
    remarks = [f"{column.name}: {text}." for column in columns for text in column.remarks]
    for heading, lines in (("Remarks", remarks), ("Noisy", report.noisy(columns))):
        if lines:
            parts.append("\n".join([f"{heading}:", *(f"* {line}" for line in lines)]))
    return "\n\n".join(parts)


def _rows(
    ours: dict[int, Column], columns: Sequence[Column], limits: Sequence[Limits | None]
) -> dict[str, list[str]]:
    def each(cell: Callable[[Column, Limits | None], str]) -> list[str]:
        return [cell(column, limit) for column, limit in zip(columns, limits, strict=True)]

    def plain(measure: str, write: Callable[[float | None], str]) -> list[str]:
        return [write(column.median(measure)) for column in columns]

    return {
        "navigation to map drawn": plain(DRAWN, milliseconds),
        "– the very first, cold": plain(COLD, milliseconds),
        "whole page with its map": plain(WHOLE, milliseconds),
        "– blank page, visited in turn": plain(BLANKS, milliseconds),
        "– blank page without uvloop": plain(BARE_BLANKS, milliseconds),
        "whole page ÷ blank page": each(_ratio_to(BLANKS)),
        "whole page ÷ blank page without uvloop": each(_ratio_to(BARE_BLANKS)),
        "map drawn ÷ pppdash of that size": [_slower(ours, column) for column in columns],
        "zoom to redrawn": plain(ZOOM, milliseconds),
        "– beyond 500 ms": each(_beyond),
        "HTTP for the page": plain(PAGE_HTTP, size),
        "websocket for the page": plain(PAGE_SOCKET, size),
        "received for one zoom, largest": each(_largest_of(VIEW_BYTES)),
        f"answer to one view, largest of {VIEWS}": each(_largest_of(ANSWER_BYTES)),
        "– median": plain(ANSWER_BYTES, size),
        "server time for one view, by websocket": each(_server),
        "– counting alone": plain(LOOK, milliseconds),
        "– writing down alone": plain(MARKS, milliseconds),
        "whole city at the farthest view, pyramid": plain(PYRAMID, milliseconds),
        "whole city at the farthest view, scan": plain(SCAN, milliseconds),
        "server memory": plain(MEMORY, size),
        "– at its peak": plain(MEMORY_PEAK, size),
        "build": each(_built),
        "– memory at its peak": each(_build_memory),
        "– its file": plain(BUILD_FILE, size),
    }


def _ratio_to(blank: str) -> Callable[[Column, Limits | None], str]:
    def cell(column: Column, limits: Limits | None) -> str:
        samples = column.samples
        ratio = ratio_of_medians(samples.get(WHOLE, []), samples.get(blank, []))
        return judged(times(ratio), ratio, limits.ratio if limits else None)

    return cell


def _slower(ours: dict[int, Column], column: Column) -> str:
    """Compare with the coverage map of as many buildings, by the name of the column."""
    same = next((own for n, own in ours.items() if column.name.endswith(_words(n))), None)
    if same is None or same is column:
        return report.NONE
    ratio = ratio_of_medians(column.samples.get(DRAWN, []), same.samples.get(DRAWN, []))
    least = TIMES_FASTER if column.name.startswith("one ") else None
    return judged(times(ratio), ratio, least, at_least=True)


def _beyond(column: Column, limits: Limits | None) -> str:
    zoom = column.median(ZOOM)
    beyond = None if zoom is None else zoom - ANIMATION_MS
    return judged(milliseconds(beyond), beyond, limits.beyond_ms if limits else None)


def _largest_of(measure: str) -> Callable[[Column, Limits | None], str]:
    def cell(column: Column, limits: Limits | None) -> str:
        most = column.largest(measure)
        return judged(size(most), most, limits.view_bytes if limits else None)

    return cell


def _server(column: Column, limits: Limits | None) -> str:
    middle = column.median(SERVER_MS)
    return judged(milliseconds(middle), middle, limits.server_ms if limits else None)


def _built(column: Column, limits: Limits | None) -> str:
    middle = column.median(BUILD)
    return judged(milliseconds(middle), middle, limits.build_ms if limits else None)


def _build_memory(column: Column, limits: Limits | None) -> str:
    most = column.largest(BUILD_MEMORY)
    return judged(size(most), most, limits.build_memory if limits else None)


def _words(count: int) -> str:
    return WORDS.get(count, f"{count:,}")


# -- the command -------------------------------------------------------------------------------


def _step(name: str, action: Callable[..., Value], *arguments: object) -> Value:
    print(f"{name} ...", file=sys.stderr, flush=True)
    return action(*arguments)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.maps", description=__doc__)
    parser.add_argument("--sizes", type=_sizes, default=[SMALL, MIDDLE, LARGE])
    parser.add_argument("--rounds", type=int, default=10, help="visits of each page (rivals: 3)")
    parser.add_argument(
        "--timeout", type=float, default=180, help="seconds until a page is given up"
    )
    parser.add_argument("--cities", type=Path, help="a folder whose subfolders may hold the cities")
    parser.add_argument("--no-build", action="store_true", help="measure the builds that are there")
    parser.add_argument("--out", type=Path, help="write what is printed to a file too")
    return parser.parse_args()


def _sizes(text: str) -> list[int]:
    return [int(part.replace("_", "")) for part in text.split(",")]


if __name__ == "__main__":
    main()
