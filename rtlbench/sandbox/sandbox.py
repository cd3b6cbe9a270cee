"""One sandbox a thread: entered when a tool is first run, left when the thread ends.

Guarantee: a sandbox that dies, by whatever a tool did to it, costs the tool's own run and no
other: the next run gets a new one. When a run is over, nothing of it is alive.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from rtlbench.errors import HarnessError, UserError
from rtlbench.sandbox.backends import BACKENDS, Backend
from rtlbench.sandbox.level import Level, wish
from rtlbench.sandbox.namespaces import NOBODY
from rtlbench.sandbox.server import END, REQUEST_BYTES

START_SECONDS = 30.0
STOP_SECONDS = 10.0
"""How long a server may take to end a tool before it is ended itself."""
ANSWER_BYTES = 65536


class ToolEnd(NamedTuple):
    """What the server says of a tool."""

    code: int
    cpu: float
    """Seconds that it and what it waited for used."""
    failure: str
    """Why it could not be started; empty when it was."""


class Sandbox:
    """A server behind walls of one backend, and the private folder that it works in.

    Raises:
        HarnessError: It cannot be started here, and why.
    """

    def __init__(self, backend: Backend) -> None:
        self.level: Level = backend.level()
        self.pid = os.getpid()
        self._own = None if backend.room else tempfile.mkdtemp(prefix="rtlbench-")
        self._inside = backend.room or str(self._own)
        self._jobs: dict[str, str] = {}
        self._count = 0
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                backend.command(theirs.fileno(), self._inside),
                env={"LANG": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._room = self._await_ready()
        ends = (self.pid, self.socket, self._process, self._room, self._own)
        self.close = weakref.finalize(self, _close, *ends)

    def _await_ready(self) -> int:
        self.socket.settimeout(START_SECONDS)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, REQUEST_BYTES)
        told, room = b"", list[int]()
        with suppress(OSError):
            told, room, _, _ = socket.recv_fds(self.socket, 64, 1)
        self.socket.settimeout(None)
        if told == b"ready" and room:
            os.set_inheritable(room[0], False)
            return room[0]
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        said = self._process.communicate()[1].decode("utf-8", "replace").strip().splitlines()
        _close(self.pid, self.socket, self._process, None, self._own)
        raise HarnessError(said[-1] if said else "it does not start")

    @property
    def usable(self) -> bool:
        """Whether it is of this process and alive."""
        return self.close.alive and self.pid == os.getpid()

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """A private folder, gone afterwards with all that is beside it.

        Its path leads through a descriptor, so that nothing a tool renames can redirect it.
        """
        self._count += 1
        name = f"job{self._count}"
        os.mkdir(name, 0o755, dir_fd=self._room)
        job = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=self._room)
        path = f"/proc/self/fd/{job}"
        self._jobs[path] = name
        try:
            yield Path(path)
        finally:
            del self._jobs[path]
            os.close(job)
            if self.usable:
                self._tidy()

    def _tidy(self) -> None:
        """Remove all that belongs to no job; where that fails, leave the sandbox."""
        try:
            there = set(os.listdir(self._room))  # noqa: PTH208 - of a descriptor
            for name in there - set(self._jobs.values()):
                _remove(name, self._room)
        except (OSError, RecursionError):
            self.close()

    def inside(self, folder: Path) -> str | None:
        """What a tool calls a folder that `folder` made; None for any other."""
        name = self._jobs.get(str(folder))
        return f"{self._inside}/{name}" if name else None

    def begin(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        limits: Sequence[tuple[str, tuple[int, int]]],
        descriptors: tuple[int, int, int],
        module: tuple[str, str] | None = None,
    ) -> None:
        """Start a tool; `descriptors` are its folder, standard output and standard error.

        Args:
            module: Of ours, whose `main` is the tool and gets `argv`, and the folder of the
                packages that it needs; None for a program.
        """
        if os.geteuid() == 0 and self._own is None:
            _give_away(descriptors[0])
        name, packages = module or ("", "")
        request = {"argv": list(argv), "env": dict(env), "limits": list(limits),
                   "module": name, "packages": packages}  # fmt: skip
        with suppress(BrokenPipeError, ConnectionResetError):  # `ended` will tell
            socket.send_fds(self.socket, [json.dumps(request).encode()], descriptors)

    def ended(self) -> ToolEnd | None:
        """What the server has to say; None where it is gone, and the sandbox with it."""
        data = b""
        with suppress(ConnectionResetError):
            data = self.socket.recv(ANSWER_BYTES)
        if not data:
            self.close()
            return None
        return ToolEnd(**json.loads(data))

    def end(self) -> ToolEnd | None:
        """Have the server end the tool."""
        with suppress(BrokenPipeError, ConnectionResetError):
            self.socket.send(END)
        with selectors.DefaultSelector() as selector:
            selector.register(self.socket, selectors.EVENT_READ)
            if selector.select(STOP_SECONDS):
                return self.ended()
        self.close()
        return None


def _close(
    pid: int,
    ours: socket.socket,
    process: subprocess.Popen[bytes],
    room: int | None,
    own: str | None,
) -> None:
    """Let go of a server, which then ends; in a forked child, of what was inherited only."""
    ours.close()
    if room is not None:
        os.close(room)
    if process.stderr is not None:
        process.stderr.close()
    if pid != os.getpid():
        process.returncode = 0  # not ours to wait for
        return
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if own is not None:
        shutil.rmtree(own, ignore_errors=True)


def _remove(name: str, room: int) -> None:
    try:
        os.unlink(name, dir_fd=room)
    except OSError:
        shutil.rmtree(name, dir_fd=room)


def _give_away(folder: int) -> None:
    """Make what the superuser wrote in `folder` the tools' own, so that they can write it."""
    for _, folders, files, at in os.fwalk(".", dir_fd=folder, follow_symlinks=False):
        os.fchown(at, NOBODY, NOBODY)
        for name in (*folders, *files):
            if os.stat(name, dir_fd=at, follow_symlinks=False).st_uid == 0:
                os.chown(name, NOBODY, NOBODY, dir_fd=at, follow_symlinks=False)


_held = threading.local()


def sandbox() -> Sandbox:
    """This thread's sandbox, as good as the user's wish.

    Raises:
        UserError: The wish is strict and there is nothing strict here.
        HarnessError: Not even a sandbox without walls starts.
    """
    wanted = wish()
    held: tuple[str, Sandbox] | None = getattr(_held, "walled", None)
    if held is not None and held[0] == wanted and held[1].usable:
        return held[1]
    _held.walled = wanted, _start(wanted)
    return sandbox()


def open_sandbox() -> Sandbox:
    """This thread's sandbox without walls, for programs and input that are trusted.

    Raises:
        HarnessError: It does not start.
    """
    held: Sandbox | None = getattr(_held, "open", None)
    if held is None or not held.usable:
        held = _held.open = Sandbox(BACKENDS["none"])
    return held


def refusals() -> list[str]:
    """Why better backends than this thread's sandbox are not used, a line each."""
    sandbox()
    return list(_held.refusals)


def _start(wanted: str) -> Sandbox:
    reasons: list[str] = []
    _held.refusals = reasons
    for name, backend in BACKENDS.items():
        if wanted == "none" and name != "none":
            continue
        try:
            if wanted == "strict" and (missing := backend.level().missing):
                raise HarnessError(f"not enough (missing: {', '.join(missing)})")
            return Sandbox(backend)
        except HarnessError as e:
            reasons.append(f"{name}: {e}")
    if wanted == "strict":
        raise UserError(
            "strict isolation is not to be had here. " + "; ".join(reasons) + ". Install the "
            "package `bubblewrap` and allow user namespaces (docs/isolation.md), or choose "
            "`--isolation default`"
        )
    raise HarnessError("tools cannot be run: " + "; ".join(reasons))


def isolation() -> Level:
    """What is in force around the tools of this thread.

    Raises:
        UserError: Less than the user asks for.
    """
    return sandbox().level


@contextmanager
def behind(name: str) -> Iterator[Level]:
    """Have this thread's tools run behind walls of one backend, whatever is wished.

    Raises:
        HarnessError: It cannot be used here, and why.
    """
    before = getattr(_held, "walled", None)
    made = Sandbox(BACKENDS[name])
    _held.walled = wish(), made
    try:
        yield made.level
    finally:
        _held.walled = before
        made.close()


@contextmanager
def private_folder() -> Iterator[Path]:
    """A folder for one job, the only place that its tools can write; gone afterwards.

    Its path is good in this process only: tools run in it and are given relative names.
    """
    with sandbox().folder() as path:
        yield path
