"""The cached way from a page to its frames.

Every cache is keyed on the published build and the question asked, never on a frame, and is
bounded. The pointer is read at every run, so that a newly published build shows at the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from pppdash.analysis.flash_points import Event, FlashPoints
from pppdash.analysis.gaps import NEEDED, Gaps
from pppdash.analysis.survey import Survey
from pppdash.analysis.themes import Themes
from pppdash.city import city_folder
from pppdash.findings import flash_points, gaps, health, survey
from pppdash.metrics import finding, viewport
from pppdash.metrics.compute import compute
from pppdash.metrics.filters import Filters
from pppdash.metrics.goals import Goal, Goals
from pppdash.metrics.periods import DAYS_A_MONTH
from pppdash.metrics.viewport import Extent, View
from pppdash.warehouse.publish import build_path, current_build_id
from pppdash.warehouse.read import Build, Warehouse, open_warehouse

TOTAL_METRICS = (
    *("targets", "targets_enrolled", "coverage", "coverage_low", "coverage_high"),
    *("buildings", "buildings_enrolled"),
    *("building_coverage", "building_coverage_low", "building_coverage_high"),
    *("accounts_active", "accounts_dormant", "accounts_opened", "accounts_ended"),
)
AREA_METRICS = (
    *NEEDED,
    *("buildings", "buildings_enrolled"),
    *("building_coverage", "building_coverage_low", "building_coverage_high"),
)


@dataclass(frozen=True)
class Source:
    """One published build of one city: what every cache is keyed on.

    ``mark`` is the file's time and size, so that a file built again under the same id, after
    it was damaged for example, is opened anew.
    """

    folder: str
    build_id: str
    mark: tuple[int, int]

    @property
    def build(self) -> Build:
        """The build's facts."""
        return _warehouse(self).build

    def measure(self, metrics: Sequence[str], by: Sequence[str], filters: Filters) -> pd.DataFrame:
        """Return metrics by dimensions; see :func:`pppdash.metrics.compute.compute`."""
        return _measure(self, tuple(metrics), tuple(by), filters)

    def total(self, metrics: Sequence[str], filters: Filters) -> pd.Series:
        """Return metrics over everything selected, as one row."""
        return self.measure(metrics, (), filters).iloc[0]

    def listing(self, name: str, **parameters: Any) -> pd.DataFrame:
        """Return the rows of a named query."""
        return _listing(self, name, tuple(sorted(_hashable(parameters).items())))

    def fresh(self, name: str, **parameters: Any) -> pd.DataFrame:
        """Return the rows of a named query without keeping them; for downloads, which are long."""
        return _warehouse(self).query(name, **parameters)

    def areas(self, filters: Filters) -> pd.DataFrame:
        """Return the measures of every area of the chosen layer; no rows without a layer."""
        if filters.layer is None:
            return pd.DataFrame(columns=["area_id", "area_name", *AREA_METRICS])
        return self.measure(AREA_METRICS, (filters.layer,), filters)

    def outlines(self, layer: str | None) -> pd.DataFrame:
        """Return the areas of a layer with their outlines; no rows without a layer."""
        if layer is None:
            return pd.DataFrame(columns=["layer", "area_id", "name", "population", "geojson"])
        return self.listing("areas", layer=layer)

    def extent(self) -> pd.Series:
        """Return ``west, south, east, north`` of all buildings in degrees, and how many."""
        return self.listing("map_extent").iloc[0]

    def look(self, extent: Extent, level: int, filters: Filters) -> View:
        """Return what comes into view; see :func:`pppdash.metrics.viewport.look`."""
        seen = Filters(filters.as_of, sectors=filters.sectors, size_bands=filters.size_bands)
        return _look(self, extent, level, seen)

    def building(self, building_id: str, filters: Filters) -> pd.Series | None:
        """Return everything that a building's card says; None where there is no such building."""
        if not building_id:
            return None
        places = self.listing("building_place", building_id=building_id)
        if places.empty:
            return None
        place = int(places["place"].iloc[0])
        return self.listing("building", place=place, layer=filters.layer, as_of=filters.as_of).iloc[
            0
        ]

    def find(self, text: str) -> pd.DataFrame:
        """Return buildings by part of name or address; see :func:`pppdash.metrics.finding.find`."""
        return _find(self, text)

    def goal(self, filters: Filters) -> Goal | None:
        """Return the goal of what is selected; None where none is set."""
        return Goals(self.listing("goals")).of_selection(filters)

    def flash_points(self, filters: Filters) -> FlashPoints:
        """Return what coincided with the flash points, and what came between them."""
        return _flash_points(self, filters)

    def tried(self, filters: Filters, started_on: date, kind: str) -> Event:
        """Return what a date of the reader's own would show as a flash point."""
        return _tried(self, filters, started_on, kind)

    def largest_gaps(self, by: Sequence[str | None], filters: Filters) -> pd.DataFrame:
        """Return the cells ``by`` dimensions, worst first; None, for no layer, is passed over."""
        return _largest_gaps(self, tuple(name for name in by if name), filters)

    def gaps(self, by: Sequence[str | None], filters: Filters) -> Gaps:
        """Return the cells ``by`` dimensions, each against the rest; None is passed over."""
        return _gaps(self, tuple(name for name in by if name), filters)

    def members_not_enrolled(self, filters: Filters) -> pd.DataFrame:
        """Return how many targets not enrolled belong to other programs, by kind of target."""
        return _members_not_enrolled(self, filters)

    def dormant_accounts(self, filters: Filters) -> pd.DataFrame:
        """Return the accounts that have gone quiet, the latest to do so first."""
        return _dormant_accounts(self, filters)

    def survey(self, as_of: date, segment: str = "") -> Survey:
        """Return survey results by question, wave and one segment, small groups suppressed."""
        return _survey(self, as_of, segment)

    def row_counts(self) -> pd.DataFrame:
        """Return what became of every entity's rows, as far as it may be told."""
        return _row_counts(self)

    def themes(self, as_of: date) -> Themes:
        """Return what comments are about, and those that may be shown."""
        return _themes(self, as_of)


def current_source() -> Source:
    """Return the build that serves now.

    Raises
    ------
    NoBuild
        Nothing has been published for this city yet.
    """
    folder = city_folder()
    build_id = current_build_id(folder)
    file = build_path(folder, build_id)
    stat = file.stat() if file.is_file() else None
    mark = (stat.st_mtime_ns, stat.st_size) if stat else (0, 0)
    return Source(str(folder.resolve()), build_id, mark)


def everything(filters: Filters) -> Filters:
    """Return the whole city as of the same date."""
    return Filters(as_of=filters.as_of, layer=filters.layer)


def everywhere(filters: Filters) -> Filters:
    """Return the same kinds of targets in all places."""
    return replace(filters, areas=(), within=None)


def earlier(filters: Filters, build: Build, months: int = 6) -> tuple[Filters, float]:
    """Return the same selection ``months`` before, and how many months that really is.

    It never goes back beyond the launch, or else the first day of which anything is known.
    """
    first_on = build.launched_on or build.first_on
    stamp = pd.Timestamp(filters.as_of)
    at_month_end = stamp == stamp + pd.offsets.MonthEnd(0)
    back = stamp - pd.DateOffset(months=months)
    then = (back + pd.offsets.MonthEnd(0) if at_month_end else back).date()
    then = min(max(then, first_on or then), filters.as_of)
    return replace(filters, as_of=then), (filters.as_of - then).days / DAYS_A_MONTH


def _hashable(parameters: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in parameters.items()}


# A warehouse that leaves this cache is not closed: another session may be in the middle of a
# query. It is closed when the last one lets go of it.
@st.cache_resource(max_entries=3, show_spinner=False)
def _warehouse(source: Source) -> Warehouse:
    return open_warehouse(Path(source.folder), source.build_id)


@st.cache_data(max_entries=256, show_spinner=False)
def _measure(
    source: Source, metrics: tuple[str, ...], by: tuple[str, ...], filters: Filters
) -> pd.DataFrame:
    return compute(_warehouse(source), metrics, by, filters)


@st.cache_data(max_entries=64, show_spinner=False)
def _listing(source: Source, name: str, parameters: tuple[tuple[str, Any], ...]) -> pd.DataFrame:
    bound = {k: list(v) if isinstance(v, tuple) else v for k, v in parameters}
    return _warehouse(source).query(name, **bound)


@st.cache_data(max_entries=128, show_spinner=False)
def _look(source: Source, extent: Extent, level: int, filters: Filters) -> View:
    return viewport.look(_warehouse(source), extent, level, filters)


@st.cache_data(max_entries=64, show_spinner=False)
def _find(source: Source, text: str) -> pd.DataFrame:
    return finding.find(_warehouse(source), text)


@st.cache_data(max_entries=64, show_spinner=False)
def _flash_points(source: Source, filters: Filters) -> FlashPoints:
    return flash_points.measure(_warehouse(source), filters)


@st.cache_data(max_entries=64, show_spinner=False)
def _tried(source: Source, filters: Filters, started_on: date, kind: str) -> Event:
    return flash_points.hypothetical(_warehouse(source), filters, started_on, kind)


@st.cache_data(max_entries=64, show_spinner=False)
def _largest_gaps(source: Source, by: tuple[str, ...], filters: Filters) -> pd.DataFrame:
    return gaps.largest_gaps(_warehouse(source), by, filters)


@st.cache_data(max_entries=64, show_spinner=False)
def _gaps(source: Source, by: tuple[str, ...], filters: Filters) -> Gaps:
    return gaps.measure_gaps(_warehouse(source), by, filters)


@st.cache_data(max_entries=64, show_spinner=False)
def _members_not_enrolled(source: Source, filters: Filters) -> pd.DataFrame:
    return gaps.members_not_enrolled(_warehouse(source), filters)


@st.cache_data(max_entries=32, show_spinner=False)
def _dormant_accounts(source: Source, filters: Filters) -> pd.DataFrame:
    return gaps.dormant_accounts(_warehouse(source), filters)


@st.cache_data(max_entries=64, show_spinner=False)
def _survey(source: Source, as_of: date, segment: str) -> Survey:
    return survey.survey_results(_warehouse(source), as_of, segment)


@st.cache_data(max_entries=3, show_spinner=False)
def _row_counts(source: Source) -> pd.DataFrame:
    return health.row_counts(_warehouse(source))


@st.cache_data(max_entries=16, show_spinner=False)
def _themes(source: Source, as_of: date) -> Themes:
    return survey.survey_themes(_warehouse(source), as_of)
