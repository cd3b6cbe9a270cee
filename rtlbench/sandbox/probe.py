"""Proof of the isolation: a tool tries to get out, and the machine's side looks whether it did."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from rtlbench.errors import HarnessError
from rtlbench.sandbox.backends import python
from rtlbench.sandbox.level import ROOM_BYTES
from rtlbench.sandbox.process import Finished, Limits, read_made, run
from rtlbench.sandbox.sandbox import isolation, private_folder, refusals

LIMITS = Limits(wall=20.0, cpu=5, memory=512 << 20, processes=64)
FORKS = 80


class EscapeAttempt(msgspec.Struct, frozen=True):
    """One way out that was tried."""

    name: str
    escaped: bool
    detail: str = ""


def attempts() -> list[EscapeAttempt]:
    """Try every way out of this thread's sandbox.

    Raises:
        UserError: Isolation is less than the user asks for.
        HarnessError: Not even what is allowed can be done in the sandbox.
    """
    control = _alone("write", "control")
    if control.stdout != "written\n":
        raise HarnessError(f"a tool cannot write to its own folder: {_said(control)}")
    return [*_network(), *_files(), *_processes(), _environment(), *_limits()]


def _try(name: str, argument: object, folder: Path) -> Finished:
    command = python("rtlbench.sandbox.attempts", {})[:-1]
    return run([*command, name, str(argument)], folder=folder, limits=LIMITS)


def _alone(name: str, argument: object) -> Finished:
    with private_folder() as folder:
        return _try(name, argument, folder)


def _said(ran: Finished) -> str:
    """What stopped it, for people."""
    return (ran.stderr.strip().splitlines() or ["nothing came of it"])[-1][:100]


def _told(name: str, ran: Finished, *, escaped: bool) -> EscapeAttempt:
    return EscapeAttempt(name, escaped, "" if escaped else _said(ran))


def _network() -> Iterator[EscapeAttempt]:
    """Services that listen on this machine's loopback."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        ran = _alone("connect", server.getsockname()[1])
        came = False
        with suppress(TimeoutError):
            server.accept()[0].close()
            came = True
    yield _told("connect to a service of this machine (TCP)", ran, escaped=came)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(0.2)
        ran = _alone("send", receiver.getsockname()[1])
        came = False
        with suppress(TimeoutError):
            came = receiver.recv(64) == b"escaped"
    yield _told("send to a service of this machine (UDP)", ran, escaped=came)


def _files() -> Iterator[EscapeAttempt]:
    """Secrets that can be read, and places that can be written."""
    secret = secrets.token_hex(16)
    for place, shown in ((Path.home(), "the home folder"), (Path(tempfile.gettempdir()), "/tmp")):
        try:
            with tempfile.NamedTemporaryFile("w", dir=place, prefix=".rtlbench-") as file:
                file.write(secret)
                file.flush()
                ran = _alone("read", file.name)
        except OSError:
            continue  # there is no such folder to protect
        yield _told(f"read a file in {shown}", ran, escaped=secret in ran.stdout)
    for folder in ("/usr", tempfile.gettempdir(), str(Path(__file__).parent)):
        target = Path(folder) / f"rtlbench-{secret}"
        ran = _alone("write", target)
        escaped = target.exists()
        if escaped:
            target.unlink()
        yield _told(f"write to {folder}", ran, escaped=escaped)


@contextmanager
def _bystander(secret: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of this machine, which a signal ends."""
    argv = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(30)"]
    with subprocess.Popen(argv, env={"SECRET": secret}) as process:
        try:
            yield process
        finally:
            process.kill()


def _processes() -> Iterator[EscapeAttempt]:
    secret = secrets.token_hex(16)
    with _bystander(secret) as process:
        ran = _alone("see", process.pid)
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.2)
        signalled = process.returncode == -signal.SIGUSR1
    yield _told("signal a process of this machine", ran, escaped=signalled)
    yield _told("read its environment", ran, escaped=secret in ran.stdout)
    with private_folder() as folder:
        ran = _try("outlive", "alive", folder)
        before = read_made(folder / "alive")
        time.sleep(0.3)
        escaped = read_made(folder / "alive") != before
    left = "it ended with its tool" if before else _said(ran)
    yield EscapeAttempt("go on after the tool's end", escaped, "" if escaped else left)


def _environment() -> EscapeAttempt:
    name, secret = "RTLBENCH_PROBE_SECRET", secrets.token_hex(16)
    os.environ[name] = secret
    try:
        ran = _alone("environment", name)
    finally:
        del os.environ[name]
    return _told("find a secret in the environment", ran, escaped=secret in ran.stdout)


def _limits() -> Iterator[EscapeAttempt]:
    ran = _alone("fill", ROOM_BYTES)
    shown = f"write more than {ROOM_BYTES >> 20} MB"
    yield _told(shown, ran, escaped=_number(ran) > ROOM_BYTES)
    ran = _alone("fork", FORKS)
    yield _told(f"start more than {LIMITS.processes} processes", ran, escaped=_number(ran) >= FORKS)
    ran = _alone("allocate", 2 * LIMITS.memory)
    yield _told("use more memory than there may be", ran, escaped=_number(ran) > LIMITS.memory)


def _number(ran: Finished) -> int:
    found = ran.stdout.strip()
    return int(found) if found.isdecimal() else 0


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What is in force, and what came of the attempts to get around it."""

    in_force: str
    attempts: tuple[EscapeAttempt, ...]
    notes: tuple[str, ...]
    """What is missing for strict isolation, and why better kinds are not used."""


def examine() -> Report:
    """Try to get out of this thread's sandbox, and say what it lacks.

    Raises:
        UserError: Isolation is less than the user asks for.
    """
    level = isolation()
    notes = [f"not in force: {', '.join(level.missing)}"] if level.missing else []
    notes += refusals()
    try:
        tried = tuple(attempts())
    except HarnessError as e:
        return Report(in_force=str(level), attempts=(), notes=(*notes, str(e)))
    return Report(in_force=str(level), attempts=tried, notes=tuple(notes))
