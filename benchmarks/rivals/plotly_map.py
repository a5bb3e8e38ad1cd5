"""A plotly map; the style without tiles asks no other host."""

import plotly.express as px
import streamlit as st
from points import CENTER, HEIGHT, ZOOM, points

st.title("plotly")
middle = {"lat": CENTER[0], "lon": CENTER[1]}
figure = px.scatter_map(
    points(),
    lat="latitude",
    lon="longitude",
    center=middle,
    zoom=ZOOM - 1,  # its tiles are twice as wide as Leaflet's
    height=HEIGHT,
    map_style="white-bg",
)
st.plotly_chart(figure)
