"""The filter on Ray: the output of a process pool, whatever becomes of a worker."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from rtlbench.dataset.filter.ray_engine import judge_bytes
from rtlbench.dataset.filter.shards import ShardConfig
from rtlbench.errors import UserError
from rtlbench.suites.category import CATEGORIES
from tests.conftest import SmallSuite

Command = Callable[..., subprocess.CompletedProcess[str]]
SHARDS = 6
PATIENCE = 300.0
"""Seconds until a test gives up on a process."""


def write_raw(path: Path, suite: SmallSuite) -> Path:
    """A shard of the suite's own category, and some of which no record answers a spec."""
    spec = suite.specs[0]
    rows = [{"instruction": spec.prompt, "output": spec.golden}]
    for k, category in enumerate([c for c in CATEGORIES if c != spec.category][: SHARDS - 1]):
        for number in range(4):
            output = f"module m{k}_{number}(input a, output y); assign y = {'~' * number}a;"
            ending = "\nendmodule\n" if number else ""
            about = {"category": category}
            row = {"instruction": "as told", "output": output + ending, "metadata": about}
            rows.append(row)  # type: ignore[arg-type]
    path.write_text("".join(f"{json.dumps(r)}\n" for r in rows))
    return path


def made(out: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in out.parent.iterdir()}


class Raw:
    """A raw set, and what a process pool writes of it."""

    def __init__(self, folder: Path) -> None:
        self._suite = SmallSuite(folder / "suite")
        self._raw = write_raw(folder / "raw.jsonl", self._suite)
        out = folder / "processes" / "gold.jsonl"
        subprocess.run(self.call(out), check=True, stdout=subprocess.DEVNULL)
        self.expected = made(out)

    def call(self, out: Path, *engine: str) -> list[str]:
        """The command that filters it."""
        start = [sys.executable, "-c", "from rtlbench.cli.main import main; main()", "filter"]
        given = [str(self._raw), "--out", str(out), self._suite.option, "--cache", "none"]
        return [*start, *given, *(engine or ("-n", "1"))]


ON_RAY = ("-n", "2", "--engine", "ray")


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Raw:
    """One raw set for all tests."""
    return Raw(tmp_path_factory.mktemp("raw"))


@pytest.mark.slow
def test_a_worker_that_is_killed_changes_nothing(tmp_path: Path, raw: Raw) -> None:
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'rtlbench[ray]'")
    out = tmp_path / "gold.jsonl"
    call = raw.call(out, *ON_RAY)
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as leader:
        os.kill(busy_worker(leader), signal.SIGKILL)
        told, _ = leader.communicate(timeout=PATIENCE)
    assert leader.returncode == 0, told.decode()
    assert made(out) == raw.expected


def busy_worker(leader: subprocess.Popen[bytes]) -> int:
    """A process below `leader` that judges a shard at this moment."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and leader.poll() is None:
        for pid, parent, name in processes():
            if name.startswith("ray::judge_bytes") and is_below(parent, leader.pid):
                return pid
        time.sleep(0.02)
    leader.kill()
    told = leader.communicate()[0].decode()
    raise AssertionError(f"no worker of Ray was seen at work; the run said: {told}")


def processes() -> list[tuple[int, int, str]]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                name = (entry / "cmdline").read_bytes().decode("utf-8", "replace")
            except OSError:
                continue
            found.append((int(entry.name), parent, name))
    return found


def is_below(pid: int, leader: int) -> bool:
    parents = {p: parent for p, parent, _ in processes()}
    while pid > 1 and pid != leader:
        pid = parents.get(pid, 0)
    return pid == leader


@pytest.mark.slow
def test_a_run_that_was_cut_off_goes_on_under_the_other_engine(
    tmp_path: Path, raw: Raw
) -> None:
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'rtlbench[ray]'")
    out = tmp_path / "gold.jsonl"
    call = raw.call(out, *ON_RAY)
    work = out.with_name(f"{out.name}.work")
    with subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT) as leader:
        end = time.monotonic() + PATIENCE
        while not list(work.glob("*.judged")) and time.monotonic() < end:
            time.sleep(0.02)
        leader.kill()
    subprocess.run(raw.call(out), check=True, stdout=subprocess.DEVNULL)
    assert made(out) == raw.expected


def test_without_ray_one_message_says_what_to_install(
    tmp_path: Path, small_suite: SmallSuite, rtlbench: Command
) -> None:
    raw = write_raw(tmp_path / "raw.jsonl", small_suite)
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "ray.py").write_text("raise ImportError\n")
    path = os.pathsep.join([str(tmp_path / "hidden"), os.environ.get("PYTHONPATH", "")])
    call = ("filter", raw, "--out", tmp_path / "gold.jsonl", small_suite.option, "--cache", "none")
    ran = rtlbench(*call, "--engine", "ray", PYTHONPATH=path)
    assert ran.returncode == 2
    assert ran.stderr == "rtlbench: --engine ray needs Ray: pip install 'rtlbench[ray]'\n"
    assert not (tmp_path / "gold.jsonl").exists()


def test_an_address_alone_is_a_mistake(tmp_path: Path, rtlbench: Command) -> None:
    ran = rtlbench("filter", "raw.jsonl", "--ray-address", "auto")
    assert ran.returncode == 2
    assert "give --engine ray" in ran.stderr


def test_a_worker_with_other_tools_refuses() -> None:
    config = msgspec.json.encode(ShardConfig(judge="x"))
    with pytest.raises(UserError, match=r"has another .*yosys"):
        judge_bytes("fsm-00-00000", b"", config, "default", {"yosys": "9.99"})
