"""Why a name is on the plan, in words."""

from __future__ import annotations

import numpy as np

from pppdash.analysis.outreach.model import Bools, Model, Texts
from pppdash.analysis.outreach.plan import LimitUse
from pppdash.analysis.outreach.problem import COLUMN_OF, Dimension, Problem

NAMES: dict[Dimension, str] = {"area": "area", "sector": "sector", "size_band": "size band"}


def reasons(
    problem: Problem, model: Model, inside: Bools, limits: tuple[LimitUse, ...]
) -> list[str]:
    """Return a reason for each chosen candidate.

    Parameters
    ----------
    inside
        Which candidates are chosen.
    limits
        How far limits are used.
    """
    columns = [
        _locked(problem, model, inside),
        *(_for_floor(model, inside, limit) for limit in limits if _is_bound_floor(limit)),
        _quick(model, inside, limits),
        _worth(model, inside),
        _together(model, inside),
    ]
    return ["; ".join(part for part in parts if part) for parts in zip(*columns, strict=True)]


def _locked(problem: Problem, model: Model, inside: Bools) -> list[str]:
    is_locked = model.candidates["target_id"].isin(problem.locked_in).to_numpy()[inside]
    return _where(is_locked, "locked in")


def _is_bound_floor(limit: LimitUse) -> bool:
    return limit.binds and limit.kind in COLUMN_OF and limit.used <= limit.at_least


def _for_floor(model: Model, inside: Bools, limit: LimitUse) -> list[str]:
    dimension = next(name for name in COLUMN_OF if name == limit.kind)
    values: Texts = model.candidates[COLUMN_OF[dimension]].to_numpy(dtype=object)[inside]
    floor = f"for the floor of {limit.at_least:,.0f} in {NAMES[dimension]} {limit.name}"
    return _where(np.asarray(values == limit.name), floor)


def _quick(model: Model, inside: Bools, limits: tuple[LimitUse, ...]) -> list[str]:
    wanted = any(limit.kind == "quick_wins" and limit.binds for limit in limits)
    is_quick = model.candidates["is_quick_win"].to_numpy(dtype=bool)[inside]
    return _where(is_quick, "a quick win, of which the plan needs its share" if wanted else "")


def _worth(model: Model, inside: Bools) -> list[str]:
    """Say what a contact is worth an hour, and among how many of all it is."""
    rate = model.value / model.hours
    better = np.searchsorted(np.sort(-rate), -rate, side="left")
    top = np.maximum(1, np.ceil(100 * (better + 1) / len(rate))).astype(int)
    each = model.contact_of[inside]
    return [
        f"worth {worth:.2f} an hour, among the best {share}%"
        for worth, share in zip(rate[each], top[each], strict=True)
    ]


def _together(model: Model, inside: Bools) -> list[str]:
    targets = np.bincount(model.contact_of, minlength=model.contacts)[model.contact_of[inside]]
    return [
        f"one contact for {count} targets of the owner" if count > 1 else "" for count in targets
    ]


def _where(holds: Bools, words: str) -> list[str]:
    return [words if one else "" for one in holds]
