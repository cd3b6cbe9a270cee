"""What the netlist beside each right answer costs: verdicts with and without it, by turns.

    .venv/bin/python perf/netlist_lane.py [--answers 64] [--rounds 3]

Prints milliseconds of wall time a verdict for each way, and their ratio, of one process; the
least of the rounds counts, since other work on the machine only ever adds.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

from rtlbench.records.candidate import Candidate
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Verifier


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spec", default="updown_w4_sync")
    parser.add_argument("--answers", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    spec = next(s for s in load_suite() if s.id == asked.spec)
    answers = [
        Candidate(text=f"{spec.golden}\n// {k}\n", spec_id=spec.id) for k in range(asked.answers)
    ]
    verifier = Verifier()
    verifier.verify(spec, answers[:1])  # what is made once is made

    def seconds() -> float:
        begun = time.perf_counter()
        verdicts = verifier.verify(spec, answers)
        assert all(v.functional for v in verdicts)
        return time.perf_counter() - begun

    spent: dict[str, list[float]] = {"with": [], "without": []}
    for _ in range(asked.rounds):
        spent["with"].append(seconds())
        with patch("rtlbench.checks.simulation.from_netlists", _none):
            spent["without"].append(seconds())
    best = {way: min(each) for way, each in spent.items()}
    for way, least in best.items():
        print(f"{way:8} {1000 * least / asked.answers:6.2f} ms a verdict")
    print(f"ratio    {best['with'] / best['without']:6.2f}")


def _none(answers: Sequence[Any], _play: object) -> list[None]:
    return [None] * len(answers)


if __name__ == "__main__":
    main()
