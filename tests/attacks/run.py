"""Every family of attacks, each in processes and a yard of its own.

Those by the text of an answer are judged in one process a family; those by the front doors are
commands, as a user gives them.
"""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from rtlbench.io.progress import waiting
from tests.attacks.corpus import attacks
from tests.attacks.doors import doors
from tests.attacks.doors.door import Door, Scene
from tests.attacks.judge import Judged, Report
from tests.attacks.yard import Yard

LEVELS = ("default", "strict")
WORKERS = 2
WALL = 900
"""Seconds for one family: far more than any needs."""
MAX_PEAK = 4 << 30
"""Bytes that neither the harness nor a tool may exceed."""
PR_SET_CHILD_SUBREAPER = 36
TRUE_OUTCOMES = frozenset({"fail", "timeout", "bounded"})
"""`bounded`: too rare for any simulation, and formal says that it looked at so many cycles only."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one family."""

    family: str
    attacks: int
    passes: list[str] = []
    bounded: list[str] = []
    """Those that nobody called proved, and nobody caught: SECURITY.md says so."""
    errors: list[str] = []
    effects: list[str] = []
    harmed: list[str] = []
    seconds: float = 0.0
    refused: int = 0

    def wrongs(self) -> list[str]:
        """Everything that must not be, a line each."""
        return [
            *(f"pass: {w}" for w in self.passes), *(f"error: {w}" for w in self.errors),
            *(f"effect: {w}" for w in self.effects), *(f"harmed by: {w}" for w in self.harmed),
        ]

    @classmethod
    def total(cls, rows: Sequence[Row]) -> Row:
        """The sum of rows."""
        return cls(
            family="all",
            attacks=sum(r.attacks for r in rows),
            passes=[w for r in rows for w in r.passes],
            bounded=[w for r in rows for w in r.bounded],
            errors=[w for r in rows for w in r.errors],
            effects=[w for r in rows for w in r.effects],
            harmed=[w for r in rows for w in r.harmed],
            seconds=sum(r.seconds for r in rows),
            refused=sum(r.refused for r in rows),
        )


def families() -> list[str]:
    """The families' names, in order."""
    return [*dict.fromkeys(a.family for a in attacks()), *(d.name for d in doors())]


def run_all(level: str, chosen: Sequence[str] = ()) -> list[Row]:
    """Run all families, or those chosen, under a level of isolation."""
    _adopt_orphans()
    before = _children()
    names = chosen or families()
    with (
        ThreadPoolExecutor(WORKERS) as pool,
        waiting(f"attacks, isolation {level}", "families", len(names)) as phase,
    ):
        rows = []
        for row in pool.map(lambda f: _run_family(f, level), names):
            rows.append(row)
            phase.notes = f"{sum(r.attacks for r in rows)} attacks"
            phase.advance()
    left = [name for pid, name in _children().items() if pid not in before]
    if left:
        rows.append(Row(family="all", attacks=0, effects=[f"left running: {', '.join(left)}"]))
    return rows


def _run_family(family: str, level: str) -> Row:
    door = next((d for d in doors() if d.name == family), None)
    return _run(family, level) if door is None else _enter(door, level)


def _enter(door: Door, level: str) -> Row:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="attacks-", dir="/var/tmp") as name:
        scene = Scene(Yard.laid_out(Path(name)), level)
        wrongs = door.enter(scene)
        effects = scene.yard.effects(tuple(scene.made))
    return Row(
        family=door.name,
        attacks=len(door.attempts),
        effects=[*effects, *(f"{name}: {w}" for name, found in wrongs.items() for w in found)],
        seconds=time.monotonic() - begun,
    )


def _run(family: str, level: str) -> Row:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="attacks-", dir="/var/tmp") as name:
        yard = Yard.laid_out(Path(name))
        argv = [sys.executable, "-m", "tests.attacks.judge", name, level, family]
        ran = subprocess.run(
            argv, env=yard.environment(), capture_output=True, timeout=WALL, check=False
        )
        effects = yard.effects()
    count = sum(a.family == family for a in attacks())
    if ran.returncode:
        how = signal.strsignal(-ran.returncode) if ran.returncode < 0 else ran.stderr.decode()
        effects.append(f"the harness died: {str(how)[-1500:]}")
        return Row(family=family, attacks=count, effects=effects)
    report = msgspec.json.decode(ran.stdout, type=Report)
    if report.peak > MAX_PEAK:
        effects.append(f"{report.peak >> 20} MB resident")
    return _row(family, report.judged, effects, time.monotonic() - begun)


def _row(family: str, judged: Sequence[Judged], effects: list[str], seconds: float) -> Row:
    wrong = [(j, set(j.outcomes) - TRUE_OUTCOMES) for j in judged]
    return Row(
        family=family,
        attacks=len(judged),
        passes=[j.name for j, odd in wrong if "pass" in odd],
        bounded=[j.name for j in judged if "bounded" in j.outcomes],
        errors=[f"{j.name}: {j.why}" for j, odd in wrong if "error" in odd],
        effects=[*effects, *(f"{j.name}: {leak}" for j in judged for leak in j.leaks)],
        harmed=[j.name for j in judged if j.harmed],
        seconds=seconds,
        refused=sum(j.refused for j in judged),
    )


def _adopt_orphans() -> None:
    """Have every orphan below become a child of this process, where it can be seen."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _children() -> dict[str, str]:
    """Names of the processes that are below this one, by their numbers."""
    found = {}
    for task in Path("/proc/self/task").iterdir():
        for pid in (task / "children").read_text().split():
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            if state != "Z":
                found[pid] = Path(f"/proc/{pid}/comm").read_text().strip()
    return found
