"""Outreach plans: how long they take and what is then proven, beside plain HiGHS and spopt.

    python -m benchmarks.plans [--problems N] [--plain N] [--without-spopt]

Writes Markdown for docs/performance.md. spopt's maximal covering model states a part of ours: sites
of which as many may be chosen as there are contacts, each covering the targets of one owner.
"""

from __future__ import annotations

import argparse
import statistics
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks import report
from pppdash.analysis.outreach import Plan, Problem, Stop, solve
from pppdash.analysis.outreach.bounds import everything
from pppdash.analysis.outreach.core import Core, decide
from pppdash.analysis.outreach.highs import Effort
from pppdash.analysis.outreach.model import build
from pppdash.analysis.outreach.stop import Watch
from proofs.outreach_problems import large, make_targets

PLAIN_SECONDS = 60.0


@dataclass(frozen=True)
class Wanted:
    """What is wanted of one size."""

    targets: int
    gap: float
    median: float
    worst: float | None


SIZES = (Wanted(10_000, 0.001, 2.0, 6.0), Wanted(100_000, 0.01, 30.0, None))


@dataclass(frozen=True)
class Timed:
    """A plan and the seconds it took."""

    plan: Plan
    seconds: float


def timed(problem: Problem, stop: Stop, one_more_hour: bool = False) -> Timed:
    """Return a plan with its seconds, everything from the targets to the reasons included."""
    begun = time.perf_counter()
    plan = solve(problem, 0, stop, one_more_hour=one_more_hour)
    return Timed(plan, time.perf_counter() - begun)


def ours(problems: int) -> str:
    """Return the table of made-up problems by size."""
    rows = {}
    for wanted in SIZES:
        tries = (("", wanted.gap, False), (", by kind", wanted.gap, True), ("", 0.0, False))
        for name, gap, by_kind in tries:
            stop = Stop(gap=gap)
            runs = [timed(large(wanted.targets, seed, by_kind), stop) for seed in range(problems)]
            asked = f"gap {gap:.1%}" if gap else "to the optimum"
            rows[f"{wanted.targets:,} targets{name}, {asked}"] = cells(runs, wanted, gap)
    heading = f"{problems} problems a size"
    return report.table(heading, ("median", "worst", "proven gap, worst", "proven"), rows)


def cells(runs: list[Timed], wanted: Wanted, gap: float) -> list[str]:
    """Return a row's cells; what is wanted holds for the gap that is wanted."""
    seconds = [run.seconds for run in runs]
    is_asked = gap == wanted.gap
    median, worst = statistics.median(seconds), max(seconds)
    proven = sum(run.plan.status == "optimal" for run in runs)
    return [
        report.judged(f"{median:.2f} s", median, wanted.median if is_asked else None),
        report.judged(f"{worst:.2f} s", worst, wanted.worst if is_asked else None),
        f"{max(run.plan.gap for run in runs):.3%}",
        f"{proven} of {len(runs)}",
    ]


def plain(problems: int) -> str:
    """Return the table of HiGHS alone, given all contacts and a minute."""
    rows = {}
    for wanted in SIZES:
        for seed in range(problems):
            model = build(large(wanted.targets, seed))
            core = Core(
                np.arange(model.contacts), np.zeros(model.contacts, dtype=bool), everything(model)
            )
            begun = time.perf_counter()
            stop = Watch(Stop(seconds=PLAIN_SECONDS))
            chosen, bound = decide(model, core, -1.0, Effort(wanted.gap, PLAIN_SECONDS, 0), stop)
            alone = time.perf_counter() - begun
            mine = timed(large(wanted.targets, seed), Stop(gap=wanted.gap))
            gap = bound / max(model.objective(chosen), 1e-9) - 1
            found = "no plan" if model.broken(chosen) else f"{gap:.2%}"
            rows[f"{wanted.targets:,} targets, problem {seed}"] = [
                f"{alone:.1f} s",
                found,
                f"{mine.seconds:.2f} s",
                f"{mine.plan.gap:.2%}",
            ]
    return report.table("to the same gap", ("HiGHS alone", "gap", "pppdash", "gap"), rows)


def beside_spopt() -> str:
    """Return the table of instances that spopt's maximal covering model states too."""
    rows = {}
    for size in (250, 1_000, 2_000):
        targets = _sites(size)
        sites = size // 20
        mine = timed(Problem(targets, float(sites)), Stop(gap=0.0))
        optimum, seconds = _spopt(targets, sites)
        same = abs(optimum - mine.plan.objective) <= 1e-6 * optimum
        rows[f"{size:,} targets, {sites} sites"] = [
            f"{optimum:.4f}",
            f"{mine.plan.objective:.4f}" + ("" if same else " (**differs**)"),
            report.milliseconds(1_000 * seconds),
            report.milliseconds(1_000 * mine.seconds),
        ]
    columns = ("spopt, optimum", "pppdash, optimum", "spopt", "pppdash")
    return report.table("maximal covering", columns, rows)


def _sites(size: int) -> pd.DataFrame:
    """Return targets that nobody has enrolled, an hour a contact."""
    targets = make_targets(np.random.default_rng(size), size)
    return targets.assign(hours=1.0, is_enrolled=False, is_quick_win=False)


def _spopt(targets: pd.DataFrame, sites: int) -> tuple[float, float]:
    """Return spopt's optimum and seconds, the cost matrix included."""
    import pulp
    from spopt.locate import MCLP

    begun = time.perf_counter()
    owner, _ = pd.factorize(targets["owner_id"].fillna(targets["target_id"]))
    cost = np.ones((len(targets), owner.max() + 1))
    cost[np.arange(len(targets)), owner] = 0.0
    worth = (targets["weight"] * targets["probability"]).to_numpy()
    model = MCLP.from_cost_matrix(cost, worth, service_radius=0.5, p_facilities=sites)
    solved = model.solve(pulp.PULP_CBC_CMD(msg=False), results=False)
    return float(solved.problem.objective.value()), time.perf_counter() - begun


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plans", description=__doc__)
    parser.add_argument("--problems", type=int, default=20)
    parser.add_argument("--plain", type=int, default=2)
    parser.add_argument("--without-spopt", action="store_true")
    asked = parser.parse_args()
    print(ours(asked.problems), flush=True)
    if asked.plain:
        print("\n" + plain(asked.plain), flush=True)
    if not asked.without_spopt:
        print("\n" + beside_spopt(), flush=True)


if __name__ == "__main__":
    main()
