"""Yosys: a batch of candidates in one call, a flat netlist each.

Each candidate is a job of its own (rtlbench.rtl.yosys_calls). Where one breaks in a way that may
not be its own fault, it is asked again alone; where the call itself breaks, the batch is cut
(rtlbench.rtl.batches).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path

import msgspec

from rtlbench.errors import HarnessError
from rtlbench.rtl.batches import BrokenBatch, Unit, in_batches
from rtlbench.rtl.cells import YosysDesign
from rtlbench.rtl.netlist import Netlist, NetlistFailure, modules_of, netlist_of
from rtlbench.rtl.yosys_calls import Member, Together, call, read, read_again, reader
from rtlbench.sandbox.process import Finished, read_made
from rtlbench.sandbox.sandbox import private_folder

PASSES = (
    "proc; flatten; tribuf; opt_expr; opt_clean; "
    "opt_expr -mux_undef t:$dlatch %ci8:+$dlatch[D]:+$mux:+$pmux t:$dlatch %d; "
    "splitcells t:$dlatch %ci2:+$dlatch[EN]:+$mux t:$dlatch %d; "
    "opt_expr -mux_bool t:$dlatch %ci8:+$dlatch[EN]:+$mux t:$dlatch %d; "
    "opt; memory_collect; opt_clean -purge"
)
"""Word-level synthesis: processes become registers, latches and multiplexers, enables and
synchronous resets are recognised, dead logic goes. `tribuf` keeps what drives Z now and then
from being taken for a constant or for a second driver. What a latch is given while it is shut is
an X to `read_slang`; the X goes, or a simulator would see the latch catch it as it shuts. Its
enable is no `ena ? 1 : 0` for the same reason: it would fall after what the latch is given has
changed, or before, as a simulator happens to order them."""
BASE_CPU_SECONDS = 10
"""For one candidate."""
MOST_TEXT = 1 << 14
"""Characters of a candidate that shares a design with others: what takes long would be done for
nothing, since it fails with it."""


LATCH = "Latch inferred"
"""So `read_verilog` refuses an `always_comb` that keeps a value; `read_slang` makes it a loop."""
CONTROL = Unit("module control(input a, output b); assign b = ~a; endmodule\n", "control")
Made = Netlist | NetlistFailure


def netlists(units: Sequence[Unit], passes: str = PASSES) -> list[Made]:
    """The netlist of each unit, or why Yosys made none, in order.

    Args:
        passes: Yosys's commands between reading and writing, apart by `; `.

    Raises:
        HarnessError: Yosys cannot be started, or does not work.
    """
    made = read_by(units, passes, again=False)
    asked = [k for k, m in enumerate(made) if _asks_again(m)]
    better = read_by([units[k] for k in asked], passes, again=True)
    for k, second in zip(asked, better, strict=True):
        if isinstance(second, Netlist) or LATCH in second.message or _is_better(second, made[k]):
            made[k] = second
    return made


SELECTS = "selects.v"
_SELECT_MAP = r"""
module \$bmux (A, S, Y);
    parameter WIDTH = 1;
    parameter S_WIDTH = 1;
    input [(WIDTH << S_WIDTH) - 1:0] A;
    input [S_WIDTH - 1:0] S;
    output [WIDTH - 1:0] Y;
    wire [S_WIDTH + 31:0] at = S * WIDTH;
    \$shiftx #(
        .A_SIGNED(0), .B_SIGNED(0), .A_WIDTH(WIDTH << S_WIDTH), .B_WIDTH(S_WIDTH + 32),
        .Y_WIDTH(WIDTH)
    ) select (.A(A), .B(at), .Y(Y));
endmodule
"""
"""A select by a variable index as one: written as its tree of multiplexers, of 256 bits say, a
simulator takes the square of its size for each change."""


def _asks_again(made: Made) -> bool:
    """Whether the second reader may do better (rtlbench.rtl.yosys_calls)."""
    if isinstance(made, Netlist):
        return bool(made.floating_bits or made.combinational_loop())
    return made.reason in ("refused", "signal")


def _is_better(second: NetlistFailure, first: Made) -> bool:
    """Whether the second reader says what is wrong, where the first one dies of it: recursion
    without an end, say."""
    died = isinstance(first, NetlistFailure) and first.reason == "signal"
    return died and second.reason in ("refused", "timeout")


def read_by(units: Sequence[Unit], passes: str = PASSES, *, again: bool) -> list[Made]:
    """What one of the readers makes of each unit: the second where `again`.

    Raises:
        HarnessError: Yosys cannot be started, or does not work.
    """

    def attempt(batch: Sequence[Unit]) -> list[Made] | BrokenBatch[Finished]:
        made = _one_call(batch, passes, again=again)
        if isinstance(made, Finished):
            return BrokenBatch(made)
        return [
            alone(unit, m) if isinstance(m, Finished) else m
            for unit, m in zip(batch, made, strict=True)
        ]

    def alone(unit: Unit, broken: Finished) -> Made:
        return _alone(unit, passes, broken, again=again)

    return in_batches(units, attempt, alone)


def _alone(unit: Unit, passes: str, broken: Finished, *, again: bool) -> Made:
    """What is said of a unit over which Yosys ended without a netlist.

    What fails twice, the second time just after a module without faults that does not, and with
    no neighbour that could have filled the disk, is the text's own.
    """
    if _is_of_the_text(broken) or (broken.reason == "timeout" and not broken.stalled):
        return _failure(broken)
    made = _one_call([CONTROL, unit], passes, again=again)
    control, second = (made, made) if isinstance(made, Finished) else made
    if isinstance(control, Finished):
        told = f"{control.reason} {control.code}: {_clean(control)}"
        raise HarnessError(f"Yosys breaks over a module without faults: {told}")
    return _failure(second) if isinstance(second, Finished) else second


def _one_call(
    units: Sequence[Unit], passes: str, *, again: bool
) -> list[Made | Finished] | Finished:
    with private_folder() as folder:
        (folder / SELECTS).write_text(_SELECT_MAP)
        jobs = []
        for k, unit in enumerate(units):
            (folder / f"unit{k}.sv").write_bytes(unit.text.encode())
            jobs.append(_job(f"unit{k}", unit.top, passes, again=again))
        together = None if again else _together(units, passes)
        ended = call(folder, jobs, BASE_CPU_SECONDS, company=not again, together=together)
        if isinstance(ended, Finished):
            return ended
        read = lru_cache(partial(_read, folder))
        return [
            _made(*read(end.made or f"unit{k}"), unit.top) or end if end.ok else end
            for k, (unit, end) in enumerate(zip(units, ended, strict=True))
        ]


def _job(name: str, top: str, passes: str, *, again: bool) -> list[str]:
    file = f"{name}.sv"
    reads = read_again(file, top) if again else read(file, top, processes=passes != PASSES)
    return [*reads, *(c.replace("{}", name) for c in _commands(passes))]


def _together(units: Sequence[Unit], passes: str) -> Together | None:
    """Those of the units that may share a design; None where there are no two."""
    tops = Counter(u.top for u in units)
    members = [
        Member(k, f"unit{k}.sv", u.top)
        for k, u in enumerate(units)
        if tops[u.top] == 1 and not u.alone and len(u.text) <= MOST_TEXT
        and tops.keys() & set(re.findall(r"\w+", u.text)) == {u.top}
    ]  # fmt: skip
    if len(members) < 2:
        return None
    return Together(reader(processes=passes != PASSES), members, _commands(passes))


def _commands(passes: str) -> list[str]:
    """What follows the reading; `{}` stands for the name of what is written."""
    writes = ["write_json {}.json"]
    if passes == PASSES:
        writes += ["bwmuxmap", f"with $bmux techmap -map {SELECTS}", "write_verilog -noattr {}.v"]
    return [*passes.split("; "), *writes]


def _read(folder: Path, name: str) -> tuple[YosysDesign | None, dict[str, str]]:
    """What Yosys wrote, by module; None for what cannot be read."""
    made, text = (read_made(folder / f"{name}.{kind}") for kind in ("json", "v"))
    modules = modules_of((text or b"").decode("utf-8", "replace"))
    try:
        return msgspec.json.decode(made or b"", type=YosysDesign), modules
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None, modules


def _made(design: YosysDesign | None, texts: dict[str, str], top: str) -> Made | None:
    """The netlist of module `top`; None where there is none that can be read."""
    return netlist_of(design, top, texts) if design is not None else None


def _failure(ran: Finished) -> NetlistFailure:
    if _is_out_of_memory(ran):
        return NetlistFailure("refused", "it needs more memory than synthesis may use")
    if ran.reason == "timeout" and not ran.stalled:
        return NetlistFailure("timeout", _clean(ran))
    if ran.reason == "signal":
        return NetlistFailure("signal", _clean(ran))
    if ran.reason == "exit" and _is_refusal(ran):
        return NetlistFailure("refused", _clean(ran))
    return NetlistFailure("exit", f"it gave no reason and no netlist: {_clean(ran)}")


def _is_out_of_memory(ran: Finished) -> bool:
    return bool(re.search(r"bad_alloc|memory exhausted|MemoryError", ran.stderr + ran.stdout))


def _is_of_the_text(ran: Finished) -> bool:
    """Whether it is a refusal that says where, or of what: no full disk says that."""
    said = ran.stderr + ran.stdout
    refused = ran.reason == "exit" and _is_refusal(ran) and not _is_out_of_memory(ran)
    return refused and bool(LATCH in said or re.search(r"unit\d+\.sv:\d+", said))


def _is_refusal(ran: Finished) -> bool:
    return bool(ran.code) and "ERROR" in ran.stderr + ran.stdout


def _clean(ran: Finished) -> str:
    """The first reason that is given, without names of ours."""
    said = [s for s in (ran.stderr + ran.stdout).splitlines() if s.strip()]
    reasons = [s for s in said if re.search("ERROR|error", s)]
    text = (reasons or said[-1:] or [f"{ran.reason} {ran.code}"])[0]
    text = re.sub(r"^(\S+?:\d+: )?ERROR: ", r"\1", text)
    text = re.sub(r"\s*from \w+ process `[^']*'", "", text)  # a name of Yosys's own
    text = re.sub(r"\\?unit\d+_\d+\.?\\?", "", text)
    return re.sub(r"unit\d+\.sv:(\d+):?", r"line \1:", text)[:500]
