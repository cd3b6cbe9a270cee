"""The course of asking: whether to ask no more, and what was sent.

The first Ctrl-C asks no more and waits for what is under way, which may have been paid for; the
second ends at once. Every request is noted before it leaves, so that those that a kill cut off are
known, and the requests that an endpoint counts are those on record.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.generate.answer import Request
from rtlbench.generate.pace import Pace
from rtlbench.io import log

INTERRUPTED = 130
"""The exit code of what Ctrl-C ended."""
PACE = "generation.pace"
"""The pace in words, beside answers that a process of its own asks for, while it does."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StoppedError(UserError):
    """Asking was stopped; what was answered is recorded."""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the log: one request that left."""

    id: str
    """What the endpoint was told as `X-Client-Request-Id`."""
    spec_id: str
    sample: int


class Course:
    """How far asking is to go.

    Args:
        path: Where requests are noted before they leave; None for nowhere.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.stopping = False
        """Whether to ask no more, and to see to its end what is under way."""
        self.failed_before: set[tuple[str, int]] = set()
        """Tasks and samples of requests that failed in earlier runs: that they fail again says
        nothing of the endpoint."""
        self.requests = 0
        """How many left."""
        self.tokens = 0
        """Tokens of answers that were written, those of answers under way included."""
        self._path = path
        self._pace = Pace(time.monotonic())

    def pace(self) -> str:
        """Tokens a second of late, in words; empty before the first of them."""
        return self._pace.words(time.monotonic(), self.tokens)

    def sent(self, request: Request) -> str:
        """Note that a request leaves now; its id.

        Raises:
            UserError: That cannot be written.
        """
        name = uuid.uuid4().hex
        self.requests += 1
        if self._path is not None:
            try:
                log.append(
                    self._path,
                    [Sent(id=name, spec_id=request.spec_id, sample=request.sample)],
                )
            except OSError as e:
                raise UserError(
                    f"{self._path}: cannot note a request there ({e.strerror or e}); mend that and "
                    "run again"
                ) from e
        return name

    @contextmanager
    def stopped_by_signals(self, tell: Callable[[str], None]) -> Iterator[None]:
        """Within, SIGINT and SIGTERM stop asking, and end the process the second time."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def on_signal(_number: int, _frame: Any) -> None:
            if self.stopping:
                tell("ended at once: what was under way is lost")
                sys.stderr.flush()
                os._exit(INTERRUPTED)
            self.stopping = True
            tell("stopping when what is under way has come in; again ends at once")

        before = {number: signal.signal(number, on_signal) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def log_of(answers: Path) -> Path:
    """The log of requests beside an answers file."""
    return answers.with_name(f"{answers.stem}.requests.jsonl")


def requests_sent(answers: Path) -> int | None:
    """How many requests are on record there; None where none were noted."""
    path = log_of(answers)
    return sum(1 for _ in log.whole_lines(path)) if path.is_file() else None
