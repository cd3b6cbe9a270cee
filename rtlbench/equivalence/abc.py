"""ABC's engines on one sequential circuit with one output: can it ever be 1?

The engines run one after another, cheap ones first, each within its share of the CPU time. What
ABC says is read from its own lines; nothing of a candidate's text reaches it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import msgspec

from rtlbench.errors import HarnessError
from rtlbench.sandbox import locate
from rtlbench.sandbox.process import Limits, read_made, run
from rtlbench.sandbox.sandbox import private_folder

MEMORY = 2 << 30
WALL_PER_CPU = 6.0


class Engine(msgspec.Struct, frozen=True):
    """Commands for ABC; `{s}` is their time in seconds, `share` their part of what is left."""

    name: str
    commands: str
    share: float
    steady: bool = False
    """It ends by counts of its own, alike on every machine; if time ends it, that is an error."""


ENGINES = (
    Engine("sweep and reachability", "scorr -C 500; pdr -T {s}", 0.15),
    Engine("bounded", "bmc3 -T {s}", 0.3),
    Engine("induction and simulation", "dprove -T {s}", 0.5),
    Engine("reachability", "scorr -F 2; dc2; pdr -T {s}", 1.0),
)
COVER = Engine("bounded", "bmc3 -T {s}", 1.0)
STEADY = Engine("bounded by counts", "scorr -C 500; bmc3 -F 48 -C 4000", 1.0, steady=True)
"""Says the same on every machine: up to 48 steps, and 4,000 conflicts in each."""


class EngineAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the engines found."""

    status: Literal["never", "reached", "open"]
    engine: str = ""
    depth: int = 0
    """Steps in which the output is surely never 1."""
    inputs: tuple[str, ...] = ()
    """Where it can be 1: the inputs of each step, as binary digits."""
    cpu: float = 0.0


def solve(circuit: bytes, seconds: float, engines: tuple[Engine, ...] = ENGINES) -> EngineAnswer:
    """Ask the engines until one knows.

    Args:
        circuit: A binary AIGER file.
        seconds: Of CPU time, for all engines together.

    Raises:
        HarnessError: ABC is missing or broken, or a steady engine ran out of time.
    """
    tool = locate.yosys_abc()
    if tool is None:
        raise HarnessError("yosys-abc is missing: it comes with the package `yosys`")
    depth, spent = 0, 0.0
    with private_folder() as folder:
        (folder / "m.aig").write_bytes(circuit)
        for engine in engines:
            share = max(1, round((seconds - spent) * engine.share))
            answer = _ask(tool, folder, engine, share)
            spent += answer.cpu
            depth = max(depth, answer.depth)
            if answer.status != "open" or spent > seconds - 0.5:
                break
    return msgspec.structs.replace(answer, depth=depth, cpu=spent)


def _ask(tool: locate.Tool, folder: Path, engine: Engine, seconds: int) -> EngineAnswer:
    trace = folder / "cex.txt"
    trace.unlink(missing_ok=True)
    commands = f"read_aiger m.aig; {engine.commands.format(s=seconds)}"
    script = f"{commands}; print_status; write_cex -a cex.txt"
    limits = Limits(wall=seconds * WALL_PER_CPU, cpu=seconds + 1, memory=MEMORY)
    ran = run([*tool.argv, "-q", script], folder=folder, limits=limits, env=tool.env)
    if engine.steady and ran.reason == "timeout":
        raise HarnessError(f"yosys-abc did not end within {seconds} s of CPU time")
    status = re.search(r"^Status = (-?\d+)", ran.stdout, re.M)
    if ran.ok and status is None:
        raise HarnessError(f"yosys-abc gives no status: {(ran.stdout + ran.stderr)[-300:]}")
    told = status.group(1) if ran.ok and status else "-1"
    if told == "1":
        return EngineAnswer(status="never", engine=engine.name, cpu=ran.cpu)
    if told == "0":
        inputs = _inputs(trace)
        return EngineAnswer(status="reached", engine=engine.name, inputs=inputs, cpu=ran.cpu)
    return EngineAnswer(status="open", engine=engine.name, depth=_depth(ran.stdout), cpu=ran.cpu)


def _depth(text: str) -> int:
    found = re.findall(r"No output asserted in (\d+) frames", text)
    return max(map(int, found), default=0)


def _inputs(path: Path) -> tuple[str, ...]:
    """A counterexample in AIGER's form: a line of latches, then one of inputs for each step."""
    made = read_made(path)
    if made is None:
        raise HarnessError("yosys-abc claims a counterexample and writes none")
    lines = made.decode().replace("# DONE", "").split("\n")
    return tuple(line for line in lines[1:] if line)  # sweeping may leave no latch: "" comes first
