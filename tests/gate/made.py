"""Runs made up for tests: Verdicts on disk, or the records alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.records.verdict import CheckResult, Outcome, Verdict
from rtlbench.runs.finished import JudgedRun, Key
from rtlbench.runs.results import ResultsFolder, Run, RunConfig
from rtlbench.scoring import figures_of
from rtlbench.statistics import Judged

CONFIG = RunConfig(
    suite="small",
    suite_hash="0123456789abcdef",
    simulator="icarus",
    seed=0,
    samples=None,
    candidates="answers.jsonl",
    tools={"yosys": "0.23", "iverilog": "11.0"},
    weights={"syntax": 1.0},
)
RUN = Run(status="finished", started="2026-01-01T00:00:00Z", rtlbench="0", config=CONFIG,
          isolation="none")


def judged(task: str, *, category: str = "fsm", score: float = 1.0, right: bool = True) -> Judged:
    return Judged(
        spec_id=task,
        category=category,
        outcome=Outcome.PASS if right else Outcome.FAIL,
        score=score,
        syntax_valid=True,
        synthesizes=True,
        all_io_used=right,
        functional=right,
    )


def run_of(answers: Mapping[Key, Judged], **changes: Any) -> JudgedRun:
    made = JudgedRun(name="run", folder="run", run=RUN, answers=dict(answers), errors=frozenset())
    return msgspec.structs.replace(made, **changes)


def answers_of(scores: Iterable[Iterable[float]], category: str = "fsm") -> dict[Key, Judged]:
    """A task a row, a sample a score; those of 1.0 are right."""
    return {
        (f"{category}{t}", k): judged(f"{category}{t}", category=category, score=s, right=s == 1.0)
        for t, row in enumerate(scores)
        for k, s in enumerate(row)
    }


def verdict(key: Key, found: Judged, outcome: Outcome | None = None) -> Verdict:
    """A Verdict whose Checks give what `found` says, or the outcome `error`."""
    lint = CheckResult(name="lint", outcome=Outcome.PASS, value=found.score)
    checks = {"syntax": _check("syntax", True), "synthesis": _check("synthesis", True),
              "ports": _check("ports", found.all_io_used is True),
              "simulation": _check("simulation", found.functional is True), "lint": lint}
    if outcome is Outcome.ERROR:
        checks["lint"] = msgspec.structs.replace(lint, outcome=Outcome.ERROR, value=0.0)
    weights = {"lint": 1.0, "simulation": 1e-9}
    return Verdict(
        spec_id=key[0],
        sample=key[1],
        model="m",
        **msgspec.structs.asdict(figures_of(checks, weights)),
        checks=checks,
        findings=(),
        category=found.category,
        key=f"{key}",
        weights=weights,
    )


def _check(name: str, passed: bool) -> CheckResult:
    outcome = Outcome.PASS if passed else Outcome.FAIL
    return CheckResult(name=name, outcome=outcome, value=float(passed))


def folder_of(
    path: Path, answers: Mapping[Key, Judged], *more: Verdict, **changes: Any
) -> Path:
    """A results folder; `changes` are to run.json, and by their names to its configuration."""
    names = RunConfig.__struct_fields__
    config = msgspec.structs.replace(
        CONFIG, **{n: v for n, v in changes.items() if n in names}
    )
    own = {n: v for n, v in changes.items() if n not in names}
    run = msgspec.structs.replace(RUN, config=config, **own)
    folder = ResultsFolder(path)
    folder.open(run)
    folder.append(verdict(key, found) for key, found in answers.items())
    folder.append(more)
    folder.write_run(run)
    return path
