"""Serving a city and visiting its pages in a real Chromium."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import axe_core_python
from playwright.sync_api import Browser, ConsoleMessage, Frame, Page

ROOT = Path(__file__).resolve().parents[2]
AXE = Path(axe_core_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
DESKTOP, PHONE = {"width": 1400, "height": 1000}, {"width": 390, "height": 844}
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAP = 'iframe[src*="streamlit_folium"]'
IDLE = "document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"

# On a deep link Streamlit's own front end asks first whether it is served under that path.
_PROBE = re.compile(r"/\w+/_stcore/(health|host-config)$")


def find_chromium() -> str:
    """Return the path of a Chromium: the one that PPPDASH_CHROMIUM names, or the system's."""
    return os.environ.get("PPPDASH_CHROMIUM") or next(
        filter(None, map(shutil.which, CHROMIUMS)), ""
    )


@dataclass
class Visit:
    """One open page and all that it asked for and complained of."""

    page: Page
    base: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def outside(self) -> list[str]:
        """Requests that left for another host."""
        inside = (self.base, self.base.replace("http", "ws", 1), "data:", "blob:")
        return [url for url in self.requests if not url.startswith(inside)]

    def settle(self) -> None:
        """Wait until the script has run and the page stands still."""
        self.page.wait_for_selector("h1", timeout=30_000)
        self.page.wait_for_function(IDLE, timeout=30_000)
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_timeout(300)
        self.page.wait_for_function(IDLE, timeout=30_000)

    def violations(self) -> list[str]:
        """Return axe's serious and critical findings (WCAG 2.2 AA)."""
        self.page.evaluate(AXE)
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
        # WCAG 2.2 dropped 4.1.1 (unique ids); Streamlit's grids number their cells alike.
        off = {rule: {"enabled": False} for rule in ("duplicate-id", "duplicate-id-active")}
        options = {"runOnly": {"type": "tag", "values": tags}, "rules": off}
        found = self.page.evaluate("options => axe.run(document, options)", options)
        return [
            f"{item['id']}: {node['html'][:200]}"
            for item in found["violations"]
            if item["impact"] in {"serious", "critical"}
            for node in item["nodes"]
        ]


@contextmanager
def serving(city: Path) -> Iterator[str]:
    """Serve a city on a free port for the length of the block; yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    command += ["--server.fileWatcherType", "none"]
    environment = os.environ | {"PPPDASH_CITY": str(city)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            base = f"http://127.0.0.1:{port}"
            _wait_for(f"{base}/_stcore/health", server)
            yield base
        finally:
            server.terminate()


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(150):
        assert server.poll() is None, "the server stopped while starting"
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(address)


@contextmanager
def visiting(
    browser: Browser, base: str, path: str = "", size: dict[str, int] = DESKTOP, mode: str = "light"
) -> Iterator[Visit]:
    """Open an address and wait for the page to stand still."""
    context = browser.new_context(viewport=size, color_scheme=mode)
    visit = Visit(context.new_page(), base)
    visit.page.on("request", lambda request: visit.requests.append(request.url))
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on("console", lambda message: _note(visit, message))
    visit.page.goto(f"{base}/{path}")
    visit.settle()
    yield visit
    context.close()


def map_frame(visit: Visit) -> Frame:
    """Return the large map's frame, once its areas and marks are drawn."""
    visit.page.wait_for_selector(MAP)
    visit.page.wait_for_function(f"document.querySelector(`{MAP}`).contentWindow.cityMapLog?.drawn")
    visit.page.wait_for_timeout(400)  # the first answer is followed by one that fits the frame
    return next(f for f in visit.page.frames if "streamlit_folium" in f.url)


def _note(visit: Visit, message: ConsoleMessage) -> None:
    if message.type == "error" and not _PROBE.search(message.location["url"]):
        visit.complaints.append(f"{message.text} ({message.location['url']})")
