"""`rtlbench leaderboard`: real runs as a page in a real browser, as Markdown, as others read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from rtlbench.suites.families import load_suite
from tests.browsing import Scheme, browser, opened
from tests.conftest import right, wrong
from tests.report.test_report import command as run
from tests.report.test_report import judged

SPEC, OTHER = (s for s in load_suite() if s.id in ("updown_w4_sync", "updown_w7_wrap_flag"))
OWNED = "</h2><script>alert(1)</script><img>|`x"
Command = Callable[..., "CompletedProcess[str]"]
EVERY_EVAL = {
    "type": "object",
    "required": [
        "schema_version", "evaluation_id", "retrieved_timestamp", "source_metadata", "model_info",
        "eval_library", "evaluation_results",
    ],
    "properties": {
        "schema_version": {"const": "0.2.1"},
        "retrieved_timestamp": {"type": "string", "pattern": "^[0-9]{10}$"},
        "source_metadata": {
            "required": ["source_type", "source_organization_name", "evaluator_relationship"],
            "properties": {"source_type": {"enum": ["documentation", "evaluation_run"]}},
        },
        "model_info": {"required": ["name", "id"]},
        "eval_library": {
            "required": ["name", "version"],
            "properties": {"additional_details": {"additionalProperties": {"type": "string"}}},
        },
        "evaluation_results": {
            "minItems": 1,
            "items": {
                "required": ["evaluation_name", "source_data", "metric_config", "score_details"],
                "properties": {
                    "metric_config": {"required": ["lower_is_better", "min_score", "max_score"]},
                    "score_details": {
                        "required": ["score"],
                        "properties": {"score": {"type": "number", "minimum": 0, "maximum": 1}},
                    },
                },
            },
        },
    },
}  # fmt: skip
"""What every-eval-ever's eval.schema.json, version 0.2.1, asks of what is written here."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Three runs of the same two tasks: one half right, one all right, one judged otherwise."""
    folder = tmp_path_factory.mktemp("runs")
    half = judged(folder, "half", right(SPEC, 0), wrong(OTHER, 0))
    whole = judged(folder, "whole", right(SPEC, 0), right(OTHER, 0))
    lines, third = folder / "whole.jsonl", folder / "third"
    given = ("--candidates", lines, "--results", third, "--workers", 1, "--partial")
    ran = run("bench", *given, "--seed", 7, cwd=folder)
    assert ran.returncode == 0, ran.stderr
    return [f"half={half}", f"{OWNED}={whole}", f"third={third}"]


def test_markdown_says_how_many_tasks_how_sure_and_how_to_do_it_again(
    runs: list[str], command: Command, tmp_path: Path
) -> None:
    out = tmp_path / "board.md"
    told = command("leaderboard", *runs, "--out", out)
    assert told.returncode == 0, told.stderr
    text = out.read_text()
    lines = text.splitlines()
    table = [line for line in lines if line.startswith("|") and " of 277, partial |" in line]
    assert len(table) == 3
    assert all("| 2 of 277, partial |" in line for line in table)
    assert table[-1].startswith("| half |")  # the best first
    assert re.search(r"\| 50\.0% \(\d+\.\d to \d+\.\d\) \|", table[-1])
    assert "<script>" not in text
    pairs = [line for line in lines if " less " in line]
    assert len(pairs) == 3
    assert re.search(r"\| 2 \| -50\.0 points \(-100\.0 to \+0\.0\) \| 1 \|", pairs[0])
    assert sum("differ in seed" in line for line in pairs) == 2
    commands = re.findall(r"`(rtlbench bench [^`]*)`", text)
    assert len(commands) == 3
    assert "--seed 7" in commands[-1] + commands[0] + commands[1]
    assert text.count("icarus") >= 3
    assert "yosys" in text


@browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_in_a_browser(
    runs: list[str], command: Command, tmp_path: Path, scheme: Scheme
) -> None:
    out = tmp_path / "board.html"
    assert command("leaderboard", *runs, "--out", out).returncode == 0
    with opened(out.as_uri(), scheme) as shown:
        assert shown.page.title() == "rtlbench leaderboard"
        assert OWNED in shown.page.inner_text("table")
        shown.page.click("summary >> nth=0")
        assert shown.page.inner_text("details pre >> nth=0").startswith("rtlbench bench")
        assert shown.faults() == []
        assert not shown.errors
        assert shown.asked == {""}


def test_what_other_places_read(runs: list[str], command: Command, tmp_path: Path) -> None:
    hub, every = tmp_path / "hub", tmp_path / "every"
    told = command(
        "leaderboard", *runs, "--out", tmp_path / "b.md", "--eval-results", hub, "--hub-dataset",
        "someone/rtl", "--every-eval-ever", every,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert len(list(hub.iterdir())) == len(list(every.iterdir())) == 3
    entries: list[dict[str, Any]] = yaml.safe_load((hub / "half.yaml").read_text())
    hub_library = pytest.importorskip("huggingface_hub")
    read = {e.task_id: e for e in hub_library.parse_eval_result_entries(entries)}
    assert read["rtlbench_functional"].value == 50.0
    assert read["rtlbench_functional"].dataset_id == "someone/rtl"
    assert "2 of 277, partial tasks answered" in read["rtlbench_functional"].notes
    for file in every.iterdir():
        jsonschema.validate(json.loads(file.read_text()), EVERY_EVAL)
    made = json.loads((every / "half.json").read_text())
    first = made["evaluation_results"][0]["score_details"]
    assert first["score"] == 0.5
    assert first["uncertainty"]["confidence_interval"]["lower"] < 0.5


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--eval-results", "x"), "--hub-dataset ORG/NAME"),
        (("--eval-results", "x", "--hub-dataset", "rtl"), "give the benchmark's id"),
        (("--out", "board.txt"), "ends in .html or .md"),
        (("half={}",), "two runs are called half"),
    ],
)
def test_mistakes_are_told(
    runs: list[str], command: Command, arguments: tuple[str, ...], told: str
) -> None:
    given = [a.format(runs[0].partition("=")[2]) for a in arguments]
    ran = command("leaderboard", runs[0], *given)
    assert ran.returncode == 2
    assert told in ran.stderr


def test_wandb_gets_the_figures_where_it_is_installed(
    runs: list[str], command: Command, tmp_path: Path
) -> None:
    pytest.importorskip("wandb")
    ran = command(
        "leaderboard", runs[0], "--wandb", "rtl", WANDB_MODE="offline", WANDB_DIR=str(tmp_path)
    )
    assert ran.returncode == 0, ran.stderr
    assert "1 runs logged to rtl" in ran.stdout
    assert list(tmp_path.glob("wandb/offline-run-*"))
