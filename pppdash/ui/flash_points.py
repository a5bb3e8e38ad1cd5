"""What the page of flash points lets a reader choose: which of them, and a date of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import streamlit as st

from pppdash.analysis.flash_points import Event, FlashPoints
from pppdash.findings.flash_points import settings_of
from pppdash.ui import controls, show
from pppdash.ui.frame import Page
from pppdash.views import event_cards, flash_points

ANY_AND_ONE = 2  # options of a choice that leaves nothing to choose
VIEWS = {"monthly": "Month by month", "cumulative": "In all"}
TRIED, TRIED_AS = "try", "try_as"


@dataclass(frozen=True)
class Choice:
    """What a reader chose to see: accounts by month or in all, and which flash points.

    ``cut`` says in a download's words which were left out.
    """

    view: str
    shown: FlashPoints
    cut: str


def choose(page: Page, found: FlashPoints) -> Choice:
    """Draw the choices of the page in a row and return what is chosen.

    A choice of flash points is drawn where there is one: between two kinds, or two scopes.
    """
    choices = (
        ("kind", "Kind of flash point", flash_points.kind_choices(found)),
        ("scope", "Scope", flash_points.scope_choices(found)),
    )
    drawn = [choice for choice in choices if len(choice[2]) > ANY_AND_ONE]
    picked = {}
    with st.container(key="choices"):
        for column, (name, label, options) in zip(
            st.columns(3), [("view", "Accounts", VIEWS), *drawn], strict=False
        ):
            with column:
                picked[name] = controls.choose(page.name, name, label, options)
    view = picked.pop("view")
    shown = flash_points.only(found, picked.get("kind", ""), picked.get("scope", ""))
    show.note(flash_points.left_out(found, shown))
    cut = "; ".join(f"only {name}={value}" for name, value in picked.items() if value)
    return Choice(view, shown, cut)


def try_date(page: Page, found: FlashPoints) -> Event | None:
    """Draw the choice of a date of one's own; say what it would have shown, and return it.

    Windows are whole months, so that a month is all that there is to choose.
    """
    as_of = page.filters.as_of
    show.heading("Try a date of your own", event_cards.TRY_NOTE)
    left, right = st.columns([1, 2], gap="large")
    with left:
        month = controls.choose(page.name, TRIED, "Month", event_cards.try_months(found))
        kinds = event_cards.try_kinds(settings_of(page.build))
        kind = controls.choose(page.name, TRIED_AS, "Measured as", kinds)
    if not month:
        with right:
            show.note("Choose a month to see its excess and its rank; the timeline marks it, too.")
        return None
    tried = page.data.tried(page.filters, date.fromisoformat(f"{month}-01"), kind)
    with right:
        show.cards([event_cards.tried_card(tried, found, as_of)])
    return tried
