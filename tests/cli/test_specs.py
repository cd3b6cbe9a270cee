"""`rtlbench specs`: the tasks of a suite, for people and for programs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from rtlbench.cli.main import cli
from rtlbench.errors import UserError
from rtlbench.suites.families import load_suite


def invoke(*args: str) -> Result:
    load_suite.cache_clear()
    return CliRunner().invoke(cli, ["specs", *args])


def message(ran: Result) -> str:
    assert isinstance(ran.exception, UserError), ran.exception
    return str(ran.exception)


def test_list_has_a_line_a_task(small_suite: Any) -> None:
    ran = invoke("list", small_suite.option)
    assert ran.exit_code == 0
    lines = ran.stdout.splitlines()
    assert lines[0].split()[:2] == ["updown_counter/updown_w4_sync", "easy"]
    assert len(lines) == 5
    assert ran.stderr == "5 specs\n"


def test_list_as_json_has_what_a_program_needs(small_suite: Any) -> None:
    found = json.loads(invoke("list", small_suite.option, "--json").stdout)
    first = {k: found[0][k] for k in ("id", "category", "family", "difficulty")}
    assert first == {
        "id": "updown_w4_sync",
        "category": "updown_counter",
        "family": "updown",
        "difficulty": "easy",
    }
    assert len(found) == 5
    assert [row["digest"] for row in found] == [s.digest() for s in small_suite.specs]


def test_list_of_a_category_that_is_none_names_those_there_are(small_suite: Any) -> None:
    assert "no category 'fsm'; there are updown_counter" in message(
        invoke("list", small_suite.option, "--category", "fsm")
    )


@pytest.mark.parametrize("name", ["updown_w4_sync", "updown_counter/updown_w4_sync"])
def test_show_gives_the_prompt_and_keeps_the_golden_back(small_suite: Any, name: str) -> None:
    ran = invoke("show", small_suite.option, name)
    assert "Write a synthesizable SystemVerilog module `updown_counter`" in ran.stdout
    assert "always_ff" not in ran.stdout
    assert "always_ff" in invoke("show", small_suite.option, name, "--golden").stdout


def test_show_as_json_is_the_spec(small_suite: Any) -> None:
    spec = json.loads(invoke("show", small_suite.option, "updown_w4_sync", "--json").stdout)
    assert (spec["id"], spec["top"]) == ("updown_w4_sync", "updown_counter")
    assert [p["name"] for p in spec["ports"]] == ["clk", "rst", "up", "q"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("updown_w8", "did you mean updown_w8_async_low_en?"),
        ("updwn_w4_sync", "did you mean updown_w4_sync"),
        ("zzz", "see `rtlbench specs list`"),
    ],
)
def test_an_unknown_spec_gets_a_suggestion(small_suite: Any, asked: str, told: str) -> None:
    told_now = message(invoke("show", small_suite.option, asked))
    assert told_now.startswith(f"no spec {asked!r}")
    assert told in told_now


def test_validate_passes_a_good_spec(small_suite: Any) -> None:
    ran = invoke("validate", small_suite.option, "updown_w4_sync", "--mutants", "0")
    assert ran.exit_code == 0, ran.output
    assert ran.stdout.splitlines() == ["updown_counter/updown_w4_sync  ok", "1 specs, 0 wrong"]


def test_validate_counts_mutants_and_how_they_end(small_suite: Any) -> None:
    args = ("validate", small_suite.option, "updown_w4_sync", "--mutants", "20", "--prove-all", "3")
    ran = invoke(*args)
    assert ran.exit_code == 0, ran.output
    first, specs, mutants, agreement = ran.stdout.splitlines()
    assert first.startswith("updown_counter/updown_w4_sync  ok     20 mutants: ")
    assert first.endswith(" equivalent, 0 different, 0 undecided")
    assert (specs, mutants.split(":")[0]) == ("1 specs, 0 wrong", "20 mutants")
    assert agreement.startswith("simulation and formal: ")
    assert agreement.endswith(" agree, 0 disagree")
    assert invoke(*args).stdout == ran.stdout


def test_validate_as_json(small_suite: Any) -> None:
    ran = invoke("validate", small_suite.option, "updown", "--mutants", "6", "--no-proof", "--json",
                 "-n", "2")  # fmt: skip
    found = json.loads(ran.stdout)
    assert [v["id"] for v in found["specs"]] == [s.id for s in small_suite.specs]
    assert found["wrong"] == 0
    assert found["total"]["made"] == 30
    total = found["total"]
    assert total["killed"] + total["unproved"] + total["refused"] == 30
    assert {v["formal"] for v in found["specs"]} == {""}


def test_validate_says_what_formal_can_do_with_a_golden(small_suite: Any) -> None:
    ran = invoke("validate", small_suite.option, "updown_w4_sync", "--mutants", "0", "--json")
    assert json.loads(ran.stdout)["specs"][0]["formal"] == "proved"


def test_validate_finds_a_golden_that_contradicts_its_model(small_suite: Any) -> None:
    small_suite.spoil_golden()
    ran = invoke("validate", small_suite.option, "updown_w4_sync")
    assert ran.exit_code == 1
    assert "WRONG" in ran.stdout
    assert "the golden does not score 1.0" in ran.stdout
    assert "mutant" not in ran.stdout


def test_validate_names_what_it_does_not_know(small_suite: Any) -> None:
    told = message(invoke("validate", small_suite.option, "updown", "nope"))
    assert told == "no spec, family or category 'nope'; see `rtlbench specs list`"
    assert "give --all" in message(invoke("validate", small_suite.option))
    told = message(invoke("validate", small_suite.option, "--all", "out.json"))
    assert told == "--all means every task: leave out out.json"


def test_a_suite_that_is_not_there_is_one_message(rtlbench: Any) -> None:
    for suite in ("nope", "rtlbench=nope"):
        ran = rtlbench("specs", "list", "--suite", suite)
        assert ran.returncode == 2
        assert ran.stderr.startswith("rtlbench: ")
        assert len(ran.stderr.splitlines()) == 1
