"""Coverage map: who is in, who is not, and where."""

import streamlit as st

from pppdash.ui import controls, data, show
from pppdash.ui.frame import open_page
from pppdash.views import figures, maps, sentences, shading, tables

with open_page("Coverage map") as page:
    show.needs(page, "buildings")
    source, filters, build = page.data, page.filters, page.build
    whole = source.total(data.AREA_METRICS, filters)
    values = source.areas(filters)
    points = source.listing("buildings", **filters.params())
    show.headline(page, sentences.coverage_map(values, whole, build.min_targets))

    left, right = st.columns([13, 6], gap="large")
    with right:
        measure = controls.choose(page.name, "shade", "Shade areas by", shading.CHOICES)
        chosen = controls.choose(page.name, "show", "Look closer at", tables.area_choices(values))
        shade = shading.shade(values, measure, page.colors)
        show.map_legend(shade)
        show.area_panel(values, chosen)
    with left:
        lines = figures.area_lines(values, build.min_targets)
        key = f"map-{build.build_id}-{filters.layer}-{page.colors.mode}"
        outlines = source.outlines(filters.layer)
        view = maps.city_map(outlines, shade, lines, points, page.colors, key, chosen)
        show.map_(page, view, "show")
        show.note(page.footnote, sentences.building_filters(filters))

    show.table(page, tables.areas(values, page.layer_label, build.min_targets))
    listed = points[points["area_id"] == chosen] if chosen else points
    show.table(page, tables.buildings(listed, page.layer_label, page.sizes, chosen))
