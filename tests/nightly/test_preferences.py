"""`--preferences`: the nights' pairs are trained on too, and the same gate has the last word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rtlbench.errors import UserError
from rtlbench.nightly.decisions import exclude
from rtlbench.nightly.night import Night, State, write_state
from rtlbench.nightly.publish import published
from rtlbench.nightly.train import commands, gather_pairs, plan_train
from rtlbench.training.record import read_run
from tests.nightly.made import Runs, Task, lines, night_of, nightly
from tests.nightly.test_train import RECIPE, after, argv
from tests.training.toy import RECIPE as TOY
from tests.training.toy import make_toy

DATES = ("2026-03-01", "2026-03-02", "2026-03-03")


def pair(name: str) -> dict[str, Any]:
    return {"prompt": name, "chosen": "right", "rejected": "wrong",
            "metadata": {"refused": "simulation.mismatch"}}  # fmt: skip


def month(root: Path, **options: Any) -> Night:
    """Three nights with a pair each, and one that all share; the last is tonight."""
    (root / "toy.toml").write_text(RECIPE)
    for date in DATES:
        night = night_of(root, date, recipe="toy.toml", **options)
        night.paths.night.mkdir(parents=True)
        night.paths.delta.write_text("")
        text = "".join(json.dumps(pair(n)) + "\n" for n in (date, "each night's"))
        night.paths.pairs.write_text(text)
        outcome = None if date == DATES[-1] else "published"
        write_state(night.paths, State(date=date, started="t", settings={}, outcome=outcome))
    return night


def prompts(night: Night) -> list[str]:
    return [p.prompt for p in gather_pairs(night.paths)]


def test_pairs_of_all_nights_that_count_are_learnt_each_once(root: Path) -> None:
    night = month(root)
    assert prompts(night) == [DATES[2], "each night's", DATES[1], DATES[0]]
    exclude(night.paths, DATES[1], "a broken simulator")
    assert prompts(night) == [DATES[2], "each night's", DATES[0]]


def test_they_are_trained_on_from_what_fine_tuning_has_made(root: Path) -> None:
    night = month(root, preferences=True, set=("preference.beta=0.2",))
    assert [s.name for s in commands(night)] == ["data", "tuned", "preferred"]
    dpo = argv(night, "preferred")
    assert dpo[1].endswith("training/dpo.py")
    tuned = night.paths.night / "train" / "tuned"
    assert after(dpo, "--adapter") == [f"one-of:{tuned}/run_nightly_*"]
    assert after(dpo, "--data") == [str(night.paths.night / "train" / "pairs.jsonl")]
    assert "preference.beta=0.2" in after(dpo, "--set")


@pytest.mark.parametrize("why", ["not asked for", "no pairs"])
def test_without_them_there_is_fine_tuning_alone(root: Path, why: str) -> None:
    night = month(root, preferences=why != "not asked for")
    if why == "no pairs":
        for date in DATES:
            night.paths.of(date).pairs.write_text("")
    assert [s.name for s in commands(night)] == ["data", "tuned"]
    assert not [line for line in plan_train(night) if "dpo.py" in line]


def test_pairs_that_cannot_be_read_are_named(root: Path) -> None:
    night = month(root)
    night.paths.of(DATES[0]).pairs.write_text("{\n")
    with pytest.raises(UserError, match=rf"{DATES[0]}/pairs\.jsonl: cannot be read"):
        gather_pairs(night.paths)


@pytest.mark.slow
def test_a_night_with_pairs_publishes_what_both_have_taught(
    root: Path, runs: Runs, updown: Task
) -> None:
    runs.answer("a", updown, updown.wrong, status="fail")
    runs.answer("a", updown)
    base = make_toy(root / "models" / "toy")
    (root / "toy.toml").write_text(TOY.format(base=base.relative_to(root)))
    (root / "gate.toml").write_text('[baseline]\nfigures = ["functional"]\n')
    options = (
        "--date", DATES[1], "--min-delta", 1, "--workers", 1, "--recipe", "toy.toml", "--set",
        "train.max_steps=2", "--set", "data.max_length=4096", "--policy", "gate.toml",
        "--samples", 1, "--bench-option=--max-tokens=16", "--bench-option=-k",
        "--bench-option=updown_w4_sync", "--preferences",
    )  # fmt: skip
    done = nightly(root, *options)
    assert done.returncode == 0, done.stdout + done.stderr
    night = night_of(root, DATES[1])
    assert "2 steps, 1 pairs, models/qwen_coder_rtl" in done.stdout
    model = published(night.paths.latest)
    assert model == night.paths.model
    run = read_run(model)
    assert [f.name for f in run.inputs.data] == ["data.jsonl", "pairs.jsonl"]
    assert run.inputs.adapter
    (tuned,) = (night.paths.night / "train" / "tuned").glob("run_nightly_*")
    weights = "adapter_model.safetensors"
    assert (tuned / weights).read_bytes() != (model / weights).read_bytes()
    (taught,) = lines(night.paths.night / "train" / "pairs.jsonl")
    assert (taught["chosen"], taught["rejected"]) == (updown.right, updown.wrong)
    said = json.loads((night.paths.history / f"{DATES[1]}.json").read_text())
    assert set(said["data"]) >= {"data.jsonl", "pairs.jsonl", "delta.jsonl"}
    assert said["settings"]["preferences"] is True
    assert said["records"] == 1
    again = nightly(root, *options[:-1], "--min-delta", 1)
    assert "this night is finished" in again.stdout
