"""Controls of every public suite that lies beside the checkout: references pass; what does nothing
of what is asked, ends the run or prints the verdict never does."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from rtlbench.equivalence.compare import check_equivalence
from rtlbench.mutation.mutants import stub_answers
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.rtl.renaming import renamed_golden
from rtlbench.suites.rtllm import read_rtllm
from rtlbench.verifier import Verifier
from tests.attacks.public import FORGERIES, PLACES, SUITES, attacked, forged, table

PARTS = 6
NOT_READ = frozenset({"clkgenerator", "radix2_div"})
"""RTLLM's: one lives by delays; one fails the suite's own bench under Icarus."""
needs_rtllm = pytest.mark.skipif(not (SUITES / "rtllm").is_dir(), reason="no RTLLM there")


def _part(suite: str, part: int) -> list[Spec]:
    place, read = PLACES[suite]
    if not (SUITES / place).exists():
        pytest.skip(f"{suite} is not beside the checkout")
    return [s for s in read(SUITES / place)[part::PARTS] if s.id not in NOT_READ]


def _is_the_task(spec: Spec, text: str) -> bool:
    """Whether a module that does nothing is what the task asks: a constant, a wire."""
    stub = renamed_golden(replace(spec, golden=text), "lane0_")
    return check_equivalence(spec, renamed_golden(spec, "golden_"), stub).verdict == "proved"


def _judged(specs: list[Spec], texts: list[str]) -> list[Verdict]:
    pairs = [(s, Candidate(text=t)) for s, t in zip(specs, texts, strict=True)]
    return Verifier().verify_mixed(pairs)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("suite", [s for s in PLACES if s != "CVDP"])
def test_references_pass_and_what_does_nothing_does_not(suite: str, part: int) -> None:
    specs = _part(suite, part)
    wrong = [s.id for s, v in zip(specs, _judged(specs, [s.golden for s in specs]), strict=True)
             if v.functional is not True]  # fmt: skip
    assert wrong == []
    stubs = [(s, kind, text) for s in specs for kind, text in stub_answers(s).items()]
    verdicts = _judged([s for s, _, _ in stubs], [t for _, _, t in stubs])
    passed = [(s, kind, t) for (s, kind, t), v in zip(stubs, verdicts, strict=True) if v.functional]
    assert [(s.id, kind) for s, kind, text in passed if not _is_the_task(s, text)] == []
    assert not {kind for _, kind, _ in passed} & {"finish", "print", "empty", "unknown"}


def _specs(count: int) -> list[Spec]:
    return [s for s in read_rtllm(SUITES / "rtllm") if s.id not in NOT_READ][:count]


@needs_rtllm
@pytest.mark.parametrize("how", FORGERIES)
def test_a_forgery_is_refused_before_anything_runs(how: str) -> None:
    (spec,) = _specs(1)
    (verdict,) = _judged([spec], [forged(spec, how)])
    assert verdict.functional is False
    assert verdict.checks["safety"].outcome is Outcome.FAIL


@needs_rtllm
def test_the_table_says_what_the_rule_gives_away_and_what_we_do() -> None:
    row = attacked("RTLLM", _specs(2))
    assert row.by_rule == {"ends the run": 0, "prints the verdict": 2, "races at time 0": 2}
    assert (set(row.here.values()), row.passed_here) == ({0}, [])
    assert "| RTLLM | 2 | 0 / 0 | 2 / 0 | 2 / 0 |" in table([row])
