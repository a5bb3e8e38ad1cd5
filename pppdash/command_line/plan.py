"""``plan``: whom to call with the hours at hand, without a screen."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pppdash.command_line.arguments import (
    DONE,
    REFUSED,
    add_city,
    add_command,
    add_output,
    add_where,
    opened_warehouse,
)
from pppdash.command_line.output import print_frame, say, say_synthetic

if TYPE_CHECKING:
    from pppdash.findings.outreach import OutreachPlan

COLUMNS = (
    *("target_id", "building_id", "organization", "area_id", "sector", "prong"),
    *("hours", "probability", "weight", "reason"),
)


def add_commands(commands: Any) -> None:
    """Add this module's command."""
    plan = add_command(commands, "plan", "print whom to call with the hours at hand", _plan)
    add_city(plan)
    plan.add_argument("--hours", type=_hours, required=True, help="staff hours at hand")
    plan.add_argument(
        "--holdout",
        type=_holdout,
        default=0.0,
        metavar="F",
        help="share of those chosen that is not called, to learn what calls bring",
    )
    plan.add_argument(
        "--settings", type=Path, metavar="FILE.toml", help="what matters, beside the city's own"
    )
    plan.add_argument("--seed", type=int, default=0, help="of the holdout; the same, the same plan")
    add_where(plan)
    add_output(plan)


def _hours(text: str) -> float:
    hours = _number(text)
    if not 0 < hours < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no budget; give hours above 0, such as 200")
    return hours


def _holdout(text: str) -> float:
    share = _number(text)
    if not 0 <= share < 1:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no share to hold out; give 0 to below 1, such as 0.2"
        )
    return share


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _plan(options: argparse.Namespace) -> int:
    from pppdash.city import load_outreach
    from pppdash.findings.outreach import plan_outreach
    from pppdash.metrics.compute import parse_filters

    with opened_warehouse(options) as warehouse:
        settings = warehouse.build.settings.outreach
        if options.settings:
            settings = load_outreach(options.settings, settings)
        filters = parse_filters(warehouse, options.as_of, options.where)
        found = plan_outreach(
            warehouse, filters, options.hours, settings, options.holdout, options.seed
        )
        say_synthetic(warehouse)
    for remark in found.remarks:
        say(remark)
    _print(found, options.format)
    return _end(found)


def _print(found: OutreachPlan, form: str) -> None:
    if form == "json":
        print(json.dumps(_as_dict(found), ensure_ascii=False, allow_nan=False))
    else:
        print_frame(found.plan.targets.reindex(columns=list(COLUMNS)), form)


def _end(found: OutreachPlan) -> int:
    """Say in a sentence how the plan ended, and return the exit status."""
    plan = found.plan
    if plan.status == "infeasible":
        for one in plan.unkept:
            where = f"{one.row.kind.replace('_', ' ')} {one.row.name}"
            say(f"The floor of {where} cannot be kept: {one.short:,} targets are missing.")
        say("No plan keeps all limits. Lower a floor, unlock a target, or give more hours.")
        return REFUSED
    if plan.status == "not_found":
        say("No plan was found in time. Take limits away, or ask for fewer areas.")
        return REFUSED
    for sentence in _sentences(found):
        say(sentence)
    return DONE


def _sentences(found: OutreachPlan) -> Iterator[str]:
    plan, expected = found.plan, found.expected
    areas = plan.areas["area_id"].nunique()
    called = int((~plan.targets["is_holdout"].astype(bool)).sum())
    yield (
        f"{plan.hours + plan.setup_hours:,.1f} hours, {plan.setup_hours:,.1f} of them to set up "
        f"areas, reach {called:,} targets in {areas:,} areas; expect {expected.low:,.0f} to "
        f"{expected.high:,.0f} new accounts, {expected.mean:,.1f} on average."
    )
    yield (
        f"The plan is worth {plan.objective:,.2f}, proven to be within {plan.gap:.2%} of the best."
    )
    for hand in plan.by_hand:
        breaks = f", and breaks {len(hand.breaks):,} limits" if hand.breaks else ""
        yield (
            f"By hand, {hand.way.replace('_', ' ')}: worth {hand.objective:,.2f}, with "
            f"{hand.expected:,.1f} accounts expected{breaks}."
        )


def _as_dict(found: OutreachPlan) -> dict[str, Any]:
    plan = found.plan
    rows = plan.targets.reindex(columns=list(COLUMNS)).astype(object)
    return {
        "status": plan.status,
        "objective": _finite(plan.objective),
        "bound": _finite(plan.bound),
        "gap": _finite(plan.gap),
        "hours": plan.hours + plan.setup_hours,
        "setup_hours": plan.setup_hours,
        "expected": found.expected.mean,
        "expected_low": found.expected.low,
        "expected_high": found.expected.high,
        "by_hand": {
            hand.way: {
                "objective": hand.objective,
                "expected": hand.expected,
                "breaks": [f"{row.kind} {row.name}" for row in hand.breaks],
            }
            for hand in plan.by_hand
        },
        "binding": [
            {
                "limit": limit.kind,
                "of": limit.name,
                "used": limit.used,
                "at_least": _finite(limit.at_least),
                "at_most": _finite(limit.at_most),
            }
            for limit in plan.binding
        ],
        "targets": rows.where(rows.notna(), None).to_dict("records"),
    }


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
