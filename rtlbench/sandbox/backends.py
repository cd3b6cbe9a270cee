"""The backends of the sandbox, best first: one Protocol, one registry."""

from __future__ import annotations

import json
import os
import shutil
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from rtlbench.errors import HarnessError
from rtlbench.sandbox import kernel
from rtlbench.sandbox.level import ROOM_BYTES, ROOM_FILES, Level
from rtlbench.sandbox.locate import PACKAGE, View, current_view
from rtlbench.sandbox.namespaces import DEVICES, SCRATCH

ROOM = "/rtlbench"
"""Where the private folder is, inside."""
USER = "1000"


class Backend(Protocol):
    """A way to shut a sandbox away."""

    @property
    def name(self) -> str:
        """What users call it."""
        ...

    @property
    def room(self) -> str | None:
        """The private folder's path inside; None where it is one of the machine's own."""
        ...

    def level(self) -> Level:
        """What it holds back here.

        Raises:
            HarnessError: It cannot be used here, and why.
        """
        ...

    def command(self, socket: int, room: str) -> list[str]:
        """What starts the sandbox's server."""
        ...


def python(module: str, settings: dict[str, Any]) -> list[str]:
    """A command that runs `main` of one of our modules, by its full name, and nothing else."""
    code = (
        f"import sys; sys.path.append({str(PACKAGE.parent)!r}); "
        f"from {module} import main; main()"
    )
    return [sys.executable, "-I", "-S", "-c", code, json.dumps(settings)]


def server(socket: int, room: str, **settings: Any) -> list[str]:
    """The command of the server itself."""
    given: dict[str, Any] = {
        "socket": socket, "room": room, "enter": False, "alone": False, "landlock": None,
        "outside": str(Path("/proc/self/ns/pid").readlink()),
    }  # fmt: skip
    return python("rtlbench.sandbox.server", {**given, **settings})


CORES = PACKAGE / "sandbox" / "cpu_online"
"""What the C library reads, inside, to know how many cores there are: one. Yosys asks some 50 times
a design, and without that file the kernel writes a page of statistics each time."""


def _links() -> list[tuple[str, str]]:
    """Symbolic links in a new root; C's `tmpfile` knows no other place than /tmp."""
    taken = any(Path(path).is_relative_to("/tmp") for path in _view().readable)
    links = [*_view().links, (str(CORES), "/sys/devices/system/cpu/online")]
    return links if taken else [*links, (ROOM, "/tmp")]


def _full(name: str) -> Level:
    return Level(kind=name, network=True, system=True, folder=ROOM_BYTES, processes=True)


@lru_cache(maxsize=1)
def _view() -> View:
    return current_view()


class Bubblewrap:
    """bubblewrap, where it is installed."""

    name = "bubblewrap"
    room = ROOM

    def level(self) -> Level:
        if shutil.which("bwrap") is None:
            raise HarnessError("it is not installed (package `bubblewrap`)")
        return _full(self.name)

    def command(self, socket: int, room: str) -> list[str]:
        program = shutil.which("bwrap") or "bwrap"
        inner = ["--", *server(socket, room, alone=True)]
        if os.geteuid() != 0:
            own = ["--perms", "0755", "--size", str(ROOM_BYTES), "--tmpfs", room]
            return [program, *_options(""), *own, *_last(room), *inner]
        given = ["--bind", SCRATCH + room, room]
        outer = [program, *_options(SCRATCH), *given, *_last(room), *inner]
        return python("rtlbench.sandbox.namespaces", {**_root(room), "argv": outer})


def _options(origin: str) -> list[str]:
    """What stays outside, and what is shown, found below `origin`."""
    apart = ("user", "ipc", "pid", "net", "uts", "cgroup-try")
    options = [f"--unshare-{space}" for space in apart]
    options += ["--disable-userns", "--uid", USER, "--gid", USER, "--hostname", "sandbox"]
    options += ["--die-with-parent", "--new-session", "--as-pid-1", "--clearenv"]
    for path in _view().readable:
        options += ["--ro-bind", origin + path, path]
    for target, path in _links():
        options += ["--symlink", target, path]
    for device in DEVICES:
        options += ["--dev-bind", device, device]
    return [*options, "--proc", "/proc"]


def _last(room: str) -> list[str]:
    return ["--remount-ro", "/", "--chdir", room]


def _root(room: str) -> dict[str, Any]:
    """What a new root is made of."""
    shown = {"room": room, "readable": _view().readable, "links": _links()}
    return {**shown, "size": ROOM_BYTES, "files": ROOM_FILES}


class Namespaces:
    """The same by system calls, where bubblewrap is not installed."""

    name = "namespaces"
    room = ROOM

    def level(self) -> Level:
        return _full(self.name)

    def command(self, socket: int, room: str) -> list[str]:
        return server(socket, enter=True, alone=True, **_root(room))


class Landlock:
    """Landlock, where namespaces are not allowed: files, and what the kernel's version adds."""

    name = "landlock"
    room = None

    def level(self) -> Level:
        abi = kernel.landlock_abi()
        if not abi:
            raise HarnessError("the kernel has no Landlock, or it is switched off")
        note = "files outside neither read nor written" + (", no TCP" if abi >= 4 else "")
        return Level(kind=self.name, note=note)

    def command(self, socket: int, room: str) -> list[str]:
        seen = [*_view().readable, *(path for _, path in _view().links), *DEVICES]
        listed = [str(PACKAGE.parent)]  # where Python looks for rtlbench
        rules = {"listed": listed, "readable": seen, "writable": [room, "/dev/null"]}
        return server(socket, room, landlock=rules)


class Nothing:
    """No walls: limits, an environment without secrets, and an end to what a tool leaves."""

    name = "none"
    room = None

    def level(self) -> Level:
        return Level(kind=self.name)

    def command(self, socket: int, room: str) -> list[str]:
        return server(socket, room)


_BEST_FIRST: tuple[Backend, ...] = (Bubblewrap(), Namespaces(), Landlock(), Nothing())
BACKENDS: dict[str, Backend] = {one.name: one for one in _BEST_FIRST}
