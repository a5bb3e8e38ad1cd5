"""``build``, ``check`` and ``sample``: a city's files, and what serves from them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from pppdash.city import city_folder, load_city
from pppdash.command_line.arguments import DONE, REFUSED, add_city, add_command
from pppdash.command_line.output import print_frame, progress, say
from pppdash.errors import PppdashError, UsageError

if TYPE_CHECKING:
    from pppdash.warehouse.build import Report


def add_commands(commands: Any) -> None:
    """Add this module's commands."""
    for name, summary in (
        ("build", "read, check and publish a city"),
        ("check", "do what build does, and publish nothing"),
    ):
        build = add_command(commands, name, summary, _build)
        add_city(build)
        build.add_argument("--root", type=Path, help="where the city's data paths start")
        build.add_argument("--json", action="store_true", help="print the report as one JSON line")
        build.add_argument(
            "--if-changed",
            action="store_true",
            help="do nothing where neither the files nor city.toml nor the program have changed",
        )
    sample = add_command(commands, "sample", "make a synthetic city", _sample)
    sample.add_argument("folder", type=Path, help="the folder to make")
    sample.add_argument("--targets", type=int, required=True, help="how many targets")
    sample.add_argument("--buildings", type=int, help="how many buildings they are in")
    sample.add_argument("--seed", type=int, default=0, help="another seed, another city")


def _build(options: argparse.Namespace) -> int:
    from pppdash.warehouse.build import Report, build_city, is_current

    try:
        city = load_city(options.city or city_folder(), options.root)
        if options.if_changed and is_current(city):
            return DONE
        with progress() as bar:
            report = build_city(city, publishes=options.command == "build", progress=bar)
    except UsageError:
        raise
    except PppdashError as error:
        report = Report(errors=[str(error)])
    for line in report.remarks():
        say(line)
    if options.json:
        print(json.dumps(report.as_dict()))
    elif report.tallies:
        _print_report(report)
    for sentence in report.errors:
        say(sentence)
    return REFUSED if report.errors else DONE


def _print_report(report: Report) -> None:
    counts = {name: values for name, values in report.as_dict()["entities"].items()}
    frame = pd.DataFrame.from_dict(counts, orient="index").rename_axis("entity").reset_index()
    print_frame(frame, "table")
    if report.published:
        print(f"Build {report.build_id} published in {report.seconds:.1f} s.")
    elif not report.errors:
        print(f"Good to publish, found in {report.seconds:.1f} s; nothing was published.")


def _sample(options: argparse.Namespace) -> int:
    from pppdash.sample import make_sample

    make_sample(options.folder, options.targets, options.buildings, options.seed)
    say(f"{options.folder} is ready. Build it: python -m pppdash build {options.folder}")
    return DONE
