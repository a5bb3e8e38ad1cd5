"""How answers spread over their scales: all questions of a wave, or one question wave by wave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from pppdash.views import survey_sentences, theme
from pppdash.views.answers import in_order
from pppdash.views.parts import Chart, Column, TableView
from pppdash.views.text import plot_text, wrapped
from pppdash.views.theme import Palette

MOST_BARS = 12
MOST_POINTS = 10  # of a scale whose answers are drawn one by one
MOST_LETTERS = 68  # of a question: Plotly leaves out names of more than two lines
QUESTION_PX, WAVE_PX = 40, 28
COLUMNS = ("question_id", "wave", "text", "label", "scale_min", "scale_max")


def of_last_wave(spread: pd.DataFrame, results: pd.DataFrame, colors: Palette) -> Chart | None:
    """Draw how answers spread in the last wave that shows any, one bar a question; else None.

    Parameters
    ----------
    spread
        ``Survey.distributions`` of all respondents together.
    results
        ``Survey.results``, for texts, scales, and the order of the questions.
    """
    counts = _named(spread, results)
    counts = counts[counts["wave"] == counts["wave"].max()]
    if counts.empty:
        return None
    here = set(counts["question_id"].astype(str))
    questions = [question for question in in_order(results) if question in here]
    rows = questions[:MOST_BARS][::-1]
    bars = counts.assign(row=counts["question_id"].astype(str))
    texts = bars.drop_duplicates("row").set_index("row")["text"]
    label = str(counts["label"].iloc[0])
    more = f"; the first {MOST_BARS} of {len(questions)}" if len(questions) > MOST_BARS else ""
    return _chart(
        bars[bars["row"].isin(rows)],
        rows,
        [wrapped(survey_sentences.short(texts[row], MOST_LETTERS), 34) for row in rows],
        f"How the answers spread in {label}",
        f"Share of answers from the lowest (left) to the highest (right) of each scale{more}",
        _table(counts, "survey-distribution"),
        QUESTION_PX,
        colors,
    )


def by_wave(
    spread: pd.DataFrame, results: pd.DataFrame, question: str, colors: Palette
) -> Chart | None:
    """Draw how one question's answers spread, one bar a wave, the last on top."""
    counts = _named(spread, results)
    counts = counts[counts["question_id"].astype(str) == question]
    if counts.empty:
        return None
    held = sorted(counts["wave"].unique())
    bars = counts[counts["wave"].isin(held[-MOST_BARS:])]
    bars = bars.assign(row=bars["wave"].dt.strftime("%Y-%m-%d"))
    labels = bars.drop_duplicates("row").set_index("row")["label"].sort_index()
    more = f"; the last {MOST_BARS} of {len(held)} waves" if len(held) > MOST_BARS else ""
    return _chart(
        bars,
        labels.index.tolist(),
        [wrapped(label, 20) for label in labels],
        "How its answers spread, wave by wave",
        f"Share of answers from the lowest (left) to the highest (right) of the scale{more}",
        _table(counts, "survey-question-distribution"),
        WAVE_PX,
        colors,
    )


def _named(spread: pd.DataFrame, results: pd.DataFrame) -> pd.DataFrame:
    """Return the shares with their texts, scales and waves."""
    names = results.drop_duplicates(["question_id", "wave"])[list(COLUMNS)]
    return spread.merge(names, on=["question_id", "wave"], how="inner")


def _chart(
    bars: pd.DataFrame,
    rows: Sequence[str],
    names: Sequence[str],
    title: str,
    subtitle: str,
    table: TableView,
    row_px: int,
    colors: Palette,
) -> Chart:
    ordered = _in_steps(bars).sort_values(["row", "score"])
    return Chart(
        figure=go.Figure(
            data=[_stretches(part, rows, colors) for _, part in ordered.groupby("score")],
            layout=theme.figure_layout(
                colors,
                46 + row_px * len(rows),
                barmode="stack",
                bargap=0.35,
                margin={"l": 8, "r": 14, "t": 6, "b": 28},
                xaxis=theme.axis(colors, tickformat=".0%", range=[0, 1], nticks=5),
                yaxis=theme.row_axis(colors, names),
            ),
        ),
        title=title,
        subtitle=subtitle,
        footnote="",
        alt=f"Stacked bars, from the lowest to the highest answer. {_leans(ordered, rows)}.",
        table=table,
    )


def _in_steps(bars: pd.DataFrame) -> pd.DataFrame:
    """Return the answers as they are drawn; those on a long scale taken together in fifths.

    ``answer`` says which answers a stretch stands for, ``height`` (0..1) where on the scale.
    """
    width = bars["scale_max"] - bars["scale_min"]
    height = (bars["score"] - bars["scale_min"]) / width
    own = bars.assign(height=height, answer=[f"{score:g}" for score in bars["score"]])
    is_long = width > MOST_POINTS
    if not is_long.any():
        return own
    fifth = (5 * height).clip(upper=4).astype(int)
    low = bars["scale_min"] + fifth * width / 5
    answer = [f"{a:g}–{b:g}" for a, b in zip(low, low + width / 5, strict=True)]
    long = own.assign(score=low, height=fifth / 4, answer=answer)[is_long]
    keys = [name for name in long if name not in ("n", "share")]
    together = long.groupby(keys, as_index=False, sort=False)[["n", "share"]].sum()
    return pd.concat([own[~is_long], together], ignore_index=True)


def _stretches(part: pd.DataFrame, rows: Sequence[str], colors: Palette) -> dict[str, Any]:
    """Return one answer's stretch of every bar that has it, as one trace."""
    steps = (part["height"] * (len(colors.diverging) - 1)).round().astype(int)
    return {
        "type": "bar",
        "orientation": "h",
        "x": part["share"].tolist(),
        "y": [rows.index(name) for name in part["row"]],
        "marker": {
            "color": [colors.diverging[step] for step in steps],
            "line": {"color": colors.ground, "width": 1},
        },
        "hovertext": [
            f"{plot_text(label)}, answer {answer}: {theme.percent(share)}, n {theme.count(n)}"
            for label, answer, share, n in zip(
                part["label"], part["answer"], part["share"], part["n"], strict=True
            )
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _leans(bars: pd.DataFrame, rows: Sequence[str]) -> str:
    """Return the most frequent answer of each bar, from the top."""
    said = []
    for name in list(rows)[::-1]:
        top = bars.loc[bars.loc[bars["row"] == name, "share"].idxmax()]
        said.append(
            f"{top['text']} {top['label']}: most often {top['answer']} "
            f"({theme.percent(top['share'])})"
        )
    return "; ".join(said)


def _table(counts: pd.DataFrame, name: str) -> TableView:
    return TableView(
        counts,
        (
            Column("text", "Question"),
            Column("label", "Wave"),
            Column("score", "Answer", "number"),
            Column("n", "Answers", "count"),
            Column("share", "Share", "percent", "Weighted, where the wave is"),
        ),
        name,
        "Answers by question",
        exported=("question_id", "wave"),
        applied="date",
    )


def none_shown(least: int) -> str:
    """Return why no distribution is shown."""
    return f"How answers spread is {survey_sentences.suppressed(least)}."
