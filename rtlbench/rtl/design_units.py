"""Modules, packages and what else stands at the top of a file, found in text that may hold prose.

slang cannot be asked yet: the text is not known to be code. A unit counts where its header has the
form of one and it is closed, so that sentences such as "module x (see below)" are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from rtlbench.rtl.lexical import COMMENT, ESCAPED_NAME, LINE_COMMENT, NO_CODE, PLAIN_NAME

_CLOSED = {
    "module": "endmodule", "macromodule": "endmodule", "package": "endpackage",
    "interface": "endinterface", "program": "endprogram", "primitive": "endprimitive",
    "checker": "endchecker", "class": "endclass", "function": "endfunction", "task": "endtask",
    "config": "endconfig",
}  # fmt: skip
_PREFIX = r"(?:<[^<>\n]{1,40}>|\[/?[A-Za-z_ ]{1,20}\]|[A-Za-z][\w -]{0,30}:|[-*>]|\d+[.)]|\*\*|`)"
"""What may stand before code on its line: a tag, a label, the sign of a list."""
_NAME = rf"(?:{ESCAPED_NAME}|{PLAIN_NAME})"
_GAP = rf"(?:\s|{LINE_COMMENT}(?:\n|\Z)|{COMMENT})"
_UNIT = re.compile(
    rf"(?P<kind>{'|'.join(_CLOSED)})(?!\w){_GAP}+(?:(?:automatic|static)(?!\w){_GAP}+)?"
    rf"(?P<name>{_NAME})",
    re.S,
)
_ROUTINE = re.compile(rf"(?P<kind>function|task)\b[^;(]{{0,300}}?(?P<name>{_NAME})\s*[;(]")
# Bounds on what may stand between keep the time proportional to the text.
_STATEMENT = re.compile(
    r"typedef\s[^;{}\n]{0,300};"
    r"|typedef\s+(?:enum|struct|union)\b[^;{}]{0,300}\{(?:[^{}]|\{[^{}]{0,999}\}){0,9999}\}"
    r"[^;{}\n]{0,300};"
    r"|import\s+\w{1,99}::(?:\w{1,99}|\*)(?:\s*,\s*\w{1,99}::(?:\w{1,99}|\*)){0,99}\s*;"
    r"|(?:localparam|parameter)\s[^;=]{0,300}=[^;]{0,9999};"
    r"|(?:bind|let|nettype|timeunit|timeprecision|export|extern)\s[^;\n]{0,300};"
)
_STATEMENTS = "typedef|import|localparam|parameter|bind|let|nettype|timeunit|timeprecision|export"
_TYPEDEF_NAME = re.compile(rf"({_NAME})\s*(?:\[[^\]]*\]\s*)*;\Z")
_HEAD = (
    rf"[^\S\n]*(?:{_PREFIX}[^\S\n]*){{0,3}}(?:\(\*[^\n]{{0,300}}?\*\)\s*)?"
    rf"(?=(?P<head>(?:{'|'.join(_CLOSED)}|{_STATEMENTS}|extern)\b|`[A-Za-z_]))"
)
_HERE = re.compile(rf"(?P<comment>(?!))?{_HEAD}")
_START = re.compile(
    rf"(?P<skipped>{LINE_COMMENT})|(?:(?<!\S)|(?<=;)|(?<=endmodule))(?P<comment>/\*)"
    rf"|(?:^|(?<=;)|(?<=\bendmodule)|(?<=\*/)){_HEAD}",
    re.M,
)
_CODE = re.compile(
    rf"{NO_CODE.pattern}|(?P<paren>[()])|(?P<end>;)"
    rf"|(?P<word>{ESCAPED_NAME}|`?{PLAIN_NAME})|(?P<fence>```|~~~)",
    re.S,
)
_GAP_OR_NONE = re.compile(rf"{_GAP}*", re.S)
_FENCES = ("```", "~~~")
_INLINE_CODE = re.compile(r"`[^`\n]*`(?![\w`\"\\])")
"""`` `in[7:0]` is the lowest ``: what closes it is followed by no name, unlike a macro's sign."""
_KEYWORDS = frozenset(_CLOSED) | frozenset(_CLOSED.values())
_ROUTINES = frozenset({"function", "task", "class", "config", "primitive", "checker"})
_NEVER_IN_A_HEADER = frozenset(_CLOSED.values()) | {"module", "macromodule", "package"}
_LABEL = re.compile(r"[ \t]*:[ \t]*(?:\\\S+|\w+)")


class DesignUnit(msgspec.Struct, frozen=True):
    """One thing at the top of a file."""

    kind: str
    """`module`, `package`, ..., `statement` or `directive`."""
    name: str
    """Empty where it has none."""
    start: int
    stop: int
    is_whole: bool = True
    """False where the text breaks off, or another unit begins, before its end."""
    is_hollow: bool = False
    """Whether nothing happens in it: a header that was repeated, with an empty body."""


def units_of(text: str, start: int, stop: int) -> Iterator[DesignUnit]:
    """Every unit between two offsets, in order."""
    found = _HERE.match(text, start, stop) or _START.search(text, start, stop)
    while found is not None:
        unit = _unit_at(text, found.end(), stop) if found["head"] is not None else None
        if unit is not None:
            yield unit
            at = max(unit.stop, found.end() + 1)
        else:
            at = _behind(found, text, stop)
        found = _START.search(text, at, stop) if at < stop else None


def _behind(found: re.Match[str], text: str, stop: int) -> int:
    """Where to look on behind a comment, or what was no unit."""
    if found["comment"] is None:
        return max(found.end(), found.start() + 1)
    end = text.find("*/", found.end(), stop)
    return found.end() if end < 0 else end + 2  # what is never closed was no comment


def _unit_at(text: str, at: int, stop: int) -> DesignUnit | None:
    if text[at] == "`":
        return None if _INLINE_CODE.match(text, at, stop) else _directive_at(text, at, stop)
    statement = _STATEMENT.match(text, at, stop)
    if statement is None:
        return _closed_at(text, at, stop)
    name = _TYPEDEF_NAME.search(statement.group())
    return DesignUnit("statement", name[1] if name else "", at, statement.end())


def _closed_at(text: str, at: int, stop: int) -> DesignUnit | None:
    """The unit with an end of its own that begins at `at`."""
    head = _ROUTINE.match(text, at, stop) or _UNIT.match(text, at, stop)
    if head is None or head["name"] in _KEYWORDS:
        return None
    kind, name = head["kind"].removeprefix("macro"), head["name"].lstrip("\\")
    if kind in _ROUTINES:
        unit = _body(text, kind, name, (at, head.end()), stop)
        return unit if unit.is_whole else None
    header = _header_end(text, head.end(), stop)
    if header is None:
        return None
    if header >= stop:
        fence = next((m for m in _CODE.finditer(text, at, stop) if m["fence"]), None)
        return DesignUnit(kind, name, at, fence.start() if fence else stop, is_whole=False)
    return _body(text, kind, name, (at, header), stop)


def _directive_at(text: str, at: int, stop: int) -> DesignUnit:
    end = at
    while True:
        line_end = text.find("\n", end, stop)
        end = stop if line_end < 0 else line_end
        if line_end < 0 or text[end - 1] != "\\":
            break
        end += 1
    words = text[at:end].split(None, 2)
    name = re.split(r"\W", words[1], maxsplit=1)[0] if words[0] == "`define" and words[1:] else ""
    return DesignUnit("directive", name, at, end)


def _header_end(text: str, at: int, stop: int) -> int | None:
    """The offset behind the semicolon of a header whose name ends at `at`; `stop` where the text
    breaks off in it; None where the words are no header."""
    while True:
        gap = _GAP_OR_NONE.match(text, at, stop)
        at = gap.end() if gap is not None else at
        if at >= stop or text.startswith(_FENCES, at):
            return stop
        if text[at] == ";":
            return at + 1
        if text.startswith("import", at):
            end = text.find(";", at, stop)
            at = stop if end < 0 else end + 1
        elif text[at] in "#(":
            closed = _balanced(text, at, stop)
            if closed is None:
                return None
            at = closed
        else:
            return None


def _balanced(text: str, at: int, stop: int) -> int | None:
    """The offset behind the parentheses that open at `at`; `stop` where they are never closed;
    None where what stands in them is no list of ports or parameters."""
    depth = 0
    for token in _CODE.finditer(text, at, stop):
        kind = token.lastgroup
        if kind == "fence":
            return stop
        if kind == "end" or token["word"] in _NEVER_IN_A_HEADER:
            return None
        if kind == "paren":
            depth += 1 if token.group() == "(" else -1
            if depth == 0:
                return token.end()
    return stop


def _body(text: str, kind: str, name: str, span: tuple[int, int], stop: int) -> DesignUnit:
    start, header = span
    closing = _CLOSED[kind]
    busy = False
    for token in _CODE.finditer(text, header, stop):
        form, word = token.lastgroup, token.group()
        if form == "fence":
            return DesignUnit(kind, name, start, token.start(), is_whole=False)
        if form != "word":
            busy = busy or form == "paren"
        elif word == closing:
            label = _LABEL.match(text, token.end(), stop)
            end = label.end() if label else token.end()
            return DesignUnit(kind, name, start, end, is_hollow=kind == "module" and not busy)
        elif word in ("module", "macromodule", "package") and _is_unit(text, token.start(), stop):
            return DesignUnit(kind, name, start, token.start(), is_whole=False)
        else:
            busy = busy or word in ("assign", "always", "always_ff", "always_comb", "initial",
                                    "always_latch", "generate", "begin")  # fmt: skip
    return DesignUnit(kind, name, start, stop, is_whole=False)


def _is_unit(text: str, at: int, stop: int) -> bool:
    head = _UNIT.match(text, at, stop)
    return head is not None and _header_end(text, head.end(), stop) is not None
