"""Whether a drawn member may be used: the gate on specs, decided alike on every machine.

The golden passes every Check and agrees with its model, answers that do nothing fail, and no
mutant that survives simulation is known to behave differently. Proofs are bounded by counts (48
steps, 4,000 conflicts a step), mutants come from the text alone: those of the netlist depend on
the version of Yosys. Where a limit on time or a broken tool stood in the way, that is an error
and no reason to draw something else.
"""

from __future__ import annotations

from collections.abc import Sequence

from rtlbench.equivalence.compare import BY_COUNTS
from rtlbench.errors import HarnessError
from rtlbench.mutation.classification import JudgedMutant, judge_mutants
from rtlbench.mutation.mutants import source_mutants
from rtlbench.mutation.proof import prover
from rtlbench.mutation.validate import faults_of, judge_stubs
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.simulation.stimulus import build_plan
from rtlbench.verifier import Verifier

MUTANTS = 20
MAX_FRAMES = 20_000


def objection(spec: Spec, every: Sequence[Spec] = ()) -> str:
    """Why a drawn member may not be used, in a line; empty where nothing speaks against it.

    Args:
        every: Members whose goldens must fail as answers to it, where the interface is the same.

    Raises:
        HarnessError: A time limit or a tool decided, not the member.
    """
    try:
        frames = len(build_plan(spec).frames)
    except (HarnessError, ValueError, ArithmeticError, LookupError) as e:
        return f"its model makes no sense there: {e}"
    if frames > MAX_FRAMES:
        return f"its stimulus has {frames:,} frames"
    verifier = Verifier()
    golden, stubs = judge_stubs(spec, verifier, every)
    if _ran_out(golden):
        raise HarnessError(f"{spec.id}: the golden ran out of time; is the machine very busy?")
    faults = faults_of(golden, stubs)
    return faults[0].splitlines()[-1].strip() if faults else _survivor(spec, verifier)


def _survivor(spec: Spec, verifier: Verifier) -> str:
    """The first mutant that shows the stimulus to be weak."""
    mutants = source_mutants(spec, MUTANTS)
    for judged in judge_mutants(spec, mutants, verifier, prover(BY_COUNTS)):
        if judged.simulated == "error":
            raise HarnessError(f"{spec.id}: a mutant cannot be judged: {_told(judged)}")
        verdict = judged.proof.verdict if judged.proof is not None else None
        if judged.simulated == "survived" and verdict == "different":
            return f"weak stimulus, not killed: {judged.mutant.place}"
    return ""


def _told(judged: JudgedMutant) -> str:
    return f"{judged.mutant.place}: {judged.finding}"


def _ran_out(golden: Verdict) -> bool:
    """Whether time ended a Check of the golden."""
    results = golden.checks.values()
    reasons = [str(r.detail.get("reason")) for r in results if r.outcome is Outcome.ERROR]
    ended = any(r.outcome is Outcome.TIMEOUT for r in results)
    return ended or any("ends in timeout" in reason for reason in reasons)
