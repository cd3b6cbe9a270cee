"""Which Spec a record is taken for, and when for none."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import msgspec
import pytest

from rtlbench.dataset.filter.matching import Matcher, SpecMatch
from rtlbench.io.shipped import shipped
from rtlbench.records.example import Record
from rtlbench.suites.families import load_family, read_family
from tests.support import async_counter

FOLDER = shipped("hdl_specs") / "updown_counter" / "updown"
MEMBER = {
    "family": "updown",
    "phrasing": read_family(FOLDER).phrasings[0].style,
    "params": read_family(FOLDER).members[0].params,
    "names": {"q": "level"},
    "top": "my_counter",
}
BENCH = "module tb; wire [3:0] q; reg clk; cnt dut(clk, q); initial $display(\"PASS\"); endmodule"


@lru_cache(maxsize=1)
def matcher() -> Matcher:
    return Matcher(load_family(FOLDER))


def match(instruction: str = "some words", output: str = "", **more: Any) -> SpecMatch:
    return matcher().match(Record(instruction=instruction, output=output, **more))


def test_a_named_spec() -> None:
    spec = async_counter()
    found = match(spec.prompt, metadata={"spec_id": spec.id})
    assert (found.spec, found.how, found.reworded) == (spec, "spec_id", False)
    assert match("count", metadata={"spec_id": spec.id}).reworded


def test_a_spec_that_is_unknown_is_a_doubt() -> None:
    found = match(metadata={"spec_id": "nonesuch"})
    assert found.spec is None
    assert "nonesuch" in found.reason


def test_a_drawn_member_is_rendered() -> None:
    found = match(metadata={"member": MEMBER})
    assert found.how == "member"
    assert found.spec is not None
    assert found.spec.top == "my_counter"
    assert "level" in found.spec.golden
    assert found.reworded
    assert not match(found.spec.prompt, metadata={"member": MEMBER}).reworded
    assert match(metadata={"member": dict(reversed(MEMBER.items()))}).spec is found.spec


@pytest.mark.parametrize(
    "change",
    [
        {"family": "nonesuch"},
        {"phrasing": "nonesuch"},
        {"params": {"width": 100_000}},
        {"params": {"nonesuch": 1}},
        {"params": "none"},
        {"names": {"nonesuch": "x"}},
        {"names": {"q": "x; endmodule"}},
        {"names": {"q": "same", "clk": "same"}},
        {"top": "two words"},
        {"top": 3},
        {"more": 1, "family": None},
    ],
    ids=str,
)
def test_a_member_that_makes_no_sense_is_a_doubt(change: dict[str, Any]) -> None:
    found = match(metadata={"member": MEMBER | change})
    assert found.spec is None
    assert found.reason.startswith("metadata.member: ")


def test_the_truth_in_the_metadata_is_not_read() -> None:
    spec = async_counter()
    record = Record(instruction=spec.prompt, output="", metadata={"defect": None})
    wrong = msgspec.structs.replace(record, metadata={"defect": "stuck"})
    assert matcher().match(record) == matcher().match(wrong)


def test_the_prompt_itself_and_its_white_space() -> None:
    spec = async_counter()
    assert match(spec.prompt).how == "prompt"
    assert match("  " + spec.prompt.replace("\n", " \n ")).spec == spec


def test_the_same_words_need_the_same_ports() -> None:
    spec = async_counter()
    prompt = spec.prompt.replace("`", "**")
    words = f"You are an expert hardware engineer. {prompt} Return only code!"
    found = match(words, spec.golden)
    assert (found.spec, found.how, found.reworded) == (spec, "words", True)
    assert match(words, f"Sure:\n```\n{spec.golden}```\n").spec == spec
    assert match(words, spec.golden.replace(spec.outputs[0].name, "other")).spec is None
    assert match(words, "no code").spec is None


@pytest.mark.parametrize(
    "change", [("rising", "falling"), ("2^8", "2^9"), ("low", "high"), ("asyn", "syn")]
)
def test_one_other_word_is_another_task(change: tuple[str, str]) -> None:
    spec = async_counter()
    assert change[0] in spec.prompt
    assert match(spec.prompt.replace(*change), spec.golden).spec is None


def test_a_testbench_that_can_be_run_makes_a_spec() -> None:
    code = "module cnt(input clk, output reg [3:0] q); endmodule"
    found = match("4-bit counter", code, testbench=BENCH)
    assert found.how == "testbench"
    assert found.spec is not None
    assert (found.spec.top, found.spec.prompt, found.spec.golden) == ("cnt", "4-bit counter", "")


@pytest.mark.parametrize(
    ("bench", "told"),
    [
        (BENCH.replace("$display", "$system"), r"\$system"),
        (BENCH.replace("$display", "$fopen"), r"\$fopen"),
        ('`include "/etc/passwd"\n' + BENCH, "include"),
        ("`define J(a, b) a``b\n" + BENCH, "``"),
        (BENCH.replace("cnt dut", "other dut"), "does not define"),
        ("module tb; initial $display(1); endmodule", "exactly one module"),
        ("not verilog", "exactly one module"),
        (BENCH + "// é", "ASCII"),
        (BENCH + " " * (1 << 18), "too large"),
    ],
)
def test_a_testbench_that_is_not_run_says_why(bench: str, told: str) -> None:
    code = "module cnt(input clk, output reg [3:0] q); endmodule"
    found = match("4-bit counter", code, testbench=bench)
    assert found.spec is None
    assert re.search(told, found.reason), found.reason
