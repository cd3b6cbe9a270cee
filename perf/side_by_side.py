"""The same answers judged here, and in the ways that others judge them.

    python -m perf.side_by_side [--tasks 16] [--answers 8]

Answers to tasks of the suite, half of them wrong; each way with two processes, one after the other.
Ours is everything: all Checks, some 5,000 directed and drawn frames, the netlist beside. The others
are this project's own scripts after what other harnesses do, with 1,000 random cycles each and no
further Check: Icarus compiles and runs a testbench with answer and reference, two processes an
answer (as VerilogEval does, and the reward of CodeV-R1); a cocotb test an answer, by its runner (as
CVDP does).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from perf.cpu import Spent
from perf.own_words import in_own_words
from perf.random_bench import bench, facts, harness
from perf.workers import WORKERS, judged
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Verifier

SECONDS = 30
HERE = str(Path(__file__).parent)
Work = tuple[Spec, list[str]]


def main() -> None:
    """Measure all ways and print what they take, and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--tasks", type=int, default=16)
    parser.add_argument("--answers", type=int, default=8, help="to each task")
    args = parser.parse_args()
    works = given(args.tasks, args.answers)
    count = sum(len(a) for _, a in works)
    print(f"{len(works)} tasks, {count} answers, half of them wrong, {WORKERS} processes")
    ours: Spent | None = None
    for name, way in (
        ("rtlbench, all Checks", by_rtlbench),
        ("compile and run, Icarus", by_bench),
        ("a cocotb test an answer", by_cocotb),
    ):
        said, took = judged(way, works)
        ours = ours or took
        right = sum(s == bool(k % 2) for k, s in enumerate(said))
        print(f"{name:<26} {count / took.wall:7.2f} verdicts/s {1000 * took.cpu / count:8.1f} ms "
              f"CPU each, {right} of {count} right; rtlbench is {took.wall / ours.wall:.2f} times "
              f"as fast, {took.cpu / ours.cpu:.2f} by CPU")  # fmt: skip


def given(tasks: int, answers: int) -> list[Work]:
    """Tasks with one clock, each with its golden and one that is wrong, in turn."""
    clocked = [s for s in load_suite() if wrong(s) and len(s.clocks) == 1]
    chosen = clocked[:: max(1, len(clocked) // tasks)][:tasks]
    return [
        (s, [in_own_words(s.golden if k % 2 else wrong(s), k) for k in range(answers)])
        for s in chosen
    ]


def wrong(spec: Spec) -> str:
    """The golden with one of its operators exchanged; empty where it has none."""
    for old, new in (("+ 1'b1", "- 1'b1"), (" & ", " | "), (" ^ ", " & "), ("==", "!=")):
        if old in spec.golden:
            return spec.golden.replace(old, new, 1)
    return ""


_VERIFIER: list[Verifier] = []


def by_rtlbench(work: Work) -> list[bool]:
    """All Checks."""
    if not _VERIFIER:
        _VERIFIER.append(Verifier())
    spec, answers = work
    verdicts = _VERIFIER[0].verify(spec, [Candidate(text=a) for a in answers])
    return [v.functional is True for v in verdicts]


def by_bench(work: Work) -> list[bool]:
    """Icarus on testbench, reference and answer, a process each."""
    spec, answers = work
    around, said = bench(spec), []
    for answer in answers:
        with tempfile.TemporaryDirectory() as place:
            (Path(place) / "all.sv").write_text(f"{around}\n{answer}\n")
            compiled = _tool(["iverilog", "-g2012", "-s", "tb", "-o", "run", "all.sv"], place)
            said.append(compiled and _tool(["vvp", "-n", "run"], place))
    return said


def by_cocotb(work: Work) -> list[bool]:
    """The same cycles by a test of cocotb's, run by its own runner."""
    spec, answers = work
    around, said, known = harness(spec), [], facts(spec)
    for answer in answers:
        with tempfile.TemporaryDirectory() as place:
            (Path(place) / "all.sv").write_text(f"{around}\n{answer}\n")
            argv = [sys.executable, str(Path(HERE) / "by_cocotb_runner.py")]
            said.append(_tool(argv, place, known))
    return said


def _tool(argv: list[str], place: str, known: dict[str, str] | None = None) -> bool:
    env = {**os.environ, "PYTHONPATH": HERE, **(known or {})}
    try:
        ran = subprocess.run(argv, cwd=place, timeout=SECONDS, capture_output=True, env=env,
                             check=False)  # fmt: skip
    except subprocess.TimeoutExpired:
        return False
    return ran.returncode == 0


if __name__ == "__main__":
    main()
