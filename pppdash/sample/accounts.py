"""Accounts: when they are opened, by whom, and what becomes of them.

Days are whole numbers since 1 January 1970; ``NONE`` is a blank.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from pppdash.errors import CityError
from pppdash.sample.draws import (
    NONE,
    Bools,
    Floats,
    Ints,
    between,
    choose,
    happens,
    stream,
    table,
)
from pppdash.sample.places import Places
from pppdash.sample.recipe import BANDS, FlashPoint, Recipe

DAYS_PER_MONTH = 365.25 / 12


@dataclass(frozen=True)
class Accounts:
    """The made accounts, as columns, in the order they were opened."""

    target: Ints
    enrolled: Ints
    ended: Ints
    last_active: Ints
    invited: Ints
    is_targeted: Bools
    is_simplified: Bools
    names_building: Bools

    def active_on(self, day: int) -> Bools:
        """Return which accounts are active on a day; ``ended`` is the first day not active."""
        active: Bools = (self.enrolled <= day) & ((self.ended == NONE) | (self.ended > day))
        return active


@dataclass(frozen=True)
class _Fates:
    """Which accounts end, which of their targets come back, and when."""

    target: Ints
    ended: Ints


def day(when: date) -> int:
    """Return a date as whole days since 1 January 1970."""
    return int(np.datetime64(when, "D").astype(np.int64))


def make_accounts(recipe: Recipe, places: Places, seed: int) -> Accounts:
    """Make accounts so that exactly ``active_share`` of the targets have an active one."""
    part = recipe.accounts
    active = round(part.active_share * places.targets)
    opened = min(round(active / (1 - part.ended_share)), places.targets)
    enrolled = _opening_days(recipe, places.targets, opened, seed)
    fates = _fates(recipe, places, enrolled, active, seed)
    rng = stream(seed, "form")
    simplified = happens(rng, part.simplified_share, opened)
    building_only = happens(rng, part.building_only, opened)
    return Accounts(
        target=fates.target,
        enrolled=enrolled,
        ended=fates.ended,
        last_active=_last_active(recipe, enrolled, fates.ended, seed),
        invited=_invitations(recipe, enrolled, seed),
        is_targeted=happens(stream(seed, "prong"), part.targeted_share, opened),
        is_simplified=simplified & (enrolled >= day(part.simplified_from)),
        names_building=building_only & places.may_be_meant_by_building[fates.target],
    )


def _opening_days(recipe: Recipe, targets: int, opened: int, seed: int) -> Ints:
    """Return the sorted days on which accounts are opened."""
    days, rate = _daily_rate(recipe, targets, seed)
    edges = np.cumsum(rate)
    drawn = np.searchsorted(edges, stream(seed, "openings").random(opened) * edges[-1], "right")
    return np.sort(days[np.minimum(drawn, len(days) - 1)])


def _daily_rate(recipe: Recipe, targets: int, seed: int) -> tuple[Ints, Floats]:
    """Return every day from launch to as-of and the accounts expected on it."""
    city, pace = recipe.city, recipe.pace
    days = np.arange(day(city.launched_on), day(city.as_of) + 1)
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    rng = stream(seed, "interim months")
    bursts = rng.standard_gamma(pace.interim_shape, months[-1] - months[0] + 1)
    interim = pace.interim_per_month / DAYS_PER_MONTH * bursts / bursts.mean()
    rate = interim[months - months[0]]
    for point in recipe.flash_points:
        rate = rate + _rise(point, days)
    weekdays = (days + 3) % 7  # 1 January 1970 was a Thursday; Monday is 0
    return days, rate * np.array(pace.weekdays)[weekdays] * targets / 10_000


def _rise(point: FlashPoint, days: Ints) -> Floats:
    """Return a flash point's extra accounts a day, which sum to its planted number."""
    after = days - day(point.started_on)
    lead = np.zeros(len(days))
    if point.lead_days:
        lead = np.where(after <= 0, 2.0 ** (after / point.lead_days), 0.0)
    decay = point.level_after * 2.0 ** (-np.maximum(after, 0) / point.decay_days)
    shape: Floats = lead + np.where(after > 0, decay, 0.0)
    return shape * (point.extra_per_10000 / shape.sum()) if shape.any() else shape


def _enrollment_weights(recipe: Recipe, places: Places) -> Floats:
    """Return every target's odds of enrolling: area, sector, size and role multiplied."""
    odds = recipe.enrollment_odds
    area = np.array([group.enrollment_odds for group in recipe.area_groups])
    sector = np.array([one.enrollment_odds for one in recipe.sectors])
    weights: Floats = area[places.group[places.building]] * sector[places.target_sector]
    weights *= table(odds.size_band, BANDS)[places.band]
    weights[places.is_manager] *= odds.manager
    return weights


def _fates(recipe: Recipe, places: Places, enrolled: Ints, active: int, seed: int) -> _Fates:
    """Choose whose account each is, which ended, and which targets came back afterward."""
    ending = len(enrolled) - active
    first, second = _pairs(recipe, enrolled, ending, seed)
    weights = _enrollment_weights(recipe, places)
    chosen = choose(stream(seed, "who enrolls"), weights, len(enrolled) - len(first))
    if len(chosen) < len(enrolled) - len(first):
        raise CityError(f"{recipe.path}: too few targets have odds of enrolling above zero.")
    target = np.empty(len(enrolled), dtype=np.int64)
    alone = np.ones(len(enrolled), dtype=bool)
    alone[second] = False
    target[alone] = chosen
    target[second] = target[first]

    ended = np.full(len(enrolled), NONE)
    rng = stream(seed, "re-enrolled gap")
    low, high = recipe.accounts.reenrolled_gap_days
    longest = enrolled[second] - enrolled[first] - recipe.accounts.shortest_days
    gap = between(rng, low, np.minimum(high, longest), len(first))
    ended[first] = enrolled[second] - gap
    lone = np.setdiff1d(np.arange(len(enrolled)), np.concatenate([first, second]))
    _end_some(recipe, enrolled, ended, lone, ending - len(first), seed)
    return _Fates(target, ended)


def _pairs(recipe: Recipe, enrolled: Ints, ending: int, seed: int) -> tuple[Ints, Ints]:
    """Pair accounts of one target: the first from the early half, the second much later."""
    part = recipe.accounts
    rng = stream(seed, "re-enrolled")
    half = len(enrolled) // 2
    apart = part.shortest_days + part.reenrolled_gap_days[0]
    late = np.flatnonzero(enrolled >= enrolled[half] + apart) if half else np.empty(0, int)
    wanted = round(part.reenrolled_share * len(enrolled))
    pairs = min(wanted, half, len(late), ending)
    return rng.permutation(half)[:pairs], rng.permutation(late)[:pairs]


def _end_some(
    recipe: Recipe, enrolled: Ints, ended: Ints, lone: Ints, count: int, seed: int
) -> None:
    """Set an end to ``count`` of the ``lone`` accounts, likelier the longer they could last."""
    part, as_of = recipe.accounts, day(recipe.city.as_of)
    room = np.maximum(as_of - part.shortest_days - enrolled[lone] + 1, 0)
    for_event = np.where(
        _near_planned_event(recipe, enrolled[lone]), part.planned_event_end_odds, 1
    )
    rng = stream(seed, "ends")
    picked = choose(rng, room * for_event, count)
    if len(picked) < count:
        raise CityError(f"{recipe.path}: too few accounts are old enough for ended_share.")
    # a young account can only end soon: the exponential is cut off at the as-of date
    cut = -np.expm1(-room[picked] / part.mean_days)
    beyond = np.floor(-part.mean_days * np.log1p(-rng.random(count) * cut)).astype(np.int64)
    lasted = part.shortest_days + np.minimum(beyond, room[picked] - 1)
    ended[lone[picked]] = enrolled[lone[picked]] + lasted


def _near_planned_event(recipe: Recipe, days: Ints) -> Bools:
    """Return which days lie in the run-up to a planned event (four half-lives of its lead)."""
    near = np.zeros(len(days), dtype=bool)
    for point in recipe.flash_points:
        before = day(point.started_on) - days
        near |= (before >= 0) & (before <= 4 * point.lead_days) & (point.extra_per_10000 > 0)
    return near


def _last_active(recipe: Recipe, enrolled: Ints, ended: Ints, seed: int) -> Ints:
    """Return each account's last sign of life; exactly ``dormant_share`` of the active are quiet.

    A quiet account was last active more than ``dormant_after_days`` before the as-of date.
    """
    part, as_of = recipe.accounts, day(recipe.city.as_of)
    rng = stream(seed, "last active")
    active = ended == NONE
    quiet_since = as_of - part.dormant_after_days - 1
    old = np.flatnonzero(active & (enrolled <= quiet_since))
    quiet = rng.permutation(old)[: round(part.dormant_share * int(active.sum()))]

    low = np.where(active, np.maximum(enrolled, as_of - part.dormant_after_days), enrolled)
    high = np.where(active, as_of, ended - 1)
    low[quiet], high[quiet] = enrolled[quiet], quiet_since
    last = between(rng, low, high, len(enrolled))
    unknown = happens(rng, part.last_active_unknown, len(enrolled))
    unknown[quiet] = False
    last[unknown] = NONE
    return last


def _invitations(recipe: Recipe, enrolled: Ints, seed: int) -> Ints:
    """Return when each account's target was invited, where that was written down."""
    part = recipe.accounts
    rng = stream(seed, "invitations")
    before = between(rng, *part.invited_days_before, len(enrolled))
    invited: Ints = np.maximum(enrolled - before, day(recipe.outreach.started_on))
    invited[~happens(rng, part.invited_share, len(enrolled))] = NONE
    return invited
