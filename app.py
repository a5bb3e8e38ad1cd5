"""Overview: where we stand."""

import streamlit as st

from pppdash.ui import data, show, survey
from pppdash.ui.frame import open_page
from pppdash.views import figures, sentences, timeline

with open_page("Overview") as page:
    show.needs(page, "buildings")
    source, filters, build = page.data, page.filters, page.build
    then, months = data.earlier(filters, build)
    now = source.total(data.TOTAL_METRICS, filters)
    before = source.total(data.TOTAL_METRICS, then)
    listed = source.total(("targets",), data.everything(filters))["targets"]
    found = source.flash_points(filters)
    ranked = source.largest_gaps(("sector", filters.layer), filters)
    goal = source.goal(filters)
    standing = sentences.Standing(now, before, months, goal, filters.as_of)

    show.headline(page, sentences.overview(standing, ranked))
    show.tiles(figures.overview_tiles(standing, then.as_of, found, build, int(listed)))
    show.explain(page, "coverage.share", "flash_points.interim")

    left, right = st.columns([13, 6], gap="large")
    with left:
        show.chart(page, timeline.monthly(found, filters.as_of, page.colors, 290))
        show.link(page, "Flash points")
    with right:
        show.small_map(page, source.areas(filters))
        show.link(page, "Coverage map")

    left, right = st.columns([13, 8], gap="large")
    with left:
        show.gap_rows(ranked, sentences.goal(goal, ranked))
        show.explain(page, "sector_gaps.ranking")
        show.link(page, "Sector gaps")
        show.note(figures.attention(source.listing("entities"), source.listing("problems")))
        show.link(page, "Data health")
    with right:
        survey.overview_rows(page)
        show.explain(page, "survey.trend")
        show.link(page, "Survey feedback")
