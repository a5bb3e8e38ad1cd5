"""Memberships of other programs, and the contacts that outreach made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pppdash.sample.accounts import Accounts, day
from pppdash.sample.draws import (
    NONE,
    Bools,
    Floats,
    Ints,
    between,
    happens,
    pick,
    stream,
    table,
)
from pppdash.sample.places import Places
from pppdash.sample.recipe import PRONGS, UNSUCCESSFUL, Recipe

OUTCOMES = ("enrolled", *UNSUCCESSFUL)
QUARTER_HOUR = 0.25


@dataclass(frozen=True)
class Memberships:
    """Who belongs to which program: a target or a building, the other being ``NONE``."""

    target: Ints
    building: Ints
    program: Ints


@dataclass(frozen=True)
class Contacts:
    """Contacts in the order they were made; codes index ``OUTCOMES`` and ``PRONGS``."""

    target: Ints
    contacted: Ints
    prong: Ints
    outcome: Ints
    channel: Ints
    staff_hours: Floats


def make_memberships(recipe: Recipe, places: Places, seed: int) -> Memberships:
    """Make memberships, program after program."""
    targets, buildings, programs = [], [], []
    for code, part in enumerate(recipe.memberships):
        odds = table(part.sector_odds, recipe.sector_names, default=part.other_odds)
        of_target = part.of == "target"
        sector = places.target_sector if of_target else places.building_sector
        rng = stream(seed, f"members of {part.program}")
        members = np.flatnonzero(happens(rng, part.share * odds[sector], len(sector)))
        blank = np.full(len(members), NONE)
        targets.append(members if of_target else blank)
        buildings.append(blank if of_target else members)
        programs.append(np.full(len(members), code))
    empty = [np.empty(0, dtype=np.int64)]
    return Memberships(*(np.concatenate(empty + part) for part in (targets, buildings, programs)))


def make_contacts(recipe: Recipe, places: Places, accounts: Accounts, seed: int) -> Contacts:
    """Make contacts: those that ended in an account, and those that did not."""
    tables = [_prong_contacts(recipe, places, accounts, code, seed) for code in range(len(PRONGS))]
    joined = np.concatenate(tables, axis=1)
    target, contacted, prong, outcome, channel, quarters = joined[
        :, np.argsort(joined[1], kind="stable")
    ]
    return Contacts(target, contacted, prong, outcome, channel, quarters * QUARTER_HOUR)


def _prong_contacts(
    recipe: Recipe, places: Places, accounts: Accounts, code: int, seed: int
) -> Ints:
    """Return one prong's contacts: rows target, day, prong, outcome, channel, quarter hours."""
    prong = recipe.outreach.prongs[PRONGS[code]]
    rng = stream(seed, f"contacts {PRONGS[code]}")
    won_target, won_day = _won(recipe, accounts, accounts.is_targeted == bool(code), rng)
    lost = len(won_target) * (prong.per_enrollment - 1)
    lost_target, lost_day = _lost(recipe, places, accounts, won_target, won_day, lost, rng)

    target = np.concatenate([won_target, lost_target])
    size = len(target)
    weights = table(prong.outcomes, OUTCOMES, default=0.0)
    outcome = np.zeros(size, dtype=np.int64)
    outcome[len(won_target) :] = pick(rng, weights, size - len(won_target))
    channel = pick(rng, list(prong.channels.values()), size)
    low, high = (round(hours / QUARTER_HOUR) for hours in prong.staff_hours)
    hours = between(rng, low, high, size)
    days = np.concatenate([won_day, lost_day])
    return np.stack([target, days, np.full(size, code), outcome, channel, hours])


def _won(
    recipe: Recipe, accounts: Accounts, is_prong: Bools, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Return targets and days of the contacts that ended in an account."""
    part = recipe.outreach
    recorded = np.flatnonzero(happens(rng, part.recorded, len(is_prong)) & is_prong)
    before = between(rng, 0, part.days_before, len(recorded))
    contacted = np.maximum(accounts.enrolled[recorded] - before, day(part.started_on))
    # who comes back was not called while the first account still ran
    return accounts.target[recorded], np.maximum(contacted, _free_since(accounts)[recorded])


def _free_since(accounts: Accounts) -> Ints:
    """Return, for each account, the end of its target's account before it (else ``NONE``)."""
    free = np.full(len(accounts.target), NONE)
    order = np.lexsort((accounts.enrolled, accounts.target))
    again = np.flatnonzero(np.diff(accounts.target[order]) == 0)
    free[order[again + 1]] = accounts.ended[order[again]]
    return free


def _lost(
    recipe: Recipe,
    places: Places,
    accounts: Accounts,
    won_target: Ints,
    won_day: Ints,
    count: int,
    rng: np.random.Generator,
) -> tuple[Ints, Ints]:
    """Return targets and days of ``count`` contacts without success.

    Some came before a later success; the rest went to targets that never enrolled, at times when
    outreach was as busy as it was for those that did.
    """
    part = recipe.outreach
    earlier = won_day - between(rng, *part.tried_days_before, len(won_day))
    may = happens(rng, part.tried_before, len(won_day)) & (earlier >= day(part.started_on))
    may &= np.isin(won_target, _enrolled_once(accounts))
    tried = np.flatnonzero(may)[:count]

    never = np.setdiff1d(np.arange(places.targets), accounts.target)
    rest = count - len(tried)
    if len(never) == 0 or len(won_day) == 0:
        return won_target[tried], earlier[tried]
    cold = never[rng.integers(len(never), size=rest)]
    cold_day = won_day[rng.integers(len(won_day), size=rest)]
    return np.concatenate([won_target[tried], cold]), np.concatenate([earlier[tried], cold_day])


def _enrolled_once(accounts: Accounts) -> Ints:
    """Return targets with one account: an earlier contact found them without one."""
    target, times = np.unique(accounts.target, return_counts=True)
    once: Ints = target[times == 1]
    return once
