"""The synthesizable part of SystemVerilog: every idiom right, and every wrong twin of it wrong."""

from __future__ import annotations

import pytest

from rtlbench.records.verdict import Outcome, Verdict
from tests.checks.systemverilog import IDIOMS
from tests.support import judge_all, rules, sync_counter


@pytest.fixture(scope="module")
def right() -> dict[str, Verdict]:
    texts = [text for text, _, _ in IDIOMS.values()]
    return dict(zip(IDIOMS, judge_all(texts, sync_counter()), strict=True))


@pytest.fixture(scope="module")
def wrong() -> dict[str, Verdict]:
    texts = [text.replace(old, new, 1) for text, old, new in IDIOMS.values()]
    return dict(zip(IDIOMS, judge_all(texts, sync_counter()), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("idiom", IDIOMS)
def test_an_idiom_is_right(right: dict[str, Verdict], idiom: str) -> None:
    verdict = right[idiom]
    assert rules(verdict) == set()
    assert (verdict.functional, verdict.synthesizes, verdict.outcome) == (True, True, Outcome.PASS)
    assert verdict.score == 1.0, verdict.findings


@pytest.mark.slow
@pytest.mark.parametrize("idiom", IDIOMS)
def test_its_wrong_twin_is_wrong(wrong: dict[str, Verdict], idiom: str) -> None:
    text, old, _ = IDIOMS[idiom]
    assert text.count(old) >= 1
    verdict = wrong[idiom]
    assert verdict.syntax_valid
    assert verdict.outcome is Outcome.FAIL, rules(verdict)
    assert verdict.functional is False, rules(verdict)


def test_there_are_many() -> None:
    assert len(IDIOMS) >= 75
