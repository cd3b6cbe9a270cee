"""Weights and adapters that are not the model's own: refused, where a library would fill the gaps
with random numbers, or leave an adapter out, and go on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rtlbench.errors import UserError
from rtlbench.generate.loading import load_model
from rtlbench.generate.source import Generation, describe, open_source
from tests.generate.conftest import make_model
from tests.generate.folders import Change, configured, copied, reweighted, with_tokenizer

pytestmark = pytest.mark.slow

ADAPTER = "adapter_model.safetensors"


def without(*words: str) -> Change:
    """Leaves out what is named so."""
    return lambda weights: {n: w for n, w in weights.items() if not any(x in n for x in words)}


def renamed(old: str, new: str) -> Change:
    """Names weights otherwise."""
    return lambda weights: {n.replace(old, new): w for n, w in weights.items()}


def besides(old: str, new: str) -> Change:
    """Has weights a second time under another name."""
    return lambda weights: {
        name: w.clone() for name, w in (*renamed(old, new)(weights).items(), *weights.items())
    }


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (without("layers.1."), r"lacks model\.layers\.1\..* and 9 more"),
        (without("layers.0.mlp.up_proj"), r"lacks model\.layers\.0\.mlp\.up_proj\.weight;"),
        (without("model.norm"), r"lacks model\.norm\.weight"),
        (without("q_proj.bias"), r"lacks model\.layers\.0\.self_attn\.q_proj\.bias, "),
        (without("embed_tokens"), r"lacks model\.embed_tokens\.weight"),
        (without("lm_head"), r"lacks lm_head\.weight"),
        (renamed("layers.1.", "layers.7."), "lacks .*, and has besides .*"),
        (renamed("model.", "transformer."), "lacks .*, and has besides .*"),
        (besides("model.norm", "model.vision"), r"has besides model\.vis"),
        (besides("model.norm", "score"), r"has besides score\.weight"),
        (lambda w: {n: t[..., :-1].clone() for n, t in w.items()}, "cannot load the model"),
    ],
)
def test_weights_that_do_not_fit_are_refused(
    model: Path, tmp_path: Path, change: Change, told: str
) -> None:
    folder = reweighted(copied(model, tmp_path / "spoilt"), change)
    with pytest.raises(UserError, match=told) as caught:
        load_model(folder)
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"num_hidden_layers": 3, "layer_types": ["full_attention"] * 3}, "lacks"),
        ({"num_hidden_layers": 1, "layer_types": ["full_attention"]}, "has besides"),
        ({"intermediate_size": 80}, "cannot load the model"),
        ({"model_type": "gpt2"}, "lacks .*, and has besides"),
        ({"model_type": "bert", "num_attention_heads": 4}, "lacks .*, and has besides"),
    ],
)
def test_a_config_that_says_another_model_is_refused(
    model: Path, tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    folder = configured(copied(model, tmp_path / "spoilt"), **changes)
    with pytest.raises(UserError, match=told):
        load_model(folder)


@pytest.mark.parametrize("device", ["auto", "none"])
def test_training_refuses_them_too(model: Path, tmp_path: Path, device: str) -> None:
    folder = reweighted(copied(model, tmp_path / "spoilt"), without("layers.1."))
    with pytest.raises(UserError, match="lacks"):
        load_model(folder, trainable=True, device=device)


def encoder(model: Path, folder: Path, kind: str) -> Path:
    """A model that sees both ways, saved as such models are."""
    import torch
    import transformers

    torch.manual_seed(0)
    small: dict[str, Any] = {
        "vocab_size": 300, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
        "intermediate_size": 64, "max_position_embeddings": 2048, "initializer_range": 0.1,
        "pad_token_id": 0,
    }  # fmt: skip
    config: Any = getattr(transformers, f"{kind}Config")(**small)
    getattr(transformers, f"{kind}ForMaskedLM")(config).save_pretrained(folder)
    return with_tokenizer(model, folder)


@pytest.mark.parametrize("kind", ["Bert", "Roberta", "Electra", "ModernBert"])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_an_encoder_is_refused(model: Path, tmp_path: Path, kind: str, dtype: str) -> None:
    folder = encoder(model, tmp_path / "encoder", kind)
    with pytest.raises(UserError) as caught:
        load_model(folder, dtype=dtype)
    assert "\n" not in str(caught.value)
    if kind in ("Bert", "Roberta"):
        assert "reads both ways, as encoders do" in str(caught.value)


@pytest.mark.parametrize("kind", ["T5", "Bart"])
def test_a_translator_is_refused(model: Path, tmp_path: Path, kind: str) -> None:
    import transformers

    small: dict[str, Any] = {
        "T5": {"d_model": 32, "d_kv": 8, "num_layers": 2, "num_heads": 4, "d_ff": 64},
        "Bart": {"d_model": 32, "encoder_layers": 1, "decoder_layers": 1},
    }[kind]
    config: Any = getattr(transformers, f"{kind}Config")(vocab_size=300, **small)
    folder = tmp_path / "translator"
    getattr(transformers, f"{kind}ForConditionalGeneration")(config).save_pretrained(folder)
    with pytest.raises(UserError):
        load_model(with_tokenizer(model, folder))


@pytest.mark.parametrize("kind", ["GPT2", "GPTNeoX", "Llama", "Mamba", "Gemma2", "Qwen3Moe"])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_models_that_write_are_none(tmp_path: Path, kind: str, dtype: str) -> None:
    """GPT-NeoX says of itself that it is no decoder."""
    import torch
    import transformers

    torch.manual_seed(0)
    small: dict[str, Any] = {
        "vocab_size": 300, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
        "num_key_value_heads": 2, "head_dim": 16, "intermediate_size": 64,
        "initializer_range": 0.3,
    }  # fmt: skip
    config: Any = getattr(transformers, f"{kind}Config")(**small)
    name = "GPT2LMHeadModel" if kind == "GPT2" else f"{kind}ForCausalLM"
    getattr(transformers, name)(config).save_pretrained(tmp_path / "model")
    assert type(load_model(tmp_path / "model", dtype=dtype)).__name__ == name


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (renamed("layers.", "blocks."), "does not fit the model: it lacks .*, and has besides"),
        (renamed("base_model.model.", ""), "does not fit the model: it lacks .*"),
        (without("layers.1."), "does not fit the model: it lacks"),
        (without("lora_B"), "does not fit the model: it lacks"),
        (lambda w: {}, "does not fit the model: it lacks"),
        (besides("layers.1.", "layers.9."), "it has besides"),
    ],
)
def test_an_adapter_that_does_not_fit_is_refused(
    model: Path, adapter: Path, tmp_path: Path, change: Change, told: str
) -> None:
    folder = reweighted(copied(adapter, tmp_path / "spoilt"), change, ADAPTER)
    with pytest.raises(UserError, match=told) as caught:
        load_model(model, adapter=folder)
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_adapter_for_layers_that_the_model_lacks_is_refused(
    model: Path, adapter: Path, tmp_path: Path
) -> None:
    folder = configured(
        copied(adapter, tmp_path / "spoilt"), "adapter_config.json", target_modules=["Wqkv"]
    )
    with pytest.raises(UserError, match="cannot load the adapter"):
        load_model(model, adapter=folder)


def asked(model: Path | str, adapter: Path) -> Generation:
    return Generation(model=str(model), adapter=str(adapter), temperature=0.0)


def test_an_adapter_of_another_base_is_refused_before_anything_is_loaded(
    model: Path, adapter: Path, tmp_path: Path
) -> None:
    """The same shape, other weights: every key fits."""
    other = reweighted(copied(model, tmp_path / "other"), lambda w: {n: -t for n, t in w.items()})
    for use in (describe, open_source):
        with pytest.raises(UserError, match=f"was made for {model}, not for {other}"):
            use(asked(other, adapter))
    with pytest.raises(UserError, match="was made for"):
        load_model(other, adapter=adapter)


@pytest.mark.parametrize("named", ["Qwen/Qwen2.5-Coder-0.5B", "/gone/qwen", "qwen", "../x/qwen/"])
def test_another_base_is_known_by_its_name_where_it_is_not_here(
    model: Path, adapter: Path, tmp_path: Path, named: str
) -> None:
    folder = configured(
        copied(adapter, tmp_path / "a"), "adapter_config.json", base_model_name_or_path=named
    )
    with pytest.raises(UserError, match="set base_model_name_or_path in its adapter_config"):
        load_model(model, adapter=folder)


@pytest.mark.parametrize("named", ["owner/random-RTL", "/gone/random-rtl", "random-rtl/", "", None])
def test_the_same_base_in_another_place_is_none_other(
    model: Path, adapter: Path, tmp_path: Path, named: str | None
) -> None:
    folder = configured(
        copied(adapter, tmp_path / "a"), "adapter_config.json", base_model_name_or_path=named
    )
    load_model(model, adapter=folder)
    described = describe(asked(model, folder))
    assert described.adapter == "a"


def test_a_copy_of_the_base_under_another_name_is_the_base(
    model: Path, adapter: Path, tmp_path: Path
) -> None:
    load_model(copied(model, tmp_path / "called-otherwise"), adapter=adapter)


def test_what_training_noted_of_the_base_decides(
    model: Path, adapter: Path, tmp_path: Path
) -> None:
    from rtlbench.generate.adapters import folder_revision

    folder = copied(adapter, tmp_path / "a")
    configured(folder, "adapter_config.json", base_model_name_or_path="/gone/elsewhere")
    configured(folder, "run.json", inputs={"base": folder_revision(model)})
    load_model(model, adapter=folder)
    configured(folder, "adapter_config.json", base_model_name_or_path=str(model))
    configured(folder, "run.json", inputs={"base": "0" * 64})
    with pytest.raises(UserError, match="was trained on another model"):
        load_model(model, adapter=folder)


@pytest.mark.parametrize("spoil", ["{", "[]", '{"peft_type": "LORA"}', '"x"'])
def test_a_damaged_adapter_config_is_one_message(
    model: Path, adapter: Path, tmp_path: Path, spoil: str
) -> None:
    folder = copied(adapter, tmp_path / "a")
    (folder / "adapter_config.json").write_text(spoil)
    with pytest.raises(UserError, match=str(folder)):
        load_model(model, adapter=folder)


def test_every_adapter_of_a_router_is_looked_at(
    model: Path, adapter: Path, tmp_path: Path
) -> None:
    spoilt = reweighted(copied(adapter, tmp_path / "s"), renamed("layers.", "blocks."), ADAPTER)
    routes = tmp_path / "r.toml"
    for first, second in ((adapter, spoilt), (spoilt, adapter)):
        routes.write_text(f'base = "{model}"\n[adapters]\nfsm = "{first}"\nfifo = "{second}"\n')
        with pytest.raises(UserError, match=f"{spoilt}: the adapter does not fit the model"):
            open_source(Generation(model=f"router:{routes}"))


def test_the_command_says_it_in_one_line_and_records_nothing(
    command: Callable[..., Any], small_suite: Any, model: Path, tmp_path: Path
) -> None:
    folder = reweighted(copied(model, tmp_path / "spoilt"), without("layers.1."))
    out = tmp_path / "answers.jsonl"
    ran = command("generate", "--model", folder, small_suite.option, "--out", out)
    assert ran.returncode == 2
    told = [line for line in ran.stderr.splitlines() if line.startswith("rtlbench: ")]
    assert len(told) == 1
    assert "do not fit its config.json" in told[0]
    assert not out.exists() or not out.read_text()


def test_a_fitting_adapter_still_changes_the_answers(model: Path, adapter: Path) -> None:
    import torch

    ids = torch.arange(1, 40)[None]
    with torch.no_grad():
        alone = load_model(model)(input_ids=ids).logits
        tuned = load_model(model, adapter=adapter)(input_ids=ids).logits
    assert (alone - tuned).abs().mean() > 1e-3


def test_a_model_in_pytorchs_own_files_is_read(model: Path, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    folder = copied(model, tmp_path / "bin")
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    load_model(folder)
    shutil.rmtree(folder)
    make_model(folder)
    load_model(folder)
