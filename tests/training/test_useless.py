"""Data that teaches nothing, templates and layers that do not fit: told before anything is learnt,
and nothing half done stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rtlbench.errors import UserError
from rtlbench.records.tier import Tier
from rtlbench.training.data import read_data
from rtlbench.training.record import read_run
from tests.training.toy import TEMPLATE, Sft, make_toy, message, toy_records

Write = Callable[[list[dict[str, Any]]], Path]
REFUSED = {"rtlbench": {"tier": "proven", "functional": True, "refused": "simulation.mismatch"}}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def records(lines: list[dict[str, Any]]) -> Path:
        path = tmp_path / "d.jsonl"
        path.write_text("".join(json.dumps(r) + "\n" for r in lines))
        return path

    return records


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"output": ""}, "without an answer"),
        ({"output": " \n\t\n"}, "without an answer"),
        ({"output": "\u200b\ufeff\u00a0"}, "without an answer"),
        ({"instruction": ""}, "without an instruction"),
        ({"instruction": "\r\n  "}, "without an instruction"),
        ({"metadata": REFUSED}, "refused by the filter"),
    ],
)
def test_what_teaches_nothing_is_left_out_by_name_and_count(
    write: Write, change: dict[str, Any], why: str
) -> None:
    good = toy_records(9)
    lines = [{**r, **change} if k in {1, 3, 4, 5, 6, 8} else r for k, r in enumerate(good)]
    path = write(lines)
    records = read_data((str(path),), None, Tier.UNPROVEN)
    assert [r.output for r in records.chosen] == [good[k]["output"] for k in (0, 2, 7)]
    first = ", ".join(f"{path.name}:{k}" for k in (2, 4, 5, 6, 7))
    assert records.named(why) == f"6 {why} ({first} and 1 more)"
    with pytest.raises(UserError, match=f"no record; 9 {why} \\("):
        read_data((str(write([{**r, **change} for r in good])),), None, Tier.UNPROVEN)


@pytest.mark.slow
def test_a_file_of_refused_records_is_one_message_and_leaves_nothing(sft: Sft) -> None:
    lines = [{**r, "metadata": REFUSED} for r in toy_records(24)]
    sft.data.write_text("".join(json.dumps(r) + "\n" for r in lines))
    told = message(sft("--accept", "unproven"))
    assert "24 refused by the filter" in told
    assert not list(sft.out.glob("*.part"))


TEMPLATES = {
    "drops it": "<|user|>Write Verilog.<|end|><|assistant|>",
    "cuts it": TEMPLATE.replace("m.content", "m.content[:20]"),
    "escapes it": TEMPLATE.replace("m.content", "(m.content + '<=') | e"),
    "shouts it": TEMPLATE.replace("m.content", "m.content | upper"),
    "keeps the system's alone": "{% for m in messages if m.role == 'system' %}{{ m.content }}"
                                "{% endfor %}<|assistant|>",
}  # fmt: skip
RAISING = {
    "says so": "{{ raise_exception('no such role') }}",
    "divides by nothing": "{{ 1 // 0 }}",
    "takes a turn that is not there": "{{ messages[7].content.strip() }}",
    "is none": "{% for m in messages %}",
}


@pytest.mark.parametrize("template", [*TEMPLATES, *RAISING])
def test_a_template_without_the_instruction_is_told_before_the_model_is_loaded(
    sft: Sft, tmp_path: Path, template: str
) -> None:
    base = make_toy(tmp_path / "odd")
    (base / "chat_template.jinja").write_text({**TEMPLATES, **RAISING}[template])
    (base / "model.safetensors").write_bytes(b"no weights: loading would tell")
    given = toy_records(3)
    if template == "escapes it":
        given = [{**r, "instruction": r["instruction"] + " q <= 1"} for r in given]
    sft.data.write_text("".join(json.dumps(r) + "\n" for r in given))
    sft.recipe.write_text(_with_base(sft.recipe.read_text(), base))
    told = "does not hold the instruction" if template in TEMPLATES else "cannot be rendered"
    with pytest.raises(UserError, match=told):
        sft.here()
    assert not list(sft.out.glob("*.part"))


def test_a_template_that_trims_and_wraps_is_none_of_these(sft: Sft, tmp_path: Path) -> None:
    base = make_toy(tmp_path / "trims")
    (base / "chat_template.jinja").write_text(TEMPLATE.replace("m.content", "m.content | trim"))
    sft.recipe.write_text(_with_base(sft.recipe.read_text(), base))
    lines = [{**r, "instruction": f"\n {r['instruction']} \n"} for r in toy_records(24)]
    sft.data.write_text("".join(json.dumps(r) + "\n" for r in lines))
    assert sft.here("train.max_steps=1", "train.save_steps=1").is_dir()


@pytest.mark.parametrize(
    ("targets", "told"),
    [
        ('["nope"]', "no layer is called 'nope'; there are q_proj, k_proj"),
        ('["q_proj", "v_prj"]', "no layer is called 'v_prj'"),
        ('["input_layernorm"]', "takes no adapter"),
        ('["mlp"]', "takes no adapter"),
        ('"q_proj"', "no layer is called 'q_proj'"),
        ('"("', "is no regular expression"),
    ],
)
def test_layers_that_are_not_there_are_one_message(sft: Sft, targets: str, told: str) -> None:
    with pytest.raises(UserError, match=r"lora\.targets") as caught:
        sft.here(f"lora.targets={targets}")
    assert told in str(caught.value)
    assert not list(sft.out.glob("*.part"))


@pytest.mark.slow
@pytest.mark.parametrize("targets", ['["q_proj", "mlp.up_proj"]', '".*[qv]_proj"'])
def test_layers_that_are_there_are_trained_and_the_summary_tells_all(
    sft: Sft, targets: str
) -> None:
    records = [*toy_records(24), {"instruction": "Write it.", "output": ""}]
    records[3]["output"] *= 40
    sft.data.write_text("".join(json.dumps(r) + "\n" for r in records))
    said: list[str] = []
    folder = sft.here(f"lora.targets={targets}", "train.max_steps=1", "train.save_steps=1",
                      say=said.append)  # fmt: skip
    assert said[0].startswith("23 of 25 examples, ")
    assert said[0].endswith("(left out: 1 too long, 1 without an answer)")
    assert said[1] == f"left out: 1 without an answer ({sft.data.name}:25)"
    masked, learnt = said[2].split("learnt, ")
    assert masked.startswith("the first example, as the model sees it:\nmasked, ")
    assert "  | <|user|>Write a module `m0` of 2 bits.<|end|><|assistant|>" in masked
    assert "Write a module" not in learnt
    assert "  | endmodule\n  | <|end|>" in learnt
    found = read_run(folder).examples
    assert found is not None
    assert (found.too_long, found.useless) == (1, {"without an answer": 1})
    assert "1 too long, 0 held back, 1 without an answer." in (folder / "README.md").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("asked", ["absolute", "owner/name", None])
def test_the_adapter_calls_its_base_as_asked(
    sft: Sft, toy: Path, monkeypatch: pytest.MonkeyPatch, asked: str | None
) -> None:
    monkeypatch.chdir(toy.parent)
    sft.recipe.write_text(_with_base(sft.recipe.read_text(), Path("./model")))
    folder = sft.here("train.max_steps=1", "train.save_steps=1", base_name=asked)
    config = json.loads((folder / "adapter_config.json").read_text())
    named = {"absolute": str(toy), None: "model"}.get(asked, asked)
    assert config["base_model_name_or_path"] == named
    assert config["r"] == 4


def _with_base(recipe: str, base: Path) -> str:
    lines = [f'base = "{base}"' if x.startswith("base = ") else x for x in recipe.splitlines()]
    return "\n".join(lines)
