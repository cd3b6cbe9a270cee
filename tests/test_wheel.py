"""The wheel, built and installed into an empty environment: all that is promised works from it."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

import rtlbench
from rtlbench.suites.families import load_suite

ROOT = Path(__file__).parents[1]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_the_version_is_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    cited = (ROOT / "CITATION.cff").read_text()
    assert project["version"] == rtlbench.__version__
    assert f"version: {rtlbench.__version__}" in cited.replace('"', "")
    assert f"## {rtlbench.__version__}\n" in (ROOT / "CHANGELOG.md").read_text()


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs a program of an environment that has the wheel and what it needs, in an empty folder."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    made = subprocess.run(
        [*pip, "wheel", "--no-deps", "--wheel-dir", folder, ROOT],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip(f"no index to build from: {made.stderr[-300:]}")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    [wheel] = folder.glob("*.whl")
    subprocess.run([python, "-m", "pip", "--quiet", "install", wheel], check=True)
    empty = folder / "empty"
    empty.mkdir()

    def run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [folder / "venv" / "bin" / program, *map(str, arguments)],
            capture_output=True, text=True, cwd=empty, check=False, env={"PATH": "/usr/bin:/bin"},
        )  # fmt: skip

    return run


@pytest.mark.slow
def test_everything_promised_is_in_the_wheel(installed: Run) -> None:
    def asked(*arguments: object, status: int = 0) -> str:
        told = installed("rtlbench", *arguments)
        assert told.returncode == status, f"{arguments}: {told.stdout}{told.stderr}"
        return told.stdout

    assert rtlbench.__version__ in asked("--version")
    assert "277" in asked("specs", "list").splitlines()[-1] or "updown_w4_sync" in asked(
        "specs", "list"
    )
    asked("bench", "--results", "r", "--workers", 2, "-k", "updown_w4_sync")
    gated = installed("rtlbench", "gate", "r")  # finds training/gate.toml; one task is no whole run
    assert "the policy asks for" in gated.stderr
    asked("report", "r")
    asked("leaderboard", "r", "--out", "board.md")
    golden = next(s for s in load_suite() if s.id == "updown_w4_sync").golden
    code = f"import rtlbench; print(rtlbench.judge('updown_w4_sync', {golden!r}).outcome)"
    assert installed("python", "-c", code).stdout.strip() == "pass"
    assert installed("python", "-c", "import torch").returncode == 1
    where = "from rtlbench.io.shipped import shipped; print(shipped('training', 'sft.py'))"
    script = installed("python", "-c", where).stdout.strip()
    assert "site-packages" in script
    told = installed("python", script, "--help")
    assert told.returncode == 0, told.stderr
    assert "RECIPE" in told.stdout.upper()
