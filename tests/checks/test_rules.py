"""docs/rules.md: every rule is in it, is told of its example, and says what the page says."""

from __future__ import annotations

import re

import pytest

from rtlbench.records.verdict import Outcome, Severity, Verdict
from tests.checks.rules import (
    BEGIN,
    DOCUMENT,
    END,
    Rule,
    all_rules,
    document,
    judged,
    named_in_source,
)

RULES = all_rules()
BY_PARTS = {"intent.clear", "intent.enable", "intent.load"}
"""Rules that the source puts together out of the name of a control."""


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    return {r.id: v for r, v in zip(RULES.rule, judged(RULES), strict=True)}


@pytest.mark.parametrize("rule", RULES.rule, ids=lambda r: r.id)
def test_the_example_of_a_rule_gets_its_message(rule: Rule, verdicts: dict[str, Verdict]) -> None:
    verdict = verdicts[rule.id]
    found = [(f.severity, f.message) for f in verdict.findings if f.rule == rule.id]
    assert (rule.severity, rule.message) in found, verdict.findings
    if rule.severity is Severity.ERROR:
        assert verdict.outcome is Outcome.FAIL


def test_every_rule_that_the_source_names_is_in_the_table_or_told_to_be_special() -> None:
    shown = [r.id for r in RULES.rule]
    assert len(shown) == len(set(shown))
    assert not set(shown) & set(RULES.special)
    assert set(named_in_source()) - set(shown) - set(RULES.special) == set()


def test_no_rule_is_told_of_that_the_source_does_not_name() -> None:
    named = set(named_in_source())
    verilators = {r.id for r in RULES.rule if "Verilator's" in r.means}
    assert {r.id for r in RULES.rule} - verilators - named == BY_PARTS


def test_the_page_is_what_is_tested() -> None:
    text = DOCUMENT.read_text()
    written = text.partition(BEGIN)[2].partition(END)[0].strip()
    assert written == document(RULES).strip(), "run: python -m tests.checks.rules"
    for row in re.findall(r"^\| `.*$", written, re.M):
        assert len(re.findall(r"(?<!\\)\|", row)) == 6, row
