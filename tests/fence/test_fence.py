"""Verdicts stay as they are: a fixed set is judged and compared, field by field.

Where a change of Verdicts is meant, `python -m tests.fence --write` stores them anew, and the
commit says which changed and why.
"""

from __future__ import annotations

import pytest

from tests.fence.judged import PARTS, differences, judge, stored

SHOWN = 20


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_verdicts_are_as_they_were(part: str) -> None:
    rows = judge(part)
    if not rows:
        pytest.skip("the answers to RTLLM are not beside the checkout (../shared/suites/rtllm)")
    found = list(differences(stored()[part], rows, ""))
    left = f"\n... {len(found)} differences in all" if len(found) > SHOWN else ""
    assert not found, "\n".join(found[:SHOWN]) + left


def test_a_difference_names_candidate_and_field() -> None:
    part = next(iter(stored().values()))
    name, row = next(iter(part.items()))
    spoilt = {**row, "score": 0.5, "checks": {**row["checks"], "syntax": {}}}
    found = list(differences(part, {**part, name: spoilt}, ""))
    assert f"{name} score: expected {row['score']}, got 0.5" in found
    assert any(line.startswith(f"{name} checks syntax says: expected [") for line in found)
    missing = {of: kept for of, kept in part.items() if of != name}
    assert [line.partition(":")[0] for line in differences(part, missing, "")] == [name]
    assert [line.partition(":")[0] for line in differences(missing, part, "")] == [name]
    assert not list(differences(part, dict(part), ""))
