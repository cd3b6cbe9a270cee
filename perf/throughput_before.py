"""What a verdict takes beside earlier commits: 64 answers to one task, all checkouts by turns.

    python -m perf.throughput_before CHECKOUT... [--rounds 3]

A busy machine weighs on all alike. Each turn is a process that judges each kind of answers three
times: half of them wrong and nine in ten, no two of the same words, and the same apart from
comments alone. Prints the medians in ms a verdict, by the clock and of CPU time. A checkout from
before Yosys came as a wheel finds its `yosys` in PATH.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

import msgspec

HERE = Path(__file__).parents[1]
SCRIPT = """
import json, runpy, sys
cpu, own_words = map(runpy.run_path, sys.argv[1:])
try:
    from rtlbench.records.candidate import Candidate
except ImportError:  # of before the layout of today
    from rtlbench.candidate import Candidate
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Verifier

COUNT = 64
spec = next(s for s in load_suite() if s.id == "updown_w8_async_low_en")
wrong = spec.golden.replace("+ 1'b1", "- 1'b1")

def answers(right, alike, turn):
    good = [int(k * right) != int((k + 1) * right) for k in range(COUNT)]
    texts = [f"{spec.golden if g else wrong}// {turn} {k}\\n" for k, g in enumerate(good)]
    if not alike:
        texts = [own_words["in_own_words"](t, f"{turn}_{k}") for k, t in enumerate(texts)]
    return [Candidate(text=t, spec_id=spec.id, sample=k) for k, t in enumerate(texts)]

Verifier().verify(spec, answers(0.5, False, "first")[:1])  # imports, the sandbox, stimulus
found = {}
for turn in range(3):
    for name, right, alike in (
        ("half of them wrong", 0.5, False), ("nine in ten wrong", 0.1, False),
        ("half, comments apart", 0.5, True), ("nine, comments apart", 0.1, True),
    ):
        given = answers(right, alike, turn)
        job = cpu["spent"](lambda: Verifier().verify(spec, given))
        found.setdefault(name, []).append([1000 * s / COUNT for s in (job.wall, job.cpu)])
print(json.dumps(found))
"""
"""Runs in each checkout."""
Found = dict[str, list[tuple[float, float]]]
"""By kind of answers, for each time: ms by the clock and of CPU time, a verdict."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("checkouts", type=Path, nargs="+")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    codes = [c.resolve() for c in (*args.checkouts, HERE)]
    found: dict[Path, Found] = {code: {} for code in codes}
    for _ in range(args.rounds):
        for code in codes:
            for name, times in _turn(code).items():
                found[code].setdefault(name, []).extend(times)
    for name in found[HERE]:
        for code in codes:
            wall, cpu = (median(t[k] for t in found[code][name]) for k in (0, 1))
            print(f"{name:<22} {code.name:<16} {wall:7.2f} ms, {cpu:7.2f} CPU")


def _turn(code: Path) -> Found:
    helpers = [str(HERE / "perf" / name) for name in ("cpu.py", "own_words.py")]
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, *helpers], cwd=code, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(code)}, check=False,
    )  # fmt: skip
    if ran.returncode:
        raise SystemExit(f"{code}: {ran.stderr[-2000:]}")
    return msgspec.json.decode(ran.stdout.splitlines()[-1], type=Found)


if __name__ == "__main__":
    main()
