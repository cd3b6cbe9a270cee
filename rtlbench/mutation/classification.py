"""What becomes of each mutant: the Verifier judges it, a prover decides about survivors.

A killed mutant needs no proof. A survivor is right (equivalent), or shows that the stimulus of
its Spec is weak (different), or nobody can tell (undecided). Some of the killed ones can be
proved too: then simulation and proof must agree.

The prover is formal equivalence with the golden. A difference counts only where the counterexample,
replayed in simulation, contradicts the reference model: where the task leaves something open,
mutants may differ from the golden.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias

import msgspec

from rtlbench.equivalence.compare import Equivalence, check_equivalence
from rtlbench.equivalence.witness import Counterexample
from rtlbench.errors import HarnessError
from rtlbench.mutation.design import Mutant
from rtlbench.mutation.mutants import netlist_mutants, source_mutants
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome, Severity, Verdict
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.renaming import renamed_golden
from rtlbench.simulation.model import Moment
from rtlbench.simulation.replay import as_recorded, replay
from rtlbench.simulation.simulators import default_simulator, get_simulator
from rtlbench.verifier import Verifier

NETLIST_SHARE = 0.4
"""So much of a member's mutants come from its netlist."""


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What a prover says of a mutant."""

    verdict: Literal["equivalent", "different", "undecided"]
    reason: str = ""
    """How it was decided, or why it was not."""
    moments: list[Moment] = []
    """Inputs and clock edges that show the difference, from power-up on."""


Simulated: TypeAlias = Literal["killed", "survived", "refused", "error"]
Prover: TypeAlias = Callable[[Spec, Mutant, Simulated], Proof]
"""Decides about a mutant of a Spec, of which simulation has said what it says."""


class JudgedMutant(msgspec.Struct, frozen=True, kw_only=True):
    """One mutant, judged.

    `simulated` is "refused" where it survives and synthesis makes no circuit of it: then there
    is nothing to be equivalent, and no such answer passes. "error" is the harness's own.
    """

    mutant: Mutant
    simulated: Simulated
    finding: str = ""
    """What a person reads first of its Verdict."""
    proof: Proof | None = None


class MutantCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many mutants of a member met which end."""

    made: int = 0
    killed: int = 0
    refused: int = 0
    equivalent: int = 0
    different: int = 0
    """Proven different, and not killed."""
    undecided: int = 0
    unproved: int = 0
    """Survivors that no prover was asked about."""
    errors: int = 0
    agree: int = 0
    """Simulation and proof say the same."""
    disagree: int = 0

    def __add__(self, other: MutantCounts) -> MutantCounts:
        mine, theirs = msgspec.structs.asdict(self), msgspec.structs.asdict(other)
        return MutantCounts(**{name: mine[name] + theirs[name] for name in mine})


def make_mutants(spec: Spec, count: int, seed: int = 0) -> list[Mutant]:
    """Up to `count` mutants from both sources; the netlist fills what the text does not give."""
    if count <= 0:
        return []
    from_source = source_mutants(spec, count - int(count * NETLIST_SHARE), seed)
    missing = count - len(from_source)
    from_netlist = netlist_mutants(spec, missing + missing // 2, seed)  # some are the same
    return [*from_source, *from_netlist[:missing]]


def judge_mutants(
    spec: Spec,
    mutants: Sequence[Mutant],
    verifier: Verifier,
    prover: Prover | None = None,
    prove_killed: int = 0,
) -> list[JudgedMutant]:
    """Every mutant's end, in order.

    Args:
        prover: Decides about survivors; None leaves them unproved.
        prove_killed: So many of the killed mutants are proved too, drawn by the Spec's id.
    """
    candidates = [
        Candidate(text=m.text, spec_id=spec.id, sample=k, model=m.kind)
        for k, m in enumerate(mutants)
    ]
    verdicts = verifier.verify(spec, candidates)
    judged = [_judged(m, v) for m, v in zip(mutants, verdicts, strict=True)]
    if prover is None:
        return judged
    wanted = {id(j) for j in judged if j.simulated == "survived"}
    wanted |= _drawn(spec, judged, prove_killed)
    return [
        j if id(j) not in wanted else msgspec.structs.replace(
            j, proof=prover(spec, j.mutant, j.simulated)
        )
        for j in judged
    ]


def _drawn(spec: Spec, judged: Sequence[JudgedMutant], count: int) -> set[int]:
    killed = [j for j in judged if j.simulated == "killed"]
    rng = random.Random(f"{spec.id}/prove")
    return {id(j) for j in rng.sample(killed, min(count, len(killed)))}


def _judged(mutant: Mutant, verdict: Verdict) -> JudgedMutant:
    return JudgedMutant(mutant=mutant, simulated=_simulated(verdict), finding=_finding(verdict))


def _simulated(verdict: Verdict) -> Simulated:
    if verdict.outcome is Outcome.ERROR:
        return "error"
    simulation = verdict.checks.get("simulation")
    if simulation is None or simulation.outcome is not Outcome.PASS:
        return "killed"
    synthesis = verdict.checks.get("synthesis")
    made = synthesis is not None and synthesis.outcome is Outcome.PASS
    return "survived" if made else "refused"


def _finding(verdict: Verdict) -> str:
    """The finding of the simulation where there is one, else the first error."""
    errors = [f for f in verdict.findings if f.severity is Severity.ERROR]
    errors.sort(key=lambda f: not f.rule.startswith("simulation."))
    for result in verdict.checks.values():
        if result.outcome is Outcome.ERROR:
            return str(result.detail.get("reason", "")).strip()
    return f"{errors[0].message}  [{errors[0].rule}]" if errors else ""


def counts_of(judged: Sequence[JudgedMutant]) -> MutantCounts:
    """The ends counted."""
    counts = MutantCounts(made=len(judged))
    for one in judged:
        counts += _counted(one)
    return counts


def _counted(one: JudgedMutant) -> MutantCounts:
    verdict = one.proof.verdict if one.proof is not None else None
    agrees = _AGREEMENT.get((one.simulated, verdict))
    both = {"agree": int(agrees is True), "disagree": int(agrees is False)}
    return MutantCounts(**{end_of(one): 1}, **both)


_AGREEMENT: dict[tuple[str, str | None], bool] = {
    ("killed", "different"): True,
    ("killed", "equivalent"): False,
    ("survived", "equivalent"): True,
    ("survived", "different"): False,
}


def end_of(one: JudgedMutant) -> str:
    """The name of the count that a mutant goes to."""
    if one.simulated == "error":
        return "errors"
    if one.simulated != "survived":
        return one.simulated
    return one.proof.verdict if one.proof is not None else "unproved"


def prover(seconds: float) -> Prover:
    """A prover with so much CPU time for each mutant; `BY_COUNTS` bounds it otherwise."""

    def prove(spec: Spec, mutant: Mutant, simulated: Simulated) -> Proof:
        golden, candidate = renamed_golden(spec, "golden_"), _unit(spec, mutant)
        found = check_equivalence(spec, golden, candidate, seconds)
        proof = _proof(spec, found)
        if found.counterexample is None or simulated != "survived":
            return proof
        reason = _why_not(spec, golden, candidate, found.counterexample)
        if reason:
            return msgspec.structs.replace(proof, verdict="undecided", reason=reason)
        return proof

    return prove


def _why_not(spec: Spec, golden: Unit, candidate: Unit, found: Counterexample) -> str:
    """Why a counterexample does not count; empty where it does."""
    try:
        simulator = get_simulator(default_simulator())
        return replay(spec, simulator, golden, candidate, found).reason
    except HarnessError as e:  # the golden itself contradicts the model there, say
        return f"the counterexample cannot be replayed: {e}"


def _unit(spec: Spec, mutant: Mutant) -> Unit:
    return renamed_golden(msgspec.structs.replace(spec, golden=mutant.text), "mutant_")


def _proof(spec: Spec, found: Equivalence) -> Proof:
    if found.verdict == "proved":
        return Proof(verdict="equivalent", reason=found.engine)
    if found.verdict == "bounded":
        return Proof(verdict="undecided", reason=f"no difference in {found.depth} clock cycles")
    if found.verdict is None or found.counterexample is None:
        return Proof(verdict="undecided", reason=found.reason)
    moments = moments_of(spec, found.counterexample)
    return Proof(verdict="different", reason=found.engine, moments=moments)


def moments_of(spec: Spec, counterexample: Counterexample) -> list[Moment]:
    """A counterexample in the words of a stimulus: ids and logical values, changes only."""
    moments: list[Moment] = []
    present: dict[str, int] = {}
    for moment in as_recorded(spec, counterexample.moments):
        changed = {k: v for k, v in moment.inputs.items() if present.get(k) != v}
        present.update(changed)
        moments.append(msgspec.structs.replace(moment, inputs=changed))
    return moments
