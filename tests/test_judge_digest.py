"""The digest of what judges, held to what the Verifier really loads, in both directions."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import grimp
import msgspec
import pytest

from rtlbench.judge_digest import PACKAGE, ROOT, judging_files, source_digest
from tests.opened_files import opened_files

VERIFY = """
import sys, msgspec
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.verifier import Config, Verifier

tasks = msgspec.json.decode(sys.stdin.buffer.read(), type=list[tuple[Spec | None, Candidate]])
for config in (Config(), Config(formal=True)):
    print(*[v.outcome.value for v in Verifier(config).verify_mixed(tasks)])
"""
CACHE = """
import sys
from pathlib import Path
import msgspec
from rtlbench.dataset.filter.cache import VerdictCache
from rtlbench.records.verdict import CheckResult, Outcome, Verdict
from rtlbench.scoring import figures_of

checks = {"syntax": CheckResult(name="syntax", outcome=Outcome.PASS, value=1.0)}
figures = msgspec.structs.asdict(figures_of(checks, {"syntax": 1.0}))
cache = VerdictCache(Path(sys.argv[2]), "judge")
if sys.argv[1] == "keep":
    cache.keep({"key": Verdict(spec_id=None, sample=0, model="m", **figures, checks=checks,
                               findings=(), key="key", weights={"syntax": 1.0})})
print(len(cache.find(["key"])))
"""
ON_TRIAL = """
module m(input a, output [3:0] y);
  localparam [3:0] P = 3 ** 2;
  assign y = P & {4{a}};
endmodule
"""
"""Such a constant may take long, so that it is elaborated in a process of its own first."""
ELSEWHERE = {"rtl/slang.py", "simulation/in_simulator/playback.py"}
"""What another process runs, whatever the isolation; not imported by anything."""


INSIDE = (
    "rtlbench.rtl.slang",
    "rtlbench.rtl.yosys_design",
    "rtlbench.rtl.yosys_inside",
    "rtlbench.rtl.yosys_names",
    "rtlbench.rtl.yosys_rounds",
    "rtlbench.sandbox.namespaces",
)
"""Loaded by what runs within the walls."""


def _python(copy: Path, code: str, *args: object, stdin: bytes = b"") -> str:
    """What `code` prints, run on a copy of the package."""
    env = {**os.environ, "PYTHONPATH": str(copy.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", code, *map(str, args)], input=stdin, env=env,
        cwd=copy.parent, capture_output=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr.decode()
    return ran.stdout.decode()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package, nothing compiled."""
    ignored = shutil.ignore_patterns("__pycache__", "_shipped")
    return Path(shutil.copytree(PACKAGE, tmp_path / "copy" / "rtlbench", ignore=ignored))


def _names(files: Any, package: Path) -> set[str]:
    return {f.relative_to(package).as_posix() for f in files if f.suffix == ".py"}


@pytest.mark.slow
def test_what_a_verdict_loads_is_in_the_digest(
    copy: Path, small_suite: Any, answer_kinds: Any
) -> None:
    specs = small_suite.specs
    tasks = [
        (spec, {"text": line.get("rtl") or line["completion"], "model": "m"})
        for spec in specs[:3]
        for line in (answer_kinds[kind](spec) for kind in ("right", "wrong"))
    ]
    tasks += [(None, {"text": ON_TRIAL, "model": "m"})]
    with opened_files(copy) as opened:
        printed = _python(copy, VERIFY, stdin=msgspec.json.encode(tasks))
    assert printed.split() == ["pass", "fail"] * 3 + ["pass"] + ["pass", "fail"] * 3 + ["pass"]
    loaded, judging = _names(opened, copy), _names(judging_files(copy), copy)
    assert loaded >= ELSEWHERE
    assert loaded <= judging, f"loaded, and not in the digest: {sorted(loaded - judging)}"


def test_nothing_is_in_the_digest_that_the_verifier_does_not_import() -> None:
    graph = grimp.build_graph("rtlbench", cache_dir=None, exclude_type_checking_imports=True)
    imported = graph.find_upstream_modules(ROOT) | {ROOT}
    elsewhere = {
        m for m in graph.modules
        if m.startswith("rtlbench.simulation.in_simulator")
        or m in INSIDE
    }  # fmt: skip
    every = imported | elsewhere
    for module in list(every):  # a module's packages are imported before it
        parts = module.split(".")
        every |= {".".join(parts[:n]) for n in range(1, len(parts))}
    files = (f.relative_to(PACKAGE.parent).with_suffix("") for f in judging_files())
    found = {".".join(f.parts).removesuffix(".__init__") for f in files}
    light = {name for name in found if ".in_simulator.light" in name}
    assert found - light == every - {m for m in elsewhere if ".light" in m}
    assert light, "what stands in for slow modules inside the simulator"


def test_an_edit_outside_keeps_every_verdict_and_one_inside_none(
    copy: Path, tmp_path: Path
) -> None:
    assert _python(copy, CACHE, "keep", tmp_path / "cache").split() == ["1"]
    judging = set(judging_files(copy))
    for file in set(copy.rglob("*.py")) - judging:
        file.write_text(f"{file.read_text()}# another word\n")
    assert _python(copy, CACHE, "find", tmp_path / "cache").split() == ["1"]
    file = copy / "checks" / "lint.py"
    file.write_text(f"{file.read_text()}# another word\n")
    assert _python(copy, CACHE, "find", tmp_path / "cache").split() == ["0"]


def test_an_edit_of_any_file_that_judges_changes_the_digest(copy: Path) -> None:
    known = {source_digest.__wrapped__(copy)}
    chosen = {file.parent: file for file in judging_files(copy)}  # one a folder
    for file in chosen.values():
        file.write_text(f"{file.read_text()}# another word\n")
        known.add(source_digest.__wrapped__(copy))
    assert len(known) == 1 + len(chosen)


def test_an_import_inside_a_function_counts_and_one_for_types_does_not(copy: Path) -> None:
    lint = copy / "checks" / "lint.py"
    lint.write_text(lint.read_text() + (
        "\nfrom typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from rtlbench.gate import rules\n"
        "def late():\n    from rtlbench.suites import category\n"
    ))  # fmt: skip
    found = _names(judging_files(copy), copy)
    assert "suites/category.py" in found
    assert "suites/__init__.py" in found
    assert "gate/rules.py" not in found
