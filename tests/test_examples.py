"""The examples do what they say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"


def test_judging_from_python() -> None:
    ran = subprocess.run(
        [sys.executable, EXAMPLES / "judge.py"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert ran[0] == "pass, score 1.000, functional True"
    assert re.match(r"fail, score 0\.\d+, functional False", ran[1])
    assert any("ports." in line or "simulation.mismatch" in line for line in ran[2:])


@pytest.mark.parametrize(
    "path",
    [EXAMPLES / "benchmark.yml", *sorted((ROOT / ".github").rglob("*.yml"))],
    ids=lambda p: p.name,
)
def test_workflows_and_templates_can_be_read(path: Path) -> None:
    assert isinstance(yaml.safe_load(path.read_text()), dict)


def test_the_citation_names_the_version_that_comes_next() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    changes = (ROOT / "CHANGELOG.md").read_text()
    assert re.search(r"^## ([\d.]+)", changes, re.M)[1] == cited["version"]  # type: ignore[index]
