"""The formal Check in the Verifier: what it says, what it confirms, and what it leaves out."""

from __future__ import annotations

import msgspec
import pytest

from rtlbench.checks import CHECKS
from rtlbench.checks.base import Context, Work
from rtlbench.checks.formal import _judge
from rtlbench.equivalence import compare as equivalence
from rtlbench.equivalence.compare import Equivalence
from rtlbench.errors import HarnessError
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import CheckResult, Outcome, Verdict
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.renaming import renamed_golden
from rtlbench.runs.suite import read_suite
from rtlbench.scoring import WEIGHTS
from rtlbench.simulation.simulators import get_simulator
from rtlbench.verifier import Config, Verifier
from tests.support import async_counter, sync_counter, work_for


def judge_formally(spec: Spec, *texts: str) -> list[Verdict]:
    verifier = Verifier(Config(formal=True))
    return verifier.verify(spec, [Candidate(text=t, sample=k) for k, t in enumerate(texts)])


def asked_alone(spec: Spec, text: str) -> CheckResult:
    """The Check's answer for a text that simulation never saw."""
    simulator = get_simulator("icarus")
    context = Context(spec=spec, worded=False, simulator=simulator, golden=None, formal=True)
    work: Work = work_for(text, context)
    for name in ("syntax", "safety"):
        work.results[name] = CHECKS[name].run([work])[0]
        assert work.passed(name), work.results[name]
    return _judge(work)


def test_the_golden_is_proved_and_clean() -> None:
    (verdict,) = judge_formally(sync_counter(), sync_counter().golden)
    assert (verdict.formal, verdict.formal_depth) == ("proved", None)
    assert (verdict.outcome, verdict.score) == (Outcome.PASS, 1.0)
    assert verdict.weights["formal"] == WEIGHTS["formal"]


def test_it_is_asked_only_where_it_is_wanted() -> None:
    spec = sync_counter()
    (verdict,) = Verifier().verify(spec, [Candidate(text=spec.golden)])
    assert "formal" not in verdict.checks
    assert verdict.formal is None


def test_what_fails_in_simulation_is_not_asked() -> None:
    spec = sync_counter()
    (verdict,) = judge_formally(spec, spec.golden.replace("+ 1'b1", "+ 2'd2"))
    assert verdict.outcome is Outcome.FAIL
    assert verdict.formal is None


@pytest.mark.parametrize(
    ("old", "new"), [("+ 1'b1", "- 1'b1"), ("or negedge rst_n", ""), ("posedge clk", "negedge clk")]
)
def test_a_difference_is_replayed_and_shown(old: str, new: str) -> None:
    spec = async_counter()
    assert old in spec.golden
    found = asked_alone(spec, spec.golden.replace(old, new))
    assert found.outcome is Outcome.FAIL
    assert found.detail["verdict"] == "different"
    assert [f.rule for f in found.findings] == ["formal.different"]
    assert found.trace[-1].got is not None


def with_backdoor(spec: Spec) -> str:
    past = "logic [15:0] past;\n    always_ff @(posedge clk or negedge rst_n)\n"
    past += "        if (!rst_n) past <= 16'd0; else past <= {past[14:0], up};\n    always_ff"
    text = spec.golden.replace("always_ff", past, 1)
    return text.replace("+ 1'b1", "+ {7'd0, past != 16'hA5C3}")


def test_an_answer_is_told_the_same_in_any_company() -> None:
    spec = async_counter()
    gated = spec.golden.replace("always_ff @(posedge clk", "wire c = clk; always @(posedge c")
    texts = [spec.golden, with_backdoor(spec), gated, spec.golden.replace("8'd0", "8'h00")]
    texts += [f"// {k}\n{spec.golden}" for k in range(14)]
    together = [(v.outcome, v.formal, v.checks["formal"].detail.get("reason"))
                for v in judge_formally(spec, *texts)]  # fmt: skip
    for k, text in enumerate(texts[:5]):
        (alone,) = judge_formally(spec, text)
        told = alone.checks["formal"].detail.get("reason")
        assert together[k] == (alone.outcome, alone.formal, told)
    assert [formal for _, formal, _ in together[1:2]] == ["different"]
    assert {formal for _, formal, _ in together[3:]} == {"proved"}


def test_a_backdoor_that_simulation_does_not_find_fails() -> None:
    spec = async_counter()
    (verdict,) = judge_formally(spec, with_backdoor(spec))
    assert (verdict.functional, verdict.formal) == (False, "different")
    assert verdict.outcome is Outcome.FAIL
    assert verdict.score < 0.95
    assert verdict.checks["formal"].trace[-1].cycle > 15


NO_ICARUS = {
    "unique if": ("", "unique if (!rst_n)", ""),
    "a conditional return": (
        "    function automatic logic [15:0] after(logic [15:0] was, logic now);\n"
        "        if (now) return {was[14:0], 1'b1};\n        return {was[14:0], 1'b0};\n"
        "    endfunction\n",
        "", "after(past, up)",
    ),
    "an interface": (
        "    history h();\n    assign h.past = past;\n", "", "{h.past[14:0], up}",
    ),
}  # fmt: skip
"""Declarations, the reset's condition and the history's next word, as Icarus 11 compiles none."""


@pytest.mark.slow
@pytest.mark.parametrize("name", NO_ICARUS)
def test_a_backdoor_in_a_text_that_icarus_does_not_compile_fails(name: str) -> None:
    """The replay of its counterexample has a second simulator, as judging has."""
    spec = async_counter()
    declared, condition, after = NO_ICARUS[name]
    past = f"logic [15:0] past;\n{declared}    always_ff @(posedge clk or negedge rst_n)\n"
    past += f"        {condition or 'if (!rst_n)'} past <= 16'd0; "
    past += f"else past <= {after or '{past[14:0], up}'};\n    always_ff"
    text = spec.golden.replace("always_ff", past, 1)
    text = text.replace("+ 1'b1", "+ {7'd0, past != 16'hA5C3}")
    if "history" in declared:
        text = "interface history; logic [15:0] past; endinterface\n" + text
    (verdict,) = judge_formally(spec, text)
    told = verdict.checks["formal"].detail
    assert (verdict.outcome, verdict.formal) == (Outcome.FAIL, "different"), told


def undecided(monkeypatch: pytest.MonkeyPatch, found: Equivalence) -> None:
    monkeypatch.setattr("rtlbench.checks.formal.check_equivalence", lambda *_, **__: found)


def test_what_stays_undecided_counts_neither_way(monkeypatch: pytest.MonkeyPatch) -> None:
    undecided(monkeypatch, Equivalence(verdict=None, reason="too hard"))
    (verdict,) = judge_formally(sync_counter(), sync_counter().golden)
    assert (verdict.outcome, verdict.score, verdict.formal) == (Outcome.PASS, 1.0, None)
    assert "formal" not in verdict.weights
    assert verdict.checks["formal"].detail["reason"] == "too hard"


def test_bounded_is_a_pass_with_its_depth(monkeypatch: pytest.MonkeyPatch) -> None:
    undecided(monkeypatch, Equivalence(verdict="bounded", depth=70))
    (verdict,) = judge_formally(sync_counter(), sync_counter().golden)
    assert (verdict.formal, verdict.formal_depth) == ("bounded", 70)
    assert verdict.score == 1.0


def test_a_counterexample_that_simulation_does_not_show_is_the_harness_s_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spec = sync_counter()
    wrong = spec.golden.replace("+ 1'b1", "+ 2'd2")
    made = equivalence.check_equivalence(spec, *_units(spec, wrong))
    assert made.counterexample is not None
    certain = msgspec.structs.replace(made.counterexample, certain=True)
    undecided(monkeypatch, msgspec.structs.replace(made, counterexample=certain))
    with pytest.raises(HarnessError, match="not seen in simulation"):
        asked_alone(spec, spec.golden)


def _units(spec: Spec, text: str) -> tuple[Unit, Unit]:
    other = msgspec.structs.replace(spec, golden=text)
    return renamed_golden(spec, "golden_"), renamed_golden(other, "lane0_")


def dual_clock_fifo() -> Spec:
    """Four words of eight bits between two clocks."""
    return next(s for s in read_suite("rtlbench") if s.id == "fifo_async_w8_d4")


def test_a_design_with_two_clocks_is_proved() -> None:
    spec = dual_clock_fifo()
    found = asked_alone(spec, spec.golden)
    assert (found.outcome, found.detail["verdict"]) == (Outcome.PASS, "proved")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("wgray_s2 <= wgray_s1", "wgray_s2 <= wgray"),
        ("rgray_s2 <= 3'd0", "rgray_s2 <= 3'd6"),
        ("rdata <= mem[", "rdata <= ~mem["),
    ],
)
def test_a_difference_between_two_clocks_is_replayed(old: str, new: str) -> None:
    spec = dual_clock_fifo()
    assert old in spec.golden
    found = asked_alone(spec, spec.golden.replace(old, new))
    assert found.outcome is Outcome.FAIL, found.detail
    assert [f.rule for f in found.findings] == ["formal.different"]
