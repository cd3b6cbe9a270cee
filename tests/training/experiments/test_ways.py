"""Four ways on one budget: what there is to learn from, what is planned, all of it at toy size."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rtlbench import Judge, UserError
from rtlbench.training.pairs import read_pairs
from rtlbench.training.record import read_run
from tests.support import sync_counter, updown
from training.experiments.pool import (
    COUNTS,
    MENDS,
    PAIRS,
    RIGHT,
    JudgedAnswer,
    judged_answers,
    write_pool,
)
from training.experiments.ways_outcome import read_ways
from training.experiments.ways_page import page
from training.experiments.ways_plan import WaysPlan, read_plan, stages_of, steps_of

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "training" / "experiments" / "ways.py"
TINY = "training/recipes/tiny.toml"
SMALL = '"model.four_bit=false", "train.bf16=false", "train.batch=2", "train.save_steps=10"'
PLAN = f"""
seeds = [1]
families = ["updown"]
[base]
model = "{ROOT / 'models/tiny-rtl'}"
[budget]
tasks = 2
answers = 8
options = ["--temperature", "1.6", "--max-tokens", "300"]
[ways.sft]
recipe = "{TINY}"
changes = [{SMALL}]
[ways.sft_negatives]
recipe = "{TINY}"
changes = [{SMALL}]
[ways.dpo]
recipe = "{TINY}"
changes = [{SMALL}, "train.group_by_length=false"]
[ways.grpo]
recipe = "training/recipes/tiny_grpo.toml"
changes = ["reinforce.look_steps=0", "reinforce.tasks=2", "reinforce.max_tokens=60"]
[bench]
fresh = 1
count = 2
samples = 1
options = ["--max-tokens", "16", "--temperature", "0"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ways.toml"
    path.write_text(PLAN)
    return path


@pytest.fixture(scope="module")
def judged() -> Iterator[list[JudgedAnswer]]:
    """Two right and two wrong answers to a task, a wrong one to another, one to a broken task."""
    from msgspec.structs import replace

    first, second = sync_counter(), updown()["w5_power_up"]
    broken = replace(first, id="broken", golden=first.golden.replace("+ 1'b1", "+ 2'd2"))
    wrong = first.golden.replace("+ 1'b1", "+ 2'd2")
    texts = [(0, wrong), (0, first.golden), (0, f"\n{first.golden}"), (0, "nothing"),
             (1, f"module {second.top}; endmodule"), (2, first.golden)]  # fmt: skip
    with Judge(workers=1) as judge:
        yield judged_answers([first, second, broken], texts, judge)


def lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_pool_teaches_what_the_verifier_found_right(
    judged: list[JudgedAnswer], tmp_path: Path
) -> None:
    write_pool(judged, 6, tmp_path)
    golden = sync_counter().golden
    assert {r["output"].strip() for r in lines(tmp_path / RIGHT)} == {golden.strip()}
    pairs = read_pairs(tmp_path / PAIRS)
    assert [(p.chosen, p.rejected == "nothing") for p in pairs] == [
        (golden, False), (f"\n{golden}", True),
    ]  # fmt: skip
    mends = lines(tmp_path / MENDS)
    assert [m["output"] for m in mends] == [p.chosen for p in pairs]
    assert all(m["instruction"].startswith(sync_counter().prompt.rstrip()) for m in mends)
    assert "+ 2'd2" in mends[0]["instruction"]
    assert "expected" in mends[0]["instruction"], "the first mismatch is told"
    counts = json.loads((tmp_path / COUNTS).read_text())
    assert counts == {"tasks": 2, "answers": 6, "right": 2, "wrong": 3, "unjudged": 1, "pairs": 2}


def test_each_way_learns_as_many_sequences(file: Path) -> None:
    plan = read_plan(file, ROOT)
    assert {way: steps_of(plan, way, ROOT) for way in plan.ways} == {
        "sft": 8, "sft_negatives": 8, "dpo": 4, "grpo": 1,
    }  # fmt: skip
    for old, new, told in (
        ("tasks = 2\nanswers = 8", "tasks = 3\nanswers = 8", "cannot be learnt in steps of 16"),
        ("[ways.sft]", "[ways.guess]", "there are sft, sft_negatives, dpo, grpo"),
        ("seeds = [1]", "seeds = [1, 1]", "each once"),
        ("answers = 8", "answers = 1", "at least 2 answers"),
        ('families = ["updown"]', "families = []", "name some"),
    ):
        file.write_text(PLAN.replace(old, new))
        with pytest.raises(UserError, match=told):
            read_plan(file, ROOT)


def test_seeds_are_planned_one_after_another(file: Path, tmp_path: Path) -> None:
    file.write_text(PLAN.replace("seeds = [1]", "seeds = [3, 12]"))
    stages = stages_of(read_plan(file, ROOT), ROOT, tmp_path)
    endings = [stage.name.rpartition("_")[2] for stage in stages]
    assert endings == ["suite", "tasks", *["s3"] * 10, *["s12"] * 10]
    before: set[str] = set()
    for stage in stages:
        assert set(stage.needs) <= before
        before.add(stage.name)


def a_page(plan: WaysPlan, work: Path, file: Path) -> str:
    return page(plan, read_ways(plan, stages_of(plan, ROOT, work), work), file, ROOT)


def test_a_page_before_anything_ran_has_no_figure(file: Path, tmp_path: Path) -> None:
    text = a_page(read_plan(file, ROOT), tmp_path / "work", file)
    assert "0 of 12 stages are done, 0 of 4 runs judged." in text
    assert "| GRPO: while answering | not yet | not yet |" in text
    assert "No two of them have been judged yet." in text
    assert "16 answers, judged, to 2 tasks" in text


@pytest.mark.slow
def test_all_of_it_runs_to_its_page_and_nothing_twice(file: Path, tmp_path: Path) -> None:
    def run() -> str:
        done = subprocess.run(
            [sys.executable, str(SCRIPT), str(file), "--work", str(tmp_path / "work"), "--out",
             str(tmp_path / "page.md")], capture_output=True, text=True, check=False, timeout=3600,
            env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "HF_HUB_OFFLINE": "1"},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run()
    text = (tmp_path / "page.md").read_text()
    assert "12 of 12 stages are done, 4 of 4 runs judged." in text
    assert "not yet" not in text
    for way in ("sft", "sft_negatives", "dpo", "grpo"):
        assert f"| `{way}` less `base` | functional |" in text
    (dpo,) = (tmp_path / "work" / "tune_dpo_s1").glob("run_*")
    assert read_run(dpo).inputs.adapter == "", "it begins where the base is"
    again = [line for line in run().splitlines() if line.startswith("[")]
    assert len(again) == 12
    assert all(line.endswith("done before") for line in again)
    assert (tmp_path / "page.md").read_text().split("## Figures")[1] == text.split("## Figures")[1]
