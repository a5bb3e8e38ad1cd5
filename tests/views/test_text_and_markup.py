"""Nothing that came from a file can leave its place."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from pppdash.views import markup
from pppdash.views.parts import Card, Tile
from pppdash.views.text import plot_text, script_json, wrapped
from pppdash.views.theme import DARK, LIGHT

EVIL = "<script>alert(1)</script>\"'`${1}"


@given(st.recursive(st.text() | st.integers() | st.none(), st.lists))
def test_script_json_means_the_same_and_holds_nothing_risky(value):
    text = script_json(value)
    assert json.loads(text) == value
    assert not set(text) & set("<>&'`$_\u2028\u2029")
    assert text.isascii()


def test_markup_escapes_everything():
    made = [
        markup.product(EVIL, EVIL),
        markup.here(EVIL),
        markup.stamp([EVIL], EVIL),
        markup.headline(EVIL),
        markup.said([EVIL]),
        markup.heading(EVIL, EVIL),
        markup.foot(EVIL),
        markup.tiles([Tile(EVIL, EVIL, (EVIL,))]),
        markup.cards([Card(EVIL, ((EVIL, EVIL),), EVIL, finding=EVIL)]),
        markup.table([EVIL], [[EVIL]], EVIL, bars={0: [0.5]}),
        markup.swatches([("#fff", EVIL)], EVIL),
        markup.marks([("active", EVIL)]),
        markup.nothing(EVIL, EVIL, [EVIL]),
        markup.picture("data:,", EVIL),
    ]
    for html in made:
        assert "<script" not in html
        assert "\"'" not in html


def test_bars_stay_within_their_cell():
    html = markup.table(["a"], [["x"], ["y"]], "t", bars={0: [-1.0, 7.0]})
    assert "width:0%" in html
    assert "width:100%" in html


def test_the_stylesheet_carries_the_colors_of_its_mode():
    assert LIGHT.accent in markup.stylesheet(LIGHT)
    assert DARK.accent in markup.stylesheet(DARK)
    assert "http" not in markup.stylesheet(LIGHT)


def test_plot_text_and_wrapping():
    assert plot_text("<b>a & b</b>") == "&lt;b&gt;a &amp; b&lt;/b&gt;"
    assert plot_text("30% of %{y}") == "30% of &#37;{y}"  # in a hover it would become a number
    assert wrapped("Nuclear Reactors, Materials, and Waste", 24) == (
        "Nuclear Reactors,<br>Materials, and Waste"
    )
    assert wrapped("") == ""


def test_an_interval_in_a_headline_stays_on_one_line():
    assert f"5.2{markup.JOINER}–{markup.JOINER}8.9" in markup.headline("7.0 (5.2–8.9) – so")
    assert " – so" in markup.headline("7.0 (5.2–8.9) – so")


def test_cards_stand_in_rows_of_about_equal_length():
    cards = [Card(str(n), ()) for n in range(6)]
    assert "--across:3" in markup.cards(cards)
    assert "<dl>" not in markup.cards(cards)
