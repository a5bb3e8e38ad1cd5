"""Whether enrollment rose around flash points, whether it lasted, and what came between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from pppdash.analysis import lasting
from pppdash.analysis.baseline import Counts
from pppdash.analysis.decay import HalfLife, half_life
from pppdash.analysis.excess import MONTHS_MISSING, Baseline, Excess, assess, fitted, learn, verdict
from pppdash.analysis.groups import Group, checked, groups_of, inside, place
from pppdash.analysis.lasting import Share
from pppdash.analysis.monthly import Months, read_months
from pppdash.analysis.windows import Settings, first_day, last_day, month_number

__all__ = ["Event", "FlashPoints", "Interim", "Settings", "hypothetical", "measure"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

AHEAD, BEFORE = "ahead", "before"
HYPOTHETICAL = INTERIM = ""  # instead of the id of a flash point, which is never empty
LONGEST_DECAY = 36  # months after a peak that its half-life is learned from


@dataclass(frozen=True)
class Event:
    """A flash point and what coincided with it.

    Events whose windows overlap form one group; all of them carry the group's window and its
    figures. Numbers are NaN and months None where they cannot be said.

    Attributes
    ----------
    flash_point_id, name, kind, scope, started_on
        As given.
    window_start, window_end
        First and last day of the group's window, what is counted.
    observed, expected, excess, excess_low, excess_high
        Accounts in the window's whole months; expected without the event; their difference and
        its interval.
    q, placebo_p
        The model's p adjusted for all groups; the excess's rank among placebo windows.
    verdict
        ``rise``, ``fall``, ``no detectable change`` or ``too little data``.
    lead_in_month, peak_month
        First days of months: the first of the run of months above expectation that leads up to
        the peak, and the peak.
    half_life_months, half_life_low, half_life_high, half_life_verdict
        Months in which the rise halves after its peak; ``identified`` or ``not identifiable``.
    active_after_12m, active_after_12m_low, active_after_12m_high
        Share of the window's accounts still active a year on, 0 to 1.
    group
        Number of the group, in order of time.
    opened, months, rate
        Accounts in the window up to the as-of date, its whole months by then, and accounts a
        month in these.
    placebos
        Windows that the rank is among.
    holds_launch
        The program began in the window: its rise cannot be told from the launch.
    is_ahead
        The event is still to come.
    is_open
        Months of the window are still to come.
    reason
        Why there is too little data, in a word: `AHEAD` (no month of its window is over), `BEFORE`
        (its window ended before the first month), or one of :mod:`pppdash.analysis.excess`; empty
        where there is enough.
    """

    flash_point_id: str
    name: str
    kind: str
    started_on: date
    window_start: date
    window_end: date
    observed: float
    expected: float
    excess: float
    excess_low: float
    excess_high: float
    q: float
    placebo_p: float
    verdict: str
    lead_in_month: date | None
    peak_month: date | None
    half_life_months: float
    half_life_low: float
    half_life_high: float
    half_life_verdict: str
    active_after_12m: float
    active_after_12m_low: float
    active_after_12m_high: float
    scope: str = "unspecified"
    group: int = 0
    opened: float = math.nan
    months: int = 0
    rate: float = math.nan
    placebos: int = 0
    holds_launch: bool = False
    is_ahead: bool = False
    is_open: bool = False
    reason: str = ""


EVENT_COLUMNS = tuple(Event.__dataclass_fields__)[:23]
"""Attributes of `Event` that tables hold."""


@dataclass(frozen=True)
class Interim:
    """Whole months outside all windows, and how they compare.

    Rates are accounts a month. ``steadiness`` is the interim rate over the overall one (about 1
    = steady, 0 = flash points only). ``settled_rate`` is the interim rate without the months of
    a launch that ran above all that came later; NaN where there are none. All NaN where there is
    nothing to divide by.
    """

    interim_months: int
    interim_rate: float
    interim_low: float
    interim_high: float
    share_in_windows: float
    steadiness: float
    opened: int = 0
    overall_rate: float = math.nan
    settled_rate: float = math.nan


INTERIM_COLUMNS = tuple(Interim.__dataclass_fields__)[:6]
"""Attributes of `Interim` that tables hold."""


@dataclass(frozen=True)
class FlashPoints:
    """What `measure` found.

    Attributes
    ----------
    events
        In order of time.
    interim
        What happened between them.
    months
        month (first day), opened, at_risk, expected, expected_low, expected_high, is_whole (it was
        over on the as-of date), in_window, flash_point (names, comma-joined); one row a month.
    lasted
        flash_point_id (`INTERIM`: opened between), months_since, share, low, high: accounts still
        active so many months after they were opened.
    remarks
        A sentence for everything in the input that no figure could be made of.
    """

    events: tuple[Event, ...]
    interim: Interim
    months: pd.DataFrame
    lasted: pd.DataFrame
    remarks: tuple[str, ...] = ()


def measure(
    monthly: pd.DataFrame,
    events: pd.DataFrame,
    settings: Settings = Settings(),  # noqa: B008 - frozen
    *,
    accounts: pd.DataFrame | None = None,
    as_of: date | None = None,
) -> FlashPoints:
    """Measure what coincided with flash points.

    Parameters
    ----------
    monthly
        Columns month (period or first day), opened (accounts opened in it), at_risk (targets
        not enrolled when it began), from the month on in which the program began. Months that
        are missing or NaN are of no baseline, and no window that holds one gets a verdict.
    events
        Columns flash_point_id, name, started_on, kind, and scope if known.
    settings
        Windows and levels.
    accounts
        Columns opened_on, ended_on (missing: still active) and, where a row stands for several,
        accounts. Without it, what lasted is unknown.
    as_of
        No day after it is seen; by default the last month's last day.

    Raises
    ------
    UsageError
        Columns are missing, or hold what cannot be: a month twice, a count below zero.
    """
    months = read_months(monthly, as_of)
    placed = place(events, settings, months)
    groups = groups_of(placed, months)
    counts = Counts(months.opened, months.at_risk, months.usable & ~inside(groups, months))
    baseline = learn(counts, [group.span for group in groups], settings.confidence)
    launch = _launch_months(counts, baseline)
    groups = _assessed(groups, months, counts, baseline, settings)
    lasted = _lasted(groups, months, accounts, settings)
    return FlashPoints(
        events=_records(placed, groups, lasted, months, settings),
        interim=_interim(groups, months, fitted(counts, settings.confidence), settings, launch),
        months=_months_frame(placed, groups, months, baseline),
        lasted=_curves(placed, lasted),
        remarks=(*months.remarks, *_launch_remark(launch, months)),
    )


def hypothetical(
    monthly: pd.DataFrame,
    events: pd.DataFrame,
    started_on: date,
    kind: str,
    settings: Settings = Settings(),  # noqa: B008 - frozen
    *,
    accounts: pd.DataFrame | None = None,
    as_of: date | None = None,
) -> Event:
    """Measure a date of a reader's own as if it were one more flash point.

    Its months leave the baseline, as those of the others do; where its window overlaps another,
    the two are one group. For the rest see `measure`.
    """
    added = pd.DataFrame(
        {
            "flash_point_id": [HYPOTHETICAL],
            "name": [started_on.isoformat()],
            "started_on": [pd.Timestamp(started_on)],
            "kind": [kind],
        }
    )
    every = pd.concat([checked(events), added], ignore_index=True) if len(events) else added
    found = measure(monthly, every, settings, accounts=accounts, as_of=as_of)
    return next(event for event in found.events if event.flash_point_id == HYPOTHETICAL)


def _launch_months(counts: Counts, baseline: Baseline | None) -> int:
    """Return for how many months the launch ran above what came later, outside all windows."""
    if baseline is None or not counts.is_base[0] or baseline.counts.is_base[0]:
        return 0
    return int(baseline.counts.is_base.argmax())


def _launch_remark(launch: int, months: Months) -> tuple[str, ...]:
    if not launch:
        return ()
    until = first_day(months.first + launch - 1)
    return (
        f"From the launch to {until:%B %Y} more accounts were opened than ever after; these months "
        "are left out of what is expected.",
    )


# -- what is found of a group ------------------------------------------------------------------


def _assessed(
    groups: Sequence[Group],
    months: Months,
    counts: Counts,
    baseline: Baseline | None,
    settings: Settings,
) -> list[Group]:
    reasons = [_unseen(group, months) for group in groups]
    seen = [group.span for group, reason in zip(groups, reasons, strict=True) if not reason]
    found = iter(assess(counts, baseline, seen, settings))
    later = [*(group.start for group in groups[1:]), months.first + len(months)]
    return [
        _shaped(
            replace(group, excess=Excess(reason=reason) if reason else next(found)),
            groups[at - 1].end if at else months.first - 1,
            later[at],
            months,
            baseline,
            settings,
        )
        for at, (group, reason) in enumerate(zip(groups, reasons, strict=True))
    ]


def _unseen(group: Group, months: Months) -> str:
    """Return why nothing can be counted in a group's window, in a word."""
    start, stop = group.span
    if start == stop:
        return BEFORE if len(months) and group.end < months.first else AHEAD
    return "" if months.usable[start:stop].all() else MONTHS_MISSING


def _shaped(
    group: Group,
    earlier: int,
    later: int,
    months: Months,
    baseline: Baseline | None,
    settings: Settings,
) -> Group:
    """Add peak, lead-in and half-life.

    Neither reaches into another group's window: ``earlier`` is the last month of the one before,
    ``later`` the first of the one after.
    """
    start, stop = group.span
    is_empty = not months.opened[start:stop].any()  # of nothing no month is the peak
    if baseline is None or math.isnan(group.excess.excess) or is_empty:
        return group
    peak = start + int((months.opened - baseline.expected)[start:stop].argmax())
    lead_in = peak + 1
    while lead_in > max(earlier + 1 - months.first, 0) and baseline.is_above(lead_in - 1):
        lead_in -= 1
    end = min(later - months.first, peak + LONGEST_DECAY, int(months.is_whole.sum()))
    fades = HalfLife()
    if months.usable[peak:end].all():
        fades = half_life(months.opened[peak:end], baseline.inflation, settings.confidence)
    first = lead_in if lead_in <= peak else None
    return replace(group, peak=peak, lead_in=first, half_life=fades)


# -- results -----------------------------------------------------------------------------------


def _records(
    placed: pd.DataFrame,
    groups: Sequence[Group],
    lasted: Sequence[pd.DataFrame],
    months: Months,
    settings: Settings,
) -> tuple[Event, ...]:
    shares = [lasting.after_a_year(found) for found in lasted[: len(groups)]]
    as_of = months.as_of
    common = [
        _figures(group, share, months, settings)
        for group, share in zip(groups, shares, strict=True)
    ]
    return tuple(
        Event(
            flash_point_id=str(row.flash_point_id),
            name=str(row.name),
            kind=str(row.kind),
            scope=str(row.scope),
            started_on=row.started_on.date(),
            group=row.group,
            holds_launch=bool(row.holds_launch),
            is_ahead=as_of is not None and row.started_on.date() > as_of,
            **common[row.group],
        )
        for row in placed.itertuples(index=False)
    )


def _figures(group: Group, share: Share, months: Months, settings: Settings) -> dict[str, Any]:
    """Return what all events of a group have in common."""
    found, fades, end = group.excess, group.half_life, last_day(group.end)
    start, stop = group.span
    opened = _opened(group, months)
    return {
        "window_start": first_day(group.start),
        "window_end": end,
        "observed": found.observed,
        "expected": found.expected,
        "excess": found.excess,
        "excess_low": found.low,
        "excess_high": found.high,
        "q": found.q,
        "placebo_p": found.placebo_p,
        "verdict": verdict(found, settings),
        "lead_in_month": _month(group.lead_in, months),
        "peak_month": _month(group.peak, months),
        "half_life_months": fades.months,
        "half_life_low": fades.low,
        "half_life_high": fades.high,
        "half_life_verdict": fades.verdict,
        "active_after_12m": share.value,
        "active_after_12m_low": share.low,
        "active_after_12m_high": share.high,
        "opened": opened,
        "months": stop - start,
        "rate": _ratio(months.opened[start:stop].sum(), stop - start),
        "placebos": found.placebos,
        "is_open": months.as_of is not None and end > months.as_of,
        "reason": found.reason,
    }


def _opened(group: Group, months: Months) -> float:
    """Return the accounts in a window up to the as-of date; NaN where none of it is seen."""
    in_window = inside([group], months)
    return float(months.opened[in_window].sum()) if in_window.any() else math.nan


def _month(position: int | None, months: Months) -> date | None:
    return None if position is None else first_day(months.first + position)


def _interim(
    groups: Sequence[Group],
    months: Months,
    baseline: Baseline | None,
    settings: Settings,
    launch: int,
) -> Interim:
    in_window, whole = inside(groups, months), months.is_whole & months.is_known
    between = whole & ~in_window
    opened, many = float(months.opened[between].sum()), int(between.sum())
    rate = _ratio(opened, many)
    overall = _ratio(months.opened[whole].sum(), int(whole.sum()))
    low, high = _rate_interval(between, opened, baseline, settings)
    settled = between & (np.arange(len(months)) >= launch)
    return Interim(
        interim_months=many,
        interim_rate=rate,
        interim_low=low,
        interim_high=high,
        share_in_windows=_ratio(months.opened[in_window].sum(), months.opened.sum()),
        steadiness=_ratio(rate, overall),
        opened=int(opened),
        overall_rate=overall,
        settled_rate=_ratio(months.opened[settled].sum(), int(settled.sum()))
        if launch
        else math.nan,
    )


def _rate_interval(
    between: Mask, opened: float, baseline: Baseline | None, settings: Settings
) -> tuple[float, float]:
    """Return the interval of accounts a month, with the baseline's dispersion and correlation.

    Where nothing was opened there is no dispersion; then it is Poisson's (Garwood 1936).
    """
    many = int(between.sum())
    if many and not opened:
        return 0.0, float(stats.chi2.ppf(0.5 + settings.confidence / 2, 2)) / 2 / many
    if baseline is None:
        return math.nan, math.nan
    windows = between[None].astype(np.float64)
    spread = baseline.scatter.spread(windows, windows, baseline.expected)
    low, high = (float(end[0]) for end in spread.interval(settings.confidence))
    off = opened - float(spread.mean[0])
    return max(low + off, 0.0) / many, (high + off) / many


def _months_frame(
    placed: pd.DataFrame, groups: Sequence[Group], months: Months, baseline: Baseline | None
) -> pd.DataFrame:
    unknown = np.full(len(months), np.nan)
    expected = baseline.expected if baseline else unknown
    low, high = baseline.band() if baseline else (unknown, unknown)
    opened = np.where(months.is_known, months.opened, np.nan)
    is_count = months.is_known.all() and (opened == opened.round()).all()
    return pd.DataFrame(
        {
            "month": months.starts,
            "opened": opened.astype(np.int64) if is_count else opened,
            "at_risk": np.where(months.is_known, months.at_risk, np.nan),
            "expected": np.where(months.is_known, expected, np.nan),
            "expected_low": np.where(months.is_known, low, np.nan),
            "expected_high": np.where(months.is_known, high, np.nan),
            "is_whole": months.is_whole,
            "in_window": inside(groups, months),
            "flash_point": _names(placed, months),
        }
    )


def _names(placed: pd.DataFrame, months: Months) -> list[str]:
    """Return the events whose windows each month lies in, comma-joined."""
    names: list[list[str]] = [[] for _ in range(len(months))]
    for name, start, end in zip(placed["name"], placed["start"], placed["end"], strict=True):
        for at in range(max(start - months.first, 0), min(end - months.first + 1, len(months))):
            names[at].append(str(name))
    return [", ".join(some) for some in names]


def _lasted(
    groups: Sequence[Group], months: Months, accounts: pd.DataFrame | None, settings: Settings
) -> list[pd.DataFrame]:
    """Return one curve a group, and that of the interim behind them."""
    if accounts is None or months.as_of is None:
        return [lasting.nothing() for _ in range(len(groups) + 1)]
    known = _spells(accounts)
    numbers, as_of = month_number(known["opened_on"]), pd.Timestamp(months.as_of)
    chosen = [(numbers >= group.start) & (numbers <= group.end) for group in groups]
    between = np.isin(numbers, months.first + np.flatnonzero(~inside(groups, months)))
    return [lasting.curve(known[some], as_of, settings.confidence) for some in [*chosen, between]]


def _spells(accounts: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "opened_on": pd.to_datetime(accounts["opened_on"]),
            "ended_on": pd.to_datetime(accounts["ended_on"]),
            "accounts": accounts.get("accounts", 1),
        }
    )


def _curves(placed: pd.DataFrame, lasted: Sequence[pd.DataFrame]) -> pd.DataFrame:
    owners = [*zip(placed["flash_point_id"], placed["group"], strict=True), (INTERIM, -1)]
    parts = [lasted[group].assign(flash_point_id=name) for name, group in owners]
    return pd.concat(parts, ignore_index=True)[["flash_point_id", *lasting.COLUMNS]]


def _ratio(above: float, below: float) -> float:
    return float(above) / float(below) if below else math.nan
