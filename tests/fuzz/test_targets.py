"""The harness's promises, tried with generated and mutated answers drawn by hypothesis."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fuzz.choices import DrawnChoices
from fuzz.targets import TARGETS

EXAMPLES = {"lanes": 3, "styles": 5}
"""Each of them is several simulations."""


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_generated_answers_break_no_promise(name: str) -> None:
    target = TARGETS[name]
    reached: list[bool] = []

    @settings(
        max_examples=EXAMPLES.get(name, 60),
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def run(data: st.DataObject) -> None:
        reached.append(target.check(target.make(DrawnChoices(data.draw))))

    run()
    assert any(reached), "every case was refused early"
