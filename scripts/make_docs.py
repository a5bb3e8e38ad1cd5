"""Write the parts of the docs that the code itself knows: ``make docs``.

Each such part stands between two marks in its file, ``<!-- begin NAME -->`` and
``<!-- end NAME -->``; a test fails when one is out of date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

from pppdash.city import Settings
from pppdash.explain.listing import EXPLANATIONS
from pppdash.metrics.registry import DIMENSIONS, METRICS
from pppdash.sources.contracts import ENTITIES, Column, Kind
from pppdash.warehouse.models import load_models

ROOT = Path(__file__).resolve().parent.parent
METHODS = ROOT / "docs" / "methods.md"

_KINDS = {
    Kind.ID: "id",
    Kind.TEXT: "text",
    Kind.CHOICE: "one of",
    Kind.FACT_DATE: "date, 1900 to tomorrow",
    Kind.ANY_DATE: "date, may lie ahead",
    Kind.COUNT: "whole number",
    Kind.NUMBER: "number",
    Kind.FLAG: "true or false",
}


def metrics() -> str:
    """Every metric: what it counts and what it does not show."""
    rows = [[f"`{m.name}`", m.label, m.unit, m.caveat] for m in METRICS.values()]
    names = ", ".join(f"`{name}`" for name in DIMENSIONS)
    return (
        table(["metric", "called", "unit", "what it does not show"], rows)
        + f"\n\nDimensions: any area layer of the city by its name, and {names}."
    )


def entities() -> str:
    """Every entity that a city may bring, with its columns."""
    rows = []
    for entity in ENTITIES.values():
        either = {name for group in entity.one_of for name in group}
        for number, column in enumerate(entity.columns):
            rows.append(
                [
                    f"**{entity.name}**" if number == 0 else "",
                    f"`{column.name}`",
                    "yes" if column.required else "one of two" if column.name in either else "",
                    _describe(column),
                ]
            )
    return table(["entity", "column", "needed", "what it holds"], rows)


def dictionary() -> str:
    """Every column of every mart."""
    parts = []
    for model in load_models():
        if model.layer != "marts":
            continue
        rows = [[f"`{c.name}`", c.meaning, c.unit] for c in model.columns]
        grain = ", ".join(f"`{name}`" for name in model.grain)
        head = f"## {model.name}\n\n{model.description}\nOne row for each {grain}.\n\n"
        parts.append(head + table(["column", "meaning", "unit"], rows))
    return "\n\n".join(parts)


def explanations() -> str:
    """How each figure is made, as pages say it, with the settings that hold unless a city says."""
    parts = []
    for explanation in EXPLANATIONS.values():
        said = " ".join(explanation.paragraphs(Settings()))
        parts.append(f"- **{explanation.title}** (`{explanation.name}`). {said}")
    return "\n".join(parts)


def _describe(column: Column) -> str:
    text = _KINDS[column.kind]
    if column.choices:
        many = len(column.choices) > 6
        text += " the 16 sectors" if many else " " + ", ".join(column.choices)
    if column.refers_to:
        text += f" of {column.refers_to}"
    if column.low is not None and column.high is not None:
        text += f", {column.low:g} to {column.high:g}"
    elif column.low is not None:
        text += f", {column.low:g} or more"
    return text


def table(header: list[str], rows: list[list[str]]) -> str:
    """Return a table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


PARTS: dict[str, tuple[str, Callable[[], str]]] = {
    "metrics": ("README.md", metrics),
    "entities": ("docs/data.md", entities),
    "dictionary": ("docs/data_dictionary.md", dictionary),
    "explanations": ("docs/methods.md", explanations),
}


def fill(name: str) -> tuple[Path, str, str]:
    """Return a part's file, the text it has and the text it should have."""
    path, make = ROOT / PARTS[name][0], PARTS[name][1]
    text = path.read_text(encoding="utf-8")
    return path, text, between(name, text, make())


def between(name: str, text: str, part: str) -> str:
    """Return a text with another part between the marks of ``name``."""
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not pattern.search(text):
        sys.exit(f"There is no place for {name}: it needs {begin} and {end}.")
    return pattern.sub(lambda _: f"{begin}\n{part}\n{end}", text)


def main() -> None:
    """Bring every part up to date."""
    for name in PARTS:
        path, _, fresh = fill(name)
        path.write_text(fresh, encoding="utf-8")


if __name__ == "__main__":
    main()
