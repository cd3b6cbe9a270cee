"""One run of a testbench around a design, and around modules of known worth in its place.

What counts is what the testbench itself prints (rtlbench.rtl.marked_prints), read for a verdict
(rtlbench.checks.bench_words).

Stubs have the reference's interface and do nothing; a testbench that passes one proves nothing.
A veil stands between a design and its testbench and shows every unknown output bit (X or Z) as one
given value: a testbench that compares with `==` takes X for neither right nor wrong, and behind a
veil it must decide. What a run is worth: rtlbench.checks.testbench.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from rtlbench.checks.bench_words import NOTHING, Reading, Says, read_words
from rtlbench.records.spec import Testbench
from rtlbench.rtl.marked_prints import lines_of, marked, without
from rtlbench.rtl.renaming import rename
from rtlbench.rtl.scan import Scan
from rtlbench.rtl.testbench_text import testbench_top, timescale_of, write_files
from rtlbench.sandbox.process import Finished, Limits
from rtlbench.sandbox.sandbox import private_folder
from rtlbench.simulation.simulators import (
    build_timed,
    compile_sources,
    run_compiled,
    run_timed,
)

Fill = Literal[0, 1]
CONSTANT_STUBS: dict[str, str] = {"always 0": "'0", "always 1": "'1"}
ECHO = "the inputs"
UNKNOWN_STUBS: dict[str, str] = {"never assigned": "'z", "always unknown": "'x"}
_KNOWN: dict[Fill, str] = {0: "=== 1'b1", 1: "!== 1'b0"}


class Pin(msgspec.Struct, frozen=True):
    """One port, as bits."""

    name: str
    output: bool
    width: int


class Interface(msgspec.Struct, frozen=True):
    """A module as its instance sees it."""

    top: str
    pins: tuple[Pin, ...]
    parameters: tuple[str, ...]
    """Names of the parameters that an instance may set."""


def interface_of(top: Any) -> Interface:
    """The interface of a module that slang elaborated."""
    pins = tuple(
        Pin(p.name, p.direction.name == "Out", int(p.type.bitWidth)) for p in top.body.portList
    )
    settable = tuple(
        p.name for p in top.body.parameters if not p.isLocalParam and hasattr(p, "value")
    )
    return Interface(top.name, pins, settable)


def stub(face: Interface, value: str) -> str:
    """A module with that interface, whose outputs are always `value`."""
    setters = ", ".join(f"parameter {n} = 0" for n in face.parameters)
    given = f" #({setters})" if setters else ""
    body = [f"assign {p.name} = {value};" for p in face.pins if p.output]
    return _module(f"{face.top}{given}", face.pins, body)


def echo(face: Interface) -> str:
    """A module with that interface, whose outputs are its inputs, the last one lowest."""
    inputs = [p.name for p in face.pins if not p.output]
    return stub(face, "{" + ", ".join(inputs) + "}" if inputs else "'0")


def veil(face: Interface, inner: str, prefix: str, fill: Fill) -> str:
    """A module with that interface around module `inner`, unknown output bits shown as `fill`.

    `prefix` keeps its own names apart from the ports'. It has no parameters: a testbench that sets
    one does not compile with it.
    """
    body: list[str] = []
    links: list[str] = []
    for pin in face.pins:
        links.append(f".{pin.name}({prefix if pin.output else ''}{pin.name})")
        if pin.output:
            raw = f"{prefix}{pin.name}"
            body.append(f"wire [{pin.width - 1}:0] {raw};")
            body += [
                f"assign {pin.name}[{k}] = {raw}[{k}] {_KNOWN[fill]};" for k in range(pin.width)
            ]
    body.append(f"{inner} {prefix}inner({', '.join(links)});")
    return _module(face.top, face.pins, body)


def _module(head: str, pins: Iterable[Pin], body: list[str]) -> str:
    declared = ", ".join(
        f"{'output' if p.output else 'input'} [{p.width - 1}:0] {p.name}" for p in pins
    )
    return "\n".join([f"module {head}({declared});", *body, "endmodule", ""])


LIMITS = Limits(wall=90.0, cpu=5, memory=4 << 30, output=4 << 20)
PRINTED = 1 << 16
"""Characters kept of what a testbench printed."""
BenchTool = Literal["icarus", "verilator"]
"""Verilator for what Icarus does not read: it takes more of the language, and long to build."""
TestbenchEnd = Literal["pass", "fail", "silent", "compile", "timeout", "memory", "crash"]


class TestbenchRun(msgspec.Struct, frozen=True):
    """How one run of a testbench ended, and what it printed, the last of it."""

    ended: TestbenchEnd
    printed: str
    reading: Reading = NOTHING
    """What it says, where it came to its end."""


class TestedDesign(msgspec.Struct, frozen=True):
    """A design as a testbench gets it."""

    text: str
    scan: Scan
    """The scan of exactly that text."""
    face: Interface


def run_testbench(
    testbench: Testbench, design: str, tool: BenchTool = "icarus"
) -> TestbenchRun:
    """Compile and run `testbench` around `design`."""
    mark, end = secrets.token_hex(16), secrets.token_hex(16)
    marker = f"rtlbench_{secrets.token_hex(8)}"
    bench = f"{mark}.sv"
    with private_folder() as folder:
        write_files(folder, testbench)
        (folder / bench).write_text(marked(testbench.text, mark) + "\n")
        (folder / "design.v").write_text(f"{timescale_of(testbench.text)}\n{design}\n")
        ending = f'module {marker}; final $display("{end}"); endmodule\n'
        (folder / "ending.v").write_text(ending)
        sources = (bench, "design.v", "ending.v")
        built = _BUILDS[tool](folder, sources, (testbench_top(testbench.text), marker), LIMITS)
        if not built.ok:
            by_reason: dict[str, TestbenchEnd] = {"timeout": "timeout", "signal": "crash"}
            ended = "crash" if built.stalled else by_reason.get(built.reason, "compile")
            return TestbenchRun(ended, _complaint(without(built.stderr + built.stdout, mark)))
        for source in sources:
            (folder / source).unlink()
        ran = _RUNS[tool](folder, LIMITS)
    return _ended(ran, mark, end)


_BUILDS = {"icarus": compile_sources, "verilator": build_timed}
_RUNS = {"icarus": run_compiled, "verilator": run_timed}


def _complaint(told: str) -> str:
    """What a compiler refuses, warnings aside."""
    lines = told.splitlines()
    first = next((k for k, s in enumerate(lines) if re.search(r"error|sorry", s, re.I)), 0)
    return "\n".join(lines[first:])[:1000]


_SAYS: dict[Says, TestbenchEnd] = {"right": "pass", "wrong": "fail", "nothing": "silent"}


def _ended(ran: Finished, mark: str, end: str) -> TestbenchRun:
    printed = lines_of(ran.stdout, mark).strip()
    kept = printed[-PRINTED:]
    if ran.reason == "timeout":
        return TestbenchRun("crash" if ran.stalled else "timeout", kept)
    if ran.reason == "signal":
        memory = "bad_alloc" in ran.stderr
        return TestbenchRun("memory" if memory else "crash", (ran.stderr or kept)[-1000:])
    if ran.truncated:
        told = f"more than {LIMITS.output:,} bytes of output: {kept}"
        return TestbenchRun("crash", told[:1000])
    if end not in ran.stdout:
        return TestbenchRun("crash", f"it did not come to its end: {ran.stderr or kept}"[-1000:])
    reading = read_words(printed, clean_exit=ran.ok)
    return TestbenchRun(_SAYS[reading.says], kept, reading)


def keep_top(design: TestedDesign) -> str:
    """All modules but the top renamed, so that none is the testbench's."""
    found, top = design.scan, design.face.top
    others = Scan(modules={n: at for n, at in found.modules.items() if n != top}, names=found.names)
    return rename(design.text, others, f"dut_{secrets.token_hex(4)}_")[0]


def rename_all(design: TestedDesign) -> str:
    """The design with all modules renamed: it is compiled, and nothing uses it."""
    return rename(design.text, design.scan, f"dut_{secrets.token_hex(4)}_")[0]


def veiled(design: TestedDesign, fill: Fill) -> str:
    """The design, all its modules renamed, behind a veil."""
    prefix = f"dut_{secrets.token_hex(4)}_"
    text, names = rename(design.text, design.scan, prefix)
    return text + "\n" + veil(design.face, names[design.face.top], prefix, fill)
