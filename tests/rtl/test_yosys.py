"""Batches through Yosys: each unit gets what it would get alone."""

from __future__ import annotations

import pytest

from rtlbench.rtl.batches import Unit
from rtlbench.rtl.netlist import Netlist, NetlistFailure
from rtlbench.rtl.yosys import netlists


def good(k: int) -> Unit:
    text = f"module unit{k}_0(input clk, input [7:0] d, output reg [{k}:0] q);\n"
    return Unit(f"{text}always @(posedge clk) q <= d[{k}:0];\nendmodule\n", f"unit{k}_0")


def broken(k: int, text: str) -> Unit:
    return Unit(text.replace("NAME", f"unit{k}_0"), f"unit{k}_0")


BAD = {
    "syntax": "module NAME(input a, output y);\n  assign y = = a;\nendmodule\n",
    "unknown module": "module NAME(input a, output y);\n  nothing u(a, y);\nendmodule\n",
    "wrong port": "module NAME_x(input a); endmodule\nmodule NAME(input a, output y);\n"
    "  NAME_x u(.b(a));\nendmodule\n",
    "no such top": "module other_0(input a, output y); assign y = a; endmodule\n",
    "recursion": "module NAME(input a, output y);\n  NAME u(a, y);\nendmodule\n",
}


def test_nothing_gives_nothing() -> None:
    assert netlists([]) == []


def test_every_unit_of_a_batch_gets_its_own_netlist() -> None:
    made = netlists([good(k) for k in range(8)])
    assert [len(n.outputs["q"]) for n in made if isinstance(n, Netlist)] == list(range(1, 9))


@pytest.mark.parametrize("kind", BAD)
def test_one_bad_unit_costs_the_others_nothing(kind: str) -> None:
    units = [good(0), good(1), broken(2, BAD[kind]), good(3), good(4)]
    made = netlists(units)
    assert isinstance(made[2], NetlistFailure)
    assert made[2].reason in ("refused", "signal")
    assert [k for k, n in enumerate(made) if isinstance(n, Netlist)] == [0, 1, 3, 4]
    assert [len(n.outputs["q"]) for n in made if isinstance(n, Netlist)] == [1, 2, 4, 5]


def test_many_bad_units_leave_the_good_ones() -> None:
    texts = list(BAD.values())
    units = [good(k) if k % 2 else broken(k, texts[k // 2 % len(texts)]) for k in range(12)]
    made = netlists(units)
    assert [isinstance(n, Netlist) for n in made] == [bool(k % 2) for k in range(12)]


def test_the_message_names_the_line_of_the_unit() -> None:
    (made,) = netlists([broken(0, BAD["syntax"])])
    assert isinstance(made, NetlistFailure)
    assert "line 2" in made.message
    assert "unit0.sv" not in made.message


def test_arrays_of_arrays_are_read() -> None:
    text = (
        "module unit0_0(input [3:0] a, output logic [3:0] y);\n"
        "logic [1:0][1:0] t; assign t = a; assign y = {t[0], t[1]};\nendmodule\n"
    )
    (made,) = netlists([Unit(text, "unit0_0")])
    assert isinstance(made, Netlist)


def test_what_takes_too_long_is_a_timeout_and_the_others_are_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rtlbench.rtl.yosys.BASE_CPU_SECONDS", 1)
    endless = (
        "module NAME(input [7:0] a, output reg [63:0] y);\n integer k;\n always @* begin y = 0;\n"
        "for (k = 0; k < 30000000; k = k + 1) y = y + a;\n end\nendmodule\n"
    )
    made = netlists([good(0), broken(1, endless), good(2)])
    assert isinstance(made[1], NetlistFailure)
    assert made[1].reason == "timeout"
    assert isinstance(made[0], Netlist)
    assert isinstance(made[2], Netlist)
