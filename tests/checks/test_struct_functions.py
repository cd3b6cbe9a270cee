"""Functions that give a struct, and tasks that hand one out, assigned member by member: simulation
and synthesis read them alike."""

from __future__ import annotations

import pytest

from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.suites.families import load_suite
from tests.support import judge_all, rules

HALVES = "typedef struct packed { logic [1:0] high; logic [1:0] low; } halves;\n"
TAKEN = "halves s, nx; assign q = s; always_ff @(posedge clk) if (rst) s <= '0; else s <= nx;\n"
LOW = "n.low + (up ? 2'd1 : 2'd3)"
HIGH = "up ? (&n.low ? n.high + 2'd1 : n.high) : (n.low == 2'd0 ? n.high - 2'd1 : n.high)"
HEAD = "function automatic halves after(input halves n, input logic up);\n"

BODIES = {
    "by the function's own name": (
        f"{HALVES}{TAKEN}{HEAD}after.low = {LOW};\nafter.high = {HIGH};\nendfunction\n"
        "assign nx = after(s, up);"
    ),
    "after a default": (
        f"{HALVES}{TAKEN}{HEAD}after = n;\nafter.low = {LOW};\n"
        "if (up && n.low == 2'd3) after.high = n.high + 2'd1;\n"
        "if (!up && n.low == 2'd0) after.high = n.high - 2'd1;\nendfunction\n"
        "assign nx = after(s, up);"
    ),
    "bit by bit of a member": (
        f"{HALVES}{TAKEN}{HEAD}after.low[0] = ~n.low[0];\n"
        "after.low[1] = n.low[1] ^ (up ? n.low[0] : ~n.low[0]);\n"
        f"after.high = {HIGH};\nendfunction\nassign nx = after(s, up);"
    ),
    "by a variable that is returned": (
        f"{HALVES}{TAKEN}{HEAD}halves r;\nr.low = {LOW};\nr.high = {HIGH};\nreturn r;\n"
        "endfunction\nassign nx = after(s, up);"
    ),
    "read back in the function": (
        f"{HALVES}{TAKEN}{HEAD}after.low = {LOW};\nafter.high = n.high;\n"
        "if (after.low == (up ? 2'd0 : 2'd3)) after.high = up ? n.high + 2'd1 : n.high - 2'd1;\n"
        "endfunction\nassign nx = after(s, up);"
    ),
    "a task's output": (
        f"{HALVES}{TAKEN}task automatic move(input halves n, input logic up, output halves r);\n"
        f"r.low = {LOW};\nr.high = {HIGH};\nendtask\nalways_comb move(s, up, nx);"
    ),
    "a struct in a struct": (
        f"{HALVES}typedef struct packed {{ halves h; logic [3:0] copy; }} both;\n{TAKEN}"
        "both b; assign b = after(s, up); assign nx = b.h & b.copy;\n"
        "function automatic both after(input halves n, input logic up);\n"
        f"after.h.low = {LOW};\nafter.h.high = {HIGH};\nafter.copy = after.h;\nendfunction"
    ),
}  # fmt: skip
WRONG = {name: body.replace("n.high + 2'd1", "n.high + 2'd2") for name, body in BODIES.items()}



def judged(bodies: dict[str, str]) -> dict[str, Verdict]:
    spec = next(s for s in load_suite() if s.id == "updown_w4_sync")
    head = spec.golden[: spec.golden.index(");") + 3]
    texts = [f"{head}{body}\nendmodule\n" for body in bodies.values()]
    return dict(zip(bodies, judge_all(texts, spec), strict=True))


@pytest.fixture(scope="module")
def right() -> dict[str, Verdict]:
    return judged(BODIES)


@pytest.fixture(scope="module")
def wrong() -> dict[str, Verdict]:
    return judged(WRONG)


@pytest.mark.parametrize("name", BODIES)
def test_members_are_assigned_alike_in_simulation_and_synthesis(
    right: dict[str, Verdict], name: str
) -> None:
    assert rules(right[name]) == set()
    assert (right[name].functional, right[name].outcome) == (True, Outcome.PASS)


@pytest.mark.parametrize("name", BODIES)
def test_a_wrong_member_is_wrong(wrong: dict[str, Verdict], name: str) -> None:
    assert WRONG[name] != BODIES[name]
    assert (wrong[name].functional, wrong[name].outcome) == (False, Outcome.FAIL)
