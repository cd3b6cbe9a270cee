"""Defects that show only where reset or an input meets one rare state: refused under every seed."""

from __future__ import annotations

from typing import Any

import pytest

from rtlbench.records.candidate import Candidate
from rtlbench.records.verdict import Outcome
from rtlbench.verifier import Config, Verifier
from tests.support import drawn_spec

SEEDS = 4
VENDING = {
    "v1": 3, "v2": 14, "v3": 2, "price": 16, "rest": "lost", "timing": "registered",
    "with_cancel": False, "show_credit": False, "reset": "sync", "edge": "negedge",
}  # fmt: skip
TIMER = {
    "width": 4, "prescale": 6, "mode": "periodic", "retrigger": True, "stoppable": True,
    "irq": False, "reset": "async", "enable": True, "enable_active": "low",
}  # fmt: skip
CRC = {
    "width": 16, "poly": 2896, "ones": True, "invert": True, "reflected": True, "bits": 16,
    "frames": True, "clearing": False, "reset": "sync", "reset_active": "low",
    "edge": "negedge", "enable": True, "enable_active": "high",
}  # fmt: skip
DETECTOR = {
    "pattern": "11011", "machine": "moore", "overlap": False, "reset": "sync", "enable": True,
    "reset_active": "low",
}  # fmt: skip
DEFECTS = [
    pytest.param("vending_machine", VENDING, "credit <= 5'd0", "credit <= 5'd1", id="reset-value"),
    pytest.param("interval_timer", TIMER, "done <= 1'b0;", "", id="done-survives-reset"),
    pytest.param("crc_unit", CRC, "crc_valid <= 1'b0;", "", id="valid-survives-reset"),
    pytest.param("sequence_detector", DETECTOR, "S0: following = x ? S1 : S0", "S0: following = S1",
                 id="first-bit-ignored"),
]  # fmt: skip


@pytest.mark.parametrize(("family", "params", "right", "wrong"), DEFECTS)
def test_a_defect_in_a_rare_state_is_met(
    family: str, params: dict[str, Any], right: str, wrong: str
) -> None:
    spec = drawn_spec(family, **params)
    assert right in spec.golden, spec.golden
    spoilt = spec.golden.replace(right, wrong, 1)
    for seed in range(SEEDS):
        verifier = Verifier(Config(seed=seed))
        good, bad = verifier.verify(spec, [Candidate(text=spec.golden), Candidate(text=spoilt)])
        assert good.outcome is Outcome.PASS, good
        assert bad.checks["simulation"].outcome is Outcome.FAIL, seed
