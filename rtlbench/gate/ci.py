"""The gate's report as CI systems show it: junit with a case a rule, and a summary in Markdown."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import msgspec

from rtlbench.errors import UserError
from rtlbench.gate.rules import Change, GateReport, Requirement
from rtlbench.gate.text import figure_name, markdown_table
from rtlbench.io.atomic import append_whole
from rtlbench.io.counted import many
from rtlbench.io.untrusted import one_line

SUMMARY = "GITHUB_STEP_SUMMARY"
_SUITE = "rtlbench gate"


class _Line(msgspec.Struct, frozen=True):
    """A rule, and what became of it."""

    table: str
    name: str
    told: str
    passed: bool


def junit_of_report(report: GateReport) -> bytes:
    """A case a rule; a rule that is not met is a failure."""
    lines = list(_lines(report))
    failures = sum(not line.passed for line in lines)
    suite = ET.Element("testsuite", name=_SUITE, tests=str(len(lines)), failures=str(failures),
                       errors="0", skipped="0")
    for line in lines:
        case = ET.SubElement(suite, "testcase", classname=f"gate.{line.table}", name=line.name)
        if not line.passed:
            ET.SubElement(case, "failure", message=line.told).text = line.told
    return _document(suite)


def junit_of_refusal(why: str) -> bytes:
    """One error: nothing could be said of the run."""
    suite = ET.Element("testsuite", name=_SUITE, tests="1", failures="0", errors="1", skipped="0")
    case = ET.SubElement(suite, "testcase", classname="gate", name="the run can be judged")
    ET.SubElement(case, "error", message=one_line(why)).text = one_line(why, 4000)
    return _document(suite)


def summary_of(report: GateReport) -> str:
    """Markdown: what the gate says, and a line a rule."""
    verdict = "pass" if report.passed else "fail"
    counts = f"{many(report.answers, 'answer')} to {many(report.tasks, 'task')}"
    head = f"### rtlbench gate: {verdict}\n\n{counts}"
    if report.told:
        head += f"; {report.told}"
    rows = [[line.name, line.told, "pass" if line.passed else "**fail**"]
            for line in _lines(report)]
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return f"{head}\n\n{markdown_table(['rule', 'found', 'verdict'], cells)}"


def write_summary(text: str) -> bool:
    """Add `text` to the file that GITHUB_STEP_SUMMARY names; False where it names none.

    Raises:
        UserError: It cannot be written.
    """
    place = os.environ.get(SUMMARY)
    if not place:
        return False
    try:
        append_whole(Path(place), f"{text}\n".encode())
    except OSError as e:
        raise UserError(f"{place}: cannot be written ({e.strerror}); see {SUMMARY}") from e
    return True


def _lines(report: GateReport) -> Iterator[_Line]:
    for rule in report.requirements:
        yield _Line("require", one_line(f"{figure_name(rule.figure)}, {rule.of}: at least "
                                        f"{rule.least:g}"), _found(rule), rule.passed)
    for change in report.changes:
        name = f"{figure_name(change.figure)}, {change.of}: not worse than the baseline"
        yield _Line("baseline", one_line(name), _moved(change), change.passed)


def _found(rule: Requirement) -> str:
    if rule.value is None:
        return rule.note or "nothing to count"
    span = "" if rule.low is None or rule.high is None else f" ({rule.low:.3f} to {rule.high:.3f})"
    return one_line(f"{rule.value:.3f}{span}" + (f", {rule.note}" if rule.note else ""))


def _moved(change: Change) -> str:
    value = change.difference.value
    shown = "nothing to count" if value is None else f"{value:+.3f}"
    return f"{shown}, {change.verdict} (p {change.p_worse:.4f})"


def _document(suite: ET.Element) -> bytes:
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"
