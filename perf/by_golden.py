"""The project's own tasks judged by their goldens alone, as any task is that has a reference RTL:
how many mutants that the prover calls different are killed, and whether a golden fails.

    python perf/by_golden.py [--every 10] [--offset 0] [--mutants 12]

The reference model is left out of each Spec, so the stimulus is drawn and what the golden shows is
right. Survivors go to the prover. Exits with 1 where fewer than 99.5% are killed, or a golden
fails.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

import msgspec

import rtlbench
from rtlbench.mutation.classification import (
    JudgedMutant,
    MutantCounts,
    counts_of,
    end_of,
    judge_mutants,
    make_mutants,
    prover,
)
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.verifier import Verifier

SECONDS = 5.0
LEAST = 0.995


def main() -> int:
    """Judge, print, and say whether it is enough."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--every", type=int, default=1, help="each K-th task (default: all)")
    parser.add_argument("--offset", type=int, default=0)
    parser.add_argument("--mutants", type=int, default=12, help="for each task")
    args = parser.parse_args()
    verifier, counts, goldens = Verifier(), MutantCounts(), list[str]()
    specs = [alone(s) for s in rtlbench.read_suite("rtlbench")[args.offset :: args.every]]
    for spec in specs:
        (golden,) = verifier.verify(spec, [Candidate(text=spec.golden)])
        goldens += [] if golden.functional else [spec.id]
        judged = judge_mutants(spec, make_mutants(spec, args.mutants), verifier, prover(SECONDS))
        counts += counts_of(judged)
        for line in weak(spec, judged):
            print(line, flush=True)
    share = counts.killed / ((counts.killed + counts.different) or 1)
    print(f"{len(specs)} tasks, {counts.made} mutants: {counts.killed} killed, "
          f"{counts.different} different and not killed ({share:.2%} killed), "
          f"{counts.equivalent} equivalent, {counts.undecided} undecided, "
          f"{counts.refused} refused, {counts.errors} errors")
    print(f"goldens that fail: {', '.join(goldens) or 'none'}")
    return 0 if share >= LEAST and not goldens else 1


def alone(spec: Spec) -> Spec:
    """The Spec without its reference model."""
    return msgspec.structs.replace(spec, reference=None, reference_hash="")


def weak(spec: Spec, judged: list[JudgedMutant]) -> Iterator[str]:
    """The mutants that are different and not killed, and errors."""
    for one in judged:
        if end_of(one) in ("different", "errors"):
            yield f"{spec.id}: {end_of(one)}: {one.mutant.place} {one.finding[:200]}"


if __name__ == "__main__":
    sys.exit(main())
