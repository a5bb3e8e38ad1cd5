"""Run proofs and bring their tables in docs/methods.md up to date.

    python -m proofs [NAME …]

Each proof is a module of this package with ``main() -> str``, which returns Markdown; it stands in
docs/methods.md between ``<!-- begin proof NAME -->`` and ``<!-- end proof NAME -->``.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from datetime import UTC, datetime

from scripts.make_docs import METHODS, between

NAMES: tuple[str, ...] = ("chances", "flash-points", "gaps", "outreach", "survey")


def main() -> None:
    """Run the proofs named, else all."""
    parser = argparse.ArgumentParser(prog="python -m proofs", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    names = parser.parse_args().names or NAMES
    if unknown := set(names) - set(NAMES):
        parser.error(f"no proof of {', '.join(sorted(unknown))}; there are: {', '.join(NAMES)}")
    for name in names:
        start = time.perf_counter()
        print(f"{name} ...", file=sys.stderr, flush=True)
        found = importlib.import_module(f"proofs.{name.replace('-', '_')}").main()
        stamp = f"`python -m proofs {name}`, {datetime.now(UTC):%Y-%m-%d}, "
        text = f"{found}\n\n{stamp}{time.perf_counter() - start:,.0f} s."
        print(text)
        before = METHODS.read_text(encoding="utf-8")
        METHODS.write_text(between(f"proof {name}", before, text), encoding="utf-8")


if __name__ == "__main__":
    main()
