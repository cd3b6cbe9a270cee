"""A recipe is read whole or refused with the word that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtlbench.errors import UserError
from rtlbench.training.recipe import read_recipe
from tests.training.toy import ROOT

RECIPES = sorted((ROOT / "training" / "recipes").glob("*.toml"))
SIZES = ("0.5", "1.5", "3", "7", "14", "32")


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "r.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("path", RECIPES, ids=lambda p: p.stem)
def test_every_shipped_recipe_is_valid(path: Path) -> None:
    assert read_recipe(path).model.base


@pytest.mark.parametrize("size", SIZES)
def test_each_size_of_the_coder_has_a_recipe_with_the_seed_schedule(size: str) -> None:
    recipe = read_recipe(ROOT / "training" / "recipes" / f"qwen_coder_{size}b.toml")
    assert recipe.model.base == f"Qwen/Qwen2.5-Coder-{size}B-Instruct"
    assert recipe.model.four_bit
    assert (recipe.train.learning_rate, recipe.train.epochs) == (2e-4, 3.0)


def test_what_is_left_out_has_the_seed_values(tmp_path: Path) -> None:
    recipe = read_recipe(write(tmp_path, '[model]\nbase = "m"\n'))
    assert (recipe.train.learning_rate, recipe.train.epochs) == (2e-4, 3.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[model]\nbase = "m"\n[train]\nlerning_rate = 1e-4\n', "lerning_rate"),
        ('[model]\nbase = "m"\n[trian]\nepochs = 1\n', "trian"),
        ('[model]\nbase = "m"\n[train]\nbatch = "four"\n', "train.batch"),
        ('[model]\nbase = "m"\n[train]\nbatch = 0\n', "train.batch"),
        ('[model]\nbase = "m"\n[train]\nlearning_rate = nan\n', "train.learning_rate"),
        ('[model]\nbase = "m"\n[train]\nsave_total_limit = 1\n', "train.save_total_limit"),
        ('[model]\nbase = "m"\n[train]\nsave_steps = 5\nlogging_steps = 2\n', "train.save_steps"),
        ('[model]\nbase = "m"\n[train]\nscheduler = "random"\n', "train.scheduler"),
        ("[train]\nepochs = 1\n", "model"),
        ("[model\n", "not TOML"),
    ],
)
def test_a_bad_recipe_is_one_message_with_file_and_word(
    tmp_path: Path, text: str, said: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(UserError) as caught:
        read_recipe(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)


def test_a_missing_recipe_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.toml: cannot read the recipe"):
        read_recipe(tmp_path / "none.toml")


def test_the_command_line_has_the_last_word(tmp_path: Path) -> None:
    path = write(tmp_path, '[model]\nbase = "m"\n[train]\nbatch = 4\n')
    changes = ["train.batch=8", "model.base=other", 'lora.targets=["q_proj"]', "data.packing=false"]
    recipe = read_recipe(path, changes)
    assert (recipe.train.batch, recipe.model.base) == (8, "other")
    assert (recipe.lora.targets, recipe.data.packing) == (("q_proj",), False)


@pytest.mark.parametrize("change", ["batch=8", "train.batch", "=3", "train.bach=8", "x.y=1"])
def test_a_change_of_nothing_is_refused(tmp_path: Path, change: str) -> None:
    path = write(tmp_path, '[model]\nbase = "m"\n')
    with pytest.raises(UserError):
        read_recipe(path, [change])
