"""What Yosys's flip-flop cells state outright: clock edge, enable, reset and their polarities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from rtlbench.rtl.yosys_json import Bit, YosysCell

REGISTER_PREFIXES = ("$dff", "$adff", "$sdff", "$aldff", "$sr", "$ff", "$_DFF", "$_SDFF", "$dffsr")


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """The facts that a flip-flop cell states outright."""

    cell: str
    """Yosys's cell type, e.g. `$adffe`."""
    width: int
    rising: bool
    """True when it acts on the rising edge of `clock`."""
    clock: Bit
    q: tuple[Bit, ...]
    d: tuple[Bit, ...]
    enable: Bit | None = None
    enable_high: bool = True
    reset: Bit | None = None
    reset_kind: Literal["none", "sync", "async"] = "none"
    reset_high: bool = True


def register_of(cell: YosysCell) -> Register | None:
    """The facts of a flip-flop cell; None where it has no clock."""
    parts = cell.connections
    if "CLK" not in parts or "Q" not in parts:
        return None
    kind: Literal["none", "sync", "async"] = "none"
    reset: Sequence[Bit] = ()
    high = True
    for port, what in (("ARST", "async"), ("ALOAD", "async"), ("SRST", "sync"), ("CLR", "async")):
        if port in parts:
            kind, reset = what, parts[port]  # type: ignore[assignment]
            high = _flag(cell, f"{port}_POLARITY")
    return Register(
        cell=cell.type,
        width=len(parts["Q"]),
        rising=_flag(cell, "CLK_POLARITY"),
        clock=parts["CLK"][0],
        q=tuple(parts["Q"]),
        d=tuple(parts.get("D", ())),
        enable=parts["EN"][0] if "EN" in parts else None,
        enable_high=_flag(cell, "EN_POLARITY"),
        reset=reset[0] if reset else None,
        reset_kind=kind,
        reset_high=high,
    )


def _flag(cell: YosysCell, parameter: str) -> bool:
    return cell.parameters.get(parameter, "1").endswith("1")
