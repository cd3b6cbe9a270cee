"""A real judging service for the tests: the installed command, on loopback."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import Self

import httpx2

SCRIPT = Path(sysconfig.get_path("scripts")) / "rtlbench"
URL = re.compile(r"listening on (http://\S+)")


class Running:
    """`rtlbench serve` on a free port, ready to judge."""

    def __init__(self, *options: object, **environment: str) -> None:
        argv = [sys.executable, str(SCRIPT), "serve", "--port", "0", *map(str, options)]
        env = {**os.environ, **environment}
        self.process = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True, env=env)
        assert self.process.stderr is not None
        told = next((m for m in map(URL.search, self.process.stderr) if m), None)
        assert told is not None, "it does not start"
        self.url = told[1]
        self._until_ready()

    def _until_ready(self) -> None:
        for _ in range(600):
            try:
                if httpx2.get(f"{self.url}/readyz").status_code == 200:
                    return
            except httpx2.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError("it is never ready")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> int:
        """Its exit status, once it was told to stop."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    @property
    def workers(self) -> list[int]:
        """The processes that judge."""
        tasks = Path(f"/proc/{self.process.pid}/task")
        below = [t.read_text() for t in tasks.glob("*/children")]
        pids = [pid for children in below for pid in children.split()]
        lines = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids}
        return [pid for pid, line in lines.items() if b"judging.worker" in line]

    @property
    def resident(self) -> int:
        """Bytes of memory that it has."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) << 10
