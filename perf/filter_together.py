"""What it saves that candidates of several Specs share simulations."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from perf.filter_stages import cost
from rtlbench.errors import HarnessError
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.simulation import lanes
from rtlbench.simulation.lanes import LaneResult
from rtlbench.simulation.simulators import Simulator
from rtlbench.simulation.wrapper import Part
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Verifier

Pairs = list[tuple[Spec | None, Candidate]]


def report_together(specs: int, answers: int) -> None:
    """Print the CPU time of the simulators, and of all, with simulations shared and one a Spec."""
    suite = load_suite()
    known = suite[:: max(1, len(suite) // specs)][:specs]
    numbers = range(answers)
    pairs: Pairs = [(s, Candidate(text=f"// {k}\n{s.golden}")) for s in known for k in numbers]
    spent = _watch_simulators()
    for way, asked in (("shared", [pairs]), ("one a spec", _by_spec(pairs, answers))):
        verifier = Verifier()
        verifier.verify(known[0], [Candidate(text=known[0].golden)])  # imports, the sandbox
        spent.clear()
        total = cost(partial(_judge, verifier, asked))
        simulated = 1000 * sum(spent) / len(pairs)
        print(f"{way:<11} {len(spent):>4} simulations of {simulated:6.1f} CPU ms a record, "
              f"all Checks {1000 * total / len(pairs):6.1f}", flush=True)


def _judge(verifier: Verifier, asked: Sequence[Pairs]) -> None:
    for pairs in asked:
        verifier.verify_mixed(pairs)


def _by_spec(pairs: Pairs, answers: int) -> list[Pairs]:
    return [list(pairs[k : k + answers]) for k in range(0, len(pairs), answers)]


def _watch_simulators() -> list[float]:
    """CPU seconds of each simulation from now on."""
    spent: list[float] = []
    original = lanes.play

    def play(
        parts: Sequence[Part], simulator: Simulator
    ) -> list[list[LaneResult] | HarnessError] | LaneResult:
        found: list[list[LaneResult] | HarnessError] | LaneResult = []

        def run() -> None:
            nonlocal found
            found = original(parts, simulator)

        spent.append(cost(run))
        return found

    lanes.play = play
    return spent
