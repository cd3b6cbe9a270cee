"""The prover that decides about mutants: formal equivalence with the golden.

A difference counts only where the counterexample, replayed in simulation, contradicts the
reference model: where the task leaves something open, mutants may differ from the golden.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import msgspec

from rtlbench.equivalence.compare import Equivalence, check_equivalence
from rtlbench.equivalence.witness import Counterexample
from rtlbench.errors import HarnessError
from rtlbench.mutation.classing import Proof, Prover, Simulated
from rtlbench.mutation.design import Mutant
from rtlbench.records.spec import Spec
from rtlbench.rtl.renaming import renamed_golden
from rtlbench.rtl.yosys import Unit
from rtlbench.simulation.frames import plan_of
from rtlbench.simulation.lanes import Job, simulate
from rtlbench.simulation.model import load_model
from rtlbench.simulation.recorded import Moment
from rtlbench.simulation.replay import as_recorded
from rtlbench.simulation.simulators import default_simulator, get_simulator
from rtlbench.simulation.stimulus import Stimulus
from rtlbench.simulation.wrapper import Lane

HELD_CYCLES = 16


def prover(seconds: float) -> Prover:
    """A prover with so much CPU time for each mutant; `BY_COUNTS` bounds it otherwise."""

    def prove(spec: Spec, mutant: Mutant, simulated: Simulated) -> Proof:
        golden, candidate = renamed_golden(spec, "golden_"), _unit(spec, mutant)
        proof = _proof(spec, check_equivalence(spec, golden, candidate, seconds))
        if proof.verdict == "different" and simulated == "survived":
            return _confirmed(spec, golden, candidate, proof)
        return proof

    return prove


def _confirmed(spec: Spec, golden: Unit, candidate: Unit, proof: Proof) -> Proof:
    """The proof with what shows it in simulation, or why its counterexample does not count."""
    try:
        for moments in (proof.moments, held(proof.moments), held(proof.moments[:-1])):
            if replay(spec, golden, candidate, moments):
                return msgspec.structs.replace(proof, moments=moments)
        reason = "differs from the golden, but not from the reference model"
    except HarnessError as e:  # the golden itself contradicts the model there
        reason = f"the counterexample cannot be replayed: {e}"
    return msgspec.structs.replace(proof, verdict="undecided", reason=reason)


def _unit(spec: Spec, mutant: Mutant) -> Unit:
    return renamed_golden(msgspec.structs.replace(spec, golden=mutant.text), "mutant_")


def held(moments: Sequence[Moment]) -> list[Moment]:
    """`moments` and cycles with the last inputs held.

    Where a value that nothing defines is what differs, a simulator shows it as x, which may need
    some cycles to reach an output, under the last inputs or those before.
    """
    edges = [m.edge for m in moments]
    in_mid_cycle = edges.count("active") > edges.count("inactive")
    closing = [Moment({}, "inactive")] if in_mid_cycle else []
    return [*moments, *closing, *[Moment({}, "active"), Moment({}, "inactive")] * HELD_CYCLES]


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


def replay(spec: Spec, golden: Unit, candidate: Unit, moments: Sequence[Moment]) -> bool:
    """Whether simulation shows that the candidate contradicts the reference model."""
    assert spec.reference is not None
    stimulus = Stimulus(spec, load_model(spec.reference)(spec.params), random.Random(0))
    stimulus.play([Moment({}, "none"), *moments])  # a reset that is low from the start has no edge
    plan = plan_of(spec, stimulus.frames)
    if not any(f.care for f in plan.frames):
        return False
    job = Job(spec, plan, Lane(golden.text, golden.top), get_simulator(default_simulator()))
    played = simulate(job, [Lane(candidate.text, candidate.top)])[0]
    return played.mismatch is not None or played.ended == "timeout"
