"""What partners answered, question by question: whether it moved, and how sure that is.

Everything here is made from :class:`pppdash.analysis.survey.Survey`, which holds only what may be
published.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from pppdash.views import survey_sentences, theme, waves
from pppdash.views.coverage import Breakdown
from pppdash.views.parts import Chart, Column, TableView
from pppdash.views.survey_sentences import BETTER, NO_CHANGE, WORSE
from pppdash.views.text import plot_text
from pppdash.views.theme import Palette
from pppdash.views.waves import TimeAxis

PANEL_PX = 138
MOST_ROWS = 3
SHORT_SCALE = 20
LEAST_PART = 0.2  # a panel covers at least this part of a scale
SEGMENTS = {"size_band": "Size", "sector": "Sector", "area_id": "Area"}
AVERAGE, SHARE = "average", "share"
MEASURES = {AVERAGE: "Average answer", SHARE: "Share in the top two answers, or net score"}
ARROWS = {BETTER: "▲ Better", WORSE: "▼ Worse", NO_CHANGE: "No detectable change"}
TOO_LITTLE = "Too little data to tell"


@dataclass(frozen=True)
class Measure:
    """One figure of a question: its columns, the whole of its scale, and how it is written."""

    column: str
    label: str
    whole: tuple[float, float]
    is_share: bool

    @property
    def digits(self) -> int:
        """How many decimals a mean is written with: more on a short scale."""
        return 2 if self.whole[1] - self.whole[0] <= SHORT_SCALE else 1

    @property
    def ends(self) -> tuple[str, str]:
        """The columns of its 95% interval."""
        stem = "net" if self.column == "net_score" else self.column
        return f"{stem}_low", f"{stem}_high"

    @property
    def format(self) -> str:
        """How Plotly writes it on an axis."""
        if self.column == "net_score":
            return "+.0%"
        return ".0%" if self.is_share else ".1f"

    def text(self, value: float) -> str:
        """Return a value as it is written; a net score in points with its sign."""
        if self.column == "net_score":
            return theme.signed(100 * value)
        if self.is_share:
            return theme.percent(value)
        return f"{value:.{self.digits}f}" if theme.is_known(value) else theme.NO_FIGURE

    def interval(self, low: float, high: float) -> str:
        """Return an interval as it is written; empty where there is none."""
        known = theme.is_known(low) and theme.is_known(high)
        return f"{self.text(low)} to {self.text(high)}" if known else ""


def measure_of(rows: pd.DataFrame, kind: str) -> Measure:
    """Return what of a question is drawn: its mean; or its net score, else its top-two share.

    Parameters
    ----------
    rows
        One question of ``Survey.results``.
    kind
        `AVERAGE` or `SHARE`; a scale of two points has no top two, and keeps its mean.
    """
    if kind == SHARE and rows["net_score"].notna().any():
        return Measure("net_score", "net score", (-1.0, 1.0), True)
    if kind == SHARE and rows["top_two"].notna().any():
        return Measure("top_two", "in the top two answers", (0.0, 1.0), True)
    scale = (float(rows["scale_min"].iloc[0]), float(rows["scale_max"].iloc[0]))
    return Measure("mean", f"on a scale from {scale[0]:g} to {scale[1]:g}", scale, False)


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


def in_order(results: pd.DataFrame) -> list[str]:
    """Return all question ids in the order of :func:`latest`; at last those that show nothing."""
    first = latest(results)["question_id"].astype(str).tolist()
    return list(dict.fromkeys([*first, *results["question_id"].astype(str)]))


def asked(results: pd.DataFrame) -> dict[str, str]:
    """Return ``question_id`` → text, in the order of the panels."""
    texts = results.drop_duplicates("question_id").set_index("question_id")["text"]
    return {question: str(texts[question]) for question in in_order(results)}


def verdict_text(verdict: str) -> str:
    """Return a verdict as it is written: a change by an arrow and a word."""
    return ARROWS.get(verdict, TOO_LITTLE)


def rows(latest: pd.DataFrame, results: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Return the questions that moved most clearly, for a small table.

    Parameters
    ----------
    latest
        What :func:`latest` returned of ``results``.
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
) -> list[Chart]:
    """Return one panel a question that shows anything, those first that moved most clearly.

    All cover the same part of their scales, so that slopes can be compared.
    """
    asked = latest(results)["question_id"].astype(str).tolist()
    shown = results[results["question_id"].astype(str).isin(asked)]
    groups = {str(key): rows for key, rows in shown.groupby("question_id", sort=False)}
    part = max((part_of(rows, measure_of(rows, kind)) for rows in groups.values()), default=0.0)
    part = min(1.0, math.ceil(10 * max(part, LEAST_PART)) / 10)
    return [trend(groups[question], when, kind, part, colors, least) for question in asked]


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


def part_of(rows: pd.DataFrame, measure: Measure) -> float:
    """Return what part of its scale a question's intervals cover."""
    low, high = _reach(rows, measure)
    return (high - low) / (measure.whole[1] - measure.whole[0])


def _reach(rows: pd.DataFrame, measure: Measure) -> tuple[float, float]:
    known = rows[[measure.column, *measure.ends]]
    low, high = known.min().min(), known.max().max()
    return (float(low), float(high)) if theme.is_known(low) else measure.whole


def axis_range(rows: pd.DataFrame, measure: Measure, part: float) -> list[float]:
    """Return the axis of one chart: ``part`` of the scale, around what is shown, within it."""
    low, high = _reach(rows, measure)
    bottom, top = measure.whole
    size = part * (top - bottom)
    start = min(max((low + high - size) / 2, bottom), top - size)
    return [start - 0.04 * size, start + 1.1 * size]


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
    rows = rows.sort_values("wave").reset_index(drop=True)
    measure = measure_of(rows, kind)
    shown = rows[~rows["suppressed"]]
    verdict = str(shown["verdict"].iloc[-1])
    color = colors.accent if verdict in (BETTER, WORSE) else colors.quiet
    y = theme.axis(
        colors,
        range=axis_range(rows, measure, part),
        nticks=4,
        tickformat=measure.format,
        showgrid=True,
    )
    notes = [*_values(shown, measure, colors), *_counts(rows, when, colors)]
    text = str(rows["text"].iloc[0])
    return Chart(
        figure=go.Figure(
            data=_points(shown, measure, color, colors),
            layout=waves.layout(when, colors, PANEL_PX, y, notes, below=waves.LINE_PX),
        ),
        title=text,
        subtitle=finding(rows, kind),
        footnote="",
        alt=f"{text} {finding(rows, kind)}. {_words(rows, measure, least)}.{waves.marked(when)}",
        table=summary_table(rows, None, least, "survey-question"),
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
        return f"{verdict} on average; top two {_from_to(shown, drawn)}"
    return f"{verdict}: {_from_to(shown, drawn)} of {drawn.whole[1]:g}"


def _from_to(shown: pd.DataFrame, measure: Measure) -> str:
    values = [measure.text(value) for value in shown[measure.column]]
    return values[0] if len(values) == 1 else f"{values[0]} → {values[-1]}"


def _points(
    shown: pd.DataFrame, measure: Measure, color: str, colors: Palette
) -> list[dict[str, Any]]:
    low, high = measure.ends
    value = shown[measure.column]
    soft = colors.accent_soft if color == colors.accent else colors.rule
    return [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": [wave.date().isoformat() for wave in shown["wave"]],
            "y": value.tolist(),
            "line": {"color": color, "width": 2},
            "marker": {"color": color, "size": 7},
            "error_y": {
                "type": "data",
                "symmetric": False,
                "width": 0,
                "thickness": 5,
                "color": soft,
                "array": (shown[high] - value).fillna(0).tolist(),
                "arrayminus": (value - shown[low]).fillna(0).tolist(),
            },
            "hovertext": [_hover(row, measure) for row in shown.itertuples()],
            "hovertemplate": "%{hovertext}<extra></extra>",
        }
    ]


def _hover(row: Any, measure: Measure) -> str:
    low, high = (getattr(row, name) for name in measure.ends)
    span = measure.interval(low, high)
    return (
        f"{plot_text(row.label)}: {measure.text(getattr(row, measure.column))} "
        f"{plot_text(measure.label)}<br>{f'95%: {span}, ' if span else ''}n {theme.count(row.n)}"
    )


def _values(shown: pd.DataFrame, measure: Measure, colors: Palette) -> list[dict[str, Any]]:
    """Return what stands above the first and the last point."""
    ends = shown.iloc[[0, -1]] if len(shown) > 1 else shown
    return [
        {
            "text": measure.text(getattr(row, measure.column)),
            "x": row.wave.date().isoformat(),
            "y": max(
                v for v in (getattr(row, measure.ends[1]), getattr(row, measure.column)) if v == v
            ),
            "yanchor": "bottom",
            "showarrow": False,
            "bgcolor": colors.ground,
            "borderpad": 1,
            "font": {"size": 12, "color": colors.ink},
        }
        for row in ends.itertuples()
    ]


def _counts(rows: pd.DataFrame, when: TimeAxis, colors: Palette) -> list[dict[str, Any]]:
    """Return how many answered, below the axis, or that it is suppressed."""
    shown = waves.labelled(when, len(rows))
    return [
        {
            "text": "hidden" if row.suppressed else f"n {theme.count(row.n)}",
            "x": row.wave.date().isoformat(),
            "yref": "paper",
            "y": 0,
            "yshift": -20,
            "yanchor": "top",
            "showarrow": False,
            "font": {"size": 11, "color": colors.quiet},
        }
        for i, row in enumerate(rows.itertuples())
        if i in shown
    ]


def _words(rows: pd.DataFrame, measure: Measure, least: int) -> str:
    return "; ".join(
        f"{row.label} {survey_sentences.suppressed(least)}"
        if row.suppressed
        else f"{row.label} {measure.text(getattr(row, measure.column))}, n {theme.count(row.n)}"
        for row in rows.itertuples()
    )


# -- the table ---------------------------------------------------------------------------------


def summary_table(
    results: pd.DataFrame, over: Breakdown | None, least: int, name: str = "survey"
) -> TableView:
    """Return the survey's results as a table; suppressed rows say so and hold no figure."""
    note = [
        survey_sentences.suppressed(least) if hidden else "" for hidden in results["suppressed"]
    ]
    frame = results.assign(note=note)
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


def _with_ends(stem: str, name: str, label: str, kind: Any) -> Sequence[Column]:
    return (
        Column(name, label, kind),
        Column(f"{stem}_low", "from", kind, "Lower end of the 95% interval"),
        Column(f"{stem}_high", "to", kind, "Upper end of the 95% interval"),
    )


_FIGURES = (
    Column("n", "Answers", "count"),
    *_with_ends("mean", "mean", "Mean", "score"),
    *_with_ends("top_two", "top_two", "Top two answers", "percent"),
    *_with_ends("net", "net_score", "Net score", "percent"),
    Column("change", "Change", "score", "Of the mean, since the wave before"),
    Column("change_q", "q of change", "p", "Adjusted for all questions of the wave"),
    Column("trend_per_year", "Trend a year", "score", "Of the mean, over all waves so far"),
    Column("trend_q", "q of trend", "p", "Adjusted for all questions of the wave"),
    Column("verdict", "Verdict"),
    Column("n_effective", "Effective n", "count", "Kish’s: what weighting leaves of the answers"),
    Column("response_rate", "Response rate", "percent", "Of the wave, where it is known"),
    Column("note", "Note"),
)
