from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

from pppdash.metrics.filters import Box, Circle
from pppdash.metrics.viewport import Extent, View
from pppdash.metrics.world import WORLD, world
from pppdash.views import maps, shading
from pppdash.views.theme import LIGHT

SQUARE = json.dumps({"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 1], [0, 1], [0, 0]]]})
OUTLINES = pd.DataFrame({"area_id": ["1"], "name": ["`<b>${1}"], "geojson": [SQUARE]})
VALUES = pd.DataFrame({
    "area_id": ["1"], "targets": [90], "coverage": [0.1], "coverage_low": [0.05],
    "coverage_high": [0.2],
})  # fmt: skip
EXTENT = pd.Series({"west": 0.5, "south": 0.25, "east": 1.5, "north": 0.5, "buildings": 2})
BOX = Extent(100, 200, 5000, 9000)


def shade():
    return shading.shade(VALUES, "coverage", LIGHT, VALUES, 10)


def part(**more):
    given = {"months": None, "shape": None, "card": None, "highlight": "", "tiles": None} | more
    areas = maps.area_part("x.json", shade(), {"1": ["`x`"]}, {"1": "</script>"}, ["1"])
    return maps.page_part(LIGHT, areas, **given)


def cells_of(rows):
    columns = ["cell_x", "cell_y", "buildings", "buildings_enrolled", "buildings_ended"]
    columns += ["accounts_active", "accounts_dormant", "quick_wins", "members"]
    return View("cells", 13, BOX, pd.DataFrame(rows, columns=columns))


def buildings_of(count):
    return View("buildings", 20, BOX, pd.DataFrame({
        "place": np.arange(count) * 3 + 5, "x": np.arange(count) + 100, "y": 200,
        "name": ["</script>`"] * count, "address": ["1 Main Street"] * count,
        "status": (["active", "ended", "never"] * count)[:count],
        "is_quick_win": [True] * count, "is_member": [False] * count, "is_dormant": [False] * count,
    }))  # fmt: skip


def test_what_the_map_is_told_holds_no_name_that_could_act():
    group = maps.news(key="k", page=part(), marks=maps.marks(buildings_of(2)))
    (told,) = group._children.values()
    assert not set(told.data) & set("<>&'`$_")
    base = maps.base_map()
    group.add_to(base)
    script = told._template.module.script(told)
    assert script == f"CityMap.take({base.get_name()}, {told.data});"
    read = json.loads(told.data)
    assert read["page"]["areas"]["lines"] == {"1": ["</script>", "`x`"]}
    assert read["marks"]["names"][0] == "</script>`\n1 Main Street"


def test_the_base_is_the_same_for_all_and_asks_no_other_host():
    names = [name for _, name in maps.base_map().default_js]
    assert names == [name for _, name in maps.base_map().default_js]
    links = re.findall(r'(?:src|href)="([^"]+)"', maps.base_map().get_root().render())
    assert links
    assert all(link.startswith("../../app/static/") for link in links)


@pytest.mark.parametrize("name", maps.SCRIPTS)
def test_scripts_ask_no_host_and_write_no_html_from_data(name):
    text = (maps.FOLDER / name).read_text(encoding="utf-8")
    code = re.sub(r"//.*", "", text.replace("http://www.w3.org/2000/svg", ""))
    assert "http" not in code
    assert not re.search(r"\.innerHTML\s*=|insertAdjacentHTML|document\.write|\beval\b", code)


def test_cells_travel_row_by_row():
    told = maps.marks(
        cells_of(
            [
                (7, 3, 5, 2, 1, 2, 0, 1, 0),
                (9, 3, 1, 0, 0, 0, 0, 0, 0),
                (6, 4, 8, 8, 0, 9, 3, 2, 1),
                (8, 4, 0, 0, 0, 0, 0, 0, 0),
            ]
        ),
        "quick_wins",
    )
    assert told["west"] == 6
    assert told["rows"] == [3, 2, 4, 1]
    assert told["x"] == [1, 3, 0]
    assert told["n"] == [5, 1, 8]
    assert told["on"] == [2, 0, 8]
    assert told["off"] == [1, 0, 0]
    assert told["accounts"] == [2, 0, 9]
    assert told["lit"] == [1, 0, 2]
    assert "lit" not in maps.marks(cells_of([]))
    assert json.dumps(maps.marks(cells_of([])))


def test_buildings_travel_as_steps():
    told = maps.marks(buildings_of(3), "quick_wins")
    assert told["x"] == [0, 1, 2]
    assert np.cumsum(told["place"]).tolist() == [5, 8, 11]
    assert told["status"] == "210"
    assert told["lit"] == "111"
    assert len(told["names"]) == 3


@pytest.mark.parametrize("count", [250, 1_000])
def test_a_view_of_buildings_is_bounded(count):
    told = maps.marks(buildings_of(count), "members")
    assert ("names" in told) == (count <= 250)
    assert len(json.dumps(told, separators=(",", ":"))) < 32_000


def test_the_part_of_the_page_differs_when_anything_does():
    keys = {
        maps.part_key(part(**more))
        for more in (
            {},
            {"card": 7},
            {"shape": Circle(1, 2, 300)},
            {"shape": Box(1, 2, 3, 4)},
            {"highlight": "dormant"},
            {"months": maps.Months(("May 2012",), 0, {0: "NATO"}, "k")},
            {"tiles": maps.Tiles("/t/{z}/{x}/{y}.png", "the city")},
        )
    }
    assert len(keys) == 7
    assert maps.part_key(part()) == maps.part_key(part())


def test_shapes_reach_leaflet_as_it_wants_them():
    circle = part(shape=Circle(-87.6, 41.9, 300))["shape"]
    assert circle == {"center": [41.9, -87.6], "radius": 300}
    assert part(shape=Box(1, 2, 3, 4))["shape"] == {"corners": [[2, 1], [4, 3]]}


def test_the_city_box_falls_back_on_the_buildings():
    assert maps.city_box(OUTLINES, EXTENT) == [*world(0, 1), *world(2, 0)]
    assert maps.city_box(OUTLINES.iloc[:0], EXTENT) == [*world(0.5, 0.5), *world(1.5, 0.25)]


def test_a_city_across_the_180th_meridian_is_drawn_in_one_piece():
    ring = [[179, 0], [-179, 0], [-179, 1], [179, 1], [179, 0]]
    outlines = OUTLINES.assign(geojson=[json.dumps({"type": "Polygon", "coordinates": [ring]})])
    shapes = json.loads(maps.area_shapes(outlines, wraps=True))
    drawn = shapes["features"][0]["geometry"]["coordinates"][0]
    assert [point[0] for point in drawn] == [179, 181, 181, 179, 179]
    box = maps.city_box(outlines, EXTENT.replace({1.5: 181.0}))
    assert box[2] - box[0] == pytest.approx(2 / 360 * WORLD, abs=2)


def test_outlines_hold_nothing_but_ids():
    shapes = json.loads(maps.area_shapes(OUTLINES, wraps=False))
    assert [feature["properties"] for feature in shapes["features"]] == [{"id": "1"}]
    assert shapes["features"][0]["geometry"] == json.loads(SQUARE)


def test_the_small_map_is_a_picture_without_script():
    assert maps.small_map(OUTLINES, shade(), LIGHT).startswith("data:image/svg+xml;base64,")
    assert maps.small_map(OUTLINES.iloc[:0], shade(), LIGHT) == ""
