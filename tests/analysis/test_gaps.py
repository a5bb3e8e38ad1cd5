"""Sector gaps: their order, their intervals, and what is said of each."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

from pppdash.analysis.gaps import (
    AHEAD,
    BEHIND,
    COLUMNS,
    NO_DIFFERENCE,
    NOT_COMPARED,
    TOO_LITTLE,
    VERDICTS,
    fisher,
    measure,
    rank,
    ratio_intervals,
    reason,
)
from pppdash.metrics.intervals import shrink
from proofs import gaps as proof


def _cells(pairs: dict[str, tuple[int, int]], goal: float | None = 0.8) -> pd.DataFrame:
    enrolled, targets = zip(*pairs.values(), strict=True)
    return proof.city(enrolled, targets, math.nan if goal is None else goal).assign(
        sector=list(pairs)
    )


def _measured(**pairs: tuple[int, int]) -> pd.DataFrame:
    return measure(_cells(pairs), 10, "Unclassified").cells.set_index("sector")


# -- order and reason ---------------------------------------------------------------------------


def test_a_zero_of_three_does_not_outrank_a_zero_of_sixty():
    ranked = rank(_cells({"few": (0, 3), "many": (0, 60), "rest": (40, 100)}), 10)
    names = ranked["sector"].tolist()
    assert names.index("many") < names.index("few")


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 400), st.floats(0, 1)), max_size=8),
    st.none() | st.floats(0, 1),
)
def test_it_never_does_whatever_the_goal_and_the_others(others, goal):
    pairs = {"few": (0, 3), "many": (0, 60)}
    pairs |= {f"other {i}": (round(n * share), n) for i, (n, share) in enumerate(others)}
    names = rank(_cells(pairs, goal), 10)["sector"].tolist()
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


# -- intervals and p ----------------------------------------------------------------------------


def test_intervals_and_p_equal_an_independent_computation():
    largest = proof.differences(proof.random_tables(60, 11))
    assert largest["low"] < 1e-8
    assert largest["high"] < 1e-8
    assert largest["p"] < 1e-10


def test_intervals_are_those_of_statsmodels_where_it_has_them():
    for table in [(35, 1_229, 1_165, 8_771), (7, 173, 1_193, 9_827), (20, 40, 300, 900)]:
        low, high = ratio_intervals(*table)
        theirs = confint_proportions_2indep(*table, compare="ratio", method="score")
        assert (float(low), float(high)) == pytest.approx(theirs, rel=1e-6)


EDGES = [(0, 60, 1_200, 9_940), (60, 60, 1_140, 9_940), (0, 3, 5, 5), (1, 2, 1, 1), (1, 1, 0, 1)]


@pytest.mark.parametrize("table", EDGES)
def test_intervals_hold_the_ratio_where_nobody_or_everybody_is_enrolled(table):
    x, n, rest_x, rest_n = table
    low, high = (float(end) for end in ratio_intervals(*table))
    assert (low == 0) == (x == 0)
    assert math.isnan(high) == (rest_x == 0)
    if rest_x:
        assert low <= (x / n) / (rest_x / rest_n) <= high


@pytest.mark.parametrize("targets", range(2, 12))
def test_p_of_every_small_table_is_counted_right(targets):
    for enrolled in range(1, targets):
        cells = [
            (x, n)
            for n in range(1, targets)
            for x in range(max(0, n - targets + enrolled), min(n, enrolled) + 1)
        ]
        x, n = np.array(cells).T
        exact = [proof.fisher(x, n, enrolled - x, targets - n) for x, n in cells]
        assert fisher(x, n, enrolled, targets) == pytest.approx(exact, rel=1e-12)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(1, 300), st.floats(0, 1)), min_size=2, max_size=30))
def test_p_of_all_cells_at_once_is_scipys_of_each(drawn):
    n = np.array([n for n, _ in drawn])
    x = np.array([round(n * share) for n, share in drawn])
    found = fisher(x, n, x.sum(), n.sum())
    for p, *cell in zip(found, x, n, strict=True):
        own, size = cell
        rest = x.sum() - own
        table = [[own, size - own], [rest, n.sum() - size - rest]]
        assert p == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-9)


def test_p_is_fishers_and_q_is_benjamini_and_hochbergs_over_the_named():
    pairs = {"a": (3, 200), "b": (30, 100), "c": (25, 90), "Unclassified": (0, 80)}
    found = measure(_cells(pairs), 10, "Unclassified").cells.set_index("sector")
    p = {
        name: stats.fisher_exact([[x, n - x], [58 - x, 412 - n + x]]).pvalue
        for name, (x, n) in pairs.items()
        if name != "Unclassified"
    }
    assert found["q"][list(p)].tolist() == pytest.approx(
        stats.false_discovery_control(list(p.values())).tolist()
    )
    assert np.isnan(found.loc["Unclassified", "q"])
    assert found.loc["Unclassified", "verdict"] == NOT_COMPARED
    assert found.loc["Unclassified", "representation"] == 0


# -- verdicts -----------------------------------------------------------------------------------


def test_verdicts():
    found = _measured(low=(5, 400), high=(90, 300), like=(60, 500), few=(0, 12))["verdict"]
    assert found.to_dict() == {
        "low": BEHIND,
        "high": AHEAD,
        "like": NO_DIFFERENCE,
        "few": TOO_LITTLE,
    }


def test_a_rest_without_anybody_enrolled_gives_no_ratio_and_no_upper_end():
    row = _measured(all=(40, 60), nobody=(0, 60)).loc["all"]
    assert math.isnan(row["representation"])
    assert row["representation_low"] > 1
    assert math.isnan(row["representation_high"])
    assert row["verdict"] == AHEAD


@pytest.mark.parametrize(
    "pairs",
    [
        {"a": (0, 50), "b": (0, 9)},
        {"a": (50, 50), "b": (9, 9)},
        {"a": (5, 50)},
        {"Unclassified": (5, 50)},
    ],
    ids=["nobody enrolled", "everybody enrolled", "one sector", "everyone in none"],
)
def test_where_there_is_nothing_to_compare_no_number_pretends(pairs):
    found = _measured(**pairs)
    assert (found["verdict"] == NOT_COMPARED).all()
    assert (
        found[["representation", "representation_low", "representation_high", "q"]]
        .isna()
        .all(axis=None)
    )


def test_no_cells_and_no_targets_are_no_error():
    empty = _cells({"a": (0, 0)})
    for cells in (empty, empty.iloc[:0]):
        found = measure(cells, 10, "Unclassified")
        assert found.cells.empty
        assert (found.targets, found.enrolled) == (0, 0)
        assert set(COLUMNS) <= set(found.cells)
        assert found.of(BEHIND).empty


def test_a_missing_sector_is_no_sector():
    cells = _cells({"a": (5, 50), "b": (9, 90)}).replace({"sector": {"b": None}})
    found = measure(cells, 10, "Unclassified").cells.set_index("sector")
    assert found["verdict"].to_dict() == {"a": NO_DIFFERENCE, "Unclassified": NOT_COMPARED}


def test_the_furthest_behind_come_first():
    found = measure(_cells({"a": (5, 400), "b": (0, 60), "rest": (200, 700)}), 10).of(BEHIND)
    assert found["sector"].tolist() == ["a", "b"]
    assert found["missing"].iloc[1] == pytest.approx(60 * 205 / 1_100)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 300), st.floats(0, 1)), min_size=1, max_size=12))
def test_every_city_gets_an_answer(drawn):
    pairs = {f"s{i}": (round(n * share), n) for i, (n, share) in enumerate(drawn)}
    found = measure(_cells(pairs), 10).cells
    assert found["verdict"].isin(VERDICTS).all()
    assert (found["q"].dropna().between(0, 1)).all()
    called = found["verdict"].isin([BEHIND, AHEAD])
    assert (called == (found["q"] <= 0.05)).all()
    known = found.dropna(subset=["representation"])
    inside = known["representation_low"] <= known["representation"] * (1 + 1e-9)
    assert (inside & (known["representation"] <= known["representation_high"] * (1 + 1e-9))).all()


# -- what chance does: the proof on fewer draws -------------------------------------------------


@pytest.mark.parametrize("coverage", [0.05, 0.12, 0.8])
def test_chance_alone_seldom_names_a_sector(coverage):
    cities = 2_000
    named = proof.share_naming(proof.SECTOR_SIZES, coverage, cities, 21)
    assert named * cities <= stats.binom.ppf(0.999, cities, 0.05)


def test_a_planted_gap_is_found_and_held():
    found = proof.verdicts(proof.SECTOR_SIZES, 0.12, 40, 22, planted=0.5)
    assert found["planted"] == 1
    assert found["holds"] >= stats.binom.ppf(0.001, 40, 0.95) / 40


def test_shrinkage_never_leaves_0_to_1():
    assert proof.shares_outside(300, 23) == 0
    assert shrink(pd.Series([3, 0]), pd.Series([3, 60])).between(0, 1).all()
