"""The model that ships: its size, how it loads, what it was made from, that it answers with RTL."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open

from rtlbench.generate.answer import prompt_ids
from rtlbench.generate.loading import check_fit, load_model, load_tokenizer
from rtlbench.records.candidate import Candidate
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Verifier
from training.tiny.data import CATEGORIES, digest, records
from training.tiny.run import MADE_FROM

FOLDER = Path(__file__).parents[3] / "models" / "tiny-rtl"
MADE: dict[str, Any] = json.loads((FOLDER / MADE_FROM).read_text())


def test_it_is_small_and_in_half_precision() -> None:
    assert sum(p.stat().st_size for p in FOLDER.iterdir()) <= 10_000_000
    with safe_open(FOLDER / "model.safetensors", "pt") as weights:
        kinds = {weights.get_tensor(name).dtype for name in weights.keys()}  # noqa: SIM118
    assert kinds == {torch.float16}


def test_it_loads_and_fits_its_tokenizer() -> None:
    model, tokenizer = load_model(FOLDER), load_tokenizer(FOLDER)
    check_fit(model, tokenizer, FOLDER)
    assert 2_000_000 <= model.num_parameters() <= 5_000_000
    assert model.num_parameters() == MADE["parameters"]
    assert model.config.model_type == "qwen2"


def test_its_card_has_the_figures_and_the_data_s_hash() -> None:
    card = (FOLDER / "README.md").read_text()
    assert MADE["data_sha256"] in card
    assert all(category in card.partition("## Benchmark")[2] for category in CATEGORIES)


def test_the_same_examples_can_be_made_again() -> None:
    data = MADE["recipe"]["data"]
    count = min(data["examples"], 2_000)
    first = list(records(CATEGORIES, count, data["seed"]))
    assert digest(first) == digest(list(records(CATEGORIES, count, data["seed"])))


@pytest.mark.slow
def test_its_data_are_what_the_card_says() -> None:
    data = MADE["recipe"]["data"]
    assert digest(list(records(CATEGORIES, data["examples"], data["seed"]))) == MADE["data_sha256"]


def test_its_answers_are_modules_with_the_ports_asked_for() -> None:
    model, tokenizer = load_model(FOLDER), load_tokenizer(FOLDER)
    verifier = Verifier()
    right = 0
    for category in CATEGORIES:
        spec = min((s for s in load_suite() if s.category == category),
                   key=lambda s: len(s.golden))
        ids = torch.tensor([prompt_ids(tokenizer, spec.prompt)])
        out = model.generate(input_ids=ids, max_new_tokens=300, do_sample=False)
        text = tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True)
        right += bool(verifier.verify(spec, [Candidate(text=text)])[0].syntax_valid)
    assert right >= len(CATEGORIES) - 1
