"""A Verilog testbench that came with a suite, as the simulation Check.

The bench decides by a word that it prints. That word is made unforgeable: in the bench's text
every printed string that says "pass" gets the nonce of the run in front of it, the candidate may
not print at all (safety), and its helper modules are renamed out of the bench's way. And it is
made to mean something: the suite's own reference must pass the bench, and modules that do
nothing must not. A bench that a constant passes can refuse a candidate, but not pass one.
"""

from __future__ import annotations

import re
import secrets
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from rtlbench.bench.simulators import Icarus
from rtlbench.checks.base import Work
from rtlbench.source import prepare
from rtlbench.spec import Spec, Testbench
from rtlbench.tools.process import Limits
from rtlbench.tools.slang import elaborate
from rtlbench.tools.syntax_scan import Scan, rename
from rtlbench.verdict import CheckResult, Finding, Outcome, Severity

LIMITS = Limits(wall=40.0, cpu=5, memory=4 << 30)
_PASS_STRING = re.compile(r'"((?:\\.|[^"\\\n])*\bpass(?:ed)?\b(?:\\.|[^"\\\n])*)"', re.I)
_MODULE_NAME = re.compile(r"\bmodule\s+(\w+)")

Ended = Literal["pass", "fail", "compile", "timeout", "crash"]


class BenchRun(msgspec.Struct, frozen=True):
    """How one run of a bench ended, and the last of what it printed."""

    ended: Ended
    printed: str


def run_testbench(spec: Spec, work: Work) -> CheckResult:
    """Judge one candidate by the Spec's testbench."""
    assert spec.testbench is not None
    assert work.scan is not None
    reference = _control(spec.digest(), _Reference(spec))
    if reference.ended != "pass":
        reason = f"the suite's own reference ends in {reference.ended} here: {reference.printed}"
        return _result(Outcome.ERROR, detail={"reason": reason[:1000]})
    ran = run_bench(spec.testbench, _keep_top(work.text, work.scan, spec.top))
    if ran.ended == "pass":
        return _passed(spec)
    if ran.ended == "compile":
        reason = f"slang accepts it, Icarus does not: {ran.printed}"
        return _result(Outcome.ERROR, detail={"reason": reason[:1000]})
    if ran.ended == "crash":
        return _result(Outcome.ERROR, detail={"reason": f"vvp broke: {ran.printed}"[:1000]})
    if ran.ended == "timeout":
        finding = _finding("timeout", "the testbench does not come to its end")
        return _result(Outcome.TIMEOUT, finding)
    last = next((s for s in reversed(ran.printed.splitlines()) if s.strip()), "nothing")
    return _result(Outcome.FAIL, _finding("bench", f"the testbench reports: {last.strip()[:200]}"))


def _passed(spec: Spec) -> CheckResult:
    weak = _control(f"{spec.digest()} stubs", _Stubs(spec))
    if weak.ended == "pass":
        reason = f"the bench cannot tell right from wrong: it also passes {weak.printed}"
        return _result(Outcome.ERROR, detail={"reason": reason})
    return _result(Outcome.PASS, detail={"judge": "testbench of the suite", "controls": "held"})


def _result(
    outcome: Outcome,
    finding: Finding | None = None,
    detail: dict[str, str | int | float | bool | None] | None = None,
) -> CheckResult:
    return CheckResult(
        name="simulation",
        outcome=outcome,
        value=1.0 if outcome is Outcome.PASS else 0.0,
        findings=(finding,) if finding else (),
        detail=detail or {},
    )


def _finding(what: str, message: str) -> Finding:
    return Finding(f"simulation.{what}", Severity.ERROR, message)


def _keep_top(text: str, found: Scan, top: str) -> str:
    """`text` with all modules but the top renamed, so that none is the bench's."""
    others = Scan(modules={n: at for n, at in found.modules.items() if n != top}, names=found.names)
    return rename(text, others, f"dut_{secrets.token_hex(4)}_")[0]


def run_bench(bench: Testbench, design: str) -> BenchRun:
    """Compile and run `bench` around `design` under Icarus."""
    simulator = Icarus()
    nonce = secrets.token_hex(16)
    text = _PASS_STRING.sub(lambda m: f'"{nonce} {m.group(1)}"', bench.text)
    with tempfile.TemporaryDirectory(prefix="rtlbench-") as name:
        folder = Path(name)
        for file, content in bench.files.items():
            (folder / Path(file).name).write_text(content)
        (folder / "bench.v").write_text(f"{text}\n`resetall\n`timescale 1ns/1ps\n{design}\n")
        built = simulator.build(folder, "bench.v", _bench_top(bench.text), LIMITS)
        if not built.ok:
            ended: Ended = "timeout" if built.reason == "timeout" else "compile"
            return BenchRun(ended, (built.stderr + built.stdout)[:1000])
        ran = simulator.run_plain(folder, LIMITS)
    printed = ran.stdout.replace(nonce, "").strip()[-1000:]
    if ran.reason == "timeout":
        return BenchRun("timeout", printed)
    if ran.reason == "signal":
        return BenchRun("crash", (ran.stderr or printed)[-1000:])
    return BenchRun("pass" if nonce in ran.stdout and ran.ok else "fail", printed)


def _bench_top(text: str) -> str:
    """The bench's own top: the module that no other module of the bench instantiates."""
    names = _MODULE_NAME.findall(re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S))
    used = {n for n in names if len(re.findall(rf"\b{re.escape(n)}\b", text)) > 1}
    return next((n for n in names if n not in used), names[0] if names else "testbench")


class _Reference(msgspec.Struct, frozen=True):
    spec: Spec

    def run(self) -> BenchRun:
        assert self.spec.testbench is not None
        return run_bench(self.spec.testbench, prepare(self.spec.golden).text)


class _Stubs(msgspec.Struct, frozen=True):
    """Modules with the reference's ports that do nothing: none may pass."""

    spec: Spec

    def run(self) -> BenchRun:
        bench = self.spec.testbench
        assert bench is not None
        for name, design in stub_answers(self.spec.golden, self.spec.top).items():
            if run_bench(bench, design).ended == "pass":
                return BenchRun("pass", f"a module whose outputs are {name}")
        return BenchRun("fail", "")


_CONTROLS: dict[str, BenchRun] = {}


def _control(key: str, control: _Reference | _Stubs) -> BenchRun:
    """The outcome of a control, run once in this process."""
    if key not in _CONTROLS:
        _CONTROLS[key] = control.run()
    return _CONTROLS[key]


@lru_cache(maxsize=64)
def stub_answers(golden: str, top: str) -> dict[str, str]:
    """Answers with the golden's interface that do nothing: undriven, all 0, all 1."""
    view = elaborate(prepare(golden).text, top)
    if view.top is None:
        return {}
    ports = [(p.name, p.direction.name, int(p.type.bitWidth)) for p in view.top.body.portList]
    declared = ", ".join(
        f"{'output' if d == 'Out' else 'input'} [{w - 1}:0] {n}" for n, d, w in ports
    )
    outputs = [n for n, d, _ in ports if d == "Out"]
    bodies = {
        "undriven": "",
        "always 0": "".join(f"assign {n} = 0;\n" for n in outputs),
        "always 1": "".join(f"assign {n} = ~0;\n" for n in outputs),
    }
    return {k: f"module {top}({declared});\n{b}endmodule\n" for k, b in bodies.items()}


