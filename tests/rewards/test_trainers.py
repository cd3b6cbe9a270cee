"""The signatures that trainers call, with real Verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from rtlbench import HarnessError, Judge
from rtlbench.rewards import compute_score, compute_scores, reward_function, shaped, sparse
from rtlbench.rewards.messages import Told
from tests.conftest import SmallSuite
from tests.support import CLASSIC, sync_counter

SPEC = sync_counter()
RIGHT = SPEC.golden
WRONG = RIGHT.replace("+ 1'b1", "+ 2'd2")
NEXT = {"completion_ids": [[1]], "trainer_state": None, "log_extra": None, "log_metric": None}
"""What TRL passes beside the columns."""


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    """One Judge for all."""
    with Judge() as made:
        yield made


@pytest.fixture
def broken(small_suite: SmallSuite) -> Iterator[Judge]:
    """One that cannot tell: the golden contradicts its model."""
    small_suite.spoil_golden()
    with Judge(suite=small_suite.option.removeprefix("--suite=")) as made:
        yield made


def chat(role: str, text: Any) -> list[dict[str, Any]]:
    """What a chat model is given or says."""
    return [{"role": "system", "content": "Verilog."}, {"role": role, "content": text}]


def test_trl_gets_a_number_or_none_for_each(judge: Judge) -> None:
    right, steps = (reward_function(r, r.__name__, judge) for r in (sparse, shaped))
    assert (right.__name__, steps.__name__) == ("sparse", "shaped")
    texts = [RIGHT, WRONG, CLASSIC, ""]
    columns = {"spec_id": [SPEC.id] * 4, "difficulty": ["easy"] * 4, **NEXT}
    prompts = [SPEC.prompt] * 4
    assert right(prompts=prompts, completions=texts, **columns) == [1.0, 0.0, 0.0, 0.0]
    plain = steps(prompts=prompts, completions=texts, **columns)
    worth = [w for w in plain if w is not None]
    assert worth[0] == 1.0
    assert 0.5 >= worth[1] > worth[2] >= worth[3] == 0.0
    chats = [[{"role": "assistant", "content": t}] for t in texts[:2]]
    chats += [chat("assistant", [{"type": "text", "text": t}]) for t in texts[2:]]
    asked = [chat("user", p) for p in prompts]
    assert steps(prompts=asked, completions=chats, **columns) == plain


def test_without_a_task_the_prompt_is_what_counts(judge: Judge) -> None:
    asked = chat("user", "a counter with synchronous reset")
    prompts: list[Told] = [asked, "a counter with asynchronous reset"]
    body = RIGHT
    steps, right = reward_function(shaped, "s", judge), reward_function(sparse, "r", judge)
    kept, broke = steps(prompts=prompts, completions=[body, body])
    assert kept is not None
    assert broke is not None
    assert 0.5 >= kept > broke > 0.0
    assert right(prompts=prompts, completions=[body, body]) == [None, 0.0]


def test_what_the_harness_cannot_tell_is_none_and_stops_verl(broken: Judge) -> None:
    for reward in (sparse, shaped):
        by = reward_function(reward, "r", broken)
        assert by(prompts=["p"], completions=[RIGHT], spec_id=[SPEC.id]) == [None]
    with pytest.raises(HarnessError, match="could not be judged"):
        compute_score("rtlbench", RIGHT, SPEC.id, judge=broken)
    own = compute_score("rtlbench", RIGHT, SPEC.id, judge=broken, on_error=0.25)
    assert own == {"score": 0.25, "acc": 0.0}


def test_verl_gets_a_score_and_whether_it_is_right(judge: Judge) -> None:
    one = compute_score("rtlbench", f"Here:\n```verilog\n{RIGHT}```", SPEC.id, None, judge=judge)
    assert one == {"score": 1.0, "acc": 1.0}
    both = compute_scores(
        ["rtlbench"] * 2, [RIGHT, WRONG], [SPEC.id] * 2, [{"index": 1}, None],
        reward="sparse", judge=judge,
    )  # fmt: skip
    assert both == [{"score": 1.0, "acc": 1.0}, {"score": 0.0, "acc": 0.0}]
