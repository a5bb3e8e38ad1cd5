"""folium the usual way: one marker a building, with its name."""

from html import escape

import folium
import streamlit as st
from points import CENTER, HEIGHT, WIDTH, ZOOM, Map, named_points
from streamlit_folium import st_folium

st.title("One marker each")
city = Map(location=CENTER, zoom_start=ZOOM, tiles=None)
for latitude, longitude, name in named_points().itertuples(index=False):
    folium.Marker((latitude, longitude), tooltip=escape(name)).add_to(city)
st_folium(city, width=WIDTH, height=HEIGHT)
