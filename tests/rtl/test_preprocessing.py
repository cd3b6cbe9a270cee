"""What tools see: one circuit, the same for all of them, on the lines of the answer."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlbench.rtl.preprocessing import MAX_BYTES, MAX_IDENTIFIER, MAX_LINE, prepare
from tests.support import judge

BODY = """module m(input a, output y);
    assign y = ~a;
endmodule
"""


def refused(text: str) -> str:
    """The rule by which `text` is refused."""
    source = prepare(text)
    assert source.text == ""
    return source.refusals[0].rule


def test_text_without_comments_or_directives_stays_as_it_is() -> None:
    assert prepare(BODY).text == BODY
    assert prepare(BODY).original_line(2) == 2


@pytest.mark.parametrize(
    "noise",
    [
        "// synopsys translate_off",
        "/* synthesis\n   full_case */",
        "// verilator lint_off ALL",
        "(* keep = 1 *)",
        "(* blackbox,\n   top *)",
        "/* // */",
        "`timescale 1ns/1ps",
        "`default_nettype none",
        "`resetall",
        "`celldefine\n`endcelldefine",
    ],
)
def test_comments_pragmas_attributes_and_harmless_directives_are_blanked(noise: str) -> None:
    text = BODY.replace("    assign", f"{noise}\n    assign")
    source = prepare(text)
    assert not source.refusals
    assert source.text.split() == BODY.split()
    assert source.text.count("\n") == text.count("\n")


def test_what_stands_behind_a_blanked_comment_keeps_line_and_column() -> None:
    text = "/* one\n two */ module m; /* x */ wire w; endmodule\n"
    line = prepare(text).text.split("\n")[1]
    assert line.index("wire") == text.split("\n")[1].index("wire")


@pytest.mark.parametrize("sensitivity", ["@(*)", "@( * )", "@*"])
def test_a_star_in_brackets_is_no_attribute(sensitivity: str) -> None:
    text = f"module m(input a, output reg y);\n    always {sensitivity} y = a;\nendmodule\n"
    assert prepare(text).text == text


def test_what_looks_like_a_comment_in_a_string_is_none() -> None:
    text = 'module m; localparam S = "http://x /* y"; wire w; endmodule // gone\n'
    assert prepare(text).text.rstrip() == text.replace("// gone\n", "").rstrip()


def test_a_string_with_an_escaped_quote_ends_where_it_ends() -> None:
    text = 'module m; localparam S = "a\\"// b"; wire w; endmodule\n'
    assert prepare(text).text == text


def test_escaped_identifiers_stay_whole() -> None:
    text = "module m(input \\a//b , output \\c/*d );\n    assign \\c/*d = \\a//b ;\nendmodule\n"
    assert prepare(text).text == text


@pytest.mark.parametrize("opened", ["/*", "(* keep"])
def test_what_is_opened_and_never_closed_is_refused_with_its_place(opened: str) -> None:
    finding = prepare(f"{BODY}{opened}\nmodule other; endmodule\n").refusals[0]
    assert finding.rule == "syntax.unclosed"
    assert (finding.line, finding.column) == (4, 1)


@pytest.mark.parametrize("piece", ["/* /* /*\n", "(* (* (*\n", '" " "\n', "\\ \\ \n", "`` `\n"])
def test_time_grows_with_the_size_not_faster(piece: str) -> None:
    text = piece * (MAX_BYTES // len(piece))
    start = time.process_time()
    prepare(text)
    assert time.process_time() - start < 3.0


@pytest.mark.parametrize(
    "tool", ["YOSYS", "__ICARUS__", "VERILATOR", "SYNTHESIS", "SIMULATION", "FORMAL", "COCOTB_SIM"]
)
def test_conditions_on_tools_are_resolved_the_same_for_all(tool: str) -> None:
    text = f"""module m(input a, output y);
`ifdef {tool}
    assign y = a;
`else
    assign y = ~a;
`endif
endmodule
"""
    source = prepare(text)
    assert "`" not in source.text
    assert source.text.split() == BODY.split()
    lines = source.text.split("\n")
    at = next(k for k, s in enumerate(lines, 1) if "assign" in s)
    assert source.original_line(at) == 5


def test_conditions_on_the_answers_own_macros_hold() -> None:
    text = "`define FAST\n`ifdef FAST\n`define W 2\n`else\n`define W 9\n`endif\n" + BODY.replace(
        "input a", "input [`W-1:0] a"
    )
    assert "input [2-1:0] a" in prepare(text).text


def test_macros_are_expanded_and_lines_found_again() -> None:
    text = """`define WIDTH 8
`define SUM(a, b) (a) + \\
    (b)

module m(input [`WIDTH-1:0] a,
         output [`WIDTH-1:0] y);
    assign y = `SUM(a,
                    a);

    wire unused;
endmodule
"""
    source = prepare(text)
    assert "`" not in source.text
    given_lines = text.split("\n")
    for number, line in enumerate(source.text.split("\n"), 1):
        for word in ("input", "output", "assign", "wire", "endmodule"):
            if word in line:
                assert word in given_lines[source.original_line(number) - 1]


def test_findings_behind_macros_name_the_answers_own_lines() -> None:
    text = """`define A 1
`define B 2

module m(
    input a,
    input unused,
    output y
);
`ifdef NOTHING
    garbage
`endif
    assign y = a;
endmodule
"""
    found = {f.message: f.line for f in judge(text).findings if f.rule.startswith("ports.")}
    assert found == {"input unused is declared and never read": 6}


@pytest.mark.parametrize(
    "directive",
    [
        '`include "secrets.v"',
        "` include <x>",
        "`pragma protect begin",
        '`line 1 "x" 0',
        '`begin_keywords "1364-2001"',
        "`__FILE__",
        "`define P(a) x``a",
        '`ifdef X\n`include "y.v"\n`endif',
    ],
)
def test_includes_pragmas_and_token_pasting_are_refused(directive: str) -> None:
    assert refused(f"{directive}\n{BODY}") == "safety.directive"


@pytest.mark.parametrize("text", ["`UNKNOWN\n" + BODY, "`ifdef A\n" + BODY, "`endif\n" + BODY])
def test_broken_directives_are_refused(text: str) -> None:
    assert refused(text) == "syntax.preprocess"


def test_a_directive_in_a_comment_is_none() -> None:
    assert not prepare(f'// `include "x"\n{BODY}').refusals


@pytest.mark.parametrize("text", ["", " \n\t\n"])
def test_nothing_is_refused_as_empty(text: str) -> None:
    assert refused(text) == "syntax.empty"


@pytest.mark.parametrize("text", ["module m;\0endmodule", "\0"])
def test_binary_rubbish_is_refused(text: str) -> None:
    assert refused(text) == "syntax.binary"


def test_what_was_no_utf8_harms_nothing_in_a_comment_and_is_refused_outside() -> None:
    for raw in ("复位".encode("gbk"), "d\xe9bit".encode("latin-1"), b"\xff"):
        kept = b"module m; // " + raw + b"\nendmodule\n"
        assert not prepare(kept.decode("utf-8", "replace")).refusals
        assert refused((b"module m; wire " + raw + b";").decode("utf-8", "replace")) == (
            "syntax.not-ascii"
        )


@pytest.mark.parametrize(
    "piece", ["wire \u00e9;", "\u00a0wire w;", 'string s = "\u00e9";', "\ud800"]
)
def test_what_is_not_ascii_is_refused_outside_comments(piece: str) -> None:
    """slang counts bytes and Python characters: offsets would part."""
    finding = prepare(f"{BODY}{piece}\n").refusals[0]
    assert (finding.rule, finding.line) == ("syntax.not-ascii", 4)


def test_comments_may_say_anything_and_a_mark_in_front_is_no_trouble() -> None:
    source = prepare(f"\ufeff// \u00e9\u00b5 \ud800\n\x0c{BODY}")
    assert not source.refusals
    assert source.text.split() == BODY.split()


def test_too_much_text_long_lines_and_long_words_are_refused() -> None:
    assert refused(BODY * (MAX_BYTES // len(BODY) + 1)) == "syntax.too-large"
    long_line = prepare(f"{BODY}wire w; {'// ' * MAX_LINE}\n").refusals[0]
    assert (long_line.rule, long_line.line) == ("syntax.too-large", 4)
    long_word = prepare(f"{BODY}wire {'w' * (MAX_IDENTIFIER + 1)};\n").refusals[0]
    assert (long_word.rule, long_word.line, long_word.column) == ("syntax.too-large", 4, 6)


def test_lines_and_words_just_inside_the_bounds_are_not_refused() -> None:
    text = f"wire {'w' * MAX_IDENTIFIER};\n{' ' * MAX_LINE}\n{BODY}"
    assert prepare(text).text == text


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_counts_as_one(end: str) -> None:
    text = end.join(["module m;", "  wire w;", "  \\`A output y;", "endmodule", ""])
    finding = prepare(text).refusals[0]
    assert (finding.rule, finding.line) == ("syntax.error", 3)


PIECES = st.sampled_from(
    [BODY, "//", "/*", "*/", "(*", "*)", '"', "\\", "`define A 1\n", "`A", "`ifdef A\n", "`endif\n",
     "`else\n", "\n", "`", "module ", "`timescale 1ns/1ps", "`include"]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=8), max_size=10).map("".join))
def test_preparing_never_raises_and_leaves_no_directive(text: str) -> None:
    source = prepare(text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    assert not source.refusals or source.text == ""
    if not source.line_map and source.text:
        assert source.text.count("\n") == text.count("\n")
    for number in range(1, source.text.count("\n") + 2):
        assert 1 <= source.original_line(number) <= text.count("\n") + 1


@pytest.mark.parametrize(
    ("line", "rule", "told"),
    [
        ("assign y = ` a;", "syntax.preprocess", "a ` that names no macro"),
        ("assign y = `NOPE & a;", "syntax.preprocess", "unknown macro or compiler directive"),
        ("`nosuch\n", "syntax.preprocess", "unknown macro or compiler directive '`nosuch'"),
        ("`define A `A\nassign y = `A;", "syntax.preprocess", "macro A is recursive"),
        ("`define W 4\nassign y = a", "syntax.error", "expected ';'"),
        ("`define W 4\nassign y = (a;", "syntax.error", "expected ')'"),
        (f"assign y = {'(' * 3000}a{')' * 3000};", "syntax.too-large", "nested more than"),
    ],
)
def test_what_is_told_names_the_fault(line: str, rule: str, told: str) -> None:
    source = prepare(f"module m(input a, output y);\n{line}\nendmodule\n")
    (finding,) = source.refusals
    assert (finding.rule, told in finding.message) == (rule, True), finding.message
    assert "DiagCode" not in finding.message
