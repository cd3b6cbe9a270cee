"""What is right as written and wrong as synthesized is wrong."""

from __future__ import annotations

import pytest

from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.suites.families import load_suite
from tests.checks.split_circuits import SPLIT
from tests.support import judge_all, rules


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    spec = next(s for s in load_suite() if s.id == "updown_w4_sync")
    return dict(zip(SPLIT, judge_all(list(SPLIT.values()), spec), strict=True))


@pytest.mark.parametrize("name", SPLIT)
def test_no_circuit_that_hangs_on_the_simulators_order_passes(
    verdicts: dict[str, Verdict], name: str
) -> None:
    verdict = verdicts[name]
    assert verdict.outcome in (Outcome.FAIL, Outcome.TIMEOUT), rules(verdict)
    assert verdict.score < 0.95
    assert verdict.functional is not True
