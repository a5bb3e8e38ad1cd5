"""What every page stands in: settings, navigation, filters, freshness, and the error boundary."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import streamlit as st
import streamlit.components.v1 as components

from pppdash.city import city_folder
from pppdash.errors import PppdashError
from pppdash.metrics.filters import Filters
from pppdash.ui import controls
from pppdash.ui.data import Source, current_source
from pppdash.ui.static_files import STATIC, place_map_files
from pppdash.views import markup, theme
from pppdash.views.theme import Palette
from pppdash.warehouse.read import Build

PRODUCT = "Partnership coverage"
SIDEBAR_PX = 250

# The pages in the order of the readers' questions; another page is one more line.
PAGES: tuple[tuple[str, str], ...] = (
    ("app.py", "Overview"),
    ("pages/coverage_map.py", "Coverage map"),
    ("pages/flash_points.py", "Flash points"),
    ("pages/sector_gaps.py", "Sector gaps"),
    ("pages/survey_feedback.py", "Survey feedback"),
    ("pages/data_health.py", "Data health"),
)

_scout = components.declare_component("scout", path=Path(__file__).with_name("scout"))
_log = logging.getLogger("pppdash.ui")


@dataclass(frozen=True)
class Page:
    """An open page: its data, its filters, and the colors in use."""

    name: str
    data: Source
    filters: Filters
    colors: Palette

    @property
    def build(self) -> Build:
        """The build that this run shows."""
        return self.data.build

    @property
    def layer_label(self) -> str:
        """What an area of the chosen layer is called."""
        names = {layer.name: layer.label for layer in self.build.layers}
        return names.get(self.filters.layer or "", "Area")

    @property
    def area_heading(self) -> str | None:
        """What an area of the chosen layer is called; None in a city without layers."""
        return self.layer_label if self.filters.layer else None

    @property
    def first_layer_areas(self) -> tuple[str, ...]:
        """The chosen areas, where they are of the layer by which surveys name areas: the first."""
        first = self.build.layers[0].name if self.build.layers else None
        return self.filters.areas if self.filters.layer == first else ()

    @property
    def sizes(self) -> dict[str, str]:
        """Size band → how it is written."""
        return {band.name: band.label for band in self.build.size_bands}

    @property
    def footnote(self) -> str:
        """What stands under every chart: the date, the build, and whether it is synthetic."""
        synthetic = " · synthetic data" if self.build.synthetic else ""
        return (
            f"{self.build.city}, as of {theme.date_form(self.filters.as_of)} · "
            f"build {self.build.build_id[:6]}{synthetic}"
        )


class open_page:
    """Open a page for the length of a ``with`` block.

    A :class:`PppdashError` inside becomes its own sentence on the page; any other exception
    becomes a plain sentence and a traceback in the log. Navigation works in every case.

    Examples
    --------
    >>> with open_page("Flash points") as page:  # doctest: +SKIP
    ...     show.headline(page, "…")
    """

    def __init__(self, name: str, ahead: Sequence[str] = ()) -> None:
        self._name = name
        self._ahead = ahead

    def __enter__(self) -> Page:
        """Draw what surrounds the page; stop the script when there is no build to show.

        ``ahead`` names the scripts and styles, as a component's frame sees them, that the
        browser should fetch before anything else.
        """
        colors = _settings(self._name, self._ahead)
        try:
            page = _surround(self._name, colors)
        except Exception as error:
            _tell(error)
            st.stop()
        return page

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """Turn an error of the page into a sentence; Streamlit's own signals pass."""
        if isinstance(error, Exception):
            _tell(error)
            return True
        return False


def _settings(name: str, ahead: Sequence[str]) -> Palette:
    st.set_page_config(
        page_title=f"{name} · {PRODUCT}",
        page_icon=str(STATIC / "icon.png"),
        layout="wide",
        initial_sidebar_state=SIDEBAR_PX,
    )
    mode = str(st.context.theme.type or "light")
    with st.container(key="scout"):
        _scout(mode=mode, files=list(ahead), key="scout_frame", default=None)
    colors = theme.palette(mode)
    st.html(markup.stylesheet(colors))
    return colors


def _surround(name: str, colors: Palette) -> Page:
    """Draw the sidebar and the line of freshness; navigation once, whatever fails."""
    city: str = city_folder().name
    query: dict[str, str | list[str]] = {}
    with st.sidebar:
        head = st.container()
        try:
            place_map_files()
            source = current_source()
            build = source.build
            filters = controls.draw_filters(source, name)
            city, query = build.city, controls.link(filters, build)
        finally:
            with head:
                _navigation(name, city, query)
    st.html(markup.stamp(_freshness(build, filters), _badge(build)))
    return Page(name, source, filters, colors)


def _navigation(name: str, city: str, query: dict[str, str | list[str]]) -> None:
    st.html(markup.product(PRODUCT, city))
    with st.container(key="pages"):
        for path, label in PAGES:
            if label == name:
                st.html(markup.here(label))
            else:
                st.page_link(path, label=label, query_params=query)


def _freshness(build: Build, filters: Filters) -> list[str]:
    return [
        f"As of {theme.date_form(filters.as_of)}",
        f"built {theme.moment_form(build.built_at)}",
        f"build {build.build_id[:6]}",
    ]


def _badge(build: Build) -> str:
    return "Synthetic data" if build.synthetic else ""


@contextmanager
def boundary() -> Iterator[None]:
    """Keep an error of one part of a page within it; Streamlit's own signals pass.

    A fragment that runs again by itself is outside of :class:`open_page`.
    """
    try:
        yield
    except Exception as error:
        _tell(error)


def _tell(error: Exception) -> None:
    """Say on the page what went wrong and what to do about it."""
    if isinstance(error, PppdashError):
        st.html(markup.nothing("This page cannot be shown.", str(error)))
        return
    _log.error("unexpected error on a page", exc_info=error)
    st.html(
        markup.nothing(
            "Something unexpected went wrong on this page.",
            f"It is in the server's log as {type(error).__name__}. The other pages still work.",
        )
    )
