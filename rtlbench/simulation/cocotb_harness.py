"""A suite's own cocotb harness around an answer, behind the walls of the sandbox, no container.

What counts is what the harness's Python reports when the simulator has ended: at least one test of
cocotb's, and none that failed. Text that is printed counts for nothing; an answer that could write
files or end the run does not come here (safety).
"""

from __future__ import annotations

import re
import sys
from pathlib import Path, PurePosixPath
from typing import Literal

import msgspec

from rtlbench.records.spec import Testbench
from rtlbench.sandbox.process import Limits, read_made, run
from rtlbench.sandbox.sandbox import private_folder
from rtlbench.simulation.in_harness import driver
from rtlbench.simulation.in_harness.driver import RUNNER, VERDICT

LIMITS = Limits(wall=300.0, cpu=60, memory=4 << 30, output=4 << 20)
ENVIRONMENT = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "COCOTB_ANSI_OUTPUT": "0",
    "COCOTB_RANDOM_SEED": "1",
    "RANDOM_SEED": "1",
}
"""Harnesses that draw their stimulus draw the same for every answer, and every time."""
COMPOSE = "docker-compose.yml"
_COMMAND = re.compile(r"^\s*command\s*:\s*(.+)$", re.M)
_SCRIPT = re.compile(r"/src/([\w./-]+\.py)")

HarnessEnd = Literal["pass", "fail", "timeout", "broken"]


class HarnessCase(msgspec.Struct, frozen=True):
    """One test, and what is wrong; nothing where it passed."""

    by: str
    name: str
    wrong: str = ""


class HarnessRun(msgspec.Struct, frozen=True):
    """How a harness ended."""

    ended: HarnessEnd
    told: str = ""
    tests: int = 0
    """Tests of cocotb's that ran."""
    cpu: float = 0.0
    """Seconds of CPU time."""


def run_harness(harness: Testbench, answer: str) -> HarnessRun:
    """Run a harness with `answer` in its place."""
    with private_folder() as folder:
        _write(folder, {**harness.files, **_answer_files(harness, answer)})
        argv = (sys.executable, driver.__file__, *scripts_of(harness))
        ran = run(argv, folder=folder, limits=LIMITS, env=ENVIRONMENT)
        made = read_made(folder / VERDICT)
    if ran.reason == "timeout" and not ran.stalled:
        return HarnessRun("timeout", f"no end within {LIMITS.cpu} s")
    if made is None:
        return HarnessRun("broken", (ran.stderr or ran.stdout)[-1000:])
    found = _ended(msgspec.json.decode(made, type=list[HarnessCase]))
    return msgspec.structs.replace(found, cpu=ran.cpu)


def scripts_of(harness: Testbench) -> list[str]:
    """The scripts that the harness's container would run."""
    commands = _COMMAND.findall(harness.files.get(COMPOSE, ""))
    named = [m for command in commands for m in _SCRIPT.findall(command)]
    return list(dict.fromkeys(named)) or [RUNNER]


def _ended(cases: list[HarnessCase]) -> HarnessRun:
    ours = [c for c in cases if c.by == "cocotb"]
    wrong = [c for c in ours if c.wrong] or [c for c in cases if c.wrong]
    if wrong:
        return HarnessRun("fail", f"{wrong[0].name}: {wrong[0].wrong}", len(ours))
    if not ours:
        return HarnessRun("fail", "no test of cocotb's was run", 0)
    return HarnessRun("pass", f"{len(ours)} tests of cocotb's passed", len(ours))


def _answer_files(harness: Testbench, answer: str) -> dict[str, str]:
    """The answer in the first file that is asked for; the others are there, and empty."""
    return {name: answer if k == 0 else "" for k, name in enumerate(harness.targets)}


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        inside = PurePosixPath(name)
        if inside.is_absolute() or ".." in inside.parts:
            continue  # nothing is ever written outside the run's folder
        (folder / inside).parent.mkdir(parents=True, exist_ok=True)
        (folder / inside).write_text(text, "utf-8")
