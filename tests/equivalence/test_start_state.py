"""Which variables start unknown, and whether the text that starts them does so."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from rtlbench.equivalence.start_state import unknown_state
from rtlbench.equivalence.start_values import start_at
from rtlbench.rtl.renaming import rename, unknown_literals, with_bits
from rtlbench.rtl.scan import scan
from rtlbench.rtl.slang import Elaboration, elaborate
from rtlbench.sandbox import locate
from tests.support import plain_spec

SPEC = plain_spec("", "input clk clock", "input rst reset", "output q")


def view_of(body: str, below: str = "") -> Elaboration:
    text = f"module m(input clk, input rst, output q);\n{body}\nendmodule\n{below}"
    view = elaborate(text, "m")
    assert [view.engine.formatMessage(d) for d in view.errors] == []
    return view


def names(body: str, below: str = "") -> list[str]:
    view = view_of(body, below)
    return [v.name for v in unknown_state(view, SPEC)]


@pytest.mark.parametrize(
    "process",
    [
        "always @(posedge clk) if (rst) t <= 0; else t <= ~t;",
        "always @(posedge clk or posedge rst) begin if (rst) begin t <= 1'b0; end end",
        "always_ff @(posedge clk) if (q || rst) t <= 0;",
        "always @(posedge clk) if (!rst) t <= ~t; else t <= 0;",
        "initial t = 0; always @(posedge clk) t <= ~t;",
        "always @* t = rst;",
    ],
)
def test_what_is_set_or_holds_nothing_is_left_out(process: str) -> None:
    assert names(f"reg t; {process}") == []


@pytest.mark.parametrize(
    "process",
    [
        "",
        "always @(posedge clk) t <= ~t;",
        "always @(posedge clk) if (rst) t <= t;",
        "always @(posedge clk) if (rst) t <= 1'bx;",
        "always @(posedge clk) if (!rst) t <= 0;",
        "always @(posedge clk) if (rst && q) t <= 0;",
        "always @(posedge q) if (rst) t <= 0;",
        "always @(posedge clk) if (rst) begin t <= 0; t <= t; end",
        "always @(posedge clk) begin if (rst) t <= 0; t <= ~t; end",
        "always_latch if (rst) t = 0;",
    ],
)
def test_what_nothing_is_seen_to_set_is_found(process: str) -> None:
    assert names(f"reg t; {process}") == ["t"]


def test_resets_are_followed_into_instances() -> None:
    below = "module s(input c, input r); reg t; always @(posedge c) if (r) t <= 0; endmodule"
    assert names("s a(.c(clk), .r(rst));", below) == []
    assert names("s a(.c(clk), .r(~rst));", below) == ["t"]


FORMS = """typedef enum logic [1:0] {A, B, C} three;
  reg [3:0] t; three e; reg [7:0] mem [7:4][0:1]; reg \\odd+name ;
  struct packed {logic a; logic [2:0] b;} s;
  always @(posedge clk) begin : blk reg y; reg own [0:1]; y <= y; own[0] <= 0; t <= t; e <= B; end
  always @(posedge clk) begin reg z; z <= z; mem[4][0] <= 0; \\odd+name <= 0; s <= 0; end
  genvar i; generate for (i = 0; i < 2; i = i + 1) begin : g reg [i:0] w;
    always @(posedge clk) w <= w; end endgenerate
  wire [1:0] o; p a(clk, o);"""
SHOW = (
    '#1 $display("%b", {t, mem[4][0], mem[7][1], \\odd+name , s, blk.y, blk.own[1], g[0].w, '
    "g[1].w, a.o});"
)
PART = "module p(input c, output reg [1:0] o); always @(posedge c) o <= o; endmodule\n"


def shown(*, inverted: bool) -> str:
    view = view_of(FORMS, PART)
    started = start_at(unknown_state(view, SPEC), "seed", inverted=inverted)
    text = str(view.tree.root)
    made = rename(text, scan(view.tree), "x", started.insertions)[0]
    assert made.count("\n") == text.count("\n")
    return made


def test_every_form_starts_at_bits_and_at_their_complement(tmp_path: Path) -> None:
    tools = locate.icarus()
    if tools is None:
        pytest.skip("Icarus Verilog is not installed")
    printed = []
    for inverted in (False, True):
        text = shown(inverted=inverted).replace("genvar i;", f"initial begin {SHOW} end genvar i;")
        (tmp_path / "x.sv").write_text(text)
        build = [*tools[0].argv, "-g2012", "-s", "x0", "-o", "x.vvp", "x.sv"]
        subprocess.run(build, cwd=tmp_path, check=True, capture_output=True)
        run = [*tools[1].argv, "-n", "x.vvp"]
        ran = subprocess.run(run, cwd=tmp_path, check=True, capture_output=True, text=True)
        printed.append(ran.stdout.strip())
    bits, complement = printed
    assert set(bits) == {"0", "1"}
    assert complement == bits.translate(str.maketrans("01", "10"))


def test_written_unknowns_become_bits_but_for_patterns() -> None:
    view = view_of("reg t; always @* casex (rst) 1'bx: t = 1'bx; default: t = 'x; endcase\n"
                   "assign q = clk ? 1'bz : 4'hX;")
    found = unknown_literals(view.tree)
    text = str(view.tree.root)
    known, other = (with_bits(text, found, "seed", inverted=i) for i in (False, True))
    assert "1'bx:" in known
    assert "1'bz" in known
    assert known.count("x") == text.count("x") - 2
    assert known != other
    assert len(known) == len(text)
