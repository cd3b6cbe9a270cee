"""The one process that generates while this one, and its xdist workers, judge.

Not for tools: what runs here is our own program, for as long as the run takes, with the user's own
environment (an endpoint's key, the GPUs). It ends with this process, however that ends. Its end is
told to everyone by a file beside the answers; until there is one, waiting makes sense.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path

import msgspec

from rtlbench.errors import UserError
from rtlbench.generate.make import Order
from rtlbench.generate.worker import MARK
from rtlbench.io.atomic import write_whole

LOG = "generation.log"
END = "generation.end"
GRACE = 10.0
"""Seconds for it to end when asked to."""


class End(msgspec.Struct, frozen=True):
    """How the child ended."""

    message: str
    """Empty where all that was ordered is there."""


class Child:
    """A running generator.

    Raises:
        UserError: Its log cannot be written.
    """

    def __init__(self, order: Order) -> None:
        self._folder = Path(order.path).parent
        self._log = self._folder / LOG
        self._stopping = False
        forget_end(self._folder)
        try:
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "rtlbench.generate.worker"],
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    env=_environment(),
                    start_new_session=True,
                )
        except OSError as e:
            raise UserError(f"{self._log}: cannot start generating ({e.strerror})") from e
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # then it has ended, and is told of as such
            self._process.stdin.write(msgspec.json.encode(order) + b"\n")
            self._process.stdin.flush()
        self._watch = threading.Thread(target=self._tell_end, daemon=True)
        self._watch.start()

    def stop(self) -> None:
        """End it, if it has not ended by itself."""
        self._stopping = True
        self._process.terminate()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._watch.join()

    def _tell_end(self) -> None:
        code = self._process.wait()
        with suppress(OSError):  # who waits, is told by the folder then
            end = End("" if code == 0 else self._why(code))
            write_whole(self._folder / END, msgspec.json.encode(end))

    def _why(self, code: int) -> str:
        if self._stopping:
            return "generating was stopped"
        lines = self._last_lines()
        told = next((x for x in reversed(lines) if x.startswith(MARK)), None)
        if told is not None:
            return told.removeprefix(MARK)
        ended = (
            f"was ended by {signal.Signals(-code).name}"
            + (" (memory may not have sufficed)" if code == -signal.SIGKILL else "")
            if code < 0
            else f"ended with status {code}" + (f": {lines[-1]}" if lines else "")
        )
        return f"the process that generates answers {ended}; see {self._log}, and run again"

    def _last_lines(self) -> list[str]:
        with suppress(OSError), self._log.open(errors="replace") as log:
            return [x.strip() for x in deque(log, 200) if x.strip()]
        return []


def forget_end(folder: Path) -> None:
    """Remove what an earlier run said of its end.

    Raises:
        UserError: It cannot be removed.
    """
    try:
        (folder / END).unlink(missing_ok=True)
    except OSError as e:
        raise UserError(f"{folder / END}: cannot be removed ({e.strerror})") from e


def end_of(folder: Path) -> End | None:
    """How generating into `folder` ended; None while it goes on."""
    try:
        return msgspec.json.decode((folder / END).read_bytes(), type=End)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as e:
        return End(f"{folder / END}: cannot be read ({e})")


def _environment() -> dict[str, str]:
    """Ours; on the CPU a model leaves half of the cores to those who judge."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"OMP_NUM_THREADS": str(max(1, (cores or 1) // 2)), **os.environ}
