"""Verdicts a second on a public suite: rtlbench beside the suite's own compile-and-run.

    python -m perf.suite_speed FOLDER [--every 6] [--answers 20]

FOLDER is VerilogEval's, with `answers.jsonl`: each problem gets its real answers, and mutants of
the reference up to the number. Both sides have two worker processes, one after the other. The
suite's side is its bench, compiled by Icarus with answer and reference and run, in a plain folder.
Ours is everything: extraction and all Checks, the bench heard anew, and from the cache.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

from perf.workers import WORKERS, judged
from rtlbench.mutation.mutants import netlist_mutants, source_mutants
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.rtl.extraction import extract
from rtlbench.suites.verilog_eval import read_verilog_eval
from rtlbench.verifier import Verifier

SECONDS = 30
TOGETHER = 3
"""Problems that go through the Checks in one call."""
Work = tuple[Spec, list[str]]
_COUNT = re.compile(r"^Mismatches: (\d+) in \d+ samples$", re.M)


def main() -> None:
    """Measure both and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=1, help="each K-th problem (default: all)")
    parser.add_argument("--answers", type=int, default=20, help="for each problem")
    args = parser.parse_args()
    works = given(args.folder, args.every, args.answers)
    print(f"{len(works)} problems, {sum(len(a) for _, a in works)} answers, {WORKERS} workers")
    by_suite, suite = judged(by_own_bench, [[w] for w in works])
    count = len(by_suite)
    print(f"suite: {count / suite.wall:.2f} verdicts/s, {1000 * suite.cpu / count:.0f} ms CPU each")
    together = [works[k : k + TOGETHER] for k in range(0, len(works), TOGETHER)]
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = cache
        for when in ("benches heard anew", "benches heard before"):
            ours, here = judged(by_rtlbench, together)
            print(f"ours, {when}: {count / here.wall:.2f} verdicts/s, "
                  f"{1000 * here.cpu / count:.0f} ms CPU each; ratio "
                  f"{suite.wall / here.wall:.2f} by time, {suite.cpu / here.cpu:.2f} by CPU")
    told = Counter(zip(by_suite, ours, strict=True))
    print(f"(suite passes, ours functional): {dict(told)}")


def given(folder: Path, every: int, count: int) -> list[Work]:
    """Problems with their answers."""
    lines = [json.loads(s) for s in (folder / "answers.jsonl").read_text().splitlines()]
    found = []
    for spec in read_verilog_eval(folder)[::every]:
        answers = [a["completion"] for a in lines if a["spec_id"] == spec.id][:count]
        mutants = source_mutants(spec, count - len(answers))
        left = count - len(answers) - len(mutants)
        texts = [m.text for m in (*mutants, *netlist_mutants(spec, left))]
        found.append((spec, [*answers, *texts]))
    return found


_VERIFIER: list[Verifier] = []


def by_rtlbench(works: list[Work]) -> list[bool]:
    """All Checks, problems together as `rtlbench bench` has them."""
    if not _VERIFIER:
        _VERIFIER.append(Verifier())
    pairs = [(spec, Candidate(text=a)) for spec, answers in works for a in answers]
    verdicts = _VERIFIER[0].verify_mixed(pairs)
    return [v.functional is True for v in verdicts]


def by_own_bench(works: list[Work]) -> list[bool]:
    """The suite's bench, once an answer."""
    ((spec, answers),) = works
    assert spec.testbench is not None
    said = []
    for answer in answers:
        with tempfile.TemporaryDirectory() as place:
            texts = {"test.sv": spec.testbench.text, "ref.sv": spec.testbench.beside,
                     "answer.sv": extract(answer, spec.top, spec.prompt).rtl}  # fmt: skip
            for name, text in texts.items():
                (Path(place) / name).write_text(text)
            said.append(_run(place))
    return said


def _run(place: str) -> bool:
    compiler = ["iverilog", "-Wall", "-Winfloop", "-Wno-timescale", "-g2012", "-s", "tb",
                "-o", "run", "answer.sv", "test.sv", "ref.sv"]  # fmt: skip
    try:
        _tool(compiler, place)
        if not (Path(place) / "run").is_file():
            return False
        ran = _tool(["vvp", "-n", "run"], place)
    except subprocess.TimeoutExpired:
        return False
    counted = _COUNT.findall(ran.stdout)
    return bool(counted) and all(int(n) == 0 for n in counted)


def _tool(argv: list[str], place: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv, cwd=place, timeout=SECONDS, capture_output=True, text=True, check=False
    )


if __name__ == "__main__":
    main()
