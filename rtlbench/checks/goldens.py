"""The goldens' netlists: the measure for ports and synthesis."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from rtlbench.errors import HarnessError
from rtlbench.records.spec import Spec
from rtlbench.rtl.netlist import Netlist, NetlistFailure
from rtlbench.rtl.renaming import renamed_golden
from rtlbench.rtl.yosys import Unit, netlists

KEPT = 8
"""Goldens that are kept beside those of the batch at hand."""


class Goldens:
    """Makes the goldens' netlists, those of a batch in one pass of Yosys, and keeps the last."""

    def __init__(self) -> None:
        self._known: dict[str, Netlist | None] = {}

    def prepare(self, specs: Sequence[Spec]) -> None:
        """Make what `of` is going to be asked for; what cannot be made here is left to it."""
        wanted = {s.digest(): s for s in specs if s.golden}
        self._forget(wanted)
        units: dict[str, Unit] = {}
        for key, spec in wanted.items():
            if key not in self._known:
                with suppress(HarnessError):
                    units[key] = renamed_golden(spec, f"unit{len(units)}_")
        with suppress(HarnessError):
            for key, made in zip(units, netlists(list(units.values())), strict=True):
                if _is_settled(made):
                    self._keep(key, made)

    def of(self, spec: Spec) -> Netlist | None:
        """The netlist of the Spec's golden; None where Yosys refuses it.

        Raises:
            HarnessError: The golden does not elaborate, or Yosys broke over it.
        """
        key = spec.digest()
        if key not in self._known:
            made = netlists([renamed_golden(spec, "unit0_")])[0]
            if isinstance(made, NetlistFailure) and not _is_settled(made):
                raise HarnessError(f"{spec.id}: the golden has no netlist: {made.message}")
            self._keep(key, made)
        return self._known[key]

    def _keep(self, key: str, made: Netlist | NetlistFailure) -> None:
        self._known[key] = made if isinstance(made, Netlist) else None

    def _forget(self, wanted: dict[str, Spec]) -> None:
        spare = [k for k in self._known if k not in wanted]
        for key in spare[: max(0, len(spare) - KEPT)]:
            del self._known[key]


def _is_settled(made: Netlist | NetlistFailure) -> bool:
    """Whether asking again would say the same."""
    return isinstance(made, Netlist) or made.reason == "refused"
