"""Where coverage falls short, worst first, and the reason in words."""

from __future__ import annotations

import pandas as pd

NEEDED = (
    "targets",
    "targets_enrolled",
    "coverage",
    "coverage_shrunken",
    "goal",
    "shortfall",
    "expected",
)
"""Metrics that `rank` wants in its cells."""


def rank(cells: pd.DataFrame, min_targets: int) -> pd.DataFrame:
    """Order cells by how many targets they are short of their goal.

    Parameters
    ----------
    cells
        One row a cell: its dimensions and the metrics in `NEEDED`.
    min_targets
        Cells with fewer targets are called unreliable in their reason.

    Returns
    -------
    pd.DataFrame
        The cells that hold targets, with ``ranked_shortfall`` (targets; goal less shrunken
        coverage, so that a zero of 3 does not outrank a zero of 60; without a goal, what is
        missing to the city's coverage) and ``reason``, worst first.
    """
    held = cells[cells["targets"] > 0].copy()
    short = (held["goal"] - held["coverage_shrunken"]).clip(lower=0) * held["targets"]
    behind = (held["expected"] - held["coverage_shrunken"] * held["targets"]).clip(lower=0)
    held["ranked_shortfall"] = short.where(held["goal"].notna(), behind)
    held["reason"] = [
        reason(
            row.targets, row.targets_enrolled, row.expected, row.ranked_shortfall > 0, min_targets
        )
        for row in held.itertuples()
    ]
    return held.sort_values(
        ["ranked_shortfall", "targets"], ascending=False, kind="stable", ignore_index=True
    )


def reason(targets: int, enrolled: int, expected: float, is_short: bool, min_targets: int) -> str:
    """Say why a cell is where it is: "60 targets, none enrolled; expected 7"."""
    have = "none" if enrolled == 0 else f"{enrolled:,}"
    noun = "target" if targets == 1 else "targets"
    words = f"{targets:,} {noun}, {have} enrolled"
    if pd.notna(expected):
        words += f"; expected {_rounded(expected)}"
        words += ", so a gap by its size alone" if is_short and enrolled > expected else ""
    if targets < min_targets:
        words += f" (unreliable: fewer than {min_targets} targets)"
    return words


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else "fewer than 1"
