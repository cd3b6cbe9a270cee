"""`rtlbench corpus` from the outside."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from rtlbench.cli.main import cli


def test_it_writes_examples_with_their_truth(tmp_path: Path) -> None:
    out = tmp_path / "corpus.jsonl"
    options = ["--size", "8", "--per-member", "8", "--defects", "0.5", "-n", "1"]
    call = ["corpus", "--out", str(out), "--categories", "updown_counter", *options]
    assert CliRunner().invoke(cli, call, catch_exceptions=False).exit_code == 0
    records = [json.loads(line) for line in out.read_text().splitlines()]
    assert len(records) == 8
    assert {r["metadata"]["category"] for r in records} == {"updown_counter"}
    truth = [r["metadata"]["defect"] for r in records]
    assert truth.count(None) == 4
    assert all(r["metadata"]["member"]["family"] for r in records)
