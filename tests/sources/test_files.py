"""Files that are not what their names say, or are written in another way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from pppdash.sources.read import MAX_LINE_BYTES, Scratch
from tests.helpers import (
    ACCOUNTS,
    BUILDINGS,
    LittleCity,
    assert_published,
    assert_refused,
    collection,
    feature,
    read_rows,
)

HEADER = BUILDINGS.splitlines()[0]


def rewrite(content: str | bytes) -> Callable[[LittleCity], None]:
    return lambda city: city.write("buildings.csv", content)


def another(name: str, content: str | bytes, more: str = "") -> Callable[[LittleCity], None]:
    def spoil(city: LittleCity) -> None:
        city.write(name, content)
        city.set("sources.buildings", f'path = "{name}"\n{more}')

    return spoil


def without_sheet(city: LittleCity) -> None:
    openpyxl.Workbook().save(city.folder / "buildings.xlsx")
    city.set("sources.buildings", 'path = "buildings.xlsx"\nsheet = "Register"')


def is_folder(city: LittleCity) -> None:
    (city.folder / "buildings.csv").unlink()
    (city.folder / "buildings.csv").mkdir()


UNREADABLE = {
    "missing": (lambda city: (city.folder / "buildings.csv").unlink(), "is not there; put"),
    "empty": (rewrite(""), "is empty; it needs a header line and rows"),
    "blank": (rewrite(" \n\n\t\n"), "is empty; it needs a header line and rows"),
    "header only": (rewrite(HEADER + "\n"), "has a header and no rows; add rows, or remove"),
    "header without line end": (rewrite(HEADER), "has a header and no rows"),
    "blank first line": (rewrite("\n" + BUILDINGS), "begins with a blank line; put the header"),
    "title above the header": (rewrite("# Our buildings\n" + BUILDINGS), "lacks building_id"),
    "wrong delimiter": (
        rewrite(BUILDINGS.replace(",", ":")),
        "lacks building_id, longitude, latitude (its only column is 'building_id:longitude",
    ),
    "no such columns": (rewrite("a,b\n1,2\n"), "lacks building_id, longitude, latitude (it has a"),
    "zip": (rewrite(b"PK\x03\x04" + bytes(range(256))), "looks like a ZIP archive or an XLSX"),
    "pdf": (rewrite(b"%PDF-1.7\n" + bytes(range(256))), "looks like a PDF; export the table"),
    "picture": (rewrite(b"\x89PNG\r\n\x1a\n" + bytes(256)), "holds NUL bytes); export the table"),
    "noise": (rewrite(bytes(range(1, 256)) * 9), "save it as UTF-8 or set `encoding`"),
    "open quote": (rewrite(BUILDINGS.replace("Elm", '"Elm')), "line 6: a quotation mark opens"),
    "stated encoding": (
        another("buildings.csv", BUILDINGS.replace("Elm", "Ölm"), 'encoding = "ascii"'),
        "cannot be read as ascii",
    ),
    "no such encoding": (
        another("buildings.csv", BUILDINGS, 'encoding = "klingon"'),
        "cannot be read as klingon (unknown encoding",
    ),
    "unknown kind": (another("buildings.doc", BUILDINGS), "is of a kind that is not read; bring"),
    "not a workbook": (another("buildings.xlsx", BUILDINGS), "cannot be read as a workbook"),
    "broken workbook": (another("buildings.xlsx", b"PK\x03\x04x"), "save it anew as XLSX or CSV"),
    "no such sheet": (without_sheet, 'has no sheet "Register"; it has Sheet'),
    "not Parquet": (another("buildings.parquet", BUILDINGS), "cannot be read as Parquet"),
    "broken Parquet": (another("buildings.parquet", b"PAR1xxxxPAR1"), "write it anew"),
    "not a map": (another("buildings.geojson", "hello"), "cannot be read as a map file"),
    "folder": (is_folder, "cannot be opened: Is a directory"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_unreadable_file_ends_in_a_sentence(city: LittleCity, case: str):
    spoil, words = UNREADABLE[case]
    spoil(city)
    said = assert_refused(city, "buildings.", words)
    assert "accounts" not in said  # what follows from it is not complained about too


WRITTEN = {
    "UTF-8": lambda text: text.encode(),
    "UTF-8 with mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16 with mark": lambda text: text.encode("utf-16"),
    "UTF-16 without, little end first": lambda text: text.encode("utf-16-le"),
    "UTF-16 without, big end first": lambda text: text.encode("utf-16-be"),
    "UTF-32 with mark": lambda text: text.encode("utf-32"),
    "Windows line ends": lambda text: text.replace("\n", "\r\n").encode(),
    "old Macintosh line ends": lambda text: text.replace("\n", "\r").encode(),
    "mixed line ends": lambda text: text.replace("\n", "\r\n", 2).encode(),
    "UTF-16, Windows line ends": lambda text: text.replace("\n", "\r\n").encode("utf-16"),
    "semicolons": lambda text: text.replace(",", ";").encode(),
    "tabs": lambda text: text.replace(",", "\t").encode(),
    "bars": lambda text: text.replace(",", "|").encode(),
    "no last line end": lambda text: text.rstrip("\n").encode(),
    "blank last lines": lambda text: (text + "\n\n\n").encode(),
}
NAME = "Ñandú 東京 🏙 Ā"


@pytest.mark.parametrize("way", WRITTEN)
def test_encoding_delimiter_and_line_ends_are_found(tmp_path: Path, way: str):
    file = tmp_path / "buildings.csv"
    file.write_bytes(WRITTEN[way](BUILDINGS.replace("Alder House", NAME)))
    rows = read_rows(file)
    assert list(rows.columns) == ["file", "row", *HEADER.split(",")]
    assert rows["name"].tolist()[:2] == [NAME, "Birch House"]
    assert rows["row"].tolist() == [2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_city_in_another_encoding_arrives_whole(city: LittleCity, encoding: str):
    city.write("buildings.csv", BUILDINGS.replace("Alder", "Ñandú").encode(encoding))
    report = assert_published(city)
    assert city.buildings()[0]["name"] == "Ñandú House"
    notes = [notice.reason for notice in report.tallies["buildings"].warnings]
    assert any("was read as Windows-1252" in note for note in notes) == (encoding == "latin-1")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_stated_encoding_may_still_have_its_mark(tmp_path: Path, encoding: str):
    file = tmp_path / "buildings.csv"
    file.write_bytes(("\ufeff" + BUILDINGS).encode(encoding))
    assert read_rows(file, encoding=encoding)["building_id"].tolist()[0] == "B1"


def test_delimiter_is_the_one_that_splits_rows_alike(tmp_path: Path):
    file = tmp_path / "buildings.csv"
    text = BUILDINGS.replace(",", "\t").replace("name", "name, of, the, building, in, full", 1)
    file.write_text(text, encoding="utf-8")
    assert read_rows(file)["latitude"].tolist()[0] == "41.805"


def test_headers_are_trimmed_told_apart_and_named_where_blank(tmp_path: Path):
    file = tmp_path / "buildings.csv"
    file.write_text(' a ,"b",,B\n1,2,3,4\n', encoding="utf-8")
    rows = read_rows(file).drop(columns=["file", "row"])
    assert rows.to_dict("records") == [{"a": "1", "b": "2", "column_3": "3", "B_2": "4"}]


def test_header_may_differ_in_case(city: LittleCity):
    city.write("buildings.csv", BUILDINGS.replace(HEADER, HEADER.upper()))
    assert_published(city)
    assert city.buildings()[0]["sector"] == "Energy"


def test_rows_keep_the_number_that_they_have_in_the_file(tmp_path: Path):
    """Blank lines count, a line break within quotes does not, and a spoiled line keeps its own."""
    file = tmp_path / "rows.csv"
    file.write_text('a,b\n1,x\n\n2,"x\n\ny"\n3\n4,x,y,z\n\n5,x\n', encoding="utf-8")
    with loaded(file) as scratch:
        assert scratch.malformed["row"].tolist() == [5, 6]
        assert next(scratch.chunks())["row"].tolist() == [2, 4, 8]


def test_lines_that_are_no_rows_are_rejected_one_by_one(city: LittleCity):
    spoiled = "B7,-87.695\nB8,-87.695,41.805,Write to ann@example.org,,,,x\n"
    city.write("buildings.csv", BUILDINGS.replace("B3,", spoiled + "B3,"))
    assert_refused(
        city,
        "buildings: 2 of 8 rows were rejected, and at most 1 may be",
        "row 4 of buildings.csv: 'B7,-87.695' the line does not have the header's 6 columns",
        "mend them, or raise settings.max_rejected",
    )
    rows = city.rejected("buildings")
    assert [row["row"] for row in rows] == ["4", "5"]
    assert rows[1]["value"] == "B8,-87.695,41.805,Write to [removed],,,,x"


def test_file_of_nothing_but_spoiled_lines_is_refused(city: LittleCity):
    city.write("buildings.csv", HEADER + "\n" + "B1,-87.695\n" * 3)
    assert_refused(city, "buildings: 3 of 3 rows were rejected", "row 2 of buildings.csv")


def test_million_character_cell_is_rejected_by_itself(city: LittleCity):
    city.write(
        "accounts.csv", ACCOUNTS + "A5,T2,,2016-01-01,,\n" + "A" * 1_000_000 + ",T3,,2016-01-01,,\n"
    )
    report = assert_published(city)
    assert report.tallies["accounts"].rejected == 1
    (row,) = city.rejected("accounts")
    assert (row["row"], row["column"], row["value"]) == ("7", "account_id", "A" * 200)
    assert row["reason"] == "is longer than 10,000 characters; shorten it"


def test_million_character_name_is_rejected_and_what_hangs_on_it(city: LittleCity):
    city.write("buildings.csv", BUILDINGS.replace("Alder House", "A" * 1_000_000))
    assert_refused(city, "targets: 2 of 8 rows were rejected", "was itself rejected")
    (row,) = city.rejected("buildings")
    assert (row["row"], row["column"]) == ("2", "name")


def test_line_beyond_all_bounds_is_rejected_as_too_long(tmp_path: Path):
    file = tmp_path / "rows.csv"
    file.write_bytes(b"a,b\n1,x\n2," + b"x" * (MAX_LINE_BYTES + 1) + b"\n3,x\n")
    with loaded(file) as scratch:
        assert scratch.malformed["reason"].tolist() == [
            "the line is longer than 64 MB; mend or remove it"
        ]
        assert next(scratch.chunks())["row"].tolist() == [2, 4]


@contextmanager
def loaded(file: Path) -> Iterator[Scratch]:
    with Scratch("sources.test", file.parent / "city.toml") as scratch:
        scratch.load(file)
        scratch.lock()
        scratch.extract({"a": "a"}, None, None)
        yield scratch


def test_several_files_of_one_source_may_have_different_columns(city: LittleCity):
    city.write("more.csv", "longitude,latitude,Building_ID,address\n-87.66,41.81,B7,1 Main St\n")
    city.set("sources.buildings", 'path = ["buildings.csv", "more.csv"]')
    report = assert_published(city)
    assert report.tallies["buildings"].kept == 7
    new = city.buildings()[-1]
    assert (new["building_id"], new["name"], new["address"]) == ("B7", "", "1 Main St")


def test_files_of_one_name_are_told_apart(city: LittleCity):
    (city.folder / "old").mkdir()
    city.write("old/buildings.csv", BUILDINGS)
    city.set("sources.buildings", 'path = ["buildings.csv", "old/buildings.csv"]')
    assert_refused(city, "row 2 of old/buildings.csv", "of row 2 of buildings.csv; only the first")
    assert {row["file"] for row in city.rejected("buildings")} == {"old/buildings.csv"}


def test_typed_cells_are_read_as_a_person_would_write_them(tmp_path: Path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["id", "day", "moment", "share", "whole", "flag", "day"])
    sheet.append([7, date(2016, 2, 29), datetime(2016, 2, 29, 13, 30), 0.5, 12.0, True, None])
    sheet.append([None] * 7)
    sheet.append(["007", None, None, None, None, False, "x"])
    book.save(tmp_path / "typed.xlsx")
    rows = read_rows(tmp_path / "typed.xlsx")
    assert rows["row"].tolist() == [2, 4]  # the blank one keeps its number
    assert rows.iloc[0].drop(["file", "row"]).dropna().to_dict() == {
        "id": "7",
        "day": "2016-02-29",
        "moment": "2016-02-29T13:30:00",
        "share": "0.5",
        "whole": "12",
        "flag": "true",
    }
    assert rows.iloc[1][["id", "flag", "day_2"]].tolist() == ["007", "false", "x"]


def test_typed_columns_of_parquet_are_read_alike(tmp_path: Path):
    pd.DataFrame(
        {
            "id": pd.array([7, None], dtype="Int64"),
            "whole": [12.0, 0.5],
            "day": [date(2016, 2, 29), None],
            "moment": pd.to_datetime(["2016-02-29 13:30:00.250", None]),
            "kind": pd.Categorical(["a", None]),
            "flag": [True, False],
        }
    ).to_parquet(tmp_path / "typed.parquet")
    rows = read_rows(tmp_path / "typed.parquet")
    assert rows["whole"].tolist() == ["12", "0.5"]
    assert rows.iloc[0].drop(["file", "row", "whole"]).to_dict() == {
        "id": "7",
        "day": "2016-02-29",
        "moment": "2016-02-29 13:30:00.25",
        "kind": "a",
        "flag": "true",
    }
    assert rows.iloc[1][["id", "day", "moment", "kind"]].isna().all()


def test_points_of_a_map_file_bring_their_own_coordinates(city: LittleCity):
    point = {"type": "Point", "coordinates": [-87.69, 41.81]}
    features = [
        feature(point, building_id="B1", name="A"),
        feature(None, building_id="B2", name="B"),
    ]
    city.write("buildings.geojson", collection(features))
    city.set("sources.buildings", 'path = "buildings.geojson"')
    city.remove("sources.targets", "sources.accounts")
    report = assert_published(city)
    assert report.tallies["buildings"].kept == 1
    assert {row["column"] for row in city.rejected("buildings")} == {"longitude", "latitude"}
