"""Namespaces by system call: what bubblewrap does, where it is not installed.

Standard library only: sandboxes import it. Started by the superuser, a sandbox runs as nobody: the
kernel does not limit the superuser's processes. `main`, started with `python -I -S`, stands between
the superuser and bubblewrap: it becomes nobody first, with mounts to hand over, what only the
superuser can reach and the private folder among them.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from rtlbench.sandbox import kernel

SCRATCH = "/sys"
"""Mounted over in a mount namespace of our own: it is everywhere, and no tool needs it."""
NOBODY = 65534
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
_ALL = (
    kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWNET
    | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS | kernel.CLONE_NEWCGROUP
)  # fmt: skip


def enter(given: Mapping[str, Any]) -> None:
    """Go on in new namespaces, as their first process, with a root of its own.

    Raises:
        OSError: The kernel refuses one of them.
    """
    leave_user_namespace(_ALL, inside=1000)
    _become_first(given["socket"])
    build_root(given)
    _finish_root(given)
    kernel.pivot_to(SCRATCH)
    kernel.make_read_only("/", recursive=False)
    socket.sethostname("sandbox")
    with suppress(OSError):
        _write("/proc/sys/user/max_user_namespaces", "0")
    kernel.drop_capabilities()


def leave_user_namespace(flags: int, inside: int) -> None:
    """`unshare(flags)`, a user namespace among them, and be user `inside` there.

    The superuser becomes nobody, but keeps the rights over its own files that mounting takes.
    """
    user, group = os.geteuid(), os.getegid()
    if user != 0:
        kernel.unshare(flags)
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{inside} {user} 1")
        _write("/proc/self/gid_map", f"{inside} {group} 1")
        return
    read, write = os.pipe()
    helper = os.fork()
    if helper == 0:
        os.close(write)
        _map_parent(read, f"{inside} {NOBODY} 1\n1 0 1\n")
    kernel.unshare(flags)
    os.write(write, b"!")
    os.close(read)
    os.close(write)
    if os.waitpid(helper, 0)[1] != 0:
        raise OSError(0, "the user map cannot be written")
    os.setresgid(inside, inside, inside)
    os.setgroups([])
    os.setresuid(inside, inside, inside)


def build_root(given: Mapping[str, Any]) -> None:
    """Below SCRATCH: what is to be read, and the private folder with its limits."""
    kernel.mount("", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    flags = kernel.MS_NOSUID | kernel.MS_NODEV
    kernel.mount("tmpfs", SCRATCH, "tmpfs", flags, "size=1m,mode=0755")
    _bind(SCRATCH, given["readable"])
    room = SCRATCH + given["room"]
    _place(room, is_folder=True)
    limits = f"size={given['size']},nr_inodes={given['files']},mode=0755"
    kernel.mount("tmpfs", room, "tmpfs", flags, limits)


def _map_parent(read: int, text: str) -> None:
    """In the helper, which has kept its rights: the maps of the parent's namespace."""
    parent, status = os.getppid(), 1
    try:
        if os.read(read, 1):
            _write(f"/proc/{parent}/uid_map", text)
            _write(f"/proc/{parent}/gid_map", text)
            status = 0
    finally:
        os._exit(status)


def _become_first(fd: int) -> None:
    """Go on in a child, the first process of the new namespace; this process only waits."""
    child = os.fork()
    if child:
        os.close(fd)
        kernel.end_with_parent(signal.SIGKILL)
        os._exit(min(abs(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])), 255))
    kernel.end_with_parent(signal.SIGKILL)


def _finish_root(given: Mapping[str, Any]) -> None:
    for target, path in given["links"]:
        os.makedirs(os.path.dirname(SCRATCH + path), exist_ok=True)
        os.symlink(target, SCRATCH + path)
    for device in DEVICES:
        _place(SCRATCH + device, is_folder=False)
        kernel.mount(device, SCRATCH + device, flags=kernel.MS_BIND)
    _place(SCRATCH + "/proc", is_folder=True)
    flags = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
    kernel.mount("proc", SCRATCH + "/proc", "proc", flags)


def _bind(root: str, paths: Sequence[str]) -> None:
    for path in paths:
        _place(root + path, is_folder=os.path.isdir(path))
        kernel.mount(path, root + path, flags=kernel.MS_BIND | kernel.MS_REC)
        kernel.make_read_only(root + path)


def _place(path: str, *, is_folder: bool) -> None:
    """A folder or file to mount on."""
    os.makedirs(path if is_folder else os.path.dirname(path), exist_ok=True)
    if not is_folder:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))


def _write(path: str, text: str) -> None:
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


def main() -> None:
    """Become nobody in a user namespace, mount what is to be seen, and start the rest."""
    given = json.loads(sys.argv[1])
    flags = kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS
    leave_user_namespace(flags, inside=0)
    build_root(given)
    os.execv(given["argv"][0], given["argv"])
