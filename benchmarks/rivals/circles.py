"""folium with one circle a building, the least that it can draw."""

import folium
import streamlit as st
from points import CENTER, HEIGHT, WIDTH, ZOOM, Map, points
from streamlit_folium import st_folium

st.title("One circle each")
city = Map(location=CENTER, zoom_start=ZOOM, tiles=None)
for latitude, longitude in points().itertuples(index=False):
    folium.CircleMarker((latitude, longitude), radius=3).add_to(city)
st_folium(city, width=WIDTH, height=HEIGHT)
