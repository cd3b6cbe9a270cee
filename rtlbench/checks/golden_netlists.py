"""The goldens' netlists: those of a batch in one pass of Yosys, the last ones kept in memory, and
those of goldens that were seen before in the user's cache folder.

What is kept there hangs on the Spec, Yosys's version and the code that asks it, which are part of
what it is found by.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import msgspec

from rtlbench.errors import HarnessError
from rtlbench.io.cache import find_kept, keep
from rtlbench.records.spec import Spec
from rtlbench.rtl import yosys
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.cells import YosysModule
from rtlbench.rtl.netlist import Netlist, NetlistFailure
from rtlbench.rtl.renaming import renamed_golden

KEPT = 8
"""Goldens that are kept in memory beside those of the batch at hand."""
KIND = "netlists"
"""The folder."""
KEPT_FILES = 600
"""Some 10 kB each."""


class _Kept(msgspec.Struct, frozen=True):
    module: YosysModule
    verilog: str


class GoldenNetlists:
    """Makes the goldens' netlists, and keeps them."""

    def __init__(self) -> None:
        self._known: dict[str, Netlist | None] = {}

    def prepare(self, specs: Sequence[Spec]) -> None:
        """Make what `of` is going to be asked for; what cannot be made here is left to it."""
        wanted = {s.digest(): s for s in specs if s.golden}
        self._forget(wanted)
        units: dict[str, Unit] = {}
        for key, spec in wanted.items():
            if not self._is_known(key):
                with suppress(HarnessError):
                    units[key] = renamed_golden(spec, f"unit{len(units)}_")
        with suppress(HarnessError):
            for key, made in zip(units, yosys.netlists(list(units.values())), strict=True):
                if _is_settled(made):
                    self._keep(key, made)

    def of(self, spec: Spec) -> Netlist | None:
        """The netlist of the Spec's golden; None where Yosys refuses it.

        Raises:
            HarnessError: The golden does not elaborate, or Yosys broke over it.
        """
        key = spec.digest()
        if not self._is_known(key):
            made = yosys.netlists([renamed_golden(spec, "unit0_")])[0]
            if isinstance(made, NetlistFailure) and not _is_settled(made):
                raise HarnessError(f"{spec.id}: the golden has no netlist: {made.message}")
            self._keep(key, made)
        return self._known[key]

    def _is_known(self, key: str) -> bool:
        """Whether it is in memory, or was found on disk and is there now."""
        if key not in self._known:
            found = find_kept(_Kept, netlist_digest(key), KIND)
            if found is not None:
                self._known[key] = Netlist(found.module, found.verilog)
        return key in self._known

    def _keep(self, key: str, made: Netlist | NetlistFailure) -> None:
        if isinstance(made, Netlist):
            self._known[key] = made
            keep(_Kept(made.module, made.verilog), netlist_digest(key), KIND, KEPT_FILES)
        else:
            self._known[key] = None

    def _forget(self, wanted: dict[str, Spec]) -> None:
        spare = [k for k in self._known if k not in wanted]
        for key in spare[: max(0, len(spare) - KEPT)]:
            del self._known[key]


def _is_settled(made: Netlist | NetlistFailure) -> bool:
    """Whether asking again would say the same."""
    return isinstance(made, Netlist) or made.reason == "refused"


def netlist_digest(key: str) -> str:
    """What the netlist of the golden of the Spec with that digest is found by."""
    return hashlib.sha256(f"{key}{_own_digest()}".encode()).hexdigest()


@lru_cache(maxsize=1)
def _own_digest() -> str:
    """Of Yosys's version and of all code that asks it."""
    files = sorted(Path(yosys.__file__).parent.glob("*.py"))
    texts = (f.read_text("utf-8") for f in files)
    said = "\0".join([importlib.metadata.version("pyosys"), *texts])
    return hashlib.sha256(said.encode()).hexdigest()
