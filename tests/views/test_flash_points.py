"""Flash points in words: every state of the data has a sentence that is right."""

from __future__ import annotations

from datetime import date

import pytest

from pppdash.analysis import excess
from pppdash.analysis.excess import TOO_LITTLE
from pppdash.analysis.flash_points import AHEAD, BEFORE
from pppdash.views import flash_points as words
from tests.views.found import (
    FALLEN,
    JULY,
    LATER,
    NONE,
    event,
    found,
    interim,
    months,
    rise,
    unclear,
)

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
        ([rise(name) for name in "ABCDEFGHIJKL"],
         "Outside the window of 12 flash points enrollment falls back to"),
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


def test_the_months_of_a_launch_are_told_apart():
    said = words.headline(found(event("A"), interim=interim(settled_rate=2.0)))
    assert ", at 2.0 without the months of the launch; " in said


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
