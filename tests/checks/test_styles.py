"""Every golden is right in every style that it can be written in, in both simulators."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Config, Verifier
from tests.checks.styles import STYLES, gate_netlist_in_words
from tests.support import rules

NOT_WRITTEN_SO: dict[str, set[str]] = {
    # A constant that `always @*` would compute; and a register that is shown without a reset.
    "always @*": {"bit_engine_q1_sync", "spi_controller_mode0_w4", "skid_buffer_full_w4_none"},
    "full lists": {"bit_engine_q1_sync", "spi_controller_mode0_w4", "skid_buffer_full_w4_none"},
}
LEAST = {"netlist by words": 0.9}
"""Yosys leaves bits that nothing reads, and indices that are too wide: lint says so."""
PARTS = {"icarus": 4, "verilator": 96}
SHOWN = {"icarus": 4, "verilator": 8}
"""Parts that are tests: a build by Verilator takes ten seconds a golden, so that all of them would
take hours."""
CASES = [
    (style, simulator, part)
    for style in STYLES for simulator, parts in SHOWN.items() for part in range(parts)
]  # fmt: skip


def written(style: str, specs: Sequence[Spec]) -> list[tuple[Spec, Candidate]]:
    kept = [s for s in specs if s.id not in NOT_WRITTEN_SO.get(style, set())]
    texts = STYLES[style](kept)
    return [(s, Candidate(text=t, spec_id=s.id)) for s, t in zip(kept, texts, strict=True)]


@pytest.mark.parametrize("style", STYLES)
def test_the_styles_are_other_texts(style: str) -> None:
    specs = load_suite()[::16]
    changed = [spec.id for spec, c in written(style, specs) if c.text != spec.golden]
    assert len(changed) >= 0.75 * len(specs)


@pytest.mark.slow
@pytest.mark.parametrize(("style", "simulator", "part"), CASES)
def test_a_golden_is_right_in_every_style(style: str, simulator: str, part: int) -> None:
    asked = written(style, load_suite()[part :: PARTS[simulator]])
    verdicts = Verifier(Config(simulator=simulator)).verify_mixed(asked)
    wrong = {
        v.spec_id: [v.score, *sorted(rules(v))] for v in verdicts
        if v.functional is not True or rules(v) or v.score < LEAST.get(style, 1.0)
    }
    assert wrong == {}


@pytest.mark.slow
def test_a_right_answer_of_many_gates_has_the_time_that_it_needs() -> None:
    """Ten seconds, where a golden takes a twentieth of one."""
    spec = next(s for s in load_suite() if s.id == "regfile_port_d8_zero_bypass")
    text = gate_netlist_in_words(spec)
    assert len(text) > 50_000
    verdict = Verifier().verify(spec, [Candidate(text=text, spec_id=spec.id)])[0]
    assert (verdict.functional, rules(verdict)) == (True, set())
