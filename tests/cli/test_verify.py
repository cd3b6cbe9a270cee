"""`rtlbench verify`: one file or some, with a task or without."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support import CLASSIC

Run = Callable[..., Any]
KEYS = {
    "outcome", "score", "syntax_valid", "synthesizes", "all_io_used", "functional", "formal",
    "checks", "findings",
}  # fmt: skip
SPEC = "--spec=updown_w4_sync"


@pytest.fixture
def files(tmp_path: Path, small_suite: Any) -> dict[str, Path]:
    """Answers to updown_w4_sync, and what is none."""
    golden = small_suite.specs[0].golden
    texts = {
        "right": golden.encode(),
        "wrong": golden.replace("+ 1'b1", "+ 2'd2").encode(),
        "classic": CLASSIC.encode(),
        "empty": b"",
        "huge": b"a" * 5_000_000,
        "binary": bytes(range(256)) * 20,
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.sv").write_bytes(text)
    return {name: tmp_path / f"{name}.sv" for name in texts}


def verdicts(ran: Any) -> list[dict[str, Any]]:
    return json.loads(ran.stdout)  # type: ignore[no-any-return]


def test_a_right_answer_passes(rtlbench: Run, small_suite: Any, files: dict[str, Path]) -> None:
    ran = rtlbench("verify", SPEC, small_suite.option, files["right"])
    assert ran.returncode == 0, ran.stderr
    assert "pass, score 1.000" in ran.stdout
    assert "functional yes" in ran.stdout


def test_a_wrong_answer_says_where(
    rtlbench: Run, small_suite: Any, files: dict[str, Path]
) -> None:
    ran = rtlbench("verify", SPEC, small_suite.option, files["wrong"])
    assert ran.returncode == 1
    assert "q is 1111, expected 1110" in ran.stdout
    assert ran.stderr == ""


def test_json_is_a_list_of_verdicts_in_the_order_of_the_files(
    rtlbench: Run, small_suite: Any, files: dict[str, Path]
) -> None:
    ran = rtlbench("verify", SPEC, small_suite.option, "--json", *files.values())
    assert ran.returncode == 1
    found = verdicts(ran)
    assert all(set(v) >= KEYS for v in found)
    assert [v["outcome"] for v in found] == ["pass", *["fail"] * 5]
    by_name = dict(zip(files, found, strict=True))
    rules = {name: [f["rule"] for f in v["findings"]] for name, v in by_name.items()}
    assert rules["empty"] == ["syntax.empty"]
    assert rules["huge"] == ["syntax.too-large"]
    assert len(rules["binary"]) == 1


def test_without_a_task_only_static_checks_are_made(
    rtlbench: Run, files: dict[str, Path]
) -> None:
    ran = rtlbench("verify", "--json", files["classic"])
    (verdict,) = verdicts(ran)
    assert ran.returncode == 1
    assert (verdict["syntax_valid"], verdict["all_io_used"]) == (True, False)
    assert verdict["functional"] is None
    assert verdict["score"] < 0.95
    named = [(f["message"], f["line"]) for f in verdict["findings"] if f["rule"][:5] == "ports"]
    assert any(" en " in message and line == 4 for message, line in named), named
    assert any(" q " in message and line == 5 for message, line in named), named


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["missing.sv"], "missing.sv: cannot read it (No such file or directory); give files"),
        (["."], ".: cannot read it (Is a directory)"),
        (["{right}", "--spec=updown_w4_sink"], "did you mean updown_w4_sync"),
        (["{right}", SPEC, "--simulator=questa"], "no simulator 'questa'; there are icarus"),
        (["{right}", "--waves=w.fst"], "--waves needs one FILE and a --spec"),
        (["{right}", SPEC, "--waves=no/w.fst"], "there is no folder no; make it first"),
        (["{empty}", SPEC, "--waves=w.fst"], "this answer fails before simulation"),
    ],
)
def test_a_mistake_is_one_message(
    rtlbench: Run, small_suite: Any, files: dict[str, Path], args: list[str], told: str
) -> None:
    ran = rtlbench("verify", small_suite.option, *(a.format(**files) for a in args))
    assert ran.returncode == 2
    assert told in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


@pytest.mark.slow
def test_waves_makes_a_waveform(
    rtlbench: Run, small_suite: Any, files: dict[str, Path], tmp_path: Path
) -> None:
    waves = tmp_path / "w.fst"
    ran = rtlbench("verify", SPEC, small_suite.option, files["wrong"], "--waves", waves)
    if Path(__file__).is_relative_to("/tmp"):  # where the FST writer has no place of its own
        assert (ran.returncode, "install it elsewhere" in ran.stderr) == (2, True), ran.stderr
        return
    assert ran.returncode == 1
    assert waves.stat().st_size > 500
    assert ran.stderr == f"waveform: {waves}\n"


@pytest.mark.slow
def test_with_a_tool_missing_what_stands_in_gives_the_same_verdict(
    rtlbench: Run, small_suite: Any, files: dict[str, Path], path_without: Callable[..., str]
) -> None:
    args = ["verify", SPEC, small_suite.option, "--json", files["right"], files["wrong"]]
    ran = rtlbench(*args, PATH=path_without("iverilog"))
    assert [v["outcome"] for v in verdicts(ran)] == ["pass", "fail"], ran.stdout
    assert ran.stderr == ""


def test_with_no_simulator_at_all_the_message_says_what_to_install(
    rtlbench: Run, small_suite: Any, files: dict[str, Path], path_without: Callable[..., str]
) -> None:
    args = ["verify", SPEC, small_suite.option, files["right"]]
    ran = rtlbench(*args, PATH=path_without("iverilog", "c++"))
    assert ran.returncode == 2
    assert "iverilog" in ran.stderr
    assert "g++" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
