"""An expression of city.toml is data, not a program: what it may look like.

Checked on DuckDB's own parse of it (``json_serialize_sql``), before anything is evaluated. What
an expression may *do* is bounded where it runs: see ``read.py``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from pppdash.errors import CityError

TABLE = "raw"

_REFUSED_CLASSES = {
    "SUBQUERY": "a subquery",
    "STAR": "a star",
    "PARAMETER": "a parameter",
    "DEFAULT": "a default",
}
_MAKE_SEVERAL_ROWS = {"unnest", "generate_subscripts", "regexp_split_to_table"}
_EMPTY_CLAUSES = ("where_clause", "having", "qualify", "sample")


def wrap(expression: str) -> tuple[str, str]:
    """Return the statements in which an expression is parsed; the newline ends a comment.

    In parentheses, as it is evaluated, and without, so that it cannot close them and open others.
    """
    return (
        f"select ({expression}\n) as value from {TABLE}",
        f"select {expression}\n as value from {TABLE}",
    )


def check_expression(
    expression: str, key: str, serialize: Callable[[str], str], unsteady: Collection[str] = ()
) -> None:
    """Refuse whatever is not a single value computed from the row's own columns.

    Parameters
    ----------
    expression
        As written in city.toml.
    key
        Where it stands there, for the message.
    serialize
        DuckDB's ``json_serialize_sql`` as a function of a statement.
    unsteady
        Functions that answer differently each time, such as ``now`` and ``random``: a build's id
        promises that the same files give the same build.

    Raises
    ------
    CityError
        It does not parse, or holds a subquery, a star, a second item, clause or statement.
    """
    for statement in wrap(expression):
        parsed = json.loads(serialize(statement))
        if parsed["error"]:
            complaint = parsed.get("error_message", "not a select").split("\n")[0].rstrip("!.")
            raise CityError(f"{key} = {expression!r} cannot be read. DuckDB says: {complaint}.")
        reason = _refusal(parsed["statements"], unsteady)
        if reason:
            raise CityError(
                f"{key} = {expression!r} is refused: it holds {reason}. "
                "Write one value computed from the columns of the same row."
            )


def _refusal(statements: list[dict[str, Any]], unsteady: Collection[str]) -> str | None:
    if len(statements) != 1:
        return "a second statement"
    node = statements[0]["node"]
    if not _is_plain_select(node):
        return "more than one value or a clause of its own"
    for part in _parts(node["select_list"][0]):
        refused = _REFUSED_CLASSES.get(part.get("class", ""))
        if refused:
            return refused
        function = part.get("function_name")
        if function in _MAKE_SEVERAL_ROWS:
            return f"{function}, which makes several rows of one"
        # current_date and its like parse as columns.
        name = function or ".".join(part.get("column_names", ()))
        if name in unsteady:
            return f"{name}, which answers differently each time"
    return None


def _is_plain_select(node: Mapping[str, Any]) -> bool:
    source = node.get("from_table", {})
    return (
        node.get("type") == "SELECT_NODE"
        and len(node["select_list"]) == 1
        and source.get("type") == "BASE_TABLE"
        and source.get("table_name") == TABLE
        and not source.get("schema_name")
        and not any(node.get(clause) for clause in _EMPTY_CLAUSES)
        and not node.get("group_expressions")
        and not node.get("modifiers")
        and not node["cte_map"]["map"]
    )


def _parts(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a parsed expression, however deep."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _parts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _parts(inner)
