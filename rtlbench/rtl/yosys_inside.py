"""What runs inside the sandbox: Yosys from its wheel, on a design of its own for each job.

Standard library and `pyosys` only: the sandbox's server loads it (rtlbench.sandbox.server). Jobs
run in forks, so that they start from nothing, have the limits of a tool for themselves, and take
nobody with them when they crash, hang or eat memory. Warnings and errors come to `job0.log` and so
on.

A fork costs more than a small design, so jobs may share one, some at a time. What a job makes does
not hang on its neighbours: Yosys orders by when a name was first read in its process, so what has
a name is called otherwise while the passes work, by names that are there from the start
(rtlbench.rtl.yosys_names). Whatever goes wrong in company is done again apart, and that counts.
"""

from __future__ import annotations

import json
import math
import os
import resource
import signal
import time
from contextlib import suppress
from typing import Any, NoReturn

from pyosys import libyosys

from rtlbench.rtl import yosys_names

LOG_BYTES = 1 << 18
"""Kept of what one job has to say."""
COMPANY = 16
"""Jobs that share a fork."""
COMPANY_SECONDS = 2
"""CPU seconds of a job in company; six times as long by the clock. One that takes more is done
again apart, with all of its time."""
ONLY_WITH = "with "
"""Before a command: run it only where the design has cells of the kind that follows."""
GATE_LIBRARY = "%gates"
"""What `techmap -map` calls Yosys's own maps to gates: read once for all jobs, where a job asks for
them, since each `techmap` alone would read their file anew."""


def main(argv: list[str]) -> None:
    """Run the jobs of a file.

    The arguments are its name, that of the file that tells how they ended, the wall seconds of
    each, and `company` where they may share a fork.
    """
    _, given, told, wall, *how = argv
    with open(given) as file:
        jobs: list[list[str]] = json.load(file)
    shared = "company" in how
    if any(command.endswith(GATE_LIBRARY) for job in jobs for command in job):
        _read_gate_library()
    if shared:
        yosys_names.number_anew()
    ended: list[dict[str, Any]] = []
    while (at := len(ended)) < len(jobs):
        if shared and len(jobs) - at > 1:
            ended += _in_company(at, jobs[at : at + COMPANY])
            if len(ended) in (at + COMPANY, len(jobs)):
                continue  # all of them went well
        at = len(ended)
        ended.append(_apart(at, jobs[at], int(wall), named=shared))
    with open(told, "w") as file:
        json.dump(ended, file)


def _read_gate_library() -> None:
    """As `techmap` does without `-map`."""
    design = libyosys.Design()
    design.run_pass("read_verilog -nooverwrite -noblackbox -icells +/techmap.v")
    design.run_pass(f"design -save {GATE_LIBRARY.removeprefix('%')}")


def _apart(k: int, commands: list[str], wall: int, *, named: bool) -> dict[str, Any]:
    start = time.monotonic()
    pid = os.fork()
    if pid == 0:
        _become_one(k, commands, wall, named=named)
    _, status, used = os.wait4(pid, 0)
    _cut(k)
    return {
        "code": os.waitstatus_to_exitcode(status),
        "cpu": used.ru_utime + used.ru_stime,
        "wall": time.monotonic() - start,
    }


def _cut(k: int) -> None:
    log = f"job{k}.log"
    if os.path.exists(log) and os.path.getsize(log) > LOG_BYTES:
        os.truncate(log, LOG_BYTES)


def _in_company(at: int, jobs: list[list[str]]) -> list[dict[str, Any]]:
    """How the first of the jobs ended, up to the first with which something went wrong."""
    hear, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        _become_many(at, jobs, tell)
    os.close(tell)
    with os.fdopen(hear) as said:
        lines = said.readlines()
    os.waitpid(pid, 0)
    ended = []
    for k, line in enumerate(lines[: len(jobs)], at):
        _cut(k)
        with suppress(ValueError):  # torn
            ended.append(json.loads(line))
    return ended


def _become_one(k: int, commands: list[str], wall: int, *, named: bool) -> NoReturn:
    """In the fork: one job, with all of its time."""
    code = 1
    try:
        signal.alarm(wall)
        _hear_only(k)
        try:
            _do(commands, named=named)
        except yosys_names.TooManyError:
            _do(commands, named=False)
        code = 0
    except BaseException as e:  # noqa: BLE001 - nothing may escape from a forked child
        os.write(2, f"ERROR: {type(e).__name__}: {e}\n".encode())
    finally:
        os._exit(code)


def _become_many(at: int, jobs: list[list[str]], tell: int) -> NoReturn:
    """In the fork: jobs one after another, until one fails."""
    try:
        for k, commands in enumerate(jobs, at):
            start, used = time.monotonic(), time.process_time()
            signal.alarm(6 * COMPANY_SECONDS)
            _, most = resource.getrlimit(resource.RLIMIT_CPU)
            soon = math.ceil(used) + COMPANY_SECONDS
            soon = soon if most == resource.RLIM_INFINITY else min(soon, most)
            resource.setrlimit(resource.RLIMIT_CPU, (soon, most))
            _hear_only(k)
            _do(commands, named=True, company=True)
            spent = {"code": 0, "cpu": time.process_time() - used, "wall": time.monotonic() - start}
            os.write(tell, f"{json.dumps(spent)}\n".encode())
    finally:
        os._exit(0)


def _hear_only(k: int) -> None:
    """What this process says from now on is job `k`'s."""
    for name, target in (("/dev/null", 1), (f"job{k}.log", 2)):
        fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(fd, target)
        os.close(fd)


def _do(commands: list[str], *, named: bool, company: bool = False) -> None:
    """The commands of one job on a design of its own.

    Raises:
        yosys_names.TooManyError: `named`, and the design has too many objects for that.
        ValueError: It must not have `company`.
    """
    design = libyosys.Design()
    design.run_pass(commands[0])
    if company and _has(design, "$dlatch"):
        raise ValueError("the parts of a latch are named by its name, and so ordered by a number")
    _say_what_is_meant(design)
    back = yosys_names.hide(design) if named else None
    for command in commands[1:]:
        if back and command.startswith("write_"):
            yosys_names.show(design, back)
            back = None
        kind, _, asked = command.removeprefix(ONLY_WITH).partition(" ")
        if not command.startswith(ONLY_WITH):
            design.run_pass(command)
        elif _has(design, kind):
            design.run_pass(asked)


def _has(design: Any, kind: str) -> bool:
    modules = design.modules_.values()
    return any(c.type.str() == kind for m in modules for c in m.cells_.values())


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
