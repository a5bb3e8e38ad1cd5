"""Flash points: whether enrollment lasts between them."""

import streamlit as st

from pppdash.ui import show
from pppdash.ui.flash_points import choose, try_date
from pppdash.ui.frame import open_page
from pppdash.views import event_cards, flash_points, lasting, timeline

STOCKS = ("accounts_opened", "accounts_active")

with open_page("Flash points") as page:
    show.needs(page, "buildings", "accounts")
    source, filters = page.data, page.filters
    found = source.flash_points(filters)
    head, middle, below = st.container(), st.container(), st.container()

    # First what is chosen, wherever it stands: the headline says what the link asked in vain.
    with below:
        tried = try_date(page, found)
        show.explain(page, "flash_points.tried")
    with middle:
        chosen = choose(page, found)
        shown = chosen.shown
    with head:
        show.headline(page, flash_points.headline(found))
        show.note(*flash_points.remarks(found, filters.is_whole_city))

    with middle:
        if chosen.view == "cumulative":
            stocks = source.measure(STOCKS, ("month",), filters)
            show.chart(page, timeline.cumulative(stocks, shown, filters.as_of, page.colors))
        else:
            show.chart(page, timeline.monthly(shown, filters.as_of, page.colors, tried=tried))
        show.explain(page, "flash_points.interim", "flash_points.expected")

        if show.missing(page, "flash_points"):
            show.to_add(["flash_points"])
        else:
            show.heading("What coincided with each flash point", flash_points.EVENTS_NOTE)
            show.cards(event_cards.cards(found, shown, filters.as_of))
            show.note(event_cards.not_on_cards(shown))
            show.twin(page, flash_points.table(shown, chosen.cut))
            show.explain(page, "flash_points.verdict", "flash_points.shape")

            show.heading(lasting.finding(shown), lasting.NOTE)
            panels = lasting.panels(shown, page.colors)
            show.legend(lasting.legend(panels, page.colors))
            show.side_by_side(panels, "lasted", lasting.in_a_row(panels))
            show.note(lasting.not_drawn(shown))
            show.twin(page, lasting.table(shown))
            show.explain(page, "flash_points.lasted")
