"""A Verilog testbench that came with a suite, as the simulation Check.

The bench decides by a word that it prints. That word is made unforgeable: in the bench's text
every string that says "pass" gets the nonce of the run in front of it; the candidate may neither
print nor end the run (safety), its helper modules are renamed out of the bench's way, and it is
a compilation unit of its own, so that none of its names reach the bench. A run counts, as a pass or
as a fail, only if the simulator came to its end: a module of ours beside the bench prints a second
nonce in its `final` block. Sources are gone from the folder before the design's time 0.

And the word is made to mean something, by controls run once for each Spec in a process. The
suite's own reference must pass, or nothing that the bench says counts. A module whose outputs
are constant must not pass, or a pass says nothing; a fail still does. Where only a module with
unknown outputs passes, the bench does not see X and Z: then whatever it passes must pass again
with every unknown output bit shown as 0, and as 1, the reference included.

Limits: a bench with few vectors stays one with few vectors. A bench that compares strings that
say "pass", or opens files so named, breaks by the nonce; its reference then fails, and so nothing
is judged by it.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path, PurePosixPath
from typing import Literal

import msgspec

from rtlbench.checks.base import Work
from rtlbench.checks.controls import (
    CONSTANT_STUBS,
    UNKNOWN_STUBS,
    Fill,
    Interface,
    interface_of,
    stub,
    veil,
)
from rtlbench.errors import HarnessError
from rtlbench.isolation.workshop import private_folder
from rtlbench.spec import Spec, Testbench
from rtlbench.tools.icarus import compile_sources, play
from rtlbench.tools.netlist import NetlistFailure
from rtlbench.tools.process import Finished, Limits
from rtlbench.tools.slang import elaborate
from rtlbench.tools.syntax_scan import Scan, rename, scan
from rtlbench.verdict import CheckResult, Finding, Outcome, Severity

LIMITS = Limits(wall=90.0, cpu=5, memory=4 << 30, output=4 << 20)
PRINTED = 1 << 16
"""Characters kept of what a bench printed."""
FILLS: tuple[Fill, Fill] = (0, 1)
_PASS_STRING = re.compile(
    r'"(?=(?:\\.|[^"\\\n])*(?<![a-z])pass(?:ed|es)?(?![a-z_]))((?:\\.|[^"\\\n])*)"', re.I
)
_MODULE_NAME = re.compile(r"\bmodule\s+(\w+)")
_NO_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)
_TIMESCALE = re.compile(r"^[ \t]*`timescale[^\n/]*(?:/[^\n/]*)?", re.M)

Ended = Literal["pass", "fail", "compile", "timeout", "memory", "crash"]
Worth = Literal["full", "known", "none"]
"""What a bench's pass counts for: all, only with unknown outputs shown as known, or nothing."""


class BenchRun(msgspec.Struct, frozen=True):
    """How one run of a bench ended, and what it printed, the last of it."""

    ended: Ended
    printed: str


class Controls(msgspec.Struct, frozen=True):
    """What a bench did with designs whose worth is known."""

    worth: Worth
    reason: str = ""
    """Why it is less than full."""


class Design(msgspec.Struct, frozen=True):
    """A design as a bench gets it."""

    text: str
    found: Scan
    """The scan of exactly that text."""
    face: Interface


def run_testbench(spec: Spec, work: Work) -> CheckResult:
    """Judge one candidate by the Spec's testbench."""
    assert spec.testbench is not None
    assert work.scan is not None
    assert work.elaboration is not None
    reference = _reference_run(spec)
    if reference.ended != "pass":
        told = f"the suite's own reference ends in {reference.ended} here: {reference.printed}"
        return _error(told)
    design = Design(work.text, work.scan, interface_of(work.elaboration.top))
    ran = run_bench(spec.testbench, keep_top(design))
    if ran.ended == "pass":
        return _weigh(spec, design)
    return _not_passed(ran, work)


def _not_passed(ran: BenchRun, work: Work) -> CheckResult:
    if ran.ended == "timeout":
        return _failed("timeout", "the testbench does not come to its end", Outcome.TIMEOUT)
    if ran.ended == "memory":
        return _failed("memory", "the simulator runs out of memory")
    if ran.ended == "crash":
        return _error(f"Icarus broke: {ran.printed}")
    if ran.ended == "compile":
        if isinstance(work.netlist, NetlistFailure) and "sorry" not in ran.printed:
            told = f"neither synthesis nor the simulator accepts it: {_first_line(ran.printed)}"
            return _failed("compile", told)
        return _error(f"slang accepts it, Icarus does not: {ran.printed}")
    return _failed("bench", f"the testbench reports: {_last_line(ran.printed)}")


def _weigh(spec: Spec, design: Design) -> CheckResult:
    """What a pass is worth."""
    assert spec.testbench is not None
    controls = _controls(spec)
    if controls.worth == "none":
        return _error(controls.reason)
    if controls.worth == "known":
        for fill in FILLS:
            ran = _sure(run_bench(spec.testbench, veiled(design, fill)))
            if ran.ended != "pass":
                told = _last_line(ran.printed)
                message = f"with its unknown outputs read as {fill}, the testbench reports: {told}"
                return _failed("unknown-output", message)
    return CheckResult(
        name="simulation",
        outcome=Outcome.PASS,
        value=1.0,
        detail={"judge": "testbench of the suite", "controls": controls.reason or "held"},
    )


def _error(reason: str) -> CheckResult:
    detail: dict[str, str | int | float | bool | None] = {"reason": reason[:1000]}
    return CheckResult(name="simulation", outcome=Outcome.ERROR, value=0.0, detail=detail)


def _failed(what: str, message: str, outcome: Outcome = Outcome.FAIL) -> CheckResult:
    finding = Finding(f"simulation.{what}", Severity.ERROR, message)
    return CheckResult(name="simulation", outcome=outcome, value=0.0, findings=(finding,))


def _first_line(text: str) -> str:
    return next((s.strip()[:200] for s in text.splitlines() if s.strip()), "nothing")


def _last_line(text: str) -> str:
    return _first_line("\n".join(reversed(text.splitlines())))


# One run of a bench.


def says_pass(bench: str) -> bool:
    """Whether a bench holds a text that a pass could be told by."""
    return _PASS_STRING.search(bench) is not None


def run_bench(bench: Testbench, design: str) -> BenchRun:
    """Compile and run `bench` around `design` under Icarus."""
    nonce, end = secrets.token_hex(16), secrets.token_hex(16)
    marker = f"rtlbench_{secrets.token_hex(8)}"
    with private_folder() as folder:
        _write_files(folder, bench)
        (folder / "bench.v").write_text(_PASS_STRING.sub(rf'"{nonce} \1"', bench.text) + "\n")
        (folder / "design.v").write_text(f"{_timescale(bench.text)}\n{design}\n")
        ending = f'module {marker}; final $display("{end}"); endmodule\n'
        (folder / "ending.v").write_text(ending)
        sources = ("bench.v", "design.v", "ending.v")
        built = compile_sources(folder, sources, (bench_top(bench.text), marker), LIMITS)
        if not built.ok:
            by_reason: dict[str, Ended] = {"timeout": "timeout", "signal": "crash"}
            ended = "crash" if built.stalled else by_reason.get(built.reason, "compile")
            return BenchRun(ended, (built.stderr + built.stdout)[:1000])
        for source in sources:
            (folder / source).unlink()
        ran = play(folder, LIMITS)
    return _ended(ran, nonce, end)


def _ended(ran: Finished, nonce: str, end: str) -> BenchRun:
    printed = ran.stdout.replace(nonce, "").replace(end, "").strip()[-PRINTED:]
    if ran.reason == "timeout":
        return BenchRun("crash" if ran.stalled else "timeout", printed)
    if ran.reason == "signal":
        memory = "bad_alloc" in ran.stderr
        return BenchRun("memory" if memory else "crash", (ran.stderr or printed)[-1000:])
    if ran.truncated:
        return BenchRun("crash", f"more than {LIMITS.output:,} bytes of output: {printed}"[:1000])
    if end not in ran.stdout:
        return BenchRun("crash", f"it did not come to its end: {ran.stderr or printed}"[-1000:])
    return BenchRun("pass" if nonce in ran.stdout and ran.ok else "fail", printed)


def _write_files(folder: Path, bench: Testbench) -> None:
    for file, content in bench.files.items():
        inside = PurePosixPath(file)
        if inside.is_absolute() or ".." in inside.parts:
            continue  # nothing is ever written outside the run's folder
        (folder / inside).parent.mkdir(parents=True, exist_ok=True)
        (folder / inside).write_text(content)


def _timescale(bench: str) -> str:
    """The bench's last `` `timescale``: what a design behind it is compiled with."""
    found = _TIMESCALE.findall(bench)
    return found[-1].strip() if found else ""


def bench_top(text: str) -> str:
    """The bench's own top: the module that no other module of the bench instantiates."""
    plain = _NO_CODE.sub(" ", text)
    names = _MODULE_NAME.findall(plain)
    used = {n for n in names if len(re.findall(rf"\b{re.escape(n)}\b", plain)) > 1}
    return next((n for n in names if n not in used), names[0] if names else "testbench")


def keep_top(design: Design) -> str:
    """All modules but the top renamed, so that none is the bench's."""
    found, top = design.found, design.face.top
    others = Scan(modules={n: at for n, at in found.modules.items() if n != top}, names=found.names)
    return rename(design.text, others, f"dut_{secrets.token_hex(4)}_")[0]


def veiled(design: Design, fill: Fill) -> str:
    """The design, all its modules renamed, behind a veil."""
    prefix = f"dut_{secrets.token_hex(4)}_"
    text, names = rename(design.text, design.found, prefix)
    return text + "\n" + veil(design.face, names[design.face.top], prefix, fill)


# Controls.

_REFERENCE_RUNS: dict[str, BenchRun] = {}
_CONTROLS: dict[str, Controls] = {}


def _reference_run(spec: Spec) -> BenchRun:
    """How the suite's own solution, as it is written, does at the bench."""
    key = spec.digest()
    if key not in _REFERENCE_RUNS:
        assert spec.testbench is not None
        missing = BenchRun("fail", "there is none")
        ran = _sure(run_bench(spec.testbench, spec.golden)) if spec.golden else missing
        _REFERENCE_RUNS[key] = ran
    return _REFERENCE_RUNS[key]


def _sure(ran: BenchRun) -> BenchRun:
    """A control that broke says nothing, and is not to be remembered.

    Raises:
        HarnessError: The simulator broke over it.
    """
    if ran.ended == "crash":
        raise HarnessError(f"Icarus broke over a control: {ran.printed}")
    return ran


def _controls(spec: Spec) -> Controls:
    """The controls of a bench that its reference passes."""
    key = spec.digest()
    if key not in _CONTROLS:
        _CONTROLS[key] = _run_controls(spec)
    return _CONTROLS[key]


def _run_controls(spec: Spec) -> Controls:
    assert spec.testbench is not None
    reference = _golden_design(spec)
    if reference is None:
        return Controls("none", "slang does not elaborate the reference: no controls can be made")
    blind = ""
    for said, value in (CONSTANT_STUBS | UNKNOWN_STUBS).items():
        ran = _sure(run_bench(spec.testbench, stub(reference.face, value)))
        if ran.ended == "compile":
            return Controls("none", f"the controls do not compile: {ran.printed}")
        if ran.ended == "pass" and said in CONSTANT_STUBS:
            told = f"it also passes a module whose outputs are {said}"
            return Controls("none", f"the bench cannot tell right from wrong: {told}")
        blind = said if ran.ended == "pass" else blind
    return _run_veils(spec.testbench, reference) if blind else Controls("full")


def _run_veils(bench: Testbench, reference: Design) -> Controls:
    """The bench does not see unknown outputs; it counts where the reference needs none."""
    for fill in FILLS:
        if _sure(run_bench(bench, veiled(reference, fill))).ended != "pass":
            told = "the bench passes unknown outputs, and the reference itself shows them"
            return Controls("none", told)
    return Controls("known", "held, with unknown outputs shown as 0 and as 1")


def _golden_design(spec: Spec) -> Design | None:
    view = elaborate(spec.golden, spec.top)
    if view.top is None or any(view.errors):
        return None
    return Design(spec.golden, scan(view.tree), interface_of(view.top))
