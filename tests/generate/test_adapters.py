"""What a folder of weights is known by."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtlbench.generate import adapters
from rtlbench.generate.adapters import folder_revision
from rtlbench.training.record import RUN
from training.tiny.run import MADE_FROM

WEIGHTS = "adapter_model.safetensors"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / WEIGHTS).write_bytes(bytes(range(200)))
    (tmp_path / "adapter_config.json").write_text("{}")
    return tmp_path


@pytest.mark.parametrize("name", [RUN, MADE_FROM, "README.md"])
def test_what_a_run_notes_is_no_part_of_its_weights(folder: Path, name: str) -> None:
    before = folder_revision(folder)
    (folder / name).write_text('{"seconds": 12.5}')
    assert folder_revision(folder) == before


@pytest.mark.parametrize("name", [WEIGHTS, "adapter_config.json", "tokenizer.json"])
def test_what_decides_answers_is_a_part(folder: Path, name: str) -> None:
    before = folder_revision(folder)
    (folder / name).write_text("else")
    assert folder_revision(folder) != before


@pytest.mark.parametrize("at", [0, 199])
def test_of_a_large_file_both_ends_count(
    folder: Path, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapters, "WHOLE", 100)
    monkeypatch.setattr(adapters, "END", 10)
    before = folder_revision(folder)
    data = bytearray((folder / WEIGHTS).read_bytes())
    data[at] ^= 1
    (folder / WEIGHTS).write_bytes(data)
    assert folder_revision(folder) != before
