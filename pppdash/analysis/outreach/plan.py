"""A plan: whom to call, when, why, and how good that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from pppdash.analysis.outreach.by_hand import ByHand
from pppdash.analysis.outreach.model import Kind
from pppdash.analysis.outreach.shortfall import Unkept

Status = Literal["optimal", "stopped", "infeasible", "not_found"]


@dataclass(frozen=True)
class LimitUse:
    """How far a limit is used.

    Attributes
    ----------
    kind, name
        Which limit: ``("prong", "targeted")``, ``("sector", "Energy")``.
    used
        Hours, or targets with those enrolled already; for the share of quick wins, that share.
    at_least, at_most
        In the same unit; infinite where there is none.
    binds
        Whether one contact more would pass its upper end, or one fewer its lower end.
    """

    kind: Kind
    name: str
    used: float
    at_least: float
    at_most: float
    binds: bool


@dataclass(frozen=True)
class OneMoreHour:
    """What one more hour brings, by solving again.

    Attributes
    ----------
    gain
        Objective of the plan with the hour less that without.
    least, most
        What is proven of the gain: plans are solved to within a gap, and so is their difference.
    """

    gain: float
    least: float
    most: float


@dataclass(frozen=True)
class Plan:
    """What `solve` answers.

    Attributes
    ----------
    status
        ``optimal``: proven to the gap that was asked for. ``stopped``: the best by then, with the
        gap that is proven. ``infeasible``: no plan keeps all limits; `unkept` says which not.
        ``not_found``: stopped before any plan was found.
    objective, bound
        Σ weight × probability over the chosen targets, and what no plan can exceed.
    hours, setup_hours
        Of contacts; of opening areas.
    expected
        Accounts expected from calling all chosen, Σ probability.
    targets
        One row a chosen target, in the order of calls: the problem's columns, with ``hours`` those
        of the contact (0 where the contact is made with another target of the owner), ``contact``
        (number of the contact), ``period``, ``liaison`` (missing where there are no slots),
        ``is_holdout`` and ``reason``.
    areas
        One row an opened area and slot in which it is set up: ``area_id``, ``hours``, ``period``,
        ``liaison``.
    limits
        Every limit and how far it is used.
    by_hand
        Both plans made by hand.
    one_more_hour
        What one more hour brings; None where it was not asked, or time was up.
    unkept
        Floors that cannot be kept; empty unless the status is ``infeasible``.
    """

    status: Status
    objective: float
    bound: float
    hours: float
    setup_hours: float
    expected: float
    targets: pd.DataFrame
    areas: pd.DataFrame
    limits: tuple[LimitUse, ...]
    by_hand: tuple[ByHand, ...]
    one_more_hour: OneMoreHour | None = None
    unkept: tuple[Unkept, ...] = ()

    @property
    def gap(self) -> float:
        """Share of the objective by which a better plan may exceed it at most."""
        return max(0.0, self.bound - self.objective) / max(abs(self.objective), 1e-12)

    @property
    def binding(self) -> tuple[LimitUse, ...]:
        """The limits that bind."""
        return tuple(limit for limit in self.limits if limit.binds)
