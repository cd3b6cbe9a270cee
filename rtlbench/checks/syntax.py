"""syntax: slang parses and elaborates the answer, and its interface is the one asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pyslang import Diagnostic

from rtlbench.checks.base import Check, Work, conclude, one_by_one
from rtlbench.records.spec import Port, Spec
from rtlbench.records.verdict import CheckResult, Detail, Finding, Severity
from rtlbench.rtl.elaboration_size import TooLargeError
from rtlbench.rtl.extraction import Extraction
from rtlbench.rtl.slang import Elaboration, TooDeepError, elaborate

MAX_FINDINGS = 10
_OTHER = (
    (
        "it has statements without a module around them",
        r"always(?:_ff|_comb|_latch)?\b\s*(?:@|begin)|assign\s+\w+[^=\n]*=|endmodule\b",
    ),
    ("it is VHDL", r"(?:entity\s+\w+\s+is|architecture\s+\w+\s+of|library\s+ieee)\b"),
    ("it is C", r"#\s*include\s*[<\"]|(?:int|void)\s+\w+\s*\([^)]*\)\s*\{"),
    (
        "it is Python",
        r"import\s+\w+|from\s+\w+\s+import|def\s+\w+\s*\(|class\s+\w+.*:$|print\(",
    ),
)
"""What an answer without a module may be; the first that its text has the form of."""
_OPEN_THINKING = re.compile(r"<think(?:ing)?>(?!.*</think)", re.S)
MAX_PORT_WIDTH = 65_536
"""In bits; the later Checks look at ports bit by bit."""


class Syntax(Check):
    """Parses and elaborates the answer with slang, and compares its interface with the Spec's."""

    name = "syntax"
    needs: tuple[str, ...] = ()

    def run(self, works: Sequence[Work]) -> list[CheckResult]:
        """Parse, elaborate, compare interfaces; keeps the elaboration for later Checks."""
        return one_by_one(self.name, works, _judge)


def _judge(work: Work) -> CheckResult:
    return conclude("syntax", _examine(work), detail=_left_out(work.extraction))


def _left_out(extraction: Extraction) -> Detail:
    """What of the answer is not judged, for people."""
    words = ", ".join(extraction.left_out[:MAX_FINDINGS])
    return {"left_out": words} if words else {}


def _examine(work: Work) -> list[Finding]:
    if not work.extraction.rtl.strip() and work.candidate.text.strip():
        return [_no_module(work)]
    if work.source.refusals:
        return list(work.source.refusals)
    try:
        view = elaborate(work.source.text, work.top)
    except TooDeepError as e:
        return [Finding("syntax.too-deep", Severity.ERROR, str(e))]
    except TooLargeError as e:
        return [Finding("syntax.too-large", Severity.ERROR, str(e))]
    work.elaboration = view
    errors = [d for d in view.errors if "InvalidTopModule" not in str(d.code)]
    findings = [view.finding(d, _rule(d), Severity.ERROR) for d in errors[:MAX_FINDINGS]]
    if work.extraction.truncated:
        message = "the answer breaks off before endmodule"
        findings.append(Finding("syntax.truncated", Severity.ERROR, message))
    if not findings:
        findings = list(_interface(view, work.context.spec, work.top))
    return [work.source.in_original_lines(f) for f in findings]


def _rule(diagnostic: Diagnostic) -> str:
    """A module that lies in another file is told apart from what is no Verilog."""
    missing = "UnknownModule" in str(diagnostic.code)
    return "syntax.unknown-module" if missing else "syntax.error"


def _no_module(work: Work) -> Finding:
    """What to say of an answer in which no module begins."""
    text = work.candidate.text
    if work.extraction.truncated or _OPEN_THINKING.search(text):
        what = "it breaks off before one"
    else:
        what = next(
            (told for told, form in _OTHER if re.search(rf"^\s*(?:{form})", text, re.M | re.I)),
            "it has words alone",
        )
    return Finding(
        "syntax.no-module", Severity.ERROR, f"the answer holds no Verilog module: {what}"
    )


def _interface(
    view: Elaboration, spec: Spec | None, top: str | None
) -> Iterator[Finding]:
    if view.top is None:
        yield _no_top(view, top)
        return
    yield from _too_wide(view)
    if spec is None or not spec.ports:
        return
    line, column = view.line_column(view.top.location)
    given = {p.name: p for p in view.top.body.portList}
    loose = _severity_of_form(spec)
    for port in spec.ports:
        if port.name not in given:
            message = f"port {port.name} ({_kind(port)}) is missing"
            yield Finding("syntax.missing-port", Severity.ERROR, message, line, column)
        else:
            yield from _compare(view, port, given[port.name], loose)
    wanted = {p.name for p in spec.ports}
    for name, symbol in given.items():
        if name not in wanted:
            where = view.line_column(symbol.location)
            message = f"port {name} is not in the interface that was asked for"
            yield Finding("syntax.extra-port", loose, message, *where)


def _severity_of_form(spec: Spec) -> Severity:
    """Of a width or an additional port that was not asked for.

    A testbench in Verilog connects what has the right name, pads, cuts and leaves open, and then
    judges what comes out; its Spec's widths are the reference's, which the words need not state.
    """
    return Severity.ERROR if spec.testbench is None else Severity.WARNING


def _too_wide(view: Elaboration) -> Iterator[Finding]:
    assert view.top is not None
    for symbol in view.top.body.portList:
        width = _width(symbol)
        if width > MAX_PORT_WIDTH:
            message = f"port {symbol.name} is {_bits(width)} wide; the limit is {MAX_PORT_WIDTH}"
            where = view.line_column(symbol.location)
            yield Finding("syntax.too-large", Severity.ERROR, message, *where)


def _no_top(view: Elaboration, top: str | None) -> Finding:
    if not view.modules:
        return Finding("syntax.no-module", Severity.ERROR, "the answer defines no module")
    names = ", ".join(view.modules)
    message = f"no top module {top or ''} is defined; the answer has {names}"
    return Finding("syntax.wrong-top", Severity.ERROR, message)


def _compare(
    view: Elaboration, port: Port, symbol: object, loose: Severity
) -> Iterator[Finding]:
    where = view.line_column(symbol.location)  # type: ignore[attr-defined]
    direction = getattr(symbol, "direction", None)
    kind = {"In": "input", "Out": "output"}.get(getattr(direction, "name", ""), "other")
    width = _width(symbol)
    if kind != port.direction:
        message = f"port {port.name} must be an {port.direction}, it is {kind}"
        yield Finding("syntax.port-direction", Severity.ERROR, message, *where)
    elif width != port.width:
        message = f"port {port.name} must be {_bits(port.width)} wide, it is {_bits(width)}"
        yield Finding("syntax.port-width", loose, message, *where)


def _width(symbol: object) -> int:
    return int(getattr(getattr(symbol, "type", None), "bitWidth", 0))


def _kind(port: Port) -> str:
    return f"{port.direction}, {_bits(port.width)}"


def _bits(width: int) -> str:
    return "1 bit" if width == 1 else f"{width} bits"


CHECK: Check = Syntax()
