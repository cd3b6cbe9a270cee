"""A model in one GGUF file: what it computes, who it says it is, and what is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("gguf")

from rtlbench.errors import UserError
from rtlbench.generate.answer import Request, prompt_ids
from rtlbench.generate.loading import load_model, load_tokenizer
from rtlbench.generate.source import Generation, describe, open_source
from tests.generate.folders import GGUF_END, as_gguf, configured, copied

PROMPT = "module counter (input clk, output reg [7:0] q); an 8-bit counter\n"
ASKED = Request(spec_id="s", sample=0, prompt=PROMPT, seed=7)


@pytest.fixture(scope="module")
def file(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return as_gguf(model, tmp_path_factory.mktemp("gguf") / "odd-rtl.gguf")


def logits(path: Path, **how: Any) -> Any:
    import torch

    with torch.no_grad():
        return load_model(path, **how)(input_ids=torch.arange(100, 160)[None]).logits


def test_it_computes_what_the_folder_computes(model: Path, file: Path) -> None:
    import torch

    assert torch.equal(logits(file), logits(model))


def test_its_tokenizer_and_chat_template_are_the_files_own(model: Path, file: Path) -> None:
    theirs, own = load_tokenizer(file), load_tokenizer(model)
    ids = prompt_ids(theirs, PROMPT)
    assert theirs.decode(ids) == own.decode(prompt_ids(own, PROMPT))
    assert (theirs.eos_token, theirs.chat_template) == (GGUF_END, own.chat_template)


def test_who_answers_is_the_file_by_its_sum(file: Path) -> None:
    source = open_source(Generation(model=str(file), max_tokens=8))
    [answer] = source.answers([ASKED])
    assert answer.completion_tokens
    assert answer.generator.model == "odd-rtl.gguf"
    assert answer.generator.revision == hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_matrix_that_is_stored_twice_is_one(model: Path, tmp_path: Path) -> None:
    import torch

    loaded: Any = load_model(as_gguf(model, tmp_path / "m.gguf", finer_output=True))
    assert loaded.get_input_embeddings().weight is loaded.get_output_embeddings().weight
    assert loaded.config.tie_word_embeddings
    loaded.save_pretrained(tmp_path / "folder")
    assert torch.equal(logits(tmp_path / "folder"), logits(tmp_path / "m.gguf"))


def test_an_output_of_its_own_stays_one(model: Path, tmp_path: Path) -> None:
    def other(there: dict[str, Any]) -> dict[str, Any]:
        return {"output.weight": there["token_embd.weight"][::-1].copy()}

    file = as_gguf(model, tmp_path / "m.gguf", more=other)
    loaded: Any = load_model(file)
    inner, outer = loaded.get_input_embeddings().weight, loaded.get_output_embeddings().weight
    assert (inner.flip(0) == outer).all()


def test_an_adapter_of_another_base_is_refused(file: Path, adapter: Path) -> None:
    with pytest.raises(UserError, match=r"the adapter was made for .*, not for .*odd-rtl.gguf"):
        describe(Generation(model=str(file), adapter=str(adapter)))


def test_an_adapter_that_names_the_file_goes_on_it(
    file: Path, adapter: Path, tmp_path: Path
) -> None:
    import torch

    own = configured(copied(adapter, tmp_path / "own"), "adapter_config.json",
                     base_model_name_or_path=str(file))  # fmt: skip
    assert describe(Generation(model=str(file), adapter=str(own))).name == "odd-rtl.gguf+own"
    assert not torch.allclose(logits(file, adapter=own), logits(file))


def test_4_bits_of_another_kind_are_refused(file: Path) -> None:
    with pytest.raises(UserError, match="--load-in-4bit is for a model's folder; make one of"):
        load_model(file, four_bit=True)


def test_tensors_that_would_be_passed_over_are_refused(model: Path, tmp_path: Path) -> None:
    import numpy as np

    file = as_gguf(model, tmp_path / "m.gguf",
                   more=lambda _: {"rope_freqs.weight": np.ones(4, np.float32)})  # fmt: skip
    with pytest.raises(UserError, match=r"passes over rope_freqs.weight; llama.cpp computes"):
        load_model(file)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda held: b"", "cannot read the model"),
        (lambda held: b"GGUF", "it breaks off"),
        (lambda held: held[:500], "it breaks off"),
        (lambda held: held[: len(held) // 2], "breaks off"),
        (lambda held: b"PK\3\4" + held[4:], "no GGUF file, whatever its name says"),
        (lambda held: held[:4] + b"\x09" + held[5:], "of version 9"),
        (lambda held: held[:-64], "breaks off|cannot load the"),
        (lambda held: held[:8] + b"\xff" * 8 + held[16:], "breaks off"),
    ],
)  # fmt: skip
def test_a_damaged_file_is_one_message(spoil: Any, told: str, file: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(UserError, match=told):
        open_source(Generation(model=str(bad), model_engine="transformers"))


def test_a_file_that_is_not_there_and_a_part_of_one(model: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no such file"):
        describe(Generation(model=str(tmp_path / "m.gguf")))
    part = as_gguf(model, tmp_path / "part.gguf", words={"split.count": 3})
    with pytest.raises(UserError, match="a part of a model; put the parts together"):
        describe(Generation(model=str(part)))


def test_a_folder_of_nothing_else_names_the_file(file: Path) -> None:
    with pytest.raises(UserError, match=r"name one of them: --model .*odd-rtl.gguf"):
        describe(Generation(model=str(file.parent)))


def test_it_is_unpacked_to_a_folder_that_computes_the_same(
    rtlbench: Callable[..., Any], file: Path, tmp_path: Path
) -> None:
    import torch

    out = tmp_path / "new" / "folder"
    ran = rtlbench("unpack", file, "--out", out)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == f"{file}: unpacked to {out}\n"
    assert torch.equal(logits(out), logits(file))
    assert prompt_ids(load_tokenizer(out), PROMPT) == prompt_ids(load_tokenizer(file), PROMPT)
    assert describe(Generation(model=str(out), load_in_4bit=True)).model == "folder"
    again = rtlbench("unpack", file, "--out", out)
    assert again.returncode == 2
    assert "holds something already" in again.stderr
