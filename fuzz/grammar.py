"""Verilog by grammar: well-formed most of the time, strange now and then.

Names come from a small pool, so that what is generated refers to itself: instances of modules
that exist, ports that are used, macros that are defined.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from fuzz.choices import Choices

Maker: TypeAlias = Callable[[Choices], str]
DeepMaker: TypeAlias = Callable[[Choices, int], str]

NAMES = (
    "a", "b", "y", "q", "clk", "rst", "en", "m", "top", "sub", "m0", "lane0_0", "golden_0", "state",
    "\\m ", "\\a+b ", "\\end ", "W", "x$1", "_", "M", "k", "data", "rtlbench", "unit0_0",
)  # fmt: skip
MODULES = ("m", "top", "sub", "leaf", "\\m ", "\\odd-name ", "lane0_0", "m0")
STRANGE = (
    "`define A 1\n", "`define F(x, y=2) ((x) + y)\n", "`A", "`F(1)", "`F(a, (b, y))",
    "`undef A\n", "`ifdef A\n", "`ifndef YOSYS\n", "`else\n", "`elsif B\n", "`endif\n",
    '`include "x.v"\n', "`timescale 1ns/1ps\n", "`default_nettype none\n", "`resetall\n",
    '`line 7 "f" 1\n', "`celldefine ", "`__FILE__", "`__LINE__", "``", '`"', "`",
    '`begin_keywords "1364-2001"\n', "`pragma protect\n", "// words endmodule\n",
    "/* module x; */", "/*", "*/", "// synthesis off\n", "(* keep *)", "(*", "*)",
    "(* full_case, parallel_case *)", '"text"', '"end\\"module"', '"', "\\", "\\ ", "\\esc;aped ",
    "\\`A ", "\\//no ", "\xe9", "\u200b", "\ufeff", "\x0b", "\x0c", "\r", "\x00", "\u0430",
    "$display(a);", "$finish;", "$clog2(8)", "$signed(a)", "$random", "$root.top.a", "$unit::a",
    "`\\\n", "\\\n", "''", "'", "'{default:0}", "'0", "8'hx_z", "1'bz", "#1", "##1", "@(a)", "@*",
    "endmodule", "endmodule : m", "module", "macromodule m2; endmodule", "end", "begin", "else",
    ";", "force a = 1;", "bind m sub s(.*);", "package p; localparam Z = 1; endpackage\n",
    "import p::*;", "typedef logic [3:0] t;\n", "typedef struct packed {logic a; logic b;} s_t;",
    "interface i; endinterface\n", "function automatic f; input z; f = z; endfunction\n",
    "config c; endconfig\n", "primitive p; endprimitive", "defparam u0.W = 3;",
    "specify endspecify", "final ;", "let l(x) = x;", "alias a = b;", "a.b.c", "m.a",
    "top.u0.a = 1;", "...", "[", "]", "(", ")", "{", "}", "<=", "=", "? :", ",", ":", "->", "::",
    "extern module m(input a);", "timeunit 1ns;", "program p; endprogram\n",
    "class c; endclass\n", "supply0 gnd;", "tri1 pull;", "genvar k;", "initial a = 0;",
    "assert property (@(posedge clk) a);",
)  # fmt: skip
_HARMLESS = (";", "// words\n", "/* module */ ;", "(* keep *) ;", "\n;\n", "`ifdef A\n`endif\n;")
_BINARY = (
    "+", "-", "*", "&", "|", "^", "<<", ">>", ">>>", "==", "!=", "<", ">=", "&&", "||", "%", "**",
    "===", "~^",
)  # fmt: skip
_LITERALS = (
    "0", "1", "1'b0", "4'd9", "8'hff", "'0", "3'sb101", "32'hdead_beef", "2'b1x", "12", "'hF",
)  # fmt: skip
_WIDTHS = (
    "", "[3:0] ", "[7:0] ", "[0:0] ", "[W-1:0] ", "[0:3] ", "signed [7:0] ", "[$clog2(8):0] ",
)  # fmt: skip


def description(c: Choices) -> str:
    """A file: directives, modules, now and then a package or something out of place."""
    parts = [c.pick(STRANGE)] if c.one_in(4) else []
    for _ in range(c.integer(1, 3)):
        parts.append(module(c))
        if c.one_in(8):
            parts.append(c.pick(STRANGE))
    return "\n".join(parts) + "\n"


def module(c: Choices) -> str:
    """One module with an ANSI or a classic header."""
    name = c.pick(MODULES)
    items = "".join(f"    {_item(c)}\n" for _ in range(c.integer(0, 8)))
    end = f" : {name}" if c.one_in(6) else ""
    return f"module {name}{_parameters(c)}{_header(c)}\n{_names(c)}{items}endmodule{end}\n"


def _names(c: Choices) -> str:
    """Declarations of the pool's plain names, so that most of what follows is valid."""
    if c.one_in(6):
        return ""
    names = ("y0", "state", "data", "x$1", "_", "M", "k", "\\a+b ", "\\end ", "m", "sub",
             "golden_0", "lane0_0", "m0", "top", "rtlbench", "unit0_0")  # fmt: skip
    return f"    logic [7:0] {', '.join(names)};\n"


def _parameters(c: Choices) -> str:
    return " #(parameter W = 4)" if not c.one_in(8) else ""


def _header(c: Choices) -> str:
    inputs = ["clk", "a", "b", "rst", "en"] if not c.one_in(12) else ["a", "a"]
    outputs = ["q", "y"]
    if c.one_in(4):
        declared = [f"    input {n};" for n in inputs] + [f"    output reg {n};" for n in outputs]
        return f"({', '.join(inputs + outputs)});\n" + "\n".join(declared)
    ports = [f"input {c.pick(_WIDTHS)}{n}" for n in inputs]
    kind = c.pick(("logic ", "reg ", "logic ", "reg ", "wire ", ""))
    ports += [f"output {kind}{c.pick(_WIDTHS)}{n}" for n in outputs]
    return f"({', '.join(ports)});" if not c.one_in(12) else ";"


def _item(c: Choices) -> str:
    return c.pick(_ITEMS)(c)


def _strange(c: Choices) -> str:
    return c.pick(STRANGE) if c.one_in(8) else c.pick(_HARMLESS)


def _assign(c: Choices) -> str:
    return f"assign {_target(c)} = {expression(c, 3)};"


def _procedure(c: Choices) -> str:
    heads = ("always_comb", "always @*", f"always @({_event(c)})", "always_ff @(posedge clk)")
    return f"{c.pick(heads)} {statement(c, 3)}"


def _declaration(c: Choices) -> str:
    return f"{c.pick(('wire', 'reg', 'logic'))} {_range(c)}{_fresh(c)};"


def _constant(c: Choices) -> str:
    return f"localparam {_fresh(c)} = {c.pick(_LITERALS)};"


def _fresh(c: Choices) -> str:
    """A name that is most often new."""
    return f"n{c.integer(0, 40)}" if not c.one_in(8) else c.pick(NAMES)


def _range(c: Choices) -> str:
    return c.pick(("", "[3:0] ", "[W:0] "))


def _event(c: Choices) -> str:
    return c.pick(("posedge clk", "negedge clk", "posedge clk or negedge rst", "*", "a or b", "a"))


def _instance(c: Choices) -> str:
    given = c.pick((".*", ".a(a), .y(y)", "a, b", f".clk(clk), .q({expression(c, 1)})", ""))
    parameters = c.pick(("", "#(.W(3)) ", "#(4) "))
    array = c.pick(("", "", "[3:0]"))
    return f"{c.pick(MODULES)} {parameters}u{c.integer(0, 3)} {array}({given});"


def _generate(c: Choices) -> str:
    label = c.pick((" : g", ""))
    if c.one_in(2):
        return f"generate if ({expression(c, 1)}) begin{label} {_item(c)} end endgenerate"
    head = f"for (genvar k = 0; k < {c.integer(0, 6)}; k = k + 1)"
    return f"generate {head} begin{label} {_item(c)} end endgenerate"


def _function(c: Choices) -> str:
    return (
        f"function automatic [3:0] f{c.integer(0, 1)}(input [3:0] z); "
        f"return {expression(c, 2)}; endfunction"
    )


_ITEMS: tuple[Maker, ...] = (
    _assign, _procedure, _procedure, _instance, _generate, _function, _declaration, _constant,
    _strange,
)  # fmt: skip


def statement(c: Choices, depth: int) -> str:
    """A statement of a procedure."""
    return c.pick(_STATEMENTS)(c, depth - 1) if depth else _assignment(c, 0)


def _assignment(c: Choices, depth: int) -> str:
    return f"{_target(c)} {c.pick(('<=', '='))} {_delay(c)}{expression(c, depth)};"


def _if(c: Choices, depth: int) -> str:
    other = f" else {statement(c, depth)}" if c.one_in(2) else ""
    return f"if ({expression(c, 1)}) {statement(c, depth)}{other}"


def _block(c: Choices, depth: int) -> str:
    body = " ".join(c.many(0, 3, lambda c: statement(c, depth)))
    return f"begin{c.pick(('', ' : blk'))} {body} end"


def _case(c: Choices, depth: int) -> str:
    head = f"{c.pick(('case', 'casez', 'unique case'))} ({expression(c, 1)})"
    return f"{head} {c.pick(_LITERALS)}: {statement(c, depth)} default: ; endcase"


def _for(c: Choices, depth: int) -> str:
    return f"for (int j = 0; j < 4; j = j + 1) {statement(c, depth)}"


_STATEMENTS: tuple[DeepMaker, ...] = (
    _assignment, _assignment, _if, _block, _case, _for, lambda c, _: _strange(c)
)  # fmt: skip


def _delay(c: Choices) -> str:
    return c.pick(("", "", "", "", "#1 ", "#(1:2:3) ", "@(posedge clk) "))


def _target(c: Choices) -> str:
    return c.pick(("q", "y", "{q, y}", "q[0]", "q[3:1]", "\\q ", "state", c.pick(NAMES)))


def expression(c: Choices, depth: int) -> str:
    """An expression of at most so many levels."""
    return c.pick(_EXPRESSIONS)(c, depth - 1) if depth else _operand(c)


def _operand(c: Choices) -> str:
    return c.pick(NAMES) if c.one_in(2) else c.pick(_LITERALS)


def _binary(c: Choices, depth: int) -> str:
    return f"({expression(c, depth)} {c.pick(_BINARY)} {expression(c, depth)})"


def _unary(c: Choices, depth: int) -> str:
    return f"({c.pick(('~', '!', '&', '|', '^', '-'))}{expression(c, depth)})"


def _choice(c: Choices, depth: int) -> str:
    return f"({_operand(c)} ? {expression(c, depth)} : {expression(c, depth)})"


def _concatenation(c: Choices, depth: int) -> str:
    return "{" + ", ".join(c.many(1, 3, lambda c: expression(c, depth))) + "}"


def _call(c: Choices, _depth: int) -> str:
    names = ("$signed", "$clog2", "$bits", "$unsigned", "$signed", "f0", "$random")
    return f"{c.pick(names)}({_operand(c)})"


def _select(c: Choices, depth: int) -> str:
    return f"{c.pick(NAMES)}[{expression(c, depth)}{c.pick(('', ':0', '+:2'))}]"


_EXPRESSIONS: tuple[DeepMaker, ...] = (
    lambda c, _: _operand(c), _binary, _binary, _unary, _choice, _concatenation, _call, _select,
)  # fmt: skip
