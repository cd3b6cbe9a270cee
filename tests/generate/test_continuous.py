"""Answers written side by side, where one that ends makes room for the next: they are those that
batches give, each by its own seed, whoever is written beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from rtlbench.generate.answer import Request, Sampling
from rtlbench.generate.continuous import works_on
from rtlbench.generate.course import Course
from rtlbench.generate.drawing import next_tokens
from rtlbench.generate.source import Generation
from rtlbench.generate.transformers_model import TransformersModel

REQUESTS = [
    Request(spec_id=f"s{k}", sample=0, prompt="an 8-bit counter " * (1 + 7 * k % 12), seed=k)
    for k in range(11)
]


def texts(path: Path, *, batches: bool = False, **asked: Any) -> dict[str, tuple[str, int]]:
    model = TransformersModel(Generation(model=str(path), max_tokens=20, **asked), str(path))
    assert model.is_continuous
    model.is_continuous = not batches
    found = {a.spec_id: (a.completion, a.completion_tokens or 0) for a in model.answers(REQUESTS)}
    assert found.keys() == {r.spec_id for r in REQUESTS}
    return found


@pytest.mark.parametrize(
    "asked",
    [{"temperature": 0.0}, {"temperature": 0.9}, {"temperature": 1.5, "top_p": 1.0},
     {"temperature": 0.7, "stop": ("e", "1")}],
    ids=["greedy", "drawn", "all tokens", "stops"],
)  # fmt: skip
def test_they_are_what_batches_give(model: Path, asked: dict[str, Any]) -> None:
    one_by_one = texts(model, batch_size=1, **asked)
    assert texts(model, batch_size=3, **asked) == one_by_one
    assert texts(model, batch_size=4, batches=True, **asked) == one_by_one


def test_memory_that_does_not_suffice_is_no_loss(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from rtlbench.generate.slots import Slots

    whole, step = texts(model, batch_size=8), Slots.step

    def short(self: Any, tokens: Any) -> Any:
        if len(tokens) > 3:
            raise torch.OutOfMemoryError("no memory for four rows")
        return step(self, tokens)

    monkeypatch.setattr(Slots, "step", short)
    assert texts(model, batch_size=8) == whole


def test_an_answer_comes_as_soon_as_it_ends(model: Path) -> None:
    asked = Generation(model=str(model), max_tokens=20, batch_size=4, temperature=0.9, stop=("e",))
    source = TransformersModel(asked, str(model))
    course = Course()
    tokens_then = []
    for answer in source.answers(REQUESTS, course):
        tokens_then.append((course.tokens, answer.completion_tokens))
    assert tokens_then[0][0] < sum(n or 0 for _, n in tokens_then) == course.tokens


def test_a_course_that_stops_sees_what_is_under_way_to_its_end(model: Path) -> None:
    asked = Generation(model=str(model), max_tokens=20, batch_size=4, temperature=0.9)
    course = Course()
    came = []
    for answer in TransformersModel(asked, str(model)).answers(REQUESTS, course):
        course.stopping = True
        came.append(answer.spec_id)
    assert 1 <= len(came) <= 4


def test_packed_matrices_compute_what_the_others_do(model: Path, adapter: Path) -> None:
    import torch

    from rtlbench.generate.loading import load_model
    from rtlbench.generate.packed import pack

    for tuned in (None, adapter):
        plain: Any = load_model(model, dtype="bfloat16", adapter=tuned)
        packed: Any = load_model(model, dtype="bfloat16", adapter=tuned)
        if not pack(packed):
            pytest.skip("this CPU does not compute in bfloat16 itself")
        with torch.inference_mode():
            for rows in (1, 5, 40):
                ids = torch.arange(rows * 7).reshape(rows, 7) % 200
                one, other = (m(input_ids=ids).logits.float() for m in (plain, packed))
                assert (one - other).abs().max() <= 0.02 * one.abs().max()
    assert not pack(load_model(model, dtype="float32"))


def test_models_with_windows_write_in_batches(tmp_path: Path) -> None:
    from transformers import MistralConfig, MistralForCausalLM

    small: Any = {"vocab_size": 64, "hidden_size": 32, "num_hidden_layers": 2,
                  "num_attention_heads": 4, "num_key_value_heads": 2,
                  "intermediate_size": 64}  # fmt: skip
    config: Any = MistralConfig
    assert not works_on(MistralForCausalLM(config(**small, sliding_window=4)).eval())
    assert works_on(MistralForCausalLM(config(**small, sliding_window=None)).eval())


def test_draws_fall_by_the_shares_of_what_top_p_leaves() -> None:
    import torch

    sampling = Sampling(temperature=1.0, top_p=0.6, max_tokens=1, seed=0)
    shares = torch.tensor([[0.1, 0.4, 0.05, 0.3, 0.15]]).log()
    points = [(k + 0.5) / 1000 for k in range(1000)]
    drawn = next_tokens(shares.expand(1000, -1), points, sampling)
    assert {t: drawn.count(t) for t in set(drawn)} == {1: 571, 3: 429}
    wide = torch.zeros(4, 5000)  # all alike: more than are looked at first
    assert len(set(next_tokens(wide, [0.0, 0.3, 0.6, 0.999], sampling))) == 4


@pytest.mark.slow
def test_how_fast_it_goes_is_told_in_a_pipe(
    rtlbench: Callable[..., Any], model: Path, small_suite: Any, tmp_path: Path
) -> None:
    ran = rtlbench(
        "generate", "--model", model, small_suite.option, "--samples", 40, "--max-tokens", 400,
        "--batch-size", 4, "--out", tmp_path / "a.jsonl", RTLBENCH_PROGRESS="on",
    )  # fmt: skip
    told = [x for x in ran.stderr.splitlines() if x.startswith("asking: ")]
    assert told, ran.stderr
    assert re.search(r"asking: \d+ of \d+ answers.*, [\d.,]+ tokens a second", told[-1])
