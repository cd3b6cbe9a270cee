"""A run of the benchmark, tools that misbehave in it, and what must hold whatever they do."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

TRUTH = {0: "pass", 1: "fail"}
"""Outcome by sample: answer 0 is right, answer 1 wrong."""
QUICK = """
import rtlbench.simulation.lanes as lanes
import rtlbench.rtl.yosys as yosys, rtlbench.rtl.yosys_calls as yosys_calls
lanes.WALL_PER_CPU = yosys_calls.WALL_PER_CPU = 1
yosys.BASE_CPU_SECONDS = 2
"""
"""A plugin for a run in which a tool hangs: what stands still ends after seconds."""


class FaultyRun:
    """`rtlbench bench` over a right and a wrong answer to each of some specs."""

    def __init__(self, folder: Path, suite: Any, answers: Path) -> None:
        self.folder = folder
        self.results = folder / "results"
        self.bin = folder / "bin"
        self.bin.mkdir()
        (folder / "quick.py").write_text(QUICK)
        self.argv = [
            sys.executable, str(Path(sysconfig.get_path("scripts")) / "rtlbench"), "bench",
            suite.option, "--candidates", str(answers), "--results", str(self.results),
        ]  # fmt: skip

    def environment(self, **more: str) -> dict[str, str]:
        """The folder of faulty tools first; no walls, since faults count calls in a file; nothing
        kept that a tool made while it was well."""
        path = f"{self.bin}{os.pathsep}{os.environ['PATH']}"
        ours = {"PATH": path, "PYTHONPATH": str(self.folder), "RTLBENCH_ISOLATION": "none",
                "XDG_CACHE_HOME": str(self.folder / "cache")}
        return {**os.environ, **ours, **more}

    def spoil(self, tool: str, fault: str, first: int = 1, last: int = 1_000_000) -> None:
        """From its `first` to its `last` call `tool` runs `fault`, some lines of shell."""
        real = shutil.which(tool)
        assert real is not None
        count = self.folder / f"{tool}.count"
        count.write_text("0")
        script = f"""#!/bin/sh
case "$*" in -V|--version) exec {shlex.quote(real)} "$@";; esac
n=$(($(cat {count}) + 1)); echo $n > {count}
if [ $n -ge {first} ] && [ $n -le {last} ]; then
{fault}
fi
exec {shlex.quote(real)} "$@"
"""
        (self.bin / tool).write_text(script)
        (self.bin / tool).chmod(0o755)

    def spoil_yosys(self, fault: str) -> None:
        """A package `pyosys` in front of the real one whose passes run `fault`, some Python."""
        package = self.folder / "pyosys"
        package.mkdir()
        (package / "__init__.py").write_text("")
        (package / "libyosys.py").write_text(
            "import os, signal, sys, time\nclass Design:\n    modules_ = {}\n"
            f"    def run_pass(self, command):\n        {fault}\n"
        )

    def mend(self) -> None:
        """All tools work again."""
        shutil.rmtree(self.folder / "pyosys", ignore_errors=True)
        for program in self.bin.iterdir():
            program.unlink()

    def calls(self, tool: str) -> int:
        """How often a spoilt tool was called."""
        return int((self.folder / f"{tool}.count").read_text())

    def run(self, *args: object, **env: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end, in one process unless `args` say otherwise."""
        return subprocess.run(
            [*self.argv, "-n", "1", *map(str, args)], capture_output=True, text=True, timeout=300,
            check=False, env=self.environment(**env), cwd=self.folder,
        )  # fmt: skip

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What is in samples.jsonl."""
        path = self.results / "samples.jsonl"
        return [json.loads(ln) for ln in path.read_text().splitlines()] if path.is_file() else []

    @property
    def summary(self) -> dict[str, Any]:
        """What is in run.json."""
        return json.loads((self.results / "run.json").read_text())  # type: ignore[no-any-return]

    def check_nobody_is_blamed(self) -> None:
        """Every line tells the truth or `error`; nothing that tells is there twice."""
        assert all(v["outcome"] in (TRUTH[v["sample"]], "error") for v in self.lines)
        told = Counter(v["key"] for v in self.lines if v["outcome"] != "error")
        assert set(told.values()) <= {1}

    def check_complete(self, answers: int) -> None:
        """The same command, all being well again, makes what is missing and keeps what is there."""
        before = self.lines
        ran = self.run()
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert self.lines[: len(before)] == before
        self.check_nobody_is_blamed()
        newest = {v["key"]: v for v in self.lines}.values()
        assert len(newest) == answers
        assert all(v["outcome"] == TRUTH[v["sample"]] for v in newest)
        assert self.summary["status"] == "finished"
        assert self.summary["total"]["outcomes"] == {
            "pass": answers // 2, "fail": answers // 2, "timeout": 0, "error": 0,
        }  # fmt: skip


@pytest.fixture
def faulty(
    tmp_path: Path,
    small_suite: Any,
    write_answers: Callable[..., Path],
    answer_kinds: Mapping[str, Callable[..., dict[str, Any]]],
) -> Callable[[int], FaultyRun]:
    """Makes a run over two answers to each of so many specs."""

    def make(specs: int = 1) -> FaultyRun:
        chosen = small_suite.specs[:specs]
        lines = [answer_kinds[kind](s) for s in chosen for kind in ("right", "wrong")]
        folder = tmp_path / "faulty"
        folder.mkdir()
        return FaultyRun(folder, small_suite, write_answers(*lines))

    return make
