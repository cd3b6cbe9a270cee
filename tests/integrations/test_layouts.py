"""Harbor's and NeMo Gym's files: their layout, and that their verifiers ask a real service."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import subprocess
import sys
import tomllib
import types
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml

from rtlbench.runs.suite import find_spec
from tests.serve.service import Running
from tests.support import sync_counter

ROOT = Path(__file__).parents[2] / "integrations"
SERVER = ROOT / "nemo_gym" / "resources_servers" / "rtlbench"


def script(path: Path, *args: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(path), *map(str, args)], capture_output=True, text=True, check=False,
        env={**os.environ, **environment}, timeout=600,
    )  # fmt: skip


@pytest.fixture
def harbor_task(tmp_path: Path) -> Path:
    """The folder of the 4-bit counter's task."""
    ran = script(ROOT / "harbor" / "make_tasks.py", "--suite", "rtlbench", "--out", tmp_path / "t")
    assert ran.returncode == 0, ran.stderr
    again = script(ROOT / "harbor" / "make_tasks.py", "--out", tmp_path / "t")
    assert again.returncode == 2
    assert "is not empty" in again.stderr
    return tmp_path / "t" / sync_counter().id


@pytest.mark.slow
def test_a_harbor_task_is_solved_by_its_solution_and_by_nothing_else(
    harbor_task: Path, tmp_path: Path
) -> None:
    told = tomllib.loads((harbor_task / "task.toml").read_text())
    assert told["metadata"]["category"] == "updown_counter"
    assert {"verifier", "agent", "environment"} <= told.keys()
    assert "/app/answer.sv" in (harbor_task / "instruction.md").read_text()
    assert (harbor_task / "environment" / "Dockerfile").is_file()
    answer, logs = tmp_path / "answer.sv", tmp_path / "logs"
    with Running("-n", "1") as service:
        environment = {
            "RTLBENCH_JUDGE_URL": service.url, "RTLBENCH_LOGS": str(logs),
            "RTLBENCH_ANSWER": str(answer), "RTLBENCH_TASK": str(harbor_task / "tests/task.json"),
        }  # fmt: skip

        def reward() -> dict[str, float]:
            ran = script(harbor_task / "tests" / "verify.py", **environment)
            assert ran.returncode == 0, ran.stderr
            found: dict[str, float] = json.loads((logs / "reward.json").read_text())
            return found

        assert reward()["reward"] == 0.0
        solve = (harbor_task / "solution" / "solve.sh").read_text()
        subprocess.run(["sh", "-c", solve.replace("/app/answer.sv", str(answer))], check=True)
        assert reward() == {"reward": 1.0, "score": 1.0}
        answer.write_text(answer.read_text().replace("+ 1'b1", "+ 2'd2"))
        assert reward()["reward"] == 0.0
    (logs / "reward.json").unlink()
    ran = script(harbor_task / "tests" / "verify.py", **environment)
    assert ran.returncode == 1
    assert not (logs / "reward.json").exists()


def test_nemo_gyms_rows_and_configuration(tmp_path: Path) -> None:
    rows = [json.loads(line) for line in (SERVER / "data/example.jsonl").read_text().splitlines()]
    assert len(rows) == 5
    ran = script(ROOT / "nemo_gym" / "make_data.py", "--out", tmp_path / "rows.jsonl")
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "rows.jsonl").read_text() == (SERVER / "data/example.jsonl").read_text()
    for row in rows:
        spec = find_spec((), row["verifier_metadata"]["spec_id"])
        assert row["responses_create_params"]["input"][0]["content"] == spec.prompt
    told = yaml.safe_load((SERVER / "configs/rtlbench.yaml").read_text())
    server = told["rtlbench"]["resources_servers"]["rtlbench"]
    assert (SERVER / server["entrypoint"]).is_file()
    agent = told["rtlbench_simple_agent"]["responses_api_agents"]["simple_agent"]
    assert agent["resources_server"]["name"] == "rtlbench"


@pytest.mark.slow
def test_nemo_gyms_verify_asks_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    app = with_stand_ins(monkeypatch)
    spec = sync_counter()

    def verified(text: str, task: str = spec.id) -> Any:
        body = app.RtlVerifyRequest(
            responses_create_params={}, response={"output_text": text},
            verifier_metadata={"spec_id": task},
        )  # fmt: skip
        server = app.RtlResourcesServer(config=app.RtlConfig(judge_url=service.url))
        return asyncio.run(server.verify(body))

    with Running("-n", "1") as service:
        right, wrong = verified(spec.golden), verified(spec.golden.replace("+ 1'b1", "+ 2'd2"))
    assert (right.reward, right.functional, right.mask_sample) == (1.0, True, False)
    assert (wrong.reward, wrong.functional) == (0.0, False)
    assert "expected" in wrong.explanation


def with_stand_ins(monkeypatch: pytest.MonkeyPatch) -> Any:
    """app.py over models with the fields of NeMo Gym's own, which needs Python 3.13."""
    pydantic = pytest.importorskip("pydantic")

    class Response(pydantic.BaseModel):  # type: ignore[misc, name-defined]
        output_text: str | None = None

    class Request(pydantic.BaseModel):  # type: ignore[misc, name-defined]
        responses_create_params: dict[str, Any]
        response: Response

    class Answer(Request):
        reward: float
        mask_sample: bool = False
        failure_reason: str | None = None

    class Settings(pydantic.BaseModel):  # type: ignore[misc, name-defined]
        pass

    class Server(pydantic.BaseModel):  # type: ignore[misc, name-defined]
        checkpoint_mode: ClassVar[str] = ""
        checkpoint_verify: ClassVar[str] = ""

    base = types.ModuleType("nemo_gym.base_resources_server")
    base.__dict__.update(
        BaseResourcesServerConfig=Settings, BaseVerifyRequest=Request, BaseVerifyResponse=Answer,
        SimpleResourcesServer=Server,
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, "nemo_gym", types.ModuleType("nemo_gym"))
    monkeypatch.setitem(sys.modules, base.__name__, base)
    spec = importlib.util.spec_from_file_location("nemo_app", SERVER / "app.py")
    assert spec is not None
    assert spec.loader is not None
    app = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "nemo_app", app)
    spec.loader.exec_module(app)
    return app
