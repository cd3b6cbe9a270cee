"""Our own reference for a task that is told in a few plain words.

Guarantee: every word of the instruction is understood. What is left once the kind of circuit, its
width, its reset, enable, edge and ports are read has to be words that say nothing; else there is no
reference. What the words leave open (the polarity of a "reset rst", the value it sets) is read off
the answer or taken as usual, and said to be so; a reference of that sort only ever proves an answer
equal to it, and an answer that differs is judged as if there were none.

Kinds: counters up and down, registers, shift registers with a serial input.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from rtlbench.dataset.filter.wording import squeezed
from rtlbench.records.spec import Port

MOST_WORDS = 600
"""Characters of an instruction that may be plain."""
_NAME = r"[`'\"(]*(?P<{}>[a-z_][a-z0-9_]*)[`'\")]*"
_LEVEL = r"active[\s-](?P<{}>high|low)"
_ARTICLE = r"(?:an?\s+|the\s+)?"
_KIND = re.compile(
    rf"{_ARTICLE}\b(?P<width>\d{{1,2}})[\s-]?bits?\s+(?:wide\s+)?(?:simple\s+|binary\s+|synchronous\s+)*"
    r"(?P<kind>(?:up[\s-]|down[\s-])?counter|(?:d\s+)?register|(?:left|right)\s+shift\s+register)\b"
)
_RESET = re.compile(
    rf"{_ARTICLE}(?:{_LEVEL.format('l1')}[\s,]+|(?P<k1>a?synchronous)[\s,]+|and\s+)*reset"
    rf"(?:\s+(?:input|signal|port))?\s*{_NAME.format('name')}"
    rf"(?:\s*[(,]\s*{_LEVEL.format('l2')}\)?)?"
)
_ENABLE = re.compile(
    rf"{_ARTICLE}(?:{_LEVEL.format('l1')}[\s,]+)?(?:count\s+|clock\s+)?enable"
    rf"(?:\s+(?:input|signal|port))?\s*{_NAME.format('name')}"
    rf"(?:\s*[(,]\s*{_LEVEL.format('l2')}\)?)?"
)
_VALUE = re.compile(
    r"(?:which\s+|that\s+|it\s+)?(?:resets?|sets?|clears?)\s+(?:the\s+)?(?:count|counter|register|"
    r"output|it|[`'\"]?\w{1,12}[`'\"]?)\s+to\s+(?P<value>0|zero|[1-9]\d{0,2})\b"
)
_EDGE = re.compile(
    r"(?:on|at|by)\s+(?:the\s+|each\s+|every\s+)?(?P<edge>rising|positive|falling|negative)[\s-]edges?"
    r"(?:\s+of\s+(?:the\s+)?[`'\"]?(?:clock\s+)?\w+[`'\"]?)?"
)
_DATA = re.compile(
    rf"(?:(?:serial|data|parallel)\s+)?(?:input|output)s?\s+(?:port\s+|named\s+)?{_NAME.format('p')}"
    r"(?:\s+is\s+the\s+(?:count|current\s+count|present\s+count|stored\s+value))?"
)
_MODULE = re.compile(
    rf"(?:verilog\s+|systemverilog\s+)?module\s+(?:named\s+|called\s+)?{_NAME.format('m')}"
)
_HEADER = re.compile(
    r"(?:module\s+(?:header|interface)\s*:\s*)?\bmodule\s+\w+\s*\([^;]*\)\s*;", re.S | re.I
)
_HEADLINE = r"\bmodule name\s*:\s*[`'\"]?{}\b[`'\"]?\s*[.,;]?"
"""The line that some data sets begin with; it has to name the answer's module."""
_IDLE = frozenset(
    "a an the please write design implement create build make give me generate verilog "
    "systemverilog rtl hdl code synthesizable module for of with and using has that which is in on "
    "its it input output inputs outputs clock clk clocked to simple complete provide".split()
)


class Told(msgspec.Struct, frozen=True):
    """A reference, and what it was made from."""

    code: str
    report: str


class _Control(msgspec.Struct, frozen=True):
    """A reset or an enable, as it is read."""

    name: str
    high: bool
    level_said: bool
    kind: str = ""


def plainly_told(instruction: str, top: str, ports: Sequence[Port]) -> Told | None:
    """The reference for an instruction, with an answer's ports; None where a word is left over.

    Args:
        ports: Those of the answer, in any order.
    """
    words = squeezed(_HEADER.sub(" ", instruction)).lower()
    words = re.sub(_HEADLINE.format(re.escape(top.lower())), " ", words).strip()
    if len(words) > MOST_WORDS:
        return None
    reader = _Reader(words)
    made = reader.read()
    if made is None or reader.left(top, ports):
        return None
    return made.build(top, ports)


class _Task(msgspec.Struct, frozen=True, kw_only=True):
    """What the words say."""

    kind: str
    width: int
    reset: _Control | None
    enable: _Control | None
    value: int | None
    rising: bool

    def build(self, top: str, ports: Sequence[Port]) -> Told | None:
        """The reference with these ports, where all of them have a part."""
        named = {c.name for c in (self.reset, self.enable) if c is not None}
        inputs = {p.name.lower(): p for p in ports if p.direction == "input"}
        outputs = [p for p in ports if p.direction == "output"]
        others = [p for n, p in inputs.items() if n not in named]
        clocks = [
            p
            for p in others
            if p.width == 1 and re.fullmatch(r"(?i)(?:i_)?(?:clk|clock|ck)(?:_i)?", p.name)
        ]
        data = [p for p in others if p not in clocks]
        if named - inputs.keys() or len(clocks) != 1 or len(outputs) != 1 or len(data) > 1:
            return None
        wanted = 0 if "counter" in self.kind else 1 if "shift" in self.kind else self.width
        if outputs[0].width != self.width or sum(p.width for p in data) != wanted:
            return None
        step = self._step(outputs[0].name, data[0].name if data else "")
        return Told(self._code(top, ports, clocks[0].name, outputs[0].name, step), self._report())

    def _step(self, q: str, data: str) -> str:
        if "counter" in self.kind:
            return f"{q} {'-' if 'down' in self.kind else '+'} 1'b1"
        if "shift" not in self.kind:
            return data
        if self.width == 1:
            return data
        if "left" in self.kind:
            return f"{{{q}[{self.width - 2}:0], {data}}}"
        return f"{{{data}, {q}[{self.width - 1}:1]}}"

    def _code(self, top: str, ports: Sequence[Port], clock: str, q: str, step: str) -> str:
        there = {p.name.lower(): p.name for p in ports}
        faces = ", ".join(
            f"{p.direction}{' reg' if p.name == q else ''} "
            f"{f'[{p.width - 1}:0] ' if p.width > 1 else ''}{p.name}"
            for p in ports
        )
        edge = "posedge" if self.rising else "negedge"
        wake, body = f"{edge} {clock}", f"{q} <= {step};"
        if self.enable is not None:
            body = f"if ({'' if self.enable.high else '!'}{there[self.enable.name]}) {body}"
        if self.reset is not None:
            name = there[self.reset.name]
            body = (
                f"if ({'' if self.reset.high else '!'}{name}) {q} <= {self.value or 0}; else {body}"
            )
            if self.reset.kind == "asynchronous":
                wake += f" or {'posedge' if self.reset.high else 'negedge'} {name}"
        return f"module {top}({faces});\nalways @({wake})\n  {body}\nendmodule\n"

    def _report(self) -> str:
        said = [f"our own {self.kind}, {self.width} bits"]
        if self.reset is not None:
            level = "high" if self.reset.high else "low"
            note = "" if self.reset.level_said else " (by its name)"
            value = "0 (not said)" if self.value is None else str(self.value)
            said.append(
                f"{self.reset.kind} reset {self.reset.name}, active {level}{note}, to {value}"
            )
        if self.enable is not None:
            level = "high" if self.enable.high else "low"
            note = "" if self.enable.level_said else " (by its name)"
            said.append(f"enable {self.enable.name}, active {level}{note}")
        said.append(f"{'rising' if self.rising else 'falling'} edge")
        return "; ".join(said)


class _Reader:
    """Takes what it understands out of the words."""

    def __init__(self, words: str) -> None:
        self._left = words

    def read(self) -> _Task | None:
        """The task, where its kind is said once and its reset, if any, is said whole."""
        kind = self._take(_KIND)
        if kind is None or _KIND.search(self._left) is not None:
            return None
        value = self._take(_VALUE)
        reset = self._control(_RESET)
        enable = self._control(_ENABLE)
        edge = self._take(_EDGE)
        if (reset is not None and not reset.kind) or (value is not None and reset is None):
            return None
        number = value["value"] if value is not None else None
        return _Task(
            kind=kind["kind"],
            width=int(kind["width"]),
            reset=reset,
            enable=enable,
            value=None if number is None else 0 if number == "zero" else int(number),
            rising=edge is None or edge["edge"] in ("rising", "positive"),
        )

    def left(self, top: str, ports: Sequence[Port]) -> list[str]:
        """Words that are not understood."""
        names = {top.lower(), *(p.name.lower() for p in ports)}
        for pattern in (_MODULE, _DATA):
            while (found := pattern.search(self._left)) is not None:
                group = next(iter(found.groupdict().values()))
                if group not in names:
                    return [str(group)]
                self._left = self._left.replace(found.group(), " ", 1)
        return [w for w in re.findall(r"\w+", self._left) if w not in _IDLE]

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.search(self._left)
        if found is not None:
            self._left = f"{self._left[: found.start()]} , {self._left[found.end() :]}"
        return found

    def _control(self, pattern: re.Pattern[str]) -> _Control | None:
        found = self._take(pattern)
        if found is None:
            return None
        groups = found.groupdict()
        level = groups["l1"] or groups["l2"]
        high = level == "high" if level else not re.search(r"_?n$", groups["name"])
        high = high or (level is None and groups["name"] == "en")
        return _Control(groups["name"], high, level is not None, groups.get("k1") or "")
