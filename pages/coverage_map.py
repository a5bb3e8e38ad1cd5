"""Coverage map: who is in, who is not, and where."""

import streamlit as st

from pppdash.ui import beside_map, data, live_map, map_content, show
from pppdash.ui.frame import open_page
from pppdash.views import sentences

with open_page("Coverage map", live_map.FILES) as page:
    show.needs(page, "buildings")
    source, filters, build = page.data, page.filters, page.build
    values = source.areas(data.everywhere(filters))
    whole = source.total(data.AREA_METRICS, filters)
    show.headline(page, sentences.coverage_map(values, whole, filters, build.min_targets))

    with st.container(key="choices"):
        first, second, third, fourth = st.columns([4, 4, 5, 3], vertical_alignment="bottom")
    with first:
        measure = beside_map.choose_measure(page)
    with second:
        highlight = beside_map.choose_highlight(page)
    with third:
        beside_map.find(page)
    with fourth:
        beside_map.around(page)

    left, right = st.columns([13, 7], gap="large")
    shade = map_content.shade(page, values, measure)
    with left:
        map_content.draw(page, values, shade, measure, highlight)
        show.note(page.footnote)
        show.explain(page, "coverage.shrunken")
        if filters.layer:
            beside_map.area_table(page, values)
        beside_map.building_table(page)
    with right, st.container(key="beside"):
        beside_map.legend(page, shade, highlight)
        beside_map.card(page)
        beside_map.panel(page, values, whole)
