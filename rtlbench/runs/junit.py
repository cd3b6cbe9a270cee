"""junit.xml with a case a sample, as viewers of CI show it: pytest's own has one a task, and counts
a wrong answer twice.

Each case has the category as its class, at most one failure or error, with the findings and the
table of the first mismatch, and as properties the score, the model, the outcome and the first rule
broken. Its time is its share of its task's: answers to a task are judged together. A task without
an answer that counts as wrong is a case that fails.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from rtlbench.io.atomic import write_whole
from rtlbench.io.explain import explain
from rtlbench.io.untrusted import one_line, printable
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome, Severity, Verdict
from rtlbench.runs.tasks import MissingTask

NO_ANSWER = "no answer"
COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}
"""The attributes of a suite, and the elements that they count the cases of."""


def by_sample(
    path: Path,
    specs: Iterable[Spec],
    verdicts: Iterable[Verdict],
    missing: Mapping[str, Iterable[MissingTask]],
) -> None:
    """Replace the cases of tasks, in the file that pytest wrote, by those of their samples.

    A task's own case stays where it says more than its samples do: a request without an answer, a
    fixture that failed.

    Args:
        missing: Tasks without an answer that count as wrong, by model.

    Raises:
        OSError: It cannot be read or written.
    """
    names = {spec.name: spec for spec in specs}
    judged: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        judged[verdict.spec_id or ""].append(verdict)
    tree = ET.parse(path)
    for k, suite in enumerate(tree.getroot().iter("testsuite")):
        _in_suite(suite, names, judged)
        if not k:
            suite.extend(_missing(task, model) for model, own in missing.items() for task in own)
        _count(suite)
    write_whole(path, ET.tostring(tree.getroot(), encoding="utf-8", xml_declaration=True))


def _in_suite(
    suite: ET.Element, names: Mapping[str, Spec], judged: Mapping[str, list[Verdict]]
) -> None:
    cases: dict[str, list[ET.Element]] = defaultdict(list)
    for case in suite.findall("testcase"):
        name = _task(case.get("name", ""))
        if name in names:
            cases[name].append(case)
    for name, own in cases.items():
        found = judged.get(names[name].id, [])
        seconds = sum(float(case.get("time", 0)) for case in own)
        for case in own:
            if found and not _says_more(case, found):
                suite.remove(case)
        suite.extend(_case(v, names[name], seconds / len(found)) for v in found)


def _count(suite: ET.Element) -> None:
    every = suite.findall("testcase")
    suite.set("tests", str(len(every)))
    for attribute, element in COUNTED.items():
        suite.set(attribute, str(sum(case.find(element) is not None for case in every)))


def _task(case: str) -> str:
    """What stands between a case's brackets."""
    return case.partition("[")[2].partition("]")[0]


def _says_more(case: ET.Element, found: Iterable[Verdict]) -> bool:
    return case.find("error") is not None and all(v.outcome is not Outcome.ERROR for v in found)


def _missing(task: MissingTask, model: str) -> ET.Element:
    """A task that a model did not answer."""
    case = ET.Element(
        "testcase", classname=task.category, time="0",
        name=f"{task.spec_id}[{NO_ANSWER}] {one_line(model)}",
    )  # fmt: skip
    _tell(case, {"score": "0.000", "model": one_line(model), "outcome": NO_ANSWER, "rule": ""})
    told = f"{NO_ANSWER}: counts as wrong; --partial leaves such tasks out"
    ET.SubElement(case, "failure", type=NO_ANSWER, message=told).text = told
    return case


def _tell(case: ET.Element, told: Mapping[str, str]) -> None:
    properties = ET.SubElement(case, "properties")
    for name, value in told.items():
        ET.SubElement(properties, "property", name=name, value=value)


def _case(verdict: Verdict, spec: Spec, seconds: float) -> ET.Element:
    model = one_line(verdict.model)
    case = ET.Element(
        "testcase", classname=spec.category, time=f"{seconds:.3f}",
        name=f"{spec.id}[{verdict.sample}] {model}",
    )  # fmt: skip
    errors = [f for f in verdict.findings if f.severity is Severity.ERROR]
    rule = errors[0].rule if errors and verdict.outcome is not Outcome.PASS else ""
    _tell(case, {
        "score": f"{verdict.score:.3f}", "model": model, "outcome": str(verdict.outcome),
        "rule": rule,
    })  # fmt: skip
    if verdict.outcome is Outcome.PASS:
        return case
    text = printable(explain(verdict))
    kind = "error" if verdict.outcome is Outcome.ERROR else "failure"
    message = one_line(errors[0].message) if errors else text.partition("\n")[0]
    ET.SubElement(case, kind, type=rule or str(verdict.outcome), message=message).text = text
    return case
