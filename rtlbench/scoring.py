"""What follows from the Checks: outcome, score and flags of a Verdict. Pure.

The score is a weighted mean over the Checks that apply. Invariants (tests/test_scoring.py): in
[0, 1]; 1.0 only if every Check that applies is clean; a failure of any Check in `MUST_PASS` keeps
it below 0.95; mending a Finding never lowers it; a Check that does not apply changes nothing.

`figures_of` makes a Verdict's figures when it is judged, and `fault_of` holds a Verdict that is
read to them: what is written in a file beside its Checks is never believed by itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import msgspec

from rtlbench.records.verdict import (
    SCHEMA_VERSION,
    CheckResult,
    FormalVerdict,
    Outcome,
    SuiteWord,
    Verdict,
)

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
FURTHER_WEIGHT = 0.10
"""Of a Check that another package adds; it must pass, like those of MUST_PASS."""
MUST_PASS = frozenset({"syntax", "safety", "ports", "synthesis", "intent", "simulation", "formal"})
CAP_OF_FAILED = 0.94
"""The most that a candidate with a failed Check of MUST_PASS can reach."""
CAP_OF_UNCLEAN = 0.999999
DIGITS = 6


SELF_TESTED = "self_tested"
"""True in the detail of a simulation that passed by a testbench that came with the answer."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a Verdict says in sum: each follows from the Checks, and is named as in the Verdict."""

    outcome: Outcome
    score: float
    syntax_valid: bool
    synthesizes: bool | None
    all_io_used: bool | None
    functional: bool | None
    formal: FormalVerdict | None
    formal_depth: int | None


def figures_of(
    results: Mapping[str, CheckResult],
    weights: Mapping[str, float],
    suite_rule: SuiteWord | None = None,
) -> Figures:
    """The figures that follow from the Checks.

    Args:
        results: The result of each Check that ran.
        weights: Of each Check that applies and has something to say.
        suite_rule: What the suite's own rule says, where it was asked.
    """
    outcome = outcome_of(results, weights)
    syntax_valid = _flag(results, "syntax") or False
    if "syntax" not in results and suite_rule is not None:
        syntax_valid = suite_rule != "compile"
    return Figures(
        outcome=outcome,
        score=0.0 if outcome is Outcome.ERROR else score(results, weights, weights),
        syntax_valid=syntax_valid,
        synthesizes=_flag(results, "synthesis"),
        all_io_used=_flag(results, "ports"),
        functional=_functional(results) if "simulation" in weights else None,
        formal=_formal(results),
        formal_depth=_formal_depth(results),
    )


def fault_of(verdict: Verdict) -> str:
    """In what a Verdict does not follow from its own Checks; empty where it does."""
    if verdict.schema_version != SCHEMA_VERSION:
        return f"schema_version is {verdict.schema_version}, and {SCHEMA_VERSION} is read here"
    if fault := _unfit_numbers(verdict):
        return fault
    for name, value in msgspec.structs.asdict(
        figures_of(verdict.checks, verdict.weights, verdict.suite_rule)
    ).items():
        found = getattr(verdict, name)
        is_same = type(found) is type(value) and found == value
        if not is_same:
            return f"its {name} is {_shown(found)}, and by its Checks {_shown(value)}"
    return ""


def _unfit_numbers(verdict: Verdict) -> str:
    if not verdict.weights:
        return "it names no weight of a Check"
    for name, weight in verdict.weights.items():
        if not (math.isfinite(weight) and weight > 0.0):
            return f"the weight of {name} is {weight:g}"
    for name, result in verdict.checks.items():
        if result.name != name:
            return f"the result of {name} calls itself {result.name}"
        if not 0.0 <= result.value <= 1.0:
            return f"the value of {name} is {result.value:g}, and it lies from 0 to 1"
    return ""


def _shown(value: object) -> str:
    return "null" if value is None else str(value).lower()


def differs(results: Mapping[str, CheckResult]) -> bool:
    """Whether the formal comparison showed a difference that counts."""
    return "formal" in results and results["formal"].outcome is Outcome.FAIL


def _functional(results: Mapping[str, CheckResult]) -> bool | None:
    """As `_flag`, but None for a pass by a testbench that came with the answer, and False where a
    counterexample of the formal comparison fails in simulation."""
    simulation = results.get("simulation")
    if differs(results):
        return False
    if simulation is not None and simulation.detail.get(SELF_TESTED):
        return None
    return _flag(results, "simulation")


def _formal(results: Mapping[str, CheckResult]) -> FormalVerdict | None:
    """What the formal Check found, as long as it is sure of it."""
    result = results.get("formal")
    told = result.detail.get("verdict") if result is not None else None
    known = result is not None and result.outcome is not Outcome.ERROR
    return msgspec.convert(told, FormalVerdict | None) if known else None


def _formal_depth(results: Mapping[str, CheckResult]) -> int | None:
    """Steps from reset that its proof went, where it is a bounded one."""
    depth = results["formal"].detail.get("depth") if "formal" in results else None
    return depth if isinstance(depth, int) else None


def _flag(results: Mapping[str, CheckResult], name: str) -> bool | None:
    """True for a pass, None where the harness could not tell, else False."""
    result = results.get(name)
    if result is None:
        return None if any(r.outcome is Outcome.ERROR for r in results.values()) else False
    return None if result.outcome is Outcome.ERROR else result.outcome is Outcome.PASS


def score(
    results: Mapping[str, CheckResult],
    applicable: Iterable[str],
    weights: Mapping[str, float] = WEIGHTS,
) -> float:
    """The score in [0, 1].

    Args:
        results: The result of each Check that ran.
        applicable: Names of the Checks that apply; those that were not reached count as 0.
        weights: Of each of them.
    """
    names = list(applicable)
    total = sum(weights[n] for n in names)
    if not names or total == 0.0:
        return 0.0
    values = {n: results[n].value if n in results else 0.0 for n in names}
    if all(v == 1.0 for v in values.values()) and not _failed(results, names):
        return 1.0
    mean = sum(weights[n] * v for n, v in values.items()) / total
    cap = CAP_OF_FAILED if _failed(results, names) else CAP_OF_UNCLEAN
    return round(min(mean, cap), DIGITS)


def outcome_of(results: Mapping[str, CheckResult], applicable: Iterable[str]) -> Outcome:
    """The outcome of a Verdict; starts as `error` and needs every Check's word for a pass."""
    names = list(applicable)
    outcomes = {n: results[n].outcome for n in names if n in results}
    decisive = [o for n, o in outcomes.items() if _must_pass(n)]
    for outcome in (Outcome.FAIL, Outcome.TIMEOUT):
        if outcome in decisive:
            return outcome
    clean = {o for n, o in outcomes.items() if n in names}
    if clean == {Outcome.PASS} and set(outcomes) == set(names):
        return Outcome.PASS
    return Outcome.ERROR


def weights_with(further: Iterable[str]) -> dict[str, float]:
    """The weight of each of our Checks, and of those that other packages add."""
    return WEIGHTS | dict.fromkeys(further, FURTHER_WEIGHT)


def _must_pass(name: str) -> bool:
    return name in MUST_PASS or name not in WEIGHTS


def _failed(results: Mapping[str, CheckResult], names: Iterable[str]) -> bool:
    return any(
        _must_pass(n) and (n not in results or results[n].outcome is not Outcome.PASS)
        for n in names
    )
