"""The generated Verilog around the lanes."""

from __future__ import annotations

from rtlbench.rtl.slang import elaborate
from rtlbench.simulation.frames import Frame, Plan
from rtlbench.simulation.stimulus import build_plan
from rtlbench.simulation.wrapper import Part, wrapper_text
from tests.support import async_counter, golden_lane, lane

SPEC = async_counter()


def test_a_line_of_stimulus_holds_inputs_expected_and_care() -> None:
    plan = Plan((Frame(0, 0b101, 0b01, 0b11), Frame(1, 0b001, 0b11, 0b10)), 3, 2)
    assert plan.rows.text == f"{0b1010111:x}\n{0b0011010:x}\n"


def test_an_unknown_input_is_written_in_binary_digits() -> None:
    plan = Plan((Frame(0, 0b100, 0b01, 0b11, unknown=0b001), Frame(1, 0b001, 0b10, 0b10)), 3, 2)
    assert plan.rows.text == "10x0111\n0011010\n"
    lanes = [golden_lane(SPEC)]
    assert "$readmemb" in wrapper_text([Part(SPEC, plan, lanes)], "around")


def test_the_wrapper_is_clean_verilog_and_names_the_specs_ports() -> None:
    plan = build_plan(SPEC)
    lanes = [lane(SPEC.golden, SPEC.top, "a_"), golden_lane(SPEC)]
    wrapper = wrapper_text([Part(SPEC, plan, lanes)], "around")
    view = elaborate("\n".join([wrapper, *(one.text for one in lanes)]), "around")
    assert not [view.engine.formatMessage(d) for d in view.errors]
    assert wrapper.count(".rst_n(") == len(lanes)


def test_every_lane_has_input_nets_of_its_own() -> None:
    plan = build_plan(SPEC)
    lanes = [lane(SPEC.golden, SPEC.top, f"a{k}_") for k in range(3)]
    wrapper = wrapper_text([Part(SPEC, plan, lanes)], "around")
    assert [wrapper.count(f".en(in_{k}[") for k in range(3)] == [1, 1, 1]
    assert "(drive[" not in wrapper
