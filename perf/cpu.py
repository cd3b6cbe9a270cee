"""CPU time of this process and of all that it has started, the living and the dead.

Tools run behind the sandbox's walls, started by a server inside; while that lives, what its tools
have used is not among this process's children. So the times of all living descendants are added,
each with those of the children that it has waited for.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

TICK = 1 / os.sysconf("SC_CLK_TCK")
"""Seconds."""
_PARENT, _TIMES = 1, slice(11, 15)
"""Fields of /proc/PID/stat behind the name: the parent; user and system time, own and of waited
children, in ticks."""


class Spent(NamedTuple):
    """What a job took, in seconds."""

    wall: float
    own: float
    """CPU time of this process."""
    others: float
    """Of all that it started."""

    @property
    def cpu(self) -> float:
        """All that the job used."""
        return self.own + self.others


def spent(job: Callable[[], object]) -> Spent:
    """Run `job` and say what it took."""
    begun, (own, others) = time.perf_counter(), _used()
    job()
    wall, (own_after, others_after) = time.perf_counter() - begun, _used()
    return Spent(wall, own_after - own, others_after - others)


def others(seconds: float = 2.0) -> float:
    """The share of the machine's cores that is taken while this process waits: 0 is quiet."""
    begun, before = time.perf_counter(), _machine()
    time.sleep(seconds)
    worked = (_machine() - before) * TICK
    return worked / ((time.perf_counter() - begun) * (os.cpu_count() or 1))


def _used() -> tuple[float, float]:
    mine = resource.getrusage(resource.RUSAGE_SELF)
    dead = resource.getrusage(resource.RUSAGE_CHILDREN)
    living = sum(_of(stat) for stat in _descendants(os.getpid()))
    return mine.ru_utime + mine.ru_stime, dead.ru_utime + dead.ru_stime + living


def _of(stat: list[str]) -> float:
    return sum(map(int, stat[_TIMES])) * TICK


def _descendants(pid: int) -> Iterator[list[str]]:
    by_parent: dict[int, list[tuple[int, list[str]]]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        by_parent.setdefault(int(stat[_PARENT]), []).append((int(folder.name), stat))
    waiting = [pid]
    while waiting:
        for child, stat in by_parent.get(waiting.pop(), ()):
            yield stat
            waiting.append(child)


def _machine() -> int:
    """Ticks that all cores have worked."""
    user, nice, system, _idle, _wait, *more = Path("/proc/stat").read_text().split()[1:8]
    return sum(map(int, (user, nice, system, *more)))
