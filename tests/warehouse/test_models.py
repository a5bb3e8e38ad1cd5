"""A model's header is its contract: what it must say, and what a build does when it is broken."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pppdash.warehouse import build, models
from pppdash.warehouse.build import check_model
from pppdash.warehouse.models import Model, load_models, load_query, parse_model
from tests.helpers import ENROLLED, LittleCity, assert_refused

HEADER = """\
/*
description: >
  Shops,
  large and small.
grain: [shop_id, year]
columns:
  shop_id: The shop
  year: The year
  area: {is: Floor, unit: square feet}
not_null: [area]
checks:
  - area > 0
  - area < 100 or year > 2000
*/
select * from staging.shops join marts.years using (year)
"""


def test_header_and_body_are_told_apart():
    model = parse_model("marts", "shops", HEADER)
    assert model.full_name == "marts.shops"
    assert model.description == "Shops, large and small."
    assert model.grain == ("shop_id", "year")
    assert [(column.name, column.unit) for column in model.columns] == [
        ("shop_id", ""),
        ("year", ""),
        ("area", "square feet"),
    ]
    assert model.checks == ("area > 0", "area < 100 or year > 2000")
    assert model.reads == {"staging.shops", "marts.years"}
    assert model.body.startswith("select * from")


@pytest.mark.parametrize("lacking", ["description", "grain", "columns"])
def test_header_must_say_what_it_is(lacking: str):
    kept = {"description": "x", "grain": "[a]", "columns": "{a: The a}"}
    del kept[lacking]
    text = "/*\n" + "".join(f"{key}: {value}\n" for key, value in kept.items()) + "*/\nselect 1"
    with pytest.raises(ValueError, match=rf"marts/x\.sql: its header lacks {lacking}"):
        parse_model("marts", "x", text)


def test_model_without_a_header_is_refused():
    with pytest.raises(ValueError, match=r"marts/x\.sql does not begin with a /\* header \*/"):
        parse_model("marts", "x", "select 1")


@pytest.fixture
def connection():
    connection = duckdb.connect()
    connection.execute("create schema marts")
    yield connection
    connection.close()


def checked(connection: duckdb.DuckDBPyConnection, rows: str) -> list[str]:
    select = f"select * from (values {rows}) as t (shop_id, year, area)"
    connection.execute(f"create table marts.shops as {select}")
    return check_model(connection, parse_model("marts", "shops", HEADER))


def test_kept_contract_is_silent(connection: duckdb.DuckDBPyConnection):
    assert checked(connection, "('a', 1999, 5), ('a', 2001, 500), ('b', 1999, 1)") == []


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("('a', 1999, 5), ('a', 1999, 6)", "1 rows break its contract (shop_id, year unique)"),
        ("(null, 1999, 5), (null, 1999, 6)", "1 rows break its contract (shop_id, year unique)"),
        ("('a', 1999, null)", "1 rows break its contract (area is not null)"),
        ("('a', 1999, 0), ('b', 1999, -1)", "2 rows break its contract (area > 0)"),
        ("('a', 1999, 500)", "1 rows break its contract (area < 100 or year > 2000)"),
    ],
)
def test_broken_contract_is_counted(connection: duckdb.DuckDBPyConnection, rows: str, said: str):
    assert f"marts.shops: {said}." in checked(connection, rows)


@pytest.mark.parametrize(
    "columns", ["1 as shop_id, 2 as year", "1 as year, 2 as shop_id, 3 as area"]
)
def test_columns_are_those_that_are_documented(connection: duckdb.DuckDBPyConnection, columns: str):
    connection.execute(f"create table marts.shops as select {columns}")
    (said,) = check_model(connection, parse_model("marts", "shops", HEADER))
    assert said.startswith("marts.shops has columns [")
    assert said.endswith("but its header documents ['shop_id', 'year', 'area'].")


def test_build_with_a_broken_model_publishes_nothing(
    city: LittleCity, monkeypatch: pytest.MonkeyPatch
):
    def with_a_check(model: Model) -> Model:
        if model.full_name != "marts.targets":
            return model
        return Model(**{**model.__dict__, "checks": ("target_id <> 'T3'",)})

    broken = tuple(with_a_check(model) for model in load_models())
    monkeypatch.setattr(build, "load_models", lambda: broken)
    city.write("notes.csv", "")  # hashed, so that this is another build
    assert_refused(city, "marts.targets: 1 rows break its contract (target_id <> 'T3').")
    assert city.enrolled() == ENROLLED


def test_every_model_stands_after_those_it_reads():
    seen: set[str] = set()
    for model in load_models():
        assert model.reads <= seen, model.full_name
        seen.add(model.full_name)


def test_every_mart_s_columns_are_explained():
    for model in load_models():
        assert model.description, model.full_name
        assert all(column.meaning for column in model.columns), model.full_name


def test_queries_hold_no_formatted_values():
    for path in sorted((Path(models.__file__).parent / "queries").glob("*.sql")):
        text = load_query(path.stem)
        assert "{" not in text, path.name
        assert text.lstrip().startswith("--"), f"{path.name} does not say what it is for"
