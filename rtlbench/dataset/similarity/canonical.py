"""The canonical token stream: what is left of RTL when comments, white space, the names that its
author chose and the ways to write a number are put aside.

Guarantee: renaming every identifier (different ones staying different), reformatting, commenting
and writing a number in another base leave the stream as it is. Any other change changes it: the
order of ports, an operator, a value, a width.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Literal

import msgspec

from rtlbench.rtl.preprocessing import prepare

Kind = Literal["name", "keyword", "number", "string", "sign"]

_TOKEN = re.compile(
    r"""
      (?P<skip>\s+|//[^\n]*|/\*.*?(?:\*/|\Z)|\(\*(?!\s*\)).*?(?:\*\)|\Z))
    | (?P<string>"(?:\\.|[^"\\\n])*")
    | (?P<based>(?:\d[\d_]*\s*)?'[sS]?[bodhBODH]\s*[\da-fA-FxXzZ?_]+)
    | (?P<fill>'[01xXzZ])
    | (?P<plain>\d[\d_]*(?:\.\d[\d_]*)?)
    | (?P<escaped>\\\S+)
    | (?P<system>[$`]\w+)
    | (?P<word>[A-Za-z_][\w$]*)
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


_KINDS: dict[str, Kind] = {
    "string": "string", "fill": "number", "escaped": "name", "system": "keyword", "sign": "sign"
}


class Token(msgspec.Struct, frozen=True):
    """One token; `text` is canonical but for names, which stand as they are written."""

    kind: Kind
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


def stream(found: Sequence[Token]) -> list[str]:
    """The canonical words: each name is `#k`, where k counts names by their first use."""
    numbers: dict[str, str] = {}
    return [
        numbers.setdefault(t.text, f"#{len(numbers)}") if t.kind == "name" else t.text
        for t in found
    ]


def exact_hash(found: Sequence[Token]) -> bytes:
    """16 bytes that say whether two canonical streams are equal."""
    return hashlib.blake2b("\0".join(stream(found)).encode(), digest_size=16).digest()


def constants(found: Sequence[Token]) -> frozenset[int]:
    """The numbers above 1 that the text names: widths, limits, codes.

    0 and 1 come and go with the way a thing is written (`q[3:0]`, `q + 1`, `!x`).
    """
    return frozenset(t.value for t in found if t.value is not None and t.value > 1)


def shingles(found: Sequence[Token], size: int) -> set[str]:
    """Runs of `size` tokens, every name being one word: what stays when text is moved about."""
    words = ["#" if t.kind == "name" else t.text for t in found if t.text not in ("begin", "end")]
    return {" ".join(words[k : k + size]) for k in range(max(1, len(words) - size + 1))}
