"""Flash points: whether enrollment lasts between them."""

import streamlit as st

from pppdash.ui import controls, show
from pppdash.ui.frame import open_page
from pppdash.views import figures, sentences, timeline

VIEWS = {"monthly": "Month by month", "cumulative": "In all"}
STOCKS = ("accounts_opened", "accounts_active")

with open_page("Flash points") as page:
    show.needs(page, "buildings", "accounts")
    source, filters = page.data, page.filters
    events = source.timeline(filters)
    show.headline(page, sentences.flash_points(events))

    left, right = st.columns([1, 2], gap="large")
    with left:
        view = controls.choose(page.name, "view", "Accounts", VIEWS)
    with right:
        shown, cut = show.choose_events(page, events)
    if view == "cumulative":
        stocks = source.measure(STOCKS, ("month",), filters)
        show.chart(page, timeline.cumulative(stocks, shown, filters.as_of, page.colors))
    else:
        show.chart(page, timeline.monthly(shown, filters.as_of, page.colors, 400))

    if show.missing(page, "flash_points"):
        show.to_add(["flash_points"])
    else:
        show.heading("What coincided with each flash point", sentences.EVENTS_NOTE)
        show.cards(figures.event_cards(shown))
        show.twin(page, timeline.event_table(shown, cut))
