"""What a Verdict is worth to who learns from it: pure functions.

Guarantee: None where the harness could not tell; every other value lies in [0, 1]; no wrong answer
gets as much as a right one. Nothing is read from the answer's text or from what it printed, only
what the Checks found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from rtlbench.records.verdict import CheckResult, Outcome, TraceRow, Verdict

Reward: TypeAlias = Callable[[Verdict], float | None]

RIGHT_AT_LEAST = 0.9
"""What a right answer gets by `shaped`; the rest is for lint and a formal proof."""
WRONG_AT_MOST = 0.5
STEPS = {"syntax": 0.2, "ports": 0.2, "synthesis": 0.15, "intent": 0.15, "simulation": 0.3}
"""What the steps on the way to a right answer weigh; the last is the share of outputs that held."""
EXTRAS = {"lint": 0.5, "formal": 0.5}
TRICKS = frozenset({"simulation.power-up", "simulation.netlist", "simulation.unsafe"})
"""Findings on what shows one circuit here and another there, or would only hang a tool."""


def right(verdict: Verdict) -> bool:
    """Whether the answer passed every Check, its function among them."""
    proved_wrong = verdict.formal == "different"
    return verdict.outcome is Outcome.PASS and verdict.functional is True and not proved_wrong


def sparse(verdict: Verdict) -> float | None:
    """1.0 for a right answer, 0.0 for a wrong one.

    None, too, for one that passes where nothing could judge its function: unknown is not right.
    """
    if verdict.outcome is Outcome.ERROR:
        return None
    if verdict.outcome is Outcome.PASS and not right(verdict):
        return 0.0 if verdict.functional is False or verdict.formal == "different" else None
    return 1.0 if right(verdict) else 0.0


def shaped(verdict: Verdict) -> float | None:
    """At least 0.9 for a right answer, at most 0.5 for any other: the more steps it is on the way.

    What is refused as unsafe, runs out of time or shows tools different circuits gets 0.0.
    """
    if verdict.outcome is Outcome.ERROR:
        return None
    if right(verdict):
        return RIGHT_AT_LEAST + (1 - RIGHT_AT_LEAST) * _mean(verdict, EXTRAS, 1.0)
    return 0.0 if tricked(verdict) else WRONG_AT_MOST * _mean(verdict, STEPS, 0.0)


def tricked(verdict: Verdict) -> bool:
    """Whether the answer did what no honest one does."""
    safety = verdict.checks.get("safety")
    refused = safety is not None and safety.outcome is not Outcome.PASS
    timed_out = verdict.outcome is Outcome.TIMEOUT
    return refused or timed_out or any(f.rule in TRICKS for f in verdict.findings)


def output_shares(verdict: Verdict) -> dict[str, float]:
    """Of each output signal, the share of its bits that held where the first of them was wrong.

    Empty where no mismatch was seen, or none at all was looked for.
    """
    simulation = verdict.checks.get("simulation")
    row = simulation.trace[-1] if simulation is not None and simulation.trace else None
    if row is None or row.got is None:
        return {}
    return {name: _held(row, name) for name in row.expected}


def _held(row: TraceRow, name: str) -> float:
    expected, got = row.expected[name], (row.got or {}).get(name, "")
    if not expected or len(expected) != len(got):
        return 0.0
    return sum(e in ("-", g) for e, g in zip(expected, got, strict=True)) / len(expected)


def _mean(verdict: Verdict, weights: Mapping[str, float], nothing: float) -> float:
    """The weighted mean of what applies; `nothing` where none does."""
    worth = {name: _worth(verdict, name) for name in weights if name in verdict.weights}
    total = sum(weights[name] for name in worth)
    return sum(weights[n] * w for n, w in worth.items()) / total if total else nothing


def _worth(verdict: Verdict, name: str) -> float:
    if name == "formal":
        return {"proved": 1.0, "bounded": 0.5}.get(str(verdict.formal), 0.0)
    result = verdict.checks.get(name)
    if result is None:
        return 0.0
    if name == "simulation" and verdict.formal == "different":
        return 0.0  # what simulation did not see
    if name == "simulation" and result.outcome is not Outcome.PASS:
        shares = output_shares(verdict).values()
        return sum(shares) / len(shares) if shares else 0.0
    return _value(result)


def _value(result: CheckResult) -> float:
    """In [0, 1]; of what failed, at most the half."""
    most = 1.0 if result.outcome is Outcome.PASS else 0.5
    return min(result.value, most) if result.value > 0 else 0.0
