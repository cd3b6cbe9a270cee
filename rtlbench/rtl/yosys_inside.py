"""What runs inside the sandbox: Yosys from its wheel, a few jobs in a process of their own.

Standard library and `pyosys` only: the sandbox's server loads it (rtlbench.sandbox.server). A fork
costs more than a small circuit does, so one does up to `TOGETHER` jobs, each on a design of its
own. A job that does not end well ends its process, and what befell it there is believed only of
the first job of a process: any other is done again as a first. So each that breaks, hangs or eats
memory has started from nothing, had the limits of a tool for itself, and taken nobody with it.
Warnings and errors come to `job0.log` and so on.
"""

from __future__ import annotations

import json
import os
import signal
import time
from typing import Any, NoReturn

from pyosys import libyosys

LOG_BYTES = 1 << 18
"""Kept of what one job has to say."""
TOGETHER = 16
"""Jobs in one process at most."""

End = dict[str, Any]
"""How a job ended: `code` (the exit status, or the negative number of a signal), and the seconds
of `cpu` and `wall`."""


def main(argv: list[str]) -> None:
    """Run the jobs of a file; the arguments are its name, that of the file that tells how they
    ended, and the wall seconds of each."""
    _, given, told, wall = argv
    with open(given) as file:
        jobs: list[list[str]] = json.load(file)
    ended: list[End] = []
    while len(ended) < len(jobs):
        ended += _some(jobs, len(ended), int(wall))
    with open(told, "w") as file:
        json.dump(ended, file)


def _some(jobs: list[list[str]], first: int, wall: int) -> list[End]:
    """How one or more jobs from the `first` on ended, done by one process."""
    start = time.monotonic()
    here, there = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(here)
        _become(jobs, first, wall, there)
    os.close(there)
    with open(here) as told:
        ended = [json.loads(line) for line in told if line.endswith("\n")]
    _, status, used = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if ended:
        return ended
    _cut(f"job{first}.log")
    spent = used.ru_utime + used.ru_stime
    return [{"code": code, "cpu": spent, "wall": time.monotonic() - start}]


def _become(jobs: list[list[str]], first: int, wall: int, told: int) -> NoReturn:
    """In the fork: jobs, until one does not end well."""
    code = 1
    try:
        os.dup2(os.open("/dev/null", os.O_WRONLY), 1)
        for k in range(first, min(first + TOGETHER, len(jobs))):
            start, before = time.monotonic(), time.process_time()
            signal.alarm(wall)
            log = os.open(f"job{k}.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            os.dup2(log, 2)
            os.close(log)
            _run(jobs[k])
            _cut(f"job{k}.log")
            cpu, took = time.process_time() - before, time.monotonic() - start
            end = {"code": 0, "cpu": cpu, "wall": took}
            os.write(told, json.dumps(end).encode() + b"\n")
        code = 0
    except BaseException as e:  # noqa: BLE001 - nothing may escape from a forked child
        os.write(2, f"ERROR: {type(e).__name__}: {e}\n".encode())
    finally:
        os._exit(code)


def _run(commands: list[str]) -> None:
    """One job, on a design of its own."""
    design = libyosys.Design()
    design.run_pass(commands[0])
    _say_what_is_meant(design)
    for command in commands[1:]:
        design.run_pass(command)


def _cut(log: str) -> None:
    if os.path.exists(log) and os.path.getsize(log) > LOG_BYTES:
        os.truncate(log, LOG_BYTES)


def _say_what_is_meant(design: Any) -> None:
    """What `read_slang` says in its own way, as the passes that follow know it."""
    for module in list(design.modules_.values()):
        for cell in list(module.cells_.values()):
            kind = cell.type.str()
            if kind == "$buf" and cell.getPort(_A).is_fully_undef():
                module.remove(cell)  # nothing drives it, which is no value that is X now and then
            elif kind in _RESET and cell.getPort(_AD).is_fully_def():
                _reset(cell, _RESET[kind])


_A, _AD, _ALOAD, _ARST, _HIGH, _RESET_HIGH, _VALUE = (
    libyosys.IdString(f"\\{name}")
    for name in "A AD ALOAD ARST ALOAD_POLARITY ARST_POLARITY ARST_VALUE".split()
)
_RESET = {"$aldff": "$adff", "$aldffe": "$adffe"}


def _reset(cell: Any, kind: str) -> None:
    """Make a reset of an asynchronous load of a constant."""
    cell.type = libyosys.IdString(kind)
    cell.setParam(_VALUE, cell.getPort(_AD).as_const())
    cell.setParam(_RESET_HIGH, cell.getParam(_HIGH))
    cell.setPort(_ARST, cell.getPort(_ALOAD))
    for name in (_AD, _ALOAD):
        cell.unsetPort(name)
    cell.unsetParam(_HIGH)
