"""Batches through Verilator's lint: each unit gets its own messages."""

from __future__ import annotations

from rtlbench.checks.lint import lint
from rtlbench.rtl.batches import Unit


def unit(k: int, body: str) -> Unit:
    text = f"module unit{k}_0(input [7:0] a, output [7:0] y);\n{body}\nendmodule\n"
    return Unit(text, f"unit{k}_0")


CLEAN = "assign y = a;"
WIDTH = "\nassign y = a[3:0];"
UNUSED = "wire [7:0] idle = a;\nassign y = ~a;"
REFUSED = "assign y = idle_function(a);"


def codes(units: list[Unit]) -> list[list[str]]:
    found = lint(units)
    return [sorted(m.code for m in messages or []) for messages in found]


def test_nothing_gives_nothing() -> None:
    assert lint([]) == []


def test_clean_code_draws_no_message() -> None:
    assert codes([unit(0, CLEAN)]) == [[]]


def test_a_message_has_code_line_and_column() -> None:
    (found,) = lint([unit(0, WIDTH)])
    message = next(m for m in found or [] if m.code == "WIDTHEXPAND")
    assert message.line == 3
    assert message.column is not None
    assert not message.error


def test_messages_are_told_apart_in_a_batch_as_alone() -> None:
    bodies = [CLEAN, WIDTH, CLEAN, UNUSED, WIDTH]
    together = codes([unit(k, b) for k, b in enumerate(bodies)])
    alone = [codes([unit(0, b)])[0] for b in bodies]
    assert together == alone
    assert together[0] == together[2] == []
    assert together[1] == together[4] != []


def test_a_unit_that_verilator_refuses_costs_the_others_nothing() -> None:
    bodies = [CLEAN, REFUSED, WIDTH, "assign y = = a;", UNUSED]
    together = lint([unit(k, b) for k, b in enumerate(bodies)])
    alone = [lint([unit(0, b)])[0] for b in bodies]
    errors = [any(m.error for m in found or []) for found in together]
    assert errors == [False, True, False, True, False]
    for k in (0, 2, 4):
        assert [m.code for m in together[k] or []] == [m.code for m in alone[k] or []]


def test_style_draws_no_message() -> None:
    body = "localparam UNUSED_ONE = 1;\ngenerate if (1) assign y = a; endgenerate"
    assert codes([unit(0, body)]) == [[]]
