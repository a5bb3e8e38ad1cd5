"""The matrix of gaps: sectors by areas or sizes, the largest first on both axes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from pppdash.analysis.gaps import BEHIND
from pppdash.views import gaps, shading, theme
from pppdash.views.comparison import Breakdown
from pppdash.views.parts import Chart
from pppdash.views.text import plot_text, wrapped
from pppdash.views.theme import Palette
from pppdash.warehouse.read import Build

SMALL_TICKS = 30  # from so many columns on their names are set smaller
MOST_LEVEL = 6  # names of so few columns need not be turned


def matrix(cells: pd.DataFrame, over: Breakdown, build: Build, colors: Palette) -> Chart:
    """Draw what is missing of every sector in every part.

    Parameters
    ----------
    cells
        Of ``analysis.gaps.Gaps``, by ``sector`` and ``over.column``. A click on a cell selects
        its key.
    """
    cells = cells.assign(gap=gaps.gap_sizes(cells))
    sectors = _ordered(cells, "sector")[::-1]
    parts = _ordered(cells, over.column, over.words)
    classes = gap_classes(cells, colors)
    grid = cells.pivot_table(
        index="sector", columns=over.column, values="gap", aggfunc="sum", sort=False
    ).reindex(index=sectors, columns=parts)
    title = _title(cells)
    return Chart(
        figure=go.Figure(
            data=[
                _heat(grid, classes),
                _verdicts(cells, over, parts, sectors, colors),
                _choosable(over.written(cells), cells, over, parts, sectors),
            ],
            layout=_layout(parts, sectors, cells, over, colors),
        ),
        title=title,
        subtitle=_subtitle(cells, over),
        footnote="",
        alt=f"A matrix of {len(sectors)} sectors by {len(parts)} columns, one a "
        f"{over.heading.lower()}. {title}.",
        table=gaps.ranked(cells, over, build),
        legend=tuple((c.color, c.text) for c in classes),
    )


def gap_classes(cells: pd.DataFrame, colors: Palette) -> tuple[shading.Class, ...]:
    """Return classes of gaps, as high as the largest needs."""
    top = float(gaps.gap_sizes(cells).max()) if len(cells) else 0.0
    return shading.count_classes(top, colors.shortfall)


def _ordered(cells: pd.DataFrame, column: str, words: Iterable[str] = ()) -> list[str]:
    """Return the values of a column: in the order of ``words``, else the largest gap first."""
    totals = cells.groupby(column, sort=False)["gap"].sum().sort_values(ascending=False)
    present = [str(value) for value in totals.index]
    return [word for word in words if word in present] or present


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


def _places(
    cells: pd.DataFrame, over: Breakdown, parts: list[str], sectors: list[str]
) -> dict[str, list[int]]:
    """Return where cells lie in the figure."""
    at_x = {part: i for i, part in enumerate(parts)}
    at_y = {sector: i for i, sector in enumerate(sectors)}
    return {
        "x": [at_x[part] for part in cells[over.column].astype(str)],
        "y": [at_y[sector] for sector in cells["sector"]],
    }


def _verdicts(
    cells: pd.DataFrame, over: Breakdown, parts: list[str], sectors: list[str], colors: Palette
) -> dict[str, Any]:
    """Return marks on the cells that are behind."""
    return {
        "type": "scatter",
        "mode": "markers",
        "marker": {
            "symbol": "triangle-down",
            "size": 9,
            "color": colors.ink,
            "line": {"width": 1, "color": colors.ground},
        },
        "hoverinfo": "skip",
        **_places(cells[cells["verdict"] == BEHIND], over, parts, sectors),
    }


def _choosable(
    written: pd.DataFrame,
    cells: pd.DataFrame,
    over: Breakdown,
    parts: list[str],
    sectors: list[str],
) -> dict[str, Any]:
    """Return invisible marks over the cells: Plotly can select marks, but not heat map cells."""
    heading = gaps.gap_heading(cells).lower()
    texts = [
        f"{plot_text(row['sector'])}, {plot_text(row[over.label])}<br>"
        f"{heading}: {theme.count(row['gap'])}<br>{plot_text(row['reason'])}<br>{row['verdict']}"
        for row in written.to_dict("records")
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "marker": {"opacity": 0, "size": 16},
        "selected": {"marker": {"opacity": 0}},
        "unselected": {"marker": {"opacity": 0}},
        "customdata": [[key] for key in gaps.keyed(cells)],
        "hovertext": texts,
        "hovertemplate": "%{hovertext}<extra></extra>",
        **_places(cells, over, parts, sectors),
    }


def _layout(
    parts: list[str], sectors: list[str], cells: pd.DataFrame, over: Breakdown, colors: Palette
) -> dict[str, Any]:
    named = over.written(cells)[over.label]
    names = dict(zip(cells[over.column].astype(str), named, strict=True))
    small = {"color": colors.quiet, "size": 10 if len(parts) > SMALL_TICKS else 12}
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
            tickvals=list(range(len(parts))),
            tickangle=-90 if len(parts) > MOST_LEVEL else 0,
            ticktext=[plot_text(names[part]) for part in parts],
            tickfont=small,
            range=[-0.5, len(parts) - 0.5],
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


def _subtitle(cells: pd.DataFrame, over: Breakdown) -> str:
    order = "" if over.words else ", largest first"
    return (
        f"{gaps.gap_heading(cells)}, by sector and {over.heading.lower()}, in targets{order}; "
        "blank: no targets; ▼\u00a0behind the rest where q\u00a0≤\u00a0.05. Choose a cell to list "
        "its targets."
    )


def _title(cells: pd.DataFrame) -> str:
    """Return how few cells hold half of what is missing."""
    sizes = gaps.gap_sizes(cells).sort_values(ascending=False)
    total = float(sizes.sum())
    if total <= 0:
        has_goal = cells["shortfall"].notna().any()
        return "No cell is short of its goal" if has_goal else "No cell lies below the city"
    half = int((sizes.cumsum() < total / 2).sum()) + 1
    return f"Half of what is missing lies in {half} of {theme.plural(len(cells), 'cell')}"
