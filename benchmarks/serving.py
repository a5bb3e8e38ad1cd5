"""A Streamlit server in a process of its own, and the memory it takes."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "app.py"


@dataclass(frozen=True)
class Server:
    """A server that answers at ``base``."""

    base: str
    process: subprocess.Popen[bytes]

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def memory(self) -> tuple[float, float]:
        """Return the bytes it holds now and the most it ever held (Linux's VmRSS and VmHWM)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        found = dict(re.findall(r"(VmRSS|VmHWM):\s+(\d+) kB", status))
        return 1024.0 * int(found["VmRSS"]), 1024.0 * int(found["VmHWM"])


@contextmanager
def serving(script: Path, environment: Mapping[str, str]) -> Iterator[Server]:
    """Serve a script on a free port for the length of the block, from its own folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "server.port": str(port),
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.enableStaticServing": "true",
        "browser.gatherUsageStats": "false",
    }
    command = [sys.executable, "-m", "streamlit", "run", script.name]
    command += [part for name, value in options.items() for part in (f"--{name}", value)]
    with subprocess.Popen(
        command,
        cwd=script.parent,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            base = f"http://127.0.0.1:{port}"
            _wait_for(f"{base}/_stcore/health", process)
            yield Server(base, process)
        finally:
            process.terminate()


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError("the server stopped while starting")
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(address)
