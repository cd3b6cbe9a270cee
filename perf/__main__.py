"""`make perf`: measure, and write what was measured into docs/performance.md.

    python -m perf [NAME ...] [--list]

Each measurement is a command of its own whose output stands in the page as it was printed, with
date, commit, versions, and how much else the machine did meanwhile. It is written as soon as it is
there, so a run that is stopped loses one measurement.
"""

from __future__ import annotations

import argparse
import datetime
import os
import re
import subprocess
import sys
from pathlib import Path

from perf.cpu import others
from perf.page import ROOT, commit, put
from rtlbench.rtl.versions import survey, tool_versions

PAGE = ROOT / "docs" / "performance.md"
BUSY = 0.1
"""The share of the machine that others may take before times mean little."""
MEASURES = {
    "throughput": ["perf.throughput"],
    "state-machine": ["perf.throughput", "--spec", "sequence_detector_1011_moore"],
    "side-by-side": ["perf.side_by_side"],
    "one-call": ["perf.judging"],
    "netlist-lane": ["perf.netlist_lane"],
    "frames": ["perf.frames_needed", "--every", "8"],
    "isolation": ["perf.isolation"],
    "service": ["perf.serving"],
    "filter-rate": ["perf.filter", "rate"],
    "filter-stages": ["perf.filter", "stages"],
    "memory": ["perf.memory", "--verdicts", "10000"],
}
"""Name, and the module with its arguments."""


def main() -> None:
    """Measure what was named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("names", nargs="*", metavar="NAME", help="(default: all)")
    parser.add_argument("--list", action="store_true", help="print the names alone")
    args = parser.parse_args()
    if args.list:
        print("\n".join(MEASURES))
        return
    if unknown := [n for n in args.names if n not in MEASURES]:
        parser.error(f"no measurement {unknown[0]!r}; there are {', '.join(MEASURES)}")
    for name in args.names or MEASURES:
        print(f"== {name}", flush=True)
        block = measured(MEASURES[name])
        print(block, flush=True)
        put(PAGE, f"<!-- measured: {name} -->", f"<!-- end: {name} -->", block)


def measured(words: list[str]) -> str:
    """What the command printed, and under which circumstances.

    Raises:
        SystemExit: It failed; the page is as it was.
    """
    told: list[str] = []

    def run() -> None:
        argv = [sys.executable, "-m", *words]
        ran = subprocess.run(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
        if ran.returncode:
            raise SystemExit(f"python -m {' '.join(words)}: exit status {ran.returncode}")
        told.append(ran.stdout.strip())

    before = others()
    run()
    rest = max(before, others())
    return f"```\n$ python -m {' '.join(words)}\n{told[0]}\n\n{_circumstances(rest)}\n```"


def _circumstances(rest: float) -> str:
    tools = ", ".join(f"{n} {v}" for n, v in tool_versions(survey()).items())
    day = datetime.datetime.now(datetime.UTC).date()
    words = f"{day}, commit {commit()}, {os.cpu_count()} cores, {tools}. "
    model = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.M)
    words += f"{model[1]}. " if model else ""
    words += f"Before and after, other work took {rest:.0%} of the machine"
    return words + (": only ratios and CPU times mean much." if rest > BUSY else ".")


if __name__ == "__main__":
    main()
