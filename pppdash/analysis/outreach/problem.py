"""What is asked of an outreach plan: targets, hours, limits, weeks, and what is already settled.

A `Problem` is put together from the warehouse (one row a target) and a planner's settings; nothing
in it is a number that the code made up. `pppdash.analysis.outreach.checks` says what it may hold.

**Targets.** One row a target, enrolled ones too, because floors and ceilings count accounts that
are there already:

==================  ========================================================================
``target_id``       text, unique
``owner_id``        text, or missing or empty; one contact covers all targets of an owner
``area_id``         text; a contact opens every area in which its owner has a target in question
``sector``          text
``size_band``       text
``prong``           ``wide_net``, ``targeted`` or ``win_back`` (accounts that went dormant)
``hours``           staff hours a contact takes with a target of this kind, more than 0
``probability``     chance that a contact ends in an account, 0 to 1
``weight``          what an account there is worth to the planner, 0 or more
``size``            how large the building or organization is, for the plan made by hand
``is_quick_win``    whether it counts towards the share for quick wins
``is_enrolled``     whether an active account is there: counted, never called
==================  ========================================================================

Further columns (``building_id``, ``organization`` …) are carried into the plan's table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

PRONGS = ("wide_net", "targeted", "win_back")
Dimension = Literal["area", "sector", "size_band"]
COLUMN_OF: dict[Dimension, str] = {
    "area": "area_id",
    "sector": "sector",
    "size_band": "size_band",
}
TEXTS = ("target_id", "owner_id", "area_id", "sector", "size_band", "prong")
NUMBERS = ("hours", "probability", "weight", "size")
FLAGS = ("is_quick_win", "is_enrolled")
COLUMNS = (*TEXTS, *NUMBERS, *FLAGS)


@dataclass(frozen=True)
class Limit:
    """How many accounts one area, sector or size band shall have, and may have.

    Attributes
    ----------
    dimension, value
        What is limited: ``("sector", "Energy")``.
    floor, ceiling
        Targets: those enrolled already plus those chosen. None is no limit. Where more are
        enrolled than the ceiling, none is chosen there.
    """

    dimension: Dimension
    value: str
    floor: int | None = None
    ceiling: int | None = None


@dataclass(frozen=True)
class Slot:
    """The hours that one liaison has in one period.

    Attributes
    ----------
    period
        Its number, 1 being the first week or month.
    liaison
        Who makes the calls.
    hours
        Staff hours, 0 or more.
    """

    period: int
    liaison: str
    hours: float


@dataclass(frozen=True)
class Problem:
    """What a plan is asked for.

    Attributes
    ----------
    targets
        One row a target, with the columns named above.
    hours
        Staff hours at hand: contacts, and the set-up of areas.
    setup_hours
        Hours that opening an area costs before its first contact; an area not named costs none.
    prong_hours
        Hours of contacts (without set-up) that a prong may take at most; a prong not named has no
        budget of its own.
    limits
        Floors and ceilings; by default there are none.
    quick_win_share
        Least share of the chosen targets that are quick wins, 0 to 1.
    locked_in, locked_out
        Ids of targets that must, or must not, be in the plan. Who locks a target out locks out its
        owner: one contact would reach it all the same.
    slots
        Hours by period and liaison; empty is one period and no matter who. A slot that is not
        there has no hours.
    liaison_of_area
        Who works an area, set-up included; areas not named are anybody's. An owner is called by
        whoever works the area of its most laborious target.
    holdout_share
        Share of the chosen owners that is not contacted, to learn what contacts bring; under 1.
    """

    targets: pd.DataFrame
    hours: float
    setup_hours: Mapping[str, float] = field(default_factory=dict)
    prong_hours: Mapping[str, float] = field(default_factory=dict)
    limits: tuple[Limit, ...] = ()
    quick_win_share: float = 0.0
    locked_in: frozenset[str] = frozenset()
    locked_out: frozenset[str] = frozenset()
    slots: tuple[Slot, ...] = ()
    liaison_of_area: Mapping[str, str] = field(default_factory=dict)
    holdout_share: float = 0.0
