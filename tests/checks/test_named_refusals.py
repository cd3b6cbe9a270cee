"""Every public reference and every answer that its suite passes which is refused all the same
(docs/verdicts.md): the fault is its own, since without that one fault all Checks pass."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import msgspec
import pytest

from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome, Severity, Verdict
from rtlbench.suites.rtllm import read_rtllm
from rtlbench.suites.verilog_eval import read_verilog_eval
from rtlbench.verifier import Verifier

SUITES = Path(__file__).parents[2] / ".." / "shared" / "suites"
pytestmark = [
    pytest.mark.skipif(not SUITES.is_dir(), reason="the public suites are not beside the checkout"),
    pytest.mark.slow,
]
Mend = Callable[[str], str]


class Fault(msgspec.Struct, frozen=True):
    """What is refused, by which rule and words, and the text without the fault."""

    name: str
    """Of a reference, or of an answer with its number."""
    rule: str
    says: str
    mend: Mend


def default(statement: str, last: str = "") -> Mend:
    """A default of the first `case`, and another of the last one."""

    def mended(text: str) -> str:
        text = re.sub("endcase", f"default: {statement}\nendcase", text, count=1)
        head, word, tail = text.rpartition("endcase")
        return f"{head}default: {last}\n{word}{tail}" if last else text

    return mended


def one_writer(text: str) -> str:
    """Combinational logic as such, and `out` assigned there alone."""
    return text.replace("always_ff @(current_state)", "always_comb").replace("out <= 0;", "")


def the_listed_reset(text: str) -> str:
    """A register that is reset by the signal in its event list."""
    listed = r"(posedge clk_a or negedge arstn\)\s+begin\s+if\(!)brstn"
    return re.sub(listed, r"\1arstn", text)


REFUSED, LATCH = "synthesis.refused", "synthesis.latch"
NEXT = "Latch inferred for signal `next'"
FAULTS = [
    Fault("Prob096_review2015_fsmseq", REFUSED, NEXT, default("next = S;")),
    Fault("Prob146_fsm_serialdata", REFUSED, NEXT, default("next = START;")),
    Fault("Prob152_lemmings3", REFUSED, NEXT, default("next = WL;")),
    Fault("Prob110_fsm2#3", LATCH, "for out", default("next_state = OFF;", "out = 0;")),
    Fault("Prob138_2012_q2fsm#3", LATCH, "for z", default("begin next_state = A; z = 0; end")),
    Fault("Prob110_fsm2#4", REFUSED, "timing control does not model a flip-flop", one_writer),
    Fault("synchronizer", REFUSED, "cannot be matched to any signal from the event list",
          the_listed_reset),
]  # fmt: skip

OTHERS = {"radix2_div", "float_multi", "clkgenerator"}
"""Refused for more than one line, or by an outcome that blames nobody."""


@lru_cache(maxsize=1)
def _specs() -> dict[str, Spec]:
    suites = [*read_verilog_eval(SUITES / "verilog-eval"), *read_rtllm(SUITES / "rtllm")]
    return {s.id: s for s in suites}


def _asked(name: str) -> tuple[Spec, str]:
    """The Spec, and the reference or answer of that name."""
    spec_id, _, number = name.partition("#")
    spec = _specs()[spec_id]
    if not number:
        return spec, spec.golden
    for line in (SUITES / "verilog-eval" / "answers.jsonl").read_text().splitlines():
        answer = json.loads(line)
        if (answer["spec_id"], str(answer["sample"])) == (spec_id, number):
            assert answer["suite_rule"] == "pass"
            return spec, str(answer["completion"])
    raise AssertionError(name)


def judge(name: str, mend: Mend = str) -> Verdict:
    spec, text = _asked(name)
    return Verifier().verify(spec, [Candidate(text=mend(text), spec_id=spec.id)])[0]


def errors(verdict: Verdict) -> list[tuple[str, str]]:
    return [(f.rule, f.message) for f in verdict.findings if f.severity is Severity.ERROR]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.name)
def test_what_is_refused_passes_without_the_fault_that_is_named(fault: Fault) -> None:
    refused = judge(fault.name)
    found = errors(refused)
    assert refused.outcome is Outcome.FAIL
    assert {rule for rule, _ in found} == {fault.rule}
    assert any(fault.says in message for _, message in found)
    mended = judge(fault.name, fault.mend)
    assert mended.outcome is Outcome.PASS, errors(mended)
    assert mended.functional is True


@pytest.mark.parametrize("fault", FAULTS[:3], ids=lambda f: f.name)
def test_the_latch_is_there_under_the_old_keyword_too(fault: Fault) -> None:
    """`always_comb` makes Yosys refuse it; `always @*` shows the latch in the netlist."""
    verdict = judge(fault.name, lambda text: text.replace("always_comb", "always @*"))
    [(rule, message)] = errors(verdict)
    assert rule == LATCH
    assert "for next" in message
    assert verdict.functional is True


def test_of_radix2_div_the_bench_is_at_fault_and_nobody_is_blamed(tmp_path: Path) -> None:
    """Its bench changes inputs at the rising edge on which the design reads them."""
    raced = judge("radix2_div")
    assert (raced.outcome, raced.functional) == (Outcome.ERROR, None)
    design = next((SUITES / "rtllm").rglob("radix2_div"))
    copy = Path(shutil.copytree(design, tmp_path / "Arithmetic" / "Divider" / design.name))
    bench = copy / "testbench.v"
    wait = "wait(res_valid);"
    assert bench.read_text().count(wait) == 1
    bench.write_text(bench.read_text().replace(wait, f"{wait} @(negedge clk);"))
    [spec] = read_rtllm(tmp_path)
    verdict = Verifier().verify(spec, [Candidate(text=spec.golden, spec_id=spec.id)])[0]
    assert (verdict.outcome, verdict.functional) == (Outcome.PASS, True)


def test_float_multi_has_another_fault_behind_the_first() -> None:
    """No mend of a line makes hardware of it: several blocks assign the same registers."""
    [(rule, message)] = errors(judge("float_multi"))
    assert (rule, "mixing of implicit and edge sensitivity" in message) == (REFUSED, True)
    edge = judge("float_multi", lambda t: t.replace("clk or rst", "clk or posedge rst"))
    found = errors(edge)
    assert ("synthesis.multiple-drivers",
            "z is assigned in more than one always block, or initial block") in found  # fmt: skip
    assert edge.outcome is Outcome.FAIL


def test_clkgenerator_lives_by_delays_and_nobody_is_blamed() -> None:
    verdict = judge("clkgenerator")
    assert (verdict.outcome, verdict.functional) == (Outcome.ERROR, None)


def test_no_other_reference_or_right_answer_is_refused() -> None:
    """The list is whole: everything else passes."""
    asked = [(s.id, s, s.golden) for s in _specs().values()]
    for line in (SUITES / "verilog-eval" / "answers.jsonl").read_text().splitlines():
        answer = json.loads(line)
        if answer["suite_rule"] == "pass":
            name = f"{answer['spec_id']}#{answer['sample']}"
            asked.append((name, _specs()[answer["spec_id"]], str(answer["completion"])))
    verdicts = Verifier().verify_mixed([(s, Candidate(text=t, spec_id=s.id)) for _, s, t in asked])
    refused = {n for (n, _, _), v in zip(asked, verdicts, strict=True)
               if v.outcome is not Outcome.PASS}  # fmt: skip
    assert refused == {f.name for f in FAULTS} | OTHERS
