"""What several commands take: a city, a date, filters, a form of output."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pppdash.city import city_folder
from pppdash.errors import UsageError

if TYPE_CHECKING:
    from pppdash.warehouse.read import Warehouse

DONE, REFUSED, WRONG_USE = 0, 1, 2
"""Exit statuses: done, refused for the data's sake, wrong use."""


def add_command(
    commands: Any, name: str, summary: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    """Add a command that ``run`` carries out; what it returns is the exit status."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=summary, description=summary)
    parser.set_defaults(run=run)
    return parser


def add_city(parser: argparse.ArgumentParser) -> None:
    """Let a command take a city's folder."""
    parser.add_argument(
        "city", type=Path, nargs="?", help="the city's folder; $PPPDASH_CITY, else the sample"
    )


def add_output(parser: argparse.ArgumentParser) -> None:
    """Let a command take a date and the form in which it prints."""
    parser.add_argument("--as-of", type=_day, help="the date that every number is true of")
    parser.add_argument("--format", choices=("table", "csv", "json"), default="table")


def add_where(parser: argparse.ArgumentParser) -> None:
    """Let a command take filters."""
    parser.add_argument(
        "--where",
        type=_pair,
        action="extend",
        nargs="+",
        default=[],
        metavar="KEY=VALUE",
        help="sector, size_band or an area layer",
    )


def names(text: str) -> list[str]:
    """Return the parts of a text between commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals and value):
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key.strip(), value.strip()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2017-03-31") from None


@contextmanager
def opened_warehouse(options: argparse.Namespace) -> Iterator[Warehouse]:
    """Open the build that serves the city of the options, for the length of the block.

    Raises
    ------
    UsageError
        There is no such folder.
    NoBuild, BrokenWarehouse
        Nothing is published, or what is published is damaged.
    """
    from pppdash.warehouse.read import open_warehouse

    folder = Path(options.city or city_folder()).resolve()
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder; name a city's folder.")
    with closing(open_warehouse(folder)) as warehouse:
        yield warehouse
