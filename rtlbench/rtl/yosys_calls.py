"""Yosys by jobs: many in one call, each as if it were alone (rtlbench.rtl.yosys_inside). A command
`with KIND COMMAND` is run where the design has cells of that kind.

`read_slang` is the front end: the parser of the syntax Check, so that what passes there is read
here. Nothing is predefined for it, and no comment directs it: every tool sees the same circuit.

`read_verilog` is the second reader, for the little that the first does not make right or at all:
a register that nothing but an asynchronous reset assigns is left without a driver there (Yosys
0.70), a variable that a block assigns before it reads it may become a loop, and a non-blocking
assignment in an `initial` is refused.
"""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from rtlbench.errors import HarnessError
from rtlbench.sandbox import locate
from rtlbench.sandbox.process import Finished, Limits, Module, read_made, run

WALL_PER_CPU = 6
"""Wall seconds allowed for each CPU second: machines are shared."""
START_SECONDS = 60.0
"""Wall time in which Yosys itself must be there."""
MEMORY = 4 << 30
INSIDE = "rtlbench.rtl.yosys_inside"
"""Not imported here: it loads Yosys."""
JOBS = "jobs.json"
ENDED = "ended.json"
READ = (
    "read_slang --no-synthesis-define --no-default-translate-off-format --ignore-assertions "
    "--ignore-timing --unroll-limit 100000 --threads 1"
)


class Member(NamedTuple):
    """A job that may be done on one design with others."""

    job: int
    """Its number."""
    file: str
    top: str


class Together(msgspec.Struct, frozen=True):
    """Jobs that come to the same, on one design or on many: no two have modules of one name, and
    none speaks of what it does not hold itself."""

    read: str
    """The command of `read_slang`, up to tops and files."""
    members: list[Member]
    commands: list[str]
    """What follows; `{}` stands for the name of what is written."""


class _End(msgspec.Struct, frozen=True):
    """How a job ended: exit status, or the negative number of a signal."""

    code: int
    cpu: float
    wall: float
    made: str = ""


class JobEnd(Finished, frozen=True, kw_only=True):
    """How a job ended."""

    made: str = ""
    """The name of what it wrote with others (see `Together`); empty where it wrote its own."""


def read(file: str, top: str, *, processes: bool = False) -> list[str]:
    """The commands that read a file with `top` as its top module, flat.

    Args:
        processes: Leave processes as they are, with no value chosen for any X.
    """
    return [f"{reader(processes=processes)} --top {top} {file}"]


def reader(*, processes: bool) -> str:
    """The same, up to top module and file."""
    return f"{READ} --no-proc" if processes else READ


def read_again(file: str, top: str) -> list[str]:
    """The same for the second reader."""
    return [f"read_verilog -sv {file}", f"hierarchy -check -top {top}"]


def call(
    folder: Path,
    jobs: Sequence[Sequence[str]],
    cpu: int,
    *,
    company: bool = False,
    together: Together | None = None,
) -> list[JobEnd] | Finished:
    """How each job ended, in order; where the call itself broke, how that ended.

    Args:
        folder: A private folder that holds what the jobs read, and gets what they write.
        jobs: Yosys's commands.
        cpu: Seconds for each job.
        company: Whether jobs may share a process. What they make is the same, and the same as
            that of one job alone; objects get names of their own while the passes work, so that
            no pass but the first may name one.
        together: Those that may share a design, too; only in company.

    Raises:
        HarnessError: Yosys cannot be started.
    """
    wall = cpu * WALL_PER_CPU
    asked = {"jobs": jobs, "wall": wall, "company": company, "together": together}
    (folder / JOBS).write_bytes(msgspec.json.encode(asked))
    limits = Limits(wall=START_SECONDS + float(wall * len(jobs)), cpu=cpu, memory=MEMORY)
    module = Module(INSIDE, str(locate.pyosys().parent))
    ran = run(["yosys", JOBS, ENDED], folder=folder, limits=limits, module=module)
    made = read_made(folder / ENDED)
    if not ran.ok or made is None:
        return ran
    try:
        ends = msgspec.json.decode(made, type=list[_End])
    except msgspec.DecodeError as e:
        raise HarnessError(f"what Yosys's process tells cannot be read: {e}") from e
    return [_finished(folder, k, end, cpu) for k, end in enumerate(ends)]


def _finished(folder: Path, k: int, end: _End, cpu: int) -> JobEnd:
    log = (read_made(folder / f"job{k}.log") or b"").decode("utf-8", "replace")
    slow = end.code == -signal.SIGALRM
    over = end.code == -signal.SIGXCPU or (end.code == -signal.SIGKILL and end.cpu >= cpu)
    return JobEnd(
        argv=("yosys", f"job {k}"),
        made=end.made,
        reason="timeout" if slow or over else "signal" if end.code < 0 else "exit",
        code=end.code,
        stdout="",
        stderr=log,
        truncated=False,
        wall=end.wall,
        cpu=end.cpu,
        stalled=slow and end.cpu < cpu / 2,
    )
