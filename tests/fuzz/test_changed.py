"""Two thousand changes of a finished run, and none of them gives another figure in silence."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from fuzz.choices import ByteChoices
from fuzz.targets import changed

CHANGES = 2_200


@pytest.mark.slow
def test_no_change_of_a_run_is_silent() -> None:
    draw = random.Random(27)
    refused: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for _ in range(CHANGES):
        case = changed.make(ByteChoices(draw.randbytes(64)))
        (refused if changed.check(case) else taken)[case.what] += 1
    assert refused.total() + taken.total() == CHANGES
    for what in ("dropped", "doubled", "moved", "cut", "field", "check", "run"):
        assert refused[what] > 50, (refused, taken)
    # What is taken changes nothing: a value by itself, a line in its own place.
    assert taken.total() < CHANGES // 5, (refused, taken)
