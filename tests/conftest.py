"""Fixtures that several test files share: a small suite of its own, and answers to it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from rtlbench.io.shipped import shipped
from rtlbench.records.spec import Spec
from rtlbench.runs.run import benchmarks_folder
from rtlbench.suites.families import load_family

pytest_plugins = ["pytester"]
QUIET = {"RTLBENCH_PROGRESS": "off"}
"""A busy machine makes any command long enough for a line of progress."""
Command = Callable[..., "subprocess.CompletedProcess[str]"]
# A busy machine makes generating slow, which says nothing of what is tested.
settings.register_profile(
    "shared", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("shared")
# A shell lets what it starts in the background ignore Ctrl-C, and so would all that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


class SmallSuite:
    """A copy of the family updown: a whole suite of five specs that a test may spoil."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.family = root / "updown_counter" / "updown"
        origin = shipped("hdl_specs") / "updown_counter" / "updown"
        shutil.copytree(origin, self.family, ignore=shutil.ignore_patterns("__pycache__"))

    @property
    def option(self) -> str:
        """The command-line option that names it."""
        return f"--suite=rtlbench={self.root}"

    @property
    def specs(self) -> list[Spec]:
        """Its specs, as they are now."""
        return load_family(self.family)

    def spoil_golden(self) -> None:
        """Make the golden contradict its reference model: it counts by two."""
        path = self.family / "golden.sv.j2"
        path.write_text(path.read_text().replace("+ 1'b1", "+ 2'd2"))


@pytest.fixture
def small_suite(tmp_path: Path) -> SmallSuite:
    """A suite of five specs in a folder of its own."""
    return SmallSuite(tmp_path / "suite")


@pytest.fixture
def write_answers(tmp_path: Path) -> Callable[..., Path]:
    """Writes lines, records or raw bytes, to a candidates file."""

    def write(*lines: dict[str, Any] | bytes, name: str = "answers.jsonl") -> Path:
        path = tmp_path / name
        raw = [ln if isinstance(ln, bytes) else json.dumps(ln).encode() for ln in lines]
        path.write_bytes(b"\n".join(raw) + b"\n")
        return path

    return write


def right(spec: Spec, sample: int = 0) -> dict[str, Any]:
    """A right answer, each sample in words of its own."""
    own = f"begin : own_{sample}" if sample else "begin"
    text = re.sub(r"\bbegin\b(?! *:)", own, spec.golden, count=1)
    return {"spec_id": spec.id, "sample": sample, "rtl": text, "model": "m"}


def wrong(spec: Spec, sample: int = 1) -> dict[str, Any]:
    """An answer that counts up by two."""
    text = spec.golden.replace("+ 1'b1", "+ 2'd2")
    return {"spec_id": spec.id, "sample": sample, "completion": text, "model": "m"}


@pytest.fixture
def answer_kinds() -> dict[str, Callable[..., dict[str, Any]]]:
    """`right` and `wrong`: each makes the line of an answer to a Spec."""
    return {"right": right, "wrong": wrong}


@pytest.fixture
def benchmark_file() -> Path:
    """The pytest cases themselves."""
    return benchmarks_folder() / "test_benchmark.py"


@pytest.fixture
def rtlbench(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the installed `rtlbench` script in a process of its own, in an empty folder."""
    script = Path(sysconfig.get_path("scripts")) / "rtlbench"
    assert script.is_file(), "install the package first: make setup"
    folder = tmp_path / "cwd"
    folder.mkdir(exist_ok=True)

    def run(*args: object, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(script), *map(str, args)],
            capture_output=True,
            text=True,
            cwd=folder,
            env={**os.environ, **QUIET, **environment},
            timeout=300,
            check=False,
        )

    return run


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Command:
    """As the fixture `rtlbench`, in this process: without the second or two that one of its own
    takes to start, or the ten that torch takes."""
    folder = tmp_path / "cwd"
    folder.mkdir(exist_ok=True)

    def run(*args: object, **environment: str) -> subprocess.CompletedProcess[str]:
        from rtlbench.cli.main import main

        argv = ["rtlbench", *map(str, args)]
        capfd.readouterr()
        with monkeypatch.context() as here:
            here.chdir(folder)
            here.setattr(sys, "argv", argv)
            for name, value in {**QUIET, **environment}.items():
                here.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main()
        told = capfd.readouterr()
        return subprocess.CompletedProcess(argv, int(ended.value.code or 0), told.out, told.err)

    return run


@pytest.fixture
def path_without(tmp_path: Path) -> Callable[..., str]:
    """Makes a PATH on which all programs are but those named."""

    def make(*missing: str) -> str:
        folder = tmp_path / "bin"
        folder.mkdir()
        for place in os.environ["PATH"].split(os.pathsep):
            for program in Path(place).glob("*") if place else ():
                link = folder / program.name
                if program.name not in missing and not link.is_symlink():
                    link.symlink_to(program)
        return str(folder)

    return make
