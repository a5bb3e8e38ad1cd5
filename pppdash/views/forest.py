"""Representation with its intervals: each part's coverage against the coverage of the rest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import plotly.graph_objects as go

from pppdash.analysis.gaps import AHEAD, BEHIND, TOO_LITTLE
from pppdash.views import gaps, theme
from pppdash.views.comparison import Breakdown, span_lines
from pppdash.views.parts import Chart
from pppdash.views.text import plot_text, wrapped
from pppdash.views.theme import Palette

if TYPE_CHECKING:
    from pppdash.analysis.gaps import Gaps

ROW_PX = 30
LABEL_PX = 128
TICKS = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16, 32)
NARROWEST = (1 / 2, 2)  # the axis shows at least this much on both sides of 1
MARKS = "▼\u00a0behind, ▲\u00a0ahead where q\u00a0≤\u00a0.05; ○\u00a0not told apart"
MOST_NAMED = 2


@dataclass(frozen=True)
class _Look:
    """How a verdict is drawn: by shape and line as well as by color."""

    symbol: str
    color: str
    size: int = 10
    width: float = 5
    dash: str = "solid"


def forest(found: Gaps, over: Breakdown, colors: Palette, note: str = "") -> Chart | None:
    """Draw representation on a logarithmic axis on which 1 is like the rest.

    Parameters
    ----------
    found
        Of one dimension.
    over
        That dimension; rows stand in the order of its words, else by representation.
    note
        What else is to be said beneath.

    Returns
    -------
    Chart or None
        None where no part can be held against a rest.
    """
    rows = found.cells[found.cells["representation_low"].notna()]
    if rows.empty:
        return None
    rows = _in_order(rows, over)
    title = _title(found, over)
    dotted = ", dotted: too little data" if (rows["verdict"] == TOO_LITTLE).any() else ""
    return Chart(
        figure=_figure(rows, over, colors),
        title=title,
        subtitle=f"Coverage over the coverage of the rest, with 95% interval. {MARKS}{dotted}",
        footnote=" · ".join(text for text in (note, _at_the_edges(rows)) if text),
        alt=f"{title}. {_alt(rows, over)}",
        table=gaps.compared(found.cells, over),
    )


def _in_order(rows: pd.DataFrame, over: Breakdown) -> pd.DataFrame:
    """Return the rows from the bottom of the figure to its top."""
    if over.words:
        places = {name: -place for place, name in enumerate(over.words)}
        rows = rows.sort_values(over.column, key=lambda names: names.map(places).fillna(-99))
    else:
        rows = rows.sort_values("representation", na_position="last", kind="stable")
    return rows.reset_index(drop=True)


def _title(found: Gaps, over: Breakdown) -> str:
    noun = over.heading.lower()
    known = gaps.of_a_kind(found.cells, over.column)
    behind = gaps.of_a_kind(found.of(BEHIND), over.column)
    names = [over.text(value) for value in behind[over.column]]
    if not names:
        unsure = known["verdict"].eq(TOO_LITTLE).all()
        return f"Too little data to tell any {noun}" if unsure else f"No {noun} is behind the rest"
    if len(names) > MOST_NAMED:
        more = len(names) - MOST_NAMED + 1
        names = [*names[: MOST_NAMED - 1], f"{more} more"]
    return f"Behind the rest: {theme.listed(names)}"


def _figure(rows: pd.DataFrame, over: Breakdown, colors: Palette) -> go.Figure:
    low, high = _span(rows)
    names = [wrapped(over.text(value), 30) for value in rows[over.column]]
    ticks = [tick for tick in TICKS if low <= tick <= high]
    return go.Figure(
        data=[
            trace
            for verdict, group in rows.groupby("verdict", sort=False)
            for trace in _traces(group, over, _look(str(verdict), colors), low, high)
        ],
        layout=theme.figure_layout(
            colors,
            46 + ROW_PX * len(rows),
            margin={"l": 8, "r": LABEL_PX, "t": 6, "b": 28},
            xaxis=theme.axis(
                colors,
                type="log",
                showgrid=True,
                tickvals=ticks,
                ticktext=["the rest" if tick == 1 else _times(tick) for tick in ticks],
                range=[math.log10(low), math.log10(high)],
            ),
            yaxis=theme.row_axis(colors, names),
            shapes=[_like_the_rest(colors)],
            annotations=_labels(rows, colors),
        ),
    )


def _span(rows: pd.DataFrame) -> tuple[float, float]:
    """Return the ends of the axis: whatever is known of the rows, within `TICKS`."""
    points = rows[["representation", "representation_low", "representation_high"]].stack()
    points = points[points > 0]
    low = min(NARROWEST[0], max(TICKS[0], float(points.min())))
    high = max(NARROWEST[1], min(TICKS[-1], float(points.max())))
    return low / 1.12, high * 1.12


def _times(ratio: float) -> str:
    """Return a ratio as the axis has it: ``⅛``, ``½``, ``2×``."""
    parts = {0.125: "⅛", 0.25: "¼", 0.5: "½"}
    text = parts.get(ratio) or (f"{ratio:g}" if ratio >= 1 else f"1/{1 / ratio:g}")
    return f"{text}×"


def _look(verdict: str, colors: Palette) -> _Look:
    if verdict == BEHIND:
        return _Look("triangle-down", colors.amber, 11)
    if verdict == AHEAD:
        return _Look("triangle-up", colors.accent, 11)
    dash = "dot" if verdict == TOO_LITTLE else "solid"
    return _Look("circle-open", colors.quiet, 9, 2, dash)


def _traces(
    rows: pd.DataFrame, over: Breakdown, look: _Look, low: float, high: float
) -> list[dict[str, Any]]:
    """Return the rows of one verdict; what lies beyond the axis is drawn at its edge."""
    ends = [
        [_within(end, low, high) for end in rows[name]]
        for name in ("representation_low", "representation_high")
    ]
    line = {"color": look.color, "width": look.width, "dash": look.dash}
    return [
        {
            "type": "scatter",
            "mode": "lines",
            **span_lines(rows.index.tolist(), *ends),
            "hoverinfo": "skip",
            "opacity": 0.5,
            "line": line,
        },
        {
            "type": "scatter",
            "mode": "markers",
            "x": [_within(value, low, high) for value in rows["representation"]],
            "y": rows.index.tolist(),
            "marker": {
                "color": look.color,
                "symbol": look.symbol,
                "size": look.size,
                "line": {"width": 1.5, "color": look.color},
            },
            "cliponaxis": False,
            "hovertext": [_told(row, over) for _, row in rows.iterrows()],
            "hovertemplate": "%{hovertext}<extra></extra>",
        },
    ]


def _within(value: float, low: float, high: float) -> float:
    """Return where a ratio is drawn: one without an upper end at the right edge."""
    return min(max(value, low), high) if theme.is_known(value) else high


def _told(row: pd.Series, over: Breakdown) -> str:
    return (
        f"{plot_text(over.text(row[over.column]))}: {_ratio(row)}<br>"
        f"{plot_text(row['reason'])}<br>{row['verdict']}{_q(row)}"
    )


def _ratio(row: pd.Series) -> str:
    if not theme.is_known(row["representation"]):
        return "nobody of the rest is enrolled"
    low, high = row["representation_low"], row["representation_high"]
    return f"{row['representation']:.2f} times the rest ({low:.2f}–{high:.2f})"


def _q(row: pd.Series) -> str:
    if not theme.is_known(row["q"]):
        return ""
    return ", q < .001" if row["q"] < 0.001 else f", q {row['q']:.3f}".replace("0.", ".")


def _like_the_rest(colors: Palette) -> dict[str, Any]:
    return {
        "type": "line",
        "x0": 1,
        "x1": 1,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": colors.quiet, "width": 1.5},
        "layer": "below",
    }


def _labels(rows: pd.DataFrame, colors: Palette) -> list[dict[str, Any]]:
    return [
        {
            "text": f"{_coverage(row)} of {theme.count(row['targets'])}"
            + (f" <b>{row['verdict']}</b>" if row["verdict"] in (BEHIND, AHEAD) else ""),
            "xref": "paper",
            "x": 1,
            "xshift": 10,
            "y": i,
            "xanchor": "left",
            "showarrow": False,
            "font": {"size": 12, "color": colors.quiet},
        }
        for i, (_, row) in enumerate(rows.iterrows())
    ]


def _coverage(row: pd.Series) -> str:
    return theme.percent(row["coverage"], row["coverage_low"], row["coverage_high"])


def _at_the_edges(rows: pd.DataFrame) -> str:
    """Return what a mark at an edge of the figure stands for."""
    parts = []
    if (rows["enrolled"] == 0).any():
        parts.append("at the left edge: none enrolled")
    if rows["representation"].isna().any():
        parts.append("at the right edge: nobody of the rest is enrolled")
    return "; ".join(parts).capitalize()


def _alt(rows: pd.DataFrame, over: Breakdown) -> str:
    parts = [
        f"{over.text(row[over.column])} {_ratio(row)}, {row['verdict']}"
        for _, row in rows.iloc[::-1].iterrows()
    ]
    return f"Coverage over that of the rest, from the top: {'; '.join(parts)}."
