"""Numbers of things are said as people say them."""

from __future__ import annotations

import pytest

from rtlbench.io.counted import many


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0 answers"), (1, "1 answer"), (2, "2 answers"), (1024, "1,024 answers")],
)
def test_one_is_singular(number: int, words: str) -> None:
    assert many(number, "answer") == words
