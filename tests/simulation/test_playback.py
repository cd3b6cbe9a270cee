"""What runs inside the simulator, with the light stand-ins and without it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rtlbench.simulation import simulators
from rtlbench.simulation.lanes import Job, LaneResult, simulate_answers
from rtlbench.simulation.simulators import LIGHT, cocotb_environment, get_simulator
from rtlbench.simulation.stimulus import build_plan
from tests.support import async_counter, golden_lane, lane

SPEC = async_counter()


def results() -> list[LaneResult]:
    golden = SPEC.golden
    texts = [golden, golden.replace("+ 1'b1", "+ 2'd2"), golden.replace("'d0", "'dx")]
    lanes = [lane(t, SPEC.top, f"lane{k}_") for k, t in enumerate(texts)]
    job = Job(SPEC, build_plan(SPEC), golden_lane(SPEC), get_simulator("icarus"))
    return simulate_answers(job, lanes)


def test_cocotbs_own_start_gives_the_same_results(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    light = results()
    assert [r.mismatch is None for r in light] == [True, False, False]
    monkeypatch.setattr(simulators, "LIGHT", tmp_path)
    assert str(LIGHT) not in cocotb_environment("top")["PYTHONPATH"]
    assert results() == light


@pytest.mark.parametrize("slow", ["pytest", "asyncio", "logging", "json", "re", "typing"])
def test_what_takes_long_is_not_imported_in_the_simulator(slow: str) -> None:
    assert cocotb_environment("top")["PYTHONPATH"].startswith(f"{LIGHT}:")
    code = (
        "import sys, sitecustomize, cocotb.simulator, pygpi.entry; "
        "import rtlbench.simulation.in_simulator.playback; "
        f"print({slow!r} in sys.modules, sitecustomize.__file__)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": cocotb_environment("top")["PYTHONPATH"]},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said.split() == ["False", str(LIGHT / "sitecustomize.py")]


def test_a_run_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    results()
    assert list(tmp_path.iterdir()) == []
