"""System calls that Python 3.11 has no function for, Landlock's among them.

Standard library only: sandboxes import it. Landlock says what a process and its children may
open, connect to and signal; that of older kernels knows less (TCP since ABI 4, signals since ABI
6); UDP it never stops.
"""

from __future__ import annotations

import ctypes
import os
import platform
from collections.abc import Sequence

_LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 8, 0x1000, 0x4000, 0x40000
MNT_DETACH = 2
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4
_PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 36, 38
_CAPABILITY_VERSION_3 = 0x20080522
_MOUNT_SETATTR = 442
_AT_RECURSIVE, _AT_FDCWD = 0x8000, -100
_ATTR_RDONLY, _ATTR_NOSUID, _ATTR_NODEV = 1, 2, 4
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41, "riscv64": 41}


class _MountAttr(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "userns")]


def _checked(what: str, result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def system_call(what: str, number: int, *arguments: object) -> int:
    """System call `number`; `what` names it in the error.

    Raises:
        OSError: The kernel refuses.
    """
    return _checked(what, int(_LIBC.syscall(ctypes.c_long(number), *arguments)))


def _prctl(what: str, option: int, value: int) -> None:
    zero = ctypes.c_ulong(0)
    _checked(what, _LIBC.prctl(option, ctypes.c_ulong(value), zero, zero, zero))


def end_with_parent(signal: int) -> None:
    """Have this process get `signal` when the thread that started it ends."""
    _prctl("PR_SET_PDEATHSIG", _PR_SET_PDEATHSIG, signal)


def be_untouchable() -> None:
    """Keep other processes of this user from reading or tracing this one."""
    _prctl("PR_SET_DUMPABLE", _PR_SET_DUMPABLE, 0)


def adopt_orphans() -> None:
    """Become the parent of descendants that lose theirs."""
    _prctl("PR_SET_CHILD_SUBREAPER", _PR_SET_CHILD_SUBREAPER, 1)


def gain_nothing() -> None:
    """Have no program that is started from here gain rights (set-user-id and the like)."""
    _prctl("PR_SET_NO_NEW_PRIVS", _PR_SET_NO_NEW_PRIVS, 1)


def drop_capabilities() -> None:
    """Give up all capabilities."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    _checked("capset", _LIBC.capset(header, (ctypes.c_uint32 * 6)()))


def unshare(flags: int) -> None:
    """Leave the namespaces that `flags` name for new ones."""
    _checked("unshare", _LIBC.unshare(ctypes.c_int(flags)))


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """mount(2)."""
    words = [s.encode() for s in (source, target, kind)]
    told = f"mount {target}"
    _checked(told, _LIBC.mount(*words, ctypes.c_ulong(flags), options.encode()))


def make_read_only(path: str, *, recursive: bool = True) -> None:
    """Make the mount at `path` read-only, without set-user-id and devices."""
    attributes = _MountAttr(_ATTR_RDONLY | _ATTR_NOSUID | _ATTR_NODEV, 0, 0, 0)
    system_call(
        "mount_setattr", _MOUNT_SETATTR, ctypes.c_int(_AT_FDCWD), ctypes.c_char_p(path.encode()),
        ctypes.c_uint(_AT_RECURSIVE if recursive else 0), ctypes.byref(attributes),
        ctypes.c_size_t(ctypes.sizeof(attributes)),
    )  # fmt: skip


def pivot_to(path: str) -> None:
    """Make the mount at `path` the root, and let go of the old one."""
    number = _PIVOT_ROOT.get(platform.machine())
    if number is None:
        raise OSError(0, f"pivot_root: not known for {platform.machine()}")
    os.chdir(path)
    here = ctypes.c_char_p(b".")
    system_call("pivot_root", number, here, here)
    _checked("umount", _LIBC.umount2(here, ctypes.c_int(MNT_DETACH)))
    os.chdir("/")


_CREATE, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_FILE_ONLY = _EXECUTE | _WRITE_FILE | _READ_FILE | 1 << 14
_TCP = 3
_SCOPES = 3
RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many rights over files each ABI knows; later ones as many as the last."""


class _Rules(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scope", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def landlock_abi() -> int:
    """The kernel's ABI of Landlock; 0 where there is none."""
    try:
        nothing, size = ctypes.c_void_p(None), ctypes.c_size_t(0)
        return system_call("landlock", _CREATE, nothing, size, ctypes.c_uint(_VERSION))
    except OSError:
        return 0


def landlock_ruleset(
    listed: Sequence[str], readable: Sequence[str], writable: Sequence[str]
) -> int:
    """A descriptor of rules.

    Args:
        listed: Folders whose files' names may be seen.
        readable: What may be read and run.
        writable: What may be used in full.

    Raises:
        OSError: The kernel has no Landlock.
    """
    version = landlock_abi()
    rights = (1 << RIGHTS.get(version, 16)) - 1
    net, scope = (_TCP if version >= 4 else 0), (_SCOPES if version >= 6 else 0)
    rules = _Rules(rights, net, scope)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    made = system_call(
        "landlock_create_ruleset", _CREATE, ctypes.byref(rules), ctypes.c_size_t(size),
        ctypes.c_uint(0),
    )  # fmt: skip
    for path in listed:
        _allow(made, path, _READ_DIR)
    for path in readable:
        _allow(made, path, _READ & rights)
    for path in writable:
        _allow(made, path, rights)
    return made


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no rule
    if not os.path.isdir(path):
        rights &= _FILE_ONLY
    rule = _Beneath(rights, parent)
    system_call(
        "landlock_add_rule", _ADD_RULE, ctypes.c_int(rules), ctypes.c_int(_PATH_BENEATH),
        ctypes.byref(rule), ctypes.c_uint(0),
    )  # fmt: skip
    os.close(parent)


def restrict_by_landlock(rules: int) -> None:
    """Put this process, which may gain nothing any more, under `rules`."""
    system_call("landlock_restrict_self", _RESTRICT_SELF, ctypes.c_int(rules), ctypes.c_uint(0))
