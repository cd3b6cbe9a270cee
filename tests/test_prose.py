"""The pages are read by a prose linter, and it finds what it is there for."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HERE = find_spec("proselint") is not None and find_spec("spellchecker") is not None
pytestmark = pytest.mark.skipif(not HERE, reason="needs proselint and pyspellchecker")


def read(*pages: Path) -> subprocess.CompletedProcess[str]:
    script = [sys.executable, str(ROOT / "scripts" / "prose.py")]
    return subprocess.run(
        [*script, *map(str, pages)], capture_output=True, text=True, check=False, timeout=300
    )


def test_all_pages_are_without_fault() -> None:
    done = read()
    assert done.returncode == 0, done.stdout
    assert int(done.stdout.split()[-4]) > 35, "README, docs/ and what lies beside them"


FAULTS = [
    ("Every tool runs in a workshop.", "workshop: write sandbox"),
    ("A Workshop of its own.", "Workshop: write sandbox"),
    ("The house style.", "house: write"),
    ("The netlsit has no latch.", "netlsit: no word of English"),
    ("It is simulated by verilator.", "verilator: write Verilator"),
    ("[some JSONl](page.md)", "JSONl: write JSONL"),
    ("It is judged by by the same tools.", "lexical_illusions"),
    ("It lies in close proximity.", "redundancy"),
]


def test_faults_are_told_with_their_lines(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    head = "# Title\n\n```\nsome cdoe in a workshop\n```\n\n"
    page.write_text(head + "\n".join(f"{line}\n" for line, _ in FAULTS))
    done = read(page)
    told = done.stdout.splitlines()
    assert done.returncode == 1, done.stdout
    assert len(told) == len(FAULTS) + 1, done.stdout
    for number, (line, (_, expected)) in enumerate(zip(told, FAULTS, strict=False)):
        assert line.startswith(f"{page}:{7 + 2 * number}: ")
        assert expected.lower() in line.lower()


def test_what_is_no_prose_or_is_right_passes(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "`workshop` is code, [as](house.md) is a target, and `a netlsit`.\n\n"
        'The words "a workshop for shfits" are quoted.\n\n'
        "The FIFOs of `q`, its netlist's registers, rtlbench's Verdicts; see docs/verdicts.md.\n\n"
        "| updown_w4_sync | fifo | 12.5 ms |\n\n"
        "As of 2026-11-30 01:17 UTC.\n"
    )
    done = read(page)
    assert done.returncode == 0, done.stdout
