"""The command line: every page's table without a screen, and the builds behind them.

Exit status: 0 done, 1 refused for the data's sake, 2 wrong use.

A command imports what it needs when it runs: to load everything takes longer than to answer.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from pppdash.command_line import builds, flash_points, gaps, numbers, plan, survey
from pppdash.command_line.arguments import DONE, REFUSED, WRONG_USE
from pppdash.command_line.output import say
from pppdash.errors import PppdashError, UsageError

FAMILIES = (builds, numbers, flash_points, gaps, survey, plan)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = _parse(arguments)
    try:
        return int(options.run(options))
    except UsageError as error:
        say(error)
        return WRONG_USE
    except PppdashError as error:
        say(error)
        return REFUSED


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
    for family in FAMILIES:
        family.add_commands(commands)
    return parser


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
