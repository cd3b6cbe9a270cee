"""Landlock by system call: what a process and its children may open, connect to and signal.

Standard library only: workshops import it. The Landlock of older kernels knows less (TCP since
ABI 4, signals since ABI 6); UDP it never stops.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence

from rtlbench.sandbox.kernel import system_call

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


def abi() -> int:
    """The kernel's ABI of Landlock; 0 where there is none."""
    try:
        nothing, size = ctypes.c_void_p(None), ctypes.c_size_t(0)
        return system_call("landlock", _CREATE, nothing, size, ctypes.c_uint(_VERSION))
    except OSError:
        return 0


def ruleset(listed: Sequence[str], readable: Sequence[str], writable: Sequence[str]) -> int:
    """A descriptor of rules.

    Args:
        listed: Folders whose files' names may be seen.
        readable: What may be read and run.
        writable: What may be used in full.

    Raises:
        OSError: The kernel has no Landlock.
    """
    version = abi()
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


def restrict(rules: int) -> None:
    """Put this process, which may gain nothing any more, under `rules`."""
    system_call("landlock_restrict_self", _RESTRICT_SELF, ctypes.c_int(rules), ctypes.c_uint(0))
