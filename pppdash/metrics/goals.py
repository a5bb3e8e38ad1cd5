"""Which goal a cell is held to: its area's, else its sector's, else the city's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from pppdash.metrics.filters import Filters


@dataclass(frozen=True)
class Goal:
    """The coverage to reach, and by when."""

    target: float
    due: date


class Goals:
    """A city's goals for coverage.

    Parameters
    ----------
    rows
        Columns metric, scope, key, layer, target, due.
    """

    def __init__(self, rows: pd.DataFrame) -> None:
        self._by_cell = {
            (row["scope"], row["layer"], row["key"]): Goal(row["target"], row["due"].date())
            for row in rows[rows["metric"] == "coverage"].to_dict("records")
        }

    def of(self, layer: str | None, area: str | None, sector: str | None) -> Goal | None:
        """Return the most specific goal of a cell; None where there is none at all."""
        return (
            self._by_cell.get(("area", layer, area))
            or self._by_cell.get(("sector", "", sector))
            or self._by_cell.get(("all", "", ""))
        )

    def of_selection(self, filters: Filters) -> Goal | None:
        """Return the goal of what a filter selects: its one area's or sector's, else the city's."""
        return self.of(filters.layer, only(filters.areas), only(filters.sectors))


def only(values: Sequence[str]) -> str | None:
    """Return the value where there is just one."""
    return values[0] if len(values) == 1 else None
