"""Tasks without an answer count as wrong, in every place that shows figures, unless `--partial`."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlbench.records.verdict import Outcome
from rtlbench.runs.sums import seal_of
from rtlbench.runs.tasks import usual_samples
from rtlbench.statistics import Figure, Judged, missing, summarise

Run = Callable[..., Any]
WRONG = "the others count as wrong (--partial leaves them out)"


class Bench:
    """`rtlbench bench` on a suite of five tasks, with answers to the first few."""

    def __init__(self, rtlbench: Run, suite: Any, write: Callable[..., Path], kinds: Any) -> None:
        self.rtlbench, self.suite, self._write, self._kinds = rtlbench, suite, write, kinds

    def answers(self, tasks: int = 1, samples: int = 1, *more: dict[str, Any]) -> Path:
        """Right answers to the first tasks."""
        every = [
            self._kinds["right"](spec, k) for spec in self.suite.specs[:tasks]
            for k in range(samples)
        ]  # fmt: skip
        return self._write(*every, *more)

    def run(self, folder: Path, answers: Path, *more: object, code: int = 0) -> str:
        """What it prints."""
        given = ["bench", self.suite.option, "--candidates", answers, "--results", folder]
        ran = self.rtlbench(*given, *more)
        assert ran.returncode == code, ran.stdout + ran.stderr
        return str(ran.stdout)


@pytest.fixture
def bench(
    rtlbench: Run, small_suite: Any, write_answers: Callable[..., Path], answer_kinds: Any
) -> Bench:
    """Of the suite of five."""
    return Bench(rtlbench, small_suite, write_answers, answer_kinds)


def _run(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "run.json").read_text())  # type: ignore[no-any-return]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_task_without_an_answer_counts_as_wrong(
    bench: Bench, tmp_path: Path, workers: str
) -> None:
    folder = tmp_path / "r"
    told = bench.run(folder, bench.answers(1, 2), "-n", workers)
    assert f"answered 1 of 5 tasks; {WRONG}" in told
    run = _run(folder)
    total = run["total"]
    for name in ("functional", "score", "all_io_used", "syntax", "synthesis", "passed"):
        assert total[name]["value"] == pytest.approx(0.2), name
    assert total["pass_at"]["1"]["value"] == pytest.approx(0.2)
    assert (total["answers"], total["missing"]) == (2, 8)
    assert total["outcomes"] == {"pass": 2, "fail": 0, "timeout": 0, "error": 0}
    ids = [spec.id for spec in bench.suite.specs]
    assert [m["spec_id"] for m in run["tasks"]["missing"]] == ids[1:]
    cases = list(ET.parse(folder / "junit.xml").getroot().iter("testcase"))
    failed = [case.get("name") for case in cases if case.find("failure") is not None]
    assert failed == [f"{spec_id}[no answer] m" for spec_id in ids[1:]]
    assert {case.get("classname") for case in cases} == {"updown_counter"}
    suite = ET.parse(folder / "junit.xml").getroot().find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("6", "4")


def test_partial_leaves_them_out_and_says_so(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "r"
    told = bench.run(folder, bench.answers(), "--partial")
    assert "answered 1 of 5 tasks; the others are left out (--partial)" in told
    assert _run(folder)["total"]["functional"]["value"] == 1.0
    assert _run(folder)["tasks"]["missing"] == []
    assert ET.parse(folder / "junit.xml").getroot().find(".//failure") is None
    again = bench.run(folder, bench.answers())  # the same folder, counted otherwise
    assert f"answered 1 of 5 tasks; {WRONG}" in again
    assert _run(folder)["total"]["functional"]["value"] == pytest.approx(0.2)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_selection_is_a_smaller_suite(bench: Bench, tmp_path: Path, workers: str) -> None:
    folder = tmp_path / "r"
    told = bench.run(folder, bench.answers(2), "-n", workers, "-k", "w4 or w8 or w6")
    assert f"answered 2 of 3 selected of the suite's 5 tasks; {WRONG}" in told
    assert _run(folder)["total"]["functional"]["value"] == pytest.approx(2 / 3)
    told = bench.run(tmp_path / "s", bench.answers(2), "-n", workers, "-k", "w4 or w8")
    assert "answered 2 of 2 selected of the suite's 5 tasks" in told.splitlines()


def test_marks_select_likewise(bench: Bench, tmp_path: Path) -> None:
    easy = [s for s in bench.suite.specs if s.difficulty == "easy"]
    assert 0 < len(easy) < 5
    told = bench.run(tmp_path / "r", bench.answers(), "-m", "easy and updown_counter")
    assert f"answered 1 of {len(easy)} selected of the suite's 5 tasks" in told


def test_every_task_answered_is_said_too(bench: Bench, tmp_path: Path) -> None:
    assert "answered 5 of 5 tasks" in bench.run(tmp_path / "r", bench.answers(5)).splitlines()


def test_fewer_samples_than_asked_for_are_told(bench: Bench, tmp_path: Path) -> None:
    told = bench.run(tmp_path / "r", bench.answers(2, 2), "--samples", 3, "--partial")
    few = "2 of the 2 tasks answered have fewer than the 3 answers asked for (the least: 2)"
    assert f"note: {few}" in told
    told = bench.run(tmp_path / "s", bench.answers(2, 2), "--samples", 2, "--partial")
    assert "fewer than" not in told


def test_a_request_that_failed_is_no_wrong_answer(bench: Bench, tmp_path: Path) -> None:
    second = bench.suite.specs[1].id
    line = {"spec_id": second, "sample": 0, "completion": "", "model": "m", "ended": "failed",
            "why": "HTTP 500"}  # fmt: skip
    told = bench.run(tmp_path / "r", bench.answers(1, 1, line), code=1)
    assert f"answered 1 of 5 tasks; {WRONG}; 1 asked without an answer" in told
    run = _run(tmp_path / "r")
    assert run["total"]["functional"]["value"] == pytest.approx(1 / 4)
    assert second not in [m["spec_id"] for m in run["tasks"]["missing"]]


def test_each_of_several_models_has_its_own(
    bench: Bench, tmp_path: Path, answer_kinds: Any
) -> None:
    others = [{**answer_kinds["right"](s), "model": "other"} for s in bench.suite.specs[:3]]
    told = bench.run(tmp_path / "r", bench.answers(1, 1, *others))
    assert f"answered 1 of 5 tasks; {WRONG}" in told
    assert f"answered 3 of 5 tasks; {WRONG}" in told
    models = _run(tmp_path / "r")["models"]
    found = {name: of["total"]["functional"]["value"] for name, of in models.items()}
    assert found == {"m": pytest.approx(0.2), "other": pytest.approx(0.6)}


def test_plain_pytest_fails_where_answers_are_missing(
    bench: Bench, pytester: pytest.Pytester, benchmark_file: Path
) -> None:
    given = [bench.suite.option, f"--candidates={bench.answers()}", "-p", "no:cacheprovider"]
    told = pytester.runpytest_subprocess(benchmark_file, *given, "--results=one")
    assert told.ret == pytest.ExitCode.TESTS_FAILED
    assert "failed" not in told.parseoutcomes()
    told.stdout.fnmatch_lines([f"answered 1 of 5 tasks; {WRONG}"])
    left = pytester.runpytest_subprocess(benchmark_file, *given, "--results=two", "--partial")
    assert left.ret == pytest.ExitCode.OK


POLICY = "[require]\nfunctional = 0.9\n"


def test_the_gate_counts_them_and_takes_no_partial_run_unasked(
    bench: Bench, tmp_path: Path
) -> None:
    whole, part = tmp_path / "whole", tmp_path / "part"
    bench.run(whole, bench.answers())
    bench.run(part, bench.answers(), "--partial")
    policy = tmp_path / "gate.toml"
    policy.write_text(POLICY)
    ran = bench.rtlbench("gate", whole, "--policy", policy)
    assert ran.returncode == 1
    assert f"answered 1 of 5 tasks; {WRONG}" in ran.stdout
    ran = bench.rtlbench("gate", part, "--policy", policy)
    assert ran.returncode == 2
    assert "answered 1 of 5 tasks; the others are left out (--partial)" in ran.stderr
    policy.write_text(f"{POLICY}[run]\npartial = true\n")
    ran = bench.rtlbench("gate", part, "--policy", policy, "--json")
    report = json.loads(ran.stdout)
    assert (ran.returncode, report["is_partial"], report["answers"]) == (0, True, 1)
    assert "the others are left out" in report["told"]


def test_runs_that_count_otherwise_are_compared_only_when_asked(
    bench: Bench, tmp_path: Path
) -> None:
    whole, part = tmp_path / "whole", tmp_path / "part"
    bench.run(whole, bench.answers())
    bench.run(part, bench.answers(), "--partial")
    ran = bench.rtlbench("compare", whole, part)
    assert ran.returncode == 2
    assert "tasks: none counts as wrong and 4 without an answer count as wrong" in ran.stderr
    ran = bench.rtlbench("compare", whole, part, "--allow", "tasks")
    assert ran.returncode == 0
    assert "1 of 5, partial" in ran.stdout


def test_report_and_leaderboard_say_it(bench: Bench, tmp_path: Path) -> None:
    whole, part = tmp_path / "whole", tmp_path / "part"
    bench.run(whole, bench.answers())
    bench.run(part, bench.answers(), "--partial")
    page, board = tmp_path / "page.html", tmp_path / "board.md"
    assert bench.rtlbench("report", whole, "--out", page, bench.suite.option).returncode == 0
    assert f"nswered 1 of 5 tasks; {WRONG}" in page.read_text()
    assert "was answered" in page.read_text()
    assert bench.rtlbench("leaderboard", whole, part, "--out", board).returncode == 0
    rows = {line.split("|")[1].strip(): line for line in board.read_text().splitlines()
            if line.startswith("| ")}  # fmt: skip
    assert "| 1 of 5 |" in rows["whole"]
    assert "20.0%" in rows["whole"]
    assert "| 1 of 5, partial |" in rows["part"]


def test_a_run_of_version_3_is_read_as_it_was(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    bench.run(folder, bench.answers(), "--partial")
    run = _run(folder)
    for name in ("tasks", "seal"):
        run.pop(name)
    run["schema_version"] = 3
    run["seal"] = seal_of(msgspec.json.encode(run))
    (folder / "run.json").write_text(json.dumps(run))
    ran = bench.rtlbench("compare", folder, "--json")
    (column,) = json.loads(ran.stdout)["runs"]
    assert column["tasks"] is None
    assert column["cells"][0]["value"]["value"] == 1.0
    assert bench.run(folder, bench.answers())  # and goes on
    assert _run(folder)["schema_version"] == 4


FIGURES = ("score", "syntax", "synthesis", "all_io_used", "functional", "passed")
ANSWER = st.builds(
    Judged,
    spec_id=st.sampled_from("abcd"),
    category=st.just("c"),
    outcome=st.sampled_from([Outcome.PASS, Outcome.FAIL]),
    score=st.floats(0, 1),
    syntax_valid=st.booleans(),
    synthesizes=st.booleans(),
    all_io_used=st.booleans(),
    functional=st.booleans(),
)


@given(st.lists(ANSWER, min_size=1), st.lists(st.sampled_from("wxyz"), min_size=1))
def test_leaving_tasks_unanswered_raises_no_figure(answers: list[Judged], left: list[str]) -> None:
    partly = summarise(answers)
    whole = summarise([*answers, *(missing(t, "c", has_function=True) for t in left)])
    for name in FIGURES:
        before: Figure = getattr(partly, name)
        after: Figure = getattr(whole, name)
        assert before.value is not None
        assert after.value is not None
        assert after.value <= before.value + 1e-12
    assert whole.answers == partly.answers
    assert whole.outcomes == partly.outcomes


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 5), min_size=1))
def test_a_missing_task_counts_as_often_as_most_do(counts: dict[str, int]) -> None:
    one = missing("a", "c", has_function=True)
    every = [msgspec.structs.replace(one, spec_id=t) for t, n in counts.items() for _ in range(n)]
    found = list(counts.values())
    most = max(found.count(n) for n in found)
    assert usual_samples(every) == max(n for n in found if found.count(n) == most)
