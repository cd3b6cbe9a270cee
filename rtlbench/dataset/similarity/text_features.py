"""What texts are compared by: tokens and syntax tree of RTL, runs of words of an instruction.

**Tokens**: the canonical stream is what is left of RTL when comments, white space, the names that
its author chose and the ways to write a number are put aside. Guarantee: renaming every identifier
(different ones staying different), reformatting, commenting and writing a number in another base
leave the stream as it is. Any other change changes it: the order of ports, an operator, a value, a
width.

**Syntax**: a feature is a statement, a declaration or an expression with the form of its parts two
levels down; parts whose order means nothing (members of a module, statements of a block, the two
sides of `+`, `&`, `==`, ...) are sorted, and names put aside. How often a feature occurs counts up
to a few times.

**Words**: only what is a member's own counts: runs that a second member of the suite has as well
are its template (`Use exactly this interface`, `I would like you to implement a module named`).
And a text in which a fact of the member is missing (a number, a polarity, an edge, a direction)
asks for something else in the same words.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from rtlbench.errors import HarnessError
from rtlbench.rtl.lexical import COMMENT, ESCAPED_NAME, LINE_COMMENT, PLAIN_NAME, STRING
from rtlbench.rtl.preprocessing import prepare

TokenClass = Literal["name", "keyword", "number", "string", "sign"]

_TOKEN = re.compile(
    rf"""
      (?P<skip>\s+|{LINE_COMMENT}|{COMMENT}|\(\*(?!\s*\)).*?(?:\*\)|\Z))
    | (?P<string>{STRING})
    | (?P<based>(?:\d[\d_]*\s*)?'[sS]?[bodhBODH]\s*[\da-fA-FxXzZ?_]+)
    | (?P<fill>'[01xXzZ])
    | (?P<plain>\d[\d_]*(?:\.\d[\d_]*)?)
    | (?P<escaped>{ESCAPED_NAME})
    | (?P<system>[$`]\w+)
    | (?P<word>{PLAIN_NAME})
    | (?P<sign><<<=?|>>>=?|===|!==|==\?|!=\?|<<=?|>>=?|<=|>=|==|!=|&&|\|\||\*\*|~&|~\||~\^|\^~
               |\+\+|--|->|[-+*/%&|^]=|::|\+:|-:|.)
    """,
    re.VERBOSE | re.DOTALL,
)
KEYWORDS = frozenset(
    "always always_comb always_ff always_latch and assert assign assume automatic begin bit "
    "break buf byte case casex casez const continue default defparam disable do edge else end "
    "endcase endfunction endgenerate endinterface endmodule endpackage endtask enum export for "
    "foreach function generate genvar if iff import initial inout input inside int integer "
    "interface localparam logic longint macromodule modport module nand negedge nor not or "
    "output package packed parameter posedge priority real reg repeat return shortint signed "
    "static struct supply0 supply1 task time tri tri0 tri1 type typedef union unique unique0 "
    "unsigned var void wait wand while wire wor xnor xor".split()
)
"""Words of the language; every other word is a name."""
_RADIX = {"b": 2, "o": 8, "d": 10, "h": 16}
_BASED = re.compile(r"(\d[\d_]*)?\s*'([sS]?)([bodhBODH])\s*([\da-fA-FxXzZ?_]+)")


_KINDS: dict[str, TokenClass] = {
    "string": "string", "fill": "number", "escaped": "name", "system": "keyword", "sign": "sign"
}


class Token(msgspec.Struct, frozen=True):
    """One token; `text` is canonical but for names, which stand as they are written."""

    kind: TokenClass
    text: str
    value: int | None = None
    """Of a number without unknown digits."""


def tokens(rtl: str) -> list[Token]:
    """The tokens of RTL, macros expanded where the text can be prepared for the tools."""
    text = prepare(rtl).text or rtl
    return [t for m in _TOKEN.finditer(text) if (t := _token(m)) is not None]


def _token(match: re.Match[str]) -> Token | None:
    kind, text = str(match.lastgroup), match.group()
    if kind == "skip":
        return None
    if kind == "based":
        return _based(text)
    if kind == "plain":
        plain = text.replace("_", "")
        return Token("number", plain, int(plain) if plain.isdecimal() else None)
    if kind == "word":
        return Token("keyword" if text in KEYWORDS else "name", text)
    return Token(_KINDS[kind], text.lower() if kind == "fill" else text)


def _based(text: str) -> Token:
    """`4'b0011`, `4'd3` and `4'h3` are one number; the width and the sign stay."""
    found = _BASED.fullmatch(text)
    assert found is not None
    width, signed, base, digits = found.groups()
    head = f"{(width or '').replace('_', '')}'{signed.lower()}"
    digits = digits.replace("_", "").lower()
    try:
        value = int(digits, _RADIX[base.lower()])
    except ValueError:
        return Token("number", f"{head}{base.lower()}{digits.replace('?', 'z')}")
    return Token("number", f"{head}{value}", value)


def stream(tokens: Sequence[Token]) -> list[str]:
    """The canonical words: each name is `#k`, where k counts names by their first use."""
    numbers: dict[str, str] = {}
    return [
        numbers.setdefault(t.text, f"#{len(numbers)}") if t.kind == "name" else t.text
        for t in tokens
    ]


def exact_hash(tokens: Sequence[Token]) -> bytes:
    """16 bytes that say whether two canonical streams are equal."""
    return hashlib.blake2b("\0".join(stream(tokens)).encode(), digest_size=16).digest()


def constants(tokens: Sequence[Token]) -> frozenset[int]:
    """The numbers above 1 that the text names: widths, limits, codes.

    0 and 1 come and go with the way a thing is written (`q[3:0]`, `q + 1`, `!x`).
    """
    return frozenset(t.value for t in tokens if t.value is not None and t.value > 1)


def shingles(tokens: Sequence[Token], size: int) -> set[str]:
    """Runs of `size` tokens, every name being one word: what stays when text is moved about."""
    words = ["#" if t.kind == "name" else t.text for t in tokens if t.text not in ("begin", "end")]
    return {" ".join(words[k : k + size]) for k in range(max(1, len(words) - size + 1))}


DEPTH = 3
MAX_COUNT = 4
MAX_NODES = 50_000
_UNORDERED = (
    "ModuleDeclaration AnsiPortList SequentialBlockStatement "
    "AddExpression MultiplyExpression BinaryAndExpression BinaryOrExpression BinaryXorExpression "
    "LogicalAndExpression LogicalOrExpression EqualityExpression InequalityExpression "
    "ParenthesizedEventExpression BinaryEventExpression"
).split()
_THROUGH = frozenset({"ParenthesizedExpression", "SequentialBlockStatement"})
"""Nodes that only hold another together."""


def syntax_features(text: str) -> set[str]:
    """The features of prepared text; empty where slang reads nothing in it."""
    from pyslang import SourceManager

    from rtlbench.rtl.slang import file_members, parse

    try:
        tree = parse(text, SourceManager())
    except HarnessError:
        return set()
    counts: Counter[str] = Counter()
    left = [MAX_NODES]
    for member in file_members(tree):
        _levels(member, counts, left)
    return {f"{f} {k}" for f, n in counts.items() for k in range(min(n, MAX_COUNT))}


def _levels(node: Any, counts: Counter[str], left: list[int]) -> list[str]:
    """The forms of `node` down to 0, 1, ... levels; those of all depths below are counted."""
    from pyslang.parsing import Token

    if isinstance(node, Token):
        return [_word(node)] * DEPTH
    left[0] -= 1
    if left[0] < 0:
        return ["..."] * DEPTH
    kind = node.kind.name
    parts = [_levels(part, counts, left) for part in node if part is not None]
    parts = [p for p in parts if p[0]]
    if kind in _THROUGH and len(parts) == 1:
        return parts[0]
    forms = [kind]
    for depth in range(1, DEPTH):
        inner = [p[depth - 1] for p in parts]
        forms.append(f"{kind}({','.join(sorted(inner) if kind in _UNORDERED else inner)})")
    counts.update(forms[1:])
    return forms


def _word(token: Any) -> str:
    """A token without its name: signs and brackets follow from the node's kind."""
    found = tokens(token.rawText)
    if len(found) != 1 or found[0].kind == "sign":
        return ""
    return "#" if found[0].kind == "name" else found[0].text


RUN = 8
"""Words in a run."""
SHARE = 0.7
VERBATIM = 0.95
"""Of a member's own runs, from which a text is taken for its instruction."""
MIN_RUNS = 8
"""A member with fewer runs of its own is not looked for by its words."""
_WORD = re.compile(r"[a-z]+(?:[-_][a-z\d]+)*|\d+(?:\.\d+)?|[a-z]\w*")
_FACTS = frozenset(
    "rising falling posedge negedge positive negative high low active-high active-low "
    "asynchronous asynchronously synchronous synchronously left right up down even odd moore mealy "
    "msb lsb first last signed unsigned increment decrement all both either neither no not "
    "without never".split()
)


class InstructionMatch(msgspec.Struct, frozen=True):
    """The member that a text resembles most."""

    at: int
    share: float
    """Of the member's own runs."""
    is_verbatim: bool
    """The member's words as they are, every fact as often as there."""


def words(text: str) -> list[str]:
    """The words of a text in lower case, without marks."""
    return _WORD.findall(text.lower())


def _runs(found: Sequence[str]) -> set[bytes]:
    runs = (" ".join(found[k : k + RUN]) for k in range(len(found) - RUN + 1))
    return {hashlib.blake2b(r.encode(), digest_size=8).digest() for r in runs}


def _facts(found: Sequence[str]) -> Counter[str]:
    return Counter(w for w in found if w in _FACTS or w[0].isdecimal())


class PhraseIndex:
    """The runs of words of a suite's instructions."""

    def __init__(self, instructions: Sequence[str]) -> None:
        every = [words(text) for text in instructions]
        runs = [_runs(found) for found in every]
        used = Counter(run for found in runs for run in found)
        self._facts = [_facts(found) for found in every]
        self._owner: dict[bytes, int] = {}
        self._sizes = [0] * len(every)
        for at, found in enumerate(runs):
            own = [run for run in found if used[run] == 1]
            if len(own) >= MIN_RUNS:
                self._sizes[at] = len(own)
                self._owner.update(dict.fromkeys(own, at))

    @property
    def unwatched(self) -> list[int]:
        """Places of the instructions with too few words of their own."""
        return [at for at, size in enumerate(self._sizes) if not size]

    def find(self, text: str) -> InstructionMatch | None:
        """The instruction that most of is in `text`; None where there is none."""
        found = words(text)
        hits = Counter(self._owner[run] for run in _runs(found) if run in self._owner)
        facts = _facts(found)
        likely = ((n / self._sizes[at], -at) for at, n in hits.items()
                  if self._facts[at].keys() <= facts.keys())
        share, at = max(likely, default=(0.0, 0))
        if share < SHARE:
            return None
        return InstructionMatch(-at, share, share >= VERBATIM and self._facts[-at] <= facts)
