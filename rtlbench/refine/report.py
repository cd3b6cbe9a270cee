"""refine.json: what each turn came to, as figures and as tables. All computed by pure functions.

Answers with outcome `error` speak of the harness and are in no figure; nor are requests that ended
without an answer, which are counted by kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from rtlbench.errors import UserError
from rtlbench.generate.answer import Generator, Sampling, Usage
from rtlbench.io.configuration import in_words as difference_in_words
from rtlbench.io.explain import aligned
from rtlbench.records.verdict import Outcome
from rtlbench.refine.attempts import AttemptSummary, Chain
from rtlbench.runs.results import usage_in_words
from rtlbench.statistics import Figure, Summary, rate, summarise

REFINE = "refine.json"
REFINE_SCHEMA_VERSION = 1
MAX_KINDS = 8
"""Kinds of Finding shown of a turn; refine.json has all."""
_TURNS = ("turn", "answers", "passed", "functional", "score", "solved by now", "95%", "errors")
_KINDS = ("", "seen", "fixed", "hidden", "introduced", "uncovered")


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one kind of Finding, in answers.

    What an answer is told to be wrong with, and what of it is gone in the next one, can only be
    compared where the Check that finds it was asked of both: an answer that no longer parses is
    not mended.
    """

    rule: str
    seen: int
    """Answers of this turn that have it."""
    fixed: int = 0
    """Of the turn before: had it, and this answer, asked, has it no more."""
    hidden: int = 0
    """Had it, and of this answer it was not asked."""
    introduced: int = 0
    """Have it, and the answer before, asked, had it not."""
    uncovered: int = 0
    """Have it, and of the answer before it was not asked."""


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """The answers of one turn."""

    turn: int
    answers: Summary
    """Of this turn alone: from the second on, to what was answered wrong before."""
    solved: Figure
    """The share of all chains that are right by now, without those that ended otherwise: a request
    without an answer, or an answer that could not be judged."""
    usage: Usage
    kinds: list[Kind]


class RefineConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What must be the same for a run to go on."""

    tasks: str
    task_count: int
    tasks_hash: str
    samples: int
    simulator: str
    seed: int
    formal: bool
    feedback: bool
    generator: Generator
    sampling: Sampling
    tools: dict[str, str]
    weights: dict[str, float]


class RefineReport(msgspec.Struct, frozen=True, kw_only=True):
    """refine.json."""

    run_id: str
    status: str
    """`running`, `finished`, or `stopped` where a budget ended it."""
    stopped_by: str = ""
    """`tokens` or `seconds`; `interrupt` by Ctrl-C; `error` where the message said why."""
    started: str
    """UTC, ISO 8601."""
    finished: str | None = None
    config: RefineConfig
    isolation: str
    problems: list[str] = []
    """Input that could not be used, each with its place and remedy."""
    chains: int = 0
    """Tasks times samples."""
    turns: list[Turn] = []
    schema_version: int = REFINE_SCHEMA_VERSION


def read_report(folder: Path) -> RefineReport | None:
    """refine.json of a run; None where there is none.

    Raises:
        UserError: It cannot be read.
    """
    path = folder / REFINE
    try:
        return msgspec.json.decode(path.read_bytes(), type=RefineReport)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        raise UserError(f"{path}: cannot be read ({e}); choose another --run-id") from e


def refuse_difference(folder: Path, before: RefineConfig, now: RefineConfig) -> None:
    """Make sure that a run can go on.

    Raises:
        UserError: It was begun otherwise; the message names what differs.
    """
    changed = difference_in_words(before, now)
    if changed:
        raise UserError(
            f"{folder}: holds a run that was begun otherwise ({changed}); "
            "choose another --run-id"
        )


def turns_of(
    turns: Sequence[tuple[Sequence[AttemptSummary], Usage]], chains: int
) -> list[Turn]:
    """The figures of all turns, out of what was said of their answers and what those took.

    Args:
        chains: How many there are: each is right or not by a turn, answered in it or not.
    """
    report: list[Turn] = []
    right = undecided = 0
    before: Mapping[Chain, AttemptSummary] = {}
    for number, (judged, usage) in enumerate(turns, 1):
        right += sum(j.judged.outcome is Outcome.PASS for j in judged)
        undecided += sum(j.judged.outcome is Outcome.ERROR for j in judged)
        undecided += usage.refused + usage.filtered + usage.failed
        report.append(
            Turn(
                turn=number,
                answers=summarise(j.judged for j in judged),
                solved=rate(right, chains - undecided),
                usage=usage,
                kinds=_rule_counts(before, judged),
            )
        )
        before = {j.chain: j for j in judged}
    return report


def _rule_counts(
    before: Mapping[Chain, AttemptSummary], now: Sequence[AttemptSummary]
) -> list[Kind]:
    """What became of each kind, those that are seen most in front."""
    counts: dict[str, dict[str, int]] = {}
    for judgement in now:
        for rule, field in _changes(before.get(judgement.chain), judgement):
            of_rule = counts.setdefault(rule, {"seen": 0})
            of_rule[field] = of_rule.get(field, 0) + 1
    kinds = [Kind(rule=rule, **of_rule) for rule, of_rule in counts.items()]
    return sorted(kinds, key=lambda k: (-k.seen, -k.fixed, k.rule))


def _changes(old: AttemptSummary | None, new: AttemptSummary) -> Iterator[tuple[str, str]]:
    yield from {(rule, "seen") for _, rule in new.kinds}
    if old is None or new.judged.outcome is Outcome.ERROR:
        return
    for check, rule in old.kinds - new.kinds:
        yield rule, "fixed" if check in new.asked else "hidden"
    for check, rule in new.kinds - old.kinds:
        yield rule, "introduced" if check in old.asked else "uncovered"


def tables(report: RefineReport) -> str:
    """Pass rate by turn, and what became of the kinds of Finding."""
    rows: list[Sequence[str]] = [_TURNS, *map(_row, report.turns)]
    lines = aligned(rows)
    for turn in report.turns:
        lines += ["", *_rule_rows(turn)] if turn.kinds else []
    return "\n".join([*lines, "", *_usage(report)])


def _row(turn: Turn) -> list[str]:
    answers, solved = turn.answers, turn.solved
    score = "-" if answers.score.value is None else f"{answers.score.value:.3f}"
    span = "-"
    if solved.low is not None and solved.high is not None:
        span = f"{100 * solved.low:.0f}-{100 * solved.high:.0f}%"
    rates = [_percent(answers.passed), _percent(answers.functional)]
    errors = str(answers.outcomes["error"])
    return [str(turn.turn), str(answers.answers), *rates, score, _percent(solved), span, errors]


def _percent(figure: Figure) -> str:
    return "-" if figure.value is None else f"{100 * figure.value:.1f}%"


def _rule_rows(turn: Turn) -> list[str]:
    rows: list[Sequence[str]] = [(f"turn {turn.turn}: answers with", *_KINDS[1:])]
    rows += [_cells(kind) for kind in turn.kinds[:MAX_KINDS]]
    more = len(turn.kinds) - MAX_KINDS
    return [*aligned(rows), *([f"and {more} kinds more"] if more > 0 else [])]


def _cells(kind: Kind) -> list[str]:
    counts = (kind.seen, kind.fixed, kind.hidden, kind.introduced, kind.uncovered)
    return [f"  {kind.rule}", *map(str, counts)]


def _usage(report: RefineReport) -> list[str]:
    lines = [f"turn {t.turn}: {usage_in_words(t.usage)}" for t in report.turns]
    if report.stopped_by in ("tokens", "seconds"):
        lines.append(f"stopped: the budget of {report.stopped_by} is used up; more of it goes on")
    return lines
