"""A card for each flash point, worded by its verdict, and one for a month of the reader's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from pppdash.analysis import decay, excess, flash_points
from pppdash.analysis.groups import UNSPECIFIED
from pppdash.analysis.windows import Settings
from pppdash.views import sentences, theme
from pppdash.views.flash_points import KIND_WORDS, TOLD_BY_ITSELF, UNTOLD, named
from pppdash.views.parts import Card

if TYPE_CHECKING:
    from pppdash.analysis.flash_points import Event, FlashPoints

UNSTATED = {"", UNSPECIFIED}  # what the city's file says nothing of
MOST_CARDS = 12

TRY_NOTE = (
    "Any month is measured as a flash point's would be. Of twenty in which nothing happened up to "
    "one looks like a change, so that a month found by trying many proves little."
)
REASONS = {
    excess.NO_BASELINE: "no months outside the windows to tell what would have been expected",
    excess.FEW_ACCOUNTS: "too few accounts outside the windows to tell what would have been "
    "expected",
    excess.FEW_MONTHS: "the months outside the windows are too few, or too much like their "
    "neighbors, to tell what would have been expected",
    excess.FEW_PLACEBOS: "too few other windows without an event to compare with",
    excess.MONTHS_MISSING: "months of its window are missing",
}
VERDICTS = {
    excess.RISE: "Coincided with a rise",
    excess.FALL: "Coincided with a fall",
    excess.NO_CHANGE: "No detectable change",
    excess.TOO_LITTLE: "Too little data to tell",
}
VERDICTS_SO_FAR = {
    excess.RISE: "a rise so far",
    excess.FALL: "a fall so far",
    excess.NO_CHANGE: "no detectable change so far",
    excess.TOO_LITTLE: "too little data to tell",
}


def cards(every: FlashPoints, shown: FlashPoints, as_of: date) -> list[Card]:
    """Return one card a flash point, worded by its verdict; the latest where there are many.

    Those that ended before the program was launched have nothing to tell and get none.

    Parameters
    ----------
    every
        All flash points: a card names those that share its window, chosen or not.
    shown
        Those chosen.
    """
    told = [event for event in shown.events if event.reason != flash_points.BEFORE]
    return [_card(event, _mates(event, every.events), as_of) for event in told[-MOST_CARDS:]]


def not_on_cards(shown: FlashPoints) -> str:
    """Return how many flash points have no card, and why; empty where all have."""
    before = sum(event.reason == flash_points.BEFORE for event in shown.events)
    told = len(shown.events) - before
    parts = []
    if told > MOST_CARDS:
        parts.append(f"the first {theme.count(told - MOST_CARDS)} of {theme.count(told)}")
    if before:
        parts.append(f"{theme.count(before)} whose windows closed before the first month")
    return f"Without a card, but in the table: {' and '.join(parts)}." if parts else ""


def _mates(event: Event, events: Sequence[Event]) -> list[str]:
    """Return the names of other flash points in an event's window."""
    return [other.name for other in events if other.group == event.group and other is not event]


def _card(event: Event, mates: Sequence[str], as_of: date) -> Card:
    return Card(
        title=event.name,
        rows=_rows(event),
        note=" ".join([_what(event), *_caveats(event, mates, as_of)]),
        strong=event.verdict in TOLD_BY_ITSELF,
        finding=_finding(event),
    )


def _finding(event: Event) -> str:
    if event.is_ahead:
        so_far = "" if event.reason else f", {VERDICTS_SO_FAR[event.verdict]}"
        return f"Ahead{so_far}"
    if event.is_open and event.reason != flash_points.AHEAD:
        return f"Open, {VERDICTS_SO_FAR[event.verdict]}"
    return VERDICTS[event.verdict]


def _what(event: Event) -> str:
    """Return what kind of event it is, where, and when."""
    stated = (KIND_WORDS.get(event.kind, event.kind), event.scope)
    words = [word for word in stated if word not in UNSTATED]
    return ", ".join([*words, theme.date_form(event.started_on)]) + "."


def _caveats(event: Event, mates: Sequence[str], as_of: date) -> list[str]:
    """Return what qualifies an event's figures, a sentence each."""
    said = []
    if event.holds_launch:
        said.append("Its window holds the launch: the two cannot be told apart.")
    if mates:
        said.append(f"One window with {named(mates)}: they share one excess.")
    if _is_apart(event) and event.verdict == excess.NO_CHANGE:
        said.append(_not_clear(event))
    if event.reason in REASONS:
        said.append(f"{sentences.capitalized(REASONS[event.reason])}.")
    if event.is_open:
        said.append(_open_until(event, as_of))
    return said


def _is_apart(event: Event) -> bool:
    """Whether an excess's interval leaves out none."""
    return event.excess_low > 0 or event.excess_high < 0


def _not_clear(event: Event) -> str:
    """Return why an excess whose interval leaves out none is not called a change."""
    side = "More" if event.excess > 0 else "Fewer"
    if event.placebo_p > Settings.placebo_level:
        return f"{side} than expected, but so were windows without an event: it may be chance."
    return f"{side} than expected, but not clearly so among all the windows looked at."


def _open_until(event: Event, as_of: date) -> str:
    until = theme.month_form(event.window_end)
    if event.window_start > as_of:
        return f"Its window runs from {theme.month_form(event.window_start)} to {until}."
    if event.months == 0:
        return f"Its window is open until {until}; no month of it is over yet."
    return f"Its window is open until {until}; {theme.plural(event.months, 'month')} counted."


def _rows(event: Event) -> tuple[tuple[str, str], ...]:
    """Return an event's facts, as far as there are any."""
    rows = [("Window", theme.span_short(event.window_start, event.window_end))]
    if theme.is_known(event.opened):
        rows.append(("Accounts", theme.count(event.opened)))
    if not event.reason:
        rows += [*_excess_rows(event), *_shape_rows(event)]
    if theme.is_known(event.opened) and event.opened:
        rows.append(("Still active a year on", _after_a_year(event)))
    return tuple(rows)


def _excess_rows(event: Event) -> list[tuple[str, str]]:
    interval = theme.counts(event.excess_low, event.excess_high)
    return [
        ("Expected without it", theme.count(event.expected)),
        ("Excess", f"{theme.signed(event.excess)} ({interval})"),
        ("Other windows as far off", _rank(event)),
    ]


def _rank(event: Event) -> str:
    as_far = _as_far_off(event)
    return f"{'none' if as_far == 0 else theme.count(as_far)} of {theme.count(event.placebos)}"


def _as_far_off(event: Event) -> int:
    """Return how many placebo windows lie at least as far from what was expected of them."""
    return round(event.placebo_p * (1 + event.placebos)) - 1


def _shape_rows(event: Event) -> list[tuple[str, str]]:
    if event.verdict != excess.RISE:
        return []
    begins = "unclear" if event.lead_in_month is None else theme.month_short(event.lead_in_month)
    return [
        ("Rise begins", begins),
        ("Peak", theme.month_short(event.peak_month)),
        ("Halves in", _half_life(event)),
    ]


def _half_life(event: Event) -> str:
    if event.half_life_verdict != decay.IDENTIFIED:
        return event.half_life_verdict
    interval = theme.rates(event.half_life_low, event.half_life_high)
    return f"{theme.rate(event.half_life_months)} months ({interval})"


def _after_a_year(event: Event) -> str:
    if not theme.is_known(event.active_after_12m):
        return "too early to tell"
    low, high = event.active_after_12m_low, event.active_after_12m_high
    return f"{theme.percent(event.active_after_12m, low, high)} ({theme.interval(low, high)})"


# -- a date of the reader's own ----------------------------------------------------------------


def try_months(found: FlashPoints) -> dict[str, str]:
    """Return the months that may be tried, ``2014-05`` → ``May 2014``, the latest first."""
    months = found.months["month"][::-1]
    return {"": "no month"} | {f"{month:%Y-%m}": theme.month_form(month) for month in months}


def try_kinds(settings: Settings) -> dict[str, str]:
    """Return as what a date may be tried, each with the months of its window."""
    before, after = settings.planned_before, settings.planned_after
    return {
        "attack": f"sudden event: its month and {settings.other_after} after",
        "planned_event": f"planned event: {before} months before to {after} after",
    }


def tried_card(event: Event, every: FlashPoints, as_of: date) -> Card:
    """Return in words what a date of the reader's own would have shown as a flash point."""
    window = theme.span_form(event.window_start, event.window_end)
    overlaps = _overlapped(event, every.events)
    touching = f"Its window touches that of {overlaps}: the two are one, {window}."
    return Card(
        title=theme.month_form(event.started_on),
        rows=(),
        note=" ".join(
            [
                _tried_finding(event, window),
                *([touching] if overlaps else []),
                *_caveats(event, [], as_of),
            ]
        ),
        strong=event.verdict in TOLD_BY_ITSELF,
        finding=_finding(event),
    )


def _tried_finding(event: Event, window: str) -> str:
    if event.reason in UNTOLD:
        return f"No month of its window, {window}, can be counted."
    opened = f"{window}: {theme.plural(event.opened, 'account')} opened"
    if event.reason:
        return f"{opened}. There is too little data to tell whether that is unusual."
    interval = theme.counts(event.excess_low, event.excess_high)
    return (
        f"{opened} where {theme.count(event.expected)} were expected, "
        f"{theme.signed(event.excess)} ({interval}): {_called(event)}. {_tried_rank(event)}"
    )


def _called(event: Event) -> str:
    article = "a " if event.verdict in TOLD_BY_ITSELF else ""
    return f"{article}{event.verdict}"


def _tried_rank(event: Event) -> str:
    as_far = _as_far_off(event)
    some = "none" if as_far == 0 else theme.count(as_far)
    verb = "was" if as_far == 1 else "were"
    return (
        f"Of {theme.count(event.placebos)} other windows of its length that no flash point "
        f"touches, {some} {verb} as far off or farther."
    )


def _overlapped(event: Event, events: Sequence[Event]) -> str:
    """Return the names of the flash points whose windows a tried one touches."""
    names = [
        other.name
        for other in events
        if other.window_start <= event.window_end and other.window_end >= event.window_start
    ]
    return named(names) if names else ""
