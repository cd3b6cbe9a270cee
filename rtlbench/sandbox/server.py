"""What runs in a sandbox: starts one tool at a time under its limits, and clears up after it.

Standard library only, started with `python -I -S`. It talks over one socket: a request with the
tool's folder and pipes, then either the tool's end or the word that it must end. Whatever a tool
leaves running is killed before its end is told. It ends when the socket closes.

A tool is a program, or a module of ours that is slow to load. Such a module is loaded here, once,
and opens nothing then; each call runs in a fork that has the limits and the folder of a tool and
none of the server's descriptors.
"""

from __future__ import annotations

import array
import importlib
import json
import os
import resource
import select
import signal
import socket
import sys
from contextlib import suppress
from typing import Any, NoReturn, TypeAlias

from rtlbench.sandbox import kernel, namespaces

REQUEST_BYTES = 1 << 20
END = b"end"
ServerSettings: TypeAlias = dict[str, Any]


def main() -> None:
    """Serve until the client is gone. The settings come as JSON in the first argument."""
    given: ServerSettings = json.loads(sys.argv[1])
    with socket.socket(fileno=given["socket"]) as ours:
        ours.set_inheritable(False)
        if given["enter"]:
            namespaces.enter(given)
        _Server(ours, given).serve()


class _Server:
    def __init__(self, ours: socket.socket, given: ServerSettings) -> None:
        self._socket = ours
        self._alone = _is_alone(given)
        self._rules = kernel.landlock_ruleset(**given["landlock"]) if given["landlock"] else None
        if self._alone:
            kernel.end_with_parent(signal.SIGKILL)  # and all with it: it is their init
        else:
            kernel.adopt_orphans()
            signal.signal(signal.SIGTERM, lambda *_: self._leave())
            kernel.end_with_parent(signal.SIGTERM)
        kernel.gain_nothing()
        kernel.be_untouchable()
        self._woken = _wake_on_child()
        self._null = os.open("/dev/null", os.O_RDWR)  # without it tools fail in odd ways
        room = os.open(given["room"], os.O_RDONLY | os.O_DIRECTORY)
        socket.send_fds(ours, [b"ready"], [room])
        os.close(room)

    def serve(self) -> None:
        """One request after another."""
        while (received := _receive(self._socket)) is not None:
            request, descriptors = received
            if not request:
                continue  # told to end what had ended already
            answer = self._run(request, descriptors)
            with suppress(BrokenPipeError):
                self._socket.send(json.dumps(answer).encode())

    def _run(self, request: ServerSettings, descriptors: list[int]) -> ServerSettings:
        if unloaded := _load(request["module"], request["packages"]):
            for fd in descriptors:
                os.close(fd)
            return {"code": 127, "cpu": 0.0, "failure": unloaded}
        told, tell = os.pipe()
        pid = os.fork()
        if pid == 0:
            self._become(request, descriptors, tell)
        for fd in (*descriptors, tell):
            os.close(fd)
        with os.fdopen(told, "rb") as pipe:
            failure = pipe.read(1000)
        status, cpu = self._wait(pid)
        self._clear()
        code = os.waitstatus_to_exitcode(status)
        return {"code": code, "cpu": cpu, "failure": failure.decode("utf-8", "replace")}

    def _become(self, request: ServerSettings, descriptors: list[int], tell: int) -> NoReturn:
        """In the child: limits, rules, then the tool."""
        try:
            os.setsid()
            kernel.end_with_parent(signal.SIGKILL)
            folder, *pipes = descriptors
            os.fchdir(folder)
            for target, fd in enumerate((self._null, *pipes)):
                os.dup2(fd, target)
            for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            for limit, value in request["limits"]:
                _limit(limit, value)
            if self._rules is not None:
                kernel.restrict_by_landlock(self._rules)
            if request["module"]:
                _call(request)
            os.execve(request["argv"][0], request["argv"], request["env"])
        except BaseException as e:  # noqa: BLE001 - nothing may escape from a forked child
            os.write(tell, str(getattr(e, "strerror", None) or e).encode())
        finally:
            os._exit(127)

    def _wait(self, pid: int) -> tuple[int, float]:
        """Status and CPU seconds of `pid`; the client may have it ended before."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        poll.register(self._woken, select.POLLIN)
        while True:
            done, status, used = os.wait4(pid, os.WNOHANG)
            if done:
                return status, used.ru_utime + used.ru_stime
            ready = [fd for fd, _ in poll.poll()]
            if self._woken in ready:
                os.read(self._woken, 4096)
            if self._socket.fileno() in ready:
                gone = self._socket.recv(64) != END
                os.kill(pid, signal.SIGKILL)
                _, status, used = os.wait4(pid, 0)
                if gone:
                    self._leave()
                return status, used.ru_utime + used.ru_stime

    def _leave(self) -> NoReturn:
        self._clear()
        os._exit(0)

    def _clear(self) -> None:
        """End what the tool left running."""
        if self._alone:
            with suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
            _reap()
            return
        while left := _children():
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            os.waitpid(-1, 0)


def _load(module: str, packages: str) -> str:
    """Have a module of ours, and what it needs of other packages; why not, if not."""
    if module and module not in sys.modules:
        sys.path.append(packages)
        try:
            importlib.import_module(module)
        except Exception as e:  # noqa: BLE001 - the server outlives what cannot be loaded
            return f"{type(e).__name__}: {e}"
    return ""


def _call(request: ServerSettings) -> NoReturn:
    """Be the tool, in a fork of the server."""
    signal.set_wakeup_fd(-1)
    os.closerange(3, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    os.environ.clear()
    os.environ.update(request["env"])
    code = 1
    try:
        sys.modules[request["module"]].main(request["argv"])
        code = 0
    except BaseException as e:  # noqa: BLE001 - nothing may escape from a forked child
        os.write(2, f"{type(e).__name__}: {e}\n".encode())
    finally:
        os._exit(code)


def _is_alone(given: ServerSettings) -> bool:
    """Whether all processes that can be seen are ours, made sure of: they will be killed."""
    if not given["alone"]:
        return False
    space = os.readlink("/proc/self/ns/pid")
    if os.getpid() != 1 or space == given["outside"]:
        raise SystemExit("the sandbox has no processes of its own")
    return True


def _wake_on_child() -> int:
    """A descriptor that becomes readable when a child ends."""
    read, write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    return read


def _receive(ours: socket.socket) -> tuple[ServerSettings, list[int]] | None:
    """A request and the descriptors with it; None when the client is gone."""
    item = array.array("i").itemsize
    data, ancillary, _, _ = ours.recvmsg(
        REQUEST_BYTES, socket.CMSG_SPACE(3 * item), socket.MSG_CMSG_CLOEXEC
    )
    descriptors = array.array("i")
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            descriptors.frombytes(content)
    if not data:
        return None
    return ({} if data == END else json.loads(data)), list(descriptors)


def _limit(name: str, value: list[int]) -> None:
    number = getattr(resource, f"RLIMIT_{name}")
    hard = resource.getrlimit(number)[1]
    fits = [v if hard == resource.RLIM_INFINITY else min(v, hard) for v in value]
    resource.setrlimit(number, (fits[0], fits[1]))


def _reap() -> None:
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def _children() -> list[int]:
    me = os.getpid()
    with open(f"/proc/{me}/task/{me}/children") as file:
        return [int(pid) for pid in file.read().split()]
