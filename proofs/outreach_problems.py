"""Made-up outreach problems of any size, always the same ones for the same seed.

What the large ones hold is fixed: 25 areas of uneven size, 16 sectors, three size bands, owners
with targets in up to three areas, set-up hours for each area, budgets for each prong, a share for
quick wins, floors on areas, sectors and size bands, and ceilings on sectors. How many hours there
are is drawn anew each time, from half a percent to eight percent of what calling everybody would
take.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from pppdash.analysis.outreach.problem import COLUMN_OF, PRONGS, Dimension, Limit, Problem, Slot

AREAS = 25
SECTORS = 16
BANDS = ("small", "mid-sized", "large")
BAND_SHARES = (0.7, 0.22, 0.08)
BAND_HOURS = (0.5, 1.0, 2.0)
PRONG_HOURS = {"wide_net": 0.25, "targeted": 1.5, "win_back": 0.75}
OWNED = 0.4  # share of targets whose owner has others too


def large(size: int, seed: int, by_kind: bool = False) -> Problem:
    """Return a problem of ``size`` targets with every limit but weeks.

    Parameters
    ----------
    by_kind
        Whether chances depend on sector, size band and prong alone and all weights are 1, as where
        a city begins: then thousands of contacts are worth the same.
    """
    rng = np.random.default_rng([size, seed])
    targets = make_targets(rng, size)
    if by_kind:
        kinds = targets.groupby(["sector", "size_band", "prong"])["probability"]
        targets = targets.assign(probability=kinds.transform("mean").round(3), weight=1.0)
    hours = float(np.round(_cost_of_all(targets) * np.exp(rng.uniform(*np.log([0.005, 0.08])))))
    setup = np.round(hours * rng.uniform(0.005, 0.03, AREAS) * 4) / 4
    names = sorted(targets["area_id"].unique())
    return Problem(
        targets,
        hours,
        setup_hours=dict(zip(names, setup.tolist(), strict=False)),
        prong_hours={"wide_net": hours * 0.6, "targeted": hours * 0.5, "win_back": hours * 0.2},
        limits=_floors(rng, targets, hours),
        quick_win_share=0.2,
    )


def with_weeks(problem: Problem) -> Problem:
    """Return a problem with twelve weeks of up to four liaisons that its hours fill to the last.

    Each liaison has some twenty hours a week and works every fourth area, the last third of areas
    being anybody's.
    """
    names = ("Kim", "Lee", "Max", "Noa")[: max(1, min(4, round(problem.hours / 12 / 20)))]
    each = np.round(problem.hours / 12 / len(names) * 4) / 4
    slots = tuple(Slot(week, name, float(each)) for week in range(1, 13) for name in names)
    areas = sorted(problem.targets["area_id"].unique())
    homes = {area: names[index % len(names)] for index, area in enumerate(areas) if index % 3}
    return replace(problem, slots=slots, liaison_of_area=homes)


def make_targets(
    rng: np.random.Generator, size: int, areas: int = AREAS, sectors: int = SECTORS
) -> pd.DataFrame:
    """Return targets: shares of areas and sectors uneven, owners in at most three areas."""
    area = rng.choice(areas, size, p=_uneven(rng, areas))
    band = rng.choice(3, size, p=BAND_SHARES)
    prong = rng.choice(3, size, p=(0.6, 0.3, 0.1))
    sector = rng.choice(sectors, size, p=_uneven(rng, sectors))
    sector_chance = rng.uniform(0.05, 0.3, sectors)[sector]
    chance = sector_chance * rng.uniform(0.5, 1.5, size) * np.array([0.7, 1.3, 1.8])[prong]
    hours = np.array(BAND_HOURS)[band] + np.array(list(PRONG_HOURS.values()))[prong]
    weight = rng.uniform(0.5, 2.0, sectors)[sector] * rng.uniform(0.5, 2.0, areas)[area]
    return pd.DataFrame(
        {
            "target_id": [f"T{index:06d}" for index in range(size)],
            "owner_id": _owners(rng, area, areas),
            "area_id": [f"A{index:02d}" for index in area],
            "sector": [f"S{index:02d}" for index in sector],
            "size_band": np.array(BANDS)[band],
            "prong": np.array(PRONGS)[prong],
            "hours": hours,
            "probability": np.clip(chance, 0.0, 0.95),
            "weight": weight * rng.lognormal(0.0, 0.3, size),
            "size": np.round(rng.lognormal(3.0, 1.0, size) * (1 + 5 * band)),
            "is_quick_win": rng.random(size) < 0.25,
            "is_enrolled": rng.random(size) < 0.12,
        }
    )


def _uneven(rng: np.random.Generator, count: int) -> np.ndarray:
    shares = rng.uniform(0.3, 3.0, count)
    return shares / shares.sum()


def _owners(rng: np.random.Generator, area: np.ndarray, areas: int) -> np.ndarray:
    """Return owners: each of those with several targets stays within three areas."""
    size = len(area)
    owner = np.full(size, None, dtype=object)
    owned = np.flatnonzero(rng.random(size) < OWNED)
    district = rng.permutation(areas)[area[owned]] // 3  # three areas that lie together
    number = rng.integers(0, max(1, len(owned) // 10), len(owned))
    owner[owned] = [f"O{a}-{b}" for a, b in zip(district, number, strict=True)]
    return owner


def _cost_of_all(targets: pd.DataFrame) -> float:
    return float(targets.loc[~targets["is_enrolled"], "hours"].sum())


def _floors(rng: np.random.Generator, targets: pd.DataFrame, hours: float) -> tuple[Limit, ...]:
    """Return floors that ask for some more than there are, and ceilings on three sectors."""
    contacts = hours / targets["hours"].mean()
    floors = [
        *_ask(rng, targets, "area", 5, contacts * 0.03),
        *_ask(rng, targets, "sector", 6, contacts * 0.03),
        *_ask(rng, targets, "size_band", 3, contacts * 0.05),
    ]
    named = {limit.value for limit in floors}
    rest = sorted(set(targets["sector"]) - named)[:3]
    return (*floors, *(_ceiling(targets, sector, contacts * 0.1) for sector in rest))


def _ask(
    rng: np.random.Generator, targets: pd.DataFrame, dimension: Dimension, count: int, more: float
) -> list[Limit]:
    column = targets["area_id" if dimension == "area" else dimension]
    chosen = rng.choice(np.array(sorted(column.unique())), count, replace=False)
    return [
        Limit(dimension, value, floor=_enrolled(targets, column == value) + round(more) + 1)
        for value in chosen.tolist()
    ]


def _ceiling(targets: pd.DataFrame, sector: str, more: float) -> Limit:
    enrolled = _enrolled(targets, targets["sector"] == sector)
    return Limit("sector", sector, ceiling=enrolled + round(more) + 1)


def _enrolled(targets: pd.DataFrame, inside: pd.Series) -> int:
    return int(targets.loc[inside, "is_enrolled"].sum())


def small(seed: int, weeks: bool = True) -> Problem:
    """Return a problem of some ten targets with every limit on, weeks included unless not wanted.

    About a third cannot be kept. No budget is under one contact, no floor above what is there, and
    nothing is locked in that breaks a limit by itself: such problems are refused.
    """
    rng = np.random.default_rng([7, seed])
    targets = make_targets(rng, int(rng.integers(8, 14)), areas=4, sectors=3)
    targets["owner_id"] = _few_owners(rng, targets)
    targets.loc[0, "is_enrolled"] = False
    free = targets[~targets["is_enrolled"]]
    hours = round(float(rng.uniform(0.3, 0.9)) * float(free["hours"].sum()) + 2, 2)
    setup = dict(
        zip(["A00", "A01", "A02", "A03"], rng.uniform(0, 0.8, 4).round(2).tolist(), strict=True)
    )
    lone = free[free["owner_id"].isna()]["target_id"].tolist()
    out = frozenset(lone[2:3] if rng.random() < 0.3 else ())
    free = free[~free["target_id"].isin(out)]
    return Problem(
        targets,
        hours,
        setup_hours=setup,
        prong_hours={"wide_net": hours * 0.6, "targeted": hours * 0.7, "win_back": hours * 0.5},
        limits=(*_small_floors(rng, targets, free), *_small_ceilings(rng, targets)),
        quick_win_share=float(rng.choice([0.0, 0.2, 0.4])),
        locked_in=frozenset(lone[1:2] if rng.random() < 0.3 else ()),
        locked_out=out,
        slots=_weeks(rng, hours) if weeks else (),
        liaison_of_area={"A00": "Kim", "A01": "Lee"} if weeks and rng.random() < 0.5 else {},
        holdout_share=0.2,
    )


def _few_owners(rng: np.random.Generator, targets: pd.DataFrame) -> np.ndarray:
    """Return up to two owners, neither of them in more than three areas."""
    owner = np.full(len(targets), None, dtype=object)
    for name in ("O1", "O2"):
        areas = rng.choice(["A00", "A01", "A02", "A03"], 3, replace=False)
        may = np.flatnonzero(targets["area_id"].isin(areas) & pd.isna(owner))
        owner[rng.permutation(may)[: int(rng.integers(0, 4))]] = name
    return owner


def _small_floors(
    rng: np.random.Generator, targets: pd.DataFrame, free: pd.DataFrame
) -> list[Limit]:
    limits = []
    for dimension, column in COLUMN_OF.items():
        value = str(rng.choice(sorted(free[column].unique())))
        enrolled = _enrolled(targets, targets[column] == value)
        there = int((free[column] == value).sum())
        more = min(there, int(rng.integers(0, there // 2 + 2)))
        limits.append(Limit(dimension, value, floor=enrolled + more))
    return limits


def _small_ceilings(rng: np.random.Generator, targets: pd.DataFrame) -> list[Limit]:
    value = str(rng.choice(sorted(targets["sector"].unique())))
    enrolled = _enrolled(targets, targets["sector"] == value)
    return [Limit("sector", value, ceiling=enrolled + int(rng.integers(1, 5)))]


def _weeks(rng: np.random.Generator, hours: float) -> tuple[Slot, ...]:
    """Return two weeks of two liaisons, together some more or less than the budget."""
    shares = rng.dirichlet(np.full(4, 4.0)) * hours * rng.uniform(0.8, 1.4)
    names = ("Kim", "Lee")
    return tuple(
        Slot(1 + index // 2, names[index % 2], round(float(share), 2))
        for index, share in enumerate(shares)
    )
