"""`--isolation`: what it refuses, what it records, and who may start it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rtlbench.sandbox.locate import PACKAGE

Run = Callable[..., Any]
SYSTEM_PYTHON = "/usr/bin/python3"


def recorded(folder: Path) -> set[str]:
    """What the results folder says was in force."""
    lines = (folder / "samples.jsonl").read_text().splitlines()
    run = json.loads((folder / "run.json").read_text())
    return {run["isolation"], *(json.loads(line)["isolation"] for line in lines)}


@pytest.fixture
def answers(small_suite: Any, write_answers: Callable[..., Path], answer_kinds: Any) -> Path:
    """A right and a wrong answer to one spec."""
    spec = small_suite.specs[0]
    return write_answers(answer_kinds["right"](spec), answer_kinds["wrong"](spec))


def test_results_name_what_was_in_force_and_verdicts_do_not_depend_on_it(
    rtlbench: Run, small_suite: Any, answers: Path, tmp_path: Path
) -> None:
    verdicts = []
    for how in ("none", "strict"):
        given = ["bench", small_suite.option, "--candidates", answers, "--isolation", how]
        ran = rtlbench(*given, "--results", tmp_path / how, "-n", "2")
        if how == "strict" and "strict isolation is not to be had" in ran.stderr:
            pytest.skip("no strict isolation on this machine")
        assert ran.returncode == 0, ran.stderr
        lines = (tmp_path / how / "samples.jsonl").read_text().splitlines()
        records = sorted((json.loads(line) for line in lines), key=lambda r: int(r["sample"]))
        verdicts.append([(r["key"], r["outcome"], r["score"]) for r in records])
    assert recorded(tmp_path / "none") == {"none: limits"}
    (strict,) = recorded(tmp_path / "strict")
    assert "no network, read-only system, private folder of 256 MB, own processes, limits" in strict
    assert verdicts[0] == verdicts[1]


def without_namespaces() -> list[str]:
    """A prefix that starts a command where no further user namespace can be made."""
    unshare, setting = shutil.which("unshare"), "/proc/sys/user/max_user_namespaces"
    if unshare is None or subprocess.run([unshare, "-Ur", "true"], check=False).returncode:
        pytest.skip("user namespaces are forbidden here already")
    return [unshare, "-Ur", "sh", "-c", f'echo 0 > {setting} && exec "$@"', "sh"]


def test_strict_is_refused_in_one_message_where_namespaces_are_forbidden(
    tmp_path: Path,
) -> None:
    code = "import sys; from rtlbench.cli.main import main; sys.argv[0] = 'rtlbench'; main()"
    doctor = [sys.executable, "-c", code, "doctor", "--json"]
    ran = subprocess.run([*without_namespaces(), *doctor, "--isolation", "strict"],
                         capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 2
    assert "strict isolation is not to be had here" in ran.stderr
    assert "package `bubblewrap`" in ran.stderr
    assert "Traceback" not in ran.stderr
    ran = subprocess.run([*without_namespaces(), *doctor],
                         capture_output=True, text=True, check=False, timeout=120)
    report = json.loads(ran.stdout)["isolation"]
    assert report["in_force"].partition(":")[0] in ("landlock", "none")
    assert any(line.startswith("bubblewrap: ") for line in report["notes"])
    assert any(line.startswith("namespaces: ") for line in report["notes"])


def test_an_unknown_word_is_the_users_mistake(rtlbench: Run) -> None:
    assert "'best'" in rtlbench("doctor", "--isolation", "best").stderr
    ran = rtlbench("doctor", RTLBENCH_ISOLATION="best")
    assert ran.returncode == 2
    assert "RTLBENCH_ISOLATION: no isolation 'best'" in ran.stderr


AS_NOBODY = """
import json, sys
sys.path[:0] = sys.argv[2:]
from rtlbench.sandbox.backends import BACKENDS
from rtlbench.sandbox.probe import attempts
from rtlbench.sandbox.sandbox import Sandbox, _held
from rtlbench.sandbox import level
_held.walled = (level.wish(), Sandbox(BACKENDS[sys.argv[1]]))
print(json.dumps([a.name for a in attempts() if a.escaped]))
"""


@pytest.fixture
def readable() -> Iterator[Path]:
    """A copy of the package, and of what it imports, that every user can read."""
    folder = Path(tempfile.mkdtemp(prefix="rtlbench-", dir="/var/tmp"))
    folder.chmod(0o755)
    for place in (PACKAGE, Path(msgspec.__file__).parent):
        shutil.copytree(place, folder / place.name, ignore=shutil.ignore_patterns("__pycache__"))
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can be somebody else")
@pytest.mark.parametrize("kind", ["bubblewrap", "namespaces"])
def test_an_ordinary_user_has_the_same_walls(kind: str, readable: Path) -> None:
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    version = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    if subprocess.run([*nobody, SYSTEM_PYTHON, "-c", version], check=False).returncode:
        pytest.skip(f"no {SYSTEM_PYTHON} of this version, which others than the superuser can run")
    command = [*nobody, SYSTEM_PYTHON, "-c", AS_NOBODY, kind, str(readable)]
    ran = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == []
