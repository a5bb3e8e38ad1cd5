"""What a command prints: a table for people, CSV or JSON for programs, and sentences apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from pppdash.safe_text import safe_cell

if TYPE_CHECKING:
    from pppdash.warehouse.read import Warehouse

errors = Console(stderr=True, highlight=False)


def say(sentence: object) -> None:
    """Print a sentence beside the output, where nobody takes it for data."""
    errors.print(str(sentence), markup=False, soft_wrap=True)


def say_synthetic(warehouse: Warehouse) -> None:
    """Say which entities of a city are synthetic."""
    if warehouse.build.synthetic:
        say(f"Synthetic data: {', '.join(warehouse.build.synthetic)}.")


def say_absent(warehouse: Warehouse, entity: str, words: str, as_of: date) -> None:
    """Say why there is nothing to print: it was never brought, or not yet there on a date."""
    build = warehouse.build
    if build.has(entity):
        say(f"There are no {words} as of {as_of}.")
    else:
        say(
            f"{build.city} has brought no {words}; add [sources.{entity}] to its city.toml and "
            "build again."
        )


@contextmanager
def progress() -> Iterator[Any]:
    """Show the steps of long work on a terminal, and nothing where there is none."""
    columns = (TextColumn("{task.description:<36}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda step, done, total: bar.update(
            task, description=step, completed=done, total=total
        )


def print_frame(frame: pd.DataFrame, form: str) -> None:
    """Print a frame as ``table``, ``csv`` or ``json``; CSV holds no formula."""
    frame = _plain(frame)
    if form == "csv":
        safe = frame.map(safe_cell)
        print(safe.to_csv(index=False), end="")
    elif form == "json":
        print(frame.to_json(orient="records", force_ascii=False))
    else:
        _print_table(frame)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with dates as ISO text, months without their day."""
    plain = frame.copy()
    for name in plain.select_dtypes(include="datetime").columns:
        is_month = name == "month" or name.endswith("_month")
        plain[name] = plain[name].dt.strftime("%Y-%m" if is_month else "%Y-%m-%d")
    return plain


def _print_table(frame: pd.DataFrame) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in frame.columns:
        right = pd.api.types.is_numeric_dtype(frame[name])
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    for row in frame.itertuples(index=False):
        table.add_row(*[_cell(value) for value in row])
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = 1_000  # nothing to fit into
    console.print(table)


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and pd.isna(value)) or value is pd.NA:
        return "\u2013"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
