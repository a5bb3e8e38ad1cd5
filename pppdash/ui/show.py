"""How results are put on a page: every chart with its table and its download, in one place."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, Literal

import pandas as pd
import streamlit as st

from pppdash.analysis import survey
from pppdash.analysis.flash_points import Timeline
from pppdash.explain.listing import EXPLANATIONS
from pppdash.safe_text import safe_cell
from pppdash.sources.contracts import ENTITIES, Entity
from pppdash.ui import controls
from pppdash.ui.frame import PAGES, Page
from pppdash.views import figures, maps, markup, sentences, shading, tables, theme, timeline
from pppdash.views.parts import Card, Chart, Column, TableView, Tile
from pppdash.views.tables import Cell

TABLE_ROW_PX = 35
MOST_PANELS = 9
ANY_AND_ONE = 2  # options of a choice that leaves nothing to choose
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
    _plot(view, view.table.name)
    _foot(page, view.footnote)
    twin(page, view.table)


def panel(view: Chart, key: str) -> None:
    """Show a chart of a grid, whose data stand in one table for the whole grid."""
    st.html(markup.heading(view.title, view.subtitle, 3, "pd-question"))
    _plot(view, key)


def panels(views: Sequence[Chart], across: int = 3) -> None:
    """Show a grid of charts whose data stand together in one table; beyond nine, in a drawer."""
    _panel_rows(views[:MOST_PANELS], across, 0)
    if rest := views[MOST_PANELS:]:
        with drawer(f"The other {len(rest)}", f"rest-{rest[0].table.name}") as is_open:
            if is_open:
                _panel_rows(rest, across, MOST_PANELS)


def _panel_rows(views: Sequence[Chart], across: int, start: int) -> None:
    for first in range(0, len(views), across):
        columns = st.columns(across, gap="large")
        for i, (column, view) in enumerate(zip(columns, views[first:], strict=False)):
            with column:
                panel(view, f"{view.table.name}-{start + first + i}")


def chart_or_note(page: Page, view: Chart | None, otherwise: str) -> None:
    """Show a chart, or say why there is none."""
    if view is None:
        note(otherwise)
    else:
        chart(page, view)


def pick_cell(page: Page, view: Chart, key: str) -> Cell | None:
    """Show the matrix of sectors and areas; return the cell that was chosen."""
    st.html(markup.heading(view.title, view.subtitle))
    st.html(markup.swatches(view.legend, ""))
    with st.container(key="wide"):
        event = _plot(view, key, on_select="rerun", selection_mode="points")
        _foot(page, view.footnote)
        twin(page, view.table, key)
    chosen = [p["customdata"] for p in event["selection"]["points"] if "customdata" in p]
    return Cell(str(chosen[0][0]), str(chosen[0][1])) if chosen else None


def table(page: Page, view: TableView, height: int = 420) -> None:
    """Show a table with its title and its download."""
    st.html(markup.heading(view.label))
    _grid(view, "", height)
    download(page, view)


def pick_row(page: Page, view: TableView, key: str, height: int = 320) -> int | None:
    """Show a table of which one row can be chosen; return the row's position."""
    st.html(markup.heading(view.label, "Choose a row to list its targets."))
    row = pick(view, key, height)
    download(page, view, key)
    return row


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
    _grid(
        view,
        key,
        320,
        on_select=lambda: on_choice(st.session_state[name]["selection"]["rows"]),
        selection_mode=mode,
        selection_default={"selection": {"rows": list(chosen)}},
    )


def pick(view: TableView, key: str, height: int = 320) -> int | None:
    """Show a table of which one row can be chosen; return the row's position."""
    event = _grid(view, key, height, on_select="rerun", selection_mode="single-row")
    rows = event["selection"]["rows"]
    return int(rows[0]) if rows else None


def gap_rows(ranked: pd.DataFrame, subtitle: str) -> None:
    """Show three of the largest gaps, each with its reason."""
    heads, rows, shares = tables.gap_rows(ranked)
    st.html(markup.heading("Largest gaps, small ones steadied", subtitle))
    if rows:
        st.html(markup.table(heads, rows, "Largest gaps", frozenset({1, 2}), {3: shares}))
    elif ranked["shortfall"].notna().any():
        note("No goal is missed in this selection.")
    else:
        note("No goal is set, and nothing here lies below the city's coverage.")


def survey_rows(page: Page) -> None:
    """Show the survey's clearest changes; else what is true of the survey at this date."""
    as_of = page.filters.as_of
    moved = survey.moves(page.data.survey(as_of))
    heads, rows = tables.move_rows(moved)
    st.html(markup.heading("What partners say", sentences.compared(moved) if rows else ""))
    waves = page.data.listing("survey_waves", as_of=as_of)
    if rows:
        st.html(markup.table(heads, rows, "What partners say", frozenset({1, 2, 3})))
        note(sentences.response_rate(waves))
    else:
        scores = page.data.listing("survey_scores", as_of=as_of)
        note(sentences.survey(moved, waves, scores, first_wave(page)))


def first_wave(page: Page) -> date | None:
    """Return the first wave of the survey at any date; None where none has been brought."""
    found = [
        page.data.listing(name, as_of=date.max)["wave"].min()
        for name in ("survey_waves", "survey_scores")
    ]
    known = [wave.date() for wave in found if pd.notna(wave)]
    return min(known, default=None)


def choose_events(page: Page, events: Timeline) -> tuple[Timeline, str]:
    """Draw the choice of flash points; return those chosen, and by what in words.

    A choice is drawn where there is one: between two kinds, or two scopes.
    """
    choices = (
        ("kind", "Kind of flash point", figures.kind_choices(events)),
        ("scope", "Scope", figures.scope_choices(events)),
    )
    drawn = [choice for choice in choices if len(choice[2]) > ANY_AND_ONE]
    picked = {}
    for column, (name, label, options) in zip(st.columns(2), drawn, strict=False):
        with column:
            picked[name] = controls.choose(page.name, name, label, options)
    shown = timeline.only(events, picked.get("kind", ""), picked.get("scope", ""))
    note(sentences.events_left_out(events, shown))
    return shown, "; ".join(f"only {name}={value}" for name, value in picked.items() if value)


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
        data=lambda: as_csv(page, rows() if rows else view),
        file_name=file_name(page, view),
        mime="text/csv",
        key=f"csv-{key or view.name}",
        on_click="ignore",
        type="tertiary",
    )


def as_csv(page: Page, view: TableView) -> bytes:
    """Return a table as CSV that says where its numbers come from and runs nothing.

    Texts that a spreadsheet would take for a formula get a leading apostrophe; numbers stay
    numbers. The last columns name the date, the build, the filters, and synthetic entities; a
    table that follows no date or no filters says so.
    """
    frame = view.download().copy()
    for name in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[name]):
            frame[name] = frame[name].map(safe_cell)
    frame["as_of"] = _date_text(page, view)
    frame["build_id"] = page.build.build_id
    frame["filters"] = safe_cell(filter_text(page, view))
    frame["synthetic"] = " ".join(page.build.synthetic) or "no"
    text: str = frame.to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC)
    return text.encode("utf-8-sig")


def file_name(page: Page, view: TableView) -> str:
    """Return a download's name: city, table, date, build, and what makes it special."""
    parts = [page.build.city, view.name, _date_text(page, view), page.build.build_id[:6]]
    is_cut = view.cut or (view.applied == "filters" and not page.filters.is_whole_city)
    parts += ["filtered"] if is_cut else []
    parts += ["synthetic"] if page.build.synthetic else []
    said = (re.sub(r"[^\w-]+", "-", part).strip("-") for part in parts if part)
    return "_".join(said) + ".csv"


def filter_text(page: Page, view: TableView) -> str:
    """Return what the rows of a table follow in one line, ``all`` when nothing cuts them."""
    if view.applied != "filters":
        return "do not apply"
    query = controls.link(page.filters, page.build)
    parts = [
        f"{name}={', '.join(value) if isinstance(value, list) else value}"
        for name, value in query.items()
        if name != controls.AS_OF
    ]
    return "; ".join([*parts, view.cut] if view.cut else parts) or "all"


def _date_text(page: Page, view: TableView) -> str:
    return "" if view.applied == "nothing" else page.filters.as_of.isoformat()


def _plot(view: Chart, key: str, **options: Any) -> Any:
    return st.plotly_chart(
        view.figure,
        theme=None,
        alt=view.alt,
        key=f"fig-{key}",
        config={"displayModeBar": False, "scrollZoom": False},
        **options,
    )


def _foot(page: Page, text: str) -> None:
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
            _grid(view, key, 320)
            download(page, view, key)


def _grid(view: TableView, key: str, height: int, **options: Any) -> Any:
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
        )
    if column.kind == "count":
        return kinds.NumberColumn(label, help=about, format="localized")
    if column.kind == "percent":
        return kinds.NumberColumn(label, help=about, format="%.1f%%")
    if column.kind == "number":
        return kinds.NumberColumn(label, help=about, format="%.1f")
    if column.kind == "date":
        return kinds.DateColumn(label, help=about, format="D MMM YYYY")
    return kinds.TextColumn(label, help=about, width="large" if column.kind == "long" else None)
