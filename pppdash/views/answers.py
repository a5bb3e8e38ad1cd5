"""What partners answered, question by question: whether it moved, and how sure that is.

Everything here is made from :class:`pppdash.analysis.survey.Survey`, which holds only what may be
published.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from pppdash.analysis.survey import BETTER, WORSE
from pppdash.views import survey_sentences, theme, waves
from pppdash.views.comparison import Breakdown
from pppdash.views.measures import (
    AVERAGE,
    SHARE,
    Measure,
    Point,
    axis_range,
    measure_of,
    part_of,
    points,
)
from pppdash.views.parts import Chart, Column, TableView, interval_columns
from pppdash.views.survey_sentences import ARROWS, verdict_text
from pppdash.views.text import plot_text
from pppdash.views.theme import Palette
from pppdash.views.waves import TimeAxis

PANEL_PX = 138
MOST_ROWS = 3
LEAST_PART = 0.2  # a panel covers at least this part of a scale
SEGMENTS = {"size_band": "Size", "sector": "Sector", "area_id": "Area"}


def latest(results: pd.DataFrame) -> pd.DataFrame:
    """Return each question's last wave that may be shown, those first that moved most clearly.

    Clear ones come first, by how far they move a year in parts of their scale; then the others.
    """
    shown = results[~results["suppressed"]].sort_values(["question_id", "wave"])
    last = shown.groupby("question_id", sort=False).tail(1)
    pace = last["trend_per_year"].abs() / (last["scale_max"] - last["scale_min"])
    ranked = last.assign(is_clear=last["verdict"].isin([BETTER, WORSE]), pace=pace.fillna(-1.0))
    ordered = ranked.sort_values(["is_clear", "pace"], ascending=False, kind="stable")
    return ordered.drop(columns=["is_clear", "pace"]).reset_index(drop=True)


def of_last_wave(results: pd.DataFrame) -> pd.DataFrame:
    """Return of :func:`latest` the questions of the last wave that shows any: how things stand."""
    last = latest(results)
    return last[last["wave"] == last["wave"].max()].reset_index(drop=True)


def in_order(results: pd.DataFrame) -> list[str]:
    """Return all question ids in the order of :func:`latest`; at last those that show nothing."""
    first = latest(results)["question_id"].astype(str).tolist()
    return list(dict.fromkeys([*first, *results["question_id"].astype(str)]))


def asked(results: pd.DataFrame) -> dict[str, str]:
    """Return ``question_id`` → text, in the order of the panels."""
    texts = results.drop_duplicates("question_id").set_index("question_id")["text"]
    return {question: str(texts[question]) for question in in_order(results)}


def rows(latest: pd.DataFrame, results: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Return the questions that moved most clearly, for a small table.

    Parameters
    ----------
    latest
        What :func:`of_last_wave` returned of ``results``.
    """
    lines = []
    for row in latest.head(MOST_ROWS).itertuples():
        shown = results[(results["question_id"] == row.question_id) & ~results["suppressed"]]
        average = _from_to(shown.sort_values("wave"), measure_of(shown, AVERAGE))
        of = f"{average} of {row.scale_max:g}"
        lines.append([f"“{row.text}”", of, theme.count(row.n), verdict_text(str(row.verdict))])
    return ["Question", "Average answer", "n", "Over all waves"], lines


# -- panels ------------------------------------------------------------------------------------


def trends(
    results: pd.DataFrame, when: TimeAxis, kind: str, colors: Palette, least: int
) -> list[Callable[[], Chart]]:
    """Return how to draw one panel a question that shows anything.

    Those that moved most clearly come first. All cover the same part of their scales, so that
    slopes can be compared.
    """
    asked = latest(results)["question_id"].astype(str).tolist()
    shown = results[results["question_id"].astype(str).isin(asked)]
    groups = {str(key): rows for key, rows in shown.groupby("question_id", sort=False)}
    part = max((part_of(rows, measure_of(rows, kind)) for rows in groups.values()), default=0.0)
    part = min(1.0, math.ceil(10 * max(part, LEAST_PART)) / 10)
    return [partial(trend, groups[question], when, kind, part, colors, least) for question in asked]


def left_out(results: pd.DataFrame, least: int) -> str:
    """Return which questions are suppressed in every wave; empty where none is."""
    hidden = results.groupby("question_id")["suppressed"].all()
    why = f"in every wave {survey_sentences.suppressed(least)}"
    if not hidden.any():
        return ""
    if hidden.all():
        return f"Every question is {why}."
    texts = results.drop_duplicates("question_id").set_index("question_id")["text"][hidden]
    if len(texts) > MOST_ROWS:
        return f"{len(texts)} questions are {why}."
    return f"{', '.join(f'“{text}”' for text in texts)}: {why}."


def trend(
    rows: pd.DataFrame,
    when: TimeAxis,
    kind: str,
    part: float,
    colors: Palette,
    least: int,
) -> Chart:
    """Draw one question's waves in time, with intervals and n.

    Parameters
    ----------
    rows
        One question of ``Survey.results``, of which at least one wave is shown.
    kind
        `AVERAGE` or `SHARE`.
    part
        What part of the scale the panel covers.
    """
    measure = measure_of(rows, kind)
    held = points(rows, measure)
    said = finding(rows, kind)
    shown = [point for point in held if not point.is_hidden]
    is_clear = said.startswith(ARROWS)
    color = colors.accent if is_clear else colors.quiet
    y = theme.axis(
        colors,
        range=axis_range(rows, measure, part),
        showgrid=True,
        **measure.ticks,
    )
    notes = [*_values(shown, measure, colors), *_counts(held, when, colors)]
    text = str(rows["text"].iloc[0])
    return Chart(
        figure=go.Figure(
            data=[_line(shown, measure, color, colors)],
            layout=waves.layout(when, colors, PANEL_PX, y, notes, below=waves.LINE_PX),
        ),
        title=text,
        subtitle=said,
        footnote="",
        alt=f"{text} {said}. {_words(held, measure, least)}.{waves.marked(when)}",
        table=summary_table(rows, None, least, "survey-question"),
        strong=is_clear,
    )


def finding(rows: pd.DataFrame, kind: str) -> str:
    """Return what one question came to in a line: its verdict and its figures, first to last.

    The verdict is of the average answer, whatever is drawn.
    """
    shown = rows[~rows["suppressed"]].sort_values("wave")
    verdict = verdict_text(str(shown["verdict"].iloc[-1]))
    drawn, also = measure_of(shown, kind), measure_of(shown, SHARE)
    if also.column == "net_score":
        return f"{verdict}; net score {_from_to(shown, also)}"
    if drawn.column == "top_two":
        return f"{verdict}; top two {_from_to(shown, drawn)}"
    return f"{verdict}: {_from_to(shown, drawn)} of {drawn.whole[1]:g}"


def _from_to(shown: pd.DataFrame, measure: Measure) -> str:
    values = [measure.text(value) for value in shown[measure.column]]
    return values[0] if len(values) == 1 else f"{values[0]} → {values[-1]}"


def _line(shown: Sequence[Point], measure: Measure, color: str, colors: Palette) -> dict[str, Any]:
    soft = colors.accent_soft if color == colors.accent else colors.gray
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [point.day.isoformat() for point in shown],
        "y": [point.value for point in shown],
        "line": {"color": color, "width": 2},
        "marker": {"color": color, "size": 7},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "width": 0,
            "thickness": 5,
            "color": soft,
            "array": [_reach(point.high - point.value) for point in shown],
            "arrayminus": [_reach(point.value - point.low) for point in shown],
        },
        "hovertext": [_hover(point, measure) for point in shown],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _reach(length: float) -> float:
    """Return how far an interval reaches to one side; 0 where there is none."""
    return length if theme.is_known(length) else 0.0


def _hover(point: Point, measure: Measure) -> str:
    span = measure.interval(point.low, point.high)
    return (
        f"{plot_text(point.label)}: {measure.text(point.value)} {plot_text(measure.label)}<br>"
        f"{f'95%: {span}, ' if span else ''}n {theme.count(point.n)}"
    )


def _values(shown: Sequence[Point], measure: Measure, colors: Palette) -> list[dict[str, Any]]:
    """Return what stands above the first and the last point."""
    return [
        {
            "text": measure.text(point.value),
            "x": point.day.isoformat(),
            "y": point.top,
            "yanchor": "bottom",
            "showarrow": False,
            "bgcolor": colors.ground,
            "borderpad": 1,
            "font": {"size": 12, "color": colors.ink},
        }
        for point in dict.fromkeys((shown[0], shown[-1]))
    ]


def _counts(held: Sequence[Point], when: TimeAxis, colors: Palette) -> list[dict[str, Any]]:
    """Return how many answered, below the axis, or that it is suppressed."""
    return [
        {
            "text": "hidden" if held[i].is_hidden else f"n {theme.count(held[i].n)}",
            "x": held[i].day.isoformat(),
            "yref": "paper",
            "y": 0,
            "yshift": -20,
            "yanchor": "top",
            "showarrow": False,
            "font": {"size": 11, "color": colors.quiet},
        }
        for i in waves.labeled([point.day for point in held], when)
    ]


def _words(held: Sequence[Point], measure: Measure, least: int) -> str:
    return "; ".join(
        f"{point.label} {survey_sentences.suppressed(least)}"
        if point.is_hidden
        else f"{point.label} {measure.text(point.value)}, n {theme.count(point.n)}"
        for point in held
    )


# -- the table ---------------------------------------------------------------------------------


def summary_table(
    results: pd.DataFrame, over: Breakdown | None, least: int, name: str = "survey"
) -> TableView:
    """Return the survey's results as a table; suppressed rows say so and hold no figure."""
    frame = results.assign(note=survey_sentences.notes(results["suppressed"], least))
    columns = [Column("text", "Question"), Column("label", "Wave")]
    if over is not None:
        frame = frame.assign(segment=[over.text(value) for value in frame["segment"]])
        columns.append(Column("segment", over.heading))
    return TableView(
        frame,
        (*columns, *_FIGURES),
        name,
        "Survey results",
        exported=("question_id", "wave"),
        applied="date",
    )


_FIGURES = (
    Column("n", "Answers", "count"),
    Column("mean", "Mean", "score"),
    *interval_columns("mean_low", "mean_high", "score"),
    Column("top_two", "Top two answers", "percent"),
    *interval_columns("top_two_low", "top_two_high", "percent"),
    Column("net_score", "Net score", "percent"),
    *interval_columns("net_low", "net_high", "percent"),
    Column("change", "Change", "score", "Of the mean, since the wave before"),
    Column("change_q", "q of change", "p", "Adjusted for all questions of the wave"),
    Column("trend_per_year", "Trend a year", "score", "Of the mean, over all waves so far"),
    Column("trend_q", "q of trend", "p", "Adjusted for all questions of the wave"),
    Column("verdict", "Verdict"),
    Column("n_effective", "Effective n", "count", "Kish’s: what weighting leaves of the answers"),
    Column("response_rate", "Response rate", "percent", "Of the wave, where it is known"),
    Column("note", "Note"),
)
