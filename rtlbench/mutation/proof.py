"""The prover that decides about mutants: formal equivalence with the golden.

A difference counts only where the counterexample, replayed in simulation, contradicts the
reference model: where the task leaves something open, mutants may differ from the golden.
"""

from __future__ import annotations

import msgspec

from rtlbench.equivalence.compare import Equivalence, check_equivalence
from rtlbench.equivalence.witness import Counterexample
from rtlbench.errors import HarnessError
from rtlbench.mutation.classification import Proof, Prover, Simulated
from rtlbench.mutation.design import Mutant
from rtlbench.records.spec import Spec
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.renaming import renamed_golden
from rtlbench.simulation.recorded_stimulus import Moment
from rtlbench.simulation.replay import as_recorded, replay
from rtlbench.simulation.simulators import default_simulator, get_simulator


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
