"""Training a small model: the loss falls, the parts do what they say, the folder is complete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from rtlbench.errors import UserError
from rtlbench.generate.answer import prompt_ids
from rtlbench.generate.loading import load_model, load_tokenizer
from rtlbench.records.example import Record
from training.tiny.data import CATEGORIES, digest, records
from training.tiny.loop import Example, _batches, encoded, train
from training.tiny.model import causal_attention, new_model
from training.tiny.muon import orthogonal
from training.tiny.recipe import Course, ModelShape, TinyData, TinyRecipe, read_recipe
from training.tiny.run import MADE_FROM, make_tiny
from training.tiny.tokenizer import train_tokenizer

pytestmark = pytest.mark.slow

SHAPE = ModelShape(vocabulary=700, hidden=64, layers=2, heads=2, inner=128, positions=512)
PLAIN = Course(batch_tokens=1024, compiled=False)
RECIPES = sorted(Path(__file__).parents[3].glob("training/tiny/*.toml"))
EXAMPLES = list(records(CATEGORIES, 48, 2, ["updown", "enable_register"]))


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return train_tokenizer([t for r in EXAMPLES for t in (r.instruction, r.output)], 700)


def test_a_few_steps_lower_the_loss_and_the_same_seed_repeats_them(tokenizer: Any) -> None:
    learnt = encoded(tokenizer, EXAMPLES, SHAPE.positions)
    course = Course(epochs=6, batch_tokens=2048, seed=5, compiled=False)

    def losses() -> list[float]:
        return train(new_model(SHAPE, tokenizer, 1), learnt, course, lambda _: None).losses

    first = losses()
    assert first == losses()
    assert sum(first[-5:]) / 5 < 0.7 * sum(first[:5]) / 5


def test_an_example_is_the_chat_prompt_the_answer_and_the_end(tokenizer: Any) -> None:
    record = EXAMPLES[0]
    (found,) = encoded(tokenizer, [record], SHAPE.positions)
    assert list(found.ids[: found.answer]) == prompt_ids(tokenizer, record.instruction)
    assert tokenizer.decode(found.ids[found.answer : -1]) == record.output
    assert found.ids[-1] == tokenizer.eos_token_id
    assert encoded(tokenizer, [record], len(found.ids) - 1) == []


@given(
    st.lists(st.integers(2, 60), min_size=1, max_size=80),
    st.integers(60, 200),
    st.sampled_from([1.0, 2.0]),
)
@settings(deadline=None)
def test_batches_hold_every_example_once_an_epoch_and_no_more_tokens(
    lengths: list[int], tokens: int, epochs: float
) -> None:
    made = [Example(tuple([k] * n), 1) for k, n in enumerate(lengths)]
    batches = list(_batches(made, Course(epochs=epochs, batch_tokens=tokens)))
    seen = sorted(e.ids[0] for b in batches for e in b)
    assert seen == sorted(list(range(len(lengths))) * int(epochs))
    assert all(max(len(e.ids) for e in b) * len(b) <= tokens for b in batches)


def test_the_plain_attention_is_torch_s_causal_one() -> None:
    query, key, value = torch.randn(3, 2, 3, 17, 8).double()
    found, _ = causal_attention(None, query, key, value, None, scaling=8**-0.5)
    wanted = torch.nn.functional.scaled_dot_product_attention(query, key, value, is_causal=True)
    torch.testing.assert_close(found, wanted.transpose(1, 2))


@pytest.mark.parametrize("shape", [(3, 40, 16), (2, 16, 40), (4, 24, 24)])
def test_muon_s_updates_are_about_orthogonal(shape: tuple[int, ...]) -> None:
    torch.manual_seed(1)
    values = torch.linalg.svdvals(orthogonal(torch.randn(shape)))
    assert values.min() > 0.3
    assert values.max() < 1.5


def test_a_run_s_folder_is_loadable_and_says_what_it_was_made_from(tmp_path: Path) -> None:
    recipe = TinyRecipe(
        name="toy",
        data=TinyData(examples=12, families=("updown",), defects=0.5),
        shape=SHAPE,
        course=PLAIN,
    )
    out = tmp_path / "toy"
    out.mkdir()
    (out / "old").write_text("")
    make_tiny(recipe, out, log=lambda _: None)
    told = json.loads((out / MADE_FROM).read_text())
    again = list(records(CATEGORIES, 12, 1, ["updown"], 0.5))
    assert told["data_sha256"] == digest(again)
    assert told["recipe"]["name"] == "toy"
    assert not (out / "old").exists()
    model, found = load_model(out), load_tokenizer(out)
    assert model.num_parameters() == told["parameters"]
    assert found.decode(found("module m;\n").input_ids) == "module m;\n"


def test_a_dataset_can_stand_in_for_the_families(tmp_path: Path) -> None:
    data = tmp_path / "data.jsonl"
    data.write_text("".join(
        json.dumps({"instruction": r.instruction, "output": r.output}) + "\n" for r in EXAMPLES[:8]
    ))
    recipe = TinyRecipe(name="toy", shape=SHAPE, course=PLAIN)
    made = make_tiny(recipe, tmp_path / "toy", str(data), lambda _: None)
    assert made.data_sha256 == digest(EXAMPLES[:8])
    data.write_text("{}\n")
    with pytest.raises(UserError, match=r"data\.jsonl:1"):
        make_tiny(recipe, tmp_path / "toy", str(data), lambda _: None)


@pytest.mark.parametrize("path", RECIPES, ids=lambda p: p.stem)
def test_the_recipes_that_ship_can_be_read(path: Path) -> None:
    recipe = read_recipe(path)
    shape = recipe.shape
    layer = 4 * shape.hidden**2 + 3 * shape.hidden * shape.inner
    size = shape.vocabulary * shape.hidden + shape.layers * layer
    assert 1_000_000 < size < 5_000_000
    list(records(recipe.data.categories or CATEGORIES, 12, 1, recipe.data.families))


def test_a_wrong_recipe_is_one_message(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('name = "x"\n[course]\nepoch = 3\n')
    with pytest.raises(UserError, match=r"bad\.toml.*epoch"):
        read_recipe(path)


def test_a_family_that_is_not_there_is_one_message() -> None:
    with pytest.raises(UserError, match="no family 'wobble'"):
        records(CATEGORIES, 3, 1, ["wobble"])


def test_noisy_examples_have_about_the_share_of_defects() -> None:
    found: list[Record] = list(records(CATEGORIES, 200, 1, ["updown", "edge_pulse"], 0.55))
    share = sum(r.metadata["defect"] is not None for r in found) / len(found)
    assert 0.45 < share < 0.65
    assert len({r.metadata["defect"] for r in found}) > 4


def test_the_script_s_help_names_its_options() -> None:
    import runpy

    script = runpy.run_path(str(Path(__file__).parents[3] / "training/tiny/train.py"))
    told = CliRunner().invoke(script["tiny"], ["--help"]).output
    assert "--data" in told
    assert "--out" in told
