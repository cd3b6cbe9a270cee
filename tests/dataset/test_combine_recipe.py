"""Which records stay where not all can, as a pure function."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rtlbench.dataset.combine_recipe import REASONS, Recipe, RecordGroup, select

SETS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1)), max_size=60)
GROUPS = [RecordGroup(s, c) for s in ("a", "b") for c in ("x", "y")]


def chosen(records: list[tuple[int, int]], recipe: Recipe) -> tuple[list[int], list[int]]:
    selection = select(
        GROUPS,
        np.array([g for g, _ in records], np.int32),
        np.array([r for _, r in records], np.uint8),
        np.array([(k * 0x9E3779B97F4A7C15) % 2**64 for k in range(len(records))], np.uint64),
        recipe,
    )
    return selection.copies.tolist(), selection.why.tolist()


@given(SETS, st.floats(0, 3), st.integers(0, 40), st.floats(1, 4))
def test_a_choice_keeps_to_its_limits_and_gives_each_loss_a_reason(
    records: list[tuple[int, int]], weight: float, cap: int, balance: float
) -> None:
    recipe = Recipe(weight={"source:a": weight}, cap={"category:x": cap}, balance=balance)
    copies, why = chosen(records, recipe)
    by_category: Counter[str] = Counter()
    for (group, _), count in zip(records, copies, strict=True):
        by_category[GROUPS[group].category] += count
    assert by_category["x"] <= cap
    assert all((count == 0) == bool(REASONS[w]) for count, w in zip(copies, why, strict=True))
    present = [n for n in by_category.values() if n]
    if len(present) == 2:
        assert max(present) <= balance * min(present)


@given(SETS, st.integers(0, 30))
def test_what_was_simulated_stays_before_what_was_not(
    records: list[tuple[int, int]], cap: int
) -> None:
    copies, _ = chosen(records, Recipe(cap={"source:a": cap}))
    of_source = [(rank, n) for (g, rank), n in zip(records, copies, strict=True) if g < 2]
    if any(n for rank, n in of_source if rank == 1):
        assert all(n for rank, n in of_source if rank == 0)


@given(SETS)
def test_without_a_recipe_everything_stays_once(records: list[tuple[int, int]]) -> None:
    assert chosen(records, Recipe()) == ([1] * len(records), [0] * len(records))
