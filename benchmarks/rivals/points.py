"""Where the buildings are, and a folium map that takes Leaflet from its own server."""

from __future__ import annotations

import os

import folium
import pandas as pd
import streamlit as st

SERVED = "../../app/static"  # from a component's frame
COLUMNS = ["latitude", "longitude"]
CENTER, ZOOM, DEEPEST, WIDTH, HEIGHT = (41.84, -87.68), 10, 18, 900, 620


class Map(folium.Map):
    """folium's map without its links to outside hosts."""

    default_js = [("leaflet", f"{SERVED}/leaflet.js")]  # noqa: RUF012 - folium's own interface
    default_css = [("leaflet_css", f"{SERVED}/leaflet.css")]  # noqa: RUF012


@st.cache_data(show_spinner=False)
def points() -> pd.DataFrame:
    """Return latitude and longitude of every building of the file that is measured."""
    return _read(COLUMNS)


@st.cache_data(show_spinner=False)
def named_points() -> pd.DataFrame:
    """Return latitude, longitude and name of every building of the file that is measured."""
    return _read([*COLUMNS, "name"])


def _read(columns: list[str]) -> pd.DataFrame:
    return pd.read_csv(os.environ["BENCHMARK_BUILDINGS"], usecols=columns)[columns]
