"""The netlist of one module, and what can be read off it."""

from __future__ import annotations

import random
import re
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType
from typing import Literal

import msgspec

from rtlbench.rtl.cells import (
    MEMORY_PREFIX,
    REGISTER_PREFIXES,
    Bit,
    Register,
    YosysCell,
    YosysDesign,
    YosysModule,
    YosysNet,
    is_sequential,
    register_of,
    sources,
)

LATCHES = frozenset({"$dlatch", "$adlatch", "$dlatchsr", "$sr"})


class NetlistFailure(msgspec.Struct, frozen=True):
    """Why there is no netlist: Yosys refused the text, ran out of time, or broke."""

    reason: Literal["refused", "timeout", "signal", "exit"]
    message: str


class Netlist:
    """One flat module, with its graph computed once."""

    def __init__(self, module: YosysModule, verilog: str = "") -> None:
        self.module = module
        self.verilog = verilog
        """As Yosys writes it; empty where it was not asked to."""

    @cached_property
    def inputs(self) -> dict[str, list[Bit]]:
        """Bits of each input port, lowest first."""
        return {n: p.bits for n, p in self.module.ports.items() if p.direction == "input"}

    @cached_property
    def outputs(self) -> dict[str, list[Bit]]:
        """Bits of each output port, lowest first."""
        return {n: p.bits for n, p in self.module.ports.items() if p.direction == "output"}

    @cached_property
    def cell_counts(self) -> dict[str, int]:
        """How many cells of each type."""
        counts: dict[str, int] = defaultdict(int)
        for cell in self.module.cells.values():
            counts[cell.type] += 1
        return dict(counts)

    @cached_property
    def drivers(self) -> dict[Bit, list[tuple[YosysCell, int]]]:
        """Cells that drive each bit: (cell, index of the bit in its output)."""
        found: dict[Bit, list[tuple[YosysCell, int]]] = defaultdict(list)
        for cell in self.module.cells.values():
            for port, bits in cell.connections.items():
                if cell.port_directions.get(port) == "output":
                    for index, bit in enumerate(bits):
                        if isinstance(bit, int):
                            found[bit].append((cell, index))
        return found

    @cached_property
    def cone(self) -> frozenset[Bit]:
        """Every bit that some output depends on, registers passed through."""
        start = [b for bits in self.outputs.values() for b in bits]
        return frozenset(self._reach(start))

    @cached_property
    def floating_bits(self) -> list[Bit]:
        """Bits that outputs depend on and nothing drives."""
        given = {b for bits in self.inputs.values() for b in bits}
        return sorted(
            (b for b in self.cone if b not in given and not self.drivers.get(b)), key=str
        )

    def _reach(self, start: Iterable[Bit]) -> set[Bit]:
        seen: set[Bit] = set()
        stack = list(start)
        while stack:
            bit = stack.pop()
            if bit in seen or isinstance(bit, str):
                continue
            seen.add(bit)
            for cell, index in self.drivers.get(bit, ()):
                stack.extend(sources(cell, index))
        return seen

    @cached_property
    def unused_input_bits(self) -> dict[str, list[int]]:
        """Indices of input bits that no output depends on, by port; ports without are absent."""
        found = {
            name: [k for k, bit in enumerate(bits) if bit not in self.cone]
            for name, bits in self.inputs.items()
        }
        return {name: bits for name, bits in found.items() if bits}

    @cached_property
    def idle_output_bits(self) -> dict[str, dict[int, str]]:
        """Output bits that are constant ("0", "1"), undriven ("z") or undefined ("x")."""
        inputs = {b for bits in self.inputs.values() for b in bits}
        found: dict[str, dict[int, str]] = {}
        for name, bits in self.outputs.items():
            idle = {k: s for k, bit in enumerate(bits) if (s := self._idle(bit, inputs))}
            if idle:
                found[name] = idle
        return found

    def _idle(self, bit: Bit, inputs: set[Bit]) -> str:
        if isinstance(bit, str):
            return bit
        if bit in inputs or self.drivers.get(bit):
            return ""
        return "z"

    @cached_property
    def registers(self) -> list[Register]:
        """Every flip-flop."""
        cells = self.module.cells.values()
        return [
            r for c in cells if c.type.startswith(REGISTER_PREFIXES) and (r := register_of(c))
        ]

    @cached_property
    def state_bits(self) -> int:
        """Bits held in registers and memories."""
        memories = (
            int(c.parameters.get("SIZE", "0"), 2) * int(c.parameters.get("WIDTH", "0"), 2)
            for c in self.module.cells.values()
            if c.type.startswith(MEMORY_PREFIX)
        )
        return sum(r.width for r in self.registers) + sum(memories)

    def latches(self) -> Iterator[YosysCell]:
        """Every latch."""
        return (c for c in self.module.cells.values() if c.type in LATCHES)

    def contended_bits(self) -> set[Bit]:
        """Bits that several cells drive, or an input port and a cell; tri-state buffers apart:
        they take turns."""
        inputs = {bit for bits in self.inputs.values() for bit in bits}
        return {
            bit
            for bit, cells in self.drivers.items()
            if len(cells) + (bit in inputs) > 1 and any(c.type != "$tribuf" for c, _ in cells)
        }

    def combinational_loop(self) -> list[Bit]:
        """The bits of one combinational loop, or an empty list."""
        return self._loop

    @cached_property
    def _loop(self) -> list[Bit]:
        if not self._has_ring_of_cells():
            return []
        done: set[Bit] = set()
        for start in list(self.drivers):
            loop = self._loop_from(start, done)
            if loop:
                return loop
        return []

    def _has_ring_of_cells(self) -> bool:
        """Whether combinational cells, each taken whole, drive each other in a ring; where none do,
        no bits do, and bits are many more."""
        cells = [c for c in self.module.cells.values() if not is_sequential(c)]
        makers: dict[Bit, list[int]] = defaultdict(list)
        for k, cell in enumerate(cells):
            for bit in _bits_of(cell, "output"):
                makers[bit].append(k)
        needs = {
            k: {maker for bit in _bits_of(cell, "input") for maker in makers.get(bit, ())}
            for k, cell in enumerate(cells)
        }
        try:
            TopologicalSorter(needs).prepare()
        except CycleError:
            return True
        return False

    def _loop_from(self, start: Bit, done: set[Bit]) -> list[Bit]:
        """Depth-first search without recursion; `path` is the present chain of bits."""
        if start in done:
            return []
        path: list[Bit] = [start]
        on_path = {start}
        pending = [iter(self._combinational_sources(start))]
        while pending:
            step = next(pending[-1], None)
            if step is None:
                done.add(path[-1])
                on_path.discard(path.pop())
                pending.pop()
            elif step in on_path:
                return path[path.index(step) :]
            elif step not in done:
                path.append(step)
                on_path.add(step)
                pending.append(iter(self._combinational_sources(step)))
        return []

    def _combinational_sources(self, bit: Bit) -> list[Bit]:
        found: list[Bit] = []
        for cell, index in self.drivers.get(bit, ()):
            if not is_sequential(cell):
                found += [b for b in sources(cell, index) if isinstance(b, int)]
        return found

    def line_of_bit(self, bit: Bit) -> int | None:
        """A source line of a net that holds `bit`, for messages."""
        for net in self.module.netnames.values():
            if bit in net.bits and (line := _line(net.attributes)) is not None:
                return line
        return None

    def name_of_bit(self, bit: Bit) -> str | None:
        """A name that the source gave to `bit`, with its index in a vector."""
        for name, net in self.module.netnames.items():
            if bit in net.bits and not name.startswith("$"):
                return name if len(net.bits) == 1 else f"{name}[{net.bits.index(bit)}]"
        return None


def _bits_of(cell: YosysCell, direction: str) -> Iterator[Bit]:
    """The bits, constants among them, that a cell's inputs or outputs are connected to."""
    for port, bits in cell.connections.items():
        if cell.port_directions.get(port) == direction:
            yield from bits


def cell_line(cell: YosysCell) -> int | None:
    """The source line of a cell."""
    return _line(cell.attributes)


def _line(attributes: Mapping[str, str | int]) -> int | None:
    source = str(attributes.get("src", ""))
    tail = source.split("|", maxsplit=1)[0].rpartition(":")[2].split(".")[0]
    return int(tail) if tail.isdigit() else None


def netlist_of(
    design: YosysDesign, top: str, verilog: Mapping[str, str] = MappingProxyType({})
) -> Netlist | NetlistFailure:
    """The netlist of module `top`; `verilog` has the modules' texts, by name."""
    module = design.modules.get(top)
    if module is None:
        return NetlistFailure("refused", f"Yosys made no module {top}")
    return Netlist(_in_order(module), verilog.get(top, ""))


def _in_order(module: YosysModule) -> YosysModule:
    """Ports in the order in which the text declares them; Yosys may have any."""
    places = {n: _place(module.netnames[n]) for n in module.ports if n in module.netnames}
    if len(places) < len(module.ports) or None in places.values():
        return module
    names = sorted(module.ports, key=lambda n: places[n] or (0, 0))
    return msgspec.structs.replace(module, ports={n: module.ports[n] for n in names})


def _place(net: YosysNet) -> tuple[int, int] | None:
    """Line and column of a declaration."""
    found = re.search(r":(\d+)\.(\d+)", str(net.attributes.get("src", "")))
    return (int(found[1]), int(found[2])) if found else None


_MODULE = re.compile(r"^module (?P<name>\S+?)\s?\(.*?^endmodule\n", re.M | re.S)
_REGISTER = re.compile(
    r"^  reg (?:\[(?P<high>\d+):(?P<low>\d+)\] )?(?P<name>\\\S+ |[A-Za-z_][\w$]*)"
    r"(?: ?\[(?P<last>\d+):(?P<first>\d+)\])?;$",
    re.M,
)


def modules_of(text: str) -> dict[str, str]:
    """The text of each module, by its name."""
    return {m["name"]: m.group() for m in _MODULE.finditer(text)}


def renamed_module(text: str, name: str) -> str:
    """The module's text under another name."""
    return re.sub(r"^module \S+?(?=\s?\()", lambda _: f"module {name}", text, count=1)


def from_drawn_values(text: str, seed: str, *, inverted: bool) -> str:
    """The module with every register that has no value of its own started at drawn bits, or at
    their complement; memories too, each word at bits of its own."""
    rng = random.Random(seed)

    def started(register: re.Match[str]) -> str:
        width = abs(int(register["high"] or 0) - int(register["low"] or 0)) + 1
        drawn = rng.getrandbits(width)
        value = f"{width}'h{drawn ^ ((1 << width) - 1 if inverted else 0):x}"
        if register["last"] is None:
            return f"{register.group()[:-1]} = {value};"
        low, high = sorted((int(register["first"]), int(register["last"])))
        k = f"k_{secrets.token_hex(8)}"  # no name of the candidate's
        step = f"({k} * 32'h9E3779B1)"
        word = f"{value} ^ {{{-(-width // 32)}{{{step}}}}}"
        return (
            f"{register.group()}\n  integer {k};\n"
            f"  initial for ({k} = {low}; {k} <= {high}; {k} = {k} + 1)"
            f" {register['name']}[{k}] = {word};"
        )

    return _REGISTER.sub(started, text)
