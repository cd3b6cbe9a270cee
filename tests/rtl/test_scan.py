"""What is refused in an answer's syntax, what is not, and renaming."""

from __future__ import annotations

import re

import pytest

from rtlbench.rtl.renaming import as_hardware, rename
from rtlbench.rtl.scan import scan
from rtlbench.rtl.slang import elaborate
from tests.support import netlist_for, scanned

HEAD = "module m(input clk, input rst, input [3:0] a, output logic [3:0] y);\n"


def refusals(body: str, outside: str = "") -> set[str]:
    """The rules that refuse `body` inside a module, whatever else slang says of it."""
    text = f"{outside}{HEAD}{body}\nendmodule\n"
    return {rule for rule, _, _ in scan(elaborate(text, "m").tree).forbidden}


@pytest.mark.parametrize(
    "task",
    ["$display", "$write", "$strobe", "$monitor", "$finish", "$stop", "$exit", "$fopen", "$fwrite",
     "$readmemh", "$readmemb", "$writememh", "$dumpfile", "$dumpvars", "$system", "$c", "$random",
     "$urandom", "$time", "$value$plusargs", "$test$plusargs", "$sformatf", "$swrite", "$sscanf",
     "$deposit", "$force", "$cast", "$printtimescale", "$unknown"],
)  # fmt: skip
@pytest.mark.parametrize("place", ["initial {}(1);", "assign y = {}(1);", "wire w = {};"])
def test_system_tasks_are_refused_wherever_they_stand(task: str, place: str) -> None:
    assert "safety.system-task" in refusals(place.format(task))


@pytest.mark.parametrize(
    "start",
    ["initial y = 4'hx;", "initial y = 'x;", "initial y <= 4'sbXX_xx;", "initial begin y = 'X; end",
     "initial if (1) y = 4 'b x;", "logic [3:0] z = 4'bx;", "logic z = 1'bx, w = 'x;"],
)  # fmt: skip
def test_a_start_that_is_x_in_all_bits_is_none_and_no_tool_sees_it(start: str) -> None:
    text = f"{HEAD}{start}\nendmodule\n"
    found = scan(elaborate(text, "m").tree)
    assert not found.forbidden
    assert not re.search(r"'", as_hardware(text, found))
    assert not list(elaborate(as_hardware(text, found), "m").errors)


@pytest.mark.parametrize(
    "start",
    ["initial y = 4'b1xxx;", "initial y[0] = 1'bx;", "initial y = 4'hz;", "initial y = a ^ 4'hx;",
     "initial {y} = 4'hx;", "logic [3:0] z = {2{2'bx}};", "initial if (1'bx) y = 4'd0;"],
)  # fmt: skip
def test_a_start_that_is_x_in_part_is_refused(start: str) -> None:
    assert refusals(start) == {"safety.unknown-value"}


@pytest.mark.parametrize("task", ["$error", "$fatal", "$info", "$warning"])
def test_messages_at_run_time_are_refused(task: str) -> None:
    assert refusals(f'always @(posedge clk) {task}("pass");') == {"safety.system-task"}


@pytest.mark.parametrize(
    ("body", "outside"),
    [
        ("initial force y = 0;", ""),
        ("initial release y;", ""),
        ("initial assign y = 0;", ""),
        ("initial deassign y;", ""),
        ("initial forever y = 0;", ""),
        ("initial fork y = 0; join", ""),
        ("initial wait (clk) y = 0;", ""),
        ("event e; initial -> e;", ""),
        ("final y = 0;", ""),
        ('import "DPI-C" function int f();', ""),
        ("bind m other u();", "module other; endmodule\n"),
        ("specify (clk => y) = 1; endspecify", ""),
        ("", "program p; endprogram\n"),
        ("", "class c; endclass\n"),
        ("", "primitive p(output q, input d); table 0:1; 1:0; endtable endprimitive\n"),
        ("", "checker c; endchecker\n"),
        ("", "config c; design m; endconfig\n"),
        ("", "extern module other(input a);\n"),
        ("covergroup g; endgroup", ""),
        ("initial randcase 1: y = 0; endcase", ""),
        ("assign y = $root.m.a;", ""),
        ("assign y = $unit::x;", "wire x;\n"),
        ("timeunit 1ns;", ""),
    ],
)
def test_constructs_that_no_answer_needs_are_refused(body: str, outside: str) -> None:
    assert "safety.construct" in refusals(body, outside)


@pytest.mark.parametrize(
    "body",
    [
        "initial #10 y = 0;",
        "initial begin @(posedge clk); y = 0; end",
        "always #5 y = ~y;",
        "always y = a;",
        "always begin @(posedge clk) y = a; end",
        "always @(posedge clk) begin #1 y = a; end",
        "always @(posedge clk) y <= #(a) a;",
        "always @(posedge clk) y <= @(negedge clk) a;",
        "always @(posedge clk) y <= repeat (2) @(posedge clk) a;",
        "assign #(a) y = 0;",
    ],
)
def test_timing_inside_procedures_is_refused(body: str) -> None:
    assert refusals(body) & {"safety.timing", "safety.construct"}


@pytest.mark.parametrize("name", ["m.y", "inner.w"])
def test_paths_through_the_hierarchy_by_a_modules_name_are_refused(name: str) -> None:
    inner = "module inner; wire [3:0] w; endmodule\n"
    assert "safety.hierarchical-reference" in refusals(f"assign y = {name};", inner)


def test_a_module_defined_twice_is_refused() -> None:
    again = "module twice; endmodule\nmodule twice; endmodule\n"
    assert refusals("", again) == {"safety.duplicate-module"}


@pytest.mark.parametrize(
    "body",
    [
        "parameter W = 4; localparam D = $clog2(W); assign y = a[D-1:0];",
        "generate for (genvar i = 0; i < 4; i++) begin : g assign y[i] = a[i]; end endgenerate",
        "genvar i; generate if (1) begin : g assign y = a; end else begin : h assign y = 0; end "
        "endgenerate",
        "function automatic [3:0] inc(input [3:0] x); inc = x + 1; endfunction assign y = inc(a);",
        "task automatic t(input [3:0] x); y = x; endtask always_comb t(a);",
        "typedef struct packed { logic [1:0] h; logic [1:0] l; } s_t; s_t s; assign s = a; "
        "assign y = {s.l, s.h};",
        "typedef enum logic [1:0] { A, B } st; st now; always_ff @(posedge clk) case (now) "
        "A: now <= B; default: now <= A; endcase assign y = now;",
        "reg [3:0] rom [0:3]; initial begin rom[0] = 1; rom[1] = 2; end assign y = rom[a[1:0]];",
        "reg [3:0] q = 4'd3; initial q = 4'd5; always @(posedge clk) q <= a; assign y = q;",
        "integer k; always @* begin y = 0; for (k = 0; k < 4; k = k + 1) y[k] = a[3-k]; end",
        "always @(posedge clk or posedge rst) if (rst) y <= 0; else y <= a;",
        "always @(posedge clk, negedge rst) if (!rst) y <= 0; else y <= a;",
        "always_ff @(posedge clk iff !rst) y <= a;",
        "always_latch if (clk) y = a;",
        "always @(*) y = a;",
        "assign y = $signed(a) >>> 1;",
        "assign y = $unsigned(a) + $bits(a);",
        "assign y = $countones(a) + $onehot(a);",
        "wire signed [3:0] s = a; assign y = -s;",
        "always_comb unique case (a) 0: y = 1; default: y = 2; endcase",
        "wire [3:0] w; and g0(w[0], a[0], a[1]); assign y = w;",
        "localparam [3:0] T [0:1] = '{4'd1, 4'd2}; assign y = T[a[0]];",
        "if (4 < 2) $error(\"too narrow\"); assign y = a;",
        "always_comb begin : named logic [3:0] t; t = a; y = t; end : named",
        "always_comb begin y = 0; while (0) y = 1; repeat (2) y = y + a; end",
        "assert property (@(posedge clk) 1); assign y = a;",
        "assign y = a inside {1, [4:7]} ? 4'd1 : 4'(a[1:0]);",
    ],
)  # fmt: skip
def test_what_answers_are_made_of_is_not_refused(body: str) -> None:
    assert refusals(body) == set()


def test_packages_and_types_outside_are_allowed_and_told() -> None:
    package = "package p; localparam W = 4; endpackage\n"
    found = scanned(f"{package}{HEAD}import p::*; assign y = a[W-1:0];\nendmodule\n")
    assert not found.forbidden
    assert found.other_members
    assert not scanned(f"{HEAD}assign y = a;\nendmodule\n").other_members


PAIR = """module leaf(input a, output y);
    assign y = ~a;  wire leaf_like; wire top2;
endmodule : leaf

module top2
  #(parameter leaf_count = 1)
  (input a, output y);
    wire w;
    leaf u_leaf (.a(a), .y(w)),
         u2 (.a(w), .y());
    leaf leaf(.a(w), .y(y));
endmodule : top2
"""


def test_renaming_touches_modules_and_nothing_else_and_keeps_lines() -> None:
    text, names = rename(PAIR, scanned(PAIR), "lane3_")
    assert names == {"leaf": "lane3_0", "top2": "lane3_1"}
    assert text.count("\n") == PAIR.count("\n")
    for old, new in zip(PAIR.split("\n"), text.split("\n"), strict=True):
        assert new in {old, re.sub(r"\bleaf\b", "lane3_0", old, count=1),
                       re.sub(r"\btop2\b", "lane3_1", old, count=1)}  # fmt: skip
    assert "leaf_like" in text
    assert "leaf_count" in text
    assert "wire top2" in text
    assert "lane3_0 leaf(" in text
    assert "endmodule : lane3_1" in text


def test_renaming_keeps_behaviour() -> None:
    text, names = rename(PAIR, scanned(PAIR), "unit0_")
    before, after = netlist_for(PAIR, "top2"), netlist_for(text, names["top2"])
    assert before.cell_counts == after.cell_counts
    assert before.inputs.keys() == after.inputs.keys()


def test_modules_with_escaped_names_are_renamed() -> None:
    text = "module \\a-b (input a, output y); assign y = a; endmodule\n"
    text += "module top(input a, output y); \\a-b u(.a(a), .y(y)); endmodule\n"
    found = scanned(text)
    renamed, names = rename(text, found, "lane0_")
    assert names == {"a-b": "lane0_0", "top": "lane0_1"}
    assert "\\" not in renamed
    assert netlist_for(renamed, "lane0_1").outputs


def test_modules_of_others_are_not_renamed() -> None:
    text = "module m(input a, output y); unknown u(a, y); endmodule\n"
    found = scan(elaborate(text, "m").tree)
    assert "unknown u(a, y)" in rename(text, found, "lane0_")[0]


@pytest.mark.parametrize(
    "body",
    [
        "always @(posedge clk) y <= #1 a;",
        "always @(posedge clk) y <= #(1) a;",
        "always @(posedge clk) y <= #1.5ns a;",
        "assign #2 y = a;",
        "wire #3 w; assign y = a;",
        "and #(1, 2) g(y[0], a[0], a[1]);",
    ],
)
def test_delays_that_synthesis_ignores_are_blanked_for_all_tools(body: str) -> None:
    text = f"{HEAD}{body}\nendmodule\n"
    found = scan(elaborate(text, "m").tree)
    assert not found.forbidden
    blanked = as_hardware(text, found)
    assert "#" not in blanked
    assert len(blanked) == len(text)
    assert blanked.split() == re.sub(r"#\s*(\([^)]*\)|[\d.]+\w*)", "", text).split()
