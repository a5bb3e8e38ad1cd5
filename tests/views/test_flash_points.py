"""Flash points in words: every state of the data has a sentence that is right."""

from __future__ import annotations

from datetime import date

import pytest

from pppdash.analysis import excess
from pppdash.analysis.excess import FALL, TOO_LITTLE
from pppdash.analysis.flash_points import AHEAD, BEFORE
from pppdash.analysis.windows import Settings
from pppdash.views import flash_points as words
from tests.views.found import AS_OF, NONE, event, found, interim, months, rise, unclear

JULY = {"window_start": date(2014, 7, 1), "window_end": date(2014, 9, 30), "group": 1}
LATER = {
    "started_on": date(2017, 6, 30), "window_start": date(2017, 2, 1), "kind": "planned_event",
    "window_end": date(2017, 7, 31), "is_ahead": True, "is_open": True, "group": 9,
}  # fmt: skip
REASONS = {
    value for name, value in vars(excess).items()
    if name.startswith(("FEW_", "NO_BASELINE", "MONTHS_"))
}  # fmt: skip
FALLEN = {"verdict": FALL, "excess": -12.0, "excess_low": -20.0, "excess_high": -5.0}
RATE = "7.0 accounts a month (5.2–8.9)"


# -- the page's finding ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([rise("A"), rise("B", **JULY)], f"Between flash points enrollment falls back to {RATE}; "
         "both windows coincided with a rise."),
        ([rise("A"), rise("B", **JULY), rise("C", group=2)],
         "; all 3 windows coincided with a rise."),
        ([rise("A"), event("B", **JULY)], "; 1 of 2 windows coincided with a rise."),
        ([rise("A")], f"Outside the window of A enrollment falls back to {RATE}; that window "
         "coincided with a rise."),
        ([rise("A"), rise("B")], "Outside the window of A and B enrollment falls back to"),
        ([rise("A", rate=8.0)], "enrollment runs at"),
        ([event("A", **FALLEN)], f"enrollment runs at {RATE}; that window coincided with a fall."),
        ([rise("A"), event("B", **JULY | FALLEN)],
         "; 1 of 2 windows coincided with a rise, and 1 of 2 windows coincided with a fall."),
        ([event("A")], "; no change could be told from chance in that window."),
        ([event("A"), event("B", **JULY)],
         "; no change could be told from chance in any of 2 windows."),
        ([event("A"), unclear(excess.FEW_PLACEBOS, "B", **JULY)],
         "; no change could be told from chance in the one window with data enough."),
        ([rise("A"), unclear(excess.FEW_PLACEBOS, "B", **JULY)],
         "; the one window with data enough coincided with a rise."),
        ([unclear(excess.FEW_MONTHS, "A")],
         "; there is too little data to tell whether that window coincided with a change."),
        ([unclear(excess.FEW_MONTHS, "A"), unclear(excess.FEW_MONTHS, "B", **JULY)],
         "whether any of 2 windows coincided with a change."),
        ([event("A", **LATER)], "; no flash point has happened yet."),
        ([rise("A"), rise("B", **LATER)], "; that window coincided with a rise."),
    ],
)  # fmt: skip
def test_what_lies_between_and_around_how_many_it_changed(events, said):
    assert said in words.headline(found(*events))


@pytest.mark.parametrize("opened", [[], [0.0], [0.0] * 61])
def test_nothing_opened(opened):
    none = found(event(), months=months(opened), interim=interim(interim_months=0))
    assert words.headline(none) == "No accounts have been opened in this selection."
    assert words.standing(none) == ""


def test_no_whole_month_between():
    none = interim(interim_months=0, interim_rate=NONE, interim_low=NONE, interim_high=NONE)
    early = rise(window_start=date(2012, 3, 1), window_end=date(2012, 6, 30))
    inside = found(early, interim=none, months=months([195.0], (early,)))
    assert words.headline(inside) == (
        "No whole month lies outside the flash points' windows, so that nothing can be said of "
        "the time between them: 195 accounts have been opened."
    )
    begun = found(interim=none, months=months([1.0]))
    assert words.headline(begun) == "No month is over yet: 1 account has been opened."
    tile = words.interim_tile(inside)
    assert tile.value == "–"
    assert "no whole month lies outside" in tile.notes[0]


def test_no_window_in_the_period():
    assert words.headline(found()) == (
        f"No flash point's window lies in this period: {RATE} are opened."
    )
    ahead = unclear(AHEAD, "Fair", **LATER | {"window_start": date(2017, 5, 1)})
    assert words.headline(found(ahead)).endswith(" are opened. The next is Fair, June 2017.")
    assert words.interim_tile(found()).label == "new accounts a month"
    assert words.standing(found()) == ""


def test_an_interval_that_is_not_known():
    few = interim(interim_low=NONE, interim_high=NONE)
    assert "7.0 accounts a month (too few months for an interval)" in words.headline(
        found(rise(), interim=few)
    )
    assert "nan" not in " ".join(words.interim_tile(found(rise(), interim=few)).notes)


def test_what_a_reader_must_know_of_the_figures():
    standing, filters = words.remarks(found(rise()), is_whole_city=False)
    assert standing.startswith("323 accounts in 46 months between windows; steadiness 0.31: ")
    assert filters.startswith("The filters reach accounts, expectations, verdicts")
    missing = found(rise(), remarks=("Nothing is on record for May 2013.",))
    assert words.remarks(missing, is_whole_city=True)[1:] == [*missing.remarks, ""]


def test_the_overviews_figure():
    tile = words.interim_tile(found(rise("A"), event("B", **LATER)))
    assert tile.value == "7.0"
    assert tile.notes == (
        "323 in 46 months · 5.2–8.9",
        "steadiness 0.31",
        "last: A, June 2015, +39 accounts (23–56), a rise",
    )
    (*_, last) = words.interim_tile(found(event("A"))).notes
    assert last == "last: A, June 2015, no detectable change"
    (*_, fallen) = words.interim_tile(found(event("A", **FALLEN))).notes
    assert fallen == "last: A, June 2015, −12 accounts (−20 to −5), a fall"
    (*_, none) = words.interim_tile(found(event("A", **LATER))).notes
    assert "last:" not in none


# -- cards -------------------------------------------------------------------------------------


def card_of(one, *others, as_of=AS_OF):
    every = found(one, *others)
    return words.cards(every, found(one), as_of)[0]


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
    assert words.REASONS[reason][1:] in card.note
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
    titles = [card.title for card in words.cards(many, many, AS_OF)]
    assert titles == [f"event {n}" for n in range(18, 30)]
    assert words.not_on_cards(many) == (
        "Without a card, but in the table: the first 18 of 30 and 3 whose windows closed before "
        "the first month."
    )
    assert words.not_on_cards(found(event())) == ""
    assert len(words.table(many).frame) == 33


def test_only_some_are_shown_and_what_that_leaves_is_said():
    every = found(event("A"), event("B", kind="disaster", scope="national", **JULY))
    some = words.only(every, "disaster", "")
    assert [one.name for one in some.events] == ["B"]
    assert some.interim == every.interim
    assert words.only(every, "", "local").events[0].name == "A"
    assert words.left_out(every, some).startswith("1 of 2 flash points shown. The windows of")
    assert words.left_out(every, every) == ""
    assert words.kind_choices(every) == {"": "every kind", "attack": "attack",
                                         "disaster": "disaster"}  # fmt: skip
    assert list(words.scope_choices(every)) == ["", "local", "national"]


def test_the_table_holds_missing_months_and_dates():
    frame = words.table(found(unclear(BEFORE, opened=NONE))).download()
    assert frame.loc[0, "verdict"] == TOO_LITTLE
    assert frame.loc[0, "lead_in_month"] is None


# -- a date of the reader's own ----------------------------------------------------------------


def tried(one, *others, as_of=AS_OF):
    return words.tried_card(one, found(*others), as_of)


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
    months = list(words.try_months(found()).items())
    assert months[:2] == [("", "no month"), ("2017-03", "March 2017")]
    assert len(months) == 62


def test_as_what_a_date_may_be_tried_says_the_citys_windows():
    kinds = words.try_kinds(Settings(planned_before=3, planned_after=0, other_after=1))
    assert kinds == {
        "attack": "sudden event: its month and 1 after",
        "planned_event": "planned event: 3 months before to 0 after",
    }
