"""The container: its context holds what the wheel is made of, and where Docker is it judges."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def has_docker() -> bool:
    """Whether a daemon answers."""
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0


def test_the_context_has_what_the_wheel_is_made_of() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    kept = {line.removeprefix("!") for line in lines if line.startswith("!")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    wanted = {*wheel["packages"], *wheel["force-include"], project["project"]["readme"]}
    wanted |= {*project["project"]["license-files"], "pyproject.toml"}
    assert not [name for name in wanted if Path(name).parts[0] not in kept]
    copied = re.findall(r"^COPY (?!--from)(\S+) ", (ROOT / "Dockerfile").read_text(), re.M)
    assert copied
    assert all((ROOT / source).exists() for source in copied)
    assert all(source == "." or Path(source).parts[0] in kept for source in copied)


@pytest.mark.slow
@pytest.mark.skipif(not has_docker(), reason="needs Docker")
def test_the_container_judges(tmp_path: Path) -> None:
    tag = "rtlbench:test"
    subprocess.run(["docker", "build", "--quiet", "--tag", tag, ROOT], check=True)
    golden = "module updown_counter; endmodule"
    line = {"spec_id": "updown_w4_sync", "sample": 0, "rtl": golden, "model": "m"}
    (tmp_path / "answers.jsonl").write_text(f"{json.dumps(line)}\n")
    tmp_path.chmod(0o777)
    ran = subprocess.run(
        ["docker", "run", "--rm", "--volume", f"{tmp_path}:/work", tag, "bench",
         "--candidates", "answers.jsonl", "--results", "r", "--partial"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert json.loads((tmp_path / "r" / "samples.jsonl").read_text())["outcome"] == "fail"
