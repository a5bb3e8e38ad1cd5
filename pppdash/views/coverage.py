"""Coverage compared: dots with their intervals, and the matrix of sectors and areas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from pppdash.sources.contracts import UNCLASSIFIED
from pppdash.views import shading, tables, theme
from pppdash.views.parts import Chart, Column, TableView
from pppdash.views.text import plot_text, wrapped
from pppdash.views.theme import Palette

ROW_PX = 27


@dataclass(frozen=True)
class Breakdown:
    """What a comparison is over: the frame's column, its heading, and how a value is written."""

    column: str
    heading: str
    words: Mapping[str, str] = field(default_factory=dict)

    def text(self, value: object) -> str:
        """Return how ``value`` is written."""
        return self.words.get(str(value), str(value))


def dots(
    frame: pd.DataFrame,
    over: Breakdown,
    whole: float,
    colors: Palette,
    by_coverage: bool = True,
) -> Chart:
    """Draw the coverage of each part as a dot on its 95% interval, the whole as a rule.

    Parameters
    ----------
    frame
        ``over.column``, ``targets``, ``targets_enrolled``, ``coverage``, ``coverage_low``,
        ``coverage_high``.
    whole
        Coverage of everything selected, 0..1 or NaN.
    by_coverage
        Highest coverage on top; False keeps the order of ``over.words``.
    """
    rows = _in_order(frame[frame["targets"] > 0], over, by_coverage)
    named = f"; rule: {theme.percent(whole)} of all selected" if theme.is_known(whole) else ""
    return Chart(
        figure=_dots_figure(rows, over, whole, colors),
        title=_dots_title(rows, over, whole),
        subtitle=f"Share of targets enrolled, with 95% interval{named}",
        footnote="",
        alt=_dots_alt(rows, over),
        table=coverage_table(frame, over),
    )


def _in_order(rows: pd.DataFrame, over: Breakdown, by_coverage: bool) -> pd.DataFrame:
    """Return the rows from the bottom of the figure to its top."""
    if by_coverage:
        return rows.sort_values("coverage")
    places = {name: place for place, name in enumerate(over.words)}
    return rows.sort_values(over.column, key=lambda names: -names.map(places).fillna(99))


def _dots_figure(rows: pd.DataFrame, over: Breakdown, whole: float, colors: Palette) -> go.Figure:
    names = [wrapped(over.text(value), 30) for value in rows[over.column]]
    return go.Figure(
        data=_dot_traces(rows, over, colors),
        layout=theme.figure_layout(
            colors,
            46 + ROW_PX * max(1, len(rows)),
            margin={"l": 8, "r": 92, "t": 6, "b": 28},
            xaxis=theme.axis(
                colors, showgrid=True, tickformat=".0%", range=_share_range(rows), nticks=5
            ),
            yaxis=theme.row_axis(colors, names),
            shapes=_whole_rule(whole, colors),
            annotations=_dot_labels(rows, colors),
        ),
    )


def coverage_table(frame: pd.DataFrame, over: Breakdown) -> TableView:
    """Return coverage with its interval by part, as a table."""
    shown = frame.assign(**{over.column: [over.text(value) for value in frame[over.column]]})
    names = ("targets", "targets_enrolled", "coverage", "coverage_low", "coverage_high")
    return TableView(
        shown,
        (Column(over.column, over.heading), *(tables.metric_column(name) for name in names)),
        f"coverage-by-{over.column.replace('_', '-')}",
        f"Coverage by {over.heading.lower()}",
    )


def matrix(cells: pd.DataFrame, colors: Palette, area_heading: str) -> Chart:
    """Draw the shortfall of every sector in every area, the largest first on both axes.

    Parameters
    ----------
    cells
        ``sector, area_id, area_name, targets, targets_enrolled, coverage, shortfall`` and
        ``reason``; one row a cell. A click on a cell selects its (sector, area_id).
    """
    cells = cells.assign(gap=tables.gap_sizes(cells))
    sectors = _ordered(cells, "sector")
    areas = _ordered(cells, "area_id")
    names = cells.drop_duplicates("area_id").set_index("area_id")["area_name"]
    grid = cells.pivot_table(
        index="sector", columns="area_id", values="gap", aggfunc="sum", sort=False
    ).reindex(index=sectors[::-1], columns=areas)
    present = cells[cells["targets"] > 0]
    return Chart(
        figure=go.Figure(
            data=[_heat(grid, gap_classes(cells, colors)), _cells(present, areas, sectors[::-1])],
            layout=_matrix_layout(areas, sectors[::-1], names, colors),
        ),
        title=_matrix_title(cells),
        subtitle=f"{tables.gap_heading(cells)}, by sector and {area_heading.lower()}, in targets, "
        "largest first; "
        "blank: no targets. Choose a cell to list its targets.",
        footnote="",
        alt=f"A matrix of {len(sectors)} sectors by {len(areas)} areas. {_matrix_title(cells)}.",
        table=tables.gaps(cells, area_heading),
        legend=tuple((c.color, c.text) for c in gap_classes(cells, colors)),
    )


def _dot_traces(rows: pd.DataFrame, over: Breakdown, colors: Palette) -> list[dict[str, Any]]:
    texts = [
        f"{plot_text(over.text(getattr(row, over.column)))}: "
        f"{theme.percent(row.coverage, row.coverage_low, row.coverage_high)} "
        f"({theme.interval(row.coverage_low, row.coverage_high)})<br>"
        f"{theme.count(row.targets_enrolled)} of {theme.count(row.targets)} targets"
        for row in rows.itertuples()
    ]
    return interval_dots(rows.reset_index(drop=True), "coverage", texts, colors)


def interval_dots(
    rows: pd.DataFrame, measure: str, texts: list[str], colors: Palette
) -> list[dict[str, Any]]:
    """Return each row's share as a dot on its interval, at the height of its index.

    Parameters
    ----------
    rows
        Columns ``measure``, and its ends under the same name with ``_low`` and ``_high``.
    texts
        What each dot says when it is pointed at; safe texts.
    """
    spans_x: list[float | None] = []
    spans_y: list[float | None] = []
    ends = zip(rows.index, rows[f"{measure}_low"], rows[f"{measure}_high"], strict=True)
    for at, low, high in ends:
        spans_x += [low, high, None]
        spans_y += [at, at, None]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": spans_x,
            "y": spans_y,
            "hoverinfo": "skip",
            "line": {"color": colors.accent_soft, "width": 5},
        },
        {
            "type": "scatter",
            "mode": "markers",
            "x": rows[measure].tolist(),
            "y": rows.index.tolist(),
            "marker": {"color": colors.accent, "size": 10},
            "hovertext": texts,
            "hovertemplate": "%{hovertext}<extra></extra>",
        },
    ]


def _dot_labels(rows: pd.DataFrame, colors: Palette) -> list[dict[str, Any]]:
    return [
        {
            "text": f"{theme.percent(row.coverage, row.coverage_low, row.coverage_high)} "
            f"of {theme.count(row.targets)}",
            "xref": "paper",
            "x": 1,
            "xshift": 6,
            "y": i,
            "xanchor": "left",
            "showarrow": False,
            "font": {"size": 12, "color": colors.quiet},
        }
        for i, row in enumerate(rows.itertuples())
    ]


def _share_range(rows: pd.DataFrame) -> list[float]:
    """Return an axis from just below zero, so that a dot on zero is whole."""
    top = float(rows["coverage_high"].max()) if len(rows) else 1.0
    return [-0.02 * top, 1.04 * top]


def _whole_rule(whole: float, colors: Palette) -> list[dict[str, Any]]:
    if not theme.is_known(whole):
        return []
    return [
        {
            "type": "line",
            "x0": whole,
            "x1": whole,
            "yref": "paper",
            "y0": 0,
            "y1": 1,
            "line": {"color": colors.quiet, "width": 1},
            "layer": "below",
        }
    ]


def _dots_title(rows: pd.DataFrame, over: Breakdown, whole: float) -> str:
    if rows.empty or not theme.is_known(whole):
        return f"Coverage by {over.heading.lower()}"
    rows = rows[rows[over.column] != UNCLASSIFIED]  # no sector to go to
    below = rows[rows["coverage_high"] < whole]
    if below.empty:
        return f"No {over.heading.lower()} is clearly below the rest"
    named = [over.text(value) for value in below.sort_values("coverage")[over.column]]
    if len(named) > 2:
        return f"{len(named)} of {len(rows)} lie clearly below: {named[0]} furthest"
    return f"Clearly below the rest: {' and '.join(named)}"


def _dots_alt(rows: pd.DataFrame, over: Breakdown) -> str:
    parts = [
        f"{over.text(getattr(row, over.column))} {theme.percent(row.coverage)}"
        for row in rows.iloc[::-1].itertuples()
    ]
    return f"Coverage by {over.heading.lower()}, highest first: {', '.join(parts)}."


def _ordered(cells: pd.DataFrame, column: str) -> list[str]:
    totals = cells.groupby(column, sort=False)["gap"].sum().sort_values(ascending=False)
    return [str(value) for value in totals.index]


def gap_classes(cells: pd.DataFrame, colors: Palette) -> tuple[shading.Class, ...]:
    """Return classes of gaps, as high as the largest needs."""
    top = float(tables.gap_sizes(cells).max()) if len(cells) else 0.0
    return shading.count_classes(top, colors.shortfall)


def _heat(grid: pd.DataFrame, classes: tuple[shading.Class, ...]) -> dict[str, Any]:
    values = grid.to_numpy(dtype=float)
    ranks = shading.ranks(values, classes)
    share = [i / len(classes) for i in range(len(classes) + 1)]
    scale = [[at, c.color] for i, c in enumerate(classes) for at in share[i : i + 2]]
    return {
        "type": "heatmap",
        "z": [
            [None if np.isnan(v) else int(r) for v, r in zip(*row, strict=True)]
            for row in zip(values, ranks, strict=True)
        ],
        "x": list(range(grid.shape[1])),
        "y": list(range(grid.shape[0])),
        "xgap": 1,
        "ygap": 1,
        "hoverinfo": "skip",
        "showscale": False,
        "zmin": -0.5,
        "zmax": len(classes) - 0.5,
        "colorscale": scale,
    }


def _cells(present: pd.DataFrame, areas: list[str], sectors: list[str]) -> dict[str, Any]:
    """Return invisible marks over the cells: Plotly can select marks, but not heat map cells."""
    at_x = {area: i for i, area in enumerate(areas)}
    at_y = {sector: i for i, sector in enumerate(sectors)}
    texts = [
        f"{plot_text(row.sector)}, {plot_text(row.area_name)}<br>"
        f"{tables.gap_heading(present).lower()}: {theme.count(row.gap)}; "
        f"{theme.count(row.targets_enrolled)} of {theme.count(row.targets)} enrolled<br>"
        f"{plot_text(row.reason)}"
        for row in present.itertuples()
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "marker": {"opacity": 0, "size": 16},
        "selected": {"marker": {"opacity": 0}},
        "unselected": {"marker": {"opacity": 0}},
        "x": [at_x[area] for area in present["area_id"].astype(str)],
        "y": [at_y[sector] for sector in present["sector"]],
        "customdata": [
            [s, str(a)] for s, a in zip(present["sector"], present["area_id"], strict=True)
        ],
        "hovertext": texts,
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _matrix_layout(
    areas: list[str], sectors: list[str], names: pd.Series, colors: Palette
) -> dict[str, Any]:
    by_id = {str(area): name for area, name in names.items()}
    small = {"color": colors.quiet, "size": 10 if len(areas) > 30 else 12}
    return theme.figure_layout(
        colors,
        60 + 21 * len(sectors) + 80,
        clickmode="event+select",
        hovermode="closest",
        hoverdistance=12,
        margin={"l": 8, "r": 8, "t": 4, "b": 8},
        xaxis=theme.axis(
            colors,
            automargin=True,
            tickvals=list(range(len(areas))),
            tickangle=-90,
            ticktext=[plot_text(by_id.get(area, area)) for area in areas],
            tickfont=small,
            range=[-0.5, len(areas) - 0.5],
        ),
        yaxis=theme.axis(
            colors,
            automargin=True,
            tickvals=list(range(len(sectors))),
            ticktext=[wrapped(sector, 40) for sector in sectors],
            tickfont={"color": colors.ink, "size": 12},
            range=[-0.5, len(sectors) - 0.5],
            ticklabelstandoff=6,
        ),
    )


def _matrix_title(cells: pd.DataFrame) -> str:
    """Return how few cells hold half of what is missing."""
    sizes = tables.gap_sizes(cells).sort_values(ascending=False)
    total = float(sizes.sum())
    if total <= 0:
        has_goal = cells["shortfall"].notna().any()
        return "No cell is short of its goal" if has_goal else "No cell lies below the city"
    half = int((sizes.cumsum() < total / 2).sum()) + 1
    return f"Half of what is missing lies in {half} of {theme.plural(len(cells), 'cell')}"
