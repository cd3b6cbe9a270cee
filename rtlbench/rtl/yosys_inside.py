"""What runs inside the sandbox: Yosys from its wheel, on a design of its own for each job.

Standard library and `pyosys` only: the sandbox's server loads it (rtlbench.sandbox.server). Jobs
run in forks, so that they start from nothing, have the limits of a tool for themselves, and take
nobody with them when they crash, hang or eat memory. Warnings and errors come to `job0.log` and so
on.

A fork costs more than a small design, and so does each pass before it starts. So jobs of one kind
may be done on one design, many at a time (rtlbench.rtl.yosys_design), and what is left of them may
share a fork. What a job makes does not hang on its neighbours: Yosys orders by when a name was
first read in its process, so what has a name is called otherwise while the passes work, by names
that are there from the start (rtlbench.rtl.yosys_names). What goes wrong on one design is done
again on smaller ones, then in company, and what goes wrong there is done again apart, and that
counts.
"""

from __future__ import annotations

import gc
import json
import math
import os
import re
import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NoReturn

from pyosys import libyosys

from rtlbench.rtl import yosys_names
from rtlbench.rtl.yosys_design import do, do_together

LOG_BYTES = 1 << 18
"""Kept of what one job has to say."""
COMPANY = 16
"""Jobs that share a fork."""
COMPANY_SECONDS = 2
"""CPU seconds of a job in company; six times as long by the clock. One that takes more is done
again apart, with all of its time."""
GATE_LIBRARY = "%gates"
"""What `techmap -map` calls Yosys's own maps to gates: read once for all jobs, where a job asks for
them, since each `techmap` alone would read their file anew."""
TOGETHER = 64, 8
"""Jobs that share a design: a pass takes longer to begin than to work on a small module. Where
something goes wrong with that many, a few at a time are tried."""
TEXT = 1 << 17
"""Bytes of text of all that share a design."""
TOGETHER_SECONDS = 2
"""CPU seconds of all that share a design, and so on."""
ROUNDS = 3
"""So often jobs are tried on one design, without those that the reader refused before."""


def main(argv: list[str]) -> None:
    """Run the jobs of a file; the arguments are its name and that of the file that tells how they
    ended (rtlbench.rtl.yosys_calls)."""
    _, given, told = argv
    gc.disable()  # it would look at all there is, and so have each fork copy that
    with open(given) as file:
        asked: dict[str, Any] = json.load(file)
    jobs: list[list[str]] = asked["jobs"]
    shared: bool = asked["company"]
    if any(command.endswith(GATE_LIBRARY) for job in jobs for command in job):
        _read_gate_library()
    if shared:
        yosys_names.number_anew()
    ended = _on_one_design(asked["together"]) if asked["together"] else {}
    left = [k for k in range(len(jobs)) if k not in ended]
    while left:
        if shared and len(left) > 1:
            part = left[:COMPANY]
            well = _in_company({k: jobs[k] for k in part})
            ended.update(zip(part, well, strict=False))
            left = left[len(well) :]
            if len(well) == len(part):
                continue
        ended[left[0]] = _apart(left[0], jobs[left[0]], asked["wall"], named=shared)
        left = left[1:]
    with open(told, "w") as file:
        json.dump([ended[k] for k in range(len(jobs))], file)


def _on_one_design(asked: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """How those jobs ended that went well so, by number."""
    left: list[list[Any]] = asked["members"]
    ended: dict[int, dict[str, Any]] = {}
    for most in TOGETHER:
        parts, left = list(_parts(left, most)), []
        for n, part in enumerate(parts):
            well, broken = _group(f"together{most}_{n}", part, asked)
            ended.update(well)
            left += broken if len(broken) > TOGETHER[-1] else []
    return ended


def _parts(members: list[list[Any]], most: int) -> Iterator[list[list[Any]]]:
    """So many at most, and no more text than that, but one at least."""
    part: list[list[Any]] = []
    text = 0
    for member in members:
        size = os.path.getsize(member[1])
        if part and (len(part) == most or text + size > TEXT):
            yield part
            part, text = [], 0
        part.append(member)
        text += size
    if part:
        yield part


def _group(
    name: str, members: list[list[Any]], asked: dict[str, Any]
) -> tuple[dict[int, dict[str, Any]], list[list[Any]]]:
    """How those ended that went well; those with which something went wrong, all of them together,
    that was not the reader's refusal."""
    for _ in range(ROUNDS):
        if len(members) < 2:
            break
        number = {top: k for k, _, top in members}
        said = _fork_that_tells(lambda tell: _become_a_group(name, members, asked, tell))  # noqa: B023
        if said:
            return {number[top]: {**said[0]["end"], "made": name} for top in said[0]["tops"]}, []
        refused = _refused(name)
        kept = [m for m in members if m[1] not in refused]
        if len(kept) == len(members):
            return {}, members
        members = kept
    return {}, []


def _refused(name: str) -> set[str]:
    """The files in which the reader found errors."""
    if not os.path.exists(f"{name}.log"):
        return set()
    _cut(name)
    with open(f"{name}.log", errors="replace") as log:
        said = log.read()
    return set(re.findall(r"^(\S+?):\d+(?::\d+)?: (?:error|ERROR):", said, re.M))


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
    _cut(f"job{k}")
    return {
        "code": os.waitstatus_to_exitcode(status),
        "cpu": used.ru_utime + used.ru_stime,
        "wall": time.monotonic() - start,
    }


def _cut(name: str) -> None:
    log = f"{name}.log"
    if os.path.exists(log) and os.path.getsize(log) > LOG_BYTES:
        os.truncate(log, LOG_BYTES)


def _in_company(jobs: dict[int, list[str]]) -> list[dict[str, Any]]:
    """How the first of the jobs ended, up to the first with which something went wrong."""
    ended = _fork_that_tells(lambda tell: _become_many(jobs, tell))[: len(jobs)]
    for k in jobs:
        _cut(f"job{k}")
    return ended


def _fork_that_tells(become: Callable[[int], NoReturn]) -> list[Any]:
    """What a fork has told by the time that it ends, a line of JSON each."""
    hear, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        become(tell)
    os.close(tell)
    with os.fdopen(hear) as said:
        lines = said.readlines()
    os.waitpid(pid, 0)
    told: list[Any] = []
    with suppress(ValueError):  # torn
        told += map(json.loads, lines)
    return told


def _become_one(k: int, commands: list[str], wall: int, *, named: bool) -> NoReturn:
    """In the fork: one job, with all of its time."""
    code = 1
    try:
        signal.alarm(wall)
        _hear_only(f"job{k}")
        try:
            do(commands, named=named)
        except yosys_names.TooManyError:
            do(commands, named=False)
        code = 0
    except BaseException as e:  # noqa: BLE001 - nothing may escape from a forked child
        os.write(2, f"ERROR: {type(e).__name__}: {e}\n".encode())
    finally:
        os._exit(code)


def _become_many(jobs: dict[int, list[str]], tell: int) -> NoReturn:
    """In the fork: jobs one after another, until one fails."""
    try:
        for k, commands in jobs.items():
            begun = _begin(COMPANY_SECONDS)
            _hear_only(f"job{k}")
            do(commands, named=True, company=True)
            os.write(tell, f"{json.dumps(_end(begun))}\n".encode())
    finally:
        os._exit(0)


def _become_a_group(
    name: str, members: list[list[Any]], asked: dict[str, Any], tell: int
) -> NoReturn:
    """In the fork: jobs on one design."""
    try:
        begun = _begin(TOGETHER_SECONDS)
        _hear_only(name)
        _, files, tops = zip(*members, strict=True)
        read = " ".join([asked["read"], *(f"--top {top}" for top in tops), *files])
        done = do_together(read, tops, [c.replace("{}", name) for c in asked["commands"]])
        end = _end(begun)
        end = {"code": 0, "cpu": end["cpu"] / len(members), "wall": end["wall"] / len(members)}
        os.write(tell, f"{json.dumps({'tops': done, 'end': end})}\n".encode())
    finally:
        os._exit(0)


def _begin(seconds: int) -> tuple[float, float]:
    """From now on this fork has so many CPU seconds, and six times as many by the clock."""
    begun = time.monotonic(), time.process_time()
    signal.alarm(6 * seconds)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    soon = math.ceil(begun[1]) + seconds
    soon = soon if most == resource.RLIM_INFINITY else min(soon, most)
    resource.setrlimit(resource.RLIMIT_CPU, (soon, most))
    return begun


def _end(begun: tuple[float, float]) -> dict[str, Any]:
    wall, cpu = time.monotonic() - begun[0], time.process_time() - begun[1]
    return {"code": 0, "cpu": cpu, "wall": wall}


def _hear_only(name: str) -> None:
    """What this process says from now on is that job's, or that of those."""
    for path, target in (("/dev/null", 1), (f"{name}.log", 2)):
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(fd, target)
        os.close(fd)
