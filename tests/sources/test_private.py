"""What must never be stored is refused, masked or left out."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pppdash.errors import SourceError
from pppdash.sources.private import MASK, has_private_name, mask, mask_text
from pppdash.sources.read import Scratch
from tests.helpers import (
    ACCOUNTS,
    BUILDINGS,
    LittleCity,
    assert_published,
    assert_refused,
    run_python,
)


def with_column(name: str, values: list[str]) -> str:
    lines = BUILDINGS.splitlines()
    return "\n".join([f"{lines[0]},{name}", *map(",".join, zip(lines[1:], values, strict=True))])


@pytest.mark.parametrize("name", ["Contact Email", "E-Mail", "phone_number", "Fax", "LAST NAME"])
def test_column_that_says_what_it_holds_is_refused(city: LittleCity, name: str):
    city.write("buildings.csv", with_column(name, ["x"] * 6))
    assert_refused(
        city,
        f'buildings.csv: "{name}" looks like people\'s names, telephone numbers or e-mail',
        f'Write leave_out = ["{name}"] under [sources.buildings] in city.toml.',
    )


@pytest.mark.parametrize(
    "value",
    ["ann@example.org", "(312) 555-0100", " 312-555-0100 ", "josé@exämple.org", "020 7946 0958"],
)
def test_column_that_holds_them_under_an_innocent_name_is_refused(city: LittleCity, value: str):
    city.write("buildings.csv", with_column("remarks", [value, *[""] * 5]))
    said = assert_refused(city, 'buildings.csv: "remarks" looks like', 'leave_out = ["remarks"]')
    assert value.strip() not in said


@pytest.mark.parametrize(("others", "is_refused"), [(99, True), (100, False)])
def test_one_in_a_hundred_is_enough(tmp_path: Path, others: int, is_refused: bool):
    file = tmp_path / "rows.csv"
    file.write_text("id,remarks\n0,ann@example.org\n" + "1,fine\n" * others, encoding="utf-8")
    with Scratch("sources.test", tmp_path / "city.toml") as scratch:
        scratch.load(file)
        with pytest.raises(SourceError) if is_refused else nullcontext():
            scratch.refuse_private()


def test_left_out_column_is_never_loaded(city: LittleCity):
    city.write("buildings.csv", with_column("Contact", ["ann@example.org"] * 6))
    city.set("sources.buildings", 'path = "buildings.csv"\nleave_out = ["Contact"]')
    assert_published(city)
    city.set("sources.buildings.columns", 'address = "Contact"')
    assert_refused(city, "sources.buildings.columns.address = 'Contact' fails", "not found")


def test_slip_in_leave_out_is_no_open_door(city: LittleCity):
    city.set("sources.buildings", 'path = "buildings.csv"\nleave_out = ["nmae"]')
    assert_refused(city, "sources.buildings.leave_out: 'nmae' is not known; did you mean 'name'?")


def warehouse_bytes(city: LittleCity) -> bytes:
    return (city.folder / "warehouse" / f"{city.build_id}.duckdb").read_bytes()


def test_addresses_within_texts_are_masked_everywhere(city: LittleCity):
    name = '"Elm, call 312-555-0100 or ann@example.org"'
    city.write("buildings.csv", BUILDINGS.replace("Elm House", name))
    city.write("accounts.csv", ACCOUNTS + "A5,T2,,ask ann@example.org,,\n")
    assert_published(city)
    names = [row["name"] for row in city.buildings()]
    assert names[4] == f"Elm, call {MASK} or {MASK}"
    (row,) = city.rejected("accounts")
    assert row["value"] == f"ask {MASK}"
    stored = warehouse_bytes(city)
    assert b"Elm, call" in stored
    assert b"ann@example" not in stored
    assert b"555-0100" not in stored


def test_comments_are_masked(city: LittleCity):
    city.write("questions.csv", "question_id,text,scale_min,scale_max\nq1,Fine?,1,5\n")
    city.write(
        "answers.csv",
        "wave,respondent_id,question_id,score,comment\n"
        "2016-01-01,R1,q1,5,Thank ann@example.org for me\n",
    )
    city.set("sources.survey_questions", 'path = "questions.csv"')
    city.set("sources.survey_responses", 'path = "answers.csv"')
    report = assert_published(city)
    assert report.tallies["survey_responses"].kept == 1
    stored = warehouse_bytes(city)
    assert b"for me" in stored
    assert b"ann@example" not in stored


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("write:ann.b+c@ex-1.co.uk, please", f"write:{MASK}, please"),
        ("<a@b.org>;c@d.org", f"<{MASK}>;{MASK}"),
        ("(312) 555-0100 / +44 20 7946 0958", f"{MASK} / {MASK}"),
        ("parcel 17094100141001 of 2016-01-01", "parcel 17094100141001 of 2016-01-01"),
        ("floors 12 @ 4, unit a@b", "floors 12 @ 4, unit a@b"),
    ],
)
def test_mask(text: str, masked: str):
    assert mask_text(text) == masked
    assert mask(pd.Series([text, None]))[0] == masked


@given(st.lists(st.text("019٣() .-+@abé\u00a0", max_size=24)))
def test_mask_of_many_texts_is_that_of_each(texts: list[str]):
    numbers = ["+1 312 555 0100", "(312)555-0100", "٠٢٠ ٧٩٤٦ ٠٩٥٨", "a@b.org", "020 794609"]
    masked = mask(pd.Series([*numbers, *texts], dtype="str"))
    assert masked.tolist() == [mask_text(text) for text in [*numbers, *texts]]


MASK_MILLIONS = """
import sys
from pppdash.sources.private import mask_text
for unit in sys.argv[1:]:
    mask_text(unit * (1_000_000 // len(unit)))
"""


def test_mask_takes_time_in_proportion():
    """Once a million letters took an hour, each of them beginning the search for an @ anew."""
    units = ["A", "a.", "a@", "a@b.", "+1 ", "123-", "a@b.c1"]
    assert run_python(MASK_MILLIONS, *units).returncode == 0  # in two minutes, and not a day


def test_innocent_names_are_not_refused():
    innocent = ("name", "PropertyName", "organization", "owner_id", "contact_id", "microphones_id")
    assert [name for name in innocent if has_private_name(name)] == ["microphones_id"]
