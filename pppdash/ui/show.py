"""How results are put on a page: every chart with its table and its download, in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, TypeVar

import pandas as pd
import streamlit as st

from pppdash.explain.listing import EXPLANATIONS
from pppdash.sources.contracts import ENTITIES, Entity
from pppdash.ui import controls, downloads
from pppdash.ui.frame import PAGES, Page
from pppdash.views import gaps, maps, markup, sentences, shading, theme
from pppdash.views.parts import Card, Chart, Column, TableView, Tile

TABLE_ROW_PX = 35
MOST_PANELS = 9
T = TypeVar("T")
DECIMALS = {"number": 1, "score": 2, "ratio": 2, "p": 3}
SURVEYS = ("survey_responses", "survey_scores")


def headline(page: Page, sentence: str) -> None:
    """Show the page's finding, and below it what the link or the filters could not do."""
    st.html(markup.headline(sentence) + markup.said(controls.remarks(page.name)))


def note(*sentences: str) -> None:
    """Show quiet remarks, one a line."""
    if said := [sentence for sentence in sentences if sentence]:
        st.html(markup.said(said))


def heading(title: str, subtitle: str = "", level: int = 2) -> None:
    """Show a section's title."""
    st.html(markup.heading(title, subtitle, level))


def explain(page: Page, *names: str) -> None:
    """Show how figures are made, with the city's own settings, folded up beneath them."""
    found = [EXPLANATIONS[name] for name in names]
    st.html("".join(markup.explanation(e.title, e.paragraphs(page.build.settings)) for e in found))


def tiles(items: Sequence[Tile]) -> None:
    """Show a row of figures."""
    st.html(markup.tiles(items))


def cards(items: Sequence[Card]) -> None:
    """Show a grid of fact blocks."""
    st.html(markup.cards(items))


def legend(kinds: Sequence[tuple[str, str]]) -> None:
    """Show what colors stand for, each paired with its text; nothing where there are none."""
    if kinds:
        st.html(markup.swatches(kinds, ""))


def nothing(reason: str, what_to_do: str, lines: Sequence[str] = ()) -> None:
    """Say why there is nothing to show and what would change that."""
    st.html(markup.nothing(reason, what_to_do, lines))


def missing(page: Page, *entities: str) -> list[str]:
    """Return which of ``entities`` this city has brought no rows of."""
    return [name for name in entities if not page.build.has(name)]


def needs(page: Page, *entities: str) -> None:
    """Stop a page whose entities are absent, saying what to add to city.toml."""
    if absent := missing(page, *entities):
        st.html(markup.headline(sentences.absent(absent, page.build.city)))
        to_add(absent)
        for name, wanted in (("Survey feedback", SURVEYS), ("Data health", ())):
            if name != page.name and (not wanted or len(missing(page, *wanted)) < len(wanted)):
                link(page, name)
        st.stop()


def needs_either(page: Page, *entities: str) -> None:
    """Stop a page when all of ``entities`` are absent: one of them is enough."""
    if len(missing(page, *entities)) == len(entities):
        needs(page, *entities)


def to_add(absent: Sequence[str]) -> None:
    """Say which tables and columns the city's city.toml would need."""
    lines = [f"[sources.{name}]  {_columns(ENTITIES[name])}" for name in absent]
    nothing(
        "There is nothing to show yet.",
        "Add these to the city's city.toml, each with the path of its file, and build again. "
        "Behind each stand the columns it needs.",
        lines,
    )


def _columns(entity: Entity) -> str:
    either = [" or ".join(names) for names in entity.one_of]
    return ", ".join([*entity.required, *either])


def chart(page: Page, view: Chart) -> None:
    """Show a chart: its finding, itself, its footnote, and the same data to read and download."""
    st.html(markup.heading(view.title, view.subtitle))
    plot(view, view.table.name)
    foot(page, view.footnote)
    twin(page, view.table)


def panel(view: Chart, key: str) -> None:
    """Show a chart of a grid, whose data stand in one table for the whole grid."""
    kind = "pd-question pd-strong" if view.strong else "pd-question"
    st.html(markup.heading(view.title, view.subtitle, 3, kind))
    plot(view, key)


def panels(views: Sequence[Callable[[], Chart]], key: str, across: int = 3) -> None:
    """Show a grid of charts whose data stand together in one table; beyond nine, in a drawer.

    Each chart is made when it is shown.
    """
    _panel_rows(views[:MOST_PANELS], key, across)
    if rest := views[MOST_PANELS:]:
        with drawer(f"The other {len(rest)}", f"rest-{key}") as is_open:
            if is_open:
                _panel_rows(rest, f"{key}-rest", across)


def _panel_rows(views: Sequence[Callable[[], Chart]], key: str, across: int) -> None:
    for cell, view, name in _cells(views, key, across):
        with cell:
            panel(view(), name)


def side_by_side(views: Sequence[Chart], key: str, across: int) -> None:
    """Show charts, few enough to be made already, whose data stand together in one table."""
    for cell, view, name in _cells(views, key, across):
        with cell:
            panel(view, name)


def _cells(views: Sequence[T], key: str, across: int) -> Iterator[tuple[Any, T, str]]:
    """Yield a column for each of ``views``, row by row, and a key."""
    for first in range(0, len(views), across):
        columns = st.columns(across, gap="large")
        for i, (column, view) in enumerate(zip(columns, views[first:], strict=False), first):
            yield column, view, f"{key}-{i}"


def chart_or_note(page: Page, view: Chart | None, otherwise: str) -> None:
    """Show a chart, or say why there is none."""
    if view is None:
        note(otherwise)
    else:
        chart(page, view)


def table(page: Page, view: TableView, height: int = 420, subtitle: str = "") -> None:
    """Show a table with its title and its download."""
    st.html(markup.heading(view.label, subtitle))
    grid(view, "", height)
    download(page, view)


def table_if_any(page: Page, view: TableView, subtitle: str) -> None:
    """Show a table with its title and its download; of one without rows its title alone."""
    if view.frame.empty:
        st.html(markup.heading(view.label))
    else:
        table(page, view, 320, subtitle)


def selectable(
    view: TableView,
    key: str,
    chosen: Sequence[int],
    on_choice: Callable[[Sequence[int]], None],
    mode: Literal["multi-row", "single-row"] = "multi-row",
) -> None:
    """Show a table of which rows can be chosen; ``chosen`` are so from the start.

    Parameters
    ----------
    key
        Differs where other rows are chosen: only so does the grid take them over.
    on_choice
        Called with the rows that are chosen, whenever that changes.
    """
    name = f"rows-{key}"
    grid(
        view,
        key,
        320,
        on_select=lambda: on_choice(st.session_state[name]["selection"]["rows"]),
        selection_mode=mode,
        selection_default={"selection": {"rows": list(chosen)}},
    )


def gap_rows(ranked: pd.DataFrame, subtitle: str) -> None:
    """Show three of the largest gaps, each with its reason."""
    heads, rows, shares = gaps.gap_rows(ranked)
    st.html(markup.heading("Largest gaps, small ones steadied", subtitle))
    if rows:
        st.html(markup.table(heads, rows, "Largest gaps", frozenset({1, 2}), {3: shares}))
    elif ranked["shortfall"].notna().any():
        note("No goal is missed in this selection.")
    else:
        note("No goal is set, and nothing here lies below the city's coverage.")


def small_map(page: Page, values: pd.DataFrame) -> None:
    """Show the areas by coverage as a small picture with its classes."""
    outlines = page.data.outlines(page.filters.layer)
    if outlines["geojson"].isna().all():
        st.html(markup.heading("Coverage by area"))
        note(f"{page.build.city} has brought no areas with outlines yet.")
        return
    shade = shading.shade(values, "coverage_shrunken", page.colors, values, page.build.min_targets)
    finding = sentences.spread(values)
    st.html(markup.heading(finding, "Share of targets enrolled, small areas steadied"))
    st.html(markup.picture(maps.small_map(outlines, shade, page.colors), finding))
    st.html(markup.swatches(shade.legend, ""))


def link(page: Page, label: str) -> None:
    """Show a link to another page that carries the filters along."""
    path = next(path for path, name in PAGES if name == label)
    st.page_link(path, label=f"{label} →", query_params=controls.link(page.filters, page.build))


def download(
    page: Page, view: TableView, key: str = "", rows: Callable[[], TableView] | None = None
) -> None:
    """Show the download of a table as CSV; ``rows`` makes it where it holds more than is shown."""
    st.download_button(
        "Download CSV",
        data=lambda: downloads.as_csv(page, rows() if rows else view),
        file_name=downloads.file_name(page, view),
        mime="text/csv",
        key=f"csv-{key or view.name}",
        on_click="ignore",
        type="tertiary",
    )


def plot(view: Chart, key: str, **options: Any) -> Any:
    """Draw a chart's figure alone; ``options`` are of ``st.plotly_chart``."""
    return st.plotly_chart(
        view.figure,
        theme=None,
        alt=view.alt,
        key=f"fig-{key}",
        config={"displayModeBar": False, "scrollZoom": False},
        **options,
    )


def foot(page: Page, text: str) -> None:
    """Show a footnote, and the page's own behind it."""
    st.html(markup.foot(f"{text} · {page.footnote}" if text else page.footnote))


@contextmanager
def drawer(name: str, key: str) -> Iterator[bool]:
    """Draw a drawer that is closed at first; yield whether it is open, and so to be filled."""
    drawn = st.expander(name, key=f"open-{key}", on_change="rerun")
    with drawn:
        yield bool(drawn.open)


def twin(page: Page, view: TableView, key: str = "") -> None:
    """Show the same data as a table and a download, in a drawer that is filled when opened."""
    with drawer("Table and download", key or view.name) as is_open:
        if is_open:
            grid(view, key, 320)
            download(page, view, key)


def grid(view: TableView, key: str, height: int, **options: Any) -> Any:
    """Draw a table's rows alone; ``options`` are of ``st.dataframe``."""
    shown = view.shown()
    tall = min(height, TABLE_ROW_PX * (len(shown) + 1) + 3)
    return st.dataframe(
        _displayed(shown, view.columns),
        hide_index=True,
        height=tall,
        alt=view.label,
        column_config={column.name: _config(column) for column in view.columns},
        key=f"rows-{key or view.name}",
        **options,
    )


def _displayed(frame: pd.DataFrame, columns: Sequence[Column]) -> pd.DataFrame:
    """Return what the grid holds: months and flags as words, the rest as it is."""
    shown = frame.copy()
    for column in columns:
        if column.kind == "month":
            shown[column.name] = [theme.month_form(day) for day in frame[column.name]]
        elif column.kind == "flag":
            shown[column.name] = ["yes" if flag else "" for flag in frame[column.name]]
        elif column.kind == "count":
            shown[column.name] = frame[column.name].astype("float64").round()
        elif column.kind == "percent":
            shown[column.name] = 100 * frame[column.name].astype("float64")
        elif column.kind == "date":
            shown[column.name] = pd.to_datetime(frame[column.name])
    return shown


def _config(column: Column) -> Any:
    label, about = column.label, column.help or None
    kinds = st.column_config
    if column.kind == "amber_bar":
        return kinds.ProgressColumn(
            label,
            help=about,
            format="%.0f",
            min_value=0,
            max_value=column.upper or 1,
            color="orange",
            width=column.width,
        )
    if column.kind == "count":
        return kinds.NumberColumn(label, help=about, format="localized")
    if column.kind == "percent":
        return kinds.NumberColumn(label, help=about, format="%.1f%%")
    if column.kind in DECIMALS:
        form = f"%.{DECIMALS[column.kind]}f"
        return kinds.NumberColumn(label, help=about, format=form)
    if column.kind == "date":
        return kinds.DateColumn(label, help=about, format="D MMM YYYY")
    return kinds.TextColumn(
        label, help=about, width="large" if column.kind == "long" else column.width
    )
