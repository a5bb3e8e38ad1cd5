"""What coincided with flash points, in words: the page's finding, a card for each, their table.

The words describe what happened at the same time; none of them says what caused it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from pppdash.analysis import excess, flash_points
from pppdash.views import theme
from pppdash.views.parts import Column, TableView, Tile, interval_columns

if TYPE_CHECKING:
    from pppdash.analysis.flash_points import Event, FlashPoints, Interim

KIND_WORDS = {
    "planned_event": "planned event",
    "attack": "attack",
    "violence_spike": "spike of violence",
    "disaster": "disaster",
}
UNTOLD = {flash_points.AHEAD, flash_points.BEFORE}  # nothing of the window could be seen
MOST_NAMED = 3  # more than these in one sentence are counted
TOLD_BY_ITSELF = (excess.RISE, excess.FALL)

EVENTS_NOTE = (
    "They tell what happened at the same time, not what caused it: a citywide event has no "
    "untouched district to compare with."
)
FILTERS_NOTE = (
    "The filters reach accounts, expectations, verdicts and what lasted; the flash points are the "
    "whole city's. The smaller the selection, the less can be told."
)


# -- the page's finding ------------------------------------------------------------------------


def headline(found: FlashPoints) -> str:
    """Return what is opened a month between the flash points, and around how many it changed."""
    opened = float(found.months["opened"].sum())
    if opened == 0:
        return "No accounts have been opened in this selection."
    if found.interim.interim_months == 0:
        return _nothing_between(found, opened)
    rate = f"{theme.rate(found.interim.interim_rate)} accounts a month"
    interval = _interim_interval(found.interim)
    if not found.months["in_window"].any():
        return (
            f"No flash point's window lies in this period: {rate} {interval} are opened."
            f"{_next_one(found.events)}"
        )
    verb = "falls back to" if _falls_back(found) else "runs at"
    settled = _settled(found.interim)
    return f"{_between(found)} enrollment {verb} {rate} {interval}{settled}; {_verdicts(found)}."


def _nothing_between(found: FlashPoints, opened: float) -> str:
    accounts = f"{theme.plural(opened, 'account')} {'has' if round(opened) == 1 else 'have'}"
    if not found.months["in_window"].any():
        return f"No month is over yet: {accounts} been opened."
    return (
        "No whole month lies outside the flash points' windows, so that nothing can be said of "
        f"the time between them: {accounts} been opened."
    )


def _interim_interval(interim: Interim) -> str:
    if not theme.is_known(interim.interim_high):
        return "(too few months for an interval)"
    return f"({theme.rates(interim.interim_low, interim.interim_high)})"


def _settled(interim: Interim) -> str:
    """Return the rate once a launch had passed that was no flash point and ran above the rest."""
    if not theme.is_known(interim.settled_rate):
        return ""
    return f", at {theme.rate(interim.settled_rate)} without the months of the launch"


def _next_one(events: Sequence[Event]) -> str:
    ahead = [event for event in events if event.is_ahead]
    if not ahead:
        return ""
    first = min(ahead, key=lambda event: event.started_on)
    return f" The next is {first.name}, {theme.month_form(first.started_on)}."


def _falls_back(found: FlashPoints) -> bool:
    """Whether windows that coincided with a rise held more a month than lies between them."""
    rose = [event.rate for event in _windows(found.events) if event.verdict == excess.RISE]
    return bool(rose) and min(rose) > found.interim.interim_high


def _between(found: FlashPoints) -> str:
    seen = [event for event in found.events if event.reason not in UNTOLD]
    if len({event.group for event in seen}) != 1:
        return "Between flash points"
    many = theme.plural(len(seen), "flash point")
    of = many if len(seen) > MOST_NAMED else named([event.name for event in seen])
    return f"Outside the window of {of}"


def named(names: Sequence[str]) -> str:
    """Return a few flash points by name, many by number."""
    if len(names) > MOST_NAMED:
        return theme.plural(len(names), "other flash point")
    return theme.listed(names)


def _windows(events: Iterable[Event]) -> list[Event]:
    """Return one event a window, of those that have happened and were seen."""
    seen = {e.group: e for e in events if e.reason not in UNTOLD and not e.is_ahead}
    return list(seen.values())


def _verdicts(found: FlashPoints) -> str:
    """Return in how many windows enrollment changed, as part of a sentence."""
    seen = _windows(found.events)
    if not seen:
        return "no flash point has happened yet"
    told = [event.verdict for event in seen if event.verdict != excess.TOO_LITTLE]
    if not told:
        some = "that window" if len(seen) == 1 else f"any of {len(seen)} windows"
        return f"there is too little data to tell whether {some} coincided with a change"
    enough = "" if len(told) == len(seen) else " with data enough"
    changes = [
        f"{_so_many(told.count(verdict), len(told), enough)} coincided with a {verdict}"
        for verdict in TOLD_BY_ITSELF
        if verdict in told
    ]
    if changes:
        return ", and ".join(changes)
    some = _so_many(1, 1, enough) if len(told) == 1 else f"any of {len(told)} windows{enough}"
    return f"no change could be told from chance in {some}"


def _so_many(some: int, of: int, enough: str) -> str:
    """Return how many windows, as a subject; ``enough`` says where the others could not tell."""
    if of == 1:
        return f"the one window{enough}" if enough else "that window"
    if some < of:
        return f"{some} of {of} windows{enough}"
    return f"{'both' if of == 2 else f'all {of}'} windows{enough}"


def standing(found: FlashPoints) -> str:
    """Return how much lies between the windows, and how steady that is; empty without windows."""
    interim = found.interim
    if not interim.interim_months or not found.months["in_window"].any():
        return ""
    counted = (
        f"{theme.plural(interim.opened, 'account')} in "
        f"{theme.plural(interim.interim_months, 'month')} between windows"
    )
    if not theme.is_known(interim.steadiness):
        return f"{counted}."
    return (
        f"{counted}; steadiness {interim.steadiness:.2f}: their pace over the pace of all months, "
        "about 1 if enrollment is steady, 0 if it comes in flash points only."
    )


def remarks(found: FlashPoints, is_whole_city: bool) -> list[str]:
    """Return what a reader must know of the figures: of the input, and of the filters."""
    return [standing(found), *found.remarks, "" if is_whole_city else FILTERS_NOTE]


# -- the Overview's figure ---------------------------------------------------------------------


def interim_tile(found: FlashPoints) -> Tile:
    """Return the rate between flash points with its interval, and what was last."""
    interim, last = found.interim, _last_event(found.events)
    if interim.interim_months == 0:
        why = "no whole month lies outside the flash points' windows"
        return Tile(theme.NO_FIGURE, "new accounts a month", (why, *last))
    months = theme.plural(interim.interim_months, "month")
    counted = f"{theme.count(interim.opened)} in {months}"
    if theme.is_known(interim.interim_high):
        counted += f" · {theme.rates(interim.interim_low, interim.interim_high)}"
    rate, between = theme.rate(interim.interim_rate), found.months["in_window"].any()
    if not between:
        return Tile(rate, "new accounts a month", (counted,))
    steady = (f"steadiness {interim.steadiness:.2f}",) if theme.is_known(interim.steadiness) else ()
    return Tile(rate, "new accounts a month, between flash points", (counted, *steady, *last))


def _last_event(events: Sequence[Event]) -> tuple[str, ...]:
    """Return the last flash point that has happened, with what coincided with it."""
    past = [event for event in events if not event.is_ahead and theme.is_known(event.opened)]
    if not past:
        return ()
    last = max(past, key=lambda event: event.started_on)
    return (f"last: {last.name}, {theme.month_form(last.started_on)}, {_in_short(last)}",)


def _in_short(event: Event) -> str:
    if event.verdict in TOLD_BY_ITSELF:
        interval = theme.counts(event.excess_low, event.excess_high)
        return f"{theme.signed(event.excess)} accounts ({interval}), a {event.verdict}"
    return event.verdict


# -- which of them are shown -------------------------------------------------------------------


def kind_choices(found: FlashPoints) -> dict[str, str]:
    """Return the kinds that occur and how they are written, any kind first."""
    kinds = sorted({event.kind for event in found.events})
    return {"": "every kind"} | {kind: KIND_WORDS.get(kind, kind) for kind in kinds}


def scope_choices(found: FlashPoints) -> dict[str, str]:
    """Return the scopes that occur, any scope first."""
    return {"": "every scope"} | {s: s for s in sorted({e.scope for e in found.events})}


def only(found: FlashPoints, kind: str, scope: str) -> FlashPoints:
    """Return the flash points of a kind and a scope; empty stands for any.

    Months and what lies between the flash points stay those of all of them.
    """
    kept = (e for e in found.events if kind in ("", e.kind) and scope in ("", e.scope))
    return replace(found, events=tuple(kept))


def left_out(every: FlashPoints, shown: FlashPoints) -> str:
    """Return what leaving flash points out does to the figures; empty where all are shown."""
    if len(shown.events) == len(every.events):
        return ""
    return (
        f"{len(shown.events)} of {theme.plural(len(every.events), 'flash point')} shown. The "
        "windows of the others stay windows: the rate between flash points is the same as with "
        "all of them."
    )


# -- their table -------------------------------------------------------------------------------

COLUMNS = (
    Column("name", "Flash point"),
    Column("kind", "Kind"),
    Column("scope", "Scope"),
    Column("started_on", "On", "date"),
    Column("window_start", "Window from", "date"),
    Column("window_end", "to", "date"),
    Column("verdict", "Verdict"),
    Column("opened", "Accounts opened", "count", "In the window, up to the date of this page"),
    Column("observed", "Observed", "count", "In the window's whole months"),
    Column("expected", "Expected", "number", "In the same months, without the event"),
    Column("excess", "Excess", "number", "Observed less expected"),
    *interval_columns("excess_low", "excess_high", "number"),
    Column("q", "q", "p", "The excess's p by the model, adjusted for all windows"),
    Column("placebo_p", "Placebo p", "p", "Its rank among windows without an event"),
    Column("placebos", "Placebos", "count", "Windows that the rank is among"),
    Column("lead_in_month", "Rise begins", "month"),
    Column("peak_month", "Peak", "month"),
    Column("half_life_months", "Half gone after", "number", "Months"),
    *interval_columns("half_life_low", "half_life_high", "number"),
    Column("half_life_verdict", "Half-life is"),
    Column("active_after_12m", "Active a year on", "percent"),
    *interval_columns("active_after_12m_low", "active_after_12m_high", "percent"),
    Column("group", "Window", "count", "Flash points of one number share one window"),
    Column("holds_launch", "Holds the launch", "flag"),
    Column("is_ahead", "Ahead", "flag"),
    Column("reason", "Why too little"),
)


def table(found: FlashPoints, cut: str = "") -> TableView:
    """Return the flash points with all that was found of them; ``cut`` says which are left out."""
    names = [column.name for column in COLUMNS]
    rows = [{name: getattr(event, name) for name in names} for event in found.events]
    return TableView(
        pd.DataFrame(rows, columns=names),
        COLUMNS,
        "flash-points",
        "Flash points",
        cut=cut,
    )
