"""Verdicts per second, side by side in one run on the same candidates.

    python perf/throughput.py [--answers 64] [--spec updown_w8_async_low_en] [--baseline 8]

(a) one cocotb simulation a candidate through cocotb's own runner, (b) the same through
cocotb-test, (c) the CPU time of the tools themselves. (a) and (b) run the very same wrapper and
frames with one lane, for `--baseline` candidates, since each takes most of a second.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rtlbench.checks import CHECKS
from rtlbench.checks.base import Work
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import CheckResult
from rtlbench.rtl.preprocessing import prepare
from rtlbench.rtl.renaming import renamed_golden
from rtlbench.rtl.slang import elaborate
from rtlbench.simulation.frames import Plan
from rtlbench.simulation.stimulus import build_plan
from rtlbench.simulation.wrapper import Part, wrapper_text, write_stimulus
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Verifier

TOP = "rtlbench_perf"
TESTBENCH = "by_cocotb"
ENV = {"PYTHONPATH": str(Path(__file__).parent)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--answers", type=int, default=64)
    parser.add_argument("--baseline", type=int, default=8)
    parser.add_argument("--spec", default="updown_w8_async_low_en")
    args = parser.parse_args()
    spec = next(s for s in load_suite() if s.id == args.spec)
    report(spec, answers(spec, args.answers), args.baseline)


def answers(spec: Spec, count: int) -> list[Candidate]:
    """Right and wrong answers in turn, each its own text."""
    wrong = spec.golden.replace("+ 1'b1", "- 1'b1")
    texts = [f"{spec.golden if k % 2 else wrong}// answer {k}\n" for k in range(count)]
    return [Candidate(text=t, spec_id=spec.id, sample=k) for k, t in enumerate(texts)]


def report(spec: Spec, candidates: list[Candidate], baseline: int) -> None:
    """Run everything and print rates and ratios."""
    plan = build_plan(spec)
    Verifier().verify(spec, candidates[:1])  # imports, caches
    with watch_simulation() as simulation:
        whole, own_cpu, tools_cpu = timed(lambda: Verifier().verify(spec, candidates))
    n = len(candidates)
    lanes, everything = simulation[0] / n, whole / n
    runner = one_by_one(spec, plan, baseline, through_runner)
    cocotb_test = one_by_one(spec, plan, baseline, through_cocotb_test)
    static = everything - lanes
    slang = slang_cpu(spec, candidates)
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
    print(f"CPU: {1000 * (own_cpu + tools_cpu) / n:.2f} ms a verdict, of which tools "
          f"{1000 * (tools_cpu + slang) / n:.2f} ms: "
          f"{(own_cpu + tools_cpu) / (tools_cpu + slang):.2f} times (c)")


def timed(job: Callable[[], object]) -> tuple[float, float, float]:
    """Wall seconds, own CPU seconds, children's CPU seconds."""
    start = (time.perf_counter(), *cpu())
    job()
    end = (time.perf_counter(), *cpu())
    return end[0] - start[0], end[1] - start[1], end[2] - start[2]


def cpu() -> tuple[float, float]:
    """CPU seconds of this process and of its finished children."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime, children.ru_utime + children.ru_stime


def slang_cpu(spec: Spec, candidates: list[Candidate]) -> float:
    """CPU seconds of slang alone: it is a tool that runs in this process."""
    texts = [prepare(c.text).text for c in candidates]
    start = time.process_time()
    for text in texts:
        _ = elaborate(text, spec.top).analysis
    return time.process_time() - start


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
    if get_results(results) != (1, 0):
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
