"""Answers judged together get the Verdicts that each gets alone, by the whole Verifier."""

from __future__ import annotations

from functools import cache, lru_cache

import msgspec

from fuzz.choices import Choices
from fuzz.goldens import mutated, one_a_family
from fuzz.target import Target
from rtlbench.mutation.mutants import source_mutants
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import CheckResult, Verdict
from rtlbench.verifier import Verifier

MAX_TOGETHER = 5
MUTANTS = 40
"""Of each golden."""


class Batch(msgspec.Struct, frozen=True):
    """Answers to one Spec."""

    spec_id: str
    texts: tuple[str, ...]


def make(c: Choices) -> Batch:
    """Copies of a golden that are broken in valid ways, one in four in any way."""
    spec = c.pick(one_a_family())
    texts = [_broken(c, spec) for _ in range(c.integer(2, MAX_TOGETHER))]
    return Batch(spec.id, tuple(texts))


def _broken(c: Choices, spec: Spec) -> str:
    text = c.pick(_mutants(spec.id))
    return mutated(c, text, 1, 2) if c.one_in(4) else text


@cache
def _mutants(spec_id: str) -> tuple[str, ...]:
    return tuple(m.text for m in source_mutants(_spec(spec_id), MUTANTS))


def check(case: Batch) -> bool:
    """True where at least two of them were simulated."""
    spec = _spec(case.spec_id)
    verifier = _verifier()
    candidates = [Candidate(text=t, sample=k) for k, t in enumerate(case.texts)]
    together = verifier.verify(spec, candidates)
    alone = [verifier.verify(spec, [one])[0] for one in candidates]
    for one, other in zip(together, alone, strict=True):
        assert told(one) == told(other), f"sample {one.sample}: {told(one)} is alone {told(other)}"
    return sum(v.functional is not None and "simulation" in v.checks for v in together) > 1


def told(verdict: Verdict) -> tuple[object, ...]:
    """What a Verdict says, without what a run of its own words another way."""
    checks = {name: _told_of(r) for name, r in verdict.checks.items()}
    return verdict.outcome, verdict.functional, verdict.score, checks


def _told_of(result: CheckResult) -> tuple[object, ...]:
    rules = sorted(f.rule for f in result.findings)
    return result.outcome, result.value, rules, result.detail.get("compared"), result.trace


@lru_cache(maxsize=1)
def _verifier() -> Verifier:
    return Verifier()


@lru_cache(maxsize=1)
def _by_id() -> dict[str, Spec]:
    return {s.id: s for s in one_a_family()}


def _spec(spec_id: str) -> Spec:
    return _by_id()[spec_id]


TARGET = Target(case=Batch, make=make, check=check, share=15, timeout=600)
