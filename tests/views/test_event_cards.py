"""Cards of flash points, and of a month of the reader's own, in every state of the data."""

from __future__ import annotations

from datetime import date

import pytest

from pppdash.analysis import excess
from pppdash.analysis.flash_points import AHEAD, BEFORE
from pppdash.analysis.windows import Settings
from pppdash.views import event_cards, flash_points
from tests.views.found import AS_OF, FALLEN, JULY, LATER, NONE, event, found, rise, unclear

REASONS = {
    value
    for name, value in vars(excess).items()
    if name.startswith(("FEW_", "NO_BASELINE", "MONTHS_"))
}


def card_of(one, *others, as_of=AS_OF):
    every = found(one, *others)
    return event_cards.cards(every, found(one), as_of)[0]


def test_a_rise():
    card = card_of(rise("Orlando", half_life_verdict="identified", half_life_months=1.33,
                        half_life_low=0.5, half_life_high=4.2))  # fmt: skip
    assert (card.title, card.finding, card.strong) == ("Orlando", "Coincided with a rise", True)
    assert card.note == "attack, local, 17 June 2015."
    assert dict(card.rows) == {
        "Window": "Jun–Aug 2015", "Accounts": "58", "Expected without it": "19",
        "Excess": "+39 (23–56)", "Other windows as far off": "none of 38",
        "Rise begins": "Jun 2015", "Peak": "Jul 2015", "Halves in": "1.3 months (0.5–4.2)",
        "Still active a year on": "95% (85–98%)",
    }  # fmt: skip


def test_a_rise_whose_shape_is_not_known():
    rows = dict(card_of(rise(lead_in_month=None, active_after_12m=NONE)).rows)
    assert rows["Halves in"] == "not identifiable"
    assert rows["Rise begins"] == "unclear"
    assert rows["Still active a year on"] == "too early to tell"


def test_a_fall_and_no_change_have_no_shape():
    fall = card_of(event(**FALLEN))
    assert (fall.finding, fall.strong) == ("Coincided with a fall", True)
    assert dict(fall.rows)["Excess"] == "−12 (−20 to −5)"
    none = card_of(event())
    assert (none.finding, none.strong) == ("No detectable change", False)
    assert dict(none.rows)["Other windows as far off"] == "7 of 39"
    assert not {"Rise begins", "Peak", "Halves in"} & (dict(fall.rows) | dict(none.rows)).keys()


def test_more_than_expected_that_is_no_change_says_why():
    apart = {"excess_low": 2.0, "placebo_p": 2 / 33}
    assert "so were windows without an event: it may be chance." in card_of(event(**apart)).note
    clear = card_of(event(excess_low=2.0, placebo_p=0.03)).note
    assert clear.endswith("More than expected, but not clearly so among all the windows looked at.")
    fewer = event(excess=-8.0, excess_low=-15.0, excess_high=-1.0)
    assert "Fewer than expected, but so were" in card_of(fewer).note
    assert "than expected" not in card_of(event()).note + card_of(rise()).note


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_too_little_data_says_why_and_pretends_nothing(reason):
    card = card_of(unclear(reason))
    assert card.finding == "Too little data to tell"
    assert not card.strong
    assert event_cards.REASONS[reason][1:] in card.note
    assert not {"Excess", "Expected without it", "Halves in"} & dict(card.rows).keys()
    assert dict(card.rows)["Accounts"] == "58"


def test_an_event_ahead():
    none = unclear(AHEAD, opened=NONE, months=0, active_after_12m=NONE,
                   **LATER | {"window_start": date(2017, 5, 1)})  # fmt: skip
    card = card_of(none)
    assert card.finding == "Ahead"
    assert card.note.endswith("30 June 2017. Its window runs from May 2017 to July 2017.")
    assert dict(card.rows) == {"Window": "May–Jul 2017"}
    begun = card_of(event(months=2, active_after_12m=NONE, **LATER))
    assert begun.finding == "Ahead, no detectable change so far"
    assert begun.note.endswith("Its window is open until July 2017; 2 months counted.")


def test_a_window_that_is_still_open():
    open_window = {"started_on": date(2017, 3, 2), "window_start": date(2017, 3, 1),
                   "window_end": date(2017, 5, 31), "is_open": True}  # fmt: skip
    assert card_of(rise(months=1, **open_window)).finding == "Open, a rise so far"
    fresh = card_of(unclear(AHEAD, months=0, **open_window), as_of=date(2017, 3, 9))
    assert fresh.finding == "Too little data to tell"
    assert fresh.note.endswith("Its window is open until May 2017; no month of it is over yet.")


def test_a_window_that_holds_the_launch_and_one_that_is_shared():
    assert (
        "holds the launch: the two cannot be told apart." in card_of(rise(holds_launch=True)).note
    )
    shared = card_of(rise("A"), rise("B"), rise("C"), rise("D", **JULY)).note
    assert "One window with B and C: they share one excess." in shared
    many = card_of(rise("A"), *(rise(name) for name in "BCDE")).note
    assert "One window with 4 other flash points" in many


def test_a_card_says_nothing_of_what_its_file_left_open():
    assert card_of(event(kind="unspecified", scope="unspecified")).note == "17 June 2015."


def test_many_events_keep_to_the_latest_cards_and_say_so():
    early = [unclear(BEFORE, f"early {n}") for n in range(3)]
    many = found(*early, *(event(f"event {n}", group=n) for n in range(30)))
    titles = [card.title for card in event_cards.cards(many, many, AS_OF)]
    assert titles == [f"event {n}" for n in range(18, 30)]
    assert event_cards.not_on_cards(many) == (
        "Without a card, but in the table: the first 18 of 30 and 3 whose windows closed before "
        "the first month."
    )
    assert event_cards.not_on_cards(found(event())) == ""
    assert len(flash_points.table(many).frame) == 33


# -- a date of the reader's own ----------------------------------------------------------------


def tried(one, *others, as_of=AS_OF):
    return event_cards.tried_card(one, found(*others), as_of)


def test_a_date_of_ones_own():
    card = tried(event(placebo_p=7 / 34, placebos=33))
    assert card.title == "June 2015"
    assert card.finding == "No detectable change"
    assert card.note == (
        "June–August 2015: 58 accounts opened where 50 were expected, +8 (−6 to 21): no "
        "detectable change. Of 33 other windows of its length that no flash point touches, 6 were "
        "as far off or farther."
    )
    none = tried(rise()).note
    assert "+39 (23–56): a rise. Of 38 other windows" in none
    assert "touches, none were as far off" in none
    assert "1 was as far off" in tried(event(placebo_p=2 / 40)).note
    assert "−12 (−20 to −5): a fall." in tried(event(**FALLEN)).note


def test_a_date_near_a_flash_point_is_one_window_with_it():
    note = tried(rise(), rise("Orlando"), rise("Other", **JULY)).note
    assert "Its window touches that of Orlando: the two are one, June–August 2015." in note
    assert "touches" not in tried(event(placebos=0, reason=excess.FEW_PLACEBOS),
                                  rise("Other", **JULY)).note  # fmt: skip


def test_a_date_of_which_nothing_can_be_told():
    few = tried(unclear(excess.FEW_MONTHS))
    assert few.finding == "Too little data to tell"
    assert (
        "58 accounts opened. There is too little data to tell whether that is unusual." in few.note
    )
    none = tried(unclear(AHEAD, opened=NONE, months=0, is_open=True,
                         window_end=date(2017, 5, 31), window_start=date(2017, 3, 1)))  # fmt: skip
    assert none.note.startswith("No month of its window, March–May 2017, can be counted.")
    assert "cannot be told apart" in tried(rise(holds_launch=True)).note


def test_the_latest_month_that_may_be_tried_comes_first():
    months = list(event_cards.try_months(found()).items())
    assert months[:2] == [("", "no month"), ("2017-03", "March 2017")]
    assert len(months) == 62


def test_as_what_a_date_may_be_tried_says_the_citys_windows():
    kinds = event_cards.try_kinds(Settings(planned_before=3, planned_after=0, other_after=1))
    assert kinds == {
        "attack": "sudden event: its month and 1 after",
        "planned_event": "planned event: 3 months before to 0 after",
    }
