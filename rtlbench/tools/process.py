"""The one way to run a tool: limits first, evidence after.

Guarantee: the tool runs in a session of its own, with limits on wall time, CPU, memory, file
size and open files, an environment that holds nothing but what is named here, and standard
output and error capped; when `run` returns, nothing of its process group is left alive.

Limits: memory is address space (RLIMIT_AS), per process; the number of processes is counted by
the kernel per user, so the limit is a ceiling for all of a user's processes, and the superuser
is not bound by it.
"""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from rtlbench.errors import HarnessError

ISOLATION = "own session, resource limits, scrubbed environment"
"""What is in force around every tool; recorded with every result."""
CHUNK = 65536
END_GRACE = 0.2
"""Seconds between noticing that a tool's pipes closed and insisting that it ends."""


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
    processes: int = 4096
    """Processes of this user at once."""
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

    @property
    def ok(self) -> bool:
        """True when the tool ended by itself with status 0."""
        return self.reason == "exit" and self.code == 0


def run(
    argv: Sequence[str],
    *,
    folder: Path,
    limits: Limits,
    env: Mapping[str, str] | None = None,
) -> Finished:
    """Run `argv` in `folder` under `limits`.

    Raises:
        HarnessError: The program does not exist or cannot be started.
    """
    if shutil.which(argv[0]) is None:  # prlimit's own message would look like the tool's
        raise HarnessError(f"cannot start {argv[0]}: there is no such program")
    command = [*_limiter(limits), *argv]
    start = time.monotonic()
    try:
        child = subprocess.Popen(
            command,
            cwd=folder,
            env=scrubbed_environment(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as e:
        raise HarnessError(f"cannot start {argv[0]}: {e}") from e
    try:
        out, err, timed_out = _collect(child, start + limits.wall, limits.output)
    finally:
        _end_group(child)
    reason = _reason(child.returncode, timed_out=timed_out, spent=_spent(start), limits=limits)
    return Finished(
        argv=tuple(argv),
        reason=reason,
        code=child.returncode,
        stdout=out.text,
        stderr=err.text,
        truncated=out.truncated or err.truncated,
        wall=_spent(start),
    )


def scrubbed_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment that every tool gets: no secrets, one locale, plus `extra`."""
    return {
        "PATH": os.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin"),
        "LANG": "C.UTF-8",
        "HOME": "/nonexistent",
        **(extra or {}),
    }


@lru_cache(maxsize=1)
def _prlimit() -> str | None:
    return shutil.which("prlimit")


def _limiter(limits: Limits) -> list[str]:
    program = _prlimit()
    if program is None:
        raise HarnessError("prlimit (package util-linux) is missing: tools would run unlimited")
    return [
        program,
        f"--cpu={limits.cpu}:{limits.cpu + 1}",
        f"--as={limits.memory}",
        f"--fsize={limits.file_size}",
        f"--nproc={limits.processes}",
        "--nofile=1024",
        "--core=0",
        "--",
    ]


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
    child: subprocess.Popen[bytes], deadline: float, cap: int
) -> tuple[_Capped, _Capped, bool]:
    """Read both pipes until they close or the deadline passes."""
    assert child.stdout is not None
    assert child.stderr is not None
    kept = {child.stdout: _Capped(cap), child.stderr: _Capped(cap)}
    with selectors.DefaultSelector() as selector:
        for pipe, keeper in kept.items():
            selector.register(pipe, selectors.EVENT_READ, keeper)
        while selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                return kept[child.stdout], kept[child.stderr], True
            for key, _ in selector.select(left):
                chunk = os.read(key.fd, CHUNK)
                if chunk:
                    key.data.add(chunk)
                else:
                    selector.unregister(key.fileobj)
    timed_out = not _wait(child, deadline)
    return kept[child.stdout], kept[child.stderr], timed_out


def _wait(child: subprocess.Popen[bytes], deadline: float) -> bool:
    try:
        child.wait(max(deadline - time.monotonic(), END_GRACE))
    except subprocess.TimeoutExpired:
        return False
    return True


def _end_group(child: subprocess.Popen[bytes]) -> None:
    """End whatever is left of the tool's session, and reap the tool."""
    with suppress(ProcessLookupError, PermissionError):  # nothing is left
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdout, child.stderr, child.stdin):
        if pipe is not None and not pipe.closed:
            with suppress(BrokenPipeError):
                pipe.close()


def _reason(
    code: int, *, timed_out: bool, spent: float, limits: Limits
) -> Literal["exit", "timeout", "signal"]:
    over_cpu = code in (-signal.SIGXCPU, 128 + signal.SIGXCPU)
    if timed_out or over_cpu or (code == -signal.SIGKILL and spent >= limits.cpu):
        return "timeout"
    return "signal" if code < 0 else "exit"


def _spent(start: float) -> float:
    return time.monotonic() - start
