"""How far a long wait is, on standard error: on a terminal one bar, which is gone at the end; else
a plain line every ten seconds, whether or not anything came in between.

Either has the phase, how much is done of how much, how many of it passed, the rate, and the time
left where that can be told (rtlbench.io.time_left). A wait within another one is a phase of that,
so that there is never more than one bar. On a terminal nothing is shown of the first second. Where
RTLBENCH_PROGRESS is `off`, nothing is shown at all.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from rtlbench.io.time_left import TimeLeft

if TYPE_CHECKING:
    from rich.text import Text

EVERY = 10.0
"""Seconds between two lines."""
SHORT = 1.0
"""Seconds until there is a bar."""
VARIABLE = "RTLBENCH_PROGRESS"


class Phase:
    """A part of a wait.

    Args:
        name: What is being done, such as `judging`.
        noun: What of, such as `answers`.
        total: How many there are; None where nobody knows.
        ending: What those that pass do, such as `pass`; empty where nothing passes.
    """

    def __init__(
        self, name: str, noun: str = "", total: float | None = None, ending: str = ""
    ) -> None:
        self.name, self.noun, self.total, self.ending = name, noun, total, ending
        self.done: float = 0
        self.passed = 0
        self.notes = ""
        """More to be told of it."""
        self.look: Callable[[], str] = str
        """Asked for more still, each time that something is shown."""
        self._begun = time.monotonic()
        self._left = TimeLeft()

    def advance(self, more: float = 1, passed: int = 0) -> None:
        """So many more are done, and so many of these pass."""
        self.passed += passed
        self.at(self.done + more)

    def at(self, done: float, total: float | None = None) -> None:
        """So many are done in all."""
        self.done = done
        self.total = total if total is not None else self.total
        self._left.note(done)

    def words(self) -> str:
        """`judging: 120 of 831 answers, 40 pass, 12 a second, about 2 min left`."""
        return ", ".join([f"{self.name}: {self.counts()}" if self.counts() else self.name,
                          *self.further()])  # fmt: skip

    def counts(self) -> str:
        """`120 of 831 answers`; empty where nothing is counted."""
        if self.total is None and not self.done:
            return ""
        of = f" of {self.total:,.0f}" if self.total is not None else ""
        return f"{self.done:,.0f}{of} {self.noun}".rstrip()

    def further(self) -> list[str]:
        """What else is known."""
        left = self._left.words(self.total).removeprefix(", ") if self.total is not None else ""
        spent = f"{time.monotonic() - self._begun:.0f} s" if not self.counts() else ""
        passed = f"{self.passed:,} {self.ending}" if self.ending and self.done else ""
        return [w for w in (passed, spent, self._left.rate(), self.notes, self.look(), left)
                if w]  # fmt: skip


class Progress:
    """The wait of this process.

    Args:
        quiet: Whether to show nothing.
        stream: Where it is shown; None for standard error.
    """

    def __init__(self, *, quiet: bool = False, stream: TextIO | None = None) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self._quiet = quiet or os.environ.get(VARIABLE) == "off"
        self._phases: list[Phase] = []
        self._over = threading.Event()
        self._ticking: threading.Thread | None = None
        self._bar: Any = None

    @contextmanager
    def phase(self, phase: Phase) -> Iterator[Phase]:
        """Within, this is what is told of."""
        self._phases.append(phase)
        if self._ticking is None and not self._quiet:
            self._ticking = threading.Thread(target=self._tick, daemon=True)
            self._ticking.start()
        try:
            yield phase
        finally:
            self._phases.remove(phase)
            if not self._phases:
                self._stop()

    def _stop(self) -> None:
        self._over.set()
        if self._ticking is not None:
            self._ticking.join()

    def _tick(self) -> None:
        if self._is_terminal():
            if not self._over.wait(SHORT):
                self._show_bar()
            return
        while not self._over.wait(EVERY):
            self._line()

    def _line(self) -> None:
        phase = self._now()
        if phase is None:
            return
        try:
            print(phase.words(), file=self._stream, flush=True)
        except (OSError, ValueError):  # nobody reads on
            self._over.set()

    def _show_bar(self) -> None:
        from rich.console import Console
        from rich.live import Live

        # What is printed goes above the bar; what goes elsewhere than the terminal stays there.
        console = Console(file=self._stream)
        with Live(
            get_renderable=lambda: bar(self._now(), console.width), console=console,
            refresh_per_second=4, transient=True, redirect_stdout=_is_terminal(sys.stdout),
        ):  # fmt: skip
            self._over.wait()

    def _now(self) -> Phase | None:
        """The innermost phase."""
        try:
            return self._phases[-1]
        except IndexError:
            return None

    def _is_terminal(self) -> bool:
        return _is_terminal(self._stream)


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def bar(phase: Phase | None, width: int) -> Text:
    """One line that fits: the phase, a bar where the end is known, and the rest."""
    from rich.text import Text

    if phase is None:
        return Text()
    words = ", ".join(w for w in (phase.counts(), *phase.further()) if w)
    room = min(40, width - len(phase.name) - len(words) - 3)
    if not phase.total or room < 8:
        return Text(f"{phase.name} {words}"[: width - 1], no_wrap=True, overflow="ellipsis")
    full = round(room * min(1.0, phase.done / phase.total))
    return Text.assemble(
        f"{phase.name} ", ("━" * full, "green"), ("━" * (room - full), "dim"), f" {words}",
        no_wrap=True, overflow="ellipsis",
    )  # fmt: skip


_running: Progress | None = None


@contextmanager
def waiting(  # noqa: PLR0913 - a Phase's, and a Progress's
    name: str, noun: str = "", total: float | None = None, ending: str = "", *,
    quiet: bool = False, stream: TextIO | None = None,
) -> Iterator[Phase]:  # fmt: skip
    """The wait of this process, or a phase of the one that there is: see Phase and Progress."""
    global _running  # noqa: PLW0603 - there is one terminal, and so one bar
    outer = _running
    if outer is None:
        _running = Progress(quiet=quiet, stream=stream)
    assert _running is not None
    try:
        with _running.phase(Phase(name, noun, total, ending)) as phase:
            yield phase
    finally:
        _running = outer
