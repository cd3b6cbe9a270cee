"""The one way to run a tool: limits first, evidence after.

Guarantee: the tool runs in this thread's sandbox (rtlbench/sandbox), with limits on wall time,
CPU, memory, file size, processes and open files, an environment that holds nothing but what is
named here, and standard output and error capped; when `run` returns, nothing of it is left alive.

Limits: memory is address space (RLIMIT_AS), per process; all processes of one tool together are
not limited but by their number. Without namespaces the kernel counts all processes of the user.
"""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from rtlbench.errors import HarnessError
from rtlbench.sandbox.sandbox import Sandbox, ToolEnd, open_sandbox, sandbox

LIMIT = 256 << 20
"""Bytes; what the private folder can hold at all."""


def read_made(path: Path, limit: int = LIMIT) -> bytes | None:
    """What a tool wrote to `path`, a name directly in its folder.

    None where there is no plain file of at most `limit` bytes: no link is followed, no pipe or
    device opened for reading, and nothing endless read.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode) or found.st_size > limit:
            return None
        with os.fdopen(fd, "rb", closefd=False) as file:
            return file.read(limit)
    finally:
        os.close(fd)


CHUNK = 65536
END_GRACE = 0.2
"""Seconds that pipes may stay open after a tool and all it left have been ended."""
SHARED_PROCESSES = 4096
"""The least useful limit where the kernel counts all processes of the user."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a tool may use."""

    wall: float = 30.0
    """Seconds of wall time; generous, since machines are shared: CPU time is the real bound."""
    cpu: int = 10
    """Seconds of CPU time per process."""
    memory: int = 2 << 30
    """Bytes of address space per process."""
    file_size: int = 64 << 20
    """Bytes in one file."""
    processes: int = 512
    """Processes and threads at once."""
    output: int = 1 << 20
    """Bytes kept of standard output, and as many of standard error."""


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """How a tool ended.

    `reason` is "exit" when it ended by itself (see `code`), "timeout" when a time limit ended
    it, "signal" when something else did (`code` is then the negative signal number).
    """

    argv: tuple[str, ...]
    reason: Literal["exit", "timeout", "signal"]
    code: int
    stdout: str
    stderr: str
    truncated: bool
    wall: float
    """Seconds."""
    cpu: float
    """CPU seconds, of the tool and of what it waited for."""
    stalled: bool = False
    """True where wall time alone ended it: it waited, or the machine was busy. What a candidate
    can make a tool use up is CPU time, so this is never a candidate's fault."""

    @property
    def ok(self) -> bool:
        """True when the tool ended by itself with status 0."""
        return self.reason == "exit" and self.code == 0


class Module(msgspec.Struct, frozen=True):
    """A module of ours that is a tool and stays loaded in the sandbox (rtlbench.sandbox.server)."""

    name: str
    """In full; its `main` gets the arguments."""
    packages: str
    """The folder of other packages that it imports."""


def run(  # noqa: PLR0913 - what a tool is made of
    argv: Sequence[str],
    *,
    folder: Path,
    limits: Limits,
    env: Mapping[str, str] | None = None,
    trusted: bool = False,
    module: Module | None = None,
) -> Finished:
    """Run `argv` in `folder`, which `private_folder` made, under `limits`.

    Args:
        trusted: Run it outside the sandbox, in any folder: for programs of ours that get no
            input of a candidate's.
        module: Run that with `argv` as arguments, its name in front, instead of a program.

    Raises:
        HarnessError: The program does not exist or cannot be started.
    """
    program = argv[0] if module or "/" in argv[0] else shutil.which(argv[0])
    if program is None:
        raise HarnessError(f"cannot start {argv[0]}: there is no such program")
    box = open_sandbox() if trusted else sandbox()
    inside = str(folder) if trusted else box.inside(folder)
    if inside is None:
        raise HarnessError(f"cannot start {argv[0]} in {folder}: it is no folder of the sandbox")
    start = time.monotonic()
    words, environment = [program, *argv[1:]], _environment(inside, env)
    with _begun(box, words, folder, environment, limits, module) as pipes:
        out, err, ended, timed_out = _collect(box, pipes, start + limits.wall, limits.output)
    code, cpu = (ended.code, ended.cpu) if ended is not None else (-signal.SIGKILL, 0.0)
    if ended is not None and ended.failure:
        raise HarnessError(f"cannot start {argv[0]}: {ended.failure}")
    spent = time.monotonic() - start
    return Finished(
        argv=tuple(argv),
        reason=_reason(code, timed_out=timed_out, cpu=cpu, limits=limits),
        code=code,
        stdout=out.text,
        stderr=err.text,
        truncated=out.truncated or err.truncated,
        wall=spent,
        cpu=cpu,
        stalled=timed_out and cpu < limits.cpu / 2,
    )


def scrubbed_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment that every tool gets: no secrets, one locale, plus `extra`."""
    return {
        "PATH": os.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin"),
        "LANG": "C.UTF-8",
        **(extra or {}),
    }


def _environment(folder: str, extra: Mapping[str, str] | None) -> dict[str, str]:
    return scrubbed_environment({"HOME": folder, "TMPDIR": folder, **(extra or {})})


def _rlimits(limits: Limits, *, shared: bool) -> list[tuple[str, tuple[int, int]]]:
    processes = max(limits.processes, SHARED_PROCESSES) if shared else limits.processes
    values = {"AS": limits.memory, "FSIZE": limits.file_size, "NPROC": processes,
              "NOFILE": 1024, "CORE": 0}  # fmt: skip
    cpu = ("CPU", (limits.cpu, limits.cpu + 1))
    return [cpu, *((name, (value, value)) for name, value in values.items())]


@contextmanager
def _begun(  # noqa: PLR0913, PLR0917 - what a tool is made of
    box: Sandbox,
    argv: Sequence[str],
    folder: Path,
    env: Mapping[str, str],
    limits: Limits,
    module: Module | None,
) -> Iterator[tuple[int, int]]:
    """Start the tool; gives the ends of its pipes. A sandbox that is left half way is closed."""
    try:
        place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as e:
        raise HarnessError(f"cannot start {argv[0]} in {folder}: {e.strerror}") from e
    (out, out_end), (err, err_end) = os.pipe(), os.pipe()
    try:
        rlimits = _rlimits(limits, shared=not box.level.processes)
        loaded = (module.name, module.packages) if module else None
        box.begin(argv, env, rlimits, (place, out_end, err_end), loaded)
        for fd in (place, out_end, err_end):
            os.close(fd)
        yield out, err
    except BaseException:
        box.close()
        raise
    finally:
        os.close(out)
        os.close(err)


class _Capped:
    """Keeps the first `limit` bytes and counts the rest."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.data = bytearray()
        self.truncated = False

    def add(self, chunk: bytes) -> None:
        room = self.limit - len(self.data)
        self.data += chunk[:room]
        self.truncated = self.truncated or len(chunk) > room

    @property
    def text(self) -> str:
        return self.data.decode("utf-8", "replace")


def _collect(
    box: Sandbox, pipes: tuple[int, int], deadline: float, cap: int
) -> tuple[_Capped, _Capped, ToolEnd | None, bool]:
    """What comes out of both pipes, how the tool ended, and whether the deadline ended it."""
    out, err = _Capped(cap), _Capped(cap)
    with selectors.DefaultSelector() as selector:
        for pipe, keeper in zip(pipes, (out, err), strict=True):
            selector.register(pipe, selectors.EVENT_READ, keeper)
        selector.register(box.socket, selectors.EVENT_READ)
        timed_out = not _drain(selector, deadline)
        selector.unregister(box.socket)
        ended = box.end() if timed_out else box.ended()
        _drain(selector, time.monotonic() + END_GRACE)
    return out, err, ended, timed_out


def _drain(selector: selectors.BaseSelector, deadline: float) -> bool:
    """Keep what comes until the server speaks or all pipes are closed; False at the deadline."""
    while selector.get_map():
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        for key, _ in selector.select(left):
            if key.data is None:
                return True
            chunk = os.read(key.fd, CHUNK)
            if chunk:
                key.data.add(chunk)
            else:
                selector.unregister(key.fileobj)
    return True


def _reason(
    code: int, *, timed_out: bool, cpu: float, limits: Limits
) -> Literal["exit", "timeout", "signal"]:
    over_cpu = code in (-signal.SIGXCPU, 128 + signal.SIGXCPU)
    if timed_out or over_cpu or (code == -signal.SIGKILL and cpu >= limits.cpu):
        return "timeout"
    return "signal" if code < 0 else "exit"
