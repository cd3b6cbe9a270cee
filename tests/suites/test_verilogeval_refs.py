"""VerilogEval's references are ordinary answers: nothing in them may be refused as invalid or
unsafe. What the other Checks say of them is true and listed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rtlbench.records.candidate import Candidate
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.verifier import Verifier

SUITE = Path(__file__).parents[2] / ".." / "shared" / "suites" / "verilog-eval"
pytestmark = [
    pytest.mark.skipif(not SUITE.is_dir(), reason="VerilogEval is not beside the checkout"),
    pytest.mark.slow,
]
TRUE_FINDINGS = {
    "Prob002": "ports",  # the task is a constant 0
    "Prob028": "synthesis",  # the task is a latch
    "Prob094": "ports",  # two output bits are left open, as the task allows
    "Prob096": "synthesis",  # a latch in always_comb, in states that are never reached
    "Prob134": "ports",  # a clock that nothing uses
    "Prob146": "synthesis",  # the same (tests/checks/test_named_refusals.py)
    "Prob152": "synthesis",
}


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    files = sorted((SUITE / "dataset_spec-to-rtl").glob("*_ref.sv"))
    answers = [
        Candidate(text=re.sub(r"\bRefModule\b", "TopModule", f.read_text())) for f in files
    ]
    found = Verifier().verify(None, answers)
    return {f.name.split("_")[0]: v for f, v in zip(files, found, strict=True)}


@pytest.mark.parametrize("check", ["syntax", "safety"])
def test_no_reference_is_refused(verdicts: dict[str, Verdict], check: str) -> None:
    assert len(verdicts) == 78
    refused = {k: v.findings for k, v in verdicts.items()
               if v.checks[check].outcome is not Outcome.PASS}
    assert refused == {}


def test_what_fails_is_known(verdicts: dict[str, Verdict]) -> None:
    failed = {
        k: name
        for k, v in verdicts.items()
        for name, result in v.checks.items()
        if result.outcome is not Outcome.PASS
    }
    assert failed == TRUE_FINDINGS
