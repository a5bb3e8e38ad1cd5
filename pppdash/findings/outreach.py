"""Whom to call with the hours at hand, for a date and a part of the city."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pppdash.analysis import chances as analysis
from pppdash.analysis.chances import NEVER, Chances, Expected
from pppdash.analysis.outreach import Limit, Plan, Problem, Slot, Stop, solve
from pppdash.analysis.outreach.stop import Progress
from pppdash.analysis.weights import FACTORS, distance_km, weigh
from pppdash.city import Outreach
from pppdash.errors import UsageError
from pppdash.metrics.compute import Queryable, compute
from pppdash.metrics.filters import Filters
from pppdash.sources.contracts import SECTORS, UNCLASSIFIED

OUTSIDE = "Outside"
_LAST = {
    "no_answer": "no answer when last contacted",
    "interested": "interested when last contacted",
    "declined": "declined when last contacted",
}


@dataclass(frozen=True)
class OutreachPlan:
    """A plan and what its numbers rest on.

    Attributes
    ----------
    plan
        Its targets carry, beside what `Problem` asks for, ``building_id``, ``organization``,
        ``building``, ``address``, ``area_name``, ``last_outcome`` and the weight's factors
        (``weight_sector`` …); ``reason`` says both chance and weight.
    chances
        Of every kind of target, from the whole city's contacts.
    expected
        Accounts expected of those who are called, which leaves out who is held out.
    remarks
        What a reader must know of the numbers.
    """

    plan: Plan
    chances: Chances
    expected: Expected
    remarks: tuple[str, ...]


def plan_outreach(
    warehouse: Queryable,
    filters: Filters,
    hours: float,
    settings: Outreach | None = None,
    holdout_share: float = 0.0,
    seed: int = 0,
    stop: Stop | None = None,
    progress: Progress | None = None,
) -> OutreachPlan:
    """Return the best plan for the hours at hand.

    Parameters
    ----------
    warehouse
        An open build.
    filters
        As of when, and from which part of the city targets are taken; areas are those of its
        layer, else of the city's first. Chances are learned from the whole city.
    hours
        Staff hours at hand.
    settings
        The city's where not given.
    holdout_share
        Share of the chosen owners that is not called, to learn what calls bring.
    seed
        Of the holdout, the solver and the draws.
    stop, progress
        As `solve` takes them.

    Raises
    ------
    UsageError
        The settings name a sector, size band or area that does not exist.
    PlanError
        No plan can follow what is asked; says what would work.
    """
    chosen = settings or warehouse.build.settings.outreach
    layers = warehouse.build.layers
    filters = replace(filters, layer=filters.layer or (layers[0].name if layers else None))
    _check_names(warehouse, filters, chosen)
    targets, chances = _targets(warehouse, filters, chosen)
    problem = _problem(targets, hours, chosen, holdout_share)
    plan = solve(problem, seed, stop, progress)
    plan = replace(plan, targets=plan.targets.assign(reason=_reasons(plan.targets)))
    called = plan.targets[~plan.targets["is_holdout"].astype(bool)]
    remarks = tuple(_remarks(warehouse, filters, targets, chances, plan))
    return OutreachPlan(plan, chances, chances.expect(called, seed), remarks)


# -- what is asked -----------------------------------------------------------------------------


def _check_names(warehouse: Queryable, filters: Filters, settings: Outreach) -> None:
    sectors = (*SECTORS, UNCLASSIFIED)
    bands = [band.name for band in warehouse.build.size_bands]
    areas = [OUTSIDE, *warehouse.query("area_names", layer=filters.layer)["area_id"]]
    _check_known(settings.weights.sectors, sectors, "sector", "weights.sectors")
    _check_known(settings.targeted.sectors, sectors, "sector", "targeted.sectors")
    _check_known(settings.targeted.size_bands, bands, "size band", "targeted.size_bands")
    _check_known(settings.setup_hours_of, areas, "area", "setup_hours_of")
    _check_known(settings.liaison_of_area, areas, "area", "liaison_of_area")


def _check_known(names: Iterable[str], known: Iterable[str], what: str, key: str) -> None:
    for name in names:
        if name not in (there := list(known)):
            near = difflib.get_close_matches(name, there, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(there)}."
            raise UsageError(f"{key}: there is no {what} {name!r}; {hint}")


def _problem(
    targets: pd.DataFrame, hours: float, settings: Outreach, holdout_share: float
) -> Problem:
    areas = targets["area_id"].unique()
    return Problem(
        targets=targets,
        hours=hours,
        setup_hours={
            area: settings.setup_hours_of.get(area, settings.setup_hours) for area in areas
        },
        prong_hours={str(prong): most for prong, most in settings.budgets.items()},
        limits=tuple(Limit(**limit.model_dump()) for limit in settings.limits),
        quick_win_share=settings.quick_win_share,
        locked_in=frozenset(settings.locked_in),
        locked_out=frozenset(settings.locked_out),
        slots=tuple(Slot(**slot.model_dump()) for slot in settings.slots),
        liaison_of_area=settings.liaison_of_area,
        holdout_share=holdout_share,
    )


# -- targets -----------------------------------------------------------------------------------


def _targets(
    warehouse: Queryable, filters: Filters, settings: Outreach
) -> tuple[pd.DataFrame, Chances]:
    """Return the rows of a problem, and the chances that they were given."""
    history = warehouse.query("outreach_history", as_of=filters.as_of)
    targets = _listed(warehouse, filters, history)
    targets["prong"] = _prong(targets, settings)
    targets["hours"] = targets["prong"].map(settings.contact_hours.model_dump()).astype(float)
    targets["shortfall"] = _shortfall(warehouse, filters, targets)
    targets["distance_km"] = _distance(warehouse, filters, targets, settings)
    factors = weigh(targets, settings.weights)
    targets["weight"] = factors.pop("weight")
    chances = analysis.estimate(history, targets)
    chance = chances.kinds["probability"].to_numpy(dtype=float)
    targets["probability"] = chance[chances.kind_of(targets)]
    return targets.join(factors.add_prefix("weight_")), chances


def _listed(warehouse: Queryable, filters: Filters, history: pd.DataFrame) -> pd.DataFrame:
    """Return the targets of a part of the city, with what is known of them."""
    listed = warehouse.query("targets", **filters.params())
    targets = listed.merge(warehouse.query("target_facts"), on="target_id", how="left")
    targets["area_id"] = targets["area_id"].fillna(OUTSIDE)
    # An account that has gone quiet is to be won back, and not there until it is.
    targets["is_enrolled"] = (targets["status"] == "active") & ~targets["is_dormant"].astype(bool)
    targets["is_member"] = targets["memberships"] != ""
    targets["size"] = _size(targets)
    told = history.dropna(subset=["outcome"]).groupby("target_id")["outcome"].last()
    last = told.astype("object").reindex(targets["target_id"], fill_value=NEVER)
    targets["last_outcome"] = last.replace("enrolled", NEVER).to_numpy()
    return targets


def _size(targets: pd.DataFrame) -> pd.Series:
    """Return people; square feet where nobody's people are known."""
    people = targets["people"].astype(float)
    return people if people.notna().any() else targets["floor_area_sqft"].astype(float)


def _prong(targets: pd.DataFrame, settings: Outreach) -> pd.Series:
    listed = targets["sector"].isin(settings.targeted.sectors)
    listed |= targets["size_band"].isin(settings.targeted.size_bands)
    prong = np.select([targets["is_dormant"], listed], ["win_back", "targeted"], "wide_net")
    return pd.Series(prong, targets.index, dtype="object")


def _shortfall(warehouse: Queryable, filters: Filters, targets: pd.DataFrame) -> pd.Series:
    """Return the share of the goal that is missing in each target's area and sector, 0 to 1.

    Of the whole city's cells, shrunken; where there is no goal, the share that is not enrolled.
    """
    by = [filters.layer, "sector"] if filters.layer else ["sector"]
    city = Filters(filters.as_of, filters.layer)
    cells = compute(warehouse, ["coverage_shrunken", "goal"], by, city)
    cells["goal"] = cells["goal"].fillna(1.0)
    missing = 1 - cells["coverage_shrunken"] / cells["goal"].where(cells["goal"] > 0)
    keys = ["area_id", "sector"] if filters.layer else ["sector"]
    short = cells[keys].assign(shortfall=missing.clip(0, 1).fillna(0.0))
    found = targets[keys].merge(short, on=keys, how="left")["shortfall"]
    return found.fillna(1.0).set_axis(targets.index)


def _distance(
    warehouse: Queryable, filters: Filters, targets: pd.DataFrame, settings: Outreach
) -> pd.Series:
    """Return the km to the nearest target in a well covered area; missing where nobody asks."""
    if not filters.layer or settings.weights.distance == 0:
        return pd.Series(np.nan, targets.index)
    city = Filters(filters.as_of, filters.layer)
    whole = compute(warehouse, ["coverage"], [], city)["coverage"].iloc[0]
    areas = compute(warehouse, ["coverage_shrunken"], [filters.layer], city)
    well = areas.loc[areas["coverage_shrunken"] >= settings.well_covered * whole, "area_id"]
    listed = warehouse.query("targets", **replace(city, areas=tuple(well) or ("",)).params())
    covered = listed[["target_id"]].merge(warehouse.query("target_facts"), on="target_id")
    return distance_km(targets, covered)


# -- in words ----------------------------------------------------------------------------------


def _reasons(targets: pd.DataFrame) -> list[str]:
    """Return each target's reason: its chance, its weight, and the solver's own words."""
    names = [f"weight_{name}" for name in FACTORS]
    return [
        "; ".join(
            [
                *(["held out: do not call"] if row["is_holdout"] else []),
                *(["account gone quiet"] if row["prong"] == "win_back" else []),
                _chance(row["probability"], row["last_outcome"]),
                _weight(row["weight"], {name: row[name] for name in names}),
                row["reason"],
            ]
        )
        for row in targets.to_dict("records")
    ]


def _chance(probability: float, last_outcome: str) -> str:
    last = _LAST.get(last_outcome)
    return f"chance {probability:.0%}" + (f" ({last})" if last else "")


def _weight(weight: float, factors: dict[str, float]) -> str:
    moved = [
        f"{name.removeprefix('weight_')} × {factor:.2g}"
        for name, factor in factors.items()
        if abs(factor - 1) >= 0.05
    ]
    return f"weight {weight:.2g}" + (f" ({', '.join(moved)})" if moved else "")


def _remarks(
    warehouse: Queryable,
    filters: Filters,
    targets: pd.DataFrame,
    chances: Chances,
    plan: Plan,
) -> Iterable[str]:
    yield _of_chances(chances, filters)
    if not warehouse.build.records_activity:
        yield "No account says when it was last active, so there is nobody to win back."
    elif quiet := int(targets["is_dormant"].sum()):
        yield (
            f"Accounts gone quiet, to be won back: {quiet:,}. No contact is on record as one "
            "to win back, so their chance is taken from the other contacts and is less sure."
        )
    if targets["people"].isna().all():
        what = "floor area" if targets["size"].notna().any() else "nothing"
        yield f"How many people a target has is not on record; size goes by {what}."
    if outside := int((targets["area_id"] == OUTSIDE).sum()):
        yield f"Targets outside every area: {outside:,}. They count as one area, {OUTSIDE}."
    if held := int(plan.targets["is_holdout"].sum()):
        yield (
            f"Held out, not to be called: {held:,} of {len(plan.targets):,} targets. Accounts "
            f"expected are those of the others; of all of them it would be {plan.expected:.1f}."
        )


def _of_chances(chances: Chances, filters: Filters) -> str:
    if chances.is_prior:
        one = chances.kinds.iloc[0]
        return (
            f"No outcome of a contact is on record by {filters.as_of}. Chances are a prior and no "
            f"finding: {one['probability']:.0%} for everybody, which may be anything from "
            f"{one['low']:.1%} to {one['high']:.0%}, until outreach_contacts says more."
        )
    more = f" Contacts without an outcome are left out: {chances.left_out:,}."
    return (
        f"Chances come from {chances.contacts:,} contacts, of which {chances.enrolled:,} ended in "
        f"an account.{more if chances.left_out else ''}"
    )
