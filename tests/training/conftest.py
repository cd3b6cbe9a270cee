"""A model that is made in a second, and records to teach it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.training.toy import RECIPE, Sft, make_toy, toy_records


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a Qwen2 of hidden 32 with random weights and a byte-level tokenizer."""
    return make_toy(tmp_path_factory.mktemp("toy") / "model")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Twenty-four records of three categories."""
    path = tmp_path / "data.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in toy_records()))
    return path


@pytest.fixture
def recipe(tmp_path: Path, toy: Path) -> Path:
    """A recipe for the toy: twelve steps, a checkpoint every three."""
    path = tmp_path / "toy.toml"
    path.write_text(RECIPE.format(base=toy))
    return path


@pytest.fixture
def sft(tmp_path: Path, recipe: Path, data: Path) -> Sft:
    """training/sft.py with the toy's recipe and data, in a process of its own or in this one."""
    return Sft(tmp_path / "out", recipe, data)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip in words what needs a GPU."""
    if item.get_closest_marker("require_gpu") is not None:
        import torch

        if not torch.cuda.is_available():
            pytest.skip("shows what only a GPU can, and torch sees none here")
