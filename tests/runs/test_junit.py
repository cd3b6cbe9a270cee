"""junit.xml as viewers of CI read it: the elements and attributes that the usual schema knows
(Surefire's, and Jenkins' xunit plugin's), and what junitparser makes of it.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import junitparser
import pytest


class Kind(NamedTuple):
    """What the schema says of an element."""

    required: frozenset[str]
    further: frozenset[str]
    children: frozenset[str]


def kind(required: str = "", further: str = "", children: str = "") -> Kind:
    """Attributes and children, a word each."""
    return Kind(*(frozenset(words.split()) for words in (required, further, children)))


TOLD = kind(further="type message")
SCHEMA = {
    "testsuites": kind(further="name time tests failures errors", children="testsuite"),
    "testsuite": kind(
        "name tests failures errors",
        "group time skipped timestamp hostname id package file log url version",
        "testsuite properties testcase system-out system-err",
    ),
    "testcase": kind(
        "name", "time classname group",
        "properties skipped error failure system-out system-err",
    ),
    "properties": kind(children="property"),
    "property": kind("name value"),
    "failure": TOLD,
    "error": TOLD,
    "skipped": TOLD,
    "system-out": kind(),
    "system-err": kind(),
}  # fmt: skip
"""Surefire's has properties in a case; the plugin passes over them."""
TIME = re.compile(r"\d{1,3}(,\d{3})*(\.\d{1,3})?|\d*(\.\d{0,3})?")


def faults(node: ET.Element) -> list[str]:
    """What the schema does not know, in `node` and all below it."""
    known = SCHEMA.get(node.tag)
    if known is None:
        return [f"an element {node.tag}"]
    given = set(node.keys())
    found = [f"{node.tag} without {name}" for name in known.required - given]
    found += [f"{node.tag} with {name}" for name in given - known.required - known.further]
    found += [f"{below.tag} in {node.tag}" for below in node if below.tag not in known.children]
    if "time" in given and not TIME.fullmatch(node.get("time", "")):
        found.append(f"{node.tag} takes {node.get('time')}")
    return found + [fault for below in node for fault in faults(below)]


@pytest.fixture
def written(
    rtlbench: Any, small_suite: Any, write_answers: Callable[..., Path], answer_kinds: Any,
    tmp_path: Path,
) -> Path:  # fmt: skip
    """Of a right, a wrong and a hostile answer, and of tasks without any."""
    first, second = small_suite.specs[:2]
    hostile = {"spec_id": second.id, "sample": 7, "model": "a\x1b[2J<b>&\"'\u2028\ud83d\ude00",
               "rtl": "module updown_counter; ]]><failure/> \x07 endmodule"}  # fmt: skip
    answers = write_answers(answer_kinds["right"](first), answer_kinds["wrong"](first), hostile)
    ran = rtlbench("bench", small_suite.option, "--candidates", answers, "--results", "r")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return tmp_path / "cwd" / "r" / "junit.xml"


def test_the_schema_knows_all_of_it(written: Path) -> None:
    root = ET.parse(written).getroot()
    assert faults(root) == []
    for suite in root.iter("testsuite"):
        cases = suite.findall("testcase")
        assert suite.get("tests") == str(len(cases))
        assert suite.get("failures") == str(len(suite.findall("testcase/failure")))
        assert all(len(case.findall("failure") + case.findall("error")) <= 1 for case in cases)
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(set(names)) == len(names)


def test_a_viewers_parser_reads_it(written: Path) -> None:
    [suite] = junitparser.JUnitXml.fromfile(str(written))
    cases = {case.name: case for case in suite}
    # Two models answered, so that each has tasks without an answer: four and four of five.
    assert (suite.tests, suite.failures, suite.errors) == (3 + 8, 2 + 8, 0)
    right, wrong = cases["updown_w4_sync[0] m"], cases["updown_w4_sync[1] m"]
    assert (right.classname, right.is_passed) == ("updown_counter", True)
    assert 0 < right.time < 300
    own = wrong.child(junitparser.Properties)  # type: ignore[no-untyped-call]
    told = {p.name: p.value for p in own}
    assert told["outcome"] == "fail"
    assert told["rule"] == "simulation.mismatch"
    assert told["model"] == "m"
    assert 0 < float(told["score"]) < 1
    [failure] = wrong.result
    assert isinstance(failure, junitparser.Failure)
    assert failure.type == "simulation.mismatch"
    assert "cycle" in failure.text
    assert "q expected" in failure.text


def test_the_gates_is_known_too(rtlbench: Any, written: Path, tmp_path: Path) -> None:
    policy, out = tmp_path / "gate.toml", tmp_path / "gate.xml"
    policy.write_text("[require]\nfunctional = 0.9\n")
    for code, results in ((2, written.parent), (2, tmp_path / "none")):  # two models; no run
        ran = rtlbench("gate", results, "--policy", policy, "--junit", out)
        assert ran.returncode == code
        assert faults(ET.parse(out).getroot()) == []


def test_a_fault_is_seen() -> None:
    wrong = ET.fromstring('<testsuite name="a" tests="1" failures="0"><testcase line="1" name="b">'
                          "<errors/></testcase></testsuite>")  # fmt: skip
    assert faults(wrong) == [
        "testsuite without errors", "testcase with line", "errors in testcase",
        "an element errors",
    ]  # fmt: skip
