"""Answers in the shapes that models give them: wrapped around one right module, or a pair of them.

`@` stands for the right counter, `%` for a wrong draft of it, `^` for its header alone. The layouts
are those of chat models (with and without thinking), of base models that go on from a prompt, and
of models that were trained on exercises; names say which.
"""
# ruff: noqa: E501 - a shape is read best in one piece

from __future__ import annotations

HEADER = "module updown_counter(input clk, input rst, input up, output reg [3:0] q);"
BODY = (
    "  always @(posedge clk)\n"
    "    if (rst) q <= 4'd0; else if (up) q <= q + 4'd1; else q <= q - 4'd1;\n"
    "endmodule"
)
RIGHT = f"{HEADER}\n{BODY}"
WRONG = RIGHT.replace("q <= 4'd0", "q <= 4'd3")
HELPED = (
    "module updown_counter(input clk, input rst, input up, output reg [3:0] q);\n"
    "  wire [3:0] n;\n  inc u(.a(q), .y(n));\n"
    "  always @(posedge clk) if (rst) q <= 4'd0; else if (up) q <= n; else q <= q - 4'd1;\n"
    "endmodule"
)
INC = "module inc(input [3:0] a, output [3:0] y);\n  assign y = a + 4'd1;\nendmodule"
TESTBENCH = (
    "module tb;\n  reg clk = 0;\n  wire [3:0] q;\n"
    "  updown_counter dut(.clk(clk), .rst(1'b0), .up(1'b1), .q(q));\n"
    "  initial begin $display(q); $finish; end\nendmodule"
)
F = "```"

PLAIN = {
    "bare": "@\n",
    "bare, no line end": "@",
    "comment before": "// An up/down counter.\n@\n",
    "banner": "/*************\n * counter\n *************/\n@\n",
    "banner of a file": "//----------\n// File: updown_counter.v\n// Author: none\n//----------\n@\n",
    "timescale": "`timescale 1ns / 1ps\n@\n",
    "default_nettype": "`default_nettype none\n\n@\n\n`default_nettype wire\n",
    "attribute": "(* keep_hierarchy *)\n@\n",
    "end label": "@ : updown_counter\n",
    "indented": "    @\n",
    "blank lines around": "\n\n\n@\n\n\n",
    "windows line ends": "@\r\n",
    "byte-order mark": "\ufeff@\n",
    "stray semicolon": "@;\n",
    "comment behind": "@ // updown_counter\n",
    "two modules": f"{INC}\n\n{HELPED}\n",
    "two modules on one line": f"{INC} {HELPED}\n",
    "helper behind": f"{HELPED}\n{INC}\n",
    "macro": "`define UNUSED 4\n@\n",
    "guard": "`ifndef COUNTER_V\n`define COUNTER_V\n@\n`endif\n",
}
PROSE = {
    "sentence before": "Here is the module you asked for:\n\n@\n",
    "sentence behind": "@\n\nIt counts in both directions.\n",
    "both": "Sure!\n\n@\n\nLet me know if you need a testbench.\n",
    "names endmodule behind": "@\n\nThe block is closed with endmodule as usual.\n",
    "names endmodule, capital": "@\n\nDo not forget endmodule at the end.\n",
    "names endmodule before": "Code between module and endmodule follows.\n\n@\n",
    "module in a sentence": "module updown_counter (see below) counts.\n\n@\n",
    "interface in a sentence": "interface must stay as it is.\n\n@\n",
    "package at a line's start": "package at the top is not needed.\n\n@\n",
    "function at a line's start": "function of the circuit: it counts.\n\n@\n",
    "typedef in a sentence": "typedef is not needed here\n\n@\n",
    "parameter in a sentence": "parameter values are fixed.\n\n@\n",
    "import in a sentence": "import nothing else.\n\n@\n",
    "a list behind": "@\n\n- clk: clock\n- rst: reset\n",
    "comment signs in prose": "All of src/*.v and http://example.org are yours.\n\n@\n",
    "backticks in prose": "The module `updown_counter` has `clk` and `rst`.\n\n@\n",
    "quotation marks": 'It is "right", isn\'t it?\n\n@\n',
    "headline": "# Counter\n\n@\n\n## Notes\nNone.\n",
    "between two modules": f"First a helper:\n\n{INC}\n\nNow the counter:\n\n{HELPED}\n",
    "testbench behind": f"@\n\nA testbench:\n\n{TESTBENCH}\n",
    "testbench before": f"{TESTBENCH}\n\nand the design:\n\n@\n",
    "tables": "| port | use |\n|---|---|\n| clk | clock |\n\n@\n",
    "a formula": "q' = q + 1 (mod 16)\n\n@\n",
    "begin in prose": "To begin, note that the reset is synchronous.\n\n@\nend\n",
}
FENCED = {
    "verilog": f"{F}verilog\n@\n{F}\n",
    "systemverilog": f"{F}systemverilog\n@\n{F}\n",
    "sv": f"{F}sv\n@\n{F}\n",
    "no language": f"{F}\n@\n{F}\n",
    "upper case": f"{F}Verilog\n@\n{F}\n",
    "attributes in the info string": f'{F}systemverilog title="a.sv" {{.x}}\n@\n{F}\n',
    "space before the language": f"{F} verilog\n@\n{F}\n",
    "tildes": "~~~verilog\n@\n~~~\n",
    "four backticks": f"{F}`verilog\n@\n{F}`\n",
    "closed by more": f"{F}verilog\n@\n{F}`\n",
    "closed by fewer": f"{F}`verilog\n@\n{F}\n",
    "words around": f"Here:\n\n{F}verilog\n@\n{F}\n\nIt counts.\n",
    "closed on the code's line": f"{F}verilog\n@{F}\nIt counts.\n",
    "words behind the closing fence": f"{F}verilog\n@\n{F} This module counts.\nBye.\n",
    "code on the opening line": f"{F}verilog @\n{F}\n",
    "never closed": f"{F}verilog\n@\n",
    "opened by the prompt": f"@\n{F}\nThis counts up and down.\n",
    "opened by the prompt, more behind": f"@\n{F}\n\nUse it so:\n\n{F}bash\niverilog a.v\n{F}\n",
    "opened by the prompt, then again": f"@\n{F}\n\n{F}verilog\n{TESTBENCH}\n{F}\n",
    "behind words": f"The code: {F}verilog\n@\n{F}\n",
    "in a list item": f"1. The module:\n   {F}verilog\n   @\n   {F}\n2. Done.\n",
    "dash item": f"- {F}verilog\n  @\n  {F}\n",
    "indented": f"    {F}verilog\n    @\n    {F}\n",
    "windows line ends": f"{F}verilog\r\n@\r\n{F}\r\n",
    "byte-order mark": f"\ufeff{F}verilog\n@\n{F}\n",
    "empty fence first": f"{F}\n{F}\n\n{F}verilog\n@\n{F}\n",
    "python beside": f"{F}python\nimport cocotb\n# module test\n{F}\n\n{F}verilog\n@\n{F}\n",
    "shell behind": f"{F}verilog\n@\n{F}\n{F}sh\niverilog -o a updown_counter.v\n{F}\n",
    "output behind": f"{F}verilog\n@\n{F}\nOutput:\n{F}\n0 1 2 3\n{F}\n",
    "comment in the fence": f"{F}verilog\n// updown_counter.v\n@\n{F}\n",
    "testbench in a fence": f"{F}verilog\n@\n{F}\n\n{F}verilog\n{TESTBENCH}\n{F}\n",
    "testbench in the same fence": f"{F}verilog\n@\n\n{TESTBENCH}\n{F}\n",
    "helper in a fence": f"{F}verilog\n{INC}\n{F}\nthen\n{F}verilog\n{HELPED}\n{F}\n",
    "helper in a later fence": f"{F}verilog\n{HELPED}\n{F}\nwith\n{F}verilog\n{INC}\n{F}\n",
    "fence with words in it": f"{F}\nThe module:\n\n@\n{F}\n",
    "plain, then fence of the bench": f"@\n\nTest it:\n\n{F}verilog\n{TESTBENCH}\n{F}\n",
    "double fence": f"{F}\n{F}verilog\n@\n{F}\n{F}\n",
}
HELPERS = {
    "package in a fence": f"{F}systemverilog\npackage p;\n  localparam int Z = 0;\nendpackage\n{F}\n"
    f"\n{F}systemverilog\n@\n{F}\n",
    "macro in a fence": f"Defines:\n{F}verilog\n`define ZERO 4'd0\n{F}\n\nModule:\n{F}verilog\n@\n{F}\n",
    "typedef in a fence": f"{F}verilog\ntypedef logic [3:0] cnt_t;\n{F}\n\n{F}verilog\n@\n{F}\n",
    "enum in a fence": f"{F}sv\ntypedef enum logic {{A, B}} s_t;\n{F}\n\n{F}sv\n@\n{F}\n",
    "function in a fence": f"{F}sv\nfunction automatic logic [3:0] up1(input logic [3:0] a);\n"
    f"  up1 = a + 4'd1;\nendfunction\n{F}\n\n{F}sv\n@\n{F}\n",
    "package unfenced": "package p;\n  localparam int Z = 0;\nendpackage\n\nNow:\n\n@\n",
}
HEADERS = {
    "header before": f"The interface is\n{F}verilog\n^\n{F}\nand the code\n{F}verilog\n@\n{F}\n",
    "header behind": f"{F}verilog\n@\n{F}\nIts interface again:\n{F}verilog\n^\n{F}\n",
    "empty module behind": f"{F}verilog\n@\n{F}\nIts frame:\n{F}verilog\n^\n  // ...\nendmodule\n{F}\n",
    "empty module before": f"{F}verilog\n^\n  // your code\nendmodule\n{F}\n{F}verilog\n@\n{F}\n",
    "header unfenced before": "^\n\nis the header. In full:\n\n@\n",
    "unfinished second fence": f"{F}verilog\n@\n{F}\n\n{F}verilog\n^\n  always @(posedge\n",
    "unfinished second copy": "@\n\n^\n  always @(pose",
    "unfinished first": f"{F}verilog\n^\n  // to be done\n{F}\n\n{F}verilog\n@\n{F}\n",
}
DRAFTS = {
    "draft, then another": f"{F}verilog\n%\n{F}\nNo, it resets to 0:\n{F}verilog\n@\n{F}\n",
    "draft unfenced": "%\n\nWait, it resets to 0.\n\n@\n",
    "draft fenced, answer bare": f"{F}verilog\n%\n{F}\n\nCorrected:\n\n@\n",
    "draft bare, answer fenced": f"%\n\nCorrected:\n\n{F}verilog\n@\n{F}\n",
    "draft in one fence": f"{F}verilog\n%\n\n@\n{F}\n",
    "three": f"{F}\n%\n{F}\n{F}\n%\n{F}\n{F}\n@\n{F}\n",
    "think": "<think>\nTry:\n%\nNo.\n</think>\n\n@\n",
    "think fenced": f"<think>\n{F}verilog\n%\n{F}\nNo, wrong edge.\n</think>\n\n@\n",
    "think, fenced answer": f"<think>\n%\n</think>\n{F}verilog\n@\n{F}\n",
    "both fenced": f"<think>\n{F}verilog\n%\n{F}\n</think>\n{F}verilog\n@\n{F}\n",
    "think unfinished draft": f"<think>\n{F}verilog\n^\n  // ...\n{F}\n</think>\n{F}verilog\n@\n{F}\n",
    "think open fence": f"<think>\n{F}verilog\n^\n  // ...\n</think>\n{F}verilog\n@\n{F}\n",
    "draft behind": f"{F}verilog\n@\n{F}\n<think>\nOr else:\n%\n</think>\n",
    "opened by the prompt": "Reset to 3?\n%\nNo.\n</think>\n\n@\n",
    "thinking": "<thinking>\n%\n</thinking>\n@\n",
    "reasoning": "<reasoning>\n%\n</reasoning>\n@\n",
    "upper case": "<THINK>\n%\n</THINK>\n@\n",
    "seed tags": "<seed:think>\n%\n</seed:think>\n@\n",
    "bracketed": "[THINK]\n%\n[/THINK]\n@\n",
    "thought tokens": "<|begin_of_thought|>\n%\n<|end_of_thought|>\n\n@\n",
    "channels": "<|channel|>analysis<|message|>%<|end|><|start|>assistant<|channel|>final<|message|>\n@\n",
    "channels without tokens": f"analysisWe write it.\n{F}verilog\n%\n{F}\nassistantfinal{F}verilog\n@\n{F}\n",
    "twice": "<think>\n%\n</think>\n<think>\nSure.\n</think>\n@\n",
    "empty think": "<think>\n\n</think>\n\n@\n",
    "think and answer tags": f"<think>\n%\n</think>\n<answer>\n{F}verilog\n@\n{F}\n</answer>\n",
}
TAGGED = {
    "answer tag": "<answer>@</answer>\n",
    "answer tag, own lines": "<answer>\n@\n</answer>\n",
    "BEGIN": "[BEGIN]@\n[DONE]\n",
    "BEGIN, own lines": "[BEGIN]\n@\n[END]\n",
    "label": "Answer: @\n",
    "label on its own line": "Answer:\n@\n",
    "bold label": "**Answer:** @\n",
    "start token": "<s>@</s>\n",
    "end token": "@\n<|im_end|>\n",
    "end token on the line": "@<|endoftext|>\n",
    "eot": "@<|eot_id|>",
    "code tag": "<code>\n@\n</code>\n",
    "response marks": "### Response:\n@\n",
    "instruction again behind": "@\n\n### Instruction:\nWrite a FIFO.\n",
    "CODE label": "CODE: @\n",
    "quoted": "> note\n\n@\n",
}
SHAPES = {
    f"{group}: {name}": text
    for group, shapes in {
        "plain": PLAIN, "prose": PROSE, "fenced": FENCED, "helpers": HELPERS, "headers": HEADERS,
        "drafts": DRAFTS, "tagged": TAGGED,
    }.items()
    for name, text in shapes.items()
}  # fmt: skip


def filled(shape: str, right: str = RIGHT, wrong: str = WRONG) -> str:
    """The answer of a shape."""
    marks = {"@": right, "%": wrong, "^": HEADER}
    return "".join(
        marks[c] if c in marks and not (c == "@" and text_is_event(shape, k)) else c
        for k, c in enumerate(shape)
    )


def text_is_event(shape: str, at: int) -> bool:
    """Whether an `@` is that of an event control rather than the counter's sign."""
    return shape[at + 1 : at + 2] == "("
