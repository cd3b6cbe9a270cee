"""Batches: who is at fault is found, whoever stands beside it, in few calls."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlbench.rtl.batches import BrokenBatch, in_batches


class Tool:
    """A tool that breaks over some numbers and doubles the others; it may say which it broke on."""

    def __init__(self, bad: set[int], names: str = "none") -> None:
        self.bad = bad
        self.names = names
        self.calls: list[list[int]] = []

    def attempt(self, numbers: Sequence[int]) -> list[str] | BrokenBatch[str]:
        self.calls.append(list(numbers))
        broken = [k for k, n in enumerate(numbers) if n in self.bad]
        if not broken:
            return [str(2 * n) for n in numbers]
        named = {"none": [], "first": broken[:1], "all": broken, "others": range(len(numbers))}
        return BrokenBatch("breaks", frozenset(named[self.names]))

    def run(self, count: int, most: int | None = None) -> list[str]:
        return in_batches(range(count), self.attempt, lambda n, why: f"{n} {why}", most=most)


@given(
    st.integers(0, 70), st.sets(st.integers(0, 69)), st.sampled_from(["none", "first", "all",
    "others"]), st.sampled_from([None, 1, 7, 64]),
)
def test_each_has_the_result_that_it_has_alone(
    count: int, bad: set[int], names: str, most: int | None
) -> None:
    tool = Tool(bad, names)
    expected = [f"{n} breaks" if n in bad else str(2 * n) for n in range(count)]
    assert tool.run(count, most) == expected
    assert len(tool.calls) <= 4 * count + 1


@pytest.mark.parametrize(("names", "calls"), [("none", 17), ("first", 3), ("all", 3)])
def test_one_at_fault_among_many_costs_few_calls(names: str, calls: int) -> None:
    tool = Tool({13}, names)
    tool.run(64)
    assert len(tool.calls) == calls


def test_those_named_go_alone_and_the_others_together() -> None:
    tool = Tool({1, 3}, "all")
    tool.run(5)
    assert tool.calls == [[0, 1, 2, 3, 4], [1], [3], [0, 2, 4]]


def test_only_items_with_equal_keys_share_a_call() -> None:
    tool = Tool(set())
    in_batches(range(6), tool.attempt, lambda n, _: str(n), key=lambda n: n % 3)
    assert tool.calls == [[0, 3], [1, 4], [2, 5]]
