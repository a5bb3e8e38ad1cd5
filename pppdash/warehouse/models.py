"""A model is a ``.sql`` file; its header is its contract."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
LAYERS = ("staging", "marts")

_HEADER = re.compile(r"\A/\*(?P<header>.*?)\*/(?P<body>.*)\Z", re.DOTALL)
_READS = re.compile(r"\b(?:from|join)\s+((?:staging|marts)\.\w+)")


@dataclass(frozen=True)
class ModelColumn:
    """A documented column of a model; ``unit`` is empty where there is none."""

    name: str
    meaning: str
    unit: str = ""


@dataclass(frozen=True)
class Model:
    """One ``.sql`` file: what it selects, and what its header promises of the result.

    ``grain`` columns are unique together; ``checks`` are conditions that hold in every row.
    """

    layer: str
    name: str
    description: str
    grain: tuple[str, ...]
    columns: tuple[ModelColumn, ...]
    not_null: tuple[str, ...]
    checks: tuple[str, ...]
    body: str

    @property
    def full_name(self) -> str:
        """Layer and name, as other models write it."""
        return f"{self.layer}.{self.name}"

    @property
    def reads(self) -> frozenset[str]:
        """Full names of the models that it reads."""
        return frozenset(_READS.findall(self.body)) - {self.full_name}


def parse_model(layer: str, name: str, text: str) -> Model:
    """Split a model file into its contract and its select.

    Raises
    ------
    ValueError
        It has no header, or the header lacks a description, a grain or columns.
    """
    match = _HEADER.match(text)
    if match is None:
        raise ValueError(f"{layer}/{name}.sql does not begin with a /* header */")
    header: Mapping[str, Any] = yaml.safe_load(match["header"])
    missing = {"description", "grain", "columns"} - set(header)
    if missing:
        raise ValueError(f"{layer}/{name}.sql: its header lacks {', '.join(sorted(missing))}")
    return Model(
        layer=layer,
        name=name,
        description=str(header["description"]).strip(),
        grain=tuple(header["grain"]),
        columns=tuple(_column(key, value) for key, value in dict(header["columns"]).items()),
        not_null=tuple(header.get("not_null", ())),
        checks=tuple(header.get("checks", ())),
        body=match["body"].strip(),
    )


def _column(name: str, value: str | Mapping[str, str]) -> ModelColumn:
    if isinstance(value, str):
        return ModelColumn(name, value)
    return ModelColumn(name, value["is"], value["unit"])


@cache
def load_models() -> tuple[Model, ...]:
    """Every model, each after the ones it reads."""
    models = {
        f"{layer}.{path.stem}": parse_model(layer, path.stem, path.read_text(encoding="utf-8"))
        for layer in LAYERS
        for path in sorted((FOLDER / layer).glob("*.sql"))
    }
    order = TopologicalSorter({name: model.reads for name, model in models.items()})
    return tuple(models[name] for name in order.static_order())


@cache
def load_query(name: str) -> str:
    """Return the text of ``queries/<name>.sql``."""
    return (FOLDER / "queries" / f"{name}.sql").read_text(encoding="utf-8")
