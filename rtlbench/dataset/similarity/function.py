"""What a text does, as a hash: equal for texts whose circuits are the same register for register,
whatever gates, statements or names they are written with
(rtlbench.dataset.similarity.circuit_words).

Yosys makes gates and registers of the text. The hash is that of the outputs, by position, and of
all registers.

Limits: another encoding of the states, or another value in a state that is never reached, is
another function here. A comparison that is true once in thousands of random words is not seen by
them; so the numbers from 512 up that the text names are part of the hash. Latches, derived
clocks and memories are taken as they are; loops of gates, and circuits above MAX_CELLS gates or
MAX_STATE bits of state, have no hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from rtlbench.dataset.similarity.canonical import constants, tokens
from rtlbench.dataset.similarity.circuit_words import BITS, Circuit
from rtlbench.equivalence.gates import COARSE
from rtlbench.errors import HarnessError
from rtlbench.rtl.netlist import Netlist
from rtlbench.rtl.preprocessing import prepare
from rtlbench.rtl.scan import as_hardware, rename, scan
from rtlbench.rtl.slang import Elaboration, elaborate
from rtlbench.rtl.yosys import Unit, netlists
from rtlbench.rtl.yosys_json import YosysModule

PASSES = (
    f"{COARSE}; tribuf; setundef -zero; opt_expr; opt_clean; memory_map; dffunmap; "
    "techmap; simplemap; setundef -undriven -zero; opt_expr; opt_clean -purge"
)
"""To gates; each undefined value is 0 before any pass may choose one."""
MAX_CELLS = 20_000
MAX_STATE = 1 << 12
RARE = BITS // 16
"""A number from here up is hit by too few random words."""


def functions(codes: Sequence[str]) -> list[bytes | None]:
    """The hash of each text, 16 bytes; None where the tools make no circuit of it.

    Raises:
        HarnessError: Yosys cannot be started.
    """
    units = [_unit(code, f"unit{k}_") for k, code in enumerate(codes)]
    wanted = [k for k, u in enumerate(units) if u is not None]
    made = netlists([u for u in units if u is not None], PASSES)
    found: list[bytes | None] = [None] * len(codes)
    for k, netlist in zip(wanted, made, strict=True):
        if isinstance(netlist, Netlist):
            found[k] = _hash(netlist.module, codes[k])
    return found


def _unit(code: str, prefix: str) -> Unit | None:
    """The text as Yosys may see it; None where the safety rules keep it from the tools."""
    source = prepare(code)
    if source.refusals:
        return None
    try:
        view = elaborate(source.text, None)
        found = scan(view.tree)
    except HarnessError:
        return None
    if view.top is None or any(view.errors) or found.forbidden or found.other_members:
        return None
    if _state_bits(view) > MAX_STATE:
        return None
    text, names = rename(as_hardware(source.text, found), found, prefix)
    return Unit(text, names[view.top.name])


def _state_bits(view: Elaboration) -> int:
    """Bits of all variables, an upper bound of the state."""
    from pyslang.ast import VariableSymbol

    total = 0

    def visit(symbol: Any) -> None:
        nonlocal total
        if isinstance(symbol, VariableSymbol):
            total += int(symbol.type.bitstreamWidth)

    view.compilation.getRoot().visit(visit)
    return total


def _hash(module: YosysModule, code: str) -> bytes | None:
    if len(module.cells) > MAX_CELLS:
        return None
    circuit = Circuit(module)
    if circuit.order is None:
        return None
    digest = hashlib.blake2b(digest_size=16)
    outputs, registers = circuit.refined()
    for word in outputs:
        digest.update(word.to_bytes(BITS // 8, "little"))
    for colour in sorted(registers):
        digest.update(colour)
    shape = [(p.direction, len(p.bits)) for p in module.ports.values()]
    rare = sorted(n for n in constants(tokens(code)) if n >= RARE)
    digest.update(repr((shape, rare)).encode())
    return digest.digest()
