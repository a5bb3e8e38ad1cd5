"""Chances of enrolling: whether of those who are given 20% a fifth enrolls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pppdash.analysis.chances import FACTORS, OUTCOMES, estimate
from scripts.make_docs import table

CITIES = 200
TARGETS = 2_000
CALLED = 200
EDGES = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 1.0)
LEVELS = {
    "sector": [f"sector {number:02}" for number in range(16)],
    "size_band": ["small", "mid-sized", "large", "Unknown"],
    "prong": ["wide_net", "targeted"],
    "is_member": [False, True],
    "last_outcome": ["none", "no_answer", "interested", "declined"],
}


@dataclass(frozen=True)
class World:
    """How chances come about in simulated cities.

    Attributes
    ----------
    contacts
        In the history.
    center
        Log-odds of the whole, on average.
    spread
        Standard deviation of the effects of a factor's levels, in log-odds.
    odd
        That of what sets a kind apart from what its factors make of it.
    unseen
        Whether targets are also of a prong that nobody was contacted by.
    """

    name: str
    contacts: int
    center: float = -2.0
    spread: float = 0.7
    odd: float = 0.0
    unseen: bool = False


WORLDS = (
    World("50 contacts", 50),
    World("500 contacts", 500),
    World("5,000 contacts", 5_000),
    World("5,000, nothing matters", 5_000, spread=0.0),
    World("5,000, kinds stray from their factors", 5_000, odd=0.5),
    World("5,000, one in 25 enrolls", 5_000, center=-3.5),
    World("5,000, a prong without history", 5_000, unseen=True),
)


@dataclass(frozen=True)
class Told:
    """What was said of the targets of one city, and what was true.

    ``probability``, ``low``, ``high`` and ``truth`` are of each target, ``enrolled`` whether it
    enrolled; ``holds`` is whether the interval of accounts expected of the likeliest held them,
    ``expected`` and ``came`` their numbers.
    """

    targets: pd.DataFrame
    holds: bool
    expected: float
    came: int


def tell(world: World, seed: int) -> Told:
    """Estimate chances in one simulated city and let its targets enroll by the true ones."""
    rng = np.random.default_rng([seed, world.contacts, round(100 * world.odd)])
    odds = {name: rng.normal(0, world.spread, len(LEVELS[name])) for name in FACTORS}
    whole = rng.normal(world.center, 0.5)
    strays: dict[tuple[object, ...], float] = {}
    history = _people(rng, world.contacts)
    targets = _people(rng, TARGETS)
    if world.unseen:
        targets.loc[rng.random(TARGETS) < 0.3, "prong"] = "win_back"
        odds["prong"] = np.append(odds["prong"], rng.normal(0, world.spread))
    chance = [_chances(rng, one, whole, odds, strays, world.odd) for one in (history, targets)]
    lost = rng.choice(OUTCOMES[1:], world.contacts)
    history["outcome"] = np.where(rng.random(world.contacts) < chance[0], "enrolled", lost)
    chances = estimate(history, targets, seed)
    given = chances.kinds.iloc[chances.kind_of(targets)][["probability", "low", "high"]]
    enrolled = rng.random(TARGETS) < chance[1]
    best = np.argsort(-given["probability"].to_numpy(), kind="stable")[:CALLED]
    expected = chances.expect(targets.iloc[best], seed)
    came = int(enrolled[best].sum())
    told = given.reset_index(drop=True).assign(truth=chance[1], enrolled=enrolled)
    return Told(told, expected.low <= came <= expected.high, expected.mean, came)


def _people(rng: np.random.Generator, count: int) -> pd.DataFrame:
    """Return people whose factors hang together: the large are called in person, and so on."""
    sector = rng.choice(16, count, p=1 / np.arange(1, 17) / (1 / np.arange(1, 17)).sum())
    band = np.minimum(rng.geometric(0.5, count) - 1 + (sector % 3 == 0), 3)
    prong = (rng.random(count) < 0.2 + 0.2 * band).astype(int)
    member = (rng.random(count) < 0.1 + 0.1 * prong).astype(int)
    last = np.where(rng.random(count) < 0.7, 0, rng.integers(1, 4, count))
    codes = dict(zip(FACTORS, (sector, band, prong, member, last), strict=True))
    return pd.DataFrame({name: np.array(LEVELS[name])[codes[name]] for name in FACTORS})


def _chances(
    rng: np.random.Generator,
    people: pd.DataFrame,
    whole: float,
    odds: dict[str, np.ndarray],
    strays: dict[tuple[object, ...], float],
    odd: float,
) -> np.ndarray:
    """Return true chances; a kind strays by as much whenever it is met."""
    total = np.full(len(people), whole)
    for name in FACTORS:
        levels = [*LEVELS[name], *(["win_back"] if name == "prong" else [])]
        total += odds[name][people[name].map(levels.index).to_numpy()]
    for row, kind in enumerate(people.itertuples(index=False, name=None)):
        if kind not in strays:
            strays[kind] = rng.normal(0, odd)
        total[row] += strays[kind]
    return np.asarray(1 / (1 + np.exp(-total)))


def reliability(told: pd.DataFrame) -> pd.DataFrame:
    """Return one row a bin of predicted chances: how many, predicted and observed share."""
    bins = pd.cut(told["probability"], EDGES)
    return told.groupby(bins, observed=True).agg(
        targets=("enrolled", "size"),
        predicted=("probability", "mean"),
        observed=("enrolled", "mean"),
    )


def main() -> str:
    """Return the tables of docs/methods.md."""
    rows, every = [], []
    for world in WORLDS:
        told = [tell(world, seed) for seed in range(CITIES)]
        targets = pd.concat([one.targets for one in told])
        every.append(targets)
        held = (targets["low"] <= targets["truth"]) & (targets["truth"] <= targets["high"])
        said, came = sum(one.expected for one in told), sum(one.came for one in told)
        rows.append(
            [
                world.name,
                f"{targets['probability'].mean():.1%}",
                f"{targets['enrolled'].mean():.1%}",
                f"{held.mean():.1%}",
                f"{said / CITIES:.1f}",
                f"{came / CITIES:.1f}",
                f"{np.mean([one.holds for one in told]):.1%}",
            ]
        )
    return "\n\n".join(
        [
            f"{CITIES} simulated cities a row, in each of which a history is made, chances are "
            f"estimated from it, and {TARGETS:,} targets enroll by the true chances. The interval "
            f"of a chance is held against the true one; the {CALLED} likeliest targets are what a "
            "plan would call.",
            table(
                [
                    "history",
                    "predicted",
                    "enrolled",
                    "interval holds",
                    "likeliest: expected",
                    "came",
                    "interval holds",
                ],
                rows,
            ),
            "Reliability, all of them together and those with 50 contacts alone:",
            _reliability_table(pd.concat(every), every[0]),
        ]
    )


def _reliability_table(every: pd.DataFrame, few: pd.DataFrame) -> str:
    both = reliability(every).join(reliability(few).add_suffix("_few"))
    return table(
        ["predicted", "targets", "mean", "enrolled", "50 contacts: mean", "enrolled"],
        [
            [
                f"{row.Index.left:.0%} to {row.Index.right:.0%}",
                f"{row.targets:,}",
                f"{row.predicted:.1%}",
                f"{row.observed:.1%}",
                f"{row.predicted_few:.1%}",
                f"{row.observed_few:.1%}",
            ]
            for row in both.itertuples()
        ],
    )
