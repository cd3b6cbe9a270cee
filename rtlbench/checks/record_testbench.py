"""A Verilog testbench that came with one answer, as the simulation Check: there is no reference.

Such a testbench is text from outside. None is run that could touch a file or reach a name built
from pieces: every system task in it must be on a short list, wherever in the text it stands. Its
word is made unforgeable as that of a suite's testbench is (rtlbench.checks.testbench), and is worth
something only if modules with the answer's ports that do nothing do not get it, too.

So: a pass is a printed pass, no complaint beside it, none for constant and unknown outputs (where
unknown outputs get one, the answer must pass with them shown as 0 and as 1). A testbench that does
not compile with the answer, that never says "pass", or that passes what does nothing, leaves the
function undecided. A testbench that can tell and does not pass the answer fails it.

Whoever wrote the answer wrote the testbench, and may have written one that passes just this answer.
So a pass says that the two agree, no more: `functional` stays null, and the result is
`self_tested`.
"""

from __future__ import annotations

import re

from pyslang import SourceManager

from rtlbench.checks.base import SELF_TESTED, Work
from rtlbench.checks.testbench import FILLS
from rtlbench.checks.testbench_run import (
    CONSTANT_STUBS,
    UNKNOWN_STUBS,
    TestbenchRun,
    TestedDesign,
    interface_of,
    keep_top,
    run_testbench,
    says_pass,
    stub,
    veiled,
)
from rtlbench.records.spec import Spec, Testbench
from rtlbench.records.verdict import CheckResult, Detail, Finding, Outcome, Severity
from rtlbench.rtl.bounds import BoundExceededError, check_shape, model_expansion
from rtlbench.rtl.scan import scan
from rtlbench.rtl.slang import TooDeepError, parse

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
_COMPLAINT = re.compile(r"fail|error|mismatch|incorrect|wrong", re.I)
_NO_COMPLAINT = re.compile(
    r"(?:\b(?:no|zero|0|without)\s+(?:\w+\s+){0,2}(?:fail|error|mismatch)\w*"
    r"|(?:fail|error|mismatch)\w*\s*(?:count|s)?\s*[:=]?\s*0+\b)",
    re.I,
)


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
    testbench = spec.testbench
    if not says_pass(testbench.text):
        return _undecided("the testbench never says that anything passed")
    design = TestedDesign(work.cleared.text, work.cleared.scan, interface_of(work.elaboration.top))
    ran = run_testbench(testbench, keep_top(design))
    why = _says_nothing(ran) or _is_worthless(testbench, design)
    if why:
        return _undecided(why)
    return _weigh(testbench, design) if _passes(ran) else _failed(ran)


def _says_nothing(ran: TestbenchRun) -> str:
    """Why a run is no word on the answer; empty where it may be one."""
    if ran.ended == "compile":
        return f"the testbench does not compile with the answer: {ran.printed[:300]}"
    if ran.ended in ("crash", "memory"):
        return f"the simulation broke: {ran.printed[:300]}"
    return "the testbench does not come to its end" if ran.ended == "timeout" else ""


def _passes(ran: TestbenchRun) -> bool:
    return ran.ended == "pass" and not complaint_in(ran.printed)


def complaint_in(printed: str) -> str:
    """The first line that reports something wrong; a count of none is no complaint."""
    for line in printed.splitlines():
        if _COMPLAINT.search(_NO_COMPLAINT.sub("", line)):
            return line.strip()[:200]
    return ""


def _is_worthless(testbench: Testbench, design: TestedDesign) -> str:
    for said, value in CONSTANT_STUBS.items():
        ran = run_testbench(testbench, stub(design.face, value))
        if ran.ended == "compile":
            return f"the controls do not compile: {ran.printed[:200]}"
        if _passes(ran):
            return f"the testbench also passes a module whose outputs are {said}"
    return ""


def _weigh(testbench: Testbench, design: TestedDesign) -> CheckResult:
    """What a pass is worth: one that is blind to unknown outputs must pass them as known."""
    stubs = (stub(design.face, value) for value in UNKNOWN_STUBS.values())
    if any(_passes(run_testbench(testbench, text)) for text in stubs):
        for fill in FILLS:
            if not _passes(run_testbench(testbench, veiled(design, fill))):
                return _undecided("the testbench does not see unknown outputs, and there are some")
    detail: Detail = {
        "judge": "testbench of the record",
        SELF_TESTED: True,
    }
    return CheckResult(name="simulation", outcome=Outcome.PASS, value=1.0, detail=detail)


def _failed(ran: TestbenchRun) -> CheckResult:
    told = complaint_in(ran.printed) or "it does not say that the answer passes"
    finding = Finding("simulation.bench", Severity.ERROR, f"the record's own testbench: {told}")
    return CheckResult(name="simulation", outcome=Outcome.FAIL, value=0.0, findings=(finding,))


def _undecided(reason: str) -> CheckResult:
    return CheckResult(
        name="simulation",
        outcome=Outcome.ERROR,
        value=0.0,
        detail={"reason": reason},
        decided=False,
    )
