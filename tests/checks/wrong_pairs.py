"""Pairs of words and code made by us: over eighteen kinds of circuit, the code right or with one
fault that the words rule out.

    .venv/bin/python -m tests.checks.wrong_pairs

judges them all and prints the table that docs/verdicts.md has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from rtlbench.records.candidate import Candidate
from rtlbench.records.verdict import Verdict
from rtlbench.verifier import Verifier


class Pair(msgspec.Struct, frozen=True):
    """Words, and code that does what they say or does not."""

    kind: str
    fault: str
    """Empty where the code is right."""
    words: str
    code: str


class Clocked(msgspec.Struct, frozen=True):
    """A register `q` in a module of its own, with the parts that a fault changes."""

    step: str
    ports: str = ""
    width: int = 8
    reset: str = "q <= 0;"
    enable: str = "en"
    """The condition of the step; empty for none."""
    rst: str = "rst"
    """The condition of the reset; empty for none."""
    port_en: bool = True
    port_rst: bool = True
    more: str = ""
    output: str = "output reg"

    def text(self, **changed: object) -> str:
        """The module, with some parts otherwise."""
        made = msgspec.structs.replace(self, **changed)
        inputs = ["input clk"]
        inputs += ["input rst"] * made.port_rst + ["input en"] * made.port_en
        inputs += [made.ports] * bool(made.ports)
        step = f"if ({made.enable}) begin {made.step} end" if made.enable else made.step
        body = f"if ({made.rst}) begin {made.reset} end else begin {step} end" if made.rst else step
        out = f"{made.output} [{made.width - 1}:0] q" if made.width > 1 else f"{made.output} q"
        return (
            f"module m({', '.join(inputs)}, {out});\n{made.more}\n"
            f"always @(posedge clk) begin\n  {body}\nend\nendmodule\n"
        )


TITLE = "| kind | wrong pairs | told by its words | right pairs | refused |\n|---|---|---|---|---|"
USES = "wire unused = ^{%s};"
CONTROLS = (
    ("enable ignored", {"enable": ""}),
    ("enable missing", {"enable": "", "port_en": False}),
    ("enable inverted", {"enable": "!en"}),
    ("reset missing", {"rst": "", "port_rst": False}),
    ("reset inverted", {"rst": "!rst"}),
)
"""What may be wrong with the controls of any clocked kind."""
WITH = (
    "with an active-high enable en and a synchronous active-high reset rst.",
    "with a synchronous reset `rst` (active high) and an enable `en`.",
    "with enable input en, active high, and an active-high synchronous reset rst.",
)


def _clocked(
    kind: str, heads: Sequence[str], right: Clocked, others: Sequence[tuple[str, str]]
) -> Iterator[Pair]:
    for number, head in enumerate(heads):
        words = f"{head} {WITH[number % len(WITH)]}"
        yield Pair(kind, "", words, right.text())
        for fault, changed in CONTROLS:
            yield Pair(kind, fault, words, right.text(**changed))
        for fault, code in others:
            yield Pair(kind, fault, words, code)


def clocked_pairs() -> Iterator[Pair]:
    """Register, counters, shift register, LFSR, ring, Gray, accumulator."""
    data = "input [7:0] d"
    reg = Clocked("q <= d;", data)
    up = Clocked("q <= q + 1;")
    down = Clocked("q <= q - 1;", reset="q <= 255;")
    left = Clocked("q <= {q[6:0], d};", "input d")
    lfsr = Clocked("q <= {q[6:0], q[7] ^ q[5] ^ q[4] ^ q[3]};", reset="q <= 1;")
    ring = Clocked("q <= {q[6:0], q[7]};", reset="q <= 1;")
    add = Clocked("q <= q + d;", data)
    ten = Clocked("q <= q == 9 ? 0 : q + 1;", width=4)
    gray = Clocked("b <= b + 1; q <= (b + 8'd1) ^ ((b + 8'd1) >> 1);", reset="b <= 0; q <= 0;",
                   more="reg [7:0] b;")  # fmt: skip
    yield from _clocked("register", ("An 8-bit register", "Write an 8-bit register module"), reg, [
        ("a counter instead", reg.text(step="q <= q + d[0];", more=USES % "d")),
        ("stores the complement", reg.text(step="q <= ~d;"))])  # fmt: skip
    yield from _clocked("counter", ("An 8-bit counter", "Design an 8-bit up counter"), up, [
        ("counts by two", up.text(step="q <= q + 2;")),
        ("a shift register instead", up.text(step="q <= {q[6:0], ~q[7]};"))])  # fmt: skip
    stuck = "if (q != 8'd{}) q <= q + 1;"
    for number, words in enumerate(("An 8-bit counter", "Design an 8-bit up counter")):
        for top in (255, 200):
            yield Pair("counter", f"stops at {top}", f"{words} {WITH[number]}",
                       up.text(step=stuck.format(top)))  # fmt: skip
    yield from _clocked("down counter", ("An 8-bit down counter",), down, [
        ("counts up", up.text()), ("rotates", ring.text())])  # fmt: skip
    yield from _clocked("mod-N counter", ("A decade counter", "A mod-10 counter"), ten, [
        ("counts to 15", up.text(width=4)),
        ("counts to 10", ten.text(step="q <= q == 10 ? 0 : q + 1;"))])  # fmt: skip
    yield from _clocked("shift register", ("An 8-bit shift register", "Implement an 8-bit "
        "left shift register"), left, [
        ("a counter instead", left.text(step="q <= q + d;")),
        ("stores in place", left.text(step="q <= {8{d}};")),
        ("shifts half", left.text(step="q <= {q[7:4], q[2:0], d};"))])  # fmt: skip
    yield from _clocked("LFSR", ("An 8-bit LFSR", "Create an 8-bit linear feedback shift register"),
        lfsr, [("a counter instead", up.text())])  # fmt: skip
    yield from _clocked("ring counter", ("An 8-bit ring counter", "An 8-bit Johnson counter"), ring,
        [("a counter instead", up.text())])  # fmt: skip
    yield from _clocked("Gray counter", ("An 8-bit Gray code counter", "An 8-bit gray counter"),
        gray, [("counts in binary", up.text())])  # fmt: skip
    yield from _clocked("accumulator", ("An 8-bit accumulator", "Write an 8-bit accumulator"),
        add, [("stores only", reg.text()),
        ("counts", add.text(step="q <= q + 1;", more=USES % "d"))])  # fmt: skip


def loaded_pairs() -> Iterator[Pair]:
    """Counters with a load, a clear, or a start value."""
    both = Clocked("if (load) q <= d; else q <= q + 1;", "input load, input [7:0] d", enable="")
    words = "An 8-bit counter with a parallel load `load` of d and a synchronous reset rst."
    right = both.text(port_en=False)
    yield Pair("counter with load", "", words, right)
    yield Pair("counter with load", "load inverted", words,
               both.text(port_en=False, step="if (!load) q <= d; else q <= q + 1;"))  # fmt: skip
    yield Pair("counter with load", "loads something else", words,
               both.text(port_en=False, step="if (load) q <= ~d; else q <= q + 1;"))  # fmt: skip
    yield Pair("counter with load", "load missing", words, Clocked("q <= q + d;", "input [7:0] d",
               enable="").text(port_en=False))  # fmt: skip
    cleared = Clocked("if (clr) q <= 0; else q <= q + 1;", "input clr", enable="")
    for words in (
        "An 8-bit counter with a synchronous reset rst and a synchronous clear `clr`.",
        "An 8-bit up counter with a clear input clr and a synchronous reset rst.",
    ):
        yield Pair("counter with clear", "", words, cleared.text(port_en=False))
        for fault, step in (
            ("clear inverted", "if (!clr) q <= 0; else q <= q + 1;"),
            ("clear sets ones", "if (clr) q <= 255; else q <= q + 1;"),
            ("clear holds", "if (!clr) q <= q + 1;"),
        ):
            yield Pair("counter with clear", fault, words, cleared.text(port_en=False, step=step))
    up = Clocked("q <= q + 1;", enable="", port_en=False)
    for value in (0, 5, 100):
        words = f"An 8-bit up counter. The synchronous reset rst resets q to {value}."
        yield Pair("counter from N", "", words, up.text(reset=f"q <= {value};"))
        for other in (255, value + 1):
            yield Pair("counter from N", "another value", words, up.text(reset=f"q <= {other};"))


def _detector(text: str, reset: str = "s <= 0;", enable: str = "") -> str:
    """Of the last bits, as they are kept."""
    step = f"s <= {{s[{len(text) - 2}:0], x}};"
    step = f"if ({enable}) {step}" if enable else step
    return (
        f"module m(input clk, input rst, input x, output z);\nreg [{len(text) - 1}:0] s;\n"
        f"always @(posedge clk) if (rst) {reset} else {step}\n"
        f"assign z = s == {len(text)}'b{text};\nendmodule\n"
    )


def _edges(shown: str) -> str:
    return (
        "module m(input clk, input rst, input x, output reg p);\nreg o;\n"
        f"always @(posedge clk) if (rst) begin o <= 0; p <= 0; end else begin o <= x; "
        f"p <= {shown}; end\nendmodule\n"
    )


def _counts_ones() -> str:
    return (
        "module m(input clk, input rst, input x, output z);\nreg [2:0] s;\n"
        "always @(posedge clk) if (rst) s <= 0; else if (x) s <= s + 1;\n"
        "assign z = s == 3;\nendmodule\n"
    )


def detector_pairs() -> Iterator[Pair]:
    """Of sequences and edges."""
    for text, head in (
        ("1011", "4-state Moore FSM sequence detector for 1011"),
        ("1101", "A sequence detector for the sequence 1101"),
        ("110", "Design an FSM sequence detector that tells 110"),
        ("0110", "Implement a Mealy sequence detector for 0110"),
    ):
        words = f"{head} on x, output z, with a synchronous active-high reset rst."
        yield Pair("sequence detector", "", words, _detector(text + ""))
        other = text[:-1] + ("0" if text[-1] == "1" else "1")
        yield Pair("sequence detector", "another sequence", words, _detector(other))
        yield Pair("sequence detector", "backwards", words, _detector("".join(
            "1" if c == "0" else "0" for c in text)))  # fmt: skip
        yield Pair("sequence detector", "counts ones", words, _counts_ones())
        yield Pair("sequence detector", "one bit short", words, _detector(text[1:]))
        yield Pair("sequence detector", "a counter instead", words, Clocked("q <= q + 1;").text())
    states = "on x, output z, with a synchronous active-high reset rst."
    for number, bits in (("five", 2), ("6", 2), ("4", 1)):
        code = (f"module m(input clk, input rst, input x, output z);\nreg [{bits - 1}:0] s;\n"
                "always @(posedge clk) if (rst) s <= 0; else s <= s + x;\n"
                "assign z = &s;\nendmodule\n")  # fmt: skip
        words = f"A Moore machine: a {number}-state FSM {states}"
        yield Pair("state machine", "too few states", words, code)
        right = code.replace(f"[{bits - 1}:0]", "[2:0]")
        yield Pair("state machine", "", words, right)
    shown = {"rising": "x & ~o", "falling": "o & ~x"}
    for way, other in (("rising", "falling"), ("falling", "rising")):
        for verb in ("A", "Design a"):
            words = f"{verb} {way} edge detector for x, with a synchronous active-high reset rst."
            yield Pair("edge detector", "", words, _edges(shown[way]))
            yield Pair("edge detector", "the other edge", words, _edges(shown[other]))
            yield Pair("edge detector", "both edges", words, _edges("x ^ o"))
            yield Pair("edge detector", "the level", words, _edges("o"))
            yield Pair("edge detector", "both have to be", words, _edges("o & x"))


FIFO = """module m(input clk, input rst, input wr_en, input rd_en, input [7:0] din,
output reg [7:0] dout, output full, output empty);
reg [7:0] mem [0:7]; reg [3:0] w, r;
assign full = w[2:0] == r[2:0] && w[3] != r[3];
assign empty = w == r;
always @(posedge clk) if (rst) begin w <= 0; r <= 0; dout <= 0; end else begin
  if (wr_en && !full) begin mem[w[2:0]] <= din; w <= w + 1; end
  if (rd_en && !empty) begin dout <= mem[r[2:0]]; r <= r + 1; end
end
endmodule
"""
RAM = """module m(input clk, input we, input [3:0] addr, input [7:0] din, output reg [7:0] dout);
reg [7:0] mem [0:15];
always @(posedge clk) begin if (we) mem[addr] <= din; dout <= mem[addr]; end
endmodule
"""


def memory_pairs() -> Iterator[Pair]:
    """FIFO and RAM."""
    for words in (
        "A FIFO with write enable wr_en, read enable rd_en, full and empty, and a reset rst.",
        "Design a synchronous FIFO of 8 words with full and empty flags.",
        "Implement an 8-deep FIFO buffer, 8 bits wide, with a synchronous reset.",
    ):
        yield Pair("FIFO", "", words, FIFO)
        for fault, old, new in (
            ("last in, first out", "dout <= mem[r[2:0]]", "dout <= mem[w[2:0] - 3'd1 - r[2:0]]"),
            ("one word for all", "mem[w[2:0]] <= din", "mem[r[2:0]] <= din"),
            ("nothing stored", "dout <= mem[r[2:0]]", "dout <= din ^ mem[r[2:0]]"),
            ("reads do not move on", "r <= r + 1", "r <= r + din[7]"),
            ("writes inverted", "if (wr_en && !full)", "if (!wr_en && !full)"),
        ):
            yield Pair("FIFO", fault, words, FIFO.replace(old, new))
    for words in (
        "A single-port RAM of 16 words of 8 bits, written when we is high.",
        "Design a 16x8 RAM with synchronous read.",
        "Write a single-port memory with 16 words of 8 bits.",
    ):
        yield Pair("RAM", "", words, RAM)
        for fault, old, new in (
            ("write enable inverted", "if (we)", "if (!we)"),
            ("half the address", "mem[addr] <=", "mem[addr[3:2]] <="),
            ("passes through", "dout <= mem[addr]", "dout <= we ? mem[addr] : din"),
            ("stores the complement", "<= din;", "<= ~din;"),
        ):
            yield Pair("RAM", fault, words, RAM.replace(old, new))


def plain_pairs() -> Iterator[Pair]:
    """Circuits without a clock."""
    mux = ("module m(input [7:0] a, input [7:0] b, input sel, output [7:0] y);\n"
           "assign y = {};\nendmodule\n")  # fmt: skip
    four = ("module m(input [3:0] a, input [3:0] b, input [3:0] c, input [3:0] d, "
            "input [1:0] sel, output [3:0] y);\nassign y = {};\nendmodule\n")  # fmt: skip
    tables = {
        "multiplexer": (
            ("An 8-bit 2-to-1 multiplexer.", mux, "sel ? b : a",
             {"ands": "sel ? a & b : a", "adds": "sel ? b : a + b", "ors": "{8{sel}} & a | b"}),
            ("Design a 4-to-1 multiplexer of 4-bit inputs.", four,
             "sel[1] ? (sel[0] ? d : c) : (sel[0] ? b : a)",
             {"three inputs": "sel[1] ? (sel[0] ? c : c ^ d) : (sel[0] ? b : a)",
              "sums": "sel[1] ? c + d : a + b"}),
        ),
        "decoder": tuple(
            (words, "module m(input [2:0] a, output [7:0] y);\nassign y = {};\nendmodule\n",
             "8'd1 << a", {"thermometer": "(8'd1 << a) - 8'd1 + (a == 0)", "two bits": "8'd3 << a",
                           "half": "8'd1 << a[2:1] << (a[0] & a[1])", "sums": "a + 8'd1"})
            for words in ("A 3-to-8 decoder.", "Design a 3:8 decoder.")
        ),
        "adder": tuple(
            (words, "module m(input [7:0] a, input [7:0] b, output [8:0] s);\nassign s = {};\n"
             "endmodule\n", "a + b",
             {"subtracts": "a - b", "no carry": "a ^ b", "ors": "a | b", "doubles": "a + b + b"})
            for words in ("An 8-bit adder of a and b.", "Implement a module of an 8-bit adder.")
        ),
        "comparator": tuple(
            (words, "module m(input [7:0] a, input [7:0] b, output gt, output eq);\n"
             "assign {{gt, eq}} = {};\nendmodule\n", "{a > b, a == b}",
             {"low bits alone": "{a[3:0] > b[3:0], a[3:0] == b[3:0] && ^{a, b}}",
              "parity": "{^a ^ ^b, ^a & ^b}", "any bit": "{|(a & ~b), |(a & b)}"})
            for words in ("An 8-bit comparator.", "Design an 8-bit magnitude comparator.")
        ),
        "parity": tuple(
            (words, "module m(input [7:0] d, output p);\nassign p = {};\nendmodule\n", "^d",
             {"all ones": "&d", "any one": "|d", "seven bits": "^d[6:0] & ~d[7]"})
            for words in ("An 8-bit even parity generator.", "Write a parity generator for d.")
        ),
    }  # fmt: skip
    for kind, cases in tables.items():
        for words, frame, right, wrong in cases:
            yield Pair(kind, "", words, frame.format(right))
            for fault, code in wrong.items():
                yield Pair(kind, fault, words, frame.format(code))


def pairs() -> list[Pair]:
    """All of them, right and wrong."""
    return [*clocked_pairs(), *loaded_pairs(), *detector_pairs(), *memory_pairs(), *plain_pairs()]


def judged(asked: Sequence[Pair]) -> list[Verdict]:
    """As records without a task."""
    texts = [(None, Candidate(text=p.code, instruction=p.words)) for p in asked]
    return Verifier().verify_mixed(texts)


def told(verdict: Verdict) -> list[str]:
    """What is said by the words: the rules and their sentences."""
    return [f"{f.rule}: {f.message}" for f in verdict.findings if f.rule.startswith("intent.")]


def main() -> None:
    """Print the table."""
    asked = pairs()
    wrong, caught, right, refused = (Counter[str]() for _ in range(4))
    for pair, verdict in zip(asked, judged(asked), strict=True):
        (wrong if pair.fault else right)[pair.kind] += 1
        (caught if pair.fault else refused)[pair.kind] += bool(told(verdict))
        if bool(told(verdict)) != bool(pair.fault):
            print(f"# {pair.kind}: {pair.fault or 'right'}: {pair.words} {told(verdict)}")
    print(TITLE)
    for kind in dict.fromkeys(p.kind for p in asked):
        print(f"| {kind} | {wrong[kind]} | {caught[kind]} | {right[kind]} | {refused[kind]} |")
    total = (wrong.total(), caught.total(), right.total(), refused.total())
    print("| all | " + " | ".join(map(str, total)) + " |")


if __name__ == "__main__":
    main()
