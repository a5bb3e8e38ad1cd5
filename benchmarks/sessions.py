"""Many sessions that pan the coverage map at once: ``python -m benchmarks.sessions``.

Each session is a websocket client (``client.py``) that looks around a city as ``walk.py`` says, a
second between one answer and the next question, like a person. A Chromium opens the map once, to
hear what the map says to its server; the sessions say the same with other views.
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright
from websockets import WebSocketException

from benchmarks.browser import LIVE, Traffic, visiting
from benchmarks.cities import build, build_file, prepare, some_buildings
from benchmarks.client import Answer, session
from benchmarks.machine import machine
from benchmarks.report import judged, milliseconds, quantile, size
from benchmarks.serving import APP, serving
from benchmarks.walk import walk
from pppdash.errors import PppdashError
from tests.browser.browsing import find_chromium

PAGE = "coverage_map"
MOST_MEMORY, SLOWEST_MS = 2e9, 2_000


@dataclass(frozen=True)
class Crowd:
    """What the sessions of one run had to wait for.

    Attributes
    ----------
    loads, views
        Milliseconds of every page load and of every view.
    sizes
        Bytes of every view's answer.
    failures
        What went wrong, one sentence a session that ended early.
    """

    loads: list[float]
    views: list[float]
    sizes: list[float]
    failures: list[str]


def overheard(browser: Browser, base: str, timeout: float = 60) -> dict[str, Any]:
    """Return what the map in a real browser says to its server after a zoom.

    Raises
    ------
    LookupError
        It said nothing that holds a view.
    """
    traffic = Traffic()
    with visiting(browser, LIVE, timeout) as visit:
        traffic.watch(visit.page)
        visit.open(f"{base}/{PAGE}")
        visit.zoom()
    if not traffic.said:
        raise LookupError("the map told its server no view")
    return traffic.said


def views(
    said: Mapping[str, Any], points: Sequence[tuple[float, float]], seed: int
) -> Iterator[dict[str, Any]]:
    """Yield messages like the one overheard, each of another view."""
    for number, (box, level) in enumerate(walk(points, seed), start=1):
        yield {**said, "n": number, "view": {"box": box, "level": level}}


def pan(
    base: str,
    said: Mapping[str, Any],
    points: Sequence[tuple[float, float]],
    *,
    sessions: int,
    steps: int,
    pause: float,
) -> Crowd:
    """Let sessions load the map, and once all have it, pan so many steps at once."""
    crowd = Crowd([], [], [], [])
    together = threading.Barrier(sessions, timeout=300)

    def one(seed: int) -> None:
        try:
            with session(base, PAGE) as client:
                crowd.loads.append(1_000 * client.load().seconds)
                together.wait()
                for value, _ in zip(views(said, points, seed), range(steps), strict=False):
                    _note(crowd, client.pan(value))
                    time.sleep(pause)
        except (OSError, LookupError, RuntimeError, WebSocketException) as error:
            together.abort()
            crowd.failures.append(f"session {seed}: {type(error).__name__}: {error}")

    with ThreadPoolExecutor(sessions) as threads:
        list(threads.map(one, range(sessions)))
    return crowd


def _note(crowd: Crowd, answer: Answer) -> None:
    crowd.views.append(1_000 * answer.seconds)
    crowd.sizes.append(answer.size)


def main() -> None:
    """Print what the sessions had to wait for and what the server held in memory."""
    options = _options()
    city = prepare(options.buildings, options.cities)
    if not _is_built(city):
        build(city)
    points = some_buildings(city)
    with serving(APP, {"PPPDASH_CITY": str(city.resolve())}) as server:
        with sync_playwright() as playwright:
            path = find_chromium()
            chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            print(machine(chromium.version))
            said = overheard(chromium, server.base)
            chromium.close()
        steps, pause, many = options.steps, options.pause, options.sessions
        crowd = pan(server.base, said, points, sessions=many, steps=steps, pause=pause)
        now, most = server.memory()
    print(
        f"\n{options.buildings:,} buildings, {many} sessions of {steps} views, {pause:g} s apart\n"
    )
    print("\n".join(lines(crowd, now, most)))


def lines(crowd: Crowd, now: float, most: float) -> list[str]:
    """Return the result as sentences; ``now`` and ``most`` are the server's memory in bytes."""
    said = [f"* **failed**: {failure}" for failure in crowd.failures]
    if crowd.loads:
        middle, slow = (quantile(crowd.loads, share) for share in (0.5, 0.95))
        said.append(f"* first load: p50 {milliseconds(middle)}, p95 {milliseconds(slow)}")
    if crowd.views:
        middle, slow = (quantile(crowd.views, share) for share in (0.5, 0.95))
        late = judged(milliseconds(slow), slow, SLOWEST_MS)
        said.append(
            f"* a view ({len(crowd.views)}): p50 {milliseconds(middle)}, p95 {late}, "
            f"slowest {milliseconds(max(crowd.views))}"
        )
        said.append(
            f"* an answer: p50 {size(quantile(crowd.sizes, 0.5))}, largest {size(max(crowd.sizes))}"
        )
    said.append(f"* server memory: {size(now)}, most {judged(size(most), most, MOST_MEMORY)}")
    return said


def _is_built(city: Path) -> bool:
    try:
        return build_file(city).exists()
    except PppdashError:
        return False


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sessions", description=__doc__)
    parser.add_argument("--buildings", type=int, default=1_000_000)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--steps", type=int, default=30, help="views that each session asks for")
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between two views")
    parser.add_argument("--cities", type=Path, help="a folder whose subfolders may hold the city")
    return parser.parse_args()


if __name__ == "__main__":
    main()
