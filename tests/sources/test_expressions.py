"""An expression of city.toml is data: what it may not be, and what it may not do."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from pppdash.errors import CityError
from pppdash.sources import read
from pppdash.sources.expressions import check_expression
from tests.helpers import ENROLLED, LittleCity, assert_refused, run_python

SUBQUERIES = [
    "(select 1)",
    "((select 1))",
    "(table raw)",
    "(values (1))",
    "values (1)",
    "select 1",
    "array(select 1)",
    "exists(from raw)",
    "not exists (select 1)",
    "a in (select 'x')",
    "a = any(select 'x')",
    "case when (select true) then 1 end",
    "[x for x in (select [1])]",
    "[(select 1)]",
    "{'k': (select 1)}",
    "map {'k': (select 1)}",
    "a[(select 1)]",
    "try((select 1))",
    "cast((select 1) as int)",
    "a between (select 1) and 2",
    "list_transform([1], lambda x: (select x))",
    "sum(1) filter (where exists(select 1)) over ()",
    "row_number() over (order by (select 1))",
    "string_agg(a, (select 'x')) over ()",
    "(with t as (select 1) select * from t)",
    "with t as (select 1) select 1",
    "/* hidden */ ( /* here */ SELECT 1)",
    "(select -- hidden\n 1)",
    "(\u00a0select\u00a01)",
]
FILES = [
    "(select content from read_text('/etc/hostname'))",
    "(from read_csv('/etc/passwd'))",
    "a in (from read_blob('/etc/passwd'))",
    "(select * from '/etc/passwd')",
    "(select count(*) from glob('/*'))",
    "exists(from sniff_csv('/etc/passwd'))",
    "(from query('select 1'))",
    "(from duckdb_settings())",
]
STATEMENTS = [
    "1; select 2",
    "1); select (2",
    "1); drop table raw; select (1",
    "1) as value from raw; attach 'x'; select (1",
    "1)) as value from raw; copy raw to 'x' --",
    "copy raw to '/tmp/x'",
    "attach '/tmp/x' as y",
    "pragma version",
    "install httpfs",
    "load httpfs",
    "set memory_limit = '1TB'",
    "call pragma_version()",
    "export database 'x'",
    "create table x(a int)",
]
TRICKS = [
    "a) , (b",
    "a) as value from raw union all select (b",
    "a) as value from raw where (true",
    "a) in ('x'",
    "a) limit (1",
    "a,",
    "a, b",
    "",
    "  ",
    ")",
    "(",
    "a /*",
    "a */",
    "'a",
    '"a',
    "$$a",
    "a -- \r) from raw",
    "a\u037e b",
    "a as b",
    "a order by b",
    "a limit 1",
    "distinct a",
    "*",
    "raw.*",
    "columns(*)",
    "columns('a')",
    "* exclude (a)",
    "?",
    "$1",
    "$path",
    "default",
    "unnest([1, 2])",
    "generate_subscripts([1, 2], 1)",
    "regexp_split_to_table(a, 'x')",
]
HARMLESS = [
    "a",
    '"a"',
    "A || 'x'",
    "a -- the rest of the line, (select 1)",
    "a /* (select 1); */",
    "'; drop table raw; (select 1) --'",
    "'it''s'",
    "$$(select 1)$$",
    "nullif(trim(a), '-')",
    "case when a = 'x' then 1 else 2 end",
    "regexp_replace(a, '[^0-9]+', '${1}', 'g')",
    "row_number() over (partition by a order by b desc) = 1",
    "list_transform([1, 2], lambda x: x + 1)[1]",
    "cast(a as int) >= 12",
]


@pytest.fixture(scope="module")
def serialize():
    connection = duckdb.connect()
    yield lambda statement: connection.execute(
        "select json_serialize_sql($s)", {"s": statement}
    ).fetchall()[0][0]
    connection.close()


@pytest.mark.parametrize("expression", [*SUBQUERIES, *FILES, *STATEMENTS, *TRICKS])
def test_what_is_not_one_value_of_the_row_is_refused(serialize, expression: str):
    with pytest.raises(CityError) as caught:
        check_expression(expression, "city.toml: sources.x.columns.name", serialize)
    said = str(caught.value)
    assert said.startswith(f"city.toml: sources.x.columns.name = {expression!r} ")
    assert "is refused: it holds " in said or "cannot be read. DuckDB says: " in said
    assert said.endswith(".")


@pytest.mark.parametrize("expression", SUBQUERIES[:5])
def test_refusal_says_what_to_write_instead(serialize, expression: str):
    with pytest.raises(CityError, match=r"it holds a subquery\. Write one value computed from"):
        check_expression(expression, "key", serialize)


@pytest.mark.parametrize("expression", HARMLESS)
def test_what_is_one_value_of_the_row_is_not(serialize, expression: str):
    check_expression(expression, "key", serialize)


def test_every_parse_is_of_what_is_evaluated():
    """Whatever stands in the parsed statement is one object deep or deeper in what is searched."""
    found = []

    def serialize(statement: str) -> str:
        found.append(statement)
        select = {
            "node": {
                "type": "SELECT_NODE",
                "select_list": [{"class": "FUNCTION", "x": [{"y": {"class": "SUBQUERY"}}]}],
                "from_table": {"type": "BASE_TABLE", "table_name": "raw", "schema_name": ""},
                "cte_map": {"map": []},
            }
        }
        return json.dumps({"error": False, "statements": [select]})

    with pytest.raises(CityError, match="a subquery"):
        check_expression("anything", "key", serialize)
    assert found == ["select (anything\n) as value from raw"]


# -- evaluated -----------------------------------------------------------------------------------


def evaluate(folder: Path, expression: str, where: str | None = None) -> list[str | None]:
    file = folder / "rows.csv"
    file.write_text("a,b\nx,1\ny,z\n", encoding="utf-8")
    with read.Scratch("sources.x", folder / "city.toml") as scratch:
        scratch.load(file)
        scratch.lock()
        scratch.extract({"name": expression}, where, None)
        return next(scratch.chunks())["name"].tolist()


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("uper(a)", 'Scalar Function with name uper does not exist! Did you mean "upper"?'),
        ("aa", 'Referenced column "aa" not found in FROM clause! Candidate bindings: "a"'),
        ("upper(a", "syntax error at or near"),
        ("cast(b as int)", "Could not convert string 'z' to INT32"),
        ("error('boom')", "boom"),
        ("getenv('HOME')", "Scalar Function with name getenv does not exist"),
        ("read_text('/etc/hostname')", '"read_text" is a table function but it was used as'),
        ("st_point(1, 2)", "exists in the spatial extension"),
        ("attach '/tmp/x'", "Type with name attach does not exist"),
    ],
)
def test_message_names_the_file_the_key_and_the_complaint(
    tmp_path: Path, expression: str, complaint: str
):
    with pytest.raises(CityError) as caught:
        evaluate(tmp_path, expression)
    said = str(caught.value)
    assert f"{tmp_path}/city.toml: sources.x.columns.name = {expression!r} " in said
    assert "DuckDB says: " in said
    assert complaint in said


@pytest.mark.parametrize("expression", ["max(a)", "count(*)", "string_agg(a, ',')"])
def test_sum_over_rows_is_no_value_of_a_row(tmp_path: Path, expression: str):
    with pytest.raises(CityError, match=r"columns\.name = .* It sums up many rows; write one"):
        evaluate(tmp_path, expression)


@pytest.mark.parametrize(
    "expression", ["random()", "a || now()", "current_date", "uuid()", "sleep_ms(100000)"]
)
def test_what_answers_differently_each_time_is_refused(tmp_path: Path, expression: str):
    with pytest.raises(CityError, match=r"which answers differently each time\. Write one value"):
        evaluate(tmp_path, expression)


def test_message_names_the_expression_that_failed_and_not_another(tmp_path: Path):
    """What fails only in rows that `where` leaves out does not fail."""
    assert evaluate(tmp_path, "cast(b as int)", where="a = 'x'") == ["1"]
    with pytest.raises(CityError, match=r"sources\.x\.where = 'b' fails over rows\.csv"):
        evaluate(tmp_path, "a", where="b")


def test_scratch_can_reach_nothing_once_it_is_locked(tmp_path: Path):
    file = tmp_path / "rows.csv"
    file.write_text("a\nx\n", encoding="utf-8")
    with read.Scratch("sources.x", tmp_path / "city.toml") as scratch:
        scratch.load(file)
        scratch.lock()
        for statement in (
            "select * from read_text('/etc/hostname')",
            f"select * from read_csv('{file}')",
            f"copy raw to '{tmp_path}/out.csv'",
            f"attach '{tmp_path}/other.duckdb'",
            "set enable_external_access = true",
            "set memory_limit = '1TB'",
            "set lock_configuration = false",
            "install httpfs",
        ):
            with pytest.raises(duckdb.Error):
                scratch._connection.execute(statement)
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]


def test_value_is_cut_where_it_is_too_long_to_keep(tmp_path: Path):
    assert [len(value) for value in evaluate(tmp_path, "repeat(a, 5000000)")] == [10_001] * 2


GREEDY = [
    "repeat('x', 3000000000)",
    "lpad('x', 2000000000, 'y')",
    "repeat(repeat('x', 1000000), 100000)",
    "len(range(1000000000))",
    "list_sum(range(1000000000))",
    "printf('%2000000000s', 'x')",
    "flatten(list_transform(range(100000), lambda x: range(100000)))",
    "string_agg(repeat('x', 300000000), ',') over ()",
    "replace(replace(repeat('x', 1000000), 'x', repeat('y', 1000)), 'y', 'zzz')",
    "len(list_distinct(list_transform(range(50000000), lambda x: x::varchar)))",
]
EVALUATE_GREEDY = """
import json, resource, sys, time
from pathlib import Path
from pppdash.errors import CityError
from pppdash.sources import read
read.EXPRESSION_SECONDS = 0.5
read.GRACE_SECONDS = 60.0
read.ADDRESS_SPACE_BYTES = 1 << 28
file = Path(sys.argv[1]) / "rows.csv"
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for expression in json.loads(sys.argv[2]):
    with read.Scratch("sources.x", file.parent / "city.toml") as scratch:
        scratch.load(file)
        scratch.lock()
        try:
            scratch.extract({"name": expression}, None, None)
            print("evaluated")
        except CityError as error:
            print(str(error).replace("\\n", " "))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10)
"""


def test_expressions_that_fill_the_memory_are_stopped(tmp_path: Path):
    """In a process of their own, since the point is that it survives them."""
    (tmp_path / "rows.csv").write_text("a\nx\ny\n", encoding="utf-8")
    done = run_python(EVALUATE_GREEDY, tmp_path, json.dumps(GREEDY))
    assert done.returncode == 0, done.stderr
    *said, megabytes = done.stdout.splitlines()
    for expression, sentence in zip(GREEDY, said, strict=True):
        assert f"sources.x.columns.name = {expression!r} fails over rows.csv. It " in sentence
        assert "wants more memory than" in sentence or "took longer than 0.5 seconds" in sentence
    assert int(megabytes) < 1000


BUILD_ENDLESS = """
import sys
from pppdash.sources import read
read.EXPRESSION_SECONDS = 0.5
read.GRACE_SECONDS = 0.5
from pppdash.__main__ import main
sys.exit(main(["build", sys.argv[1]]))
"""


def test_expression_that_cannot_be_interrupted_ends_the_build(city: LittleCity):
    before = city.build_id
    endless = "levenshtein(repeat(name, 100000), repeat(name, 99999))"
    city.set("sources.buildings.columns", f'name = "{endless}"')
    done = run_python(BUILD_ENDLESS, city.folder)
    assert done.returncode == 1
    assert "[sources.buildings]: an expression took longer than" in done.stderr
    assert "so the build was ended." in done.stderr
    assert city.build_id == before
    assert city.enrolled() == ENROLLED


def test_expression_that_fails_publishes_nothing(city: LittleCity):
    city.set("sources.buildings.columns", 'name = "uper(name)"')
    assert_refused(city, "city.toml: sources.buildings.columns.name = 'uper(name)' fails over")
