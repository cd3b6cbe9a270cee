"""What the syntax and safety Checks must let through: goldens, public references, idioms."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rtlbench.checks.base import Context
from rtlbench.checks.safety import CHECK as SAFETY
from rtlbench.checks.syntax import CHECK as SYNTAX
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import CheckResult, Outcome
from rtlbench.suites.families import load_suite
from tests.checks.idioms import idioms
from tests.support import plain_spec, work_for

SUITES = Path(__file__).parents[2] / ".." / "shared" / "suites"
REFERENCES = {"verilog-eval": "*_ref.sv", "rtllm": "verified_*.v"}
NOT_SYNTHESIZABLE = {
    "verified_clkgenerator.v": "it makes a clock out of delays",
}
"""References that no answer may follow, and why."""
IDIOMS = idioms()


def refusals(text: str, top: str, spec: Spec | None = None) -> list[str]:
    """What the two Checks say against `text`."""
    asked = spec or plain_spec("", top=top)
    work = work_for(text, Context(spec=asked, worded=False, simulator=None, golden=None))
    for check in (SYNTAX, SAFETY):
        result: CheckResult = check.run([work])[0]
        if result.outcome is not Outcome.PASS:
            return [f"{f.rule}: {f.message}" for f in result.findings]
    return []


@pytest.mark.parametrize("name", IDIOMS)
def test_no_ordinary_idiom_is_refused(name: str) -> None:
    assert refusals(IDIOMS[name], "m") == []


def test_no_golden_is_refused() -> None:
    specs = load_suite()
    found = {s.id: r for s in specs if (r := refusals(s.golden, s.top, s))}
    print(f"{len(specs)} goldens, {len(found)} refused")
    assert found == {}


@pytest.mark.skipif(not SUITES.is_dir(), reason="the public suites are not beside the checkout")
@pytest.mark.parametrize("suite", REFERENCES)
def test_no_public_reference_is_refused(suite: str) -> None:
    files = sorted((SUITES / suite).rglob(REFERENCES[suite]))
    assert files
    found = {f.name: r for f in files if (r := refusals(f.read_text(), _top(f)))}
    print(f"{suite}: {len(files)} references, {len(found)} refused")
    assert found.keys() == NOT_SYNTHESIZABLE.keys() & {f.name for f in files}


def _top(file: Path) -> str:
    """The last module that a reference defines and no other module of it uses."""
    text = file.read_text()
    names: list[str] = re.findall(r"^\s*module\s+(\w+)", text, re.M)
    roots = [n for n in names if len(re.findall(rf"\b{n}\b", text)) == 1]
    return (roots or names)[-1]
