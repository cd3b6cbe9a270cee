"""Making mutants: reproducible, valid, apart from each other; the netlist's too."""

from __future__ import annotations

import pytest

from rtlbench.errors import HarnessError
from rtlbench.mutation.classification import judge_mutants, make_mutants
from rtlbench.mutation.design import Design, Mutant
from rtlbench.mutation.mutants import canonical, netlist_mutants, parsed, source_mutants, unchanged
from rtlbench.mutation.operators import OPERATORS
from rtlbench.mutation.operators.numbers import rewritten, value_of
from rtlbench.rtl.slang import elaborate
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Verifier
from tests.support import async_counter, plain_spec, sync_counter, updown


def test_the_same_seed_makes_the_same_mutants() -> None:
    spec = async_counter()
    assert source_mutants(spec, seed=3) == source_mutants(spec, seed=3)
    assert source_mutants(spec, 10, seed=3) != source_mutants(spec, 10, seed=4)
    assert netlist_mutants(spec, 12, seed=3) == netlist_mutants(spec, 12, seed=3)
    assert netlist_mutants(spec, 12, seed=3) != netlist_mutants(spec, 12, seed=4)


def test_a_limit_cuts_without_changing_what_comes_first() -> None:
    spec = async_counter()
    assert source_mutants(spec, 7) == source_mutants(spec)[:7]
    assert len({m.kind for m in source_mutants(spec, 7)}) == 7


def test_mutants_elaborate_and_say_something_else_each() -> None:
    spec = updown()["w7_wrap_flag"]
    forms = [canonical(Design(spec, spec.golden))]
    for mutant in source_mutants(spec):
        view = elaborate(mutant.text, spec.top)
        assert view.top is not None
        assert not list(view.errors)
        forms.append(canonical(Design(spec, mutant.text)))
    assert len(set(forms)) == len(forms)


def test_kinds_are_the_names_of_operators() -> None:
    assert {m.kind for m in source_mutants(async_counter())} <= set(OPERATORS)


def test_a_golden_that_no_tool_may_see_makes_no_mutants() -> None:
    spec = plain_spec("x", "input a", golden="`include \"x.v\"\nmodule m; endmodule\n")
    with pytest.raises(HarnessError, match="golden is refused"):
        source_mutants(spec)


def test_a_golden_that_yosys_refuses_is_an_error_that_says_so() -> None:
    spec = plain_spec("x", "input a", golden="module m; foo u(); endmodule\n")
    with pytest.raises(HarnessError, match=r"plain: Yosys made no mutants: .*foo"):
        netlist_mutants(spec, 5)


def test_netlist_mutants_simulate_and_most_are_killed() -> None:
    """A register's reset and initial value survive the way through Yosys and back."""
    for spec in (async_counter(), sync_counter(), updown()["w5_power_up"]):
        mutants = netlist_mutants(spec, 20)
        assert len(mutants) >= 15
        judged = judge_mutants(spec, mutants, Verifier())
        assert {j.simulated for j in judged} <= {"killed", "survived"}
        assert sum(j.simulated == "killed" for j in judged) > 0.7 * len(judged)
        assert all(m.source == "netlist" and m.kind.startswith("netlist-") for m in mutants)


def test_the_netlist_unchanged_passes() -> None:
    """What `mutate` starts from behaves as the golden does."""
    for spec in (async_counter(), updown()["w5_power_up"]):
        text = unchanged(spec)
        mutant = Mutant(kind="x", text=text, line=None, description="x", source="netlist")
        assert judge_mutants(spec, [mutant], Verifier())[0].simulated == "survived"


def test_mutants_come_from_both_sources() -> None:
    made = make_mutants(async_counter(), 40)
    assert len(made) == 40
    assert {m.source for m in made} == {"source", "netlist"}
    assert make_mutants(async_counter(), 0) == []


def test_a_line_of_yosys_is_read() -> None:
    line = (
        "mutate -mode cnot1 -module m -cell $auto$ff.cc:266:slice$14 -port Q -portbit 0 "
        "-ctrlbit 1 -wire e -wirebit 0 -src a.sv:4.15-4.16 -src golden.sv:6.3-6.43"
    )
    found = parsed(line)
    assert found.line == 6
    assert found.description == "bit 0 of pin Q of a register is inverted while bit 1 is 1"
    assert found.command == (
        "mutate -mode cnot1 -module m -cell $auto$ff.cc:266:slice$14 -port Q -portbit 0 -ctrlbit 1"
    )


@pytest.mark.parametrize(("text", "value", "other", "written"), [
    ("4'd9", 9, 10, "4'd10"),
    ("4'd15", 15, 16, "4'd0"),
    ("8'hfF", 255, 16, "8'h10"),
    ("3'b101", 5, 2, "3'b10"),
    ("12", 12, 11, "11"),
    ("'d3", 3, 4, "'d4"),
    ("4'sd3", 3, 2, "4'sd2"),
])  # fmt: skip
def test_numbers(text: str, value: int, other: int, written: str) -> None:
    assert value_of(text) == value
    assert rewritten(text, other) == written


@pytest.mark.parametrize("text", ["4'bx1", "WIDTH", "a + 1", "'0"])
def test_what_is_no_number(text: str) -> None:
    assert value_of(text) is None


def test_what_no_verilog_has_is_written_as_what_it_has() -> None:
    """A multiplexer bit by bit is a cell of Yosys alone; its netlist elaborates all the same."""
    spec = next(s for s in load_suite() if s.family == "two_way")
    mutants = netlist_mutants(spec, 6)
    assert mutants
    assert [m.text for m in mutants if list(elaborate(m.text, spec.top).errors)] == []
