"""OpenEnv serves our environment: a task for a seed, and the service's word as its reward."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rtlbench.runs.suite import find_spec
from tests.serve.service import Running

FOLDER = Path(__file__).parents[2] / "integrations" / "openenv"
COMMANDS = Path(os.environ.get("RTLBENCH_VF", sysconfig.get_path("scripts")))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (COMMANDS / "openenv").is_file(),
        reason="openenv is not installed here; RTLBENCH_VF names the folder of its commands",
    ),
]
CLIENT = """
import json, sys
from rtlbench_openenv import RtlAction, RtlEnv
from rtlbench.runs.suite import find_spec
told = []
with RtlEnv(base_url=sys.argv[1]).sync() as env:
    for wrong in (False, True):
        task = env.reset(seed=3).observation
        golden = find_spec((), task.task).golden
        done = env.step(RtlAction(answer="no RTL" if wrong else golden))
        told.append([task.task, task.prompt, done.reward, done.done, done.observation.figures,
                     done.observation.explanation])
print(json.dumps(told))
"""


def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        found: int = free.getsockname()[1]
    return found


@pytest.fixture
def served() -> Iterator[str]:
    """The environment, by the server that openenv.yaml names, beside a judging service."""
    url = f"http://127.0.0.1:{port()}"
    python = COMMANDS / "python"
    with Running("-n", "1") as service:
        environment = {**os.environ, "RTLBENCH_JUDGE_URL": service.url,
                       "PYTHONPATH": str(FOLDER.parents[1])}  # fmt: skip
        argv = [python, "-m", "uvicorn", "server.app:app", "--port", url.rpartition(":")[2]]
        server = subprocess.Popen(list(map(str, argv)), cwd=FOLDER, env=environment)
        try:
            for _ in range(1200):
                try:
                    with urllib.request.urlopen(f"{url}/health", timeout=5):
                        break
                except OSError:
                    time.sleep(0.2)
            yield url
        finally:
            server.terminate()
            server.wait(60)


def test_an_episode_is_a_task_and_the_services_word(served: str, tmp_path: Path) -> None:
    (tmp_path / "rtlbench_openenv").symlink_to(FOLDER)
    script = tmp_path / "client.py"
    script.write_text(CLIENT)
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{FOLDER.parents[1]}"}
    ran = subprocess.run(
        [str(COMMANDS / "python"), str(script), served], capture_output=True, text=True,
        env=environment, check=False, timeout=600,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    right, wrong = json.loads(ran.stdout.splitlines()[-1])
    assert right[0] == wrong[0]
    assert right[1] == find_spec((), right[0]).prompt
    assert (right[2], right[3], right[4]["functional"]) == (1.0, True, 1.0)
    assert (wrong[2], wrong[3], wrong[4]["functional"]) == (0.0, True, 0.0)
    assert wrong[5]


def test_openenv_takes_the_layout(tmp_path: Path) -> None:
    """All but the lock file, which `uv lock` writes for the registry at hand."""
    copy = tmp_path / "env"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "uv.lock").touch()
    argv = [str(COMMANDS / "openenv"), "validate", str(copy), "--json"]
    ran = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=600)
    told: dict[str, Any] = json.loads(ran.stdout)
    sys.stdout.write(ran.stdout)
    assert ran.returncode == 0, told
