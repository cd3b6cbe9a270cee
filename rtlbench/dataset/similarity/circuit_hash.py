"""What a text does, as a hash: equal for texts whose circuits are the same register for register,
whatever gates, statements or names they are written with.

Yosys makes gates and registers of the text. Inputs, by position, and registers carry words of
random bits, and each gate computes its word; so what a cone of gates is made of plays no part, only
what it computes. Registers start alike but for their initial value and kind; in each round a
register's next words become part of what it is (colour refinement, as Weisfeiler and Lehman do it
on graphs), until no two can be told apart any more; twin registers count once. The hash is that of
the outputs, by position, and of all registers.

Limits: another encoding of the states, or another value in a state that is never reached, is
another function here. A comparison that is true once in thousands of random words is not seen by
them; so the numbers from 512 up that the text names are part of the hash. Latches, derived
clocks and memories are taken as they are; loops of gates, and circuits above MAX_CELLS gates or
MAX_STATE bits of state, have no hash.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

from rtlbench.dataset.similarity.text_features import constants, tokens
from rtlbench.equivalence.gates import COARSE
from rtlbench.errors import HarnessError
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.cells import Bit, YosysCell, YosysModule
from rtlbench.rtl.netlist import Netlist
from rtlbench.rtl.preprocessing import prepare
from rtlbench.rtl.renaming import as_hardware, rename
from rtlbench.rtl.scan import scan
from rtlbench.rtl.slang import Elaboration, elaborate
from rtlbench.rtl.yosys import netlists

PASSES = (
    f"{COARSE}; tribuf; setundef -zero; opt_expr; opt_clean; memory_map; dffunmap; "
    "techmap; simplemap; setundef -undriven -zero; opt_expr; opt_clean -purge"
)
"""To gates; each undefined value is 0 before any pass may choose one."""
MAX_CELLS = 20_000
MAX_STATE = 1 << 12
MAX_ROUNDS = 24
BITS = 1 << 13
"""Random assignments that are tried at once."""
RARE = BITS // 16
"""A number from here up is hit by too few random words."""
_MASK = (1 << BITS) - 1
_STATE = re.compile(r"\$_(?:S?DFF|ALDFF|DLATCH|SR|FF)\w*_|\$(?:a?s?dff|ff|a?dlatch|sr|aldff)\w*")
_DFF = re.compile(r"\$_DFF_([PN])(?:([PN])([01]))?_")


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
    circuit = SampledCircuit(module)
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


class SampledCircuit:
    """A module of gates, and one word a net."""

    def __init__(self, module: YosysModule) -> None:
        self.module = module
        cells = module.cells.values()
        self.state = [c for c in cells if _STATE.fullmatch(c.type)]
        self.gates = [c for c in cells if not _STATE.fullmatch(c.type)]
        self.words: dict[Bit, int] = {"0": 0, "1": _MASK, "x": 0, "z": 0}
        self._give_inputs()
        self.order = self._ordered()

    def _give_inputs(self) -> None:
        ports = [p for p in self.module.ports.values() if p.direction != "output"]
        for place, port in enumerate(ports):
            for k, bit in enumerate(port.bits):
                self.words.setdefault(bit, _random(f"input {place} {k}".encode()))

    def _ordered(self) -> list[YosysCell] | None:
        """The gates, each behind those that it reads; None where they form a loop."""
        known = set(self.words) | {b for c in self.state for b in _outputs(c)}
        drivers: dict[Bit, list[int]] = {}
        for at, cell in enumerate(self.gates):
            for bit in _outputs(cell):
                if bit not in known:
                    drivers.setdefault(bit, []).append(at)
        order = TopologicalSorter(
            {
                at: {driver for bit in _inputs(cell) for driver in drivers.get(bit, ())}
                for at, cell in enumerate(self.gates)
            }
        )
        try:
            return [self.gates[at] for at in order.static_order()]
        except CycleError:
            return None

    def refined(self) -> tuple[list[int], set[bytes]]:
        """The words of the outputs, lowest bit first, and the colours of the registers, once no
        two registers can be told apart any more."""
        initial = self._initial()
        colours = [_digest(_kind(c).encode(), *(initial.get(b, "-") for b in _outputs(c)))
                   for c in self.state]
        classes = 0
        for _ in range(MAX_ROUNDS):
            self._step(colours)
            colours = [_digest(old, *self._facts(c))
                       for old, c in zip(colours, self.state, strict=True)]
            if len(set(colours)) == classes:
                break
            classes = len(set(colours))
        self._step(colours)
        ports = (p for p in self.module.ports.values() if p.direction != "input")
        return [self.words.get(b, 0) for p in ports for b in p.bits], set(colours)

    def _step(self, colours: Sequence[bytes]) -> None:
        for cell, colour in zip(self.state, colours, strict=True):
            for k, bit in enumerate(_outputs(cell)):
                self.words[bit] = _random(colour + bytes([k % 256]))
        assert self.order is not None
        for cell in self.order:
            _compute(cell, self.words)

    def _initial(self) -> dict[Bit, str]:
        found: dict[Bit, str] = {}
        for net in self.module.netnames.values():
            digits = str(net.attributes.get("init", ""))[::-1]
            found.update((b, d) for b, d in zip(net.bits, digits, strict=False) if d in "01")
        return found

    def _facts(self, cell: YosysCell) -> list[str]:
        """The words at a register's inputs; an inverted clock or reset is one of the other kind."""
        found = _DFF.fullmatch(cell.type)
        low = {"C": found[1] == "N", "R": found[2] == "N"} if found else {}
        facts = []
        for port in sorted(cell.connections):
            if cell.port_directions.get(port) == "input":
                for bit in cell.connections[port]:
                    word = self.words.get(bit, 0) ^ (_MASK if low.get(port) else 0)
                    facts.append(f"{port}{word:x}")
        return facts


def _random(seed: bytes) -> int:
    return int.from_bytes(hashlib.shake_128(seed).digest(BITS // 8), "little")


def _digest(head: bytes, *parts: str) -> bytes:
    return hashlib.blake2b(head + "\0".join(parts).encode(), digest_size=16).digest()


def _kind(cell: YosysCell) -> str:
    """A register's kind, without the polarities of its clock and reset."""
    found = _DFF.fullmatch(cell.type)
    return f"dff{found[3] or ''}" if found else cell.type


def _outputs(cell: YosysCell) -> list[Bit]:
    parts = cell.connections.items()
    return [b for port, bits in parts if cell.port_directions.get(port) == "output" for b in bits]


def _inputs(cell: YosysCell) -> list[Bit]:
    parts = cell.connections.items()
    return [b for port, bits in parts if cell.port_directions.get(port) != "output" for b in bits]


def _compute(cell: YosysCell, words: dict[Bit, int]) -> None:
    """Give a gate's output its word; what is no plain gate gives a word of its own."""
    parts, kind = cell.connections, cell.type
    rule = _RULES.get(kind)
    if rule is None:
        read = "".join(f"{words.get(b, 0):x}," for b in _inputs(cell))
        for k, bit in enumerate(_outputs(cell)):
            words[bit] = _random(f"{kind} {k} {read}".encode())
        return
    a = words.get(parts["A"][0], 0)
    b = words.get(parts["B"][0], 0) if "B" in parts else 0
    s = words.get(parts["S"][0], 0) if "S" in parts else 0
    words[parts["Y"][0]] = rule(a, b, s)


_RULES: dict[str, Any] = {
    "$_BUF_": lambda a, _b, _s: a,
    "$_NOT_": lambda a, _b, _s: a ^ _MASK,
    "$_AND_": lambda a, b, _s: a & b,
    "$_NAND_": lambda a, b, _s: a & b ^ _MASK,
    "$_OR_": lambda a, b, _s: a | b,
    "$_NOR_": lambda a, b, _s: (a | b) ^ _MASK,
    "$_XOR_": lambda a, b, _s: a ^ b,
    "$_XNOR_": lambda a, b, _s: a ^ b ^ _MASK,
    "$_ANDNOT_": lambda a, b, _s: a & (b ^ _MASK),
    "$_ORNOT_": lambda a, b, _s: a | (b ^ _MASK),
    "$_MUX_": lambda a, b, s: (a & (s ^ _MASK)) | (b & s),
}
