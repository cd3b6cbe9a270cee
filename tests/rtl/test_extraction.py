"""Finding the RTL in answers as models give them."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rtlbench.records.candidate import Candidate
from rtlbench.rtl.extraction import extract
from rtlbench.rtl.preprocessing import MAX_BYTES

COUNTER = """module counter(input clk, output reg [3:0] q);
    always @(posedge clk) q <= q + 1;
endmodule
"""
BENCH = """module tb;
    reg clk = 0;
    wire [3:0] q;
    counter dut(.clk(clk), .q(q));
    initial begin $display("%d", q); $finish; end
endmodule
"""
HELPER = """module inverter(input a, output y);
    assign y = ~a;
endmodule
"""
USER = """module counter(input a, output y);
    inverter u(.a(a), .y(y));
endmodule
"""


def lines_of(text: str) -> list[str]:
    """The lines of `text` that hold anything."""
    return [s.strip() for s in text.split("\n") if s.strip()]


def same_lines(answer: str, rtl: str) -> bool:
    """True when every line kept has the number that it has in the answer."""
    given, kept = answer.replace("\r\n", "\n").split("\n"), rtl.split("\n")
    return all(s.strip() in given[k] for k, s in enumerate(kept) if s.strip())


def fenced(*blocks: str, language: str = "verilog") -> str:
    return "\n".join(f"Some words.\n\n```{language}\n{b}```\n" for b in blocks) + "More words.\n"


def test_plain_code_is_kept_whole() -> None:
    found = extract(COUNTER, "counter")
    assert (found.rtl, found.how, found.truncated) == (COUNTER, "whole", False)


def test_comments_around_plain_code_are_kept() -> None:
    text = f"// a counter\n/* of four bits */\n{COUNTER}// the end\n"
    assert extract(text, "counter").rtl == text


@pytest.mark.parametrize("language", ["verilog", "systemverilog", "sv", "Verilog", "", "v {.line}"])
def test_a_fenced_block_is_found_whatever_its_language_is_called(language: str) -> None:
    answer = fenced(COUNTER, language=language)
    found = extract(answer, "counter")
    assert found.how == "fence"
    assert lines_of(found.rtl) == lines_of(COUNTER)
    assert same_lines(answer, found.rtl)


@pytest.mark.parametrize("fence", ["~~~", "````", "  ```"])
def test_other_fences_serve_too(fence: str) -> None:
    found = extract(f"Here:\n{fence}verilog\n{COUNTER}{fence}\n", "counter")
    assert lines_of(found.rtl) == lines_of(COUNTER)


def test_prose_around_unfenced_code_is_left_out() -> None:
    answer = f"Sure! Here is the module you asked for:\n\n{COUNTER}\nIt counts up, don't it?\n"
    found = extract(answer, "counter")
    assert found.how == "prose"
    assert lines_of(found.rtl) == lines_of(COUNTER)
    assert same_lines(answer, found.rtl)


def test_blocks_in_other_languages_are_left_out() -> None:
    python = "```python\n# Test the module counter (cocotb)\nimport cocotb\n```\n"
    shell = "```bash\niverilog counter.v  # the module counter\n```\n"
    answer = f"{shell}{fenced(COUNTER)}{python}"
    found = extract(answer, "counter")
    assert lines_of(found.rtl) == lines_of(COUNTER)
    assert same_lines(answer, found.rtl)


def test_helpers_in_a_second_block_are_kept() -> None:
    for answer in (fenced(USER, HELPER), fenced(HELPER, USER)):
        found = extract(answer, "counter")
        assert found.how == "fence"
        assert {*lines_of(HELPER), *lines_of(USER)} == set(lines_of(found.rtl))
        assert same_lines(answer, found.rtl)


@pytest.mark.parametrize("answer", [COUNTER + BENCH, BENCH + COUNTER, fenced(COUNTER, BENCH)])
def test_a_testbench_beside_the_answer_is_left_out(answer: str) -> None:
    found = extract(answer, "counter")
    assert found.how.endswith("+dropped")
    assert lines_of(found.rtl) == lines_of(COUNTER)
    assert same_lines(answer, found.rtl)


def test_without_a_top_module_every_design_stays_and_its_testbench_does_not() -> None:
    assert extract(COUNTER + HELPER).rtl == COUNTER + HELPER
    found = extract(COUNTER + BENCH)
    assert lines_of(found.rtl) == lines_of(COUNTER)
    assert found.left_out == ("module tb",)
    assert extract(BENCH).rtl == BENCH


def test_of_a_module_given_twice_the_last_counts() -> None:
    first = COUNTER.replace("+ 1", "+ 2")
    answer = fenced(first) + "Wait, that counts by two. Corrected:\n\n" + fenced(COUNTER)
    found = extract(answer, "counter")
    assert "+ 2" not in found.rtl
    assert lines_of(found.rtl) == lines_of(COUNTER)
    assert same_lines(answer, found.rtl)


def test_modules_are_left_out_only_where_the_top_module_is_there() -> None:
    found = extract(HELPER + BENCH, "counter")
    assert found.rtl == HELPER + BENCH


def test_names_in_comments_and_strings_keep_no_module() -> None:
    answer = HELPER + COUNTER.replace("endmodule", "// see inverter\nendmodule")
    assert "module inverter" not in extract(answer, "counter").rtl


@pytest.mark.parametrize("cut", [20, 50, 80, len(COUNTER) - 6])
def test_text_that_breaks_off_is_marked(cut: int) -> None:
    for answer in (COUNTER[:cut], f"```verilog\n{COUNTER[:cut]}", f"Here:\n\n{COUNTER[:cut]}"):
        found = extract(answer, "counter")
        assert found.truncated
        assert lines_of(found.rtl) == lines_of(COUNTER[:cut])


def test_a_fence_that_is_never_closed_is_found() -> None:
    found = extract(f"Here:\n```verilog\n{COUNTER}", "counter")
    assert not found.truncated
    assert lines_of(found.rtl) == lines_of(COUNTER)


@pytest.mark.parametrize("text", ["", "   \n\n\t\n"])
def test_an_empty_answer_gives_none(text: str) -> None:
    assert extract(text, "counter").how == "none"
    assert not extract(text, "counter").rtl.strip()


@pytest.mark.parametrize("text", [
    "I am sorry, I cannot help with the module counter.",
    "```python\nimport cocotb\n\ndef count(q):\n    return q + 1\n```\n",
    "module counter (see below) counts.\ninterface must be kept.\n",
])  # fmt: skip
def test_an_answer_without_code_holds_no_module(text: str) -> None:
    found = extract(text, "counter")
    assert (found.rtl, found.how) == ("", "none")


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_line_ends_of_other_systems_are_the_same(ending: str) -> None:
    answer = fenced(COUNTER)
    assert extract(answer.replace("\n", ending), "counter") == extract(answer, "counter")


def test_five_megabytes_are_handed_on_unread() -> None:
    text = COUNTER * (5_000_000 // len(COUNTER))
    start = time.process_time()
    assert extract(text, "counter").rtl is text
    assert time.process_time() - start < 0.1


@pytest.mark.parametrize(
    "piece", ["```\n", "module ", "module a;endmodule ", "/*", '"', "\\", "(* ", "~~~~\n", "\t"]
)
def test_time_grows_with_the_size_not_faster(piece: str) -> None:
    text = piece * (MAX_BYTES // len(piece))
    start = time.process_time()
    extract(text, "a")
    assert time.process_time() - start < 5.0


def test_many_modules_that_name_each_other_take_no_time() -> None:
    names = [f"m{k}" for k in range(200)]
    body = " ".join(names)
    text = "".join(f"module {n}; {body} endmodule\n" for n in names)
    start = time.process_time()
    assert extract(text, "m0").rtl == text
    assert time.process_time() - start < 2.0


PIECES = st.sampled_from(
    [COUNTER, BENCH, HELPER, USER, "```", "```verilog\n", "\n", "\r\n", "words ", "module ",
     "endmodule", "// ", "/*", "*/", '"', "\\", "`define A 1\n", "module counter", "~~~\n", "(*"]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=10), max_size=12).map("".join))
@example("```\nmodule counter;\n```\nmodule counter;\n```")
@example("\ud800module a;\x00")
def test_extraction_never_raises_and_keeps_line_numbers(answer: str) -> None:
    for top in (None, "counter"):
        found = extract(answer, top)
        given_lines = answer.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for number, line in enumerate(found.rtl.split("\n")):
            if line.strip():
                assert matches_but_for_blanks(line, given_lines[number])


def matches_but_for_blanks(kept: str, whole: str) -> bool:
    """True when `kept` is a part of `whole` in which some characters are blanked."""
    return any(
        all(a in (" ", b) for a, b in zip(kept, whole[k:], strict=False))
        for k in range(len(whole) - len(kept.rstrip()) + 1)
    )


@given(st.binary(max_size=300))
def test_binary_rubbish_is_no_trouble(rubbish: bytes) -> None:
    extract(rubbish.decode("utf-8", "replace"), "counter")
    extract(rubbish.decode("latin-1"), None)


def test_a_candidates_digest_is_of_its_text_alone() -> None:
    one, two = Candidate(text=COUNTER, sample=1, model="a"), Candidate(text=COUNTER)
    assert one.digest() == two.digest() != Candidate(text=HELPER).digest()
    assert len(Candidate(text="\ud800").digest()) == 64


def test_a_module_is_dropped_with_its_escaped_end_label() -> None:
    bench = "module \\t-b ;\nendmodule : \\t-b \n"
    found = extract(COUNTER + bench, "counter")
    assert found.how == "whole+dropped"
    assert lines_of(found.rtl) == lines_of(COUNTER)


def test_a_comment_between_module_and_its_name_hides_nothing() -> None:
    text = COUNTER.replace("module ", "module // the\n /* top */ ", 1)
    assert text != COUNTER
    assert extract(text).rtl == text
    assert extract("Of path/*.v, as asked:\n" + COUNTER).rtl.strip() == COUNTER.strip()
