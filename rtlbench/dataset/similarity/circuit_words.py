"""A circuit of gates and registers, told by what it computes on random words.

Inputs, by position, and registers carry words of random bits, and each gate computes its word; so
what a cone of gates is made of plays no part, only what it computes. Registers start alike but for
their initial value and kind; in each round a register's next words become part of what it is
(colour refinement, as Weisfeiler and Lehman do it on graphs), until no two can be told apart any
more; twin registers count once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from rtlbench.rtl.yosys_json import Bit, YosysCell, YosysModule

MAX_ROUNDS = 24
BITS = 1 << 13
"""Random assignments that are tried at once."""
_MASK = (1 << BITS) - 1
_STATE = re.compile(r"\$_(?:S?DFF|ALDFF|DLATCH|SR|FF)\w*_|\$(?:a?s?dff|ff|a?dlatch|sr|aldff)\w*")
_DFF = re.compile(r"\$_DFF_([PN])(?:([PN])([01]))?_")


class Circuit:
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
        waiting: dict[Bit, list[int]] = {}
        missing: list[int] = []
        ready: list[int] = []
        driven = {b for c in self.gates for b in _outputs(c)}
        for at, cell in enumerate(self.gates):
            needs = {b for b in _inputs(cell) if b in driven and b not in known}
            missing.append(len(needs))
            for bit in needs:
                waiting.setdefault(bit, []).append(at)
            if not needs:
                ready.append(at)
        order: list[YosysCell] = []
        while ready:
            cell = self.gates[ready.pop()]
            order.append(cell)
            for bit in _outputs(cell):
                for at in waiting.pop(bit, ()):
                    missing[at] -= 1
                    if not missing[at]:
                        ready.append(at)
        return order if len(order) == len(self.gates) else None

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
