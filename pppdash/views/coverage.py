"""What a comparison is over, and shares as dots on their intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from pppdash.views.theme import Palette


@dataclass(frozen=True)
class Breakdown:
    """What a comparison is over: the frame's column, its heading, and how a value is written.

    ``named`` is the column that holds how values are written, where a frame has one.
    """

    column: str
    heading: str
    words: Mapping[str, str] = field(default_factory=dict)
    named: str = ""

    def text(self, value: object) -> str:
        """Return how ``value`` is written."""
        return self.words.get(str(value), str(value))

    def written(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a frame whose :attr:`label` column reads as people write it."""
        return frame.assign(**{self.label: [self.text(value) for value in frame[self.label]]})

    @property
    def label(self) -> str:
        """The column to show."""
        return self.named or self.column


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
