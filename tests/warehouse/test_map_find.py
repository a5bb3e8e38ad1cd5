"""A building is found by parts of its name or address, with a letter wrong or not."""

from __future__ import annotations

import string
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pppdash.metrics.finding import find
from pppdash.warehouse.read import Warehouse, open_warehouse
from tests.helpers import LittleCity, assert_published, copy_city

BUILDINGS = """\
building_id,longitude,latitude,name,address
B1,-87.695,41.805,Café Fenwick,12 Old Mill Street
B2,-87.685,41.815,Fenwick Tower,4028 S Lakeshore Drive
B3,-87.675,41.805,O'Hare Annex,4028 S Lakeside Drive
B4,-87.665,41.815,"Zürich, Building 7B",77 Mill Street
B5,-87.655,41.805,,99 Fenwick Street
B6,-87.645,41.815,Oak House,
"""


@pytest.fixture(scope="module")
def town(built_city: LittleCity, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    city = copy_city(built_city, tmp_path_factory.mktemp("towns") / "town")
    city.write("buildings.csv", BUILDINGS)
    assert_published(city)
    with closing(open_warehouse(city.folder)) as warehouse:
        yield warehouse


def near(town: Warehouse, *words: str) -> dict[str, list[str]]:
    """Return what is near each word, without those that it is part of."""
    rows = town.query("near_words", words=list(words))
    rows = rows[~rows["is_part"]]
    return {word: part["near"].tolist() for word, part in rows.groupby("word")}


def found(town: Warehouse, text: str) -> list[str]:
    return find(town, text)["building_id"].tolist()


def test_words_are_those_that_are_said(town: Warehouse):
    words = town.execute("select * from marts.building_words order by word", {})
    counts = dict(zip(words["word"], words["buildings"], strict=True))
    assert counts == {
        "7b": 1,
        "annex": 1,
        "building": 1,
        "cafe": 1,
        "drive": 2,
        "fenwick": 3,
        "hare": 1,
        "house": 1,
        "lakeshore": 1,
        "lakeside": 1,
        "mill": 2,
        "o": 1,
        "oak": 1,
        "old": 1,
        "s": 2,
        "street": 3,
        "tower": 1,
        "zurich": 1,
    }


MISSPELLED = """
    penwick fenwock fenwict
    fnwick fewick fenwck
    xfenwick fennwick fenwicks
    efnwick fewnick fenwikc
"""


@pytest.mark.parametrize("misspelled", MISSPELLED.split())
def test_one_letter_may_be_wrong(town: Warehouse, misspelled: str):
    assert near(town, misspelled) == {misspelled: ["fenwick"]}
    assert set(found(town, misspelled)) == {"B1", "B2", "B5"}


@pytest.mark.parametrize("wrong", ["fnewikc", "penwict", "fxyz", "zzzzzz", "ek"])
def test_more_than_one_may_not(town: Warehouse, wrong: str):
    assert near(town, wrong) == {}


@pytest.mark.parametrize("part", ["fenwic", "enwick", "nwi", "f"])
def test_a_part_needs_nothing_near(town: Warehouse, part: str):
    rows = town.query("near_words", words=[part])
    assert rows[rows["near"] == "fenwick"]["is_part"].tolist() == [True]


def test_a_beginning_may_be_misspelled(town: Warehouse):
    assert near(town, "lakesx") == {"lakesx": ["lakeshore", "lakeside"]}
    assert near(town, "lkaesh", "toewr") == {"lkaesh": ["lakeshore"], "toewr": ["tower"]}


def test_short_words_are_no_beginnings(town: Warehouse):
    assert near(town, "oka", "hat") == {"oka": ["oak"]}


def test_the_likeliest_comes_first(town: Warehouse):
    rows = town.query("near_words", words=["mil", "mlil"])
    assert rows.to_numpy().tolist() == [["mil", "mill", True], ["mlil", "mill", False]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fenwick", ["B1", "B2", "B5"]),
        ("CAFÉ fenwick", ["B1"]),
        ("cafe", ["B1"]),
        ("zurich", ["B4"]),
        ("Zürich", ["B4"]),
        ("hare", ["B3"]),
        ("o'hare", ["B3"]),
        ("4028 lake", ["B2", "B3"]),
        ("4028 lakseide", ["B3"]),
        ("7b", ["B4"]),
        ("mill 12", ["B1"]),
        ("fenwick street", ["B1", "B5"]),
        ("oak", ["B6"]),
        ("oak street", []),
    ],
)
def test_all_words_must_be_in_name_or_address(town: Warehouse, text: str, expected: list[str]):
    assert sorted(found(town, text)) == expected


def test_names_come_before_addresses(town: Warehouse):
    assert found(town, "fenwick")[-1] == "B5"


def test_few_are_returned_and_none_without_words(town: Warehouse):
    rows = town.query("find_buildings", words=[["fenwick", "mill"]], limit=2)
    assert len(rows) == 2
    assert list(rows.columns) == ["place", "building_id", "name", "address", "x", "y"]
    assert town.query("find_buildings", words=[], limit=2).empty
    assert town.query("near_words", words=[]).empty


def test_signs_of_patterns_are_letters_like_others(town: Warehouse):
    assert town.query("find_buildings", words=[["."], ["(", "o'h"]], limit=9).empty
    assert len(town.query("find_buildings", words=[["(", "o'h"]], limit=9)) == 1


def test_nothing_is_found_where_nothing_is(empty_city: Path):
    with closing(open_warehouse(empty_city)) as warehouse:
        assert warehouse.query("near_words", words=["oak"]).empty
        assert warehouse.query("find_buildings", words=[["oak"]], limit=5).empty


@st.composite
def slips(draw: st.DrawFn) -> tuple[str, int, str]:
    """Draw what kind of slip, where, and with which letter."""
    kinds = ["wrong", "missing", "added", "swapped"]
    return (
        draw(st.sampled_from(kinds)),
        draw(st.integers(0, 30)),
        draw(st.sampled_from(string.ascii_lowercase)),
    )


def misspell(word: str, slip: tuple[str, int, str]) -> str:
    kind, at, letter = slip
    at %= len(word)
    match kind:
        case "wrong":
            return word[:at] + letter + word[at + 1 :]
        case "missing":
            return word[:at] + word[at + 1 :]
        case "added":
            return word[:at] + letter + word[at:]
        case _:
            return word[:at] + word[at : at + 2][::-1] + word[at + 2 :]


@pytest.fixture(scope="session")
def spoken(sample: Warehouse) -> pd.Series:
    words = sample.execute("select word from marts.building_words order by word", {})["word"]
    return words[words.str.len() >= 5].reset_index(drop=True)


@settings(max_examples=100)
@given(number=st.integers(0, 10**6), slip=slips(), letters=st.integers(5, 30))
def test_any_slip_in_a_word_or_its_beginning_is_forgiven(
    sample: Warehouse, spoken: pd.Series, number: int, slip: tuple[str, int, str], letters: int
):
    word = spoken[number % len(spoken)]
    asked = misspell(word[:letters], slip)
    assume(len(asked) >= 4)
    assert word in sample.query("near_words", words=[asked])["near"].tolist()
