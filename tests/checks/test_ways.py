"""Each of many right ways to write one circuit is right, in both simulators."""

from __future__ import annotations

import pytest

from rtlbench.records.candidate import Candidate
from rtlbench.records.verdict import Verdict
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Config, Verifier
from tests.checks.ways import WAYS

SPEC = next(s for s in load_suite() if s.id == "updown_w4_sync")


def judged(simulator: str, texts: dict[str, str]) -> dict[str, Verdict]:
    asked = [Candidate(text=text, spec_id=SPEC.id) for text in texts.values()]
    return dict(zip(texts, Verifier(Config(simulator=simulator)).verify(SPEC, asked), strict=True))


def not_right(verdicts: dict[str, Verdict]) -> dict[str, list[str]]:
    return {
        way: [f"{v.outcome} {v.score}", *(f"{f.rule}: {f.message}" for f in v.findings)]
        for way, v in verdicts.items() if v.functional is not True or v.score != 1.0
    }  # fmt: skip


def test_there_are_many() -> None:
    assert len(WAYS) >= 89
    assert len({"".join(text.split()) for text in WAYS.values()}) == len(WAYS)


def test_every_way_is_right_by_icarus() -> None:
    assert not_right(judged("icarus", WAYS)) == {}


@pytest.mark.slow
def test_every_way_is_right_by_verilator() -> None:
    assert not_right(judged("verilator", WAYS)) == {}


def test_its_wrong_twin_is_wrong() -> None:
    """The reset left out, where the text says it in one place."""
    once = {way: text for way, text in WAYS.items() if text.count("(rst)") == 1}
    twins = {way: text.replace("(rst)", "(1'b0 & rst)") for way, text in once.items()}
    assert len(twins) >= 40
    assert [w for w, v in judged("icarus", twins).items() if v.functional is not False] == []
