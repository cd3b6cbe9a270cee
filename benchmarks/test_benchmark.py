"""The benchmark: one case a Spec, its answers as subtests. Run it by `pytest benchmarks -n 16`."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rtlbench.io.explain import MAX_MODEL
from rtlbench.io.untrusted import one_line
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.runs.terminal import WrongAnswer


def test_benchmark(
    rtl_spec: Spec,  # noqa: ARG001 - names the case
    verdicts: Sequence[Verdict],
    subtests: pytest.Subtests,
) -> None:
    """Every answer passes every Check."""
    for verdict in verdicts:
        if verdict.outcome is Outcome.ERROR:
            continue  # the fixture reports it: the harness is at fault, not the answer
        with subtests.test(f"{one_line(verdict.model, MAX_MODEL)} sample {verdict.sample}"):
            if verdict.outcome is not Outcome.PASS:
                raise WrongAnswer(verdict)
