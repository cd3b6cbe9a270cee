"""What a front door is: a command, what is put before it, and what must not come of it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from tests.attacks.attack import HEAD, STEP
from tests.attacks.yard import Yard

SPEC_ID = "updown_w4_sync"
WRONG_ANSWER = f"{HEAD}{STEP}endmodule\n"
BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[3]
WALL = 600
"""Seconds for one command: the longest, a filter of benches that do not end, takes 200 on two idle
cores."""
_NO_TEXT = re.compile(r"[^\n\t\x20-\x7e\xa0-\U0010ffff]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """How a command ended."""

    code: int
    told: str
    """What it printed, standard error included."""
    wrongs: list[str]
    """What no command may do, whatever it is given."""


class Scene:
    """A yard, and commands that are run in it under one level of isolation."""

    def __init__(self, yard: Yard, level: str) -> None:
        self.yard = yard
        self.level = level
        self.made = ["home/.cache/rtlbench/", "temp/pytest-of-"]
        """Beginnings of the files, below the yard, that a command is to make."""

    def path(self, name: str) -> Path:
        """A file or folder in the current folder of the commands, which it is right to make."""
        self.made.append(f"cwd/{name}")
        return self.yard.cwd / name

    def candidates(self, name: str, **fields: Any) -> Path:
        """A file with one answer, the wrong one unless `fields` say otherwise."""
        line = {"spec_id": SPEC_ID, "rtl": WRONG_ANSWER, **fields}
        path = self.path(name)
        path.write_text(json.dumps(line) + "\n")
        return path

    def rtlbench(self, command: str, *args: str | Path) -> Ran:
        """Run a command of rtlbench."""
        return self.run([str(BIN / "rtlbench"), command, "--isolation", self.level], *args)

    def bench(self, candidates: Path, results: Path) -> Ran:
        """`rtlbench bench` over a file of answers."""
        return self.rtlbench("bench", "--candidates", candidates, "--results", results)

    def run(self, argv: list[str], *args: str | Path) -> Ran:
        """Run any command in the yard."""
        whole: list[str | Path] = [*argv, *args]
        started = subprocess.Popen(
            whole, cwd=self.yard.cwd, env=self.yard.environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            told = started.communicate(timeout=WALL)[0].decode("utf-8", "replace")
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait()
            return Ran(code=-1, told="", wrongs=[f"{argv[1]} does not end"])
        code = started.returncode
        return Ran(code=code, told=told, wrongs=list(self._wrongs(code, told)))

    def _wrongs(self, code: int, told: str) -> Iterator[str]:
        if code not in (0, 1, 2):
            yield f"it ended with {code}: {told[-300:]!r}"
        if "Traceback" in told or "INTERNALERROR" in told:
            yield f"a traceback: {told[-300:]!r}"
        odd = _NO_TEXT.search(told)
        if odd is not None:
            yield f"it prints {odd.group()!r}"
        if self.yard.secret in told:
            yield "it prints a secret"
        if max(map(len, told.splitlines()), default=0) > 4000:
            yield "it prints a line without an end"


Try = Callable[[Scene], list[str]]


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One attack by a front door."""

    name: str
    tries: str
    """In a sentence."""
    act: Try | None = None
    """Does it, and says what came of it; None where `Door.together` does it with the others."""


class Door:
    """Collects the attacks of one family.

    Args:
        together: Does all that have no act of their own, in as few commands as will do; what
            came of each by name.
    """

    def __init__(
        self, name: str, together: Callable[[Scene], dict[str, list[str]]] | None = None
    ) -> None:
        self.name = name
        self.attempts: list[Attempt] = []
        self._together = together

    def tries(self, name: str, tries: str) -> Callable[[Try], Try]:
        """Decorates what does one attack."""

        def note(act: Try) -> Try:
            self.attempts.append(Attempt(name=name, tries=tries, act=act))
            return act

        return note

    def add(self, name: str, tries: str) -> None:
        """One attack that is done with others."""
        self.attempts.append(Attempt(name=name, tries=tries))

    def enter(self, scene: Scene) -> dict[str, list[str]]:
        """Do them all; what went wrong by name."""
        wrongs = self._together(scene) if self._together is not None else {}
        for attempt in self.attempts:
            if attempt.act is not None:
                wrongs[attempt.name] = attempt.act(scene)
        return {name: found for name, found in wrongs.items() if found}
