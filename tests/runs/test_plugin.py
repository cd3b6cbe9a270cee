"""The plugin in real pytest sessions, on a small suite of its own."""

from __future__ import annotations

import json
import shutil
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy  # noqa: F401 - pytester forgets what a session imported; numpy loads only once
import pytest

import rtlbench.runs.session  # noqa: F401 - and this takes long
from rtlbench.suites.families import load_suite

Kinds = dict[str, Callable[..., dict[str, Any]]]
W4 = "updown_counter/updown_w4_sync"
W8 = "updown_counter/updown_w8_async_low_en"
ALL = ["w4_sync", "w8_async_low_en", "w6_sync_en_low", "w5_power_up", "w7_wrap_flag"]


class Bench:
    """The benchmark's own test file in a session of its own."""

    def __init__(self, pytester: pytest.Pytester, suite: Any, answers: Path) -> None:
        self.pytester = pytester
        self.suite = suite
        self.answers = answers
        self.results = pytester.path / "results" / "run"

    def run(self, *args: str) -> pytest.RunResult:
        """Run it with `args`, the suite read afresh."""
        load_suite.cache_clear()
        sys.modules.pop("test_benchmark", None)  # another test's session may have left the real one
        is_given = any(a.startswith("--candidates") for a in args)
        answers = [] if is_given else [f"--candidates={self.answers}"]
        return self.pytester.runpytest_inprocess(
            "benchmarks",
            self.suite.option,
            *answers,
            f"--results={self.results}",
            "--partial",  # of the suite's five tasks two have answers
            *args,
        )

    @property
    def recorded(self) -> list[dict[str, Any]]:
        """What is in samples.jsonl."""
        return [json.loads(ln) for ln in (self.results / "samples.jsonl").read_text().splitlines()]

    @property
    def summary(self) -> dict[str, Any]:
        """What is in run.json."""
        return json.loads((self.results / "run.json").read_text())  # type: ignore[no-any-return]


@pytest.fixture
def bench(
    pytester: pytest.Pytester,
    small_suite: Any,
    write_answers: Callable[..., Path],
    answer_kinds: Kinds,
    benchmark_file: Path,
) -> Bench:
    """A right and a wrong answer to each of two specs."""
    (pytester.path / "benchmarks").mkdir()
    for name in (benchmark_file.name, "conftest.py"):
        shutil.copy(benchmark_file.with_name(name), pytester.path / "benchmarks")
    lines = [answer_kinds[k](s) for s in small_suite.specs[:2] for k in ("right", "wrong")]
    return Bench(pytester, small_suite, write_answers(*lines))


def test_a_case_a_spec_and_its_samples_as_subtests(bench: Bench) -> None:
    ran = bench.run("-vv")
    ran.stdout.fnmatch_lines([
        f"*test_benchmark[[]{W4}[]] SUBPASS*m sample 0*",
        f"*test_benchmark[[]{W4}[]] SUBFAIL*m sample 1*",
        f"*test_benchmark[[]{W8}[]] FAILED*",
    ])
    assert ran.ret == pytest.ExitCode.TESTS_FAILED


def test_a_wrong_answer_is_told_by_port_cycle_expected_and_got(bench: Bench) -> None:
    ran = bench.run("-k", "w4_sync")
    ran.stdout.re_match_lines([
        r"updown_w4_sync sample 1 \(m\): fail, score 0\.\d+",
        r"  cycle \d+: q is 1111, expected 1110 \(.*up=1.*\)  \[simulation\.mismatch\]",
        r" +cycle .* q expected +q got",
    ])


def test_a_broken_harness_is_an_error_and_not_a_failure(bench: Bench) -> None:
    bench.suite.spoil_golden()
    ran = bench.run()
    outcomes = ran.parseoutcomes()
    assert outcomes["errors"] == 2
    assert "failed" not in outcomes
    assert {v["outcome"] for v in bench.recorded} == {"error"}
    ran.stdout.fnmatch_lines([
        "*2 of 2 answers could not be judged*",
        "not judged, the harness failed: updown_w4_sync sample 0 (m): simulation: *golden fails*",
    ])
    assert bench.summary["total"]["outcomes"] == {"pass": 0, "fail": 0, "timeout": 0, "error": 4}
    assert bench.summary["total"]["score"]["value"] is None


def test_all_right_answers_end_in_zero(
    bench: Bench, answer_kinds: Kinds, write_answers: Callable[..., Path]
) -> None:
    bench.answers = write_answers(answer_kinds["right"](bench.suite.specs[0]))
    assert bench.run().ret == pytest.ExitCode.OK


def test_the_results_folder_holds_the_run(bench: Bench) -> None:
    bench.run("--seed=5", f"--junitxml={bench.results / 'junit.xml'}")
    assert sorted(p.name for p in bench.results.iterdir() if p.name[0] != ".") == [
        "junit.xml", "run.json", "samples.jsonl", "samples.sha256",
    ]  # fmt: skip
    run = bench.summary
    assert run["status"] == "finished"
    assert (run["config"]["seed"], run["config"]["suite"]) == (5, "rtlbench")
    assert run["total"]["outcomes"] == {"pass": 2, "fail": 2, "timeout": 0, "error": 0}
    assert list(run["categories"]) == ["updown_counter"]


def test_the_summary_comes_once_at_the_end_and_fits_80_columns(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = bench.run().outlines
    starts = [k for k, line in enumerate(lines) if line.strip("= ") == "rtlbench"]
    assert len(starts) == 1
    *table, results = lines[starts[0] : -1]
    assert max(map(len, table)) <= 80
    assert table[1].split()[:3] == ["category", "answers", "score"]
    assert results.startswith("results: ")
    assert not [line for line in lines[: starts[0]] if line.startswith("category")]


def test_under_xdist_nothing_is_lost_and_the_summary_is_one(bench: Bench) -> None:
    ran = bench.run("-n", "2")
    assert ran.ret == pytest.ExitCode.TESTS_FAILED
    assert sum(line.startswith("category  ") for line in ran.outlines) == 1
    names = sorted((v["spec_id"], v["sample"]) for v in bench.recorded)
    assert names == sorted((f"updown_{i}", k) for i in ALL[:2] for k in (0, 1))
    assert bench.summary["total"]["answers"] == 4


def test_junit_is_valid_and_tells_failures_from_errors(bench: Bench, tmp_path: Path) -> None:
    failing, erring = tmp_path / "f.xml", tmp_path / "e.xml"
    ran = bench.run(f"--junitxml={failing}")
    assert "warnings summary" not in ran.stdout.str()
    bench.suite.spoil_golden()
    bench.results = bench.results.with_name("other")
    bench.run(f"--junitxml={erring}")
    failures = ET.parse(failing).getroot()
    assert failures.find(".//failure") is not None
    assert failures.find(".//error") is None
    cases = {case.get("name"): case for case in failures.iter("testcase")}
    assert set(cases) == {f"updown_{i}[{k}] m" for i in ALL[:2] for k in (0, 1)}
    assert {case.get("classname") for case in cases.values()} == {"updown_counter"}
    suite = failures.find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", "2", "0")
    wrong = cases["updown_w4_sync[1] m"]
    told = {p.get("name"): p.get("value") for p in wrong.iter("property")}
    assert told["outcome"] == "fail"
    assert told["rule"] == "simulation.mismatch"
    assert 0 < float(told["score"] or 0) < 1
    assert len(wrong.findall("failure")) == 1
    assert "expected 1110" in (failures.find(".//failure").text or "")  # type: ignore[union-attr]
    errors = ET.parse(erring).getroot()
    assert errors.find(".//error") is not None
    assert errors.find(".//failure") is None


def test_k_chooses_specs(bench: Bench) -> None:
    bench.run("-k", "w8_async")
    assert {v["spec_id"] for v in bench.recorded} == {"updown_w8_async_low_en"}


def test_samples_limits_the_answers_a_spec(bench: Bench) -> None:
    assert bench.run("--samples=1").ret == pytest.ExitCode.OK
    assert [v["sample"] for v in bench.recorded] == [0, 0]


def test_collect_only_lists_and_writes_nothing(bench: Bench) -> None:
    ran = bench.run("--collect-only", "-q")
    ran.stdout.fnmatch_lines([f"*[[]{W4}[]]", f"*[[]{W8}[]]"])
    assert ran.ret == pytest.ExitCode.OK
    assert not bench.results.exists()
    assert not [line for line in ran.outlines if line.startswith("results:")]


@pytest.mark.parametrize("how", [(), ("-n", "2")])
@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--candidates=nope.jsonl"], "nope.jsonl: cannot read the candidates file *--candidates"),
        (["--suite=nope"], "--suite nope: no suite 'nope'; there are *"),
        (["--suite=rtlbench=nope"], "*nope is not a folder"),
        (["--suite=rtlbench=benchmarks"], "*holds no specs*"),
        (["--samples=0"], "--samples: give a number of at least 1"),
        (["--simulator=questa"], "no simulator 'questa'; there are icarus, verilator"),
    ],
)
def test_a_mistake_is_one_message_and_exit_4(
    bench: Bench, how: tuple[str, ...], args: list[str], told: str
) -> None:
    ran = bench.run(*how, *args)
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    assert [line for line in ran.errlines if line] == [ran.errlines[0]]
    ran.stderr.fnmatch_lines([f"ERROR: {told}"])
    assert ran.outlines == []


def test_lines_that_cannot_be_used_are_told_and_harm_nothing(
    bench: Bench, answer_kinds: Kinds, write_answers: Callable[..., Path]
) -> None:
    good = answer_kinds["right"](bench.suite.specs[0])
    bench.answers = write_answers(good, b'{"spec', {**good, "spec_id": "updown_w4_sink"})
    ran = bench.run()
    ran.stdout.fnmatch_lines([
        "2 lines of input could not be used:",
        "  *answers.jsonl:2: not a candidate (*); mend or remove the line",
        "  *answers.jsonl:3: unknown spec 'updown_w4_sink'; did you mean updown_w4_sync[?]",
    ])
    assert [v["outcome"] for v in bench.recorded] == ["pass"]
    assert bench.summary["problem_count"] == 2


def test_odd_answers_fail_and_harm_no_other(
    bench: Bench, answer_kinds: Kinds, write_answers: Callable[..., Path]
) -> None:
    good = answer_kinds["right"](bench.suite.specs[0])
    odd = ["", "a" * 5_000_000, "\x00\x07\x1b[2J" * 50]
    lines = [{**good, "sample": k, "rtl": text} for k, text in enumerate(odd, 1)]
    bench.answers = write_answers(good, *lines)
    ran = bench.run()
    assert [v["outcome"] for v in bench.recorded] == ["pass", "fail", "fail", "fail"]
    assert max(len(line) for line in ran.outlines) < 300
    assert "\x1b[2J" not in ran.stdout.str()


def test_a_file_without_answers_is_a_mistake(
    bench: Bench, write_answers: Callable[..., Path]
) -> None:
    bench.answers = write_answers(b"", b"  ")
    ran = bench.run()
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines(["ERROR: *answers.jsonl: holds no answers*"])


def test_a_file_of_broken_lines_only_is_no_success(
    bench: Bench, write_answers: Callable[..., Path]
) -> None:
    bench.answers = write_answers(b"{")
    ran = bench.run()
    assert ran.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    ran.stdout.fnmatch_lines(["1 line of input could not be used:", "no answers judged"])


@pytest.mark.parametrize("change", ["--seed=1", "--samples=1", "--simulator=verilator"])
def test_resuming_with_another_configuration_is_refused(bench: Bench, change: str) -> None:
    bench.run()
    before = (bench.results / "samples.jsonl").read_bytes()
    ran = bench.run(change)
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    name, _, value = change.removeprefix("--").partition("=")
    ran.stderr.fnmatch_lines([f"ERROR: *another configuration ({name}: * before, {value} now)*"])
    assert (bench.results / "samples.jsonl").read_bytes() == before


def test_resuming_with_a_changed_suite_is_refused(bench: Bench) -> None:
    bench.run()
    toml = bench.suite.family / "spec.toml"
    toml.write_text(toml.read_text().replace("up/down counter", "counter"))
    bench.run().stderr.fnmatch_lines(["ERROR: *(suite_hash: * before, * now)*"])


def test_a_second_run_judges_only_what_is_new(
    bench: Bench, answer_kinds: Kinds, write_answers: Callable[..., Path]
) -> None:
    bench.run()
    before = (bench.results / "samples.jsonl").read_bytes()
    lines = [json.loads(line) for line in bench.answers.read_text().splitlines()]
    bench.answers = write_answers(*lines, answer_kinds["right"](bench.suite.specs[2]))
    bench.run()
    after = (bench.results / "samples.jsonl").read_bytes()
    assert after.startswith(before)
    assert after.count(b"\n") == before.count(b"\n") + 1


def test_a_run_that_is_cut_short_says_so_and_goes_on(bench: Bench) -> None:
    ran = bench.run("-x")
    assert bench.summary["status"] == "stopped"
    ran.stdout.fnmatch_lines(["cut short: *goes on*"])
    bench.run()
    assert bench.summary["status"] == "finished"
    assert len(bench.recorded) == 4


FOREIGN = """
import sys

def test_nothing_heavy_is_imported():
    heavy = {"rtlbench.runs.session", "rtlbench.verifier", "pyslang", "cocotb", "jinja2", "numpy"}
    assert not heavy & set(sys.modules)
"""


@pytest.mark.parametrize("how", [(), ("-n", "1")])
def test_the_plugin_is_inert_where_no_test_asks_for_it(
    pytester: pytest.Pytester, how: tuple[str, ...]
) -> None:
    folder = pytester.path / "benchmarks"
    folder.mkdir()
    (folder / "test_benchmark_speed.py").write_text(FOREIGN)
    ours = ("-p", "rtlbench.runs.plugin", "-p", "rtlbench.dataset.filter.plugin")
    ran = pytester.runpytest_subprocess("benchmarks", "-p", "no:cacheprovider", *ours, *how)
    ran.assert_outcomes(passed=1)
    assert "rtlbench =" not in ran.stdout.str()
    assert not (pytester.path / "results").exists()
