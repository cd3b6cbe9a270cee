"""Options: each is declared once, has a flag and a variable; nonsense is one message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from rtlbench.cli.nightly import nightly
from rtlbench.errors import UserError
from rtlbench.nightly.night import Settings, make_settings
from rtlbench.nightly.options import OPTIONS, STAGES, flag, variable


def test_every_option_is_a_setting_and_belongs_to_a_stage_or_to_none() -> None:
    assert set(OPTIONS) == set(Settings.__struct_fields__)
    assert {o.stage for o in OPTIONS.values()} <= {*STAGES, ""}


def test_help_lists_each_option_with_its_variable() -> None:
    shown = " ".join(CliRunner().invoke(nightly, ["--help"]).output.split())
    for name in (*OPTIONS, "date", "from", "dry_run", "restart", "allow_older"):
        assert f"{flag(name)} " in shown
        assert variable(name) in shown.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a b", ("a", "b")),
        ("'a b' c", ("a b", "c")),
        ("\"-k x or y\" --seed=1", ("-k x or y", "--seed=1")),
        ("a\\ b", ("a b",)),
        ("", ()),
    ],
)
def test_a_variable_holds_several_values_as_a_shell_parts_them(
    monkeypatch: pytest.MonkeyPatch, text: str, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("CT_RETRAIN_BENCH_OPTION", text)
    context = nightly.make_context("nightly", ["history"])
    assert context.params["bench_option"] == words


def test_a_quote_that_is_not_closed_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CT_RETRAIN_GOLD", "'a b")
    refused = CliRunner().invoke(nightly, [])
    assert "No closing quotation" in str(refused.exception)


def test_every_default_makes_settings() -> None:
    settings = make_settings({})
    assert settings.max_records == 1000
    assert settings.min_delta_score == 0.95
    assert settings.against == ("rtlbench",)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"max_records": 0}, "--max-records 0: give a number of 1 or more"),
        ({"min_delta_score": 1.5}, "--min-delta-score 1.5: give a number of 0 to 1"),
        ({"delta_weight": float("nan")}, "--delta-weight nan"),
        ({"epochs": 0.0}, "--epochs 0"),
        ({"accept": "hope"}, "--accept: Invalid enum value 'hope'"),
        ({"categories": ("fms",)}, "--categories fms: there are"),
        ({"keep_days": -1}, "--keep-days -1"),
    ],
)
def test_what_makes_no_sense_is_one_message(given: dict[str, Any], told: str) -> None:
    with pytest.raises(UserError) as caught:
        make_settings(given)
    assert told in str(caught.value)


def test_the_environment_counts_and_flags_count_more(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CT_RETRAIN_ROOT", str(root))
    monkeypatch.setenv("CT_RETRAIN_MIN_DELTA", "0")
    monkeypatch.setenv("CT_RETRAIN_CATEGORIES", "fsm fms")
    refused = CliRunner().invoke(nightly, [])
    assert isinstance(refused.exception, UserError)
    assert "--min-delta 0" in str(refused.exception)
    refused = CliRunner().invoke(nightly, ["--min-delta", "1"])
    assert "--categories fms" in str(refused.exception)
