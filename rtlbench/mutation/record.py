"""Counterexamples turned into directed stimulus.

A mutant that is proven different and not killed shows where the stimulus of its member is weak.
The inputs of its counterexample are kept beside the family, and the mutant must then be killed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from rtlbench.mutation.classing import Judged, judge_mutants
from rtlbench.mutation.validate import Validation
from rtlbench.records.spec import Spec
from rtlbench.simulation.recorded import FILE, Recorded, add_recorded, digest_of
from rtlbench.verifier import Verifier


def record_survivors(done: Sequence[Validation], specs: Mapping[str, Spec]) -> Iterator[str]:
    """Keep what kills the survivors of `done`; a line for each of what was done."""
    for one in done:
        spec = specs[one.id]
        for judged in one.open:
            proof = judged.proof
            if judged.simulated == "survived" and proof and proof.verdict == "different":
                yield f"{one.name}: {judged.mutant.place}: {record(spec, judged)}"


def record(spec: Spec, judged: Judged) -> str:
    """Keep the counterexample of one survivor where it kills; says what was done."""
    assert spec.reference is not None
    assert judged.proof is not None
    verifier = Verifier()
    if _is_killed(with_recorded(spec), judged, verifier):
        return "killed by what is recorded already"
    path = Path(spec.reference) / FILE
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
    digest = digest_of(spec.reference, spec.id)
    return msgspec.structs.replace(spec, reference_hash=f"{spec.reference_hash}{digest}")


def _is_killed(spec: Spec, judged: Judged, verifier: Verifier) -> bool:
    return judge_mutants(spec, [judged.mutant], verifier)[0].simulated == "killed"
