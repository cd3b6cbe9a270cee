"""Verdicts per second, side by side in one run on the same candidates.

    python -m perf.throughput [--answers 64] [--spec updown_w8_async_low_en] [--baseline 8]

Answers to one task, half of them wrong and nine in ten, no two of the same words; the same where
they differ in comments alone; and answers to as many tasks: never judged before, so that their
stimulus and their goldens' netlists are made, and with those kept. (a) one cocotb simulation a
candidate through cocotb's own runner, (b) the same through cocotb-test: both run the very same
wrapper and frames with one lane, for `--baseline` candidates, since each takes most of a second.
CPU time is of this process and of all that it starts, tools in the sandbox too.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from perf.cpu import Spent, spent
from perf.own_words import in_own_words
from rtlbench.checks import CHECKS
from rtlbench.checks.base import Work
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import CheckResult
from rtlbench.rtl.renaming import renamed_golden
from rtlbench.simulation.frames import Plan
from rtlbench.simulation.stimulus import build_plan
from rtlbench.simulation.wrapper import Part, wrapper_text, write_stimulus
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Verifier

TOP = "rtlbench_perf"
TESTBENCH = "by_cocotb"
HERE = str(Path(__file__).parent)
ENV = {"PYTHONPATH": HERE}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--answers", type=int, default=64)
    parser.add_argument("--baseline", type=int, default=8)
    parser.add_argument("--spec", default="updown_w8_async_low_en")
    args = parser.parse_args()
    sys.path.append(HERE)  # where cocotb's runner looks for the test
    spec = next(s for s in load_suite() if s.id == args.spec)
    report(spec, answers(spec, args.answers), args.baseline)


def answers(
    spec: Spec, count: int, right: float = 0.5, *, alike: bool = False
) -> list[Candidate]:
    """Right and wrong answers in turn, each its own text.

    Args:
        alike: They differ in a comment alone, as the answers of a model that repeats itself do.
    """
    wrong = spec.golden.replace("+ 1'b1", "- 1'b1")
    good = [int(k * right) != int((k + 1) * right) for k in range(count)]
    texts = [f"{spec.golden if g else wrong}// {right} {k}\n" for k, g in enumerate(good)]
    if not alike:
        texts = [in_own_words(t, k) for k, t in enumerate(texts)]
    return [Candidate(text=t, spec_id=spec.id, sample=k) for k, t in enumerate(texts)]


def one_each(count: int) -> list[tuple[Spec, Candidate]]:
    """As many tasks, each with its golden or an answer that does nothing, in turn."""
    suite = load_suite()
    chosen = suite[:: max(1, len(suite) // count)][:count]
    texts = [s.golden if k % 2 else f"{s.golden[: s.golden.index(');') + 2]}\nendmodule\n"
             for k, s in enumerate(chosen)]  # fmt: skip
    return [(s, Candidate(text=t)) for s, t in zip(chosen, texts, strict=True)]


def report(spec: Spec, candidates: list[Candidate], baseline: int) -> None:
    """Run everything and print rates and ratios."""
    plan = build_plan(spec)
    Verifier().verify(spec, candidates[:1])  # imports, caches
    with watch_simulation() as simulation:
        whole = spent(lambda: Verifier().verify(spec, candidates))
    n = len(candidates)
    lanes, everything = simulation[0] / n, whole.wall / n
    runner = one_by_one(spec, plan, baseline, through_runner)
    cocotb_test = one_by_one(spec, plan, baseline, through_cocotb_test)
    static = everything - lanes
    print(f"{spec.id}: {n} answers, {len(plan.frames)} frames; ms a candidate, and per second")
    for name, seconds in (
        ("simulation Check, lanes", lanes),
        ("(a) cocotb's runner", runner),
        ("(b) cocotb-test", cocotb_test),
        ("whole verdict, all Checks", everything),
        ("same Checks, one simulation each (a)", static + runner),
    ):
        print(f"  {name:<38} {1000 * seconds:8.2f} ms {1 / seconds:8.1f} /s")
    print(f"simulation Check against (a): {runner / lanes:.1f} times, against (b): "
          f"{cocotb_test / lanes:.1f} times")
    print(f"whole verdict against one simulation each: {(static + runner) / everything:.1f} times")
    _tell("half of them wrong", whole, n)
    few = answers(spec, n, right=0.1)
    _tell("nine in ten wrong", spent(lambda: Verifier().verify(spec, few)), n)
    for what, right in (("half, comments apart", 0.5), ("nine, comments apart", 0.1)):
        alike = answers(spec, n, right, alike=True)
        _tell(what, spent(lambda: Verifier().verify(spec, alike)), n)  # noqa: B023
    pairs = one_each(n)
    with tempfile.TemporaryDirectory() as nothing, patch.dict(os.environ, XDG_CACHE_HOME=nothing):
        _tell(f"{n} tasks, never seen", spent(lambda: Verifier().verify_mixed(pairs)), n)
    Verifier().verify_mixed(pairs)
    _tell(f"{n} tasks, an answer each", spent(lambda: Verifier().verify_mixed(pairs)), n)


def _tell(what: str, job: Spent, count: int) -> None:
    each = [1000 * s / count for s in (job.wall, job.cpu, job.own, job.others)]
    print(f"{what:<24} {each[0]:7.2f} ms a verdict, {each[1]:.2f} ms CPU: {each[2]:.2f} here, "
          f"{each[3]:.2f} in tools")


@contextmanager
def watch_simulation() -> Iterator[list[float]]:
    """Adds up the wall seconds spent in the simulation Check."""
    check, spent = CHECKS["simulation"], [0.0]
    original = check.run

    def measured(works: list[Work]) -> list[CheckResult]:
        start = time.perf_counter()
        try:
            return original(works)
        finally:
            spent[0] += time.perf_counter() - start

    check.run = measured  # type: ignore[method-assign,assignment]
    try:
        yield spent
    finally:
        check.run = original  # type: ignore[method-assign]


def one_by_one(
    spec: Spec, plan: Plan, count: int, simulate: Callable[[Path], None]
) -> float:
    """Wall seconds a candidate when each has a simulation of its own."""
    lane = renamed_golden(spec, "golden_")
    start = time.perf_counter()
    for _ in range(count):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            parts = [Part(spec, plan, [lane])]
            write_stimulus(folder, parts)
            (folder / "lanes.sv").write_text(wrapper_text(parts, TOP) + lane.text)
            with contextlib.redirect_stdout(io.StringIO()):
                simulate(folder)
    return (time.perf_counter() - start) / count


def through_runner(folder: Path) -> None:
    """cocotb's own runner."""
    from cocotb_tools.check_results import get_results
    from cocotb_tools.runner import get_runner

    runner = get_runner("icarus")
    runner.build(sources=[folder / "lanes.sv"], hdl_toplevel=TOP, build_dir=folder,
                 build_args=["-g2012"], log_file=folder / "build.log")
    results = runner.test(hdl_toplevel=TOP, test_module=TESTBENCH, build_dir=folder,
                          test_dir=folder, log_file=folder / "test.log", extra_env=ENV)
    if not results.is_file() or get_results(results) != (1, 0):
        raise SystemExit("cocotb's runner: the golden does not pass")


def through_cocotb_test(folder: Path) -> None:
    """cocotb-test."""
    import logging

    from cocotb_test.simulator import run

    logging.disable(logging.CRITICAL)
    here = Path.cwd()
    os.chdir(folder)
    try:
        run(simulator="icarus", verilog_sources=[str(folder / "lanes.sv")], toplevel=TOP,
            module=TESTBENCH, sim_build=str(folder), compile_args=["-g2012"], extra_env=ENV)
    finally:
        os.chdir(here)
        logging.disable(logging.NOTSET)


if __name__ == "__main__":
    main()
