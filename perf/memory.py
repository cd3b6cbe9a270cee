"""Resident memory of one worker over many verdicts.

    python perf/memory.py [--verdicts 100000]

Judges right, wrong and broken answers to all specs in turn, 64 at a time, and prints resident
memory as it goes; the last line has the growth from the first tenth to the end.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

from perf.own_words import in_own_words
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.suites.families import load_suite
from rtlbench.verifier import BATCH, Verifier

PAGE = os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--verdicts", type=int, default=100_000)
    total = parser.parse_args().verdicts
    specs, verifier = load_suite(), Verifier()
    done, start, marks = 0, time.perf_counter(), [resident()]
    while done < total:
        spec = specs[(done // BATCH) % len(specs)]
        done += len(verifier.verify(spec, answers(spec, done, min(BATCH, total - done))))
        if done * 10 // total >= len(marks):
            marks.append(resident())
            rate = done / (time.perf_counter() - start)
            print(f"{done:>8} verdicts  {marks[-1]:6.0f} MB  {rate:6.1f} /s", flush=True)
    print(f"growth from the first tenth to the end: {marks[-1] - marks[1]:+.0f} MB")


def answers(spec: Spec, first: int, count: int) -> list[Candidate]:
    """Answers that are each a text of their own: right, constant, cut off."""
    stub = spec.golden[: spec.golden.index(");") + 2]
    kinds = (spec.golden, f"{stub}\nendmodule\n", spec.golden[: len(spec.golden) // 2])
    texts = (in_own_words(kinds[k % 3], first + k) for k in range(count))
    return [Candidate(text=t, spec_id=spec.id, sample=first + k) for k, t in enumerate(texts)]


def resident() -> float:
    """Megabytes of resident memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / 1e6


if __name__ == "__main__":
    main()
