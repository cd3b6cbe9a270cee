"""A Verilog testbench that came with one answer, as the simulation Check: there is no reference.

Such a testbench is text from outside. None is run that could touch a file or reach a name built
from pieces: every system task in it must be on a short list, wherever in the text it stands. Its
word is made unforgeable as that of a suite's testbench is (rtlbench.checks.testbench), and is worth
something only if modules with the answer's ports that do nothing do not get it, too.

So: a right word (rtlbench.checks.bench_words) counts where modules whose outputs are constant, or
the inputs, do not get it, unless such a module is provably what the answer is; where unknown
outputs get it, the answer must get it with them shown as 0 and as 1. Silence counts likewise, where
the testbench has no word for right and complains of those modules. A complaint always counts.

A testbench that the answer breaks (a port is missing) fails it. What Icarus does not read is built
by Verilator; what neither reads, or what never ends whatever stands in the answer's place, leaves
the function undecided, with the reason.

Whoever wrote the answer wrote the testbench, and may have written one that passes just this answer.
So a pass says that the two agree, no more: `functional` stays null, and the result is
`self_tested`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pyslang import SourceManager

from rtlbench.checks.base import Work
from rtlbench.checks.bench_outline import around, outline, twin
from rtlbench.checks.bench_words import has_praise
from rtlbench.checks.testbench import FILLS
from rtlbench.checks.testbench_run import (
    CONSTANT_STUBS,
    ECHO,
    UNKNOWN_STUBS,
    BenchTool,
    Interface,
    TestbenchRun,
    TestedDesign,
    echo,
    interface_of,
    keep_top,
    rename_all,
    run_testbench,
    stub,
    veiled,
)
from rtlbench.equivalence.compare import check_equivalence
from rtlbench.errors import HarnessError
from rtlbench.records.spec import Port, Spec, Testbench
from rtlbench.records.verdict import CheckResult, Detail, Finding, Outcome, Severity
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.bounds import BoundExceededError, check_shape, model_expansion
from rtlbench.rtl.netlist import Netlist
from rtlbench.rtl.scan import scan
from rtlbench.rtl.slang import TooDeepError, parse
from rtlbench.scoring import SELF_TESTED

JUDGE = "testbench of the record"
MAX_BYTES = 1 << 18
ALLOWED = frozenset(
    "display write strobe monitor monitoron monitoroff finish stop time stime realtime random "
    "urandom urandom_range signed unsigned clog2 bits error fatal warning info timeformat "
    "printtimescale dumpfile dumpvars dumpon dumpoff dumpall dumpflush dumplimit rtoi itor "
    "countones onehot onehot0 isunknown sformatf sformat swrite past rose fell stable".split()
)
"""System tasks without effect outside the simulation; waveforms are switched off as it runs."""
_TASK = re.compile(r"\$([A-Za-z_][\w$]*)")
_DIRECTIVE = re.compile(r"`\s*(include|pragma|line|protect\w*)|(``)")
def refusal(testbench: str) -> str:
    """Why a testbench is not run; empty where it may be."""
    if len(testbench) > MAX_BYTES or not testbench.isascii():
        return "it is too large" if len(testbench) > MAX_BYTES else "it is not plain ASCII"
    directive = _DIRECTIVE.search(testbench)
    if directive is not None:
        return f"it uses {directive.group()}"
    used = next((t for t in _TASK.findall(testbench) if t not in ALLOWED), None)
    if used is not None:
        return f"it uses ${used[:40]}"
    try:
        check_shape(model_expansion(testbench))
    except BoundExceededError as e:
        return e.message
    return ""


def tested_module(testbench: str) -> str | None:
    """The one module that a testbench uses and does not define; it is not elaborated here."""
    try:
        found = scan(parse(testbench, SourceManager()))
    except TooDeepError:
        return None
    names = {name for _, name in found.names if name not in found.modules}
    return names.pop() if len(names) == 1 else None


def judge_by_record_testbench(spec: Spec, work: Work) -> CheckResult:
    """Judge one answer by the testbench that came with it."""
    assert spec.testbench is not None
    assert work.cleared is not None
    assert work.elaboration is not None
    face = interface_of(work.elaboration.top)
    bench = RecordBench(spec.testbench, TestedDesign(work.cleared.text, work.cleared.scan, face))
    return bench.judge(work)


class RecordBench:
    """A testbench and the answer that it came with, in the simulator that reads both."""

    def __init__(self, testbench: Testbench, design: TestedDesign) -> None:
        self._testbench = testbench
        self._design = design
        self._tool: BenchTool = "icarus"

    def judge(self, work: Work) -> CheckResult:
        """What the testbench says, where it says anything."""
        ran = self._run(keep_top(self._design))
        if ran.ended == "compile" and not self._is_broken_by_answer():
            self._tool = "verilator"
            ran = self._run(keep_top(self._design))
            if ran.ended != "compile" and (why := self._refuses_own_reference()):
                return _undecided(why)
        return self._result(ran, work)

    def _result(self, ran: TestbenchRun, work: Work) -> CheckResult:
        if ran.ended == "compile":
            return self._not_compiled(ran)
        if ran.ended == "timeout":
            return self._late()
        if ran.ended in ("crash", "memory"):
            return _undecided(f"the simulation broke: {ran.printed[:300]}")
        if ran.ended == "fail":
            return _failed("bench", f"the record's own testbench: {ran.reading.told}", ran)
        if ran.ended == "silent" and has_praise(self._testbench.text):
            return _failed("bench", "the testbench does not say that the answer passes", ran)
        return self._weigh(ran, work)

    def _run(self, design: str) -> TestbenchRun:
        return run_testbench(self._testbench, design, self._tool)

    def _is_read(self) -> bool:
        """Whether the testbench compiles with a module that has all that it connects."""
        text = outline(self._testbench.text, self._design.face)
        return _control(self._testbench, text, self._tool).ended != "compile"

    def _is_broken_by_answer(self) -> bool:
        """Whether the simulator takes both, the answer and the testbench, but not together."""
        if not self._is_read():
            return False
        text = outline(self._testbench.text, self._design.face)
        return self._run(f"{rename_all(self._design)}\n{text}").ended != "compile"

    def _refuses_own_reference(self) -> str:
        """Whether a module of the testbench that has the answer's ports, and is what it compares
        with, does not pass: then the testbench lives by X, and the simulator knows none."""
        name = twin(self._testbench.text, self._design.face)
        if not name:
            return ""
        ran = _control(self._testbench, around(self._design.face, name), self._tool)
        told = "only Verilator reads the testbench, and there its own reference does not pass"
        return "" if ran.ended == "pass" else f"{told}: {ran.reading.told or ran.ended}"

    def _not_compiled(self, ran: TestbenchRun) -> CheckResult:
        if self._is_read():
            return _failed("bench-broken", f"it does not fit the testbench: {_first(ran)}")
        return _undecided(f"no simulator here reads the testbench: {_first(ran)}")

    def _late(self) -> CheckResult:
        """It does not come to its end: by the answer's doing, if it does with another module."""
        controls = self._controls()
        if all(ran.ended == "timeout" for ran in controls.values()):
            return _undecided("the testbench does not come to its end, whatever it tests")
        finding = Finding(
            "simulation.timeout", Severity.ERROR, "the testbench does not come to its end"
        )
        return CheckResult(
            name="simulation", outcome=Outcome.TIMEOUT, value=0.0, findings=(finding,)
        )

    def _controls(self) -> dict[str, TestbenchRun]:
        face = self._design.face
        texts = {said: stub(face, value) for said, value in CONSTANT_STUBS.items()}
        texts[ECHO] = echo(face)
        return {s: _control(self._testbench, t, self._tool) for s, t in texts.items()}

    def _weigh(self, ran: TestbenchRun, work: Work) -> CheckResult:
        """What a pass, or silence, is worth."""
        alike: list[str] = []
        controls = self._controls()
        for said, control in controls.items():
            if control.ended == "compile":
                return _undecided(f"the controls do not compile: {_first(control)}")
            if control.ended in ("pass", ran.ended) and not self._is_the_same(said, work):
                alike.append(said)
        if ran.ended == "silent" and (alike or not _any_fails(controls)):
            return _undecided("the testbench says nothing of right and wrong")
        if alike:
            return _undecided(f"the testbench also passes a module whose outputs are {alike[0]}")
        if self._tool == "icarus" and not self._sees_unknown(ran):
            return _undecided("the testbench does not see unknown outputs, and there are some")
        detail: Detail = {
            "judge": JUDGE,
            SELF_TESTED: True,
            "bench_by": ran.reading.by,
            "bench_told": ran.reading.told,
            "simulator": self._tool,
        }
        return CheckResult(name="simulation", outcome=Outcome.PASS, value=1.0, detail=detail)

    def _sees_unknown(self, right: TestbenchRun) -> bool:
        """Whether unknown outputs are complained of, or the answer shows none that matters."""
        stubs = [stub(self._design.face, value) for value in UNKNOWN_STUBS.values()]
        ends = [_control(self._testbench, text, self._tool).ended for text in stubs]
        if right.ended not in ends and "pass" not in ends:
            return True
        shown = (self._run(veiled(self._design, fill)) for fill in FILLS)
        return all(ran.ended == right.ended for ran in shown)

    def _is_the_same(self, said: str, work: Work) -> bool:
        """Whether a module that does nothing is what the answer provably is."""
        if not isinstance(work.netlist, Netlist) or work.netlist.state_bits:
            return False
        face = self._design.face
        text = echo(face) if said == ECHO else stub(face, CONSTANT_STUBS[said])
        spec = _spec_of(face)
        control = Unit(text.replace(f"module {face.top}", "module control_0", 1), "control_0")
        try:
            found = check_equivalence(spec, work.unit("lane0_"), control, SAME_SECONDS)
        except HarnessError:
            return False
        return found.verdict == "proved"


SAME_SECONDS = 2.0


@lru_cache(maxsize=256)
def _control_of(
    text: str, files: tuple[tuple[str, str], ...], design: str, tool: BenchTool
) -> TestbenchRun:
    return run_testbench(Testbench(text=text, files=dict(files)), design, tool)


def _control(testbench: Testbench, design: str, tool: BenchTool) -> TestbenchRun:
    """A run of what does nothing, made once for all answers with that testbench."""
    return _control_of(testbench.text, tuple(testbench.files.items()), design, tool)


def _any_fails(controls: dict[str, TestbenchRun]) -> bool:
    return any(ran.ended == "fail" for ran in controls.values())


def _spec_of(face: Interface) -> Spec:
    ports = tuple(
        Port(id=p.name, name=p.name, direction="output" if p.output else "input", width=p.width)
        for p in face.pins
    )
    return Spec(
        id="answer", category="", family="", difficulty="medium", title="", prompt="",
        top=face.top, ports=ports,
    )  # fmt: skip


def _first(ran: TestbenchRun) -> str:
    return next((s.strip()[:300] for s in ran.printed.splitlines() if s.strip()), "no reason given")


def _failed(what: str, message: str, ran: TestbenchRun | None = None) -> CheckResult:
    finding = Finding(f"simulation.{what}", Severity.ERROR, message)
    detail: Detail = {"judge": JUDGE}
    if ran is not None:
        detail |= {"bench_by": ran.reading.by, "bench_told": ran.reading.told}
    return CheckResult(
        name="simulation", outcome=Outcome.FAIL, value=0.0, findings=(finding,), detail=detail
    )


def _undecided(reason: str) -> CheckResult:
    return CheckResult(
        name="simulation",
        outcome=Outcome.ERROR,
        value=0.0,
        detail={"reason": f"not judged: {reason}"},
        decided=False,
    )
