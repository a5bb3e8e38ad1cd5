from __future__ import annotations

import pandas as pd

from pppdash.analysis.gaps import rank, reason
from pppdash.metrics.intervals import shrink


def _cells(pairs: dict[str, tuple[int, int]], goal: float | None = 0.8) -> pd.DataFrame:
    frame = pd.DataFrame(
        [(name, targets, enrolled) for name, (enrolled, targets) in pairs.items()],
        columns=["sector", "targets", "targets_enrolled"],
    )
    frame["coverage"] = frame["targets_enrolled"] / frame["targets"].where(frame["targets"] > 0)
    frame["coverage_shrunken"] = shrink(frame["targets_enrolled"], frame["targets"])
    frame["goal"] = goal if goal is not None else float("nan")
    frame["shortfall"] = (frame["goal"] * frame["targets"] - frame["targets_enrolled"]).clip(0)
    whole = frame["targets_enrolled"].sum() / frame["targets"].sum()
    frame["expected"] = frame["targets"] * whole
    return frame


def test_a_zero_of_three_does_not_outrank_a_zero_of_sixty():
    ranked = rank(_cells({"few": (0, 3), "many": (0, 60), "rest": (40, 100)}), 10)
    names = ranked["sector"].tolist()
    assert names.index("many") < names.index("few")


def test_cells_without_targets_are_no_gaps():
    assert rank(_cells({"a": (1, 10), "none": (0, 0)}), 10)["sector"].tolist() == ["a"]


def test_without_a_goal_the_citys_coverage_is_the_measure():
    ranked = rank(_cells({"behind": (0, 50), "ahead": (40, 50)}, goal=None), 10)
    assert ranked["sector"].tolist() == ["behind", "ahead"]
    assert ranked["ranked_shortfall"].iloc[0] > 0
    assert ranked["ranked_shortfall"].iloc[1] == 0


def test_a_goal_that_is_met_leaves_no_gap():
    ranked = rank(_cells({"done": (50, 50), "open": (1, 50)}, goal=0.3), 10)
    assert ranked.set_index("sector").loc["done", "ranked_shortfall"] == 0


def test_reasons_in_words():
    assert reason(60, 0, 7.2, True, 10) == "60 targets, none enrolled; expected 7"
    assert reason(1_229, 35, 147.5, True, 10) == "1,229 targets, 35 enrolled; expected 148"
    assert reason(12, 3, float("nan"), True, 10) == "12 targets, 3 enrolled"
    assert reason(1, 0, 0.12, True, 10) == (
        "1 target, none enrolled; expected fewer than 1 (unreliable: fewer than 10 targets)"
    )


def test_a_cell_ahead_of_the_city_is_a_gap_by_its_size_alone():
    said = "435 targets, 121 enrolled; expected 52"
    assert reason(435, 121, 52.2, True, 10) == said + ", so a gap by its size alone"
    assert reason(435, 121, 52.2, False, 10) == said
