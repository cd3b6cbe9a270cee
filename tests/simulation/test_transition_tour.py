"""The tour: a defect at any one pair of state and inputs of a small design is met."""

from __future__ import annotations

import pytest

from rtlbench.io.shipped import shipped
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome
from rtlbench.suites.families import load_family
from tests.support import drawn_spec, judge_all

WIDTH = 5
STATES = 1 << WIDTH
UP = "q <= q + 1'b1"


@pytest.fixture(scope="module")
def counter() -> Spec:
    """Counts up and down, with an enable."""
    return drawn_spec(
        "updown", width=WIDTH, reset="async", reset_active="high", reset_value=0, edge="posedge",
        enable=True, enable_active="high", wrap_flag=False,
    )  # fmt: skip


def missed(spec: Spec, wrong: list[str]) -> list[str]:
    """Those of the answers that pass; the golden stands before them, and must."""
    good, *others = judge_all([spec.golden, *wrong], spec)
    assert good.outcome is Outcome.PASS, good
    return [text for text, v in zip(wrong, others, strict=True) if v.outcome is Outcome.PASS]


def test_a_wrong_step_from_any_one_state_is_met(counter: Spec) -> None:
    assert UP in counter.golden, counter.golden
    wrong = [
        counter.golden.replace(UP, f"q <= (q == {STATES // 2 + k}) ? q : q + 1'b1")
        for k in range(STATES // 2)
    ]
    assert not missed(counter, wrong)


def test_an_enable_that_one_state_does_not_heed_is_met(counter: Spec) -> None:
    assert "if (en)" in counter.golden, counter.golden
    wrong = [
        counter.golden.replace("if (en)", f"if (en || q == {k} && {up})")
        for k in range(STATES)
        for up in ("up", "!up")
    ]
    assert not missed(counter, wrong)


def test_requests_that_one_turn_does_not_serve_are_met() -> None:
    members = load_family(shipped("hdl_specs") / "arbiter" / "arb_round_robin")
    spec = next(s for s in members if s.id == "arb_round_robin_n4_reg")
    assert "assign winner = " in spec.golden, spec.golden
    wrong = [
        spec.golden.replace(
            "assign winner = ", f"assign winner = (grant == {turn} && req == {asked}) ? 4'd0 : "
        )
        for turn in (0, 1, 2, 4, 8)
        for asked in range(1, 16)
    ]
    assert not missed(spec, wrong)
