"""What passes simulation is compared formally for a moment: a difference fails it, anything else
changes nothing of the Verdict."""

from __future__ import annotations

import msgspec
import pytest

from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Config, Verifier
from tests.checks.rare_faults import FAULTS, RareFault
from tests.support import async_counter

SPECS = {s.id: s for s in load_suite()}


def judged(spec: Spec, text: str, *, second_look: bool) -> Verdict:
    verifier = Verifier(Config(second_look=second_look))
    return verifier.verify(spec, [Candidate(text=text, spec_id=spec.id)])[0]


def test_a_proof_changes_nothing_but_what_is_said_of_it() -> None:
    spec = SPECS["updown_w4_sync"]
    once, twice = (judged(spec, spec.golden, second_look=s) for s in (False, True))
    assert once.formal is None
    assert twice.formal in ("proved", "bounded")
    assert (once.outcome, once.score, once.weights) == (twice.outcome, twice.score, twice.weights)


def test_what_stays_undecided_is_said_and_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from rtlbench.equivalence.compare import Equivalence

    undecided = Equivalence(verdict=None, reason="undecided after 1 s")
    monkeypatch.setattr("rtlbench.checks.formal.check_equivalence", lambda *_, **__: undecided)
    spec = SPECS["updown_w4_sync"]
    verdict = judged(spec, spec.golden, second_look=True)
    assert (verdict.outcome, verdict.score, verdict.formal) == (Outcome.PASS, 1.0, None)
    assert verdict.checks["formal"].detail["reason"] == "undecided after 1 s"


def _backdoor(declared: str) -> str:
    """The golden of `async_counter`, wrong after one history of 16 cycles."""
    past = f"{declared}\n    always_ff @(posedge clk or negedge rst_n)\n"
    past += "        if (!rst_n) past <= 16'd0; else past <= {past[14:0], up};\n    always_ff"
    text = async_counter().golden.replace("always_ff", past, 1)
    return text.replace("+ 1'b1", "+ {7'd0, past != 16'hA5C3}")


def test_a_difference_that_simulation_misses_fails() -> None:
    spec, backdoor = async_counter(), _backdoor("logic [15:0] past;")
    once, twice = (judged(spec, backdoor, second_look=s) for s in (False, True))
    assert (once.outcome, once.functional) == (Outcome.PASS, True)
    assert (twice.outcome, twice.functional, twice.formal) == (Outcome.FAIL, False, "different")
    assert twice.score < 0.95


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f"{f.spec_id}: {f.kind}")
def test_rare_faults_are_told(fault: RareFault) -> None:
    spec = SPECS[fault.spec_id]
    assert fault.old in spec.golden
    verdict = judged(spec, spec.golden.replace(fault.old, fault.new), second_look=True)
    told = msgspec.to_builtins({n: c.detail for n, c in verdict.checks.items()})
    assert verdict.outcome is Outcome.FAIL, (verdict.formal, told)
