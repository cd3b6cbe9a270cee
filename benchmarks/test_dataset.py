"""The dataset filter: one case a shard of one category.

Run it by `pytest benchmarks/test_dataset.py --dataset FILE --threshold 0.95 -n 16`. A record that
is refused is no failure; one that the harness could not judge is.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rtlbench.dataset.filter.judge import JudgedRecord
from rtlbench.io.explain import explain
from rtlbench.records.verdict import Outcome

SHOWN = 5


def test_shard(
    dataset_shard: str,  # noqa: ARG001 - names the case
    judged_records: Sequence[JudgedRecord],
) -> None:
    """Every record got a Verdict that speaks of the record."""
    broken = [j for j in judged_records if j.verdict.outcome is Outcome.ERROR]
    if broken:
        told = "\n".join(f"{j.placed.where}: {explain(j.verdict)}" for j in broken[:SHOWN])
        count = f"{len(broken)} of {len(judged_records)} records could not be judged"
        pytest.fail(f"{count}\n{told}", pytrace=False)
