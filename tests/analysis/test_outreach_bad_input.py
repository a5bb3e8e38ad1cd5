"""Each thing that no plan can follow is said in a sentence, with what would work."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pppdash.analysis.outreach import Limit, Problem, Slot, solve
from pppdash.errors import PlanError
from proofs.outreach_problems import large

GOOD = large(300, 0)
FREE = GOOD.targets[~GOOD.targets["is_enrolled"]]
FIRST = FREE["target_id"].iloc[0]


def changed(**columns: object) -> Problem:
    return replace(GOOD, targets=GOOD.targets.assign(**columns))


def at_first(column: str, value: object) -> Problem:
    frame = GOOD.targets.copy()
    frame.loc[frame["target_id"] == FIRST, column] = value
    return replace(GOOD, targets=frame)


def everywhere() -> Problem:
    frame = GOOD.targets.copy()
    index = FREE.drop_duplicates("area_id").index
    frame.loc[index, "owner_id"] = "City Works"
    return replace(GOOD, targets=frame, setup_hours={"A01": 1.0})


def locked_in_too_much() -> Problem:
    energy = FREE.loc[FREE["sector"] == FREE["sector"].iloc[0], "target_id"]
    return replace(GOOD, locked_in=frozenset(energy), hours=2.0, limits=())


CASES = {
    "no budget": (replace(GOOD, hours=0.0), "no budget. Set the staff hours"),
    "a budget that is no number": (replace(GOOD, hours=np.nan), "no budget"),
    "a negative budget": (
        replace(GOOD, hours=-5.0),
        "the budget are -5. Set a number of 0 or more",
    ),
    "under one contact": (
        replace(GOOD, hours=0.25, limits=()),
        r"0.25 hours is under one contact.*Raise the budget",
    ),
    "negative hours": (at_first("hours", -1.0), f"Target {FIRST} has hours -1. Give"),
    "no hours": (at_first("hours", 0.0), "hours of more than 0"),
    "negative set-up": (replace(GOOD, setup_hours={"A01": -1}), "set-up in area A01 are -1"),
    "a chance above 1": (at_first("probability", 1.2), "probability of 0 to 1"),
    "a weight that is missing": (at_first("weight", np.nan), "weight of 0 or more"),
    "a floor above supply": (
        replace(GOOD, limits=(Limit("sector", "S00", floor=9_999),)),
        r"floor for sector S00 is 9,999, but there are .* Set at most",
    ),
    "a floor above its ceiling": (
        replace(GOOD, limits=(Limit("sector", "S00", floor=2, ceiling=1),)),
        "above its ceiling of 1",
    ),
    "a negative floor": (replace(GOOD, limits=(Limit("area", "A01", floor=-1),)), "Set 0 or more"),
    "a limit on what is not there": (
        replace(GOOD, limits=(Limit("sector", "Fun", floor=1),)),
        "sector Fun, which holds no target",
    ),
    "no area": (at_first("area_id", None), f"1 target is without area_id, first {FIRST}"),
    "no sector": (at_first("sector", None), "without sector"),
    "an owner everywhere": (everywhere(), "City Works has targets in all 25 areas"),
    "all enrolled": (changed(is_enrolled=True), "enrolled already, so there is nobody to call"),
    "all weights zero": (changed(weight=0.0), "All weights are zero"),
    "all chances zero": (changed(probability=0.0), "All chances are zero"),
    "a flag that is missing": (
        changed(is_quick_win=None),
        "has is_quick_win None. Say true or false",
    ),
    "no targets": (replace(GOOD, targets=GOOD.targets.iloc[:0]), "There are no targets"),
    "a column that is missing": (
        replace(GOOD, targets=GOOD.targets.drop(columns="weight")),
        "lack weight",
    ),
    "a target twice": (changed(target_id="T1"), "Target T1 is there twice"),
    "an unknown prong": (at_first("prong", "post"), "prong 'post'. Prongs are targeted, wide_net"),
    "a budget for an unknown prong": (replace(GOOD, prong_hours={"post": 1.0}), "no prong post"),
    "a share above 1": (replace(GOOD, quick_win_share=1.5), "quick wins is 1.5. Set it within"),
    "everybody held out": (replace(GOOD, holdout_share=1.0), "from 0 to below 1"),
    "locked but unknown": (
        replace(GOOD, locked_in=frozenset({"T9x"})),
        "not in the list, first T9x",
    ),
    "locked both ways": (
        replace(GOOD, locked_in=frozenset({FIRST}), locked_out=frozenset({FIRST})),
        "One contact reaches both: unlock one",
    ),
    "everybody locked out": (
        replace(GOOD, locked_out=frozenset(FREE["target_id"]), limits=()),
        "could be called is locked out",
    ),
    "too much locked in": (locked_in_too_much(), "What is locked in takes .* hours"),
    "hours twice": (
        replace(GOOD, slots=(Slot(1, "Ann", 2.0), Slot(1, "Ann", 3.0))),
        "Ann has hours twice in period 1",
    ),
    "a liaison without hours": (
        replace(GOOD, slots=(Slot(1, "Ann", 200.0),), liaison_of_area={"A01": "Ben"}),
        "Ben works an area but has no hours",
    ),
    "liaisons without weeks": (replace(GOOD, liaison_of_area={"A01": "Ben"}), "no hours by period"),
    "locked in but longer than a week": (
        replace(GOOD, locked_in=frozenset({FIRST}), limits=(), slots=(Slot(1, "Ann", 0.3),)),
        "one period",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_said(name):
    problem, sentence = CASES[name]
    with pytest.raises(PlanError, match=sentence):
        solve(problem, 0)


def test_the_good_problem_is_good():
    assert solve(GOOD, 0).status in ("optimal", "infeasible")
