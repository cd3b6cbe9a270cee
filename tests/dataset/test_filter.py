"""The filter through its two front doors, `rtlbench filter` and pytest, with real tools."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from filelock import FileLock

from rtlbench.dataset.filter.shards import SHARD, ShardConfig, WorkFolder, judge_shard, judged_path
from rtlbench.runs.run import benchmarks_folder
from tests.conftest import SmallSuite
from tests.support import CLASSIC

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
DFF = """module dff(input clk, input d, output reg q);
    always @(posedge clk) q <= d;
endmodule
"""
Command = Callable[..., subprocess.CompletedProcess[str]]


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def write_raw(path: Path, suite: SmallSuite) -> Path:
    """Seven records and two lines that are none."""
    first, second = suite.specs[:2]
    wrong = first.golden.replace("+ 1'b1", "+ 2'd2")
    rows = [
        {"instruction": first.prompt, "output": first.golden, "metadata": {"source": "a"}},
        {"Instruction": first.prompt, "Response": [f"Here:\n```\n{wrong}```"]},
        {"prompt": "A counter with enable", "completion": CLASSIC},
        {"prompt": "A flip-flop", "completion": DFF},
        {"prompt": "words", "completion": "no code at all"},
        {"instruction": f"Please! {second.prompt}", "output": second.golden, "spec_id": second.id},
        {"instruction": "A flip-flop", "output": f"```\n{DFF}```"},
    ]
    text = [json.dumps(r) for r in rows]
    path.write_text("\n".join([*text[:3], "not json", *text[3:], '{"a": 1}']) + "\n")
    return path


def test_the_command_keeps_what_is_right_and_says_why_the_rest_is_not(
    tmp_path: Path, small_suite: SmallSuite, rtlbench: Command
) -> None:
    raw = write_raw(tmp_path / "raw.jsonl", small_suite)
    out = tmp_path / "out" / "gold.jsonl"
    cache = tmp_path / "cache"
    call = ["filter", raw, "--out", out, small_suite.option, "--cache", cache, "-n", "1"]
    ran = rtlbench(*call, "--threshold", "0.95", "--threshold", "0.7")
    assert ran.returncode == 1, ran.stdout + ran.stderr  # two lines were no record
    kept, refused = lines_of(out), lines_of(out.with_name("gold.refused.jsonl"))
    below = lines_of(out.with_name("gold.unproven.jsonl"))
    assert [r["metadata"]["rtlbench"]["where"] for r in kept] == ["raw.jsonl:1", "raw.jsonl:7"]
    assert [r["metadata"]["rtlbench"]["where"] for r in below] == ["raw.jsonl:5", "raw.jsonl:8"]
    every = [*kept, *below, *refused]
    about = {r["metadata"]["rtlbench"]["where"]: r["metadata"]["rtlbench"] for r in every}
    assert {r["metadata"]["rtlbench"]["tier"] for r in kept} == {"proven"}
    assert {r["metadata"]["rtlbench"]["tier"] for r in below} == {"unproven"}
    assert about["raw.jsonl:1"]["functional"] is True
    assert about["raw.jsonl:2"]["refused"] == "simulation.mismatch"
    assert about["raw.jsonl:3"]["refused"] == "ports.unused-input"
    assert about["raw.jsonl:6"]["refused"].startswith("syntax.")
    assert about["raw.jsonl:7"]["reworded"] is True
    assert all("\n```" not in r["output"] for r in kept + below)
    assert [b["where"] for b in lines_of(out.with_name("gold.broken.jsonl"))] == [
        "raw.jsonl:4", "raw.jsonl:9",
    ]  # fmt: skip
    report = json.loads(out.with_name("filter.json").read_text())
    assert report["total"] == {
        "records": 7, "kept": 2, "below": 2, "refused": 3, "errors": 0,
    }  # fmt: skip
    assert report["tiers"] == {"proven": 2, "attested": 0, "unproven": 2}
    assert report["rule"]["accept"] == "attested"
    assert report["broken"] == 2
    assert sum(report["scores"].values()) == 7
    sweep = json.loads(out.with_name("sweep.json").read_text())
    assert [r["wrong"] for r in sweep["rows"]] == [1, 0]
    assert [(r["proven"], r["unproven"], r["kept"]) for r in sweep["rows"]][1] == (2, 2, 2)
    assert out.with_name("sweep.svg").read_text().startswith("<?xml")
    for name, document in (("filter.v3", report), ("sweep.v2", sweep)):
        jsonschema.validate(document, json.loads((SCHEMAS / f"{name}.json").read_text()))
    for name, place in (("record", kept), ("provenance", about.values())):
        schema = json.loads((SCHEMAS / f"{name}.v1.json").read_text())
        for document in place:
            jsonschema.validate(document, schema)
    assert not list(out.parent.glob("*.work*"))

    before = {p.name: p.read_bytes() for p in out.parent.iterdir()}
    again = rtlbench(*call, "--threshold", "0.95", "--threshold", "0.7")
    assert again.returncode == 1
    assert {p.name: p.read_bytes() for p in out.parent.iterdir()} == before


@pytest.mark.slow
def test_several_processes_write_the_same_and_shut_tools_away_as_asked(
    tmp_path: Path, small_suite: SmallSuite, rtlbench: Command
) -> None:
    raw = write_raw(tmp_path / "raw.jsonl", small_suite)
    made = []
    for workers in ("1", "2"):
        out = tmp_path / workers / "gold.jsonl"
        rtlbench("filter", raw, "--out", out, small_suite.option, "--cache", "none", "-n", workers,
                 "--isolation", "none")  # fmt: skip
        made.append({p.name: p.read_bytes() for p in out.parent.iterdir()})
    assert made[0] == made[1]
    assert json.loads(made[0]["filter.json"])["isolation"] == {"none: limits": 7}


def test_metadata_are_trusted_where_a_person_says_so(
    tmp_path: Path, small_suite: SmallSuite, rtlbench: Command
) -> None:
    spec = small_suite.specs[0]
    row = {"instruction": "Write a FIFO.", "output": spec.golden, "metadata": {"spec_id": spec.id}}
    raw, out = tmp_path / "raw.jsonl", tmp_path / "gold.jsonl"
    raw.write_text(json.dumps(row) + "\n")
    call = ["filter", raw, "--out", out, small_suite.option, "--cache", "none", "-n", "1"]
    found = []
    for trust in ([], ["--trust-metadata"], []):
        ran = rtlbench(*call, *trust)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        (line,) = lines_of(out) + lines_of(out.with_name("gold.unproven.jsonl"))
        about = line["metadata"]["rtlbench"]
        report = json.loads(out.with_name("filter.json").read_text())
        found.append((about["functional"], about["match"], report["trust_metadata"]))
        assert ("--trust-metadata" in about.get("doubt", "")) is not bool(trust)
    unknown = (None, "none", False)
    assert found == [unknown, (True, "spec_id", True), unknown]


@pytest.mark.parametrize(
    ("accept", "counts"),
    [("proven", (2, 2, 3)), ("attested", (2, 2, 3)), ("unproven", (4, 0, 3))],
)
def test_what_is_accepted_is_kept_and_the_rest_that_scores_set_aside(
    tmp_path: Path,
    small_suite: SmallSuite,
    rtlbench: Command,
    accept: str,
    counts: tuple[int, int, int],
) -> None:
    raw = write_raw(tmp_path / "raw.jsonl", small_suite)
    out = tmp_path / "gold.jsonl"
    call = ["filter", raw, "--out", out, small_suite.option, "--cache", tmp_path / "c", "-n", "1"]
    ran = rtlbench(*call, "--accept", accept)
    places = (out, out.with_name("gold.unproven.jsonl"), out.with_name("gold.refused.jsonl"))
    assert tuple(len(lines_of(p)) for p in places) == counts, ran.stdout
    report = json.loads(out.with_name("filter.json").read_text())
    assert (report["rule"]["accept"], report["total"]["below"]) == (accept, counts[1])
    assert "2 proven, 0 attested, 2 unproven" in ran.stdout
    assert (f"2 score enough and are not {accept}" in ran.stdout) is bool(counts[1])


def test_what_is_known_to_be_wrong_is_never_set_aside(
    tmp_path: Path, small_suite: SmallSuite, rtlbench: Command
) -> None:
    """At 0.7 a wrong answer scores; only who takes all that scores gets it."""
    raw = write_raw(tmp_path / "raw.jsonl", small_suite)
    found = {}
    for accept in ("proven", "unproven"):
        out = tmp_path / accept / "gold.jsonl"
        call = ["filter", raw, "--out", out, small_suite.option, "--cache", tmp_path / "c"]
        rtlbench(*call, "--threshold", "0.7", "--accept", accept, "-n", "1")
        below = lines_of(out.with_name("gold.unproven.jsonl"))
        found[accept] = [r["metadata"]["rtlbench"]["where"] for r in lines_of(out)]
        assert all(r["metadata"]["rtlbench"]["functional"] is None for r in below)
    assert "raw.jsonl:2" in found["unproven"]
    assert found["proven"] == ["raw.jsonl:1", "raw.jsonl:7"]


def test_plain_pytest_runs_a_case_a_shard(
    tmp_path: Path, small_suite: SmallSuite, pytester: pytest.Pytester
) -> None:
    raw = write_raw(tmp_path / "raw.jsonl", small_suite)
    out = tmp_path / "gold.parquet"
    cases = benchmarks_folder() / "test_dataset.py"
    call = [str(cases), f"--dataset={raw}", f"--out={out}", small_suite.option, "--cache=none"]
    ran = pytester.runpytest_subprocess(*call, "-v", "-p", "no:cacheprovider")
    ran.stdout.fnmatch_lines(["*test_shard[[]updown_counter/00-00000[]] PASSED*"])
    ran.stdout.fnmatch_lines(["*gold.parquet (2 of 7 records)*"])
    assert ran.ret == pytest.ExitCode.OK
    assert out.is_file()


def test_a_part_of_the_shards_writes_nothing_and_the_rest_follows(
    tmp_path: Path, small_suite: SmallSuite, rtlbench: Command
) -> None:
    raw = write_raw(tmp_path / "raw.jsonl", small_suite)
    out = tmp_path / "gold.jsonl"
    call = ["filter", raw, "--out", out, small_suite.option, "--cache", "none", "-n", "1"]
    part = rtlbench(*call, "-k", "updown_counter")
    assert part.returncode == 1
    assert "shards are not judged" in part.stdout
    assert not out.exists()
    rtlbench(*call)
    assert len(lines_of(out)) == 2


@pytest.mark.slow
def test_a_killed_run_goes_on_from_its_finished_shards(
    tmp_path: Path, small_suite: SmallSuite, rtlbench: Command
) -> None:
    raw = tmp_path / "raw.jsonl"
    rows = [
        {"prompt": f"{name}, version {k}", "completion": DFF.replace("dff", f"dff{k}")}
        for k in range(60)
        for name in ("a fifo", "an arbiter", "a uart", "a timer")
    ]
    raw.write_text("".join(json.dumps(r) + "\n" for r in rows))
    out = tmp_path / "gold.jsonl"
    call = ["filter", str(raw), "--out", str(out), small_suite.option, "--cache", "none", "-n", "1"]
    script = "import sys; from rtlbench.cli.main import main; sys.argv[0] = 'rtlbench'; main()"
    running = subprocess.Popen(
        [sys.executable, "-c", script, *call], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    work = WorkFolder(tmp_path / "gold.jsonl.work")
    deadline = time.monotonic() + 120
    while not list(work.path.glob("*.judged")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    done = {p.name: p.stat().st_mtime_ns for p in work.path.glob("*.judged")}
    assert 0 < len(done) < 4
    assert not out.exists()
    kept_work = {p: p.read_bytes() for p in work.path.glob("*.judged")}
    part = rtlbench(*call, "-k", "nothing-of-this-name")
    assert part.returncode != 0
    assert {p: p.read_bytes() for p in kept_work} == kept_work
    assert rtlbench(*call).returncode == 0
    assert len(lines_of(out)) == 240


def test_shards_hold_one_category_and_what_belongs_together(
    tmp_path: Path, small_suite: SmallSuite
) -> None:
    raw = tmp_path / "raw.jsonl"
    row = json.dumps({"prompt": "a fifo", "completion": DFF})
    other = json.dumps({"prompt": "an arbiter", "completion": DFF})
    raw.write_text(f"{row}\n" * (SHARD + 3) + f"{other}\n" * 2)
    work = WorkFolder(tmp_path / "work")
    config = ShardConfig(suite=small_suite.option.removeprefix("--suite="))
    split = work.split(str(raw), config)
    assert split.records == SHARD + 5
    assert sorted(split.shards.values()) == [2, 3, SHARD]
    shard = work.shard(min(split.shards, key=lambda s: split.shards[s]))
    path = judge_shard(shard, config)
    assert path == judged_path(shard)
    first = path.stat().st_mtime_ns
    assert judge_shard(shard, config).stat().st_mtime_ns == first  # done is done
    assert work.split(str(raw), config) == split
    raw.write_text(f"{row}\n")
    assert work.split(str(raw), config).records == 1  # another input
    assert not path.exists()


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        (["--threshold", "2"], "from 0 to 1"),
        (["--out", "gold.txt"], "end it in"),
        (["--out", "raw.jsonl"], "that is the input"),
        (["--suite", "nonesuch"], "no suite"),
        (["--simulator", "nonesuch"], "nonesuch"),
    ],
)
def test_a_mistake_is_one_message(
    tmp_path: Path, rtlbench: Command, extra: list[str], told: str
) -> None:
    raw = tmp_path / "cwd" / "raw.jsonl"
    raw.write_text("")
    ran = rtlbench("filter", "raw.jsonl", "--cache", tmp_path / "cache", *extra)
    assert ran.returncode == 2, ran.stdout + ran.stderr
    assert told in ran.stderr
    assert ran.stderr.count("\n") <= 2
    assert "Traceback" not in ran.stderr + ran.stdout


def test_a_missing_input_is_one_message(rtlbench: Command) -> None:
    ran = rtlbench("filter", "missing.jsonl", "--cache", "none")
    assert ran.returncode == 2
    assert "missing.jsonl: cannot read it" in ran.stderr


def test_two_runs_do_not_write_the_same_output(tmp_path: Path, rtlbench: Command) -> None:
    raw = tmp_path / "raw.jsonl"
    raw.write_text("")
    with FileLock(tmp_path / "gold.jsonl.work.lock"):
        ran = rtlbench("filter", raw, "--out", tmp_path / "gold.jsonl", "--cache", "none")
    assert ran.returncode == 2
    assert "another run" in ran.stderr


def test_an_empty_input_is_told_and_filtered_to_nothing(
    tmp_path: Path, small_suite: SmallSuite, rtlbench: Command
) -> None:
    raw = tmp_path / "raw.jsonl"
    raw.write_text("")
    out = tmp_path / "gold.jsonl"
    call = ["filter", raw, "--out", out, small_suite.option, "--cache", "none", "-n", "1"]
    ran = rtlbench(*call)
    assert ran.returncode == 2, ran.stdout + ran.stderr
    assert f"{raw}: holds no record, so {out} is empty" in ran.stderr
    assert out.read_text() == ""
    assert rtlbench(*call, "--allow-empty").returncode == 0


def test_what_pytest_is_asked_for_instead_of_judging_is_done(
    tmp_path: Path, small_suite: SmallSuite, rtlbench: Command
) -> None:
    raw = tmp_path / "raw.jsonl"
    raw.write_text("")
    call = ["filter", raw, "--out", tmp_path / "gold.jsonl", small_suite.option, "-n", "1"]
    ran = rtlbench(*call, "--cache", "none", "--collect-only")
    assert "Traceback" not in ran.stdout + ran.stderr
    assert not (tmp_path / "gold.jsonl").exists()


def test_the_benchmark_folder_without_a_dataset_knows_nothing_of_it(
    small_suite: SmallSuite, pytester: pytest.Pytester
) -> None:
    call = [str(benchmarks_folder()), small_suite.option, "--collect-only", "-q"]
    ran = pytester.runpytest_subprocess(*call, "-p", "no:cacheprovider")
    assert "test_benchmark" in ran.stdout.str()
    assert "test_dataset" not in ran.stdout.str()
    named = pytester.runpytest_subprocess(str(benchmarks_folder() / "test_dataset.py"))
    assert named.ret == pytest.ExitCode.USAGE_ERROR
    assert "--dataset" in named.stdout.str() + named.stderr.str()
