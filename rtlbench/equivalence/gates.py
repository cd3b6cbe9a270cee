"""One unit of RTL as gates and registers, by Yosys, undefined values kept undefined.

Yosys does as little as it can on the way: no pass that may choose a value for an `x` runs before
every `x`, and every net that nothing drives, has become a free variable of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from rtlbench.equivalence.circuit import CircuitError, OutOfTimeError
from rtlbench.errors import HarnessError
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.cells import Bit, YosysDesign, YosysModule
from rtlbench.rtl.netlist import Netlist
from rtlbench.rtl.yosys_calls import JobEnd, call, read, read_again
from rtlbench.sandbox.process import Finished, read_made
from rtlbench.sandbox.sandbox import private_folder

COARSE = (
    "proc_clean; proc_rmdead; proc_prune; proc_init; proc_arst; proc_mux; proc_dlatch; proc_dff; "
    "proc_memwr; proc_clean; flatten; opt_clean; memory_collect"
)
FINE = (
    "memory_map; dffunmap; techmap -map index.v; setundef -undriven -anyseq; "
    "techmap -map %gates; simplemap; setundef -undriven -anyseq; opt_clean"
)
INDEX = """
(* techmap_celltype = "$shiftx" *)
module exact (A, B, Y);
    parameter A_SIGNED = 0; parameter A_WIDTH = 1;
    parameter B_SIGNED = 0; parameter B_WIDTH = 1; parameter Y_WIDTH = 1;
    input [A_WIDTH-1:0] A; input [B_WIDTH-1:0] B; output [Y_WIDTH-1:0] Y;
    wire [A_WIDTH-1:0] ones = {A_WIDTH{1'b1}};
    wire [Y_WIDTH-1:0] moved, within;
    \\$shift #(.A_SIGNED(0), .A_WIDTH(A_WIDTH), .B_SIGNED(B_SIGNED), .B_WIDTH(B_WIDTH),
        .Y_WIDTH(Y_WIDTH)) move (.A(A), .B(B), .Y(moved));
    \\$shift #(.A_SIGNED(0), .A_WIDTH(A_WIDTH), .B_SIGNED(B_SIGNED), .B_WIDTH(B_WIDTH),
        .Y_WIDTH(Y_WIDTH)) mark (.A(ones), .B(B), .Y(within));
    genvar k;
    generate for (k = 0; k < Y_WIDTH; k = k + 1)
        if (!B_SIGNED && B_WIDTH < 30 && (1 << B_WIDTH) <= A_WIDTH - k)
            assign Y[k] = moved[k];
        else
            assign Y[k] = within[k] ? moved[k] : 1'bx;
    endgenerate
endmodule
"""
"""Reads an index out of range as undefined; Yosys's own map would choose a value. Zeros move in
from outside, so ones that are moved likewise tell what was within."""
CPU_SECONDS = 8
MAX_MEMORY_BITS = 1 << 13
MAX_CELLS = 200_000
FILE = "unit{}.sv"
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
    text = _PROMISES.sub(_blank, unit.text)
    try:
        made, is_whole = _alone(text, unit.top, again=False)
    except _RefusedError as e:
        with suppress(_RefusedError):
            return _alone(text, unit.top, again=True)[0]
        raise CircuitError(str(e)) from e
    if not is_whole:
        with suppress(_RefusedError):
            return _alone(text, unit.top, again=True)[0]
    return made


def gates_of_many(units: Sequence[Unit]) -> Iterator[YosysModule | None]:
    """What `gates_of` gives for each unit, by one call of Yosys; None for one that is to be asked
    for alone: it is refused, or the second reader may do better, or something broke.

    Raises:
        HarnessError: Yosys cannot be started.
    """
    texts = [(_PROMISES.sub(_blank, u.text), u.top) for u in units]
    with private_folder() as folder:
        ended = _called(folder, texts)
        for k, unit in enumerate(units):
            is_made = not isinstance(ended, Finished) and ended[k].ok
            yield _whole(folder, k, unit.top) if is_made else None


def _whole(folder: Path, k: int, top: str) -> YosysModule | None:
    """What job `k` wrote, where there is nothing to say about it."""
    with suppress(CircuitError, HarnessError, msgspec.DecodeError):
        made, is_whole = _written(folder, k, top)
        return made if is_whole else None
    return None


class _RefusedError(CircuitError):
    """Yosys made no gates of it."""


def _alone(text: str, top: str, *, again: bool) -> tuple[YosysModule, bool]:
    """The gates, and whether all that outputs depend on has a driver."""
    with private_folder() as folder:
        ended = _called(folder, [(text, top)], again=again)
        ran = ended if isinstance(ended, Finished) else ended[0]
        coarse = read_made(folder / "coarse0.json")
        if coarse is not None and not ran.ok:
            _refuse(_module(coarse, top))
        if coarse is None or not ran.ok:
            kind = OutOfTimeError if ran.reason == "timeout" else _RefusedError
            raise kind(f"Yosys makes no gates of it: {_told(ran)}")
        return _written(folder, 0, top)


def _called(
    folder: Path, texts: Sequence[tuple[str, str]], *, again: bool = False
) -> list[JobEnd] | Finished:
    """How Yosys ended over each text and its top module."""
    (folder / "index.v").write_text(INDEX)
    jobs = []
    for k, (text, top) in enumerate(texts):
        file = FILE.format(k)
        (folder / file).write_text(text)
        reads = read_again(file, top) if again else read(file, top, processes=True)
        coarse, fine = f"json -o coarse{k}.json", f"write_json fine{k}.json"
        jobs.append([*reads, *COARSE.split("; "), coarse, *FINE.split("; "), fine])
    return call(folder, jobs, CPU_SECONDS, company=not again)


def _written(folder: Path, k: int, top: str) -> tuple[YosysModule, bool]:
    """What job `k` wrote, and whether all that outputs depend on has a driver."""
    coarse = _module(read_made(folder / f"coarse{k}.json"), top)
    _refuse(coarse)
    fine = _limited(_module(read_made(folder / f"fine{k}.json"), top))
    return fine, not Netlist(coarse).floating_bits


def _blank(found: re.Match[str]) -> str:
    return " " * len(found.group())


def _told(ran: Finished) -> str:
    if ran.reason != "exit":
        return f"{ran.reason} after {ran.wall:.1f} s"
    lines = [ln for ln in (ran.stderr + ran.stdout).splitlines() if "ERROR" in ln]
    return (lines or [f"status {ran.code}"])[0].removeprefix("ERROR: ")[:300]


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
