"""The page of sector gaps: parts against the rest, and the cell a reader chooses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from pppdash.analysis.gaps import Gaps
from pppdash.ui import controls, show
from pppdash.ui.frame import Page
from pppdash.views import gap_sentences, markup
from pppdash.views.comparison import Breakdown
from pppdash.views.forest import forest
from pppdash.views.parts import Chart, TableView
from pppdash.views.tables import Cell

CELL = "cell"  # the key in the URL of a chosen gap
TURN = "gaps_turn"  # counts how often it was chosen elsewhere than in their list


def comparison(page: Page, found: Gaps, over: Breakdown, beneath: str = "") -> None:
    """Show a chart of parts against their rest, or say why there is none."""
    view = forest(found, over, page.colors, beneath)
    if view is None:
        st.html(markup.heading(f"{over.heading}: coverage against the rest"))
        show.note(gap_sentences.no_rest(found, over))
        return
    st.html(markup.heading(view.title, view.subtitle))
    with st.container(key=f"forest-{view.table.name}"):
        show.plot(view, view.table.name)
    show.foot(page, view.footnote)
    show.twin(page, view.table)


def pick_cell(page: Page, view: Chart, key: str) -> None:
    """Show the matrix of gaps; a click on a cell chooses it."""
    st.html(markup.heading(view.title, view.subtitle))
    st.html(markup.swatches(view.legend, ""))

    def choose() -> None:
        points = st.session_state[f"fig-{key}"]["selection"]["points"]
        chosen = [str(point["customdata"][0]) for point in points if "customdata" in point]
        _choose_cell(page.name, chosen[0] if chosen else "")

    with st.container(key="wide"):
        show.plot(view, key, on_select=choose, selection_mode="points")
        show.foot(page, view.footnote)
        show.twin(page, view.table, key)


def pick_gap(page: Page, view: TableView, cells: Sequence[str]) -> None:
    """Show the ranked gaps; a row chooses its cell. ``cells`` names the cell of each row."""
    st.html(markup.heading(view.label, "Choose a row to list its targets."))
    key = f"ranked-{st.session_state.get(TURN, 0)}"

    def choose() -> None:
        rows = st.session_state[f"rows-{key}"]["selection"]["rows"]
        controls.hold(page.name, CELL, cells[rows[0]] if rows else "")

    show.grid(view, key, 320, on_select=choose, selection_mode="single-row")
    show.download(page, view)


def chosen_cell(page: Page, cells: Mapping[str, Cell]) -> Cell | None:
    """Return the cell that was chosen, here or in the link; offer to leave it."""
    chosen = controls.held(page.name, CELL)
    if not chosen:
        return None
    if chosen not in cells:
        show.note("The cell chosen before is not among those shown here; all targets are listed.")
    st.button("Show all targets", type="tertiary", on_click=_choose_cell, args=(page.name, ""))
    return cells.get(chosen)


def _choose_cell(page: str, key: str) -> None:
    """Choose a cell from elsewhere than the ranked gaps, which begin anew without a row chosen."""
    controls.hold(page, CELL, key)
    st.session_state[TURN] = st.session_state.get(TURN, 0) + 1
