"""What each judged record's function rests on (rtlbench.records.tier), and where it is written.

What a record brought along, a bench or a reference, is worth what the person who runs the filter
says of it: `trusted` where somebody wrote it who knows what is right, else `self`: whoever wrote
the answer wrote it too, and a wrong answer agrees with a bench of the same mistake.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from rtlbench.dataset.filter import DEFAULT_AGREE, DEFAULT_NOTICED, TRUSTED
from rtlbench.dataset.filter.bench_evidence import evidence_of
from rtlbench.dataset.filter.judge import JudgedRecord
from rtlbench.dataset.filter.references import CARRIED, FOUND, TOLD
from rtlbench.records.tier import DEFAULT_ACCEPT, Tier, accepts
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.scoring import SELF_TESTED

Trust: TypeAlias = Literal["trusted", "self"]
LEAST_MUTANTS = 4
"""A share of fewer says nothing."""
REFERENCES = {
    FOUND: "a reference of the same words",
    CARRIED: "the reference that it carries",
    TOLD: "our reference for its plain words",
}
Place: TypeAlias = Literal["kept", "below", "refused"]


class TierRule(msgspec.Struct, frozen=True, kw_only=True):
    """What is believed, and which tiers are kept."""

    accept: Tier = DEFAULT_ACCEPT
    """The least tier that is kept."""
    testbench: Trust = "self"
    """Who wrote the benches that the records carry."""
    noticed: float = DEFAULT_NOTICED
    """Share of an answer's mutants that its own bench must notice to attest it."""
    agree: int = DEFAULT_AGREE
    """Independent answers to the same words that must be one circuit to attest each other; 0 for
    not looking."""


class Agreement(msgspec.Struct, frozen=True):
    """How many answers to a record's words are the circuit that it is, itself among them."""

    alike: int
    of: int


class Standing(msgspec.Struct, frozen=True):
    """A record's tier, and what it rests on in a few words."""

    tier: Tier
    evidence: str = ""
    agreement: Agreement | None = None


def standing_of(
    judged: JudgedRecord, rule: TierRule, agreement: Agreement | None = None
) -> Standing:
    """The tier of a record, whatever its score.

    Args:
        agreement: With other answers to its words, where enough of them are the same circuit.
    """
    alone = _standing_alone(judged, rule)
    if alone.tier is not Tier.UNPROVEN or judged.verdict.functional is False or agreement is None:
        return alone
    return Standing(Tier.ATTESTED, "other answers to its words", agreement)


def _standing_alone(judged: JudgedRecord, rule: TierRule) -> Standing:
    verdict = judged.verdict
    if verdict.functional is False:
        return Standing(Tier.UNPROVEN, "contradicted")
    if verdict.functional is True:
        return Standing(Tier.PROVEN, _judge_of(judged))
    simulation = verdict.checks.get("simulation")
    if simulation is None or not simulation.detail.get(SELF_TESTED):
        return Standing(Tier.UNPROVEN)
    if rule.testbench == TRUSTED:
        return Standing(Tier.PROVEN, "trusted bench")
    return _by_own_bench(verdict, rule)


def _by_own_bench(verdict: Verdict, rule: TierRule) -> Standing:
    """What a pass is worth by a bench that the answer's writer wrote."""
    told, found = "its own bench", evidence_of(verdict)
    if found is None or found.noticed is None or found.mutants < LEAST_MUTANTS:
        return Standing(Tier.UNPROVEN, f"{told}, of which nothing is known")
    if found.noticed < rule.noticed:
        return Standing(Tier.UNPROVEN, f"{told}, which misses too many mutants")
    return Standing(Tier.ATTESTED, told)


def _judge_of(judged: JudgedRecord) -> str:
    if judged.match.how in REFERENCES:
        return REFERENCES[judged.match.how]
    simulation = judged.verdict.checks.get("simulation")
    by = simulation.detail.get("judge") if simulation is not None else None
    return str(by) if by else "the task's model"


def scores(verdict: Verdict, threshold: float) -> bool:
    """Whether the harness could tell, and the score reaches the threshold."""
    return verdict.outcome is not Outcome.ERROR and verdict.score >= threshold


def place_of(verdict: Verdict, standing: Standing, threshold: float, accept: Tier) -> Place:
    """Where a record belongs: what scores and stands below what is accepted is set aside, what is
    known to be wrong is refused unless everything is accepted that scores."""
    if not scores(verdict, threshold):
        return "refused"
    if accepts(accept, standing.tier):
        return "kept"
    return "refused" if verdict.functional is False else "below"
