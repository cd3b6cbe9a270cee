"""A results folder that lost, doubled or bent an answer: told, and not counted, by all who read it;
and the same command judges it again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rtlbench.cli.main import main
from tests.conftest import Command, SmallSuite, right, wrong

Lines = list[dict[str, Any]]
POLICY = "[require]\nfunctional = 0.75\n[run]\nmax_unjudged = 0.5\n"


class Judged:
    """A run of five right and ten wrong answers, and the way to make it again."""

    def __init__(self, root: Path) -> None:
        self.suite = SmallSuite(root / "suite")
        self.answers = root / "answers.jsonl"
        made = [m for s in self.suite.specs for m in (right(s, 0), wrong(s, 1), wrong(s, 2))]
        self.answers.write_text("".join(json.dumps(m) + "\n" for m in made))
        self.folder = root / "results"
        self.policy = root / "gate.toml"
        self.policy.write_text(POLICY)

    def bench(self, results: Path) -> list[str]:
        """The command line."""
        return ["bench", self.suite.option, "--candidates", str(self.answers),
                "--results", str(results), "-n", "1"]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    made = Judged(tmp_path_factory.mktemp("judged"))
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
        patch.setattr("sys.argv", ["rtlbench", *made.bench(made.folder)])
        main()
    assert not ended.value.code
    return made


@pytest.fixture
def results(judged: Judged, tmp_path: Path) -> Path:
    return Path(shutil.copytree(judged.folder, tmp_path / "results"))


def lines_of(results: Path) -> Lines:
    text = (results / "samples.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def write(results: Path, lines: Lines) -> None:
    (results / "samples.jsonl").write_text("".join(json.dumps(v) + "\n" for v in lines))


def only_passes(results: Path) -> None:
    write(results, [v for v in lines_of(results) if v["outcome"] == "pass"])


def cut_in_half(results: Path) -> None:
    path = results / "samples.jsonl"
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def a_pass_for_each_fail(results: Path) -> None:
    good = [v for v in lines_of(results) if v["outcome"] == "pass"]
    write(results, [v for v in good for _ in range(3)])


def the_first_lost(results: Path) -> None:
    write(results, lines_of(results)[1:])


def emptied(results: Path) -> None:
    write(results, [])


def gone(results: Path) -> None:
    (results / "samples.jsonl").unlink()


def other_fields(change: dict[str, Any], where: str = "fail") -> Callable[[Path], None]:
    def bend(results: Path) -> None:
        write(results, [
            {**v, **change} if v["outcome"] == where else v for v in lines_of(results)
        ])

    return bend


def run_field(**change: Any) -> Callable[[Path], None]:
    def bend(results: Path) -> None:
        run = json.loads((results / "run.json").read_text())
        (results / "run.json").write_text(json.dumps({**run, **change}))

    return bend


BENT: dict[str, tuple[Callable[[Path], None], str]] = {
    "the passes alone": (only_passes, "5 answers, and run.json names 15"),
    "cut in half": (cut_in_half, "answers, and run.json names 15"),
    "passes in the fails' place": (a_pass_for_each_fail, "not as they were judged"),
    "the first is lost": (the_first_lost, "14 answers, and run.json names 15"),
    "emptied": (emptied, "0 answers, and run.json names 15"),
    "gone": (gone, "0 answers, and run.json names 15"),
    "functional": (other_fields({"functional": True}), "not as they were judged"),
    "score": (other_fields({"score": 1e9}), "not as they were judged"),
    "category": (other_fields({"category": "none"}), "not as they were judged"),
    "version of the run": (run_field(schema_version=99), "schema_version is 99"),
    "lines not read": (run_field(problem_count=-14), "was changed since it was written"),
    "no seal": (run_field(seal=""), "was changed since it was written"),
    "no record": (run_field(record=None), "was changed since it was written"),
}


@pytest.mark.parametrize("name", BENT)
def test_a_bent_run_is_told_and_not_counted(
    judged: Judged, results: Path, command: Command, name: str
) -> None:
    bend, told = BENT[name]
    bend(results)
    gated = command("gate", results, "--policy", judged.policy)
    assert (gated.returncode, gated.stdout) == (2, "")
    assert told in gated.stderr
    assert str(results) in gated.stderr
    assert len(gated.stderr.splitlines()) == 1
    compared = command("compare", judged.folder, results)
    assert (compared.returncode, compared.stdout, compared.stderr) == (2, "", gated.stderr)


def test_the_run_as_it_is_is_counted(judged: Judged, results: Path, command: Command) -> None:
    gated = command("gate", results, "--policy", judged.policy)
    assert (gated.returncode, gated.stderr) == (1, "")


JUDGED_AGAIN = (
    "the passes alone", "cut in half", "passes in the fails' place", "gone", "functional", "no seal"
)


@pytest.mark.parametrize("name", JUDGED_AGAIN)
def test_the_same_command_judges_again_what_is_missing_or_bent(
    judged: Judged, results: Path, command: Command, name: str
) -> None:
    before = {v["key"]: v for v in lines_of(results)}
    BENT[name][0](results)
    done = command(*judged.bench(results))
    assert done.returncode == 0, done.stdout + done.stderr
    if name != "no seal":
        assert "judged again" in done.stdout
    assert {v["key"]: v for v in lines_of(results)} == before
    gated = command("gate", results, "--policy", judged.policy)
    assert (gated.returncode, gated.stderr) == (1, "")


ODD_FIELDS: dict[str, tuple[dict[str, Any], str]] = {
    "functional": ({"functional": True}, "its functional is true, and by its Checks false"),
    "unknown function": ({"functional": None}, "its functional is null, and by its Checks false"),
    "score": ({"score": 1e9}, "its score is 1000000000.0, and by its Checks 0.78"),
    "outcome": ({"outcome": "pass"}, "its outcome is pass, and by its Checks fail"),
    "syntax": ({"syntax_valid": False}, "its syntax_valid is false, and by its Checks true"),
    "synthesis": ({"synthesizes": None}, "its synthesizes is null, and by its Checks true"),
    "ports": ({"all_io_used": False}, "its all_io_used is false, and by its Checks true"),
    "formal": ({"formal": "proved"}, "its formal is proved, and by its Checks null"),
    "weights": ({"weights": {}}, "it names no weight of a Check"),
    "version": ({"schema_version": 99}, "schema_version is 99, and 1 is read here"),
}


@pytest.mark.parametrize("name", ODD_FIELDS)
def test_a_verdict_is_held_against_its_own_checks(
    judged: Judged, results: Path, command: Command, name: str
) -> None:
    """Even where no record tells: a run of before there was one."""
    change, told = ODD_FIELDS[name]
    other_fields(change)(results)
    as_older(results)
    gated = command("gate", results, "--policy", judged.policy)
    assert gated.returncode == 2
    assert told in gated.stderr
    assert "samples.jsonl:" in gated.stderr


def as_older(results: Path) -> None:
    """The folder as it was before runs kept a record."""
    run = json.loads((results / "run.json").read_text())
    del run["record"], run["seal"]
    run["schema_version"] = 2
    (results / "run.json").write_text(json.dumps(run))
    (results / "samples.sha256").unlink()


def test_an_older_run_is_counted_and_told(
    judged: Judged, results: Path, command: Command
) -> None:
    as_older(results)
    gated = command("gate", results, "--policy", judged.policy)
    assert gated.returncode == 1
    assert gated.stderr.startswith(f"note: {results}: from before runs kept a record")
    assert len(gated.stderr.splitlines()) == 1
    only_passes(results)
    refused = command("gate", results, "--policy", judged.policy)
    assert refused.returncode == 2
    assert "do not give the figures that run.json names" in refused.stderr
