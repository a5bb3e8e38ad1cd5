"""One question's last wave by one kind of group: size, sector or area."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from pppdash.analysis.survey import BETTER, WORSE
from pppdash.views import survey_sentences, theme
from pppdash.views.answers import summary_table
from pppdash.views.comparison import Breakdown, span_lines
from pppdash.views.measures import Measure, axis_range, measure_of, part_of
from pppdash.views.parts import Chart
from pppdash.views.survey_sentences import verdict_text
from pppdash.views.text import plot_text, wrapped
from pppdash.views.theme import Palette

ROW_PX = 30
LEAST_PART = 0.5  # of the scale that the axis covers
MOST_NAMED = 6
NO_KINDS = "Nothing is known of who the respondents are: no size, sector or area tells them apart."


def last_wave(results: pd.DataFrame, question: str) -> pd.DataFrame:
    """Return one question's groups in its last wave."""
    rows = results[results["question_id"].astype(str) == question]
    return rows[rows["wave"] == rows["wave"].max()]


def groups(
    results: pd.DataFrame, question: str, over: Breakdown, kind: str, colors: Palette, least: int
) -> Chart | None:
    """Draw each group of a question's last wave as a dot on its interval; none where none is shown.

    Parameters
    ----------
    results
        ``Survey.results`` of one segmentation.
    kind
        Which measure; see :func:`pppdash.views.measures.measure_of`.
    """
    rows = last_wave(results, question)
    measure = measure_of(rows, kind) if len(rows) else None
    shown = rows[~rows["suppressed"]]
    if measure is None or shown.empty:
        return None
    shown = shown.sort_values(measure.column).reset_index(drop=True)
    hidden = [over.text(name) for name in rows.loc[rows["suppressed"], "segment"]]
    return Chart(
        figure=_figure(shown, measure, over, colors),
        title=f"By {over.heading.lower()}, {rows['label'].iloc[0]}",
        subtitle=f"{plain(measure)}, with 95% interval and n; an arrow where the group’s average "
        "has moved over its waves",
        footnote=left_out(hidden, over, least),
        alt=f"Dots with intervals by {over.heading.lower()}: "
        + "; ".join(_words(row, measure, over) for row in shown[::-1].itertuples())
        + f". {theme.plural(len(hidden), 'group')} suppressed.",
        table=summary_table(
            results[results["question_id"].astype(str) == question],
            over,
            least,
            f"survey-by-{over.heading.lower()}",
        ),
    )


def plain(measure: Measure) -> str:
    """Return what is drawn, as a subtitle begins."""
    name = {"mean": "Average answer", "top_two": "Share", "net_score": "Net score"}[measure.column]
    return name if measure.column == "net_score" else f"{name} {measure.label}"


def left_out(hidden: list[str], over: Breakdown, least: int) -> str:
    """Return which groups are suppressed; empty where none is."""
    if not hidden:
        return ""
    why = survey_sentences.suppressed(least)
    if len(hidden) <= MOST_NAMED:
        return f"{', '.join(hidden)}: {why}"
    return f"{theme.plural(len(hidden), over.heading.lower())} {why}"


def none_shown(over: Breakdown, least: int) -> str:
    """Return why there is no group to show."""
    return f"By {over.heading.lower()} every group is {survey_sentences.suppressed(least)}."


def _figure(shown: pd.DataFrame, measure: Measure, over: Breakdown, colors: Palette) -> go.Figure:
    names = [wrapped(over.text(value), 30) for value in shown["segment"]]
    span = axis_range(shown, measure, max(LEAST_PART, part_of(shown, measure)))
    return go.Figure(
        data=_dots(shown, measure, over, colors),
        layout=theme.figure_layout(
            colors,
            46 + ROW_PX * len(shown),
            margin={"l": 8, "r": 132, "t": 6, "b": 28},
            xaxis=theme.axis(colors, showgrid=True, range=span, **measure.ticks),
            yaxis=theme.row_axis(colors, names),
            annotations=[
                _label(i, row, measure, colors) for i, row in enumerate(shown.itertuples())
            ],
        ),
    )


def _dots(
    shown: pd.DataFrame, measure: Measure, over: Breakdown, colors: Palette
) -> list[dict[str, Any]]:
    """Return each group as a dot on its interval."""
    heights = shown.index.tolist()
    lows, highs = (shown[name].tolist() for name in measure.ends)
    return [
        {
            "type": "scatter",
            "mode": "lines",
            **span_lines(heights, lows, highs),
            "hoverinfo": "skip",
            "line": {"color": colors.accent_soft, "width": 5},
        },
        {
            "type": "scatter",
            "mode": "markers",
            "x": shown[measure.column].tolist(),
            "y": heights,
            "marker": {"color": colors.accent, "size": 10},
            "hovertext": [plot_text(_words(row, measure, over)) for row in shown.itertuples()],
            "hovertemplate": "%{hovertext}<extra></extra>",
        },
    ]


def _label(at: int, row: Any, measure: Measure, colors: Palette) -> dict[str, Any]:
    moved = f"  {verdict_text(row.verdict).lower()}" if row.verdict in (BETTER, WORSE) else ""
    return {
        "text": f"{measure.text(getattr(row, measure.column))}, n {theme.count(row.n)}{moved}",
        "x": 1,
        "xref": "paper",
        "xanchor": "left",
        "xshift": 8,
        "y": at,
        "showarrow": False,
        "font": {"size": 12, "color": colors.ink if moved else colors.quiet},
    }


def _words(row: Any, measure: Measure, over: Breakdown) -> str:
    low, high = (getattr(row, name) for name in measure.ends)
    span = measure.interval(low, high)
    return (
        f"{over.text(row.segment)} {measure.text(getattr(row, measure.column))}"
        f"{f' ({span})' if span else ''}, n {theme.count(row.n)}, "
        f"{verdict_text(row.verdict).lower()}"
    )
