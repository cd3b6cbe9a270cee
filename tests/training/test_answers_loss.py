"""Leaving out what is context changes neither the loss nor what is learnt from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.toy import make_toy

torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from transformers import AutoModelForCausalLM

    folder: Path = make_toy(tmp_path_factory.mktemp("toy"))
    return AutoModelForCausalLM.from_pretrained(folder)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), rows=st.integers(1, 3), count=st.sampled_from([None, 7]))
def test_the_same_loss_and_gradients_as_the_models_own(
    toy: Any, seed: int, rows: int, count: int | None
) -> None:
    from rtlbench.training.answers_loss import IGNORED, answers_loss

    draw = torch.Generator().manual_seed(seed)
    ids = torch.randint(0, toy.config.vocab_size, (rows, 24), generator=draw)
    mask = torch.arange(24) < torch.randint(8, 25, (rows, 1), generator=draw)
    learnt = mask & (torch.arange(24) >= torch.randint(0, 8, (rows, 1), generator=draw))
    inputs = {"input_ids": ids, "attention_mask": mask.long(),
              "labels": ids.masked_fill(~learnt, IGNORED)}  # fmt: skip
    ours = _with_gradients(toy, lambda: answers_loss(toy, inputs, count))
    own = _with_gradients(toy, lambda: toy(**inputs, num_items_in_batch=count).loss)
    for mine, theirs in zip(ours, own, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-6)


def test_nothing_to_learn_costs_nothing(toy: Any) -> None:
    from rtlbench.training.answers_loss import IGNORED, answers_loss

    ids = torch.ones((2, 5), dtype=torch.long)
    labels = torch.full_like(ids, IGNORED)
    assert answers_loss(toy, {"input_ids": ids, "labels": labels}, None).item() == 0.0


def test_a_model_that_cannot_leave_any_out_is_known() -> None:
    from rtlbench.training.answers_loss import can_leave_out

    assert not can_leave_out(torch.nn.Linear(2, 2))


def _with_gradients(model: Any, loss: Any) -> list[Any]:
    model.zero_grad()
    found = loss()
    found.backward()
    return [found.detach(), *(p.grad.clone() for p in model.parameters() if p.grad is not None)]
