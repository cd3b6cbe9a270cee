"""The score: a weighted mean over the Checks that apply. Pure.

Invariants (tests/test_scoring.py): in [0, 1]; 1.0 only if every Check that applies is clean; a
failure of any Check in `MUST_PASS` keeps it below 0.95; mending a Finding never lowers it; a
Check that does not apply changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rtlbench.records.verdict import CheckResult, Outcome

WEIGHTS: dict[str, float] = {
    "syntax": 0.20,
    "safety": 0.10,
    "ports": 0.20,
    "lint": 0.10,
    "synthesis": 0.15,
    "intent": 0.10,
    "simulation": 0.20,
    "formal": 0.20,
}
MUST_PASS = frozenset({"syntax", "safety", "ports", "synthesis", "intent", "simulation", "formal"})
CAP_OF_FAILED = 0.94
"""The most that a candidate with a failed Check of MUST_PASS can reach."""
CAP_OF_UNCLEAN = 0.999999
DIGITS = 6


def score(results: Mapping[str, CheckResult], applicable: Iterable[str]) -> float:
    """The score in [0, 1].

    Args:
        results: The result of each Check that ran.
        applicable: Names of the Checks that apply; those that were not reached count as 0.
    """
    names = list(applicable)
    total = sum(WEIGHTS[n] for n in names)
    if not names or total == 0.0:
        return 0.0
    values = {n: results[n].value if n in results else 0.0 for n in names}
    if all(v == 1.0 for v in values.values()) and not _failed(results, names):
        return 1.0
    mean = sum(WEIGHTS[n] * v for n, v in values.items()) / total
    cap = CAP_OF_FAILED if _failed(results, names) else CAP_OF_UNCLEAN
    return round(min(mean, cap), DIGITS)


def outcome_of(results: Mapping[str, CheckResult], applicable: Iterable[str]) -> Outcome:
    """The outcome of a Verdict; starts as `error` and needs every Check's word for a pass."""
    names = list(applicable)
    outcomes = {n: results[n].outcome for n in names if n in results}
    decisive = [o for n, o in outcomes.items() if n in MUST_PASS]
    for outcome in (Outcome.FAIL, Outcome.TIMEOUT):
        if outcome in decisive:
            return outcome
    clean = {o for n, o in outcomes.items() if n in names}
    if clean == {Outcome.PASS} and set(outcomes) == set(names):
        return Outcome.PASS
    return Outcome.ERROR


def _failed(results: Mapping[str, CheckResult], names: Iterable[str]) -> bool:
    return any(
        n in MUST_PASS and (n not in results or results[n].outcome is not Outcome.PASS)
        for n in names
    )
