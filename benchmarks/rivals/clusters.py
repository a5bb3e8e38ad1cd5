"""folium's fast clusters, made in the browser."""

import streamlit as st
from folium.plugins import FastMarkerCluster
from points import CENTER, DEEPEST, HEIGHT, SERVED, WIDTH, ZOOM, Map, points
from streamlit_folium import st_folium

# The default callback takes its icons from another host.
MARKER = "function (row) { return L.circleMarker([row[0], row[1]], {radius: 3}); }"


class Clusters(FastMarkerCluster):
    """folium's clusters without their links to outside hosts."""

    default_js = [("clusters", f"{SERVED}/leaflet.markercluster.js")]  # noqa: RUF012 - folium's own
    default_css = [  # noqa: RUF012
        ("markerclustercss", f"{SERVED}/MarkerCluster.css"),
        ("markerclusterdefaultcss", f"{SERVED}/MarkerCluster.Default.css"),
    ]


st.title("Clusters")
# folium hands max_zoom to the tiles alone, of which there are none.
city = Map(location=CENTER, zoom_start=ZOOM, maxZoom=DEEPEST, tiles=None)
clusters = Clusters(points().to_numpy().tolist(), callback=MARKER)  # type: ignore[no-untyped-call]
clusters.add_to(city)
st_folium(city, width=WIDTH, height=HEIGHT)
