"""What is wrong in an option of any stage is said before the first, on a night without data too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from rtlbench.errors import UserError
from rtlbench.gate.policy import read_policy
from rtlbench.nightly.checks import check_options
from rtlbench.nightly.night import make_settings
from rtlbench.nightly.options import STAGES
from tests.nightly.endpoints import webhook
from tests.nightly.made import ROOT, Runs, Task, night_of, nightly

DATE = "2026-03-02"
POLICIES = {
    "empty": ("", "holds no rule"),
    "comments alone": ("# to be written\n", "holds no rule"),
    "no rule": ("[baseline]\nfigures = []\n", "holds no rule"),
    "no category": ("[category.fsmm]\nfunctional = 0.7\n", "there is no category fsmm"),
    "no category of the run": (
        "[run]\ncategories = ['fms']\n[require]\nfunctional = 0.7\n", "there is no category fms",
    ),
    "left out": ("[category.fifo]\nfunctional = 0.7\n", "fifo, which --categories leaves out"),
}


def refused(root: Path, until: str = STAGES[-1], **options: Any) -> str:
    """What is said of such options on a night without data."""
    (root / "data" / "runs").mkdir(parents=True, exist_ok=True)
    with pytest.raises(UserError) as caught:
        check_options(make_settings({"root": str(root), **options}), DATE, until)
    return str(caught.value)


def test_the_defaults_are_fit_for_a_night(root: Path) -> None:
    (root / "data" / "runs").mkdir(parents=True)
    check_options(make_settings({"root": str(root)}), DATE)


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_that_lets_through_what_it_should_not(root: Path, name: str) -> None:
    text, told = POLICIES[name]
    (root / "p.toml").write_text(text)
    assert told in refused(root, policy="p.toml", categories=("fsm",))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"runs": "data/rusn"}, "data/rusn: there is no such folder; see --runs"),
        ({"policy": "gates.toml"}, "gates.toml: there is no such file"),
        ({"recipe": "qwen.toml"}, "qwen.toml: there is no such file"),
        ({"set": ("train.learning_rat=1",)}, "learning_rat"),
        ({"set": ("learning_rate=1",)}, "--set learning_rate=1"),
        ({"gold": ("gold.jsonl",)}, "--gold gold.jsonl: there is no such file"),
        ({"base": "/no/such/model"}, "/no/such/model: the base model's folder is not there"),
        ({"base": "models/mine/base"}, "models/mine/base: the base model's folder"),
        ({"mainline": "models/none"}, "--mainline models/none: there is no such folder"),
        ({"suite": "rtlbech"}, "--suite rtlbech: no suite"),
        ({"suite": "rtllm=/no/where"}, "--suite rtllm=/no/where: /no/where is not a folder"),
        ({"against": ("rtlbench", "x")}, "--against x: no suite"),
        ({"bench_option": ("--max-token=9",)}, "is --max-tokens meant?"),
        ({"bench_option": ("-kA", "-kB")}, "one -k alone, and here are -kA and -kB"),
        ({"bench_option": ("-kA",), "categories": ("fsm",)}, "--categories and -kA"),
        ({"notify": ("slak://a/b/c",)}, "--notify slak://...: not an address"),
    ],
)
def test_a_wrong_option_of_any_stage(root: Path, options: dict[str, Any], told: str) -> None:
    assert told in refused(root, **options)


def test_a_script_of_an_early_stage_does_not_ask_for_later_ones(root: Path) -> None:
    (root / "data" / "runs").mkdir(parents=True)
    check_options(make_settings({"root": str(root), "policy": "none.toml"}), DATE, "train")
    assert "none.toml" in refused(root, "gate", policy="none.toml")


def test_a_night_without_data_ends_with_2_a_row_and_a_notice(root: Path) -> None:
    (root / "data" / "runs").mkdir(parents=True)
    with webhook() as (port, told):
        done = nightly(root, "--date", DATE, "--policy", "gates.toml", "--notify",
                       f"json://127.0.0.1:{port}/")  # fmt: skip
    assert done.returncode == 2, done.stdout + done.stderr
    assert "gates.toml: there is no such file" in done.stderr
    assert [t["title"] for t in told.taken] == [f"nightly {DATE}: stopped"]
    row = (root / "data" / "run_db" / "nightly" / f"{DATE}.json").read_text()
    assert '"failed"' in row
    assert "gates.toml" in row


def test_a_folder_of_runs_that_is_not_there_is_no_quiet_night(root: Path) -> None:
    done = nightly(root, "--date", DATE, "--runs", "data/rusn")
    assert done.returncode == 2, done.stdout
    assert "data/rusn: there is no such folder" in done.stderr
    assert "nothing to do" not in done.stdout + done.stderr
    assert nightly(root, "--dry-run", "--runs", "data/rusn").returncode == 2


@pytest.mark.parametrize("name", ["CT_RETRAIN_MAX_RECORD", "CT_RETRAIN_", "CT_RETRAIN_max_records"])
def test_a_variable_of_no_option_is_refused(root: Path, name: str) -> None:
    done = nightly(root, env={name: "5"})
    assert done.returncode == 2
    assert f"{name}: no option of `rtlbench nightly` has this variable" in done.stderr
    if name == "CT_RETRAIN_MAX_RECORD":
        assert "is CT_RETRAIN_MAX_RECORDS meant?" in done.stderr
    assert not (root / "work").exists()


def test_what_the_traces_have_is_collected_whatever_is_wrong(
    root: Path, runs: Runs, updown: Task
) -> None:
    runs.answer("a", updown)
    done = nightly(root, "--date", DATE, "--policy", "gates.toml")
    assert done.returncode == 2
    assert "collect: 1 new passing answers" in done.stdout
    assert list(night_of(root, DATE).paths.raw.glob("*/*/record.json"))


def test_the_page_s_own_command_for_the_small_model_is_fit_for_a_night(root: Path) -> None:
    page = (ROOT / "docs" / "nightly.md").read_text()
    call = page.partition("on a CPU:\n\n```\nrtlbench nightly ")[2].partition("\n```")[0]
    words = call.replace("\\\n", " ").split()
    given = {name[2:].replace("-", "_"): value for name, value in batched(words)}
    assert given.keys() == {"recipe", "policy", "min_delta"}
    (root / "data" / "runs").mkdir(parents=True)
    given["min_delta"] = int(given["min_delta"])
    settings = make_settings({"root": str(root), **given})
    check_options(settings, DATE)
    shipped = read_policy(ROOT / settings.policy)
    strict = read_policy(ROOT / "training" / "nightly" / "gate.toml")
    assert shipped == msgspec.structs.replace(strict, category={})


def batched(words: list[str]) -> list[tuple[str, Any]]:
    """Flags with their values."""
    return list(zip(words[::2], words[1::2], strict=True))


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_has_a_script(stage: str) -> None:
    text = (ROOT / "training" / "nightly" / f"{stage}.py").read_text()
    assert f'stage_command("{stage}"), "{stage}"' in text
    assert f"python training/nightly/{stage}.py" in text
