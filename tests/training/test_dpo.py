"""Training on pairs: right answers are preferred then, and nothing else is touched."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rtlbench.errors import UserError
from rtlbench.training.pairs import read_pairs
from rtlbench.training.prefer import PreferOptions, prefer
from rtlbench.training.recipe import read_recipe
from rtlbench.training.record import read_run
from tests.training.toy import ROOT, Sft, surroundings, toy_records

QUICK = ("preference.learning_rate=1e-2", "train.max_steps=6", "train.save_steps=2")


def pairs(count: int = 8) -> list[dict[str, Any]]:
    """Each right answer beside one that counts by another step."""
    return [
        {
            "prompt": r["instruction"], "chosen": r["output"],
            "rejected": r["output"].replace("q + ", "q - "),
            "metadata": {"refused": "simulation.mismatch"},
        }
        for r in toy_records(count)
    ]  # fmt: skip


def written(path: Path, found: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(p) + "\n" for p in found))
    return path


class Dpo:
    """An adapter that was fine-tuned, and pairs to go on with."""

    def __init__(self, sft: Sft, folder: Path) -> None:
        self.sft, self.folder = sft, folder
        self.adapter = sft.here("train.max_steps=3")
        self.data = written(folder / "pairs.jsonl", pairs())

    def options(self, *changes: str, **more: Any) -> PreferOptions:
        said: dict[str, Any] = {
            "recipe": read_recipe(self.sft.recipe, (*QUICK, *changes)), "adapter": self.adapter,
            "data": self.data, "name": "dpo", "out": self.folder / "dpo", **more,
        }  # fmt: skip
        return PreferOptions(**said)

    def margin(self, adapter: Path, toy: Path) -> float:
        """Mean log probability of right answers above that of wrong ones."""
        import torch
        from peft import PeftModel
        from transformers import AutoModelForCausalLM, AutoTokenizer

        from rtlbench.training.pairs import pair_tokens

        tokenizer = AutoTokenizer.from_pretrained(toy)
        model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(toy), adapter)
        model.eval()

        def said(prompt: list[int], answer: list[int]) -> float:
            ids = torch.tensor([prompt + answer])
            with torch.no_grad():
                logits = model(ids).logits[0, len(prompt) - 1 : -1].log_softmax(-1)
            return float(logits.gather(1, torch.tensor(answer)[:, None]).sum())

        rows = pair_tokens(read_pairs(self.data), tokenizer, 512).rows
        found = [said(r["prompt_ids"], r["chosen_ids"]) - said(r["prompt_ids"], r["rejected_ids"])
                 for r in rows]  # fmt: skip
        return sum(found) / len(found)


@pytest.fixture
def dpo(sft: Sft, tmp_path: Path) -> Dpo:
    return Dpo(sft, tmp_path)


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.slow
def test_what_is_preferred_is_likelier_then_and_the_adapter_before_stays(
    dpo: Dpo, toy: Path
) -> None:
    before = content(dpo.adapter)
    told: list[str] = []
    made = prefer(dpo.options(), told.append)
    assert content(dpo.adapter) == before
    assert dpo.margin(made, toy) > dpo.margin(dpo.adapter, toy) + 1
    assert "8 of 8 pairs, " in told[0]
    files = {p.name for p in made.iterdir()}
    assert {"adapter_model.safetensors", "adapter_config.json", "run.json", "README.md"} <= files
    assert not [p for p in made.iterdir() if p.is_dir()], "no adapter of reference, no checkpoint"
    run, first = read_run(made), read_run(dpo.adapter)
    assert [f.name for f in run.inputs.data] == ["data.jsonl", "pairs.jsonl"]
    assert (run.inputs.base, len(run.inputs.adapter)) == (first.inputs.base, 64)
    assert run.result is not None
    assert run.result.steps == 6
    assert run.result.losses[0].loss == pytest.approx(0.6931, abs=1e-3), "it begins as it was"
    assert run.result.losses[-1].loss < run.result.losses[0].loss


@pytest.mark.slow
def test_without_an_adapter_a_new_one_begins_where_the_base_is(dpo: Dpo, toy: Path) -> None:
    def run(name: str, *changes: str) -> Path:
        return prefer(dpo.options(*changes, adapter=None, name=name), lambda _: None)

    unmoved = run("unmoved", "preference.learning_rate=1e-12")
    made = run("made")
    assert dpo.margin(made, toy) > dpo.margin(unmoved, toy) + 1
    found = read_run(made)
    assert (found.inputs.adapter, [f.name for f in found.inputs.data]) == ("", ["pairs.jsonl"])
    assert found.result is not None
    assert found.result.losses[0].loss == pytest.approx(0.6931, abs=1e-3), "it begins as the base"
    weights = "adapter_model.safetensors"
    assert (run("again") / weights).read_bytes() == (made / weights).read_bytes()


@pytest.mark.slow
def test_a_run_that_was_stopped_goes_on_to_the_same_weights(dpo: Dpo, tmp_path: Path) -> None:
    whole = prefer(dpo.options(), lambda _: None)

    def stop(line: str) -> None:
        if line.startswith("step 5"):
            raise KeyboardInterrupt

    out = tmp_path / "torn"
    with pytest.raises(UserError, match="goes on from step 4"):
        prefer(dpo.options(out=out), stop)
    told: list[str] = []
    torn = prefer(dpo.options(out=out), told.append)
    assert told[0].startswith("going on from step 4")
    weights = "adapter_model.safetensors"
    assert (torn / weights).read_bytes() == (whole / weights).read_bytes()
    with pytest.raises(UserError, match="made from something else"):
        stopped = tmp_path / "other"
        with pytest.raises(UserError, match="goes on from step 4"):
            prefer(dpo.options(out=stopped), stop)
        prefer(dpo.options("preference.beta=0.5", out=stopped), lambda _: None)


@pytest.mark.slow
def test_the_script_does_the_same(dpo: Dpo, tmp_path: Path) -> None:
    argv = [sys.executable, ROOT / "training" / "dpo.py", dpo.sft.recipe, "--data", dpo.data,
            "--out", tmp_path / "x", "--set", "train.max_steps=1"]  # fmt: skip
    for adapter, code, told in ((dpo.adapter, 0, "written: "),
                                (tmp_path, 2, "holds no adapter")):  # fmt: skip
        done = subprocess.run(
            [*map(str, argv), "--adapter", str(adapter)], capture_output=True, text=True,
            cwd=ROOT, env=surroundings(), timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        assert told in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


GOOD = json.dumps(pairs(1)[0])


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "no pair"),
        ("[1]", "no pair"),
        ('{"prompt": "x", "chosen": "y"}', "missing required field `rejected`"),
        ('{"prompt": "x", "chosen": "y", "rejected": "y"}', "two different answers"),
        ('{"prompt": " ", "chosen": "y", "rejected": "z"}', "a prompt and two different answers"),
        ('{"prompt": "x", "chosen": "y", "rejected": "z"}', "nobody has judged"),
        ('{"prompt": "x", "chosen": "y", "rejected": "z", "metadata": {"refused": null}}',
         "nobody has judged"),
        ("\xff", "no pair"),
    ],
)
def test_a_line_that_is_no_judged_pair_is_named(tmp_path: Path, line: str, told: str) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_bytes(f"{GOOD}\n{line}\n".encode("latin-1"))
    with pytest.raises(UserError, match=r"pairs\.jsonl:2: ") as raised:
        read_pairs(path)
    assert told in str(raised.value)


def test_without_any_pair_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no pairs"):
        read_pairs(written(tmp_path / "pairs.jsonl", []))
    with pytest.raises(UserError, match="cannot be read"):
        read_pairs(tmp_path / "none.jsonl")
