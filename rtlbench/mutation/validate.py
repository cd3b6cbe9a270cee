"""Whether a Spec judges rightly, what its survivors teach its stimulus, and whether a drawn member
may be used.

The gate on specs: the golden passes every Check and agrees with its model, answers that do nothing
fail, and every mutant of the golden that behaves differently is killed. A mutant that is proven
different and not killed shows where the stimulus of its member is weak: the inputs of its
counterexample are kept beside the family, and the mutant must then be killed.

A drawn member is decided about alike on every machine (`objection`). Proofs are bounded by counts
(48 steps, 4,000 conflicts a step), mutants come from the text alone: those of the netlist depend on
the version of Yosys. Where a limit on time or a broken tool stood in the way, that is an error and
no reason to draw something else.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import msgspec

from rtlbench.equivalence.compare import BY_COUNTS, check_equivalence
from rtlbench.errors import HarnessError
from rtlbench.io.explain import explain
from rtlbench.io.progress import waiting
from rtlbench.mutation.classification import (
    JudgedMutant,
    MutantCounts,
    Prover,
    counts_of,
    judge_mutants,
    make_mutants,
    prover,
)
from rtlbench.mutation.mutants import siblings, source_mutants, stub_answers, under_name
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.rtl.renaming import renamed_golden
from rtlbench.simulation.model import STIMULUS_FILE, Recorded, add_recorded, recorded_digest
from rtlbench.simulation.stimulus import build_plan
from rtlbench.verifier import Verifier

MAX_SIBLINGS = 3
"""So many other goldens with the same interface are tried."""
DRAWN_MUTANTS = 20
"""Mutants of a drawn member."""
MAX_FRAMES = 20_000
"""Of a drawn member's stimulus."""


class ValidationOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How much is asked of each member."""

    mutants: int = 50
    """Mutants of each golden; 0 makes none."""
    seed: int = 0
    prove: bool = True
    """Ask the prover about mutants that survive."""
    prove_killed: int = 0
    """Killed mutants of each golden that are proved too."""
    seconds: int = 10
    """CPU time for a proof."""


class Validation(msgspec.Struct, frozen=True, kw_only=True):
    """What was found out about one Spec."""

    id: str
    name: str
    faults: list[str] = []
    """What is wrong, a line each."""
    counts: MutantCounts = MutantCounts()
    formal: str = ""
    """What formal says of the golden beside itself: `proved`, `bounded (N cycles)`, or why not."""
    open: list[JudgedMutant] = []
    """Mutants that were not killed and are not proven equivalent; and disagreements."""

    @property
    def ok(self) -> bool:
        """True when nothing is wrong; an undecided mutant is no fault."""
        return not self.faults


def validate_spec(
    spec: Spec, verifier: Verifier | None = None, every: Sequence[Spec] = ()
) -> list[str]:
    """What is wrong with `spec`, mutants aside, a line each; empty when nothing is.

    Args:
        every: The suite, for the goldens of siblings.
    """
    return faults_of(*judge_stubs(spec, verifier or Verifier(), every))


def faults_of(golden: Verdict, stubs: Mapping[str, Verdict]) -> list[str]:
    """What the Verdicts of golden and stubs say against a Spec, a line each."""
    faults: list[str] = []
    if golden.outcome is not Outcome.PASS or golden.score != 1.0:
        faults.append(f"the golden does not score 1.0: {explain(golden)}")
    for kind, verdict in stubs.items():
        if verdict.outcome not in (Outcome.FAIL, Outcome.TIMEOUT) or verdict.functional:
            faults.append(f"the answer `{kind}` ends in {verdict.outcome}, functional "
                          f"{verdict.functional}")
    return faults


def judge_stubs(
    spec: Spec, verifier: Verifier, every: Sequence[Spec]
) -> tuple[Verdict, dict[str, Verdict]]:
    """The Verdict of the golden, and of each answer that must fail, by its kind."""
    others = {
        f"golden of {s.id}": under_name(s.golden, s.top, spec.top)
        for s in siblings(spec, every)[:MAX_SIBLINGS]
    }
    stubs = {**stub_answers(spec), **others}
    texts = [spec.golden, *stubs.values()]
    candidates = [Candidate(text=t, spec_id=spec.id, sample=k) for k, t in enumerate(texts)]
    golden, *verdicts = verifier.verify(spec, candidates)
    return golden, dict(zip(stubs, verdicts, strict=True))


def validate_member(
    spec: Spec, options: ValidationOptions, every: Sequence[Spec] = ()
) -> Validation:
    """All that is asked of one Spec, mutants included."""
    verifier = Verifier()
    faults = validate_spec(spec, verifier, every)
    judged: list[JudgedMutant] = []
    try:  # mutants of a golden that is wrong itself say nothing
        mutants = make_mutants(spec, 0 if faults else options.mutants, options.seed)
        judged = judge_mutants(spec, mutants, verifier, _prover(options), options.prove_killed)
    except HarnessError as e:
        faults.append(f"its mutants cannot be judged: {e}")
    return Validation(
        id=spec.id,
        name=spec.name,
        faults=[*faults, *(f for j in judged if (f := _fault(j)))],
        counts=counts_of(judged),
        formal=_formal(spec, options) if options.prove and not faults else "",
        open=[j for j in judged if _is_open(j)],
    )


def _formal(spec: Spec, options: ValidationOptions) -> str:
    """Formal's word on the golden beside itself: which answers it will be able to decide."""
    units = renamed_golden(spec, "golden_"), renamed_golden(spec, "other_")
    found = check_equivalence(spec, *units, options.seconds)
    if found.verdict == "bounded":
        return f"bounded ({found.depth} cycles)"
    return found.verdict or found.reason


def _prover(options: ValidationOptions) -> Prover | None:
    if not options.prove:
        return None
    return prover(options.seconds)


def _fault(judged: JudgedMutant) -> str | None:
    place = judged.mutant.place
    if judged.simulated == "error":
        return f"the harness cannot judge a mutant: {place}: {judged.finding}"
    verdict = judged.proof.verdict if judged.proof is not None else None
    if judged.simulated == "survived" and verdict == "different":
        return f"weak stimulus, not killed: {place}"
    if judged.simulated == "killed" and verdict == "equivalent":
        return f"killed in simulation, proven equivalent: {place}: {judged.finding}"
    return None


def _is_open(judged: JudgedMutant) -> bool:
    if _fault(judged):
        return True
    verdict = judged.proof.verdict if judged.proof is not None else None
    return judged.simulated == "survived" and verdict != "equivalent"


def validate_members(
    specs: Sequence[Spec], options: ValidationOptions, workers: int = 1, every: Sequence[Spec] = ()
) -> Iterator[Validation]:
    """Validate `specs` in their order, on `workers` processes."""
    with waiting("validating", "tasks", len(specs), "ok") as phase:
        for one in _validated(specs, options, workers, every):
            phase.advance(1, int(one.ok))
            yield one


def _validated(
    specs: Sequence[Spec], options: ValidationOptions, workers: int, every: Sequence[Spec]
) -> Iterator[Validation]:
    if workers <= 1 or len(specs) <= 1:
        yield from (validate_member(s, options, every) for s in specs)
        return
    context = multiprocessing.get_context("spawn")  # slang's threads do not survive a fork
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        near = [siblings(s, every)[:MAX_SIBLINGS] for s in specs]
        yield from pool.map(validate_member, specs, [options] * len(specs), near)


def record_survivors(done: Sequence[Validation], specs: Mapping[str, Spec]) -> Iterator[str]:
    """Keep what kills the survivors of `done`; a line for each of what was done."""
    for one in done:
        spec = specs[one.id]
        for judged in one.open:
            proof = judged.proof
            if judged.simulated == "survived" and proof and proof.verdict == "different":
                yield f"{one.name}: {judged.mutant.place}: {record(spec, judged)}"


def record(spec: Spec, judged: JudgedMutant) -> str:
    """Keep the counterexample of one survivor where it kills; says what was done."""
    assert spec.reference is not None
    assert judged.proof is not None
    verifier = Verifier()
    if _is_killed(with_recorded(spec), judged, verifier):
        return "killed by what is recorded already"
    path = Path(spec.reference) / STIMULUS_FILE
    before = path.read_bytes() if path.is_file() else None
    add_recorded(spec, Recorded(spec.id, judged.mutant.place, judged.proof.moments))
    if _is_killed(with_recorded(spec), judged, verifier):
        return f"recorded, {len(judged.proof.moments)} moments"
    if before is None:
        path.unlink()
    else:
        path.write_bytes(before)
    return "NOT recorded: from the state that the plan leaves it does not kill"


def with_recorded(spec: Spec) -> Spec:
    """The Spec under a digest of its own, since other stimulus is another Spec."""
    assert spec.reference is not None
    digest = recorded_digest(spec.reference, spec.id)
    return msgspec.structs.replace(spec, reference_hash=f"{spec.reference_hash}{digest}")


def _is_killed(spec: Spec, judged: JudgedMutant, verifier: Verifier) -> bool:
    return judge_mutants(spec, [judged.mutant], verifier)[0].simulated == "killed"


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
    mutants = source_mutants(spec, DRAWN_MUTANTS)
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
