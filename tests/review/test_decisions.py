"""What several reviewers say together, and how far they agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rtlbench.dataset.reviews import Decision, Reviews, read_decisions, record_hash
from rtlbench.errors import UserError
from rtlbench.records.example import Placed, Record
from rtlbench.review.agreement import agreements, kappa

RECORD = Record(instruction="i", output="o")
PLACED = Placed(index=0, where="f:1", record=RECORD)


def said(reviewer: str, word: Any, output: str = "", comment: str = "") -> Decision:
    corrected = Record(instruction="i", output=output) if output else None
    return Decision(
        record=record_hash(RECORD), where="f:1", reviewer=reviewer, decision=word, comment=comment,
        corrected=corrected, at="2026-01-01T00:00:00Z",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("decisions", "left_out", "output"),
    [
        ([], "", "o"),
        ([said("a", "accept")], "", "o"),
        ([said("a", "accept"), said("b", "reject")], "review.rejected", "o"),
        ([said("a", "reject"), said("a", "accept")], "", "o"),
        ([said("a", "reject"), said("a", "undecided")], "", "o"),
        ([said("a", "correct", "p")], "", "p"),
        ([said("a", "correct", "p"), said("b", "accept")], "", "p"),
        ([said("a", "correct", "p"), said("b", "correct", "p")], "", "p"),
        ([said("a", "correct", "p"), said("b", "correct", "q")], "review.disputed", "o"),
        ([said("a", "correct", "p"), said("b", "reject")], "review.rejected", "o"),
    ],
)
def test_rulings(decisions: list[Decision], left_out: str, output: str) -> None:
    found = Reviews(decisions).of(PLACED)
    assert (found.left_out, found.placed.record.output) == (left_out, output)


def test_what_nobody_read_can_be_left_out() -> None:
    assert Reviews((), only_reviewed=True).of(PLACED).left_out == "review.none"
    assert Reviews([said("a", "accept")], only_reviewed=True).of(PLACED).left_out == ""


def test_what_is_in_no_input_is_counted() -> None:
    reviews = Reviews([said("a", "accept")])
    assert reviews.unmet == 1
    reviews.of(PLACED)
    assert reviews.unmet == 0


def test_what_is_no_decision_is_told(tmp_path: Path) -> None:
    log = tmp_path / "x.review.jsonl"
    with pytest.raises(UserError, match="no such file"):
        list(read_decisions(log))
    log.write_text('{"decision": "sure"}\n')
    with pytest.raises(UserError, match=r"x\.review\.jsonl:1: no decision"):
        list(read_decisions(log))


def test_kappa_of_a_known_table() -> None:
    # 50 grant proposals, read by two: 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no; kappa is 0.4.
    table = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert kappa(table) == pytest.approx(0.4)
    assert kappa([(b, a) for a, b in table]) == pytest.approx(0.4)
    assert kappa([("a", "a"), ("b", "b")]) == 1.0
    assert kappa([("a", "b"), ("b", "a")]) == -1.0
    assert kappa([("a", "a")] * 3) is None
    assert kappa([]) is None


def test_agreement_counts_only_what_both_decided() -> None:
    last = {
        "1": {"a": said("a", "accept"), "b": said("b", "reject")},
        "2": {"a": said("a", "accept")},
        "3": {"a": said("a", "reject"), "b": said("b", "reject"), "c": said("c", "reject")},
    }
    found = {one.reviewers: one for one in agreements(last)}
    assert sorted(found) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert (found["a", "b"].both, found["a", "b"].same) == (2, 1)
    assert found["b", "c"].kappa is None
