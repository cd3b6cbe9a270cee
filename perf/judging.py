"""What one more call from Python costs, side by side in one process.

    python perf/judging.py [--spec updown_w4_sync] [--repeat 5]

A new answer alone costs what its simulations cost; in a batch, its share of them; one that was
judged before, nothing. The Verifier without the pool stands beside them.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import rtlbench
from perf.own_words import in_own_words
from rtlbench.verifier import BATCH, Verifier


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--spec", default="updown_w4_sync")
    parser.add_argument("--repeat", type=int, default=5)
    args = parser.parse_args()
    print(f"import rtlbench: {import_cost('import rtlbench'):.1f} ms")
    spec = next(s for s in rtlbench.read_suite("rtlbench") if s.id == args.spec)
    begun = time.perf_counter()
    rtlbench.judge(spec, spec.golden)
    print(f"first call, workers start: {time.perf_counter() - begun:.2f} s")
    verifier = Verifier()
    verifier.verify(spec, [rtlbench.Candidate(text=spec.golden)])
    rtlbench.judge(spec, texts(spec.golden, "warm", BATCH))
    wrong = spec.golden.replace("+ 1'b1", "+ 2'd2")
    for name, count, call in (
        ("the same answer again", 1, lambda _: rtlbench.judge(spec, spec.golden)),
        ("a new answer that does not parse", 1,
         lambda k: rtlbench.judge(spec, texts("module m(", f"s{k}", 1))),
        ("a new wrong answer alone", 1, lambda k: rtlbench.judge(spec, texts(wrong, f"w{k}", 1))),
        ("a new right answer alone", 1,
         lambda k: rtlbench.judge(spec, texts(spec.golden, f"r{k}", 1))),
        ("the same by the Verifier alone", 1,
         lambda k: verifier.verify(
             spec, [rtlbench.Candidate(text=t) for t in texts(spec.golden, f"v{k}", 1)])),
        (f"one of {BATCH} new right answers", BATCH,
         lambda k: rtlbench.judge(spec, texts(spec.golden, f"b{k}", BATCH))),
    ):  # fmt: skip
        print(f"{name:<36} {1000 * cost(call, args.repeat) / count:8.1f} ms")


def texts(text: str, mark: str, count: int) -> list[str]:
    """The same circuit, each time another text."""
    return [in_own_words(text, f"{mark}_{k}") for k in range(count)]


def cost(call: Callable[[int], object], repeat: int) -> float:
    """Seconds of a call, the median."""
    spent = []
    for k in range(repeat):
        begun = time.perf_counter()
        call(k)
        spent.append(time.perf_counter() - begun)
    return statistics.median(spent)


def import_cost(program: str) -> float:
    """Milliseconds by which `program` is longer than none, the least of several by turns."""
    spent: dict[str, list[float]] = {program: [], "pass": []}
    for _ in range(15):
        for code, times in spent.items():
            begun = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            times.append(time.perf_counter() - begun)
    return 1000 * (min(spent[program]) - min(spent["pass"]))


if __name__ == "__main__":
    main()
