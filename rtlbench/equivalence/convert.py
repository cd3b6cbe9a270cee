"""From Yosys's gates to a circuit: the graph is built net by net from the outputs back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

import msgspec

from rtlbench.equivalence.aig import FALSE, TRUE, Aig, Lit
from rtlbench.equivalence.circuit import Circuit, CircuitError, CircuitRegister
from rtlbench.equivalence.gates import gates_of, gates_of_many
from rtlbench.rtl.batches import Unit, words_of
from rtlbench.rtl.cells import Bit, YosysCell, YosysModule, YosysPort

MAX_REGISTERS = 1 << 13
GATES = frozenset(
    f"$_{name}_" for name in "BUF NOT AND NAND OR NOR XOR XNOR ANDNOT ORNOT MUX".split()
)
MAX_NODES = 400_000
"""Of all graphs that are kept together."""
Wanted: TypeAlias = tuple[Unit, tuple[str, ...]]
"""A unit, and the ports that clock it."""
_REGISTER = re.compile(r"\$_DFF_([PN])(?:([PN])([01]))?_")


@lru_cache(maxsize=8)
def golden_circuit(unit: Unit, clocks: tuple[str, ...]) -> Circuit:
    """`circuit_of`, kept for the next candidates of the same Spec, and other words of one text."""
    return circuit_of(unit, clocks)


def circuit_of(unit: Unit, clocks: tuple[str, ...]) -> Circuit:
    """The circuit of `unit`, whose registers must all be clocked by the ports `clocks`.

    Raises:
        CircuitError: It cannot be compared, and why.
        HarnessError: Yosys cannot be started.
    """
    return _Converter(gates_of(unit), clocks).convert()


class Circuits:
    """Circuits made ahead of their need, all by one call of Yosys.

    Texts of the same words, apart from white space, come to one circuit. What is too large to be
    kept beside the others, or is not to be had in one call with them, is made when it is asked for.
    """

    def __init__(self, wanted: Iterable[Wanted] = ()) -> None:
        self._known: dict[Wanted, Circuit | CircuitError] = {}
        asked = {_words(w): w for w in wanted}
        if asked:
            self._make(asked)

    def _make(self, asked: Mapping[Wanted, Wanted]) -> None:
        room = MAX_NODES
        made = gates_of_many([unit for unit, _ in asked.values()])
        for (key, (_, clocks)), module in zip(asked.items(), made, strict=True):
            if module is None:
                continue
            try:
                circuit = _Converter(module, clocks).convert()
            except CircuitError as e:
                self._known[key] = e
                continue
            room -= len(circuit.aig)
            if room >= 0:
                self._known[key] = circuit

    def find(self, unit: Unit, clocks: tuple[str, ...]) -> Circuit | None:
        """What `circuit_of` gives; None where that is still to be made.

        Raises:
            CircuitError: It cannot be compared, and why.
        """
        known = self._known.get(_words((unit, clocks)))
        if isinstance(known, CircuitError):
            raise known
        return known


def _words(wanted: Wanted) -> Wanted:
    unit, clocks = wanted
    return msgspec.structs.replace(unit, text=words_of(unit.text)), clocks


class _Converter:
    """Converts one module, depth first and without recursion."""

    def __init__(self, module: YosysModule, clocks: Sequence[str]) -> None:
        self.module = module
        self.aig = Aig()
        self.lits: dict[Bit, Lit] = {"0": FALSE, "1": TRUE}
        self.free: list[int] = []
        self.clocks = tuple(clocks)
        self.leaves: dict[Bit, int] = {}
        self.drivers: dict[Bit, YosysCell] = {}

    def convert(self) -> Circuit:
        """The circuit.

        Raises:
            CircuitError: It cannot be compared, and why.
        """
        inputs = {n: self._input(p.bits) for n, p in self._ports("input")}
        self._find_drivers()
        cells = [c for c in self.module.cells.values() if _REGISTER.fullmatch(c.type)]
        if len(cells) > MAX_REGISTERS:
            raise CircuitError(f"{len(cells):,} registers; the limit is {MAX_REGISTERS:,}")
        self.leaves = {c.connections["Q"][0]: self.aig.leaf() for c in cells}
        initial, names = self._initial_values(), self._names()
        clocks = {inputs[name][0]: name for name in self.clocks if name in inputs}
        registers = tuple(self._register(c, initial, names, clocks) for c in cells)
        outputs = {n: tuple(map(self._lit, p.bits)) for n, p in self._ports("output")}
        data = [r.data for r in registers] + [r.reset for r in registers]
        if not self.aig.support(data).isdisjoint(clocks):
            raise CircuitError("the clock is used as data")
        return Circuit(
            aig=self.aig,
            inputs=inputs,
            outputs=outputs,
            registers=registers,
            free=tuple(self.free),
        )

    def _ports(self, direction: str) -> Iterable[tuple[str, YosysPort]]:
        ports = self.module.ports.items()
        if any(p.direction not in ("input", "output") for _, p in ports):
            raise CircuitError("it has a bidirectional port")
        return [(n, p) for n, p in ports if p.direction == direction]

    def _input(self, bits: list[Bit]) -> tuple[int, ...]:
        nodes = tuple(self.aig.leaf() for _ in bits)
        self.lits.update((b, 2 * n) for b, n in zip(bits, nodes, strict=True))
        return nodes

    def _find_drivers(self) -> None:
        for cell in self.module.cells.values():
            for port, bits in cell.connections.items():
                if cell.port_directions.get(port) != "output":
                    continue
                for bit in bits:
                    if bit in self.drivers or bit in self.lits:
                        raise CircuitError("a net has more than one driver")
                    self.drivers[bit] = cell

    def _initial_values(self) -> dict[Bit, int]:
        found: dict[Bit, int] = {}
        for net in self.module.netnames.values():
            digits = str(net.attributes.get("init", ""))[::-1]
            found.update((b, int(d)) for b, d in zip(net.bits, digits, strict=False) if d in "01")
        return found

    def _names(self) -> dict[Bit, str]:
        found: dict[Bit, str] = {}
        for name, net in self.module.netnames.items():
            if not name.startswith("$"):
                found.update((bit, f"{name}[{k}]") for k, bit in enumerate(net.bits))
        return found

    def _register(
        self,
        cell: YosysCell,
        initial: dict[Bit, int],
        names: dict[Bit, str],
        clocks: dict[int, str],
    ) -> CircuitRegister:
        found = _REGISTER.fullmatch(cell.type)
        assert found is not None
        edge, polarity, value = found.groups()
        parts = cell.connections
        clocked_by = self._lit(parts["C"][0])
        if clocked_by >> 1 not in clocks:
            raise CircuitError("a register has another clock than the task's")
        reset = self._lit(parts["R"][0]) ^ (polarity == "N") if polarity else FALSE
        q = parts["Q"][0]
        return CircuitRegister(
            node=self.leaves[q],
            name=names.get(q, ""),
            data=self._lit(parts["D"][0]),
            clock=clocks[clocked_by >> 1],
            rising=(edge == "P") != bool(clocked_by & 1),
            initial=initial.get(q),
            reset=reset,
            value=int(value or 0),
        )

    def _lit(self, bit: Bit) -> Lit:
        """The literal of a net, its cone built first where it is not yet there."""
        stack = [bit]
        open_bits: set[Bit] = set()
        while stack:
            now = stack[-1]
            missing = [] if now in self.lits else self._missing(now)
            if not missing:
                stack.pop()
                open_bits.discard(now)
                if now not in self.lits:
                    self.lits[now] = self._make(now)
            elif now in open_bits:
                raise CircuitError("a combinational loop, perhaps through a reset")
            else:
                open_bits.add(now)
                stack += missing
        return self.lits[bit]

    def _missing(self, bit: Bit) -> list[Bit]:
        cell = self.drivers.get(bit)
        if cell is None or cell.type == "$anyseq":
            return []
        ports = ("R",) if bit in self.leaves else ("A", "B", "S")
        needed = [b for p in ports for b in cell.connections.get(p, ())]
        return [b for b in needed if b not in self.lits]

    def _make(self, bit: Bit) -> Lit:
        cell = self.drivers.get(bit)
        if isinstance(bit, str):
            raise CircuitError(f"a constant {bit} has come through to the gates")
        if cell is None or cell.type == "$anyseq":
            self.free.append(self.aig.leaf())
            return 2 * self.free[-1]
        if bit in self.leaves:
            return self._seen(cell, 2 * self.leaves[bit])
        return self._gate(cell)

    def _gate(self, cell: YosysCell) -> Lit:
        aig, parts = self.aig, cell.connections
        kind = cell.type
        if kind not in GATES:
            raise CircuitError(f"it holds a {_kind(kind)}")
        a, b, s = (self.lits[parts[p][0]] if p in parts else FALSE for p in "ABS")
        if kind == "$_MUX_":
            return aig.mux(s, b, a)
        if kind in ("$_XOR_", "$_XNOR_"):
            return aig.mux(a, b ^ 1, b) ^ (kind == "$_XNOR_")
        if kind in ("$_OR_", "$_NOR_", "$_ORNOT_"):
            return aig.disj(a, b ^ (kind == "$_ORNOT_")) ^ (kind == "$_NOR_")
        if kind in ("$_AND_", "$_NAND_", "$_ANDNOT_"):
            return aig.conj(a, b ^ (kind == "$_ANDNOT_")) ^ (kind == "$_NAND_")
        return a ^ (kind == "$_NOT_")

    def _seen(self, cell: YosysCell, stored: Lit) -> Lit:
        found = _REGISTER.fullmatch(cell.type)
        assert found is not None
        _, polarity, value = found.groups()
        if not polarity:
            return stored
        reset = self.lits[cell.connections["R"][0]] ^ (polarity == "N")
        return self.aig.mux(reset, int(value), stored)


def _kind(cell_type: str) -> str:
    """A word for a cell that has no place in the comparison."""
    for start, word in (
        ("$_DLATCH", "latch"),
        ("$_SR", "latch"),
        ("$_ALDFF", "register that is loaded asynchronously"),
        ("$_DFFSR", "register with asynchronous set and reset"),
        ("$_TBUF", "tri-state driver"),
        ("$tribuf", "tri-state driver"),
    ):
        if cell_type.startswith(start):
            return word
    return f"cell {cell_type}"
