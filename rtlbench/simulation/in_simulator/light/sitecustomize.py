"""Stand-ins, inside the simulator only, for modules of which nothing is used there.

cocotb imports pytest for its exception types, asyncio for two more, the debugger for a flag, and
importlib.metadata for its own version, to log it. That takes longer than simulating a whole batch
of lanes (150 of 260 ms of cocotb's import where it was measured; docs/performance.md). This folder
comes first in the simulator's PYTHONPATH, and Python imports this file as it starts, before
anything of cocotb. tests/simulation/test_playback.py runs the same lanes without it and expects the
same results.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType


class _UnusedError(Exception):
    """What no code inside the simulator raises."""


class _Marker:
    Exception = _UnusedError


class _Config:
    """No configuration is read."""


def _stand_in(name: str, **content: object) -> ModuleType:
    module = sys.modules[name] = ModuleType(name)
    module.__dict__.update(content)
    return module


_stand_in("pytest", raises=_Marker, skip=_Marker, xfail=_Marker)
_stand_in("_pytest")
_stand_in("_pytest.assertion", install_importhook=lambda _config: None)
_stand_in("_pytest.config", Config=_Config)
_stand_in("pdb")
_stand_in(
    "asyncio",
    CancelledError=type("CancelledError", (BaseException,), {}),
    InvalidStateError=type("InvalidStateError", (Exception,), {}),
)
importlib.metadata = _stand_in("importlib.metadata", version=lambda _distribution: "unknown")
