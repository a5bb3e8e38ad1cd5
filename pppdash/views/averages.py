"""Published averages: scores that somebody else has averaged, apart and without intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from pppdash.views import survey_sentences, theme, waves
from pppdash.views.parts import Chart, Column, TableView
from pppdash.views.survey_sentences import WHOLE_AREA
from pppdash.views.text import plot_text
from pppdash.views.theme import Palette
from pppdash.views.waves import TimeAxis

PANEL_PX = 180


def panels(
    scores: pd.DataFrame, areas: Sequence[str], when: TimeAxis, colors: Palette
) -> list[Callable[[], Chart]]:
    """Return how to draw one panel a question of published averages."""
    groups = scores.groupby("question_id", sort=False)
    return [partial(panel, rows, areas, when, colors) for _, rows in groups]


def table(scores: pd.DataFrame) -> TableView:
    """Return the published averages as a table."""
    return TableView(
        scores,
        (
            Column("text", "Question"),
            Column("wave", "Wave", "date"),
            Column("area_id", "Area"),
            Column("score", "Score", "number"),
        ),
        "survey-scores",
        "Published averages",
        exported=("question_id",),
        applied="date",
    )


def panel(rows: pd.DataFrame, areas: Sequence[str], when: TimeAxis, colors: Palette) -> Chart:
    """Draw one question's published averages over time, one line an area, without intervals.

    Parameters
    ----------
    rows
        One question of the ``survey_scores`` listing: ``wave, area_id, score, scale_min,
        scale_max, text``.
    areas
        ``area_id`` to draw in the accent; empty for all alike, with their median.
    """
    grid = rows.pivot_table(index="wave", columns="area_id", values="score", dropna=False)
    middle = survey_sentences.score_middles(rows).set_index("wave")["score"]
    text, finding = str(rows["text"].iloc[0]), _finding(rows, grid, middle)
    y = theme.axis(colors, showgrid=True, nticks=4)
    return Chart(
        figure=go.Figure(
            data=_lines(grid, middle, areas, colors),
            layout=waves.layout(when, colors, PANEL_PX, y, hovermode="closest"),
        ),
        title=text,
        subtitle=finding,
        footnote="",
        alt=f"{text}: {finding}, {_span(middle)}.{waves.marked(when)}",
        table=table(rows),
    )


def _span(middle: pd.Series) -> str:
    return f"{theme.month_form(middle.index[0])} to {theme.month_form(middle.index[-1])}"


def _finding(rows: pd.DataFrame, grid: pd.DataFrame, middle: pd.Series) -> str:
    """Return where the middle of the areas, or the city's average, began and ended."""
    known = [area for area in grid if area != WHOLE_AREA]
    what = "median" if known else "average"
    of = f"; {theme.plural(len(known), 'area')}" if known else " in the whole city"
    first, last = theme.rate(middle.iloc[0]), theme.rate(middle.iloc[-1])
    went = f"{first} → {last}" if len(middle) > 1 else last
    return f"{what} {went} of {theme.rate(rows['scale_max'].max())}{of}"


def _lines(
    grid: pd.DataFrame, middle: pd.Series, areas: Sequence[str], colors: Palette
) -> list[dict[str, Any]]:
    chosen = [area for area in grid if str(area) in areas]
    others = [area for area in grid if str(area) not in areas]
    drawn = [_line(grid[area], _area_text(area), colors.gray, 0.7) for area in others]
    if not chosen:
        return [*drawn, _line(middle, "median", colors.accent, 2.5)]
    return [*drawn, *(_line(grid[area], _area_text(area), colors.accent, 2.5) for area in chosen)]


def _area_text(area: object) -> str:
    return str(area) if area == WHOLE_AREA else f"area {area}"


def _line(values: pd.Series, name: str, color: str, width: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines" if len(values) > 1 else "markers",
        "x": [pd.Timestamp(wave).to_pydatetime() for wave in values.index],
        "y": [None if pd.isna(value) else float(value) for value in values],
        "line": {"color": color, "width": width},
        "marker": {"color": color},
        "hovertemplate": f"{plot_text(name)}, %{{x|%B %Y}}: %{{y:.1f}}<extra></extra>",
    }
