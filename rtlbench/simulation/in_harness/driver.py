"""Runs a cocotb harness that was written for a container, without one: started as a program.

The working folder holds `src/` (the harness) and `code/` (what is tested). Wherever the harness
says /src, /code or /rundir, it gets these. Its `.env` becomes the environment; both names of
cocotb's runner lead to the installed one. What pytest and cocotb say of each test goes into
`verdict.json`: written by this process alone, when all else has ended.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import re
import runpy
import sys
from pathlib import Path
from xml.etree import ElementTree

VERDICT = "verdict.json"
RUNNER = "test_runner.py"
TOLD = 300
_PLACE = re.compile(r"(?<![\w./-])/(code/rundir|code|src|rundir)(?![\w-])")
_SETTING = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*[=:]\s*(.*?)\s*$")


def main() -> None:
    """Run every script that the arguments name, and write down what came of them."""
    here = Path.cwd()
    scripts = sys.argv[1:] or [RUNNER]
    work = here / "code" / "rundir"
    work.mkdir(parents=True, exist_ok=True)
    places = {"code/rundir": work, "rundir": work, "code": here / "code", "src": here / "src"}
    for file in (here / "src").rglob("*"):
        if file.is_file():
            text = file.read_text("utf-8", "replace")
            file.write_text(_PLACE.sub(lambda m: str(places[m[1]]), text), "utf-8")
    os.environ.update(_settings(here / "src" / ".env"))
    given = os.environ.get("PYTHONPATH", "")
    os.environ["PYTHONPATH"] = ":".join(p for p in (str(here / "src"), given) if p)
    sys.path.insert(0, str(here / "src"))
    os.chdir(work)
    _name_runner_twice()
    tests: list[dict[str, str]] = []
    for script in scripts:
        tests += _run(here / "src" / script, here / "pytest.xml")
    for file in sorted(here.rglob("*result*.xml")):
        tests += _cases(file, "cocotb")
    (here / VERDICT).write_text(json.dumps(tests), "utf-8")


def _settings(file: Path) -> dict[str, str]:
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    found = (_SETTING.match(line) for line in lines if not line.lstrip().startswith("#"))
    return {m[1]: m[2].strip("\"'") for m in found if m}


def _name_runner_twice() -> None:
    """`cocotb.runner` of cocotb 1 and `cocotb_tools.runner` of cocotb 2 are the one there is."""
    for there, other in (("cocotb_tools.runner", "cocotb.runner"),
                         ("cocotb.runner", "cocotb_tools.runner")):  # fmt: skip
        with contextlib.suppress(ImportError):
            sys.modules.setdefault(other, importlib.import_module(there))


def _run(script: Path, report: Path) -> list[dict[str, str]]:
    """By pytest where the script holds tests, else as a program."""
    text = script.read_text("utf-8")
    if re.search(r"^\s*(?:async\s+)?def\s+test", text, re.M):
        import pytest

        report.unlink(missing_ok=True)
        options = ["-q", "-s", "-p", "no:cacheprovider", f"--rootdir={script.parent}",
                   "-c", os.devnull, f"--junitxml={report}", str(script)]  # fmt: skip
        code = int(pytest.main(options))
        cases = _cases(report, "pytest") if report.is_file() else []
        return [*cases, *([_case("pytest", "run", f"pytest ends with {code}")] if code else [])]
    try:
        runpy.run_path(str(script), run_name="__main__")
    except SystemExit as e:
        told = "" if e.code in (None, 0) else f"it ends with {e.code}"
        return [_case("script", script.name, told)]
    except BaseException as e:  # noqa: BLE001 - whatever the harness raises is its word
        return [_case("script", script.name, f"{type(e).__name__}: {e}"[:TOLD])]
    return [_case("script", script.name, "")]


def _case(by: str, name: str, wrong: str) -> dict[str, str]:
    return {"by": by, "name": name, "wrong": wrong}


def _cases(file: Path, by: str) -> list[dict[str, str]]:
    """The tests in a report of pytest's or cocotb's; `wrong` is empty for one that passed."""
    try:
        root = ElementTree.parse(file).getroot()
    except ElementTree.ParseError as e:
        return [_case(by, file.name, f"its report is broken: {e}")]
    found = []
    for case in root.iter("testcase"):
        if case.find("skipped") is not None:
            continue
        bad = [n for n in case if n.tag in ("failure", "error")]
        words = [n.get("error_msg") or n.get("message") or n.text or "it failed" for n in bad]
        found.append(_case(by, case.get("name", "?"), words[0][:TOLD] if words else ""))
    return found


if __name__ == "__main__":
    main()
