"""What pytest's terminal shows of many wrong answers, and which marks cases have."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rtlbench.suites.families import load_suite
from tests.conftest import right

SPECS = [s for s in load_suite() if s.category == "updown_counter"][:25]
SILENT = "module {}(); endmodule"


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """A right answer, one without code and one without ports to each of 25 tasks."""
    lines = []
    for spec in SPECS:
        lines += [
            right(spec, 0),
            {"spec_id": spec.id, "sample": 1, "completion": "no code here", "model": "m"},
        ]
    lines.append({"spec_id": SPECS[0].id, "sample": 2, "rtl": SILENT.format(SPECS[0].top)})
    path = tmp_path / "answers.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


def shown(folder: Path, benchmark_file: Path, *arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "pytest", str(benchmark_file), "-p", "no:cacheprovider",
         "--candidates", "answers.jsonl", "--results", "r", *arguments],
        capture_output=True, text=True, cwd=folder, check=False,
    ).stdout  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_many_failures_are_grouped_and_every_line_says_why(
    answers: Path, benchmark_file: Path, workers: tuple[str, ...]
) -> None:
    text = shown(answers.parent, benchmark_file, *workers)
    assert text.count("(m): fail, score 0.000\n") == 3  # in full
    _, rest = text.split("by the first rule that they broke")
    names, summary = rest.split("short test summary info")
    assert "syntax.no-module: 25 answers; beside those shown" in names
    assert names.count("m sample 1") == 22
    lines = [line for line in summary.splitlines() if line.startswith(("SUBFAILED", "FAILED"))]
    assert len(lines) == 26 + 25
    assert all(" - " in line for line in lines)
    assert sum(line.endswith("[syntax.no-module]") for line in lines) == 25
    assert "simulation" not in names
    quiet = shown(answers.parent, benchmark_file, *workers, "--tb=no")
    assert "beside those shown" not in quiet  # where none is shown


@pytest.mark.slow
def test_few_failures_are_all_shown(answers: Path, benchmark_file: Path) -> None:
    text = shown(answers.parent, benchmark_file, "-k", "updown_w")
    assert text.count("(m): fail, score 0.000\n") == 5
    assert "by the first rule" not in text


def test_cases_are_marked_by_category_and_difficulty(answers: Path, benchmark_file: Path) -> None:
    chosen = [s for s in SPECS if s.difficulty == "hard"]
    assert 0 < len(chosen) < len(SPECS)
    text = shown(
        answers.parent, benchmark_file, "--collect-only", "-q", "-m", "updown_counter and hard"
    )
    assert text.count("test_benchmark[") == len(chosen)
    none = shown(answers.parent, benchmark_file, "--collect-only", "-q", "-m", "fsm")
    assert "test_benchmark[" not in none
