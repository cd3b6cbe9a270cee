"""What the netlist beside each right answer costs: verdicts with and without it, by turns.

    .venv/bin/python -m perf.netlist_lane [--answers 64] [--rounds 3] [--kind ways]

Prints milliseconds of CPU time a verdict for each way, tools in the sandbox too, and their ratio;
the least of the rounds counts, since other work on the machine only ever adds. Answers that come
to the same netlist share a lane, and what is wrong has none: `--kind copies` are right and alike,
`half` every other one is wrong, `ways` are right and each written another way
(tests/checks/ways.py), `tasks` are right and each to another task.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any
from unittest.mock import patch

from perf.cpu import spent
from perf.throughput import answers as answers_to
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Verifier
from tests.checks.ways import WAYS

Pairs = list[tuple[Spec | None, Candidate]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kind", choices=KINDS, default="ways")
    asked = parser.parse_args()
    pairs = KINDS[asked.kind](asked.answers)
    verifier = Verifier()
    verifier.verify_mixed(pairs)  # what is made once is made

    def seconds() -> float:
        return spent(lambda: verifier.verify_mixed(pairs)).cpu

    used: dict[str, list[float]] = {"with": [], "without": []}
    for _ in range(asked.rounds):
        used["with"].append(seconds())
        with (
            patch("rtlbench.checks.simulation.from_netlists", _none),
            patch("rtlbench.checks.simulation.beside", lambda _: {}),
        ):
            used["without"].append(seconds())
    best = {way: min(each) for way, each in used.items()}
    for way, least in best.items():
        print(f"{way:8} {1000 * least / len(pairs):6.2f} ms a verdict")
    print(f"ratio    {best['with'] / best['without']:6.2f}")


def _copies(count: int, right: float = 1.0) -> Pairs:
    return [(_spec(), c) for c in answers_to(_spec(), count, right)]


def _half(count: int) -> Pairs:
    return _copies(count, 0.5)


def _ways(count: int) -> Pairs:
    alone = ("package", "interface", "type")  # each has a simulation of its own in any case
    texts = [text for way, text in WAYS.items() if not any(word in way for word in alone)]
    return [(_spec(), Candidate(text=text)) for text in texts[:count]]


def _tasks(count: int) -> Pairs:
    suite = load_suite()
    return [(s, Candidate(text=s.golden)) for s in suite[:: max(1, len(suite) // count)][:count]]


def _spec() -> Spec:
    return next(s for s in load_suite() if s.id == "updown_w4_sync")


KINDS: dict[str, Callable[[int], Pairs]] = {
    "copies": _copies, "half": _half, "ways": _ways, "tasks": _tasks,
}  # fmt: skip


def _none(answers: Sequence[Any], *_others: object) -> list[None]:
    return [None] * len(answers)


if __name__ == "__main__":
    main()
