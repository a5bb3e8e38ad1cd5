"""On what something was measured."""

from __future__ import annotations

import os
import platform
from datetime import date
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("streamlit", "duckdb", "pandas", "folium", "streamlit-folium", "plotly")


def machine(chromium: str) -> str:
    """Return the date, the machine and the versions in two lines."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{date.today():%-d %B %Y}: {platform.system()} {platform.release()}, "
        f"{os.cpu_count()} cores ({_processor()}), {_memory():.0f} GB of memory\n"
        f"Python {platform.python_version()}, {libraries}, Chromium {chromium}"
    )


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text(encoding="utf-8").splitlines() if facts.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
