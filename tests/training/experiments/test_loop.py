"""The whole loop at toy size: corpus, filter, base, fine-tuning, benchmark, page; and once more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rtlbench.gate.matrix import compare_runs, training_of
from rtlbench.runs.finished import read_run

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "training" / "experiments" / "threshold.py"

BASE = """
name = "toy"
[data]
examples = 40
families = ["updown"]
[shape]
vocabulary = 400
hidden = 32
layers = 1
heads = 2
inner = 64
positions = 1024
[course]
batch_tokens = 2048
"""
SETTINGS = """
seeds = [1]
policy = "{folder}/gate.toml"
categories = ["updown_counter"]
families = ["updown"]
diagnostic = ["data/training/diagnostic_corpus.jsonl"]
[raw]
size = 16
defects = 0.5
options = ["--per-member", "16"]
[base]
recipe = "{folder}/base.toml"
[tune]
recipe = "training/recipes/tiny.toml"
changes = ["train.max_steps=2", "train.batch=2"]
[bench]
select = "updown_w4_sync or updown_w5"
samples = 2
options = ["--max-tokens", "16"]
"""


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    (tmp_path / "base.toml").write_text(BASE)
    (tmp_path / "gate.toml").write_text("[require]\nscore = 0.75\n")
    path = tmp_path / "threshold.toml"
    path.write_text(SETTINGS.format(folder=tmp_path))
    return path


def run(settings: Path, *args: str) -> str:
    folder = settings.parent
    argv = [sys.executable, str(SCRIPT), str(settings), "--work", str(folder / "work"),
            "--out", str(folder / "experiment.md"), "--arms", "v1,v3", *args]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=3600,
                          env={**os.environ, "XDG_CACHE_HOME": str(folder / "cache")})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_loop_runs_to_its_page_and_does_nothing_twice(settings: Path) -> None:
    first = run(settings)
    assert "done before" not in first
    page = (settings.parent / "experiment.md").read_text()
    assert "| V1: unfiltered | - | 16 | 50.0% |" in page
    assert "| V3: at least 0.95, and hand-written ones | 0.95 |" in page
    assert "| v3 over v1 | fail (requirements missed: 1" in page
    again = run(settings)
    stages = [line for line in again.splitlines() if line.startswith("[")]
    assert all(line.endswith("done before") for line in stages)
    assert len(stages) == len([line for line in first.splitlines() if line.startswith("[")])
    known_training(settings.parent / "work")


def known_training(work: Path) -> None:
    """The comparison finds what each adapter was trained on."""
    runs = [read_run(work / f"bench_{arm}_s1" / "results") for arm in ("v1", "v3")]
    one, three = (training_of(run, work) for run in runs)
    assert one.examples == 16
    assert one.least_score is None
    assert three.least_score is not None
    assert three.least_score >= 0.95
    assert len(compare_runs(runs, [one, three]).runs) == 2
