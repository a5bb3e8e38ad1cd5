"""How likely a contact ends in an account, by what is known of whom it is made with.

A *kind* of target is a combination of the `FACTORS`. Chances are shrunken twice:

1. The factors' levels towards the whole: log-odds of a kind are the whole's plus one effect a
   factor, each drawn from a normal distribution whose spread is estimated per factor (penalized
   quasi-likelihood; Breslow & Clayton 1993, JASA 88:9-25).
2. Each kind towards what its factors make of it, by how few contacts it rests on (beta-binomial;
   the strength by moments, as Kleinman 1973, JASA 68:46-54).

What is drawn from is uncertain too: chances come as draws of the effects and, given them, of every
kind, so that kinds which share a factor err together. Where there is no history the same draws
come from `PRIOR_LOG_ODDS` and its spreads alone, which are a prior and no finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import linalg, special

from pppdash.metrics.intervals import CONFIDENCE

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FACTORS = ("sector", "size_band", "prong", "is_member", "last_outcome")
"""What a chance goes by; ``last_outcome`` is of a contact before that won nobody, else none."""
OUTCOMES = ("enrolled", "interested", "declined", "no_answer")
NEVER = "none"

PRIOR_LOG_ODDS = -2.95
"""Before any history: log-odds of the whole. With both spreads a contact ends in an account one
time in ten on average, while a kind's chance may be from 0.2% to nearly 50%."""
PRIOR_SPREAD = 1.0
"""How far the whole may lie from that: one standard deviation."""
FACTOR_SPREAD = 0.5
"""Before any history a factor moves log-odds by so much; it counts as one level of each factor."""
FIRMEST = 1_000
"""A kind's factors are never trusted beyond so many contacts of its own."""
DRAWS = 1_000

_STEPS = 200
_STILL = 1e-5
_NODES = 32
_TAIL = (1 - CONFIDENCE) / 2


@dataclass(frozen=True)
class Expected:
    """How many accounts come of some contacts.

    Attributes
    ----------
    mean
        Σ probability.
    low, high
        95% of what may come: chances are uncertain, and luck comes on top.
    """

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Chances:
    """The chance of each kind that a contact ends in an account.

    Attributes
    ----------
    kinds
        One row a kind: `FACTORS`, ``contacts`` and ``enrolled`` (its own, before shrinking),
        ``probability`` and its 95% interval ``low``, ``high``.
    draws
        Kinds by draws (k × d): chances that are likely together.
    contacts, enrolled
        Contacts with an outcome, and those of them that ended in an account.
    left_out
        Contacts without an outcome.
    """

    kinds: pd.DataFrame
    draws: Floats
    contacts: int
    enrolled: int
    left_out: int

    @property
    def is_prior(self) -> bool:
        """Whether there is no history, so that every chance is the stated prior's."""
        return self.contacts == 0

    @cached_property
    def _index(self) -> pd.MultiIndex:
        return pd.MultiIndex.from_frame(self.kinds[list(FACTORS)])

    def kind_of(self, targets: pd.DataFrame) -> Ints:
        """Return the row in `kinds` of each target.

        Raises
        ------
        KeyError
            A target is of a kind that `estimate` was not asked for.
        """
        found = self._index.get_indexer(pd.MultiIndex.from_frame(targets[list(FACTORS)]))
        if (found < 0).any():
            raise KeyError(
                f"no chance for {targets.loc[found < 0, list(FACTORS)].iloc[0].to_dict()}"
            )
        return np.asarray(found, dtype=np.int64)

    def expect(self, targets: pd.DataFrame, seed: int) -> Expected:
        """Return how many accounts come of one contact with each target.

        Whether one of them enrolls is taken to say nothing of the next, once their kinds' chances
        are given: those of one owner rather do so together, which makes the interval too narrow
        where a plan rests on few owners.
        """
        counts = np.bincount(self.kind_of(targets), minlength=len(self.kinds))
        called = counts > 0
        draws = self.draws[called]
        rng = np.random.default_rng([seed, 1])  # luck apart from what the chances were drawn by
        accounts = rng.binomial(counts[called, None], draws).sum(axis=0)
        low, high = np.quantile(accounts, [_TAIL, 1 - _TAIL]) if called.any() else (0.0, 0.0)
        mean = float(counts @ self.kinds["probability"].to_numpy(dtype=float))
        return Expected(mean, float(low), float(high))


def estimate(history: pd.DataFrame, targets: pd.DataFrame, seed: int = 0) -> Chances:
    """Estimate the chances of every kind in a history or among targets.

    Parameters
    ----------
    history
        One row a contact: `FACTORS` as they were when it was made, and ``outcome``, one of
        `OUTCOMES` or missing. May be empty.
    targets
        One row a target that may be contacted: `FACTORS`.
    seed
        Of the draws.
    """
    known = history[history["outcome"].notna()]
    cells = _cells(known, targets)
    levels = _Levels.of(cells)
    successes = cells["enrolled"].to_numpy(dtype=float)
    trials = cells["contacts"].to_numpy(dtype=float)
    effects, covariance, strength = _fit(levels, successes, trials)
    center = _mean_chance(levels, effects, covariance)
    draws = _draw(levels, effects, covariance, strength, (successes, trials), seed)
    low, high = np.quantile(draws, [_TAIL, 1 - _TAIL], axis=1)
    probability = (strength * center + successes) / (strength + trials)
    cells = cells.assign(probability=probability, low=low, high=high)
    left_out = len(history) - len(known)
    return Chances(cells, draws, len(known), int(successes.sum()), left_out)


def _cells(known: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """Return one row a kind with its contacts and how many of them ended in an account."""
    by = list(FACTORS)
    told = known[by].assign(contacts=1, enrolled=(known["outcome"] == "enrolled").astype("int64"))
    asked = targets[by].drop_duplicates().assign(contacts=0, enrolled=0)
    return (
        pd.concat([told, asked])
        .groupby(by, as_index=False, sort=True)[["contacts", "enrolled"]]
        .sum()
    )


@dataclass(frozen=True)
class _Levels:
    """Which levels a kind has: a first column for the whole, then one a level of each factor."""

    member: Floats
    factor: Ints

    @classmethod
    def of(cls, cells: pd.DataFrame) -> _Levels:
        coded = [pd.factorize(cells[name], sort=True)[0] for name in FACTORS]
        widths = [int(codes.max(initial=-1)) + 1 for codes in coded]
        parts = [np.eye(width)[codes] for codes, width in zip(coded, widths, strict=True)]
        factor = np.repeat(np.arange(len(FACTORS)), widths)
        return cls(np.hstack([np.ones((len(cells), 1)), *parts]), factor)

    def spread(self, effects: Floats, variance: Floats) -> Floats:
        """Return each factor's spread (a variance): its levels', and one that is the prior's."""
        squares = np.bincount(self.factor, effects[1:] ** 2 + variance[1:], len(FACTORS))
        levels = np.bincount(self.factor, minlength=len(FACTORS))
        return np.asarray((squares + FACTOR_SPREAD**2) / (levels + 1))


def _fit(levels: _Levels, successes: Floats, trials: Floats) -> tuple[Floats, Floats, float]:
    """Return effects, their covariance, and how many contacts a kind's factors are worth.

    Contacts of a kind that strays from its factors tell less of them: they are counted for as many
    as bear the same variance, n / (1 + (n - 1) / (m + 1)), and the fit is made again.
    """
    strength = float(FIRMEST)
    for _ in range(3):
        worth = trials / (1 + np.maximum(trials - 1, 0) / (strength + 1))
        share = np.divide(successes, trials, out=np.zeros_like(trials), where=trials > 0)
        effects, covariance = _effects(levels, share * worth, worth)
        strength = _strength(special.expit(levels.member @ effects), successes, trials)
    return effects, covariance, strength


def _effects(levels: _Levels, successes: Floats, trials: Floats) -> tuple[Floats, Floats]:
    """Return the likeliest effects and their covariance, spreads found by EM along the way."""
    member = levels.member
    center = np.zeros(member.shape[1])
    center[0] = PRIOR_LOG_ODDS
    effects, spread = center.copy(), np.full(len(FACTORS), FACTOR_SPREAD**2)
    for _ in range(_STEPS):
        penalty = np.append(1 / PRIOR_SPREAD**2, 1 / spread[levels.factor])
        chance = special.expit(member @ effects)
        weight = trials * chance * (1 - chance)
        covariance = linalg.inv(member.T @ (weight[:, None] * member) + np.diag(penalty))
        slope = member.T @ (successes - trials * chance) - penalty * (effects - center)
        step = np.clip(covariance @ slope, -1, 1)
        effects = effects + step
        before, spread = spread, levels.spread(effects, np.diag(covariance))
        if max(np.abs(step).max(), np.abs(spread - before).max()) < _STILL:
            break
    return effects, covariance


def _strength(chance: Floats, successes: Floats, trials: Floats) -> float:
    """Return m of a Beta(m · chance, m · (1 - chance)) by moments, 1 to `FIRMEST`."""
    variance = trials * chance * (1 - chance)
    beyond = ((successes - trials * chance) ** 2 - variance).sum()
    scale = (variance * np.maximum(trials - 1, 0)).sum()
    alike = beyond / scale if scale > 0 else 0.0
    return float(np.clip(1 / alike - 1, 1, FIRMEST)) if alike > 0 else float(FIRMEST)


def _mean_chance(levels: _Levels, effects: Floats, covariance: Floats) -> Floats:
    """Return the mean of each kind's chance by its factors, by quadrature: draws would differ."""
    variance = ((levels.member @ covariance) * levels.member).sum(axis=1)
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    at = (levels.member @ effects)[:, None] + np.sqrt(variance)[:, None] * nodes
    return np.asarray(special.expit(at) @ weights / weights.sum())


def _draw(
    levels: _Levels,
    effects: Floats,
    covariance: Floats,
    strength: float,
    counts: tuple[Floats, Floats],
    seed: int,
) -> Floats:
    """Return draws of every kind's chance (k × d)."""
    rng = np.random.default_rng(seed)
    successes, trials = counts
    root = linalg.cholesky((covariance + covariance.T) / 2, lower=True)
    drawn = effects[:, None] + root @ rng.standard_normal((len(effects), DRAWS))
    center = special.expit(levels.member @ drawn)
    won = strength * center + successes[:, None]
    lost = strength * (1 - center) + (trials - successes)[:, None]
    return np.asarray(rng.beta(won, lost))
