"""lint: what Verilator -Wall warns of, style aside, and what blocks do not wait for. Warnings lower
the value, never fail.

A batch of candidates is one process, messages by candidate.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from rtlbench.checks.allowances import read_allowances
from rtlbench.checks.base import Check, Work, conclude
from rtlbench.checks.sensitivity import Unheard, unheard
from rtlbench.records.verdict import CheckResult, Detail, Finding, Outcome, Severity
from rtlbench.rtl.batches import BrokenBatch, Unit, in_batches, own_company
from rtlbench.sandbox import locate
from rtlbench.sandbox.process import Finished, Limits, run
from rtlbench.sandbox.sandbox import private_folder

MAX_FINDINGS = 10
STYLE_ONLY = (
    "DECLFILENAME", "MULTITOP", "EOFNEWLINE", "TIMESCALEMOD", "GENUNNAMED", "IMPORTSTAR",
    "UNUSEDPARAM", "UNUSEDGENVAR", "PROCASSINIT",
    "VARHIDDEN",
)  # fmt: skip
"""Warnings that say nothing about the circuit; VARHIDDEN also comes of names in other modules of
the same call, so that it would depend on an answer's neighbours."""
SAYS_NOTHING = re.compile(
    r"Logical operator \w+ expects 1 bit on the |Bits of function variable are not used: "
)
"""Messages likewise, of warnings that may say something: `!count` and `if (count)` ask whether a
word is zero and cut nothing; an argument is as wide as what is handed over."""
_MESSAGE = re.compile(
    r"^%(?P<kind>Warning|Error)(?:-(?P<code>\w+))?: (?P<unit>unit\d+)\.sv:(?P<line>\d+):"
    r"(?:(?P<column>\d+):)? (?P<text>.*)$",
    re.M,
)
LIMITS = Limits(wall=60.0, cpu=10)


class Lint(Check):
    """Lowers the value by what Verilator -Wall warns of, style aside."""

    name = "lint"
    needs: tuple[str, ...] = ("syntax", "safety")

    def run(self, works: Sequence[Work]) -> list[CheckResult]:
        """Lint the batch in one process."""
        found = lint([w.unit(f"unit{k}_") for k, w in enumerate(works)])
        return [_judge(work, messages) for work, messages in zip(works, found, strict=True)]


def _judge(work: Work, messages: Sequence[LintMessage] | None) -> CheckResult:
    if messages is None:
        reason: Detail = {"reason": "Verilator gave no answer"}
        return CheckResult(name="lint", outcome=Outcome.ERROR, value=0.0, detail=reason)
    messages = [m for m in messages if not _is_asked_for(m, work)]
    findings = [_finding(work, m) for m in messages]
    if work.elaboration is not None:
        findings += [_of_block(work, one) for one in unheard(work.elaboration)]
    detail: Detail = {"warnings": len(findings)}
    return conclude("lint", findings[:MAX_FINDINGS], floor=0.0, detail=detail)


def _of_block(work: Work, found: Unheard) -> Finding:
    text = work.source.text
    line = work.source.original_line(text.count("\n", 0, found.offset) + 1)
    column = found.offset - text.rfind("\n", 0, found.offset)
    return Finding(found.rule, Severity.WARNING, found.message, line, column)


def _is_asked_for(message: LintMessage, work: Work) -> bool:
    """Whether the words ask for what is warned of; where there is a golden, they do not count."""
    if work.context.golden is not None:
        return False
    allowed = read_allowances(work.words)
    named = re.findall(r"'(\w+)'", message.text)
    unused = message.code == "UNUSEDSIGNAL" and any(n in allowed.unused for n in named)
    return unused or (message.code == "LATCH" and allowed.latch)


def _finding(work: Work, message: LintMessage) -> Finding:
    text = re.sub(r"\bunit\d+_\d+\.", "", message.text)  # a path, told so in batches only
    text = re.sub(r"\bunit\d+_\d+\b", work.top or "module", text)
    line = work.source.original_line(message.line)
    return Finding(f"lint.{message.code.lower()}", Severity.WARNING, text, line, message.column)


class LintMessage(msgspec.Struct, frozen=True):
    """One message; `error` where Verilator could not go on because of it."""

    code: str
    text: str
    line: int
    column: int | None
    error: bool


def lint(units: Sequence[Unit]) -> list[list[LintMessage] | None]:
    """Verilator's messages for each unit, in order; None where it could not tell.

    Raises:
        HarnessError: Verilator cannot be started.
    """
    return in_batches(units, _attempt, lambda _, messages: messages, key=own_company)


def _attempt(
    units: Sequence[Unit],
) -> list[list[LintMessage] | None] | BrokenBatch[list[LintMessage] | None]:
    """The messages of one call. An error ends it early, so that the others are looked at again
    without those that have one."""
    ran, messages = _one_pass(units)
    if ran.ok:
        return list(messages)
    failed = [k for k, found in enumerate(messages) if any(m.error for m in found)]
    return BrokenBatch(messages[failed[0]] if failed else None, frozenset(failed))


def _one_pass(units: Sequence[Unit]) -> tuple[Finished, list[list[LintMessage]]]:
    tool = locate.verilator()
    with private_folder() as folder:
        files = [f"unit{k}.sv" for k in range(len(units))]
        for file, unit in zip(files, units, strict=True):
            (folder / file).write_bytes(unit.text.encode())
        ignored = [f"-Wno-{code}" for code in STYLE_ONLY]
        top = ["--top-module", units[0].top] if len(units) == 1 else []
        options = ["--lint-only", "-Wall", "--timing", "-Wno-fatal", *ignored, *top]
        ran = run([*tool.argv, *options, *files], folder=folder, limits=LIMITS, env=tool.env)
    messages: list[list[LintMessage]] = [[] for _ in units]
    for m in _MESSAGE.finditer(ran.stderr):
        column = int(m["column"]) if m["column"] else None
        error = m["kind"] == "Error"
        code = m["code"] or "ERROR"
        message = LintMessage(code, m["text"].strip(), int(m["line"]), column, error)
        place = int(m["unit"][4:])
        if not (SAYS_NOTHING.match(message.text) or _is_priority(message, units[place].text)):
            messages[place].append(message)
    return ran, messages


def _is_priority(message: LintMessage, text: str) -> bool:
    """Whether choices of a `casez` overlap: its first choice that fits counts, so that this is how
    priority is written."""
    shown = text.split("\n")[message.line - 1 : message.line]
    return message.code == "CASEOVERLAP" and "?" in "".join(shown)


CHECK: Check = Lint()
