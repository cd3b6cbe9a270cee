"""What runs inside the sandbox: Yosys from its wheel, a process of its own for each job.

Standard library and `pyosys` only: the sandbox's server loads it (rtlbench.sandbox.server). Each
job gets a fork, so that it starts from nothing, has the limits of a tool for itself, and takes
nobody with it when it crashes, hangs or eats memory. Warnings and errors come to `job0.log` and so
on.
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


def main(argv: list[str]) -> None:
    """Run the jobs of a file; the arguments are its name, that of the file that tells how they
    ended, and the wall seconds of each."""
    _, given, told, wall = argv
    with open(given) as file:
        jobs: list[list[str]] = json.load(file)
    ended = [_apart(f"job{k}.log", job, int(wall)) for k, job in enumerate(jobs)]
    with open(told, "w") as file:
        json.dump(ended, file)


def _apart(log: str, commands: list[str], wall: int) -> dict[str, Any]:
    start = time.monotonic()
    pid = os.fork()
    if pid == 0:
        _become(log, commands, wall)
    _, status, used = os.wait4(pid, 0)
    if os.path.exists(log) and os.path.getsize(log) > LOG_BYTES:
        os.truncate(log, LOG_BYTES)
    return {
        "code": os.waitstatus_to_exitcode(status),
        "cpu": used.ru_utime + used.ru_stime,
        "wall": time.monotonic() - start,
    }


def _become(log: str, commands: list[str], wall: int) -> NoReturn:
    """In the fork: the commands of one job on a design of its own."""
    code = 1
    try:
        signal.alarm(wall)
        os.dup2(os.open("/dev/null", os.O_WRONLY), 1)
        os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), 2)
        design = libyosys.Design()
        design.run_pass(commands[0])
        _say_what_is_meant(design)
        for command in commands[1:]:
            design.run_pass(command)
        code = 0
    except BaseException as e:  # noqa: BLE001 - nothing may escape from a forked child
        os.write(2, f"ERROR: {type(e).__name__}: {e}\n".encode())
    finally:
        os._exit(code)


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
