"""Drawing records at random: how many, which, and the same again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rtlbench.suites.families import load_suite

DRAW = Path(__file__).parents[3] / "training/experiments/draw.py"
Ran = subprocess.CompletedProcess[str]


@pytest.fixture
def pool(tmp_path: Path) -> Path:
    path = tmp_path / "pool.jsonl"
    records = ({"instruction": f"task {k}", "output": f"module m{k}; endmodule"} for k in range(9))
    path.write_text("".join(json.dumps(r) + "\n" for r in records))
    return path


def draw(pool: Path, out: Path, *args: str) -> Ran:
    argv = [sys.executable, str(DRAW), str(pool), "--out", str(out), *args]
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120)


def tasks(path: Path) -> list[str]:
    return [json.loads(line)["instruction"] for line in path.read_text().splitlines()]


def test_a_smaller_draw_is_part_of_a_larger_one(pool: Path, tmp_path: Path) -> None:
    small, large, again = (tmp_path / f"{n}.jsonl" for n in ("small", "large", "again"))
    draw(pool, small, "--count", "3")
    draw(pool, large, "--count", "6")
    draw(pool, again, "--like", str(small))
    assert len(tasks(small)) == 3
    assert set(tasks(small)) < set(tasks(large)) < set(tasks(pool))
    assert tasks(again) == tasks(small)


def test_more_than_there_are_is_refused(pool: Path, tmp_path: Path) -> None:
    done = draw(pool, tmp_path / "out.jsonl", "--count", "10")
    assert done.returncode == 2
    assert "9 records there, and 10 are wanted" in done.stderr
    assert not (tmp_path / "out.jsonl").exists()


def test_a_part_of_the_suite_holds_the_families_named_and_no_other(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "training.experiments.part_of_suite", "--out", str(tmp_path)]
    done = subprocess.run([*argv, "--families", "updown,serial_shift"], check=False, timeout=120)
    assert done.returncode == 0
    folders = sorted(f.parent for f in tmp_path.rglob("spec.toml"))
    assert [f.name for f in folders] == ["serial_shift", "updown"]
    assert {s.family for s in load_suite(tmp_path)} == {"serial_shift", "updown"}
    wrong = [*argv, "--families", "updown", "--categories", "fsm"]
    refused = subprocess.run(wrong, capture_output=True, text=True, check=False, timeout=120)
    assert refused.returncode == 2
    assert "no family 'updown' there" in refused.stderr
