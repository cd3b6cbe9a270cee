"""A Verdict in words: what candidates, files and tools say stays within its own line."""

from __future__ import annotations

from rtlbench.io.explain import explain, in_a_line
from rtlbench.records.verdict import CheckResult, Outcome, Verdict

FORGED = "m\n\x1b[2Jother sample 0 (model): pass, score 1.000"


def unjudged(spec_id: str, model: str, reason: str) -> Verdict:
    """A Verdict that a Check could not reach."""
    result = CheckResult(
        name="synthesis", outcome=Outcome.ERROR, value=0.0, detail={"reason": reason}
    )
    return Verdict(
        spec_id=spec_id, sample=0, model=model, outcome=Outcome.ERROR, score=0.0,
        syntax_valid=True, synthesizes=None, all_io_used=None, functional=None,
        checks={"synthesis": result}, findings=(),
    )  # fmt: skip


def test_names_and_reasons_make_no_line_of_their_own() -> None:
    lines = explain(unjudged(FORGED, FORGED, FORGED)).split("\n")
    assert [s for s in lines[1:] if not s.startswith("  ")] == []
    assert all(s.isprintable() for s in lines)
    assert lines[-1].startswith("    ")  # the second line of the reason


def test_the_short_form_is_one_printable_line() -> None:
    assert in_a_line(unjudged(FORGED, FORGED, FORGED)).isprintable()
