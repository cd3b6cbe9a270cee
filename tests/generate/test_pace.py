"""The pace of tokens, in words."""

from __future__ import annotations

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from rtlbench.generate.pace import LEAST, Pace


def test_it_is_taken_over_the_last_half_minute() -> None:
    pace = Pace(100.0)
    said = [pace.words(100.0 + s, 20 * min(s, 60)) for s in range(121)]
    assert said[1] == ""
    assert said[10] == said[60] == "20.0 tokens a second"
    assert said[75] == "10.0 tokens a second"
    assert said[100] == "no tokens for 40 s"


def test_bursts_are_no_standstill() -> None:
    pace = Pace(0.0)
    said = [pace.words(float(s), 200 * (s // 20)) for s in range(200)]
    assert not any(words.startswith("no tokens") for words in said)
    assert all(words for words in said[20:])


def test_before_the_first_there_is_none() -> None:
    pace = Pace(0.0)
    assert {pace.words(float(s), 0) for s in range(100)} == {""}


@given(st.lists(st.tuples(st.floats(0.01, 50.0), st.integers(0, 500)), min_size=1))
def test_a_pace_is_never_above_the_fastest_stretch(steps: list[tuple[float, int]]) -> None:
    pace = Pace(0.0)
    times, counts = (list(accumulate(column)) for column in zip(*steps, strict=True))
    fastest = max(more / seconds for seconds, more in steps)
    for now, tokens in zip(times, counts, strict=True):
        words = pace.words(now, tokens)
        assert not words or now >= LEAST
        if words.endswith("a second"):
            assert float(words.split()[0].replace(",", "")) <= fastest + 0.06
