"""Answers written while a model is trained are its own, and passes take nothing from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from rtlbench.generate.loading import load_model
from rtlbench.training.passes import in_passes
from rtlbench.training.recipe import read_recipe
from rtlbench.training.reinforce import ReinforceOptions, reinforce
from rtlbench.training.writing import Draw, written

PROMPTS = [[5, 6, 7, 8]] * 3 + [[9, 10, 11, 12, 13, 14]] + [[21, 22]] * 2
SURE = 1e-4
"""A temperature at which the likeliest token is the only one."""


@pytest.fixture(scope="module")
def model(toy: Path) -> Any:
    return load_model(toy, four_bit=False, device="cpu", dtype="float32").eval()


def alone(model: Any, prompt: list[int], limit: int) -> list[int]:
    ids = list(prompt)
    for _ in range(limit):
        with torch.no_grad():
            ids.append(int(model(torch.tensor([ids])).logits[0, -1].argmax()))
    return ids[len(prompt) :]


def test_rows_that_are_written_together_are_as_if_each_were_alone(model: Any) -> None:
    whole = [alone(model, prompt, 12) for prompt in PROMPTS]
    ends = frozenset({whole[0][4], whole[3][7]})
    expected = [
        own[: next((k + 1 for k, t in enumerate(own) if t in ends), len(own))] for own in whole
    ]
    told: dict[int, list[int]] = {}

    def tell(at: int, ids: list[int]) -> None:
        assert at not in told
        told[at] = list(ids)

    found = written(model, PROMPTS, Draw(temperature=SURE, limit=12, ends=ends), tell)
    assert found == expected
    assert told == dict(enumerate(expected))
    assert len({len(own) for own in expected}) > 1, "some end before others"


def test_the_same_generator_draws_the_same_answers(model: Any) -> None:
    draw = Draw(temperature=1.0, limit=9, ends=frozenset())

    def drawn(seed: int) -> list[list[int]]:
        torch.manual_seed(seed)
        return written(model, PROMPTS, draw, lambda *_: None)

    assert drawn(1) == drawn(1) != drawn(2)
    assert drawn(1)[0] != drawn(1)[1], "answers to one prompt differ"


def a_pass(lengths: list[tuple[int, int]], advantages: list[float]) -> dict[str, Any]:
    """Prompts of so many tokens and answers of so many; each row's tokens are its advantage's."""
    rows = len(lengths)
    held: dict[str, Any] = {
        "prompt_ids": torch.zeros(rows, 9, dtype=torch.long),
        "prompt_mask": torch.zeros(rows, 9, dtype=torch.long),
        "completion_ids": torch.zeros(rows, 7, dtype=torch.long),
        "completion_mask": torch.zeros(rows, 7, dtype=torch.long),
        "advantages": torch.tensor(advantages),
        "num_items_in_batch": torch.tensor(40),
    }
    for row, ((prompt, answer), worth) in enumerate(zip(lengths, advantages, strict=True)):
        held["prompt_ids"][row, 9 - prompt :] = int(10 * worth)
        held["prompt_mask"][row, 9 - prompt :] = 1
        held["completion_ids"][row, :answer] = int(10 * worth)
        held["completion_mask"][row, :answer] = 1
    return held


def rows_of(passes: list[dict[str, Any]]) -> list[tuple[float, int, int]]:
    """Advantage and lengths of each row, whose tokens are still its own."""
    found = []
    for one in passes:
        for at, worth in enumerate(one["advantages"].tolist()):
            for part in ("prompt", "completion"):
                own = one[f"{part}_ids"][at][one[f"{part}_mask"][at] == 1]
                assert set(own.tolist()) == {int(10 * worth)}
            found.append((round(worth, 1), int(one["prompt_mask"][at].sum()),
                          int(one["completion_mask"][at].sum())))  # fmt: skip
    return found


LENGTHS = [(9, 7), (2, 1), (8, 6), (3, 2)]


def test_passes_hold_like_lengths_and_no_column_in_vain() -> None:
    given = [a_pass(LENGTHS[:2], [0.1, 0.2]), a_pass(LENGTHS[2:], [0.3, 0.4])]
    found = in_passes(given, 2, keep_all=False)
    assert sorted(rows_of(found)) == sorted(rows_of(given))
    assert [one["completion_ids"].shape for one in found] == [(2, 2), (2, 7)]
    assert [one["prompt_ids"].shape for one in found] == [(2, 3), (2, 9)]
    assert [int(one["num_items_in_batch"]) for one in found] == [40, 40]
    apart = in_passes(given, 1, keep_all=False)
    assert [sorted(rows_of([a])) for a in apart] == [sorted(rows_of([g])) for g in given]


def test_what_teaches_nothing_is_left_out_but_where_it_does() -> None:
    given = [a_pass(LENGTHS, [0.0, 0.5, 0.0, 0.0])]
    assert rows_of(in_passes(given, 1, keep_all=False)) == [(0.5, 2, 1)]
    assert len(rows_of(in_passes(given, 1, keep_all=True))) == 4
    nothing = [a_pass(LENGTHS, [0.0] * 4), a_pass(LENGTHS, [0.0] * 4)]
    assert [len(one["advantages"]) for one in in_passes(nothing, 2, keep_all=False)] == [1, 1]


@pytest.mark.slow
def test_a_step_is_the_same_in_however_many_passes(recipe: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    from tests.training.test_grpo import QUICK

    def weights(batch: int) -> dict[str, torch.Tensor]:
        changes = (*QUICK, f"train.batch={batch}", "train.max_steps=1", "train.save_steps=1")
        read = read_recipe(recipe, changes)
        out = tmp_path / str(batch)
        made = reinforce(ReinforceOptions(recipe=read, name="r", out=out, workers=1), print)
        found: dict[str, torch.Tensor] = load_file(made / "adapter_model.safetensors")
        return found

    whole, parts = weights(4), weights(1)
    assert all(torch.allclose(whole[k], parts[k], atol=1e-4) for k in whole)
    assert any(v.abs().max() > 1e-3 for k, v in whole.items() if "lora_B" in k), "it has learnt"
