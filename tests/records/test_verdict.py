"""Verdicts cross process and file borders as JSON."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlbench.records.verdict import (
    SCHEMA_VERSION,
    CheckResult,
    Finding,
    Outcome,
    Severity,
    TraceRow,
    Verdict,
)
from tests.support import CLASSIC, async_counter, judge

TEXT = st.text(max_size=20)
COUNT = st.none() | st.integers(1, 10**6)
FLAG = st.none() | st.booleans()
FINDINGS = st.builds(Finding, TEXT, st.sampled_from(Severity), TEXT, COUNT, COUNT)
WORDS = st.dictionaries(TEXT, TEXT, max_size=3)
ROWS = st.builds(
    TraceRow,
    st.integers(0, 10**6),
    st.dictionaries(TEXT, st.integers(0, 2**60), max_size=3),
    WORDS,
    st.none() | WORDS,
)
RESULTS = st.builds(
    CheckResult,
    name=TEXT,
    outcome=st.sampled_from(Outcome),
    value=st.floats(0, 1),
    findings=st.lists(FINDINGS, max_size=3).map(tuple),
    detail=st.dictionaries(TEXT, TEXT | st.integers(-9, 9) | FLAG, max_size=3),
    trace=st.lists(ROWS, max_size=3).map(tuple),
)
VERDICTS = st.builds(
    Verdict,
    spec_id=st.none() | TEXT,
    sample=st.integers(0, 1000),
    model=TEXT,
    outcome=st.sampled_from(Outcome),
    score=st.floats(0, 1),
    syntax_valid=st.booleans(),
    synthesizes=FLAG,
    all_io_used=FLAG,
    functional=FLAG,
    formal=st.sampled_from((None, "proved", "bounded", "different")),
    formal_depth=COUNT,
    checks=st.dictionaries(TEXT, RESULTS, max_size=2),
    findings=st.lists(FINDINGS, max_size=3).map(tuple),
    category=st.none() | TEXT,
    weights=st.dictionaries(TEXT, st.floats(0, 1), max_size=3),
)


@given(VERDICTS)
def test_a_verdict_comes_back_from_json_as_it_went(verdict: Verdict) -> None:
    text = msgspec.json.encode(verdict)
    assert b"\n" not in text  # one line of samples.jsonl
    assert msgspec.json.decode(text, type=Verdict) == verdict


@pytest.mark.parametrize("text", ["wrong", "right", CLASSIC, "\x00\x01", "no code at all"])
def test_a_real_verdict_comes_back_from_json_as_it_went(text: str) -> None:
    spec = async_counter()
    answers = {"right": spec.golden, "wrong": spec.golden.replace("+ 1'b1", "+ 2'd2")}
    verdict = judge(answers.get(text, text), spec)
    assert msgspec.json.decode(msgspec.json.encode(verdict), type=Verdict) == verdict
    assert verdict.schema_version == SCHEMA_VERSION


def test_records_cannot_be_changed() -> None:
    verdict = judge(CLASSIC)
    with pytest.raises(AttributeError):
        verdict.score = 1.0  # type: ignore[misc]


def test_all_findings_of_all_checks_are_told_in_order() -> None:
    verdict = judge(CLASSIC)
    every = [f for r in verdict.checks.values() for f in r.findings]
    assert list(verdict.findings) == every
    assert every
