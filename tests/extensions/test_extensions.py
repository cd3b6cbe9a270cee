"""Another package's Check, suite, family and source of answers, through the front door."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from rtlbench.io.shipped import shipped
from rtlbench.suites.families import load_suite

EXAMPLE = Path(__file__).parent / "example"
LATCH = """module updown_counter(input clk, input rst, input up, output reg [3:0] q);
  reg [3:0] held;
  always_latch if (!clk) held = rst ? 4'd0 : up ? q + 4'd1 : q - 4'd1;
  always @(posedge clk) q <= held;
endmodule
"""
Run = Callable[..., "CompletedProcess[str]"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example as an installer lays it down."""
    site = tmp_path_factory.mktemp("site")
    shutil.copytree(EXAMPLE / "rtlbench_example", site / "rtlbench_example")
    family = Path("updown_counter") / "updown"
    shutil.copytree(shipped("hdl_specs") / family, site / "rtlbench_example" / "families" / family)
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    info = site / f"rtlbench_example-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Name: {project['name']}\nVersion: {project['version']}\n")
    lines = []
    for group, points in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {value}" for name, value in points.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return site


@pytest.fixture
def run(site: Path, tmp_path: Path) -> Run:
    """`python -m rtlbench` where the example is installed."""

    def command(*arguments: object, **environment: str) -> CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "rtlbench", *map(str, arguments)],
            capture_output=True, text=True, cwd=tmp_path, check=False,
            env={**os.environ, "PYTHONPATH": str(site), **environment},
        )  # fmt: skip

    return command


def test_a_check_is_asked_where_it_is_named_and_only_there(run: Run, tmp_path: Path) -> None:
    (tmp_path / "latch.sv").write_text(LATCH)
    call = ("verify", "latch.sv", "--spec", "updown_w4_sync", "--json")
    plain = json.loads(run(*call).stdout)[0]
    assert "no_latch_word" not in plain["checks"]
    told = run(*call, RTLBENCH_CHECKS="no_latch_word")
    found = json.loads(told.stdout)[0]
    assert found["checks"]["no_latch_word"]["outcome"] == "fail"
    assert found["outcome"] == "fail"
    assert found["score"] <= 0.94
    assert found["weights"] == plain["weights"] | {"no_latch_word": 0.1}
    assert found["key"] != plain["key"]
    rule = next(f for f in found["findings"] if f["rule"] == "no_latch_word.latch")
    assert rule["line"] == 3


def test_a_run_with_a_further_check_says_so_and_is_not_compared_with_one_without(
    run: Run, tmp_path: Path
) -> None:
    golden = next(s for s in load_suite() if s.id == "updown_w4_sync").golden
    line = {"spec_id": "updown_w4_sync", "sample": 0, "rtl": golden, "model": "m"}
    (tmp_path / "a.jsonl").write_text(json.dumps(line) + "\n")
    base = ("bench", "--candidates", "a.jsonl", "--workers", 1, "--results")
    assert run(*base, "without").returncode == 0
    ran = run(*base, "with", RTLBENCH_CHECKS="no_latch_word")
    assert ran.returncode == 0, ran.stderr
    verdict = json.loads((tmp_path / "with" / "samples.jsonl").read_text())
    assert verdict["outcome"] == "pass"
    assert verdict["checks"]["no_latch_word"]["outcome"] == "pass"
    tools = json.loads((tmp_path / "with" / "run.json").read_text())["config"]["tools"]
    assert tools["check.no_latch_word"] == "1.2.3"
    refused = run("compare", "with", "without")
    assert refused.returncode == 2
    assert "no_latch_word" in refused.stderr
    alone = run("compare", "with", PYTHONPATH="")
    assert alone.returncode == 0, alone.stderr  # read without the package's help


def test_suites_and_families_go_by_their_names(run: Run) -> None:
    listed = run("specs", "list", "--suite", "two-gates")
    assert listed.returncode == 0, listed.stderr
    assert "updown_w4_sync" in listed.stdout
    assert "arb_fixed_n4_comb" in listed.stdout
    members = run("specs", "list", "--suite", "my-families")
    assert members.returncode == 0, members.stderr
    assert members.stdout.count("updown_w") == 5
    own = run("specs", "list", "--suite", "nosuch")
    assert own.returncode == 2
    assert "two-gates" in own.stderr


def test_a_source_answers_and_is_judged(run: Run, tmp_path: Path) -> None:
    ran = run(
        "bench", "--suite", "two-gates", "--model", "parrot:polly", "--samples", 1, "--results",
        "r", "--workers", 1,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    made = json.loads((tmp_path / "r" / "run.json").read_text())
    assert made["config"]["generator"]["source"] == "parrot"
    assert made["total"]["answers"] == 2
    assert made["total"]["functional"]["value"] == 0.0


@pytest.mark.parametrize(
    ("named", "told"),
    [("nosuch", "no further Check 'nosuch'; there are no_latch_word"), ("lint", "no further")],
)
def test_a_check_that_is_not_there_is_told(
    run: Run, tmp_path: Path, named: str, told: str
) -> None:
    (tmp_path / "latch.sv").write_text(LATCH)
    ran = run("verify", "latch.sv", RTLBENCH_CHECKS=named)
    assert ran.returncode == 2
    assert told in ran.stderr


def test_what_cannot_be_imported_is_told(site: Path, run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "broken" / "other-1.dist-info"
    broken.mkdir(parents=True)
    (broken / "METADATA").write_text("Name: other\nVersion: 1\n")
    (broken / "entry_points.txt").write_text("[rtlbench.suites]\nodd = nowhere:read\n")
    places = f"{site}{os.pathsep}{broken.parent}"
    ran = run("specs", "list", "--suite", "odd", PYTHONPATH=places)
    assert ran.returncode == 2
    assert "other has 'odd', and No module named 'nowhere'" in ran.stderr
