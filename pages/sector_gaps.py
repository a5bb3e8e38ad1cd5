"""Sector gaps: which sectors lag, and where."""

import streamlit as st

from pppdash.ui import data, show
from pppdash.ui.frame import open_page
from pppdash.views import coverage, sentences, tables

with open_page("Sector gaps") as page:
    show.needs(page, "buildings")
    source, filters, build = page.data, page.filters, page.build
    whole = source.total(data.GAP_METRICS, filters)
    by_sector = source.measure(data.GAP_METRICS, ("sector",), filters)
    by_size = source.measure(data.GAP_METRICS, ("size_band",), filters)
    cells = source.gaps(("sector", filters.layer), filters)
    show.headline(page, sentences.sector_gaps(cells, by_sector, whole))

    picked = None
    if filters.layer and len(cells):
        view = coverage.matrix(cells, page.colors, page.layer_label)
        picked = show.pick_cell(page, view, "matrix")
    left, right = st.columns([13, 8], gap="large")
    with left:
        sectors = coverage.Breakdown("sector", "Sector")
        show.chart(page, coverage.dots(by_sector, sectors, whole["coverage"], page.colors))
    with right:
        sizes = coverage.Breakdown("size_band", "Size", page.sizes)
        show.chart(page, coverage.dots(by_size, sizes, whole["coverage"], page.colors, False))

    ranked = tables.gaps(cells, page.layer_label if filters.layer else None)
    row = show.pick_row(page, ranked, "ranked")
    cell = tables.cell_of(cells, row) if row is not None else picked
    listed = tables.in_cell(source.listing("targets", **filters.params()), cell)
    show.table(page, tables.targets(listed, page.layer_label, page.sizes, cell))
