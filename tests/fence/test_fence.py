"""Verdicts stay as they are: a fixed set is judged and compared, field by field.

Where a change of Verdicts is meant, `python -m tests.fence --write` stores them anew, and the
commit says which changed and why.
"""

from __future__ import annotations

import json

import pytest

from tests.fence.judged import PARTS, SETS, STORED, differences, judge, pairs_of, parts_of

SHOWN = 20


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", SETS)
def test_verdicts_are_as_they_were(name: str, part: int) -> None:
    pairs = pairs_of(name)
    if not pairs:
        pytest.skip("the answers to RTLLM are not beside the checkout")
    chosen = parts_of(pairs)[part]
    stored = {r["of"]: r for r in map(json.loads, STORED.read_text().splitlines())}
    rows = judge(name, chosen)
    assert len(rows) == len(chosen)
    found = [d for row in rows for d in differences(stored[row["of"]], row)]
    left = f"\n... {len(found)} in all" if len(found) > SHOWN else ""
    assert not found, "\n".join(found[:SHOWN]) + left
