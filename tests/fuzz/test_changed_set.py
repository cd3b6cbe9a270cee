"""Two thousand changes of files that `filter` and `combine` wrote: none changes in silence what is
learnt from, or a figure."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from fuzz.choices import ByteChoices
from fuzz.targets import changed_set
from rtlbench.dataset.file_record import FILTER

CHANGES = 2_200


@pytest.mark.slow
def test_no_change_of_a_data_set_is_silent() -> None:
    draw = random.Random(27)
    refused: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    alone = 0
    for _ in range(CHANGES):
        case = changed_set.make(ByteChoices(draw.randbytes(64)))
        alone += FILTER not in case.files
        (refused if changed_set.check(case) else taken)[case.what] += 1
    assert refused.total() + taken.total() == CHANGES
    assert alone > CHANGES // 5
    for what in ("dropped", "doubled", "moved", "cut", "a field", "a noted field"):
        assert refused[what] > 50, (refused, taken)
    assert refused["a document's field"] > 50, (refused, taken)
    # What is taken changes nothing, or is told of a file that stands alone.
    assert taken.total() < CHANGES // 3, (refused, taken)
