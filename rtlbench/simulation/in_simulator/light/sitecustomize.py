"""cocotb without its own start, inside the simulator only.

cocotb's package imports its test runner, handles and triggers, and by them pytest, asyncio and much
else, of which the playback uses nothing (rtlbench.simulation.in_simulator.playback): it takes
several times as long as simulating a batch of lanes (docs/performance.md). So `cocotb` is a plain
folder of modules here, and what its interface calls first starts the playback. This folder comes
first in the simulator's PYTHONPATH, and Python imports this file as it starts, before anything of
cocotb. tests/simulation/test_playback.py runs the same lanes without it, by cocotb's own start, and
expects the same results.
"""

from __future__ import annotations

import gc
import sys
from _frozen_importlib_external import PathFinder  # importlib.machinery imports more
from types import ModuleType


def _start() -> None:
    from rtlbench.simulation.in_simulator.playback import start

    start()
    gc.freeze()  # or Python would look all of it through as it ends, for garbage


def _stand_in(name: str) -> ModuleType:
    module = sys.modules[name] = ModuleType(name)
    return module


_found = PathFinder.find_spec("cocotb")
if _found is not None and _found.submodule_search_locations is not None:
    _stand_in("cocotb").__path__ = list(_found.submodule_search_locations)
_stand_in("pygpi").__path__ = []
_stand_in("pygpi.entry").__dict__["load_entry"] = _start
