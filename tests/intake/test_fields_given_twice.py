"""A line that gives one field twice is refused by every command that reads such lines: which of the
two was meant nobody knows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from rtlbench.records.spec import Spec
from rtlbench.suites.families import load_suite

Command = Callable[..., "CompletedProcess[str]"]


def _line(spec: Spec, more: str) -> str:
    """An answer, and `more` at its end."""
    line = json.dumps({"spec_id": spec.id, "sample": 0, "rtl": spec.golden})
    return f"{line[:-1]}, {more}}}\n"


def _record(spec: Spec, more: str) -> str:
    line = json.dumps({"instruction": spec.prompt, "output": spec.golden})
    return f"{line[:-1]}, {more}}}\n"


@pytest.fixture(scope="module")
def spec() -> Spec:
    return next(s for s in load_suite() if s.id == "updown_w4_sync")


@pytest.mark.parametrize(
    "more",
    ['"rtl": "module w; endmodule"', '"spec_id": "updown_w8_async_low_en"', '"sample": 1',
     '"metadata": {"a": 1, "a": 2}'],
)  # fmt: skip
def test_bench_refuses_the_line(spec: Spec, more: str, tmp_path: Path, rtlbench: Command) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(_line(spec, more))
    ran = rtlbench("bench", "--candidates", path, "-n", 1)
    assert ran.returncode == 1, ran.stderr
    assert f"{path.name}:1: not a candidate" in ran.stdout
    assert "is given twice" in ran.stdout
    assert "no answers judged" in ran.stdout


@pytest.mark.parametrize(
    "more",
    ['"output": "module w; endmodule"', '"instruction": "Write an inverter."',
     '"metadata": {"spec_id": "a", "spec_id": "b"}'],
)  # fmt: skip
def test_the_filter_rejects_the_record(
    spec: Spec, more: str, tmp_path: Path, rtlbench: Command
) -> None:
    path, out = tmp_path / "raw.jsonl", tmp_path / "kept.jsonl"
    path.write_text(_record(spec, more))
    ran = rtlbench("filter", path, "--out", out, "-n", 1)
    told = ran.stdout + ran.stderr + "".join(p.read_text() for p in tmp_path.glob("*broken*"))
    assert "is given twice" in told, told
    assert not out.exists() or not out.read_text()
