"""The summary of a run, in Markdown, as docs/fuzzing.md has it."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import version

from fuzz.supervisor import Plan, Turn

_HEAD = (
    "| target | seconds | executions | reached | edges | features | slowest | finds |\n"
    "|---|---:|---:|---:|---:|---:|---:|---:|"
)


def summary(plan: Plan, turns: Sequence[Turn]) -> str:
    """A heading with seed and versions, a row a target, and the sums."""
    tools = f"Python {platform.python_version()}, " + ", ".join(
        f"{name} {version(name)}" for name in ("atheris", "pyslang", "rtlbench")
    )
    spent = sum(t.seconds for t in turns)
    executions = sum(t.counts.executions for t in turns)
    finds = sum(len(t.finds) for t in turns)
    total = f"| all | {spent:.0f} | {executions:,} | | | | | {finds} |"
    rows = "\n".join(_row(t) for t in turns)
    return f"\nSeed {plan.seed}, {plan.seconds:,} s ({tools}).\n\n{_HEAD}\n{rows}\n{total}\n"


def _row(turn: Turn) -> str:
    counts = turn.counts
    share = counts.reached / counts.executions if counts.executions else 0.0
    return (
        f"| {turn.name} | {turn.seconds:.0f} | {counts.executions:,} | {share:.0%} "
        f"| {turn.edges:,} | {turn.features:,} | {counts.slowest:.1f} s | {len(turn.finds)} |"
    )
