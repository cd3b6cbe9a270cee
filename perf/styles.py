"""Goldens in every style, by each simulator: how many are true at 1.0.

    .venv/bin/python perf/styles.py LOG [--simulator verilator] [--part 1/4] [--specs 40]

Appends a line of JSON to LOG for each answer; what LOG holds already is not judged again, so that
a run can be stopped and goes on. Prints what is not right, and the counts.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import NamedTuple

from rtlbench.records.spec import Spec
from rtlbench.suites.families import load_suite
from rtlbench.verifier import BATCH, Config, Verifier
from tests.checks.styles import STYLES
from tests.checks.test_styles import written

TOGETHER = BATCH // len(STYLES)
"""Specs whose styles share a simulation."""


class Line(NamedTuple):
    """What LOG says of one answer."""

    simulator: str
    style: str
    spec_id: str
    functional: bool | None
    score: float
    told: list[str]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log", type=Path)
    parser.add_argument("--simulator", choices=["icarus", "verilator"], default="icarus")
    parser.add_argument("--part", default="1/1", help="K/N: every N-th task, from the K-th")
    parser.add_argument("--specs", type=int, default=10_000, help="at most so many tasks")
    asked = parser.parse_args()
    k, n = map(int, asked.part.split("/"))
    specs = load_suite()[k - 1 :: n]
    specs = specs[:: max(1, len(specs) // asked.specs)]
    done = {(x.simulator, x.spec_id) for x in _lines(asked.log)}
    left = [s for s in specs if (asked.simulator, s.id) not in done]
    for at in range(0, len(left), TOGETHER):
        begun = time.perf_counter()
        lines = _judged(left[at : at + TOGETHER], asked.simulator)
        with asked.log.open("a") as log:
            log.writelines(json.dumps(line) + "\n" for line in lines)
        print(f"{len(lines)} answers in {time.perf_counter() - begun:.1f} s", flush=True)
    _report(_lines(asked.log))


def _lines(log: Path) -> list[Line]:
    return [Line(*json.loads(x)) for x in log.read_text().splitlines()] if log.exists() else []


def _judged(specs: list[Spec], simulator: str) -> list[Line]:
    asked = [(style, *pair) for style in STYLES for pair in written(style, specs)]
    verdicts = Verifier(Config(simulator=simulator)).verify_mixed([(s, c) for _, s, c in asked])
    lines = []
    for (style, spec, _), v in zip(asked, verdicts, strict=True):
        told = sorted({f.rule for f in v.findings})
        lines.append(Line(simulator, style, spec.id, v.functional, v.score, [v.outcome, *told]))
    return lines


def _report(lines: list[Line]) -> None:
    for key in sorted({(x.simulator, x.style) for x in lines}):
        own = [x for x in lines if (x.simulator, x.style) == key]
        true = sum(x.functional is True for x in own)
        clean = sum(x.functional is True and x.score == 1.0 for x in own)
        print(f"{key[0]:10} {key[1]:18} {len(own)} answers: {true} true, {clean} of them at 1.0")
    for x in lines:
        if x.score != 1.0:
            print(f"  {x.simulator}, {x.style}: {x.spec_id}: {x.score} {' '.join(x.told)}")


if __name__ == "__main__":
    main()
