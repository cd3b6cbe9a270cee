"""Fixtures of the dataset's tests."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rtlbench.cli.main import main

Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Calls `rtlbench` in this process, in an empty folder: the fixture `rtlbench` without the
    second or two that a process of its own takes to start."""
    folder = tmp_path / "cwd"
    folder.mkdir()

    def call(*args: object) -> subprocess.CompletedProcess[str]:
        argv = ["rtlbench", *map(str, args)]
        capsys.readouterr()
        with monkeypatch.context() as here:
            here.chdir(folder)
            here.setattr(sys, "argv", argv)
            with pytest.raises(SystemExit) as ended:
                main()
        told = capsys.readouterr()
        return subprocess.CompletedProcess(argv, int(ended.value.code or 0), told.out, told.err)

    return call
