"""What partners answered: trends, distributions and segments, with suppressed cells left out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from pppdash.views import sentences, theme
from pppdash.views.coverage import Breakdown, interval_dots
from pppdash.views.parts import Chart, Column, TableView
from pppdash.views.text import plot_text, wrapped
from pppdash.views.theme import Palette

PANEL_PX = 176
MOST_BARS = 12
SEGMENTS = {"size_band": "Size", "sector": "Sector", "area_id": "Area"}


def suppressed_text(min_respondents: int) -> str:
    """Return what stands in place of a suppressed figure."""
    return f"suppressed (under {min_respondents} answers)"


def summary_table(
    summary: pd.DataFrame, over: Breakdown | None, min_respondents: int, name: str = "survey"
) -> TableView:
    """Return the survey's results as a table; suppressed rows say so and hold no figure."""
    note = [suppressed_text(min_respondents) if hidden else "" for hidden in summary["suppressed"]]
    frame = summary.assign(note=note)
    columns = [Column("text", "Question"), Column("label", "Wave")]
    if over is not None:
        frame = frame.assign(segment=[over.text(value) for value in frame["segment"]])
        columns.append(Column("segment", over.heading))
    columns += [
        Column("n", "Answers", "count"),
        Column("mean", "Mean", "number"),
        Column("top_two", "Top two answers", "percent"),
        Column("top_two_low", "from", "percent", "Lower end of the 95% interval"),
        Column("top_two_high", "to", "percent", "Upper end of the 95% interval"),
        Column("note", "Note"),
    ]
    frame = frame.assign(n=frame["n"].where(~frame["suppressed"]))
    return TableView(frame, tuple(columns), name, "Survey results", applied="date")


def asked(summary: pd.DataFrame) -> dict[str, str]:
    """Return ``question_id`` → text of the questions with results."""
    rows = summary.drop_duplicates("question_id")
    return dict(zip(rows["question_id"].astype(str), rows["text"].astype(str), strict=True))


def last_wave(summary: pd.DataFrame, question: str) -> pd.DataFrame:
    """Return one question's rows of its last wave."""
    rows = summary[summary["question_id"].astype(str) == question]
    return rows[rows["wave"] == rows["wave"].max()]


def too_few(min_respondents: int) -> str:
    """Return why no distribution is shown."""
    return f"Every question of the last wave is {suppressed_text(min_respondents)}."


def most_moved(summary: pd.DataFrame) -> list[str]:
    """Return the question ids, those first that moved most from their first wave to their last."""
    groups = {key: _moved(rows) for key, rows in summary.groupby("question_id", sort=False)}
    return sorted((str(key) for key in groups), key=lambda key: -groups[key])


def trends(summary: pd.DataFrame, colors: Palette, min_respondents: int) -> list[Chart]:
    """Return one panel a question, those first that moved most."""
    span = _common_range(summary)
    by_question = {str(key): rows for key, rows in summary.groupby("question_id", sort=False)}
    return [trend(by_question[key], span, colors, min_respondents) for key in most_moved(summary)]


def _moved(rows: pd.DataFrame) -> float:
    """Return how far a question moved from its first shown wave to its last."""
    shown = rows.sort_values("wave")["top_two"].dropna()
    return abs(float(shown.iloc[-1] - shown.iloc[0])) if len(shown) else -1.0


def _common_range(summary: pd.DataFrame) -> list[float]:
    """Return one axis for all panels, in tenths, so that they can be compared."""
    low, high = summary["top_two_low"].min(), summary["top_two_high"].max()
    if pd.isna(low):
        return [0.0, 1.0]
    return [math.floor(10 * low) / 10, math.ceil(10 * high) / 10]


def trend(rows: pd.DataFrame, span: list[float], colors: Palette, min_respondents: int) -> Chart:
    """Draw one question's top-two share over the waves, with intervals and n.

    Parameters
    ----------
    rows
        One question of ``analysis.survey.summarize``.
    span
        From which share to which the axis runs.
    """
    rows = rows.sort_values("wave").reset_index(drop=True)
    shown = rows[~rows["suppressed"]]
    figure = go.Figure(
        data=_trend_traces(shown, colors),
        layout=theme.figure_layout(
            colors,
            PANEL_PX,
            margin={"l": 34, "r": 12, "t": 18, "b": 52},
            xaxis=theme.axis(
                colors,
                tickvals=list(range(len(rows))),
                ticktext=_wave_ticks(rows),
                range=[-0.35, len(rows) - 0.65],
                tickangle=0,
                tickfont={"color": colors.quiet, "size": 11},
            ),
            yaxis=theme.axis(colors, range=span, nticks=4, tickformat=".0%", showgrid=True),
            annotations=[*_value_labels(shown, colors), *_hidden_labels(rows, colors)],
        ),
    )
    text = str(rows["text"].iloc[0]) if len(rows) else ""
    return Chart(
        figure=figure,
        title=text,
        subtitle=change_text(rows),
        footnote="",
        alt=f"{text} {_trend_words(rows, min_respondents)}",
        table=summary_table(rows, None, min_respondents, "survey-question"),
    )


def change_text(rows: pd.DataFrame) -> str:
    """Return a question's change over its waves in words, without a claim of significance."""
    shown = rows[~rows["suppressed"]].sort_values("wave")
    if shown.empty:
        return "every wave is suppressed"
    first, last = shown.iloc[0], shown.iloc[-1]
    if len(shown) == 1:
        return f"{theme.percent(last['top_two'])} in {last['label']}, n {theme.count(last['n'])}"
    return (
        f"{theme.percent(first['top_two'])} → {theme.percent(last['top_two'])}, "
        f"n {theme.count(shown['n'].min())}–{theme.count(shown['n'].max())}"
    )


def distribution(
    results: pd.DataFrame,
    questions: pd.DataFrame,
    waves: pd.DataFrame,
    colors: Palette,
    min_respondents: int,
) -> Chart | None:
    """Draw how the answers of the last wave spread over each question's scale.

    Parameters
    ----------
    results
        Counts of respondents: ``question_id, wave, score, n``.
    questions
        ``question_id, text, scale_min, scale_max``.

    Returns
    -------
    Chart or None
        None when no question has answers enough to be shown.
    """
    last = waves.sort_values("wave").iloc[-1]
    counts = _shares(results[results["wave"] == last["wave"]], questions, min_respondents)
    if counts.empty:
        return None
    order = _by_favor(counts)[-MOST_BARS:]
    counts = counts[counts["question_id"].isin(order)].sort_values(["question_id", "score"])
    return Chart(
        figure=go.Figure(
            data=[_stretch(row, order, colors) for row in counts.itertuples()],
            layout=_distribution_layout(order, counts, colors),
        ),
        title=f"How the answers spread in {last['label']}",
        subtitle="Share of answers from the lowest (left) to the highest (right) of each scale"
        + (f"; the {MOST_BARS} most favorable" if len(order) == MOST_BARS else ""),
        footnote="",
        alt="Stacked bars, one a question, from the lowest to the highest answer. "
        + "; ".join(_lean(counts, question) for question in order[::-1][:12])
        + ".",
        table=_distribution_table(counts),
    )


def _shares(results: pd.DataFrame, questions: pd.DataFrame, least: int) -> pd.DataFrame:
    """Return each score's share of its question's answers, questions with too few left out."""
    counts = results.merge(questions, on="question_id", how="inner")
    totals = counts.groupby("question_id")["n"].transform("sum")
    counts = counts.assign(share=counts["n"] / totals, answers=totals)
    return counts[totals >= least]


def segments(
    summary: pd.DataFrame, over: Breakdown, colors: Palette, min_respondents: int
) -> Chart:
    """Draw one question's top-two share by segment for one wave; suppressed segments say so."""
    title = f"{summary['text'].iloc[0]} {summary['label'].iloc[0]}" if len(summary) else ""
    rows = summary.sort_values("top_two", na_position="first").reset_index(drop=True)
    shown = rows[~rows["suppressed"]]
    hidden = int(rows["suppressed"].sum())
    return Chart(
        figure=_segments_figure(rows, shown, over, colors, min_respondents),
        title=title,
        subtitle=f"Share in the top two answers by {over.heading.lower()}, with 95% interval and n",
        footnote=f"{theme.plural(hidden, 'group')} {suppressed_text(min_respondents)}"
        if hidden
        else "",
        alt=f"Dots with intervals by {over.heading.lower()}: "
        + ", ".join(
            f"{over.text(r.segment)} {theme.percent(r.top_two)}" for r in shown.itertuples()
        )
        + f"; {hidden} suppressed.",
        table=summary_table(rows, over, min_respondents, "survey-by-segment"),
    )


def _segments_figure(
    rows: pd.DataFrame, shown: pd.DataFrame, over: Breakdown, colors: Palette, least: int
) -> go.Figure:
    names = [wrapped(over.text(value), 30) for value in rows["segment"]]
    return go.Figure(
        data=_segment_traces(shown, colors),
        layout=theme.figure_layout(
            colors,
            46 + 27 * max(1, len(rows)),
            margin={"l": 8, "r": 100, "t": 6, "b": 28},
            xaxis=theme.axis(colors, showgrid=True, tickformat=".0%", range=[0, 1], nticks=5),
            yaxis=theme.row_axis(colors, names),
            annotations=_segment_labels(rows, colors, least),
        ),
    )


def score_panels(scores: pd.DataFrame, areas: Sequence[str], colors: Palette) -> list[Chart]:
    """Return one panel a question of published averages."""
    groups = scores.groupby("question_id", sort=False)
    return [score_panel(rows, areas, colors) for _, rows in groups]


def score_table(scores: pd.DataFrame) -> TableView:
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


def score_panel(rows: pd.DataFrame, areas: Sequence[str], colors: Palette) -> Chart:
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
    middle = sentences.score_middles(rows).set_index("wave")["score"]
    known = [area for area in grid if area != sentences.WHOLE_AREA]
    text = str(rows["text"].iloc[0])
    first, last = theme.rate(middle.iloc[0]), theme.rate(middle.iloc[-1])
    what = "median" if known else "average"
    of = f"; {theme.plural(len(known), 'area')}" if known else " in the whole city"
    return Chart(
        figure=go.Figure(
            data=_score_traces(grid, middle, areas, colors),
            layout=theme.figure_layout(
                colors,
                PANEL_PX + 30,
                margin={"l": 34, "r": 12, "t": 8, "b": 24},
                hovermode="closest",
                xaxis=theme.axis(colors, nticks=5),
                yaxis=theme.axis(colors, showgrid=True, nticks=4),
            ),
        ),
        title=text,
        subtitle=f"{what} {first} → {last} of {theme.rate(rows['scale_max'].max())}{of}",
        footnote="",
        alt=f"{text}: the {what} went from {first} to {last}.",
        table=score_table(rows),
    )


def _score_traces(
    grid: pd.DataFrame, middle: pd.Series, areas: Sequence[str], colors: Palette
) -> list[dict[str, Any]]:
    chosen = [area for area in grid if str(area) in areas]
    others = [area for area in grid if str(area) not in areas]
    traces = [_score_line(grid[area], _area_text(area), colors.gray, 0.7) for area in others]
    if not chosen:
        return [*traces, _score_line(middle, "median", colors.accent, 2.5)]
    return [*traces, *(_score_line(grid[a], _area_text(a), colors.accent, 2.5) for a in chosen)]


def _area_text(area: object) -> str:
    return str(area) if area == sentences.WHOLE_AREA else f"area {area}"


def _score_line(values: pd.Series, name: str, color: str, width: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [pd.Timestamp(wave).to_pydatetime() for wave in values.index],
        "y": [None if pd.isna(value) else float(value) for value in values],
        "line": {"color": color, "width": width},
        "hovertemplate": f"{plot_text(name)}, %{{x|%B %Y}}: %{{y:.1f}}<extra></extra>",
    }


def _trend_traces(shown: pd.DataFrame, colors: Palette) -> list[dict[str, Any]]:
    at = shown.index.tolist()
    value = shown["top_two"]
    return [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": at,
            "y": value.tolist(),
            "line": {"color": colors.accent, "width": 2},
            "marker": {"color": colors.accent, "size": 7},
            "error_y": {
                "type": "data",
                "symmetric": False,
                "width": 0,
                "thickness": 4,
                "color": colors.accent_soft,
                "array": (shown["top_two_high"] - value).tolist(),
                "arrayminus": (value - shown["top_two_low"]).tolist(),
            },
            "hovertext": [
                f"{plot_text(row.label)}: {theme.percent(row.top_two)} "
                f"({theme.interval(row.top_two_low, row.top_two_high)})<br>"
                f"mean {row.mean:.1f}, n {theme.count(row.n)}"
                for row in shown.itertuples()
            ],
            "hovertemplate": "%{hovertext}<extra></extra>",
        },
    ]


def _wave_ticks(rows: pd.DataFrame) -> list[str]:
    return [
        f"{wrapped(row.label, 9)}<br>" + ("" if row.suppressed else f"n {theme.count(row.n)}")
        for row in rows.itertuples()
    ]


def _value_labels(shown: pd.DataFrame, colors: Palette) -> list[dict[str, Any]]:
    ends = shown.iloc[[0, -1]] if len(shown) > 1 else shown
    return [
        {
            "text": theme.percent(row.top_two),
            "x": i,
            "y": row.top_two_high,
            "yanchor": "bottom",
            "showarrow": False,
            "font": {"size": 12, "color": colors.ink},
        }
        for i, row in zip(ends.index, ends.itertuples(), strict=True)
    ]


def _hidden_labels(rows: pd.DataFrame, colors: Palette) -> list[dict[str, Any]]:
    return [
        {
            "text": "suppressed",
            "x": i,
            "yref": "paper",
            "y": 0.04,
            "textangle": -90,
            "yanchor": "bottom",
            "showarrow": False,
            "font": {"size": 11, "color": colors.quiet},
        }
        for i, row in enumerate(rows.itertuples())
        if row.suppressed
    ]


def _trend_words(rows: pd.DataFrame, min_respondents: int) -> str:
    return "; ".join(
        f"{row.label} {suppressed_text(min_respondents)}"
        if row.suppressed
        else f"{row.label} {theme.percent(row.top_two)}, n {theme.count(row.n)}"
        for row in rows.itertuples()
    )


def _by_favor(counts: pd.DataFrame) -> list[str]:
    height = (counts["score"] - counts["scale_min"]) / (counts["scale_max"] - counts["scale_min"])
    weighed = (height * counts["share"]).groupby(counts["question_id"]).sum()
    return [str(question) for question in weighed.sort_values().index]


def _stretch(row: Any, order: list[str], colors: Palette) -> dict[str, Any]:
    width = row.scale_max - row.scale_min
    place = (row.score - row.scale_min) / width if width else 0.5
    color = colors.diverging[round(place * (len(colors.diverging) - 1))]
    return {
        "type": "bar",
        "orientation": "h",
        "x": [row.share],
        "y": [order.index(row.question_id)],
        "marker": {"color": color, "line": {"color": colors.ground, "width": 1}},
        "hovertemplate": f"answer {row.score:g}: {theme.percent(row.share)}, "
        f"{theme.count(row.n)} of {theme.count(row.answers)}<extra></extra>",
    }


def _distribution_layout(order: list[str], counts: pd.DataFrame, colors: Palette) -> dict[str, Any]:
    texts = counts.drop_duplicates("question_id").set_index("question_id")["text"]
    return theme.figure_layout(
        colors,
        46 + 44 * len(order),
        barmode="stack",
        bargap=0.35,
        margin={"l": 8, "r": 8, "t": 6, "b": 28},
        xaxis=theme.axis(colors, tickformat=".0%", range=[0, 1], nticks=5),
        yaxis=theme.axis(
            colors,
            automargin=True,
            tickvals=list(range(len(order))),
            ticklabelstandoff=6,
            ticktext=[wrapped(texts[question], 34) for question in order],
            tickfont={"color": colors.ink, "size": 12},
        ),
    )


def _lean(counts: pd.DataFrame, question: str) -> str:
    rows = counts[counts["question_id"] == question]
    top = rows.loc[rows["share"].idxmax()]
    return f"{top['text']}: most often {top['score']:g} ({theme.percent(top['share'])})"


def _distribution_table(counts: pd.DataFrame) -> TableView:
    return TableView(
        counts,
        (
            Column("text", "Question"),
            Column("score", "Answer", "number"),
            Column("n", "Respondents", "count"),
            Column("share", "Share", "percent"),
        ),
        "survey-distribution",
        "Answers by question",
        applied="date",
    )


def _segment_traces(shown: pd.DataFrame, colors: Palette) -> list[dict[str, Any]]:
    texts = [
        f"{theme.percent(r.top_two)} ({theme.interval(r.top_two_low, r.top_two_high)})"
        f", mean {r.mean:.1f}, n {theme.count(r.n)}"
        for r in shown.itertuples()
    ]
    return interval_dots(shown, "top_two", texts, colors)


def _segment_labels(
    rows: pd.DataFrame, colors: Palette, min_respondents: int
) -> list[dict[str, Any]]:
    labels = []
    for i, row in enumerate(rows.itertuples()):
        text = f"{theme.percent(row.top_two)}, n {theme.count(row.n)}"
        hidden = {"text": suppressed_text(min_respondents), "x": 0, "xanchor": "left"}
        known = {"text": text, "x": 1, "xanchor": "left", "xshift": 6}
        labels.append(
            {
                **(hidden if row.suppressed else known),
                "xref": "paper",
                "y": i,
                "showarrow": False,
                "font": {"size": 12, "color": colors.quiet},
            }
        )
    return labels
