"""Run a command and print its wall time and the peak of its memory as one JSON line.

It runs in a small process of its own, since Linux counts what a process occupied before it became
the command: started from a large one, a small command would look large.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes


def measured(command: list[str]) -> tuple[float, float]:
    """Run a command; return its seconds and the most bytes it held in memory.

    Raises
    ------
    subprocess.CalledProcessError
        The command failed; what it said went to standard error.
    """
    wrapped = [sys.executable, "-m", "benchmarks.usage", *command]
    answer = subprocess.run(wrapped, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    seconds, peak = json.loads(answer.stdout.splitlines()[-1])
    return float(seconds), float(peak)


def main() -> int:
    """Run the command that the arguments are."""
    start = time.perf_counter()
    with subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL) as child:
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    print(json.dumps([time.perf_counter() - start, used.ru_maxrss * UNIT]))
    return child.returncode


if __name__ == "__main__":
    sys.exit(main())
