"""A counterexample is played as it stands, whether or not something changes in each step."""

from __future__ import annotations

import pytest

from rtlbench.equivalence.witness import CounterexampleStep
from rtlbench.simulation.replay import replay_plan
from tests.support import sync_counter

RESET = CounterexampleStep({"rst": 1, "up": 1}, "active")
COUNT = CounterexampleStep({"rst": 0, "up": 1}, "active")
BACK = CounterexampleStep({"rst": 0, "up": 1}, "inactive")
STILL = CounterexampleStep({"rst": 0, "up": 1}, "none")


@pytest.mark.parametrize("still", [0, 1, 3])
@pytest.mark.parametrize(
    ("steps", "q"),
    [([RESET], 0), ([RESET, BACK, COUNT], 1), ([RESET, BACK, COUNT, BACK, COUNT, BACK], 2)],
)
def test_the_last_step_is_seen_where_nothing_changes_in_it(
    steps: list[CounterexampleStep], q: int, still: int
) -> None:
    """Steps without a change have no frame; what they lead to shows in the one before."""
    end = STILL if steps[-1] is not RESET else CounterexampleStep(RESET.inputs, "none")
    plan, last = replay_plan(sync_counter(), [*steps, *[end] * still])
    alone, place = replay_plan(sync_counter(), steps)
    assert (plan.frames, last) == (alone.frames, place)
    assert plan.frames[last].care
    assert plan.frames[last].expected == q
