"""What somebody with a browser waits for: a page with its map, a zoom, and the bytes of both."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Frame, Page, ViewportSize
from streamlit.proto.BackMsg_pb2 import BackMsg

PROBE = Path(__file__).with_name("probe.js").read_text(encoding="utf-8")
SCREEN = ViewportSize(width=1400, height=1000)
QUIET_MS = 1_000  # nothing changed for so long: it is done
GATHER = """(() => {
  const frames = [...document.querySelectorAll("iframe")].map((frame) => frame.contentWindow);
  const facts = [window, ...frames].map((one) => one.benchmarkFacts).filter(Boolean);
  const app = document.querySelector("[data-testid=stApp]");
  const all = { start: performance.timeOrigin, now: performance.timeOrigin + performance.now(),
    idle: Boolean(app) && app.dataset.testScriptState === "notRunning" };
  for (const name of ["drawn", "whole", "input", "changed", "views"]) {
    all[name] = Math.max(0, ...facts.map((one) => one[name]));
  }
  return all;
})()"""


@dataclass(frozen=True)
class Subject:
    """How to tell that a kind of map is drawn.

    Attributes
    ----------
    ready
        JavaScript, true in the frame that holds the map once its first picture is there.
    map
        JavaScript, the map's object once there is one.
    done
        The event of that object that ends a zoom.
    counts_views
        Whether a zoom is over only when new data has been drawn.
    """

    ready: str
    map: str = "window.map && window.map.getZoom && window.map"
    done: str = "zoomend"
    counts_views: bool = False


_PLOTLY = (
    "((document.querySelector('.js-plotly-plot') || {})._fullLayout || {}).map"
    " && document.querySelector('.js-plotly-plot')._fullLayout.map._subplot"
    " && document.querySelector('.js-plotly-plot')._fullLayout.map._subplot.map"
)
BLANK = Subject("window === window.top && document.querySelector('h1')", "null")
# pppdash/views/scripts/ notes in window.cityMapLog when it drew what, for whoever measures.
LIVE = Subject("(window.cityMapLog || {}).views && window.cityMapLog.count", counts_views=True)
CLUSTERS = Subject("document.getElementsByClassName('leaflet-interactive').length")
PLOTLY = Subject(f"(m => m && m.loaded() && m.isStyleLoaded())({_PLOTLY})", _PLOTLY, "idle")


def markers(count: int) -> Subject:
    """Return how to tell that so many markers are there."""
    return Subject(f"document.getElementsByClassName('leaflet-interactive').length >= {count}")


@dataclass
class Visit:
    """One fresh page, nothing cached."""

    page: Page
    subject: Subject
    timeout: float

    def facts(self) -> dict[str, Any]:
        """Return what the probes noted in all frames, the latest of each."""
        found: dict[str, Any] = self.page.evaluate(GATHER)
        return found

    def open(self, address: str) -> tuple[float, float]:
        """Open an address; return when the map was drawn and when the whole page was, in ms.

        The whole page is there when its script has run and its map is drawn, counted like the
        map from the beginning of the navigation.

        Raises
        ------
        playwright.sync_api.Error
            It was not there in time, or the page crashed.
        """
        self.page.goto(address, wait_until="commit", timeout=self.timeout)
        self._wait("facts.drawn && facts.whole")
        facts = self.facts()
        drawn, whole = (facts[name] - facts["start"] for name in ("drawn", "whole"))
        return drawn, max(drawn, whole)

    def zoom(self) -> float:
        """Zoom in by one step; return the milliseconds from the click to the last change.

        Raises
        ------
        playwright.sync_api.Error
            Nothing new was drawn in time.
        """
        before = self.facts()
        frame = self._map_frame()
        if frame is None:
            self._turn_wheel()
        else:
            frame.locator(".leaflet-control-zoom-in").click(timeout=self.timeout)
        since = f"facts.input > {before['input']} && facts.changed > facts.input && facts.idle"
        views = f" && facts.views > {before['views']}" if self.subject.counts_views else ""
        self._wait(f"{since}{views} && facts.now - facts.changed > {QUIET_MS}")
        facts = self.facts()
        return float(facts["changed"] - facts["input"])

    def _wait(self, condition: str) -> None:
        script = f"() => {{ const facts = {GATHER}; return {condition}; }}"
        self.page.wait_for_function(script, polling=100, timeout=self.timeout)

    def _map_frame(self) -> Frame | None:
        for frame in self.page.frames:
            if frame.locator(".leaflet-control-zoom-in").count():
                return frame
        return None

    def _turn_wheel(self) -> None:
        box = self.page.locator(".js-plotly-plot").bounding_box()
        assert box is not None, "the page shows no plotly map"
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.page.mouse.wheel(0, -300)


@contextmanager
def visiting(browser: Browser, subject: Subject, timeout: float) -> Iterator[Visit]:
    """Open an empty page in a context of its own for the length of the block."""
    context = browser.new_context(viewport=SCREEN, color_scheme="light")
    wanted = {"ready": subject.ready, "map": subject.map, "done": subject.done}
    context.add_init_script(f"({PROBE})({json.dumps(wanted)});")
    try:
        yield Visit(context.new_page(), subject, 1_000 * timeout)
    finally:
        context.close()


@dataclass
class Traffic:
    """The bytes that a page received, as the browser's own developer tools count them.

    Attributes
    ----------
    http
        Of every answer, headers included, as compressed as it came.
    socket
        Of every message over the websocket. Streamlit does not compress these unless told to;
        `is_deflated` says whether it was, and then fewer truly traveled.
    outside
        What was asked of other hosts than the page's own.
    said
        The last value that a component of the page sent to the server.
    """

    http: float = 0
    socket: float = 0
    is_deflated: bool = False
    outside: set[str] = field(default_factory=set)
    said: dict[str, Any] = field(default_factory=dict)

    def watch(self, page: Page) -> None:
        """Count from now on."""
        session = page.context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.loadingFinished", self._loaded)
        session.on("Network.webSocketHandshakeResponseReceived", self._shaken)
        session.on("Network.webSocketFrameReceived", self._received)
        session.on("Network.webSocketFrameSent", self._sent)
        session.send("Network.enable")

    def take(self) -> tuple[float, float]:
        """Return the bytes by HTTP and over the websocket since the last call."""
        taken = self.http, self.socket
        self.http = self.socket = 0
        return taken

    def _asked(self, event: dict[str, Any]) -> None:
        address = urlsplit(event["request"]["url"])
        if address.scheme.startswith("http") and address.hostname != "127.0.0.1":
            self.outside.add(str(address.hostname))

    def _loaded(self, event: dict[str, Any]) -> None:
        self.http += event["encodedDataLength"]

    def _shaken(self, event: dict[str, Any]) -> None:
        headers = {name.lower(): value for name, value in event["response"]["headers"].items()}
        extensions = headers.get("sec-websocket-extensions", "")
        self.is_deflated = self.is_deflated or "deflate" in extensions

    def _received(self, event: dict[str, Any]) -> None:
        self.socket += len(_payload(event))

    def _sent(self, event: dict[str, Any]) -> None:
        message = BackMsg.FromString(_payload(event))
        for state in message.rerun_script.widget_states.widgets:
            if state.WhichOneof("value") == "json_value":
                value = json.loads(state.json_value)
                if isinstance(value, dict) and isinstance(value.get("view"), dict):
                    self.said = value


def _payload(event: dict[str, Any]) -> bytes:
    """Return a frame's bytes; the developer tools write those of a binary one (2) in base64."""
    frame = event["response"]
    text: str = frame["payloadData"]
    return base64.b64decode(text) if frame["opcode"] == 2 else text.encode()
