"""The model that ships: its size, how it loads, what it was made from, that it answers with RTL."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from tokenizers import Tokenizer

from rtlbench.generate.answer import prompt_ids
from rtlbench.generate.loading import check_fit, load_model, load_tokenizer
from rtlbench.records.candidate import Candidate
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Verifier
from training.tiny.data import CATEGORIES, digest, records
from training.tiny.model import new_model, save_model
from training.tiny.recipe import ModelShape
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
    assert model.config.model_type == "llama"


PLAIN = """
import json, sys
sys.modules["rtlbench"] = None  # whoever imports it, fails
from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline
folder, prompts = sys.argv[1], json.load(sys.stdin)
tokenizer = AutoTokenizer.from_pretrained(folder)
chat = lambda text: [{"role": "user", "content": text}]
ids = [tokenizer.apply_chat_template(chat(p), add_generation_prompt=True, return_dict=False)
       for p in prompts]
writer = pipeline("text-generation", model=folder, dtype="float32", device="cpu")
texts = [writer(chat(p), max_new_tokens=60, do_sample=False, return_full_text=False)
         [0]["generated_text"] for p in prompts[:3]]
json.dump({"plain": tokenizer(prompts).input_ids, "ids": ids, "texts": texts}, sys.stdout)
"""


def test_the_standard_loaders_give_the_same_ids_and_answers(tmp_path: Path) -> None:
    prompts = [s.prompt for s in load_suite()]
    known = [s.prompt for s in load_suite() if s.category in CATEGORIES][::40][:3]
    ran = subprocess.run(
        [sys.executable, "-c", PLAIN, str(FOLDER)], input=json.dumps([*known, *prompts]),
        capture_output=True, text=True, cwd=tmp_path, timeout=300, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    own = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    tokenizer, model = load_tokenizer(FOLDER), load_model(FOLDER)
    assert len(found["ids"]) == len(prompts) + 3
    for prompt, plain, ids in zip([*known, *prompts], found["plain"], found["ids"], strict=True):
        assert plain == own.encode(prompt, add_special_tokens=False).ids
        assert ids == prompt_ids(tokenizer, prompt)
    for prompt, text in zip(known, found["texts"], strict=True):
        given = torch.tensor([prompt_ids(tokenizer, prompt)])
        out = model.generate(input_ids=given, max_new_tokens=60, do_sample=False)
        assert text.startswith("module ")
        assert text == tokenizer.decode(out[0, given.shape[1] :], skip_special_tokens=True)


def test_what_is_saved_computes_what_was_trained(tmp_path: Path) -> None:
    tokenizer = load_tokenizer(FOLDER)
    made = new_model(ModelShape(hidden=64, layers=2, heads=2, inner=96), tokenizer, 7)
    for name, weights in made.named_parameters():
        if "bias" in name:  # they begin as nought, which would show nothing
            torch.nn.init.normal_(weights)
        weights.data = weights.data.half().float()  # as they are saved
    save_model(made, tokenizer, tmp_path / "saved")
    again = load_model(tmp_path / "saved")
    ids = torch.arange(5, 300)[None]
    assert torch.equal(made(ids).logits, again(ids).logits)
    from transformers import AutoTokenizer

    plain = AutoTokenizer.from_pretrained(tmp_path / "saved")
    assert plain("always @(posedge clk)").input_ids == tokenizer("always @(posedge clk)").input_ids


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
