"""The kind of circuit that an instruction asks for; in doubt, none.

It is promised only by the head of the sentence that says what is to be built: "an 8-bit counter
with ..." is a counter, "a timer that uses a counter" is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from rtlbench.io.untrusted import one_line

QUOTED = 80
"""Characters of the instruction that a Finding repeats, at most."""


class Kind(msgspec.Struct, frozen=True):
    """The kind of circuit that is asked for."""

    name: str
    quote: str
    width: int | None = None
    """How many bits the words give it."""
    number: int | None = None
    """N of "mod-N", "N-to-M", "N states"."""
    text: str = ""
    """A sequence of bits; else which of the kind, "up", "left", "rising"."""


_VERB = re.compile(
    r"\b(?:implement|design|creat|writ|build|mak|develop|give|describe|model|generat|cod|produc)\w*"
    r"\s+(?:me\s+)?",
    re.I,
)
_HEAD = re.compile(
    r"(?:(?:an?|the|this|some|your|verilog|systemverilog|rtl|module|modules|code|hdl|synthesizable|"
    r"simple|basic|parameterized|synchronous|asynchronous|of|for|named|called|is|`\w+`|\w+_\w+|"
    r"single-port|dual-port|single|clock|clocked|binary|free-running|positive-edge|edge-triggered|negative-edge|moore|"
    r"mealy|fully|generic|standard|overlapping|non-overlapping|\d+-state|fibonacci|galois|maximal|"
    r"maximal-length|length|unsigned|signed|resettable|loadable|combinational|purely|serial|"
    r"parallel|full|even|odd|ripple|carry|lookahead|look-ahead|carry-lookahead|ripple-carry|fsm|"
    r"up|down|left|right|rising|falling|positive|negative|edge|pulse|d|"
    r"\d+(?:x|\s*by\s*|-by-|-entry|-deep|-bit|\s*bit|-word)?\s*\d*)[\s,:-]+)*",
    re.I,
)
_BITS = re.compile(r"\b(\d{1,3})[\s-]?bit\b", re.I)
_KINDS: tuple[tuple[str, str], ...] = (
    ("modulo", r"(?:mod(?:ulo)?[\s-]?(?P<n>\d+)|decade|(?P<n2>\d+)-count)\s+(?:up[\s-])?counter"),
    ("ring", r"(?P<t>ring|johnson|twisted[\s-]ring)\s+counter"),
    ("gray", r"gray(?:[\s-]code)?\s+counter"),
    ("lfsr", r"(?:lfsr|linear[\s-]feedback[\s-]shift[\s-]register)"),
    ("counter", r"counter"),
    ("shift", r"shift\s+register"),
    ("accumulator", r"accumulator"),
    ("register", r"(?:register|flip-flop)"),
    ("edge", r"(?P<t>rising|falling|positive|negative|any|both)?(?:[\s-]edges?)\s+detector"),
    ("sequence", r"(?:sequence|pattern)\s+(?:detector|recogni[sz]er)"),
    ("fifo", r"(?:fifo|queue)(?:\s+(?:buffer|memory))?"),
    ("ram", r"(?:ram|(?:single-port|random-access)\s+memory|memory)"),
    ("mux", r"(?P<n>\d+)[\s-]?(?:to|:)[\s-]?1\s+(?:mux|multiplexer|multiplexor)"),
    ("decoder", r"(?P<n>\d+)[\s-]?(?:to|:)[\s-]?\d+(?:\s+(?:line|binary|one-hot))*\s+decoder"),
    ("adder", r"(?:adder)"),
    ("comparator", r"(?:magnitude\s+)?comparator"),
    ("parity", r"parity\s+(?:generator|bit\s+generator|checker|calculator)"),
)
_PATTERNS = [(name, re.compile(rf"{text}(?!\w)", re.I)) for name, text in _KINDS]
_OTHERWISE = re.compile(
    r"\s*(?:[-/]|(?:value|based|control\w*|chain|bank|file|files|array|tree|cell|slice|"
    r"subtractor|transfer|pair|lookup)\b)",
    re.I,
)
_BROKEN_RULE = re.compile(
    r"\b(?:bcd|floating|float|clamp\w*|clip\w*|scal(?:ed?|ing)|"
    r"weight\w*|limit\w*|bounded|stops?|stopped|until|one-?shot|stick\w*|sticky|program\s+counter|reversible|saturat\w*|prescal\w*|clock\s+divider|"
    r"lfsr-based|one-hot|ripple\s+counter|stop\s?watch|multi-?cycle|pipelined?|handshake|"
    r"bidirectional|universal|carry-save)\b",
    re.I,
)


def read_kind(words: str) -> Kind | None:
    """The first kind that is the head of a sentence on what is to be built."""
    for start in _starts(words):
        head = _HEAD.match(words, start)
        assert head is not None
        if start and not re.search(r"\b(?:an?|module)\b", head[0], re.I):
            continue
        made = _kind_at(words, start, head.end())
        if made is not None:
            return None if _BROKEN_RULE.search(words) else made
    return None


def _starts(words: str) -> Iterator[int]:
    yield len(words) - len(words.lstrip())
    for match in _VERB.finditer(words):
        yield match.end()


def _kind_at(words: str, start: int, end: int) -> Kind | None:
    """A kind whose words end the head, which may have taken some of them."""
    for name, pattern in _PATTERNS:
        for match in pattern.finditer(words, start, end + 60):
            ends_head = match.start() <= end < match.end()
            if ends_head and _OTHERWISE.match(words, match.end()) is None:
                return _made(words, start, name, match)
    return None


def _made(words: str, start: int, name: str, match: re.Match[str]) -> Kind | None:
    groups = match.groupdict()
    said = words[start : match.end()]
    bits = _BITS.search(said)
    text = (groups.get("t") or "").lower()
    number = next((int(groups[g]) for g in ("n", "n2") if groups.get(g)), None)
    if name == "modulo" and number is None:
        number = 10
    if name == "sequence":
        text = _sequence(words)
    if name in ("counter", "shift"):
        text = _direction(words, ("up", "down") if name == "counter" else ("left", "right"))
    quote = one_line(said.strip(), QUOTED)
    return Kind(name, quote, int(bits[1]) if bits else None, number, text)


def _sequence(words: str) -> str:
    found = set(re.findall(r"(?<![\w'])[01]{3,8}(?!\w)", words))
    return found.pop() if len(found) == 1 else ""


def _direction(words: str, two: tuple[str, str]) -> str:
    """Which of two directions, where only one of them is said."""
    there = [w for w in two if re.search(rf"\b{w}(?:wards?)?\b", words, re.I)]
    return there[0] if len(there) == 1 else ""
