"""Sector gaps: which sectors lag, and where."""

import streamlit as st

from pppdash.ui import controls, sector_gaps, show
from pppdash.ui.frame import open_page
from pppdash.views import gap_matrix, gap_sentences, gaps, openings, tables

with open_page("Sector gaps") as page:
    show.needs(page, "buildings")
    source, filters, build = page.data, page.filters, page.build
    by_sector = source.gaps(("sector",), filters)
    by_size = source.gaps(("size_band",), filters)
    by_area = source.gaps(("sector", filters.layer), filters)
    show.headline(page, gap_sentences.answer(by_sector, by_area))
    show.note(gap_sentences.followed(filters))

    left, right = st.columns([13, 9], gap="large")
    with left:
        sector_gaps.comparison(page, by_sector, gaps.SECTORS)
    with right:
        smaller = gap_sentences.smaller_firms(by_size, page.sizes)
        sector_gaps.comparison(page, by_size, gaps.sizes(page.sizes), smaller)
        show.explain(page, "sector_gaps.representation")

    choice = controls.choose(page.name, "by", "Sectors by", gaps.choices(page.area_heading))
    over = gaps.split(choice, page.layer_label, page.sizes)
    split = by_area if choice == gaps.AREA else source.gaps(("sector", over.column), filters)
    cells = split.cells
    keyed = gaps.keyed(cells)
    if len(cells):
        sector_gaps.pick_cell(page, gap_matrix.matrix(cells, over, build, page.colors), "matrix")
        show.explain(page, "sector_gaps.shortfall")
        sector_gaps.pick_gap(page, gaps.ranked(cells, over, build), list(keyed))
        show.explain(page, "sector_gaps.ranking")

    cell = sector_gaps.chosen_cell(page, keyed)
    shown = tables.in_cell(cells, cell)
    where = tables.cell_text(cell, shown, page.sizes)
    listed = tables.in_cell(source.listing("targets", **filters.params()), cell)
    show.table(page, tables.targets(listed, page.area_heading, page.sizes, cell))

    members = tables.in_cell(source.members_not_enrolled(filters), cell)
    show.table_if_any(
        page, openings.bridge(shown, members, build, cell, where), openings.BRIDGE_NOTE
    )
    show.explain(page, "sector_gaps.memberships")

    quiet = tables.in_cell(source.dormant_accounts(filters), cell)
    view = openings.quiet(quiet, page.area_heading, page.sizes, build, cell, where)
    show.table_if_any(page, view, openings.QUIET_NOTE)
    show.explain(page, "sector_gaps.quiet")
