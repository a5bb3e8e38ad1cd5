"""The command line: every page's table without a screen, and the builds behind them.

Exit status: 0 done, 1 refused for the data's sake, 2 wrong use.

A command imports what it needs when it runs: to load everything takes longer than to answer.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from pppdash.city import city_folder, load_city
from pppdash.errors import PppdashError, UsageError
from pppdash.safe_text import safe_cell

if TYPE_CHECKING:
    from pppdash.metrics.filters import Box, Circle
    from pppdash.warehouse.build import Report
    from pppdash.warehouse.read import Warehouse

DONE, REFUSED, WRONG_USE = 0, 1, 2

_errors = Console(stderr=True, highlight=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = _parse(arguments)
    try:
        return int(options.run(options))
    except UsageError as error:
        _say(error)
        return WRONG_USE
    except PppdashError as error:
        _say(error)
        return REFUSED


def _say(error: object) -> None:
    _errors.print(str(error), markup=False, soft_wrap=True)


# -- commands ----------------------------------------------------------------------------------


def _build(options: argparse.Namespace) -> int:
    from pppdash.warehouse.build import Report, build_city, is_current

    try:
        city = load_city(options.city or city_folder(), options.root)
        if options.if_changed and is_current(city):
            return DONE
        with _progress() as progress:
            report = build_city(city, publishes=options.command == "build", progress=progress)
    except UsageError:
        raise
    except PppdashError as error:
        report = Report(errors=[str(error)])
    for line in report.remarks():
        _say(line)
    if options.json:
        print(json.dumps(report.as_dict()))
    elif report.tallies:
        _print_report(report)
    for sentence in report.errors:
        _say(sentence)
    return REFUSED if report.errors else DONE


def _show(options: argparse.Namespace) -> int:
    from pppdash.metrics.compute import compute, parse_filters

    with _warehouse(options) as warehouse:
        filters = parse_filters(warehouse, options.as_of, options.where, _part_of_map(options))
        frame = compute(warehouse, options.metrics, options.by, filters)
        _say_synthetic(warehouse)
    _print_frame(frame, options.format)
    return DONE


def _part_of_map(options: argparse.Namespace) -> Box | Circle | None:
    from pppdash.metrics.filters import parse_within

    numbers = options.within or options.around
    if numbers is None:
        return None
    text = ",".join(map(str, numbers))
    part = parse_within(text)
    if part is None:
        raise UsageError(
            f"{text} holds no place: W lies west of E and S south of N, latitudes run from -90 to "
            "90, longitudes from -180 on, and a radius is above 0."
        )
    return part


def _survey(options: argparse.Namespace) -> int:
    from pppdash.analysis import survey
    from pppdash.metrics.compute import parse_filters

    with _warehouse(options) as warehouse:
        filters = parse_filters(warehouse, options.as_of, [])
        frame = survey.summarize(
            warehouse.query("survey_results", as_of=filters.as_of, segment=""),
            warehouse.query("survey_questions"),
            warehouse.query("survey_waves", as_of=filters.as_of),
            warehouse.build.min_respondents,
        )
        _say_synthetic(warehouse)
    columns = ["question_id", "wave", "n", "mean", "top_two", "top_two_low", "top_two_high"]
    _print_frame(frame[columns], options.format)
    return DONE


def _sample(options: argparse.Namespace) -> int:
    from pppdash.sample import make_sample

    make_sample(options.folder, options.targets, options.buildings, options.seed)
    _say(f"{options.folder} is ready. Build it: python -m pppdash build {options.folder}")
    return DONE


# -- arguments ---------------------------------------------------------------------------------


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse arguments, the city also where it stands behind the options.

    argparse takes a positional that may be left out for left out as soon as an option comes.
    """
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    if len(rest) == 1 and not rest[0].startswith("-") and getattr(options, "city", "") is None:
        options.city = Path(rest[0])
    elif rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m pppdash", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, summary in (
        ("build", "read, check and publish a city"),
        ("check", "do what build does, and publish nothing"),
    ):
        build = _command(commands, name, summary, _build)
        _add_city(build)
        build.add_argument("--root", type=Path, help="where the city's data paths start")
        build.add_argument("--json", action="store_true", help="print the report as one JSON line")
        build.add_argument(
            "--if-changed",
            action="store_true",
            help="do nothing where neither the files nor city.toml nor the program have changed",
        )
    show = _command(commands, "show", "print metrics of a built city", _show)
    show.add_argument("metrics", type=_names, help="names of metrics, as the README lists them")
    _add_city(show)
    show.add_argument("--by", type=_names, default=[], help="dimensions to break down by")
    show.add_argument(
        "--where",
        type=_pair,
        action="extend",
        nargs="+",
        default=[],
        metavar="KEY=VALUE",
        help="sector, size_band or an area layer",
    )
    _add_within(show)
    _add_output(show)
    answers = _command(commands, "survey", "print survey results of a built city", _survey)
    _add_city(answers)
    _add_output(answers)
    sample = _command(commands, "sample", "make a synthetic city", _sample)
    sample.add_argument("folder", type=Path, help="the folder to make")
    sample.add_argument("--targets", type=int, required=True, help="how many targets")
    sample.add_argument("--buildings", type=int, help="how many buildings they are in")
    sample.add_argument("--seed", type=int, default=0, help="another seed, another city")
    return parser


def _command(commands: Any, name: str, summary: str, run: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=summary, description=summary)
    parser.set_defaults(run=run)
    return parser


def _add_city(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "city", type=Path, nargs="?", help="the city's folder; $PPPDASH_CITY, else the sample"
    )


def _add_within(parser: argparse.ArgumentParser) -> None:
    # Numbers apart, not joined by commas: a longitude below zero would be taken for an option.
    part = parser.add_mutually_exclusive_group()
    for option, names, summary in (
        (
            "--within",
            ("W", "S", "E", "N"),
            "a box in degrees; E is beyond 180 across that meridian",
        ),
        (
            "--around",
            ("LON", "LAT", "RADIUS_M"),
            "a circle: its center in degrees, its radius in m",
        ),
    ):
        part.add_argument(option, type=float, nargs=len(names), metavar=names, help=summary)


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--as-of", type=_day, help="the date that every number is true of")
    parser.add_argument("--format", choices=("table", "csv", "json"), default="table")


def _names(text: str) -> list[str]:
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
def _warehouse(options: argparse.Namespace) -> Iterator[Warehouse]:
    from pppdash.warehouse.read import open_warehouse

    folder = Path(options.city or city_folder()).resolve()
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder; name a city's folder.")
    with closing(open_warehouse(folder)) as warehouse:
        yield warehouse


def _say_synthetic(warehouse: Warehouse) -> None:
    if warehouse.build.synthetic:
        _say(f"Synthetic data: {', '.join(warehouse.build.synthetic)}.")


# -- output ------------------------------------------------------------------------------------


@contextmanager
def _progress() -> Iterator[Any]:
    """Show the build's steps on a terminal, and nothing where there is none."""
    columns = (TextColumn("{task.description:<36}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, console=_errors, transient=True, disable=not _errors.is_terminal
    ) as bar:
        task = bar.add_task("", total=None)
        yield lambda step, done, total: bar.update(
            task, description=step, completed=done, total=total
        )


def _print_report(report: Report) -> None:
    counts = {name: values for name, values in report.as_dict()["entities"].items()}
    frame = pd.DataFrame.from_dict(counts, orient="index").rename_axis("entity").reset_index()
    _print_frame(frame, "table")
    if report.published:
        print(f"Build {report.build_id} published in {report.seconds:.1f} s.")
    elif not report.errors:
        print(f"Good to publish, found in {report.seconds:.1f} s; nothing was published.")


def _print_frame(frame: pd.DataFrame, form: str) -> None:
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
        plain[name] = plain[name].dt.strftime("%Y-%m" if name == "month" else "%Y-%m-%d")
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


def _run() -> int:
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    return status


if __name__ == "__main__":
    sys.exit(_run())
