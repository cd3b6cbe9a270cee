"""What a night trains on, and by which commands."""

from __future__ import annotations

import hashlib
import itertools
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rtlbench.errors import UserError
from rtlbench.nightly.benchmark import plan_benchmark
from rtlbench.nightly.night import Night
from rtlbench.nightly.train import _move, commands, plan_train, recipe, train
from rtlbench.training.record import RUN, Examples, example_hash, read_run
from tests.nightly.judged import model
from tests.nightly.made import ROOT, night_of

GOLD = ROOT / "data" / "training" / "diagnostic_corpus.jsonl"
RECIPE = '[model]\nbase = "base"\n[train]\nepochs = 3\n'


def night(root: Path, **options: Any) -> Night:
    (root / "toy.toml").write_text(RECIPE)
    made = night_of(root, recipe="toy.toml", **options)
    made.paths.night.mkdir(parents=True)
    made.paths.delta.write_text("")
    return made


def argv(night: Night, stage: str) -> list[str]:
    (found,) = [s.argv for s in commands(night) if s.name == stage]
    return list(found)


def after(argv: list[str], option: str) -> list[str]:
    """The values of an option."""
    return [value for word, value in itertools.pairwise(argv) if word == option]


def test_without_gold_sets_the_nights_records_are_trained_on_alone(root: Path) -> None:
    made = night(root)
    assert [s.name for s in commands(made)] == ["data", "tuned"]
    combine = argv(made, "data")
    deltas = str(made.paths.night / "train" / "deltas.jsonl")
    assert combine[combine.index("combine") + 1 : combine.index("--out")] == [deltas]
    assert after(combine, "--weight") == ["source:continuous_retrain=2"]
    assert after(combine, "--against") == ["rtlbench"]


def test_a_gold_set_that_nobody_has_judged_is_judged_first(root: Path) -> None:
    made = night(root, gold=(str(GOLD),), delta_weight=0.5)
    assert [s.name for s in commands(made)] == ["gold_0", "data", "tuned"]
    assert str(GOLD) in argv(made, "gold_0")
    assert after(argv(made, "data"), "--weight") == ["source:continuous_retrain=0.5"]


def test_a_gold_set_that_was_judged_is_taken_as_it_is(root: Path) -> None:
    output = "module m; endmodule"
    judged = {
        "score": 1.0, "functional": True, "category": "fsm",
        "candidate_hash": hashlib.sha256(output.encode()).hexdigest(),
    }  # fmt: skip
    record = {"instruction": "i", "output": output, "metadata": {"rtlbench": judged}}
    (root / "gold.jsonl").write_text(json.dumps(record) + "\n")
    made = night(root, gold=("gold.jsonl",))
    assert [s.name for s in commands(made)] == ["data", "tuned"]
    assert str(root / "gold.jsonl") in argv(made, "data")


def test_the_recipe_is_short_and_may_be_changed(root: Path) -> None:
    made = night(root, base="models/other", set=("lora.rank=4",))
    found = recipe(made)
    assert (found.model.base, found.train.epochs, found.lora.rank) == ("models/other", 1.0, 4)
    changes = after(argv(made, "tuned"), "--set")
    assert changes == ['model.base="models/other"', "train.epochs=1", "lora.rank=4"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"gold": ("gone.jsonl",)}, "--gold gone.jsonl: there is no such file"),
        ({"set": ("lora.rnk=4",)}, "rnk"),
    ],
)
def test_what_is_not_there_is_one_message(
    root: Path, options: dict[str, Any], told: str
) -> None:
    with pytest.raises(UserError, match=told):
        commands(night(root, **options))


def test_all_files_of_a_model_are_readable_by_the_same_people(root: Path) -> None:
    source = root / "tuned"
    source.mkdir()
    for name, mode in (("adapter_model.safetensors", 0o600), ("run.json", 0o644)):
        (source / name).write_text("")
        (source / name).chmod(mode)
    _move(source, root / "models" / "nightly")
    assert len({p.stat().st_mode for p in (root / "models" / "nightly").iterdir()}) == 1


def test_records_that_were_not_trained_on_are_not_counted_as_learnt(root: Path) -> None:
    """Of three new ones the first was too long, and the second resembled one of a gold set."""
    lines = [{"instruction": k, "output": "x", "metadata": {"spec_hash": k}} for k in "abc"]
    made = night(root, min_delta=1)
    made.paths.delta.write_text("".join(json.dumps(line) + "\n" for line in lines))
    place = made.paths.night / "train"
    (place / "data").mkdir(parents=True)
    (place / "deltas.jsonl").write_text(made.paths.delta.read_text())
    trained = "".join(json.dumps(line) + "\n" for line in (lines[0], lines[2]))
    (place / "data" / "data.jsonl").write_text(trained)
    model(made.paths.model)
    run = read_run(made.paths.model)
    found = Examples(read=2, other_category=0, too_long=1, trained=1, held_back=0, tokens=9,
                     left_out=(example_hash("a", "x"),))  # fmt: skip
    run = msgspec.structs.replace(run, examples=found)
    (made.paths.model / RUN).write_bytes(msgspec.json.encode(run))
    result = train(made).result
    assert (result["delta_records"], result["examples"], result["new"]) == (3, 1, 1)


def test_what_would_be_run_is_told_as_it_would_be(root: Path) -> None:
    lines = [{"instruction": k, "output": "x", "metadata": {"spec_hash": k}} for k in "ab"]
    made = night(root, min_delta=1)
    made.paths.delta.write_text("".join(json.dumps(line) + "\n" for line in lines))
    told = "\n".join([*plan_train(made), *plan_benchmark(made)])
    assert "{out}" not in told
    assert f"--out {made.paths.night}/train/data/data.jsonl" in told
    assert f"--results {made.paths.night}/benchmark/candidate/results" in told


def test_a_model_that_ships_is_found_from_any_root(root: Path) -> None:
    shipped = night_of(root, recipe="training/recipes/tiny.toml")
    assert recipe(shipped).model.base == str(ROOT / "models" / "tiny-rtl")
    (root / "models" / "tiny-rtl").mkdir(parents=True)
    assert recipe(shipped).model.base == "models/tiny-rtl"


def test_a_recipe_that_is_not_there_is_one_message(root: Path) -> None:
    with pytest.raises(UserError, match=r"gone\.toml: there is no such file"):
        commands(night_of(root, recipe="gone.toml"))


def test_too_few_new_records_are_said_and_nothing_is_trained(root: Path) -> None:
    made = night(root, min_delta=3)
    lines = [{"instruction": k, "output": "x", "metadata": {"spec_hash": k}} for k in "ab"]
    made.paths.delta.write_text("".join(json.dumps(line) + "\n" for line in lines))
    ended = train(made)
    assert "2 new records, and --min-delta is 3" in ended.message
    assert "model" not in ended.result
    assert not (made.paths.night / "train").exists()
