"""The examples do what they say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import yaml

from rtlbench.suites.families import load_suite

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


@pytest.mark.slow
@pytest.mark.parametrize(("least", "code"), [(0.9, 1), (0.001, 0)])
def test_the_users_workflow_judges_reports_and_gates(
    tmp_path: Path, least: float, code: int
) -> None:
    spec = next(s for s in load_suite() if s.id == "updown_w4_sync")
    (tmp_path / "answers").mkdir()
    line = {"spec_id": spec.id, "sample": 0, "rtl": spec.golden, "model": "m"}
    (tmp_path / "answers" / "answers.jsonl").write_text(f"{json.dumps(line)}\n")
    (tmp_path / "gate.toml").write_text(f"[require]\nfunctional = {least}\n")
    steps = yaml.safe_load((EXAMPLES / "benchmark.yml").read_text())["jobs"]["benchmark"]["steps"]
    given = {step["name"]: step["run"] for step in steps if "run" in step}
    scripts = Path(sysconfig.get_path("scripts"))
    path = f"{scripts}:{os.environ['PATH']}"
    ended = {
        name: subprocess.run(
            ["bash", "-e", "-c", given[name]], cwd=tmp_path, capture_output=True, text=True,
            env={**os.environ, "PATH": path}, check=False,
        )
        for name in ("Judge", "Report", "Gate")
    }  # fmt: skip
    codes = {name: ran.returncode for name, ran in ended.items()}
    assert codes == {"Judge": 0, "Report": 0, "Gate": code}, ended
    assert "answered 1 of 277 tasks; the others count as wrong" in ended["Gate"].stdout
    made = {p.name for p in (tmp_path / "results" / "pr").iterdir()}
    assert {"junit.xml", "report.html", "run.json"} <= made


def test_the_citation_names_the_version_that_comes_next() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    changes = (ROOT / "CHANGELOG.md").read_text()
    assert re.search(r"^## ([\d.]+)", changes, re.M)[1] == cited["version"]  # type: ignore[index]
