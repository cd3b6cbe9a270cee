"""The figures of a refinement, computed from what was said of its answers."""

from __future__ import annotations

import pytest

from rtlbench.generate.answer import Usage
from rtlbench.records.verdict import Outcome
from rtlbench.refine.attempts import AttemptSummary
from rtlbench.refine.report import Kind, turns_of
from rtlbench.statistics import Judged

STATIC = frozenset({"syntax", "ports"})
ALL = STATIC | {"simulation"}


def judged(
    task: str, outcome: Outcome, *rules: str, asked: frozenset[str] = ALL
) -> AttemptSummary:
    """An answer with Findings of these rules, `check.what`."""
    return AttemptSummary(
        chain=(task, 0),
        judged=Judged(
            spec_id=task, category="c", outcome=outcome, score=float(outcome is Outcome.PASS),
            syntax_valid=True, synthesizes=True, all_io_used=True,
            functional=outcome is Outcome.PASS,
        ),
        kinds=frozenset((rule.partition(".")[0], rule) for rule in rules),
        asked=asked,
        feedback="" if outcome in (Outcome.PASS, Outcome.ERROR) else "wrong",
    )  # fmt: skip


def kinds(before: AttemptSummary, after: AttemptSummary) -> dict[str, Kind]:
    _, second = turns_of([([before], Usage()), ([after], Usage())], 1)
    return {k.rule: k for k in second.kinds}


def test_solved_counts_all_chains_by_then() -> None:
    first = [judged("a", Outcome.PASS), judged("b", Outcome.FAIL), judged("c", Outcome.FAIL)]
    second = [judged("b", Outcome.PASS), judged("c", Outcome.TIMEOUT)]
    turns = turns_of([(first, Usage()), (second, Usage())], 3)
    assert [t.solved.value for t in turns] == [pytest.approx(1 / 3), pytest.approx(2 / 3)]
    assert turns[1].answers.passed.value == 0.5
    assert turns[1].solved.n == 3
    assert turns[1].solved.low is not None
    assert 0.2 < turns[1].solved.low < 0.66


def test_errors_are_in_no_figure() -> None:
    first = [judged("a", Outcome.ERROR), judged("b", Outcome.PASS)]
    (turn,) = turns_of([(first, Usage())], 2)
    assert (turn.solved.value, turn.solved.n) == (1.0, 1)
    assert turn.answers.outcomes["error"] == 1


def test_what_is_gone_is_fixed_only_where_it_was_looked_for() -> None:
    old = judged("a", Outcome.FAIL, "simulation.mismatch", "ports.unused-input")
    parses_no_more = judged("a", Outcome.FAIL, "syntax.error", asked=frozenset({"syntax"}))
    found = kinds(old, parses_no_more)
    assert found["simulation.mismatch"] == Kind(rule="simulation.mismatch", seen=0, hidden=1)
    assert found["syntax.error"] == Kind(rule="syntax.error", seen=1, introduced=1)
    found = kinds(old, judged("a", Outcome.FAIL, "ports.unused-input"))
    assert found["simulation.mismatch"] == Kind(rule="simulation.mismatch", seen=0, fixed=1)
    assert found["ports.unused-input"] == Kind(rule="ports.unused-input", seen=1)


def test_what_is_new_is_introduced_only_where_it_was_looked_for() -> None:
    old = judged("a", Outcome.FAIL, "syntax.error", asked=frozenset({"syntax"}))
    found = kinds(old, judged("a", Outcome.FAIL, "simulation.mismatch"))
    assert found["simulation.mismatch"] == Kind(rule="simulation.mismatch", seen=1, uncovered=1)
    assert found["syntax.error"] == Kind(rule="syntax.error", seen=0, fixed=1)


def test_an_answer_that_could_not_be_judged_says_nothing_of_the_one_before() -> None:
    old = judged("a", Outcome.FAIL, "syntax.error")
    assert kinds(old, judged("a", Outcome.ERROR)) == {}
