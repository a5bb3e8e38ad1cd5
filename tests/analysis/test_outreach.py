"""Outreach plans: the best there is, within every limit, and honest about what is proven."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, sparse

from pppdash.analysis.outreach import Limit, Problem, Slot, Stop, solve
from pppdash.analysis.outreach.bounds import Relaxation, everything
from pppdash.analysis.outreach.model import build
from pppdash.analysis.outreach.search import search
from pppdash.analysis.outreach.stop import Watch
from proofs.outreach import breaks, breaks_weeks, disagreement
from proofs.outreach_problems import large, small, with_weeks

EXACT = Stop(gap=0.0, seconds=30.0)


def targets(*rows: dict[str, object]) -> pd.DataFrame:
    usual = {
        "owner_id": None,
        "area_id": "1",
        "sector": "Energy",
        "size_band": "small",
        "prong": "wide_net",
        "hours": 1.0,
        "probability": 0.5,
        "weight": 1.0,
        "size": 10.0,
        "is_quick_win": False,
        "is_enrolled": False,
    }
    return pd.DataFrame(
        [{"target_id": f"T{number}", **usual, **row} for number, row in enumerate(rows)]
    )


def chosen(plan) -> set[str]:
    return set(plan.targets["target_id"])


@pytest.mark.parametrize("weeks", [True, False], ids=["weeks", "one period"])
@pytest.mark.parametrize("seed", range(24))
def test_a_plan_is_the_best_of_all_choices(seed, weeks):
    status, differs = disagreement(small(seed, weeks))
    assert not differs, f"{status}: {differs}"


@pytest.mark.parametrize("seed", range(4))
def test_a_plan_is_as_good_as_plain_branch_and_bound(seed):
    model = build(large(400, seed))
    n, m = model.contacts, len(model.areas)
    needs = model.needs.tocoo()
    pairs = np.arange(needs.nnz)
    link = sparse.coo_array((np.ones(needs.nnz), (pairs, needs.row)), shape=(needs.nnz, n))
    area = sparse.coo_array((np.ones(needs.nnz), (pairs, needs.col)), shape=(needs.nnz, m))
    plain = optimize.milp(
        np.concatenate([-model.value, np.zeros(m)]),
        integrality=np.ones(n + m),
        bounds=optimize.Bounds(0, 1),
        constraints=[
            optimize.LinearConstraint(
                sparse.hstack([model.uses, model.opens]), model.low, model.high
            ),
            optimize.LinearConstraint(sparse.hstack([link, -area]), -np.inf, 0),
        ],
        options={"mip_rel_gap": 1e-9},
    )
    found = search(model, [], Watch(EXACT), 0, lambda objective, bound: None)
    if plain.status == 2:
        assert found.chosen is None
        assert found.bound < 0
    else:
        assert found.objective == pytest.approx(-plain.fun)
        assert found.bound == pytest.approx(-plain.fun)


@pytest.mark.parametrize("seed", range(3))
def test_large_plans_keep_every_limit_and_beat_both_plans_made_by_hand(seed):
    problem = replace(large(3_000, seed), holdout_share=0.2)
    plan = solve(problem, seed)
    assert plan.status == "optimal"
    assert plan.gap <= 0.001 + 1e-9
    assert breaks(problem, plan) == []
    assert plan.hours == pytest.approx(plan.targets["hours"].sum())
    for hand in plan.by_hand:
        assert hand.breaks or plan.objective >= hand.objective
    pd.testing.assert_frame_equal(plan.targets, solve(problem, seed).targets)


def test_bounds_hold_for_every_choice_the_other_way():
    """What a contact or an area costs to flip is never more than it truly does."""
    model = build(replace(large(60, 5), limits=(), quick_win_share=0.0))
    found = Relaxation(model).solve(everything(model))
    best = search(model, [], Watch(EXACT), 0, lambda objective, bound: None)
    assert found.value >= best.objective - 1e-9
    made = np.flatnonzero(best.chosen)
    assert (found.value - found.to_one[made] >= best.objective - 1e-9).all()
    rest = np.flatnonzero(~best.chosen)
    assert (found.value - found.to_zero[rest] >= best.objective - 1e-9).all()
    opened = model.opened(best.chosen)
    assert (found.value - found.to_open[opened] >= best.objective - 1e-9).all()
    assert (found.value - found.to_close[~opened] >= best.objective - 1e-9).all()


def test_opening_an_area_must_pay():
    three = targets({"probability": 0.9}, {"area_id": "2"}, {"area_id": "2"})
    assert "T0" in chosen(solve(Problem(three, 2.5), 0))
    plan = solve(Problem(three, 2.5, setup_hours={"1": 1.0, "2": 0.5}), 0)
    assert chosen(plan) == {"T1", "T2"}
    assert plan.setup_hours == 0.5
    assert plan.areas["area_id"].tolist() == ["2"]


def test_one_contact_covers_an_owner_at_the_hours_of_its_most_laborious_target():
    frame = targets(
        {"owner_id": "O", "hours": 1.0},
        {"owner_id": "O", "hours": 2.0, "prong": "targeted"},
        {"probability": 0.9},
    )
    plan = solve(Problem(frame, 2.0), 0)
    assert chosen(plan) == {"T0", "T1"}
    assert plan.hours == 2.0
    assert plan.targets.set_index("target_id")["hours"].to_dict() == {"T0": 0.0, "T1": 2.0}
    assert plan.targets["contact"].unique().tolist() == [1]
    assert "one contact for 2 targets" in plan.targets["reason"][0]
    assert chosen(solve(Problem(frame, 2.0, prong_hours={"targeted": 1.0}), 0)) == {"T2"}


def test_targets_with_an_empty_owner_are_called_one_by_one():
    frame = targets({"owner_id": ""}, {"owner_id": ""}, {"owner_id": None})
    assert solve(Problem(frame, 3.0), 0).hours == 3.0


def test_floors_and_ceilings_count_who_is_enrolled():
    frame = targets({"is_enrolled": True}, {}, {}, {"sector": "Water", "probability": 0.1})
    two = Limit("sector", "Energy", ceiling=2)
    assert len(chosen(solve(Problem(frame, 3.0, limits=(two,)), 0)) & {"T1", "T2"}) == 1
    water = Limit("sector", "Water", floor=1)
    plan = solve(Problem(frame, 1.0, limits=(water,)), 0)
    assert chosen(plan) == {"T3"}
    assert "for the floor of 1 in sector Water" in plan.targets["reason"][0]
    assert {limit.name for limit in plan.binding} == {"all", "Water"}


def test_locks_hold_and_reach_the_owner():
    frame = targets({"probability": 0.1}, {"owner_id": "O"}, {"owner_id": "O"}, {})
    problem = Problem(frame, 4.0, locked_in=frozenset({"T0"}), locked_out=frozenset({"T1"}))
    assert chosen(solve(problem, 0)) == {"T0", "T3"}


def test_quick_wins_have_their_share():
    frame = targets({}, {}, {}, {"is_quick_win": True, "probability": 0.1})
    plan = solve(Problem(frame, 4.0, quick_win_share=0.5), 0)
    assert plan.targets["is_quick_win"].mean() >= 0.5
    assert len(plan.targets) == 2


def test_a_floor_that_cannot_be_kept_is_named_with_how_much():
    frame = targets({}, {}, {}, {"sector": "Water"})
    limits = (Limit("sector", "Energy", floor=3), Limit("sector", "Water", floor=1))
    plan = solve(Problem(frame, 2.5, limits=limits, setup_hours={"1": 0.5}), 0)
    assert plan.status == "infeasible"
    assert plan.targets.empty
    assert sum(one.short for one in plan.unkept) == 2
    assert all(one.row.kind == "sector" for one in plan.unkept)


def test_one_more_hour_is_what_a_larger_budget_brings():
    frame = targets({"probability": 0.9}, {"probability": 0.4}, {"probability": 0.3})
    more = solve(Problem(frame, 1.0), 0, EXACT).one_more_hour
    assert (more.gain, more.least, more.most) == pytest.approx((0.4, 0.4, 0.4))
    assert solve(Problem(frame, 3.0), 0, EXACT).one_more_hour.gain == 0.0


def test_what_is_proven_of_one_more_hour_holds_the_truth():
    problem = large(2_000, 1)
    rough = solve(problem, 0, Stop(gap=0.02)).one_more_hour
    more = replace(problem, hours=problem.hours + 1.0)
    truth = solve(more, 0, EXACT).objective - solve(problem, 0, EXACT).objective
    assert rough.least - 1e-9 <= truth <= rough.most + 1e-9


@pytest.mark.parametrize("seed", range(2))
def test_weeks_keep_their_hours_and_areas_are_set_up_first(seed):
    problem = with_weeks(large(3_000, seed + 3))
    plan = solve(problem, 0, Stop(gap=0.02), one_more_hour=False)
    assert breaks(problem, plan) == []
    assert breaks_weeks(problem, plan) == []
    assert plan.targets["period"].nunique() > 6
    assert plan.gap < 0.03


def test_a_contact_longer_than_any_week_is_not_made():
    frame = targets({"hours": 3.0, "probability": 1.0}, {})
    slots = (Slot(1, "Ann", 2.0), Slot(2, "Ann", 2.0))
    assert chosen(solve(Problem(frame, 4.0, slots=slots), 0)) == {"T1"}


def test_a_stopped_search_returns_its_best_and_an_honest_gap():
    problem = large(2_000, 2)
    stop = Stop(gap=0.0, seconds=30.0)
    stop.event.set()
    early, best = solve(problem, 0, stop), solve(problem, 0, EXACT)
    assert early.status in ("stopped", "not_found")
    assert early.objective <= best.objective + 1e-9
    assert early.bound >= best.objective - 1e-9
    assert best.status == "optimal"


def test_a_time_limit_is_kept():
    begun = time.monotonic()
    plan = solve(large(3_000, 5), 0, Stop(gap=0.0, seconds=0.0))
    assert plan.status in ("stopped", "not_found")
    assert time.monotonic() - begun < 20, "with no time at all it looks at one relaxation"


def test_progress_never_turns_back():
    told: list[tuple[float, float]] = []
    plan = solve(
        large(2_000, 1), 0, EXACT, lambda objective, bound: told.append((objective, bound))
    )
    assert told
    assert all(later[0] >= sooner[0] for sooner, later in itertools.pairwise(told))
    assert all(later[1] <= sooner[1] + 1e-9 for sooner, later in itertools.pairwise(told))
    assert told[-1] == pytest.approx((plan.objective, plan.bound))


def test_the_solver_writes_nothing():
    code = (
        "from proofs.outreach_problems import large\n"
        "from pppdash.analysis.outreach import solve\n"
        "solve(large(300, 1), 0)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("", "")
