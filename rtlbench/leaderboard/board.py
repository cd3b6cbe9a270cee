"""What a leaderboard says. Pure: finished runs in, records out.

Guarantee: only runs of the same suite stand in one table, and what was judged or sampled otherwise
is told in each line. Two runs are compared only where `rtlbench compare` would compare them, over
the tasks that both answered; else the reason stands in the place of the difference.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from itertools import combinations

import msgspec

from rtlbench.gate.runs import ANSWERS, TASKS, differences, task_differences
from rtlbench.runs.command import Command
from rtlbench.runs.finished import JudgedRun, Key
from rtlbench.runs.tasks import TasksAsked
from rtlbench.statistics import Difference, Figure, Judged, difference, holm, summarise

FIGURES = {
    "functional": "functional",
    "pass@1": "pass@1",
    "pass@5": "pass@5",
    "all_io_used": "all I/O used",
    "synthesis": "synthesizes",
    "score": "score",
}
"""Columns, by figure, in words."""
LEVEL = 0.05


class BoardRow(msgspec.Struct, frozen=True, kw_only=True):
    """One run."""

    name: str
    model: str
    figures: dict[str, Figure]
    answers: int
    unjudged: int
    tasks: int
    """Answered."""
    suite_tasks: int | None
    """Of the whole suite, where that is known."""
    asked: TasksAsked | None = None
    """What the run says of its tasks."""
    settings: dict[str, str]
    command: str
    """Empty for a run that does not say how it was asked for."""
    finished: str


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two runs of a suite: the first less the second, functional, task by task."""

    first: str
    second: str
    tasks: int = 0
    change: Difference | None = None
    p: float | None = None
    """The chance of so large a difference, either way; corrected for the suite's pairs."""
    is_beyond_chance: bool = False
    why_not: str = ""
    """Why they are not compared."""


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """One suite."""

    suite: str
    suite_hash: str
    rows: tuple[BoardRow, ...]
    """The best first, by the figure `functional`."""
    pairs: tuple[Pair, ...]


def boards(
    runs: Sequence[JudgedRun], tasks: Mapping[str, int], allow: Sequence[str] = ()
) -> list[Board]:
    """A table for each suite.

    Args:
        tasks: How many tasks a suite has, by its name.
        allow: What may differ between runs that are compared, as for `rtlbench compare`.
    """
    by_suite: dict[tuple[str, str], list[JudgedRun]] = {}
    for run in runs:
        config = run.run.config
        by_suite.setdefault((config.suite, config.suite_hash), []).append(run)
    return [
        Board(
            suite=suite,
            suite_hash=digest,
            rows=_ranked([_row(run, tasks.get(suite)) for run in members]),
            pairs=_pairs(members, allow),
        )
        for (suite, digest), members in sorted(by_suite.items())
    ]


def _ranked(rows: Sequence[BoardRow]) -> tuple[BoardRow, ...]:
    def place(row: BoardRow) -> tuple[float, str]:
        return -(row.figures["functional"].value or 0.0), row.name

    return tuple(sorted(rows, key=place))


def _row(run: JudgedRun, suite_tasks: int | None) -> BoardRow:
    total, config = summarise(run.answers.values()), run.run.config
    figures = {
        name: total.pass_at.get(name.removeprefix("pass@"), Figure(None))
        if name.startswith("pass@")
        else getattr(total, name)
        for name in FIGURES
    }
    return BoardRow(
        name=run.name,
        model=config.generator.name if config.generator else run.model or config.candidates,
        figures=figures,
        answers=run.judged,
        unjudged=run.unjudged,
        tasks=len({task for task, _ in run.given}),
        suite_tasks=suite_tasks,
        asked=run.run.tasks,
        settings=_settings(run),
        command=command_line(run.run.command),
        finished=run.run.finished or run.run.started,
    )


def _settings(run: JudgedRun) -> dict[str, str]:
    config = run.run.config
    found = {
        "samples": str(config.samples or ""),
        "judge": config.judge,
        "simulator": config.simulator,
        "seed": str(config.seed),
        "formal": "yes" if config.formal else "",
        "isolation": run.run.isolation,
        "tools": ", ".join(f"{n} {v}" for n, v in sorted(config.tools.items())),
    }
    if config.generator is not None:
        found["revision"] = config.generator.revision[:12]
        found["dtype"] = config.generator.dtype
    if config.sampling is not None:
        found["temperature"] = f"{config.sampling.temperature:g}"
    return {name: value for name, value in found.items() if value}


def command_line(command: Command | None) -> str:
    """The command that asks for a run like it; empty where that is not recorded."""
    if command is None:
        return ""
    words = ["rtlbench", "bench"]
    for name, value in command.options.items():
        flag = f"--{name.replace('_', '-')}"
        for one in value if isinstance(value, list | tuple) else [value]:
            words += [flag] if one is True else [flag, str(one)]
    for flag, text in (("-k", command.keyword), ("-m", command.markers)):
        words += [flag, text] if text else []
    return shlex.join(words)


def _pairs(runs: Sequence[JudgedRun], allow: Sequence[str]) -> tuple[Pair, ...]:
    found = [_pair(one, other, allow) for one, other in combinations(runs, 2)]
    told = [p for p in found if p.change is not None]
    chances = [
        min(1.0, 2 * min(p.change.p_worse, p.change.p_better)) for p in told if p.change is not None
    ]
    corrected = dict(zip(map(id, told), holm(chances), strict=True))
    return tuple(
        msgspec.structs.replace(
            pair, p=corrected[id(pair)], is_beyond_chance=corrected[id(pair)] < LEVEL
        )
        if id(pair) in corrected
        else pair
        for pair in found
    )


def _given(run: JudgedRun) -> dict[Key, Judged]:
    return {k: j for k, j in run.answers.items() if k not in run.missing}


def _pair(one: JudgedRun, other: JudgedRun, allow: Sequence[str]) -> Pair:
    apart = [
        name
        for name in differences(one, other)
        if name not in {*allow, ANSWERS, TASKS} and name.partition(".")[0] not in allow
    ]
    if apart:
        return Pair(first=one.name, second=other.name, why_not=f"differ in {', '.join(apart)}")
    by_task = task_differences(_given(one), _given(other), "functional")
    if not by_task:
        return Pair(first=one.name, second=other.name, why_not="no task in common")
    return Pair(
        first=one.name, second=other.name, tasks=len(by_task), change=difference(by_task)
    )
