"""How long a cold build of the sample takes, and each page's script on the server: ``make bench``.

A page's script is run in process by Streamlit's own test harness, which includes making every
element's message but neither network nor browser. The first run of a page fills its caches, the
later ones are warm.
"""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "data" / "chicago"
BUILDS = 5
RUNS = 15
SCRIPTS = [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py"))]


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        city = Path(folder) / "city"
        shutil.copytree(SAMPLE, city, ignore=shutil.ignore_patterns("warehouse", "rejected"))
        builds = [_seconds(lambda: _build(city)) for _ in range(BUILDS)]
        os.environ["PPPDASH_CITY"] = str(city)
        print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
        print(", ".join(f"{name} {version(name)}" for name in ("streamlit", "duckdb", "pandas")))
        print("\n| what | first | median | slowest |\n| --- | --: | --: | --: |")
        _row("build the sample, process start included", builds)
        for script in SCRIPTS:
            _row(f"{script.stem}: script on the server", _runs(script))


def _build(city: Path) -> None:
    shutil.rmtree(city / "warehouse", ignore_errors=True)
    command = [sys.executable, "-m", "pppdash", "build", str(city)]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def _runs(script: Path) -> list[float]:
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    if script.name != "app.py":
        page.switch_page(f"pages/{script.name}")
    seconds = [_seconds(page.run) for _ in range(RUNS)]
    if page.exception:
        sys.exit(f"{script.name} failed: {page.exception[0].message}")
    return seconds


def _seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def _row(name: str, seconds: list[float]) -> None:
    first, rest = seconds[0], seconds[1:]
    cells = [first, statistics.median(rest), max(rest)]
    print(f"| {name} | " + " | ".join(f"{1000 * value:,.0f} ms" for value in cells) + " |")


if __name__ == "__main__":
    main()
