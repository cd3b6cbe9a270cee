"""What Icarus Verilog gets wrong without a word, and what is done about it before it sees a text.

Each fault has a probe: `rtlbench doctor` runs it on the installed simulator. What can be written
in another way is; what cannot goes to the other simulator, or is told by the answer's netlist
beside it. A text that Icarus refuses to compile is no fault of this kind.
"""

from __future__ import annotations

import re
import secrets
from bisect import bisect_right
from typing import Literal

import msgspec

from rtlbench.simulation.icarus_queries import answered

WIDEST = 4096
"""Bits of an expression that are counted; a wider one does not compile here."""
SORRY = "sorry: constant selects in always_"
"""What Icarus 11 prints over a block whose sensitivity it may then corrupt."""


class Fault(msgspec.Struct, frozen=True):
    """One thing that Icarus computes wrongly: `probe` prints `right` where it does not."""

    name: str
    remedy: Literal["written otherwise", "other simulator", "seen by the netlist"]
    probe: str


def _probe(body: str, shown: str) -> str:
    return (
        "module probe; reg clk = 0; reg [7:0] a = 8'h10; reg signed [7:0] s = -8'sd2;\n"
        f"{body}\ninitial begin #1 clk = 1; #1 if ({shown}) $display(\"right\"); end\nendmodule\n"
    )


FAULTS = (
    Fault(
        "$countones, $onehot, $onehot0 of an expression", "written otherwise",
        _probe("reg [7:0] q; always @(posedge clk) q <= $countones({a});", "q === 8'd1"),
    ),
    Fault(
        "always_comb that selects constant bits", "written otherwise",
        _probe(
            "reg [7:0] q, r; reg [7:0] b = 8'd3; always_comb q = s[7] ? -s : s;\n"
            "always_comb r = $signed({1'b0, b}) * s;",
            "q === 8'd2 && r === 8'hfa",
        ),
    ),
    Fault(
        "$bits and $size of a signal in a range or a parameter", "written otherwise",
        _probe("localparam K = $bits(a); wire [7:0] q = K;", "q === 8'd8"),
    ),
    Fault(
        "a power whose exponent is negative", "other simulator",
        _probe("reg signed [7:0] one = -1; wire signed [47:0] q = one ** s;", "q === 48'd1"),
    ),
    Fault(
        "a signed member of a packed structure", "other simulator",
        _probe(
            "typedef struct packed {logic [3:0] h; logic signed [3:0] l;} pair;\n"
            "pair p; wire [7:0] q = p.l; initial p = 8'h0f;",
            "q === 8'hff",
        ),
    ),
    Fault(
        "a sized sum that overflows in a parameter without a type", "seen by the netlist",
        _probe("localparam K = 3'd7 + 3'd1; wire [7:0] q = K;", "q === 8'd0"),
    ),
)  # fmt: skip

# All lanes are looked through: what a form cannot begin without stands first, so that the engine
# skips to it, and what must not stand before it is asked behind that.
_WORDS = re.compile(
    r"""
      "(?:\\.|[^"\\\n])*" | //[^\n]* | /\*.*?\*/ | \\\S+
    | \$(?P<count>countones|onehot0|onehot|isunknown)\b\s*\(
    | always_(?<![\w$.]always_)(?P<block>comb|latch)\b
    """,
    re.X | re.S,
)
_ROUTINE = re.compile(r"(?:function(?<!\wfunction)|task(?<!\wtask))\b[^;()]*?(\w+)\s*[;(]")
_LANE = re.compile(r'`(?<=^`)line 1 "\w+" 0$', re.M)
_NEXT_ITEM = re.compile(
    r"\b(?:always\w*|assign|initial|function|task|generate|genvar|endgenerate|module|endmodule)\b"
)
_BETWEEN = re.compile(r'"(?:\\.|[^"\\\n])*"|[()]|(?P<nested>\$(?:countones|onehot0?|isunknown)\b)')
_DIRECTIVES = re.compile(r"(?:[ \t]*(?:`[^\n]*)?\n)*")
"""Lines of directives: Icarus wants them at the beginning of a line."""
_PARAMETER = re.compile(r"\b(?:localparam|parameter)\b")
_COUNTBITS = re.compile(r"\$countbits\b")
_POWER = re.compile(r"(?P<base>[\w']*)\s*\*\*\s*(?P<exponent>\d*)")
_MEMBERS = re.compile(r"struct(?<!\wstruct)\s+packed\b[^{;]*\{([^}]*)")
_SIGNED = re.compile(r"\b(?:signed|byte|shortint|int|longint|integer)\b")


class Spared(msgspec.Struct, frozen=True):
    """A text without the forms that Icarus gets wrong, on the same lines."""

    text: str
    roots: tuple[str, ...] = ()
    """Modules that must be roots beside the others."""
    unfit: tuple[str, int] | None = None
    """A fault that cannot be written otherwise, and the offset at which the text meets it."""


def spared(text: str) -> Spared:
    """`text` as Icarus may see it."""
    token = secrets.token_hex(8)
    counter, waker = f"rtlbench_count_{token}", f"rtlbench_wake_{token}"
    edits: list[tuple[int, int, str]] = []
    unfit = _unfit(text)
    text, unanswered = answered(text)
    if unanswered is not None:
        unfit = unfit or (FAULTS[2].name, unanswered)
    routines = _Routines(text)
    for word in _WORDS.finditer(text):
        if word["block"] is not None and not _calls(text, word.end(), routines.at(word.start())):
            edits.append((*_span(word), f"always @* if ({waker}.go !== 1'bx)"))
        elif word["count"] is not None and not _is_parameter(text, word.start()):
            counted = _closing(text, word.end())
            if counted is None:
                unfit = unfit or (f"${word['count']} of a count", word.start())
                continue
            argument = text[word.end() : counted]
            before, after = _COUNTS[word["count"]]
            padded = f"{{{WIDEST}-$bits({{{argument}}}){{1'b0}}}}".replace("\n", " ")
            edits.append((*_span(word), f"{before.format(counter)}({{{padded},{{"))
            edits.append((counted, 1, f"}}}}){after}"))
    for at, length, new in sorted(edits, reverse=True):
        text = f"{text[:at]}{new}{text[at + length :]}"
    if not edits:
        return Spared(text, (), unfit)
    first = _DIRECTIVES.match(text)
    at = first.end() if first else 0
    return Spared(f"{text[:at]}{_helpers(counter, waker)}{text[at:]}", (waker,), unfit)


class _Routines:
    """The functions and tasks of each lane; a block calls none of another's, whose name may well
    be that of a signal of its own."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(m.start() for m in _LANE.finditer(text))]
        ends = [*self._starts[1:], len(text)]
        self._names = [
            set(_ROUTINE.findall(text, start, end))
            for start, end in zip(self._starts, ends, strict=True)
        ]

    def at(self, offset: int) -> set[str]:
        """Those of the lane whose text has this offset."""
        return self._names[bisect_right(self._starts, offset) - 1]


def refused_block(printed: str) -> bool:
    """Whether Icarus says that it cannot wait for what a block of the text reads."""
    return SORRY in printed


_COUNTS = {
    "countones": ("$signed({{{}::ones", "})"),
    "onehot": ("({}::ones", " == 1)"),
    "onehot0": ("({}::ones", " <= 1)"),
    "isunknown": ("({}::unknown", ")"),
}
"""What stands before and behind the argument: a call of the function in the package `{}`."""


def _helpers(counter: str, waker: str) -> str:
    """What the new forms call on; all in one line."""
    return (
        f"package {counter}; function automatic signed [31:0] ones(input [{WIDEST - 1}:0] v);"
        " begin ones = 0; while (v !== 0) begin if (v[0] === 1'b1) ones = ones + 1;"
        " v = v >> 1; end end endfunction"
        f" function automatic unknown(input [{WIDEST - 1}:0] v);"
        " unknown = (^v === 1'bx); endfunction endpackage "
        f"module {waker}; reg go = 1'b0; initial #0 go = 1'b1; endmodule "
    )


def _span(word: re.Match[str]) -> tuple[int, int]:
    return word.start(), word.end() - word.start()


def _is_parameter(text: str, at: int) -> bool:
    """Whether a parameter's value stands at `at`: constants are counted rightly."""
    return _PARAMETER.search(text, text.rfind(";", 0, at) + 1, at) is not None


def _calls(text: str, at: int, routines: set[str]) -> bool:
    """Whether the block behind `at` calls a function or task: then it waits for what those read
    as well, which `always @*` does not."""
    end = _NEXT_ITEM.search(text, at)
    words = re.findall(r"[A-Za-z_]\w*", text[at : end.start() if end else len(text)])
    return not routines.isdisjoint(words)


def _closing(text: str, at: int) -> int | None:
    """The offset of the parenthesis that closes what is open at `at`; None where a count is
    counted, or none closes."""
    depth = 1
    for found in _BETWEEN.finditer(text, at):
        if found["nested"] is not None:
            return None
        depth += {"(": 1, ")": -1}.get(found.group(), 0)
        if depth == 0:
            return found.start()
    return None


def _unfit(text: str) -> tuple[str, int] | None:
    """A fault that `text` would meet, and where."""
    bits = _COUNTBITS.search(text)
    if bits is not None:
        return "$countbits of an expression", bits.start()
    for members in _MEMBERS.finditer(text):
        if _SIGNED.search(members[1]):
            return FAULTS[4].name, members.start()
    if "**" in text and _SIGNED.search(text):
        for power in _POWER.finditer(text):
            constant = power["base"][:1].isdigit() or power["exponent"]
            if not constant:
                return FAULTS[3].name, power.start()
    return None
