"""What isolation costs: verdicts per second with none and with the best there is, in one run.

    python -m perf.isolation [--answers 64] [--rounds 8] [--spec updown_w8_async_low_en]

The two take turns on the same candidates, so that what else the machine does falls on both alike;
the ratio is the median of the rounds' ratios. Starting a sandbox is measured on its own: a
worker does it once.
"""

from __future__ import annotations

import argparse
import statistics
import time

from perf.throughput import answers
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.sandbox.backends import BACKENDS
from rtlbench.sandbox.level import choose
from rtlbench.sandbox.sandbox import Sandbox, isolation
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Verifier

WISHES = ("none", "default")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--answers", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--spec", default="updown_w8_async_low_en")
    args = parser.parse_args()
    spec = next(s for s in load_suite() if s.id == args.spec)
    report(spec, answers(spec, args.answers), args.rounds)


def report(spec: Spec, candidates: list[Candidate], rounds: int) -> None:
    """Run everything and print rates and the ratio."""
    verifier = Verifier()
    seconds: dict[str, list[float]] = {wish: [] for wish in WISHES}
    told: dict[str, str] = {}
    for k in range(rounds):
        for wish in WISHES if k % 2 else reversed(WISHES):
            choose(wish)
            told[wish] = str(isolation())
            verifier.verify(spec, candidates[:1])  # imports, caches, the sandbox's start
            start = time.perf_counter()
            verifier.verify(spec, candidates)
            seconds[wish].append(time.perf_counter() - start)
    for wish in WISHES:
        each = statistics.median(seconds[wish]) / len(candidates)
        print(f"{1000 * each:8.2f} ms a verdict, {1 / each:7.1f} /s  {told[wish]}")
    pairs = zip(seconds["default"], seconds["none"], strict=True)
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"{ratio:.3f} times the time without ({rounds} rounds of {len(candidates)} answers)")
    for name, backend in BACKENDS.items():
        start = time.perf_counter()
        Sandbox(backend).close()
        print(f"{1000 * (time.perf_counter() - start):8.1f} ms to start and leave: {name}")


if __name__ == "__main__":
    main()
