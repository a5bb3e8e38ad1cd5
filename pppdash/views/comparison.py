"""What a comparison is over, and the intervals that are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd


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


def span_lines(
    heights: Sequence[float], lows: Sequence[float], highs: Sequence[float]
) -> dict[str, list[float | None]]:
    """Return intervals as one broken line of a Plotly trace, each at its height."""
    return {
        "x": [end for low, high in zip(lows, highs, strict=True) for end in (low, high, None)],
        "y": [end for height in heights for end in (height, height, None)],
    }
