"""verifiers draws our tasks without end, validates them, and its rewards are the service's word."""

from __future__ import annotations

import json
import os
import subprocess
import sysconfig
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from rtlbench.runs.suite import find_spec
from tests.serve.service import Running
from tests.support import sync_counter

PACKAGE = Path(__file__).parents[2] / "integrations" / "verifiers"
VALIDATE = Path(os.environ.get("RTLBENCH_VF", sysconfig.get_path("scripts"))) / "vf-validate"
needs_verifiers = pytest.mark.skipif(
    not VALIDATE.is_file(),
    reason="verifiers is not installed here; RTLBENCH_VF names the folder of its commands",
)


def ran(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """vf-validate in a folder."""
    environment = {**os.environ, "PYTHONPATH": f"{PACKAGE}:{PACKAGE.parents[1]}"}
    return subprocess.run(
        [str(VALIDATE), "rtlbench-verifiers", "--no-rich", "--runtime.type", "subprocess",
         "--output-dir", "out", "--run.name", "r", *options],
        capture_output=True, text=True, cwd=folder, env=environment, check=False, timeout=900,
    )  # fmt: skip


@pytest.mark.slow
@needs_verifiers
def test_goldens_are_right_stubs_and_silence_are_not(tmp_path: Path) -> None:
    endless = ran(tmp_path)
    assert endless.returncode != 0
    assert "infinite" in endless.stdout + endless.stderr
    with Running("-n", "1") as service:
        done = ran(tmp_path, "-n", "3", "--clean", "--taskset.url", service.url,
                   "--taskset.categories", '["updown_counter"]')  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (results,) = tmp_path.glob("out/**/results.jsonl")
    rows: list[dict[str, Any]] = [json.loads(line) for line in results.read_text().splitlines()]
    assert Counter(r["reason"] for r in rows) == {"valid": 3}, rows
    assert {r["noop"]["reward"] for r in rows} == {0.0}
    assert all(find_spec((), r["name"]).category == "updown_counter" for r in rows)


@pytest.mark.slow
def test_a_service_judges_a_stream_it_has_never_been_told_of() -> None:
    from rtlbench import Client, UserError

    spec = find_spec((), "updown_train3_5")
    with Running("-n", "1") as service, Client(service.url) as client:
        wrong = spec.golden.replace("+ 1'b1", "+ 2'd2")
        by_id = client.judge(spec.id, [spec.golden, wrong])
        assert [v.outcome.value for v in by_id] == ["pass", "fail"]
        assert [v.outcome for v in client.judge(spec, [spec.golden])] == [by_id[0].outcome]
        for name in ("nothing_train3_5", "updown_train3_", "updown_held3_5"):
            with pytest.raises(UserError, match="no spec"):
                client.judge(name, sync_counter().golden)
