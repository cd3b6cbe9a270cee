"""Refinement with a model in this process: it is loaded once, and chats where it can."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rtlbench.generate.answer import Message, as_prompt
from rtlbench.generate.loading import load_tokenizer
from tests.conftest import Command, SmallSuite
from tests.generate.conftest import make_model

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model with a chat template."""
    return make_model(tmp_path_factory.mktemp("models") / "random-rtl", context=8192)


def test_a_random_model_is_asked_again_with_more_to_read(
    command: Command, small_suite: SmallSuite, model: Path, tmp_path: Path
) -> None:
    given = ["--model", model, "--max-tokens", 12, small_suite.option, "--samples", 2]
    ran = command(*given, "-k", small_suite.specs[0].id, "--turns", 2, "--run-id", "r")
    assert ran.returncode == 0, ran.stderr
    turns = tmp_path / "cwd" / "data" / "runs" / "r" / "turns"
    first, second = (_answers(turns / n / "answers.jsonl") for n in ("1", "2"))
    assert len(first) == len(second) == 2
    assert min(a["prompt_tokens"] for a in second) > max(a["prompt_tokens"] for a in first)
    assert len({a["seed"] for a in [*first, *second]}) == 4


def _answers(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_template_gets_the_turns_and_others_the_text(model: Path) -> None:
    tokenizer = load_tokenizer(str(model))
    turns = [Message("user", "Task."), Message("assistant", "Wrong."), Message("user", "Again.")]
    assert as_prompt(tokenizer, "all in one", turns) == (
        "<user>Task.\n<assistant>Wrong.\n<user>Again.\n<answer>"
    )
    tokenizer.chat_template = None
    assert as_prompt(tokenizer, "all in one", turns) == "all in one\n"
