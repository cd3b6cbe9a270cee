"""A fine-tuning from end to end, in this process: what it writes, and what it refuses."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

from rtlbench.dataset.files import file_hash
from rtlbench.errors import UserError
from rtlbench.generate.answer import prompt_ids
from rtlbench.generate.loading import load_model, load_tokenizer
from rtlbench.training.recipe import read_recipe
from rtlbench.training.record import read_run
from tests.training.toy import STEPS, Sft, losses, make_toy, toy_records

pytestmark = pytest.mark.slow


def stop_at(step: int, error: BaseException | None = None) -> Any:
    """Says nothing, and breaks off when the line of `step` comes."""

    def say(line: str) -> None:
        if line.startswith(f"step {step}/"):
            raise error or KeyboardInterrupt

    return say


def test_the_folder_holds_an_adapter_its_card_and_its_record(sft: Sft, toy: Path) -> None:
    folder = sft.here()
    assert folder.parent == sft.out
    assert folder.name.startswith("run_toy_")
    assert [f.name for f in sft.out.iterdir() if not f.name.startswith(".")] == [folder.name]
    names = {f.name for f in folder.iterdir()}
    assert {"adapter_model.safetensors", "adapter_config.json", "README.md", "run.json"} <= names
    assert not names & {"checkpoints", "training_args.bin"}
    run = read_run(folder)
    assert run.status == "finished"
    assert run.inputs.recipe == read_recipe(sft.recipe)
    assert [(f.name, f.sha256, f.records) for f in run.inputs.data] == [
        ("data.jsonl", file_hash(str(sft.data)), 24)
    ]
    assert run.inputs.tools["trl"]
    assert run.result is not None
    assert run.result.steps == STEPS
    assert 0 < run.result.trainable < run.result.parameters
    card = (folder / "README.md").read_text()
    for said in (file_hash(str(sft.data)), str(toy), "learning_rate = 0.01", "Not measured yet."):
        assert said in card


def test_what_is_trained_is_learnt_and_can_be_loaded(sft: Sft, toy: Path) -> None:
    import torch

    folder = sft.here("train.max_steps=60", "train.learning_rate=3e-2", "lora.dropout=0.0")
    curve = [loss for _, loss in losses(folder)]
    assert curve[-1] < 0.7 * curve[0]
    record = toy_records()[0]
    tokenizer = load_tokenizer(toy)
    prompt = prompt_ids(tokenizer, record["instruction"])
    answer = tokenizer(record["output"], add_special_tokens=False).input_ids
    ids = torch.tensor([prompt + answer])
    labels = torch.tensor([[-100] * len(prompt) + answer])
    before = load_model(toy)(input_ids=ids, labels=labels).loss.item()
    after = load_model(toy, adapter=folder)(input_ids=ids, labels=labels).loss.item()
    assert after < 0.85 * before


def test_the_loss_is_of_answers_alone_and_the_first_is_the_models_own(sft: Sft, toy: Path) -> None:
    import torch

    folder = sft.here(
        "train.max_steps=1", "train.batch=24", "train.accumulation=1", "lora.dropout=0.0"
    )
    tokenizer, model = load_tokenizer(toy), load_model(toy)
    total = count = 0.0
    for record in toy_records():
        prompt = prompt_ids(tokenizer, record["instruction"])
        answer = tokenizer(record["output"], add_special_tokens=False).input_ids
        answer = [*answer, tokenizer.eos_token_id]
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([prompt + answer])).logits[0, :-1]
        wanted = torch.tensor(answer)
        chosen = logits[len(prompt) - 1 :].log_softmax(-1).gather(1, wanted[:, None])
        total, count = total - chosen.sum().item(), count + len(answer)
    assert losses(folder)[0][1] == pytest.approx(total / count, abs=1e-3)


def test_packed_examples_do_not_see_each_other(sft: Sft, tmp_path: Path) -> None:
    # Weights so large that what came before changes every word.
    loud = make_toy(tmp_path / "loud", scale=8.0)
    common = ("train.max_steps=1", "train.accumulation=1", "lora.dropout=0.0")
    base = f"model.base={loud}"
    alone = losses(sft.here(*common, base, "train.batch=24"))
    packed = losses(sft.here(*common, base, "data.packing=true", "data.max_length=4096"))
    assert packed[0][1] == pytest.approx(alone[0][1], rel=1e-3)
    sft.data.write_text("".join(json.dumps(r) + "\n" for r in toy_records(2)))
    two = losses(sft.here(*common, base, "train.batch=2"))
    first, second = toy_records(2)
    joined = {**first, "output": first["output"] + second["instruction"] + second["output"]}
    sft.data.write_text(json.dumps(joined) + "\n")
    seen = losses(sft.here(*common, base, "train.batch=1"))
    assert seen[0][1] != pytest.approx(two[0][1], rel=1e-2)


def test_what_is_held_back_is_measured_and_leaves_the_curve_alone(sft: Sft) -> None:
    changes = ("data.validation=0.3", "lora.dropout=0.0")
    folder = sft.here(*changes)
    run = read_run(folder)
    assert run.result is not None
    assert run.examples is not None
    assert run.examples.held_back > 0
    assert [at.step for at in run.result.validation] == [3, 6, 9, 12]
    assert all(math.isfinite(at.loss) for at in run.result.validation)
    rare = sft.here(*changes, "train.save_steps=12")
    assert losses(rare) == losses(folder)


def test_the_same_again_is_the_same_and_another_seed_is_not(sft: Sft) -> None:
    first, second, other = sft.here(), sft.here(), sft.here("train.seed=1")
    assert first != second
    assert losses(first) == losses(second)
    weights = [(f / "adapter_model.safetensors").read_bytes() for f in (first, second, other)]
    assert weights[0] == weights[1] != weights[2]


def test_a_run_of_fewer_steps_than_are_logged_together_has_a_loss_all_the_same(sft: Sft) -> None:
    changes = ("train.max_steps=3", "train.logging_steps=10", "train.save_steps=10")
    ((step, loss),) = losses(sft.here(*changes))
    assert step == 3
    assert 0 < loss < 10


@pytest.mark.parametrize("step", [2, 3, 8, 12])
def test_a_run_that_was_stopped_goes_on_to_the_same_losses(sft: Sft, step: int) -> None:
    whole = sft.here()
    with pytest.raises(UserError, match="stopped; "):
        sft.here(say=stop_at(step))
    lines: list[str] = []
    resumed = sft.here(say=lines.append)
    good = (step - 1) // 3 * 3
    assert any(line.startswith(f"going on from step {good}") for line in lines) == (good > 0)
    assert losses(resumed) == losses(whole)
    name = "adapter_model.safetensors"
    assert (resumed / name).read_bytes() == (whole / name).read_bytes()
    assert read_run(resumed).resumed_at == ((good,) if good else ())


def test_batches_by_length_are_others_and_go_on_to_the_same_losses(sft: Sft) -> None:
    plain = ("data.packing=false", "train.batch=4", "train.accumulation=1")
    grouped = (*plain, "train.group_by_length=true")
    whole = sft.here(*grouped)
    with pytest.raises(UserError, match="stopped; "):
        sft.here(*grouped, say=stop_at(11))
    lines: list[str] = []
    assert losses(sft.here(*grouped, say=lines.append)) == losses(whole)
    assert any(line.startswith("going on from step 9") for line in lines)
    assert losses(sft.here(*plain)) != losses(whole)


def test_a_checkpoint_that_is_not_whole_is_thrown_away(sft: Sft) -> None:
    whole = sft.here()
    with pytest.raises(UserError, match="checkpoint-6 is whole"):
        sft.here(say=stop_at(8))
    part = sft.out / "run_toy.part" / "checkpoints"
    state = part / "checkpoint-6" / "optimizer.pt"
    state.write_bytes(state.read_bytes()[:1000])
    lines: list[str] = []
    assert losses(sft.here(say=lines.append)) == losses(whole)
    assert any(line.startswith("going on from step 3") for line in lines)


def test_another_recipe_or_data_cannot_go_on_from_it(sft: Sft) -> None:
    with pytest.raises(UserError, match="stopped"):
        sft.here(say=stop_at(5))
    with pytest.raises(UserError, match=r"train\.learning_rate: 0\.01 before, 0\.02 now"):
        sft.here("train.learning_rate=2e-2")
    text = sft.data.read_text()
    sft.data.write_text(text + text.splitlines()[0] + "\n")
    with pytest.raises(UserError, match=r"data\.0\.records: 24 before, 25 now"):
        sft.here()
    assert read_run(sft.here(restart=True)).resumed_at == ()
    assert not (sft.out / "run_toy.part").exists()


def test_what_makes_no_other_model_may_change(sft: Sft) -> None:
    whole = sft.here()
    with pytest.raises(UserError, match="stopped"):
        sft.here(say=stop_at(5))
    assert losses(sft.here("train.save_total_limit=5")) == losses(whole)


def test_a_run_goes_on_with_another_number_of_threads(sft: Sft) -> None:
    before = torch.get_num_threads()
    try:
        whole = sft.here("train.threads=1")
        with pytest.raises(UserError, match="stopped"):
            sft.here("train.threads=1", say=stop_at(5))
        there = losses(sft.here("train.threads=2"))
    finally:
        torch.set_num_threads(before)
    assert [step for step, _ in there] == [step for step, _ in losses(whole)]
    assert [x for _, x in there] == pytest.approx([x for _, x in losses(whole)], rel=1e-3)


def test_two_at_once_are_one_too_many(sft: Sft) -> None:
    told: list[str] = []

    def say(line: str) -> None:
        if line.startswith("step 2/"):
            with pytest.raises(UserError, match="another process is training this") as caught:
                sft.here()
            told.append(str(caught.value))

    sft.here(say=say)
    assert len(told) == 1


def test_memory_that_is_full_is_one_message(sft: Sft) -> None:
    import torch

    whole = sft.here()

    def say(line: str) -> None:
        if line.startswith("step 8/"):
            torch.empty(1 << 60, dtype=torch.uint8)

    with pytest.raises(UserError) as caught:
        sft.here(say=say)
    assert "the memory is full; set train.gradient_checkpointing" in str(caught.value)
    assert "checkpoint-6 is whole: the same command goes on from step 6" in str(caught.value)
    smaller = losses(sft.here("train.gradient_checkpointing=true"))
    assert dict(smaller) == pytest.approx(dict(losses(whole)))


def test_a_loss_that_is_no_number_ends_it(sft: Sft) -> None:
    with pytest.raises(UserError, match=r"the loss is nan at step \d+; lower train\.learning_rate"):
        sft.here("train.learning_rate=1e30", "train.max_grad_norm=0.0")


def test_an_error_of_ours_keeps_its_traceback(sft: Sft) -> None:
    with pytest.raises(ZeroDivisionError):
        sft.here(say=stop_at(4, ZeroDivisionError()))


def test_a_tokenizer_with_words_that_the_model_lacks(sft: Sft, toy: Path, tmp_path: Path) -> None:
    import shutil

    from transformers import AutoModelForCausalLM

    mixed = tmp_path / "mixed"
    shutil.copytree(toy, mixed)
    small: Any = AutoModelForCausalLM.from_pretrained(toy)
    small.resize_token_embeddings(300)
    small.save_pretrained(mixed)
    with pytest.raises(UserError, match=r"the tokenizer has ids up to 3\d\d, the model only 300"):
        sft.here(f"model.base={mixed}")
    small.resize_token_embeddings(1000)
    small.save_pretrained(mixed)
    with pytest.raises(UserError, match=r"the model has 1000 embeddings, the tokenizer only 3\d\d"):
        sft.here(f"model.base={mixed}")


def test_a_model_to_which_the_text_is_stranger_than_noise(sft: Sft, tmp_path: Path) -> None:
    sure = make_toy(tmp_path / "sure", scale=20.0)
    with pytest.raises(UserError, match="the tokenizer is another model's"):
        sft.here(f"model.base={sure}")


def test_a_base_that_is_not_there_is_named(sft: Sft) -> None:
    with pytest.raises(UserError, match=r"no/such/model: "):
        sft.here("model.base=no/such/model")


def test_the_record_is_read_back_as_it_was(sft: Sft) -> None:
    run = read_run(sft.here("train.max_steps=1"))
    assert msgspec.json.decode(msgspec.json.encode(run), type=type(run)) == run
