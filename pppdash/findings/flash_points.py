"""What coincided with the flash points, for a date and a part of the city."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from pppdash.analysis import flash_points as analysis
from pppdash.analysis.flash_points import Event, FlashPoints, Settings
from pppdash.metrics.compute import compute
from pppdash.metrics.filters import Filters
from pppdash.metrics.periods import Queryable
from pppdash.warehouse.read import Build

_METRICS = ("accounts_opened", "targets", "targets_enrolled")


@dataclass(frozen=True)
class _Asked:
    """What the analysis is asked."""

    monthly: pd.DataFrame
    events: pd.DataFrame
    settings: Settings
    accounts: pd.DataFrame
    as_of: date
    remarks: tuple[str, ...]


def measure(warehouse: Queryable, filters: Filters) -> FlashPoints:
    """Measure the flash points known of on a date; accounts and targets follow the filters.

    See :func:`pppdash.analysis.flash_points.measure`.
    """
    asked = _ask(warehouse, filters)
    found = analysis.measure(
        asked.monthly, asked.events, asked.settings, accounts=asked.accounts, as_of=asked.as_of
    )
    return replace(found, remarks=(*found.remarks, *asked.remarks))


def hypothetical(warehouse: Queryable, filters: Filters, started_on: date, kind: str) -> Event:
    """Measure a date of a reader's own beside the flash points known of."""
    asked = _ask(warehouse, filters)
    return analysis.hypothetical(
        asked.monthly,
        asked.events,
        started_on,
        kind,
        asked.settings,
        accounts=asked.accounts,
        as_of=asked.as_of,
    )


def settings_of(build: Build) -> Settings:
    """Return what shapes the figures in the city of a build."""
    chosen = build.settings.windows
    return Settings(
        planned_before=chosen.planned_before,
        planned_after=chosen.planned_after,
        other_after=chosen.other_after,
        launched_on=build.launched_on,
    )


def _ask(warehouse: Queryable, filters: Filters) -> _Asked:
    settings = settings_of(warehouse.build)
    every = _monthly(warehouse, filters)
    monthly, remarks = _since_launch(every, settings.launched_on)
    return _Asked(
        monthly,
        warehouse.query("flash_points", as_of=filters.as_of),
        settings,
        warehouse.query("account_spells", **filters.params()),
        filters.as_of,
        remarks,
    )


def _monthly(warehouse: Queryable, filters: Filters) -> pd.DataFrame:
    """Return month, opened and at_risk: targets less those enrolled when the month began."""
    counts = compute(warehouse, _METRICS, ["month"], filters)
    before = counts[["targets", "targets_enrolled"]].shift()
    targets = before["targets"].fillna(counts["targets"])
    at_risk = (targets - before["targets_enrolled"].fillna(0)).clip(lower=0)
    return pd.DataFrame(
        {
            "month": pd.to_datetime(counts["month"]),
            "opened": counts["accounts_opened"],
            "at_risk": at_risk,
        }
    )


def _since_launch(
    monthly: pd.DataFrame, launched_on: date | None
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Leave out months before the launch, and say what was opened in them."""
    if launched_on is None:
        return monthly, ()
    is_before = monthly["month"] < pd.Timestamp(launched_on).replace(day=1)
    early = int(monthly.loc[is_before, "opened"].sum())
    remark = f"Accounts opened before the month of the launch are in no month here: {early:,}."
    return monthly[~is_before].reset_index(drop=True), (remark,) if early else ()
