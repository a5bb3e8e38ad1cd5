from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pppdash.metrics import finding, viewport
from pppdash.metrics.compute import compute
from pppdash.metrics.filters import Filters
from pppdash.metrics.viewport import COARSEST, MOST_CELLS, Extent
from pppdash.metrics.world import WORLD, WORLD_BITS, world

AS_OF = date(2017, 3, 31)
EVERYWHERE = Extent(0, 0, WORLD - 1, WORLD - 1)
LOOP = world(-87.63, 41.88)


def around(x, y, half):
    return Extent(x - half, y - half, x + half, y + half)


@settings(max_examples=200)
@given(
    x=st.integers(-WORLD, 2 * WORLD),
    y=st.integers(-WORLD, 2 * WORLD),
    width=st.integers(0, 4 * WORLD),
    height=st.integers(0, 4 * WORLD),
    level=st.integers(-5, 60),
)
def test_whatever_is_asked_the_cells_are_bounded(x, y, width, height, level):
    extent = Extent(x, y, x + width, y + height)
    bounded = viewport.bounded(extent, level)
    assert COARSEST <= bounded <= WORLD_BITS
    shift = WORLD_BITS - bounded
    across = (extent.east >> shift) - (extent.west >> shift) + 1
    down = (extent.south >> shift) - (extent.north >> shift) + 1
    assert across * down <= MOST_CELLS or bounded == COARSEST
    assert bounded <= max(level, COARSEST)


@pytest.mark.parametrize("level", [5, 9, 13, 16])
@pytest.mark.parametrize("sectors", [(), ("Energy", "Commercial Facilities")])
def test_cells_add_up_to_the_metrics(sample, level, sectors):
    filters = Filters(AS_OF, sectors=sectors)
    x, y = LOOP
    view = viewport.look(sample, around(x, y, 500_000), level, filters)
    metrics = ["buildings", "buildings_enrolled", "accounts_active"]
    whole = compute(sample, metrics, [], filters).iloc[0]
    if view.kind == "cells":
        assert view.rows[metrics].sum().tolist() == whole.tolist()
    else:
        assert len(view.rows) == whole["buildings"]
        assert (view.rows["status"] == "active").sum() == whole["buildings_enrolled"]


def test_few_buildings_are_shown_themselves_and_fewer_by_name(sample):
    x, y = LOOP
    near, nearer = (
        viewport.look(sample, around(x, y, n), 20, Filters(AS_OF)) for n in (9_000, 900)
    )
    assert near.kind == nearer.kind == "buildings"
    assert len(near.rows) > len(nearer.rows)
    assert nearer.is_named
    far = viewport.look(sample, EVERYWHERE, 12, Filters(AS_OF))
    assert far.kind == "cells"
    assert far.rows["buildings"].sum() == 3_500


def test_a_view_covers_its_cells_whole(sample):
    x, y = LOOP
    view = viewport.look(sample, around(x, y, 300_000), 13, Filters(AS_OF))
    side = 1 << (WORLD_BITS - 13)
    assert view.box.west % side == view.box.north % side == 0
    assert (view.box.east + 1) % side == (view.box.south + 1) % side == 0
    assert view.box.west <= x - 300_000
    assert view.box.east >= x + 300_000


def test_what_is_chosen_is_not_cut_out_of_the_view(sample):
    x, y = LOOP
    extent = around(x, y, 500_000)
    chosen = Filters(AS_OF, layer="community_area", areas=("8",))
    whole, part = (viewport.look(sample, extent, 13, f) for f in (Filters(AS_OF), chosen))
    assert part.rows.equals(whole.rows)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("  -- ", []),
        ("Café O'Hare", ["cafe", "o", "hare"]),
        ("a a A", ["a"]),
        ("one two three four five six seven", ["one", "two", "three", "four", "five", "six"]),
        ("100% _x_", ["100", "x"]),
    ],
)
def test_words_of_a_search(text, words):
    assert finding.words(text) == words


def test_a_search_takes_parts_and_one_wrong_letter(sample):
    listed = sample.execute("select name, address from marts.buildings where place = 7", {}).iloc[0]
    first = listed["name"].split()[0]
    assert len(finding.find(sample, first[:4])) > 0
    for wrong in (
        first[:-2] + first[-1],
        first[:2] + "x" + first[3:],
        first[1] + first[0] + first[2:],
    ):
        found = finding.find(sample, wrong)
        assert found["name"].str.contains(first).any(), wrong
    assert finding.find(sample, "  ").empty
    assert finding.find(sample, "zzzzqqqq").empty
    assert finding.find(sample, "%").empty
