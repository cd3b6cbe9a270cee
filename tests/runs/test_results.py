"""The results folder: nothing lost, nothing twice, whoever dies and whoever writes."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import msgspec
import pytest

from rtlbench.errors import UserError
from rtlbench.records.verdict import CheckResult, Outcome, Verdict
from rtlbench.runs.results import RUN_TORN, ResultsFolder, Run, RunConfig, utc_now
from rtlbench.runs.samples import SAMPLES, TORN
from rtlbench.runs.sums import SUMS, Sums
from rtlbench.scoring import figures_of

CONFIG = RunConfig(
    suite="small",
    suite_hash="0123456789abcdef",
    simulator="icarus",
    seed=0,
    samples=None,
    candidates="answers.jsonl",
    tools={"yosys": "0.23", "iverilog": "11.0"},
    weights={"syntax": 1.0},
)


def verdict(key: str, outcome: Outcome = Outcome.PASS, model: str = "m") -> Verdict:
    checks = {"syntax": CheckResult(name="syntax", outcome=outcome, value=1.0)}
    return Verdict(
        spec_id="s",
        sample=0,
        model=model,
        **msgspec.structs.asdict(figures_of(checks, {"syntax": 1.0})),
        checks=checks,
        findings=(),
        key=key,
        weights={"syntax": 1.0},
    )


def run_of(config: RunConfig) -> Run:
    return Run(
        status="running", started=utc_now(), rtlbench="0", config=config, isolation="none"
    )


def opened(path: Path, config: RunConfig = CONFIG) -> ResultsFolder:
    folder = ResultsFolder(path)
    folder.open(run_of(config))
    return folder


def keys(path: Path) -> list[str]:
    return [json.loads(line)["key"] for line in (path / SAMPLES).read_text().splitlines()]


def test_what_is_appended_is_read_back(tmp_path: Path) -> None:
    folder = opened(tmp_path / "r")
    made = [verdict("a"), verdict("b")]
    folder.append(made)
    assert list(folder.verdicts()) == made
    assert folder.read_at(folder.recorded()["b"]) == made[1]


def test_another_process_sees_what_was_recorded(tmp_path: Path) -> None:
    opened(tmp_path / "r").append([verdict("a")])
    assert set(ResultsFolder(tmp_path / "r").recorded()) == {"a"}


def test_a_key_is_recorded_once_even_if_two_judged_it(tmp_path: Path) -> None:
    first, second = opened(tmp_path / "r"), opened(tmp_path / "r")
    first.append([verdict("a"), verdict("b")])
    second.append([verdict("b"), verdict("c"), verdict("c")])
    assert keys(tmp_path / "r") == ["a", "b", "c"]


ERROR = Outcome.ERROR


def test_an_error_leaves_its_answer_open_and_a_later_verdict_counts(tmp_path: Path) -> None:
    folder = opened(tmp_path / "r")
    folder.append([verdict("a", ERROR), verdict("b")])
    assert set(folder.recorded()) == {"b"}
    opened(tmp_path / "r").append([verdict("a", Outcome.FAIL)])
    assert set(folder.recorded()) == {"a", "b"}
    assert keys(tmp_path / "r") == ["a", "b", "a"]
    assert [(v.key, v.outcome) for v in folder.verdicts()] == [("b", "pass"), ("a", "fail")]


def test_an_error_never_takes_the_place_of_a_verdict(tmp_path: Path) -> None:
    folder = opened(tmp_path / "r")
    folder.append([verdict("a")])
    folder.append([verdict("a", ERROR)])
    assert list(folder.verdicts()) == [verdict("a")]
    assert keys(tmp_path / "r") == ["a"]


def test_a_line_that_no_run_wrote_does_not_count(tmp_path: Path) -> None:
    opened(tmp_path / "r").append([verdict("a"), verdict("b")])
    with (tmp_path / "r" / SAMPLES).open("ab") as file:
        file.write(msgspec.json.encode(verdict("a", Outcome.FAIL)) + b"\n")
    folder = opened(tmp_path / "r")
    assert set(folder.recorded()) == {"a", "b"}
    assert {(v.key, v.outcome) for v in folder.verdicts()} == {("a", "pass"), ("b", "pass")}
    assert len(folder.repairs) == 1
    assert folder.repairs[0].startswith("1 line was not as a run had written")


def test_answers_that_were_lost_or_edited_are_open_again(tmp_path: Path) -> None:
    opened(tmp_path / "r").append([verdict("a"), verdict("b"), verdict("c"), verdict("d")])
    samples = tmp_path / "r" / SAMPLES
    a, b, c, d = samples.read_bytes().splitlines(keepends=True)
    samples.write_bytes(d + a + a + c.replace(b"true", b"null"))
    folder = opened(tmp_path / "r")
    assert set(folder.recorded()) == {"a", "d"}
    assert folder.repairs[0].startswith("2 lines were not as a run had written")
    folder.append([verdict("b"), verdict("c")])
    again = opened(tmp_path / "r")
    assert (set(again.recorded()), again.repairs) == ({"a", "b", "c", "d"}, [])
    assert b in samples.read_bytes()


def test_a_sum_without_its_line_is_an_answer_that_a_kill_left_open(tmp_path: Path) -> None:
    folder = opened(tmp_path / "r")
    folder.append([verdict("a")])
    Sums(tmp_path / "r").note([b"never written"], 1)
    again = opened(tmp_path / "r")
    assert again.repairs == ["1 line on record not there; the answers are judged again"]
    Sums(tmp_path / "r").note([b"never written"], 1)
    again.append([verdict("b")])
    assert opened(tmp_path / "r").repairs == []
    assert set(again.recorded()) == {"a", "b"}


def test_lines_of_before_there_were_sums_are_taken_and_told(tmp_path: Path) -> None:
    opened(tmp_path / "r").append([verdict("a"), verdict("b")])
    (tmp_path / "r" / SUMS).unlink()
    folder = opened(tmp_path / "r")
    assert set(folder.recorded()) == {"a", "b"}
    assert "nothing shows that none is lost" in folder.repairs[0]
    assert opened(tmp_path / "r").repairs == []


def test_without_sums_it_is_for_run_json_to_say_whether_lines_are_lost(tmp_path: Path) -> None:
    folder = opened(tmp_path / "r")
    folder.append([verdict("a"), verdict("b")])
    folder.write_run(msgspec.structs.replace(run_of(CONFIG), status="stopped"))
    (tmp_path / "r" / SUMS).unlink()
    samples = tmp_path / "r" / SAMPLES
    whole = samples.read_bytes()
    samples.write_bytes(whole.splitlines(keepends=True)[0])
    with pytest.raises(UserError, match=r"not the 2 that run\.json names"):
        opened(tmp_path / "r")
    samples.unlink()
    assert opened(tmp_path / "r").recorded() == {}
    samples.write_bytes(whole)


def test_an_error_is_recorded_again_only_where_it_says_something_else(tmp_path: Path) -> None:
    folder = opened(tmp_path / "r")
    folder.append([verdict("a", ERROR)])
    opened(tmp_path / "r").append([verdict("a", ERROR)])
    assert keys(tmp_path / "r") == ["a"]
    folder.append([verdict("a", ERROR, model="other")])
    assert keys(tmp_path / "r") == ["a", "a"]
    assert [v.model for v in folder.verdicts()] == ["other"]


def _append_many(path: Path, name: str, count: int) -> None:
    folder = ResultsFolder(path)
    for k in range(count):
        folder.append([verdict(f"{name}{k}"), verdict(f"shared{k}")])


def test_processes_that_append_at_once_lose_nothing(tmp_path: Path) -> None:
    opened(tmp_path / "r")
    fork = multiprocessing.get_context("fork")
    writers = [fork.Process(target=_append_many, args=(tmp_path / "r", n, 60)) for n in "xyz"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    expected = {f"{n}{k}" for n in ("x", "y", "z", "shared") for k in range(60)}
    found = keys(tmp_path / "r")
    assert len(found) == len(expected)
    assert set(found) == expected


def test_a_torn_last_line_is_moved_aside_and_not_lost(tmp_path: Path) -> None:
    opened(tmp_path / "r").append([verdict("a"), verdict("b")])
    samples = tmp_path / "r" / SAMPLES
    torn = samples.read_bytes()[:-20]
    samples.write_bytes(torn)
    folder = opened(tmp_path / "r")
    assert set(folder.recorded()) == {"a"}
    assert (tmp_path / "r" / TORN).read_bytes().strip() == torn.splitlines()[1]


def test_a_line_torn_while_others_run_does_not_spoil_the_next(tmp_path: Path) -> None:
    folder = opened(tmp_path / "r")
    folder.append([verdict("a")])
    with (tmp_path / "r" / SAMPLES).open("ab") as file:
        file.write(b'{"spec_id": "half')
    folder.append([verdict("b")])
    assert keys(tmp_path / "r") == ["a", "b"]
    assert b"half" in (tmp_path / "r" / TORN).read_bytes()


@pytest.mark.parametrize("where", ["front", "middle", "end"])
def test_lines_that_a_file_system_filled_with_zeros_are_moved_aside(
    tmp_path: Path, where: str
) -> None:
    opened(tmp_path / "r").append([verdict("a"), verdict("b"), verdict("c")])
    samples = tmp_path / "r" / SAMPLES
    data = bytearray(samples.read_bytes())
    length = len(data) // 3
    at = {"front": 0, "middle": length + 9, "end": 3 * length - 30}[where]
    data[at : at + 30] = bytes(30)
    samples.write_bytes(data)
    folder = opened(tmp_path / "r")
    lost = {"front": "a", "middle": "b", "end": "c"}[where]
    assert set(folder.recorded()) == {"a", "b", "c"} - {lost}
    assert folder.repairs == ["1 torn line kept in samples.torn; the answers are judged again"]
    assert bytes(10) in (tmp_path / "r" / TORN).read_bytes()
    folder.append([verdict(lost)])
    assert {v.key for v in ResultsFolder(tmp_path / "r").verdicts()} == {"a", "b", "c"}
    assert opened(tmp_path / "r").repairs == []


@pytest.mark.parametrize("cut", ["empty", "half", "zeros"])
def test_a_torn_run_json_is_moved_aside_and_said(tmp_path: Path, cut: str) -> None:
    opened(tmp_path / "r").append([verdict("a")])
    path = tmp_path / "r" / "run.json"
    whole = path.read_bytes()
    torn = {"empty": b"", "half": whole[: len(whole) // 2], "zeros": bytes(len(whole))}[cut]
    path.write_bytes(torn)
    folder = opened(tmp_path / "r")
    assert (tmp_path / "r" / RUN_TORN).read_bytes() == torn
    assert folder.read_run() is not None
    assert set(folder.recorded()) == {"a"}
    assert "run.json was torn" in folder.repairs[0]


def test_a_line_that_is_no_verdict_is_named_with_its_number(tmp_path: Path) -> None:
    opened(tmp_path / "r").append([verdict("a"), verdict("b")])
    samples = tmp_path / "r" / SAMPLES
    lines = samples.read_bytes().splitlines(keepends=True)
    samples.write_bytes(lines[0] + b"not json\n" + lines[1])
    with pytest.raises(UserError, match=r"samples\.jsonl:2: not a verdict .*run again"):
        list(ResultsFolder(tmp_path / "r").verdicts())
    (tmp_path / "r" / SUMS).unlink()
    with pytest.raises(UserError, match=r"samples\.jsonl:2: not a verdict"):
        opened(tmp_path / "r")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"seed": 7}, "seed: 0 before, 7 now"),
        ({"simulator": "verilator"}, "simulator: icarus before, verilator now"),
        ({"suite": "rtllm"}, "suite: small before, rtllm now"),
        ({"samples": 3}, "samples: none before, 3 now"),
        ({"tools": {"yosys": "0.40", "iverilog": "11.0"}}, "tools.yosys: 0.23 before, 0.40 now"),
        ({"tools": {"yosys": "0.23"}}, "tools.iverilog: 11.0 before, none now"),
    ],
)
def test_another_configuration_is_refused_with_the_difference(
    tmp_path: Path, change: dict[str, object], told: str
) -> None:
    opened(tmp_path / "r").append([verdict("a")])
    with pytest.raises(UserError) as refused:
        opened(tmp_path / "r", msgspec.structs.replace(CONFIG, **change))
    assert f"({told})" in str(refused.value)
    assert "--results" in str(refused.value)
    assert keys(tmp_path / "r") == ["a"]


def test_the_same_configuration_goes_on(tmp_path: Path) -> None:
    opened(tmp_path / "r").append([verdict("a")])
    opened(tmp_path / "r").append([verdict("b")])
    assert keys(tmp_path / "r") == ["a", "b"]


def test_a_file_in_the_folders_place_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "r").write_text("")
    with pytest.raises(UserError, match=r"cannot write results there .*--results"):
        opened(tmp_path / "r")


def test_a_run_json_that_is_none_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "run.json").write_text("{}")
    with pytest.raises(UserError, match=r"run\.json: not a run"):
        opened(tmp_path / "r")
