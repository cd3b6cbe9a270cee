"""What the page of one or more runs says. Pure: records in, records out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from rtlbench.gate.matrix import Comparison
from rtlbench.gate.runs import by_group
from rtlbench.records.verdict import Outcome, TraceRow, Verdict
from rtlbench.runs.finished import JudgedRun
from rtlbench.statistics import Figure, Summary, summarise

FIGURES = {
    "functional": "functional",
    "all_io_used": "all I/O used",
    "synthesis": "synthesizes",
    "score": "average score",
}
"""The headline's figures, by name, in words."""


class Headline(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of the first screen."""

    words: str
    figure: Figure
    least: float | None = None
    """What the policy asks for."""

    @property
    def is_met(self) -> bool | None:
        """None where nothing is asked for."""
        if self.least is None:
            return None
        return self.figure.value is not None and self.figure.value >= self.least


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Why answers failed: the first rule that they broke."""

    rule: str
    answers: int


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """How many answers came so far: each step counts those that made all steps before it."""

    words: str
    figure: Figure


class AnswerRow(msgspec.Struct, frozen=True, kw_only=True):
    """One answer, as the page's table and its details show it."""

    task: str
    category: str
    sample: int
    model: str
    outcome: str
    score: float
    rule: str
    message: str
    others: tuple[str, ...] = ()
    """How the other runs' answers of the same task and sample ended."""
    findings: tuple[tuple[str, int | None, str], ...] = ()
    """Rule, line of the code and message."""
    trace: tuple[TraceRow, ...] = ()
    code: str | None = None
    """None where the answer is not at hand."""


class RunPage(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the page shows."""

    name: str
    suite: str
    finished: str
    facts: dict[str, str]
    tasks: int
    answers: int
    unjudged: int
    suite_tasks: int | None
    """Of the whole suite, where that is known."""
    told: str
    """How many tasks were answered and what becomes of the others; empty where it is not known."""
    headlines: tuple[Headline, ...]
    pass_at: dict[str, Figure]
    categories: dict[str, Summary]
    steps: tuple[Step, ...]
    causes: tuple[Cause, ...]
    comparison: Comparison | None
    rows: tuple[AnswerRow, ...]
    prompts: dict[str, str]


def headlines(total: Summary, asked: Mapping[str, float]) -> tuple[Headline, ...]:
    """The first screen's figures.

    Args:
        asked: The least that a policy wants of each.
    """
    return tuple(
        Headline(words=words, figure=getattr(total, name), least=asked.get(name))
        for name, words in FIGURES.items()
    )


STEPS: dict[str, Callable[[Verdict], bool]] = {
    "parses": lambda v: v.syntax_valid,
    "uses all I/O": lambda v: v.all_io_used is True,
    "synthesizes": lambda v: v.synthesizes is True,
    "is right": lambda v: v.functional is True,
    "passes every Check": lambda v: v.outcome is Outcome.PASS,
}


def steps(verdicts: Sequence[Verdict], missing: int = 0) -> tuple[Step, ...]:
    """How far the answers came that could be judged.

    Args:
        missing: Answers that are not there and count as wrong.
    """
    left = [v for v in verdicts if v.outcome is not Outcome.ERROR]
    whole, found = len(left) + missing, []
    if missing:
        found.append(Step(words="was answered", figure=Figure(len(left) / whole, n=len(left))))
    for words, holds in STEPS.items():
        left = [v for v in left if holds(v)]
        share = len(left) / whole if whole else None
        found.append(Step(words=words, figure=Figure(share, n=len(left))))
    return tuple(found)


def causes(rows: Iterable[AnswerRow]) -> tuple[Cause, ...]:
    """The first rules broken, the commonest first."""
    counts = Counter(row.rule for row in rows if row.rule)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Cause(rule=rule, answers=n) for rule, n in ordered)


def row(verdict: Verdict, others: tuple[str, ...], code: str | None) -> AnswerRow:
    """An answer, as the table shows it."""
    failed = [f for f in verdict.findings if f.severity == "error"] or list(verdict.findings)
    first = failed[0] if failed and verdict.outcome is not Outcome.PASS else None
    simulated = verdict.checks.get("simulation")
    wrong = simulated is not None and simulated.outcome is Outcome.FAIL
    return AnswerRow(
        task=verdict.spec_id or "",
        category=verdict.category or "none",
        sample=verdict.sample,
        model=verdict.model,
        outcome=str(verdict.outcome),
        score=verdict.score,
        rule=first.rule if first else "",
        message=first.message if first else "",
        others=others,
        findings=tuple((f.rule, f.line, f.message) for f in verdict.findings),
        trace=simulated.trace if simulated is not None and wrong else (),
        code=code,
    )


def categories(run: JudgedRun) -> dict[str, Summary]:
    """The figures of each category."""
    return {name: summarise(answers.values()) for name, answers in by_group(run.answers).items()}
