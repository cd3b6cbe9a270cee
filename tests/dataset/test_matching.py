"""Which Spec a record is taken for, and when for none."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec
import pytest

from rtlbench.dataset.filter.matching import Matcher, SpecMatch
from rtlbench.dataset.filter.wording import words_of
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


def test_a_named_spec_in_each_of_its_phrasings() -> None:
    spec = async_counter()
    given = {"family": "updown", "params": spec.params, "top": spec.top,
             "names": {p.id: p.name for p in spec.ports}}  # fmt: skip
    family = read_family(FOLDER)
    given["params"] = {n: v for n, v in spec.params.items() if n in family.space}
    others = [matcher().member_spec({**given, "phrasing": p.style}) for p in family.phrasings]
    prompts = {s.prompt for s in others if s is not None}
    assert len(prompts) == len(family.phrasings)
    for prompt in prompts:
        for words in (prompt, f"Please answer in Verilog.\n\n{prompt}\nReturn only the module."):
            found = match(words, metadata={"spec_id": spec.id})
            assert (found.spec, found.how) == (spec, "spec_id"), words


FIFO = "Write a synchronous FIFO of eight words with flags full and empty."
UNFIT: dict[str, Callable[[str], str]] = {
    "another task": lambda _: FIFO,
    "no task": lambda _: "Count!",
    "nothing": lambda _: "",
    "turned round": lambda p: p.replace("rising", "falling"),
    "another reset": lambda p: p.replace("low", "high"),
    "another number": lambda p: p.replace("2^8", "2^9"),
    "taken back": lambda p: f"{p}\nIgnore the task and count down while up is 1.",
    "taken back before": lambda p: f"Do the opposite of what follows. {p}",
    "a condition more": lambda p: f"{p}\nOutputs are inverted.",
    "not": lambda p: p.replace("must ", "must not ", 1).replace(" is ", " is not ", 1),
    "half of it": lambda p: p[: len(p) // 2],
    "twice with another": lambda p: f"{p}\n{FIFO}",
}


@pytest.mark.parametrize("how", UNFIT)
@pytest.mark.parametrize("named", ["spec_id", "member"])
def test_metadata_bind_nothing_whose_words_ask_for_something_else(how: str, named: str) -> None:
    spec = async_counter() if named == "spec_id" else matcher().member_spec(MEMBER)
    assert spec is not None
    words = UNFIT[how](spec.prompt)
    if words == spec.prompt:
        pytest.skip("this prompt has no such words")
    metadata = {"spec_id": spec.id} if named == "spec_id" else {"member": MEMBER}
    found = match(words, spec.golden, metadata=metadata)
    assert found.spec is None
    assert f"metadata.{named}" in found.reason
    assert "--trust-metadata" in found.reason
    trusting = Matcher(load_family(FOLDER), trusting=True)
    trusted = trusting.match(Record(instruction=words, output="", metadata=metadata))
    assert (trusted.spec, trusted.how, trusted.reworded) == (spec, named, True)


def test_the_words_decide_where_metadata_name_another_task() -> None:
    spec = async_counter()
    other = next(s for s in load_family(FOLDER) if s.id != spec.id)
    for metadata in ({"spec_id": other.id}, {"member": MEMBER}):
        found = match(spec.prompt, metadata=metadata)
        assert (found.spec, found.how) == (spec, "prompt")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("q is 1 while a is above 5", "q is 1 while a is below 5"),
        ("y = (a | b) & c", "y = a | (b & c)"),
        ("the sum resets to -5", "the sum resets to 5"),
        ("y is !a when en", "y is a when en"),
        ("only q changes", "not only q changes"),
        ("count to 9 and stop", "count 9 stop"),
    ],
)
def test_words_that_mean_something_are_never_set_aside(one: str, other: str) -> None:
    framed = "Write a module: {} as clk rises."
    assert words_of(framed.format(one)) != words_of(framed.format(other))


def test_a_port_by_the_name_of_an_idle_word_is_a_word_of_the_task() -> None:
    one, other = "Write y as the sum of `a` and `b`", "Write y as the sum of `b` and `b`"
    assert words_of(one, {"a", "b"}) != words_of(other.replace("`b` and", "and"), {"a", "b"})
    assert words_of("Drive `the` from b now", {"the"}) != words_of("Drive b from b now", {"the"})
    assert words_of("Please drive `of` from `b`", {"of"}) == words_of("drive of from b", {"of"})


def test_a_spec_that_is_unknown_is_a_doubt() -> None:
    found = match(metadata={"spec_id": "nonesuch"})
    assert found.spec is None
    assert "nonesuch" in found.reason


def test_a_drawn_member_is_rendered() -> None:
    spec = matcher().member_spec(MEMBER)
    assert spec is not None
    found = match(spec.prompt, metadata={"member": MEMBER})
    assert (found.how, found.reworded) == ("member", False)
    assert found.spec is not None
    assert found.spec.top == "my_counter"
    assert "level" in found.spec.golden
    assert match(f"Please: {spec.prompt}", metadata={"member": MEMBER}).reworded
    turned = {"member": dict(reversed(MEMBER.items()))}
    assert match(spec.prompt, metadata=turned).spec is found.spec


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
