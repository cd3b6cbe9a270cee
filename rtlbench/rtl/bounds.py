"""How large and how deep a text may be before any parser sees it. Pure, computed from the text.

slang runs in process: a text that made it recurse without end would take the harness with it
(chains of 10,000 selects, nested modules or generate branches do), and one whose macros double
at each step would take all memory. These bounds lie far above what people and models write, and
far below what was seen to hurt.
"""

from __future__ import annotations

import re
from collections import defaultdict

import msgspec

from rtlbench.rtl.lexical import ESCAPED_NAME, STRING

SMALL = 4096
"""Characters; no chain or nest in a shorter text can hurt."""
MAX_CHAIN_WORK = 4_000_000
"""Sum over all statements of the square of their tokens: slang's time on one long expression
grows so. One statement of 2,000 tokens, or 4,000 of 30."""
MAX_DEPTH = 300
"""Brackets and blocks open at once."""
MAX_ELSE = 4_000
MAX_EXPANDED = 1 << 16
"""Characters that macros may add to a text."""
MAX_MACRO_NESTING = 64
"""Macros within macros and arguments within arguments, together."""

_TOKEN = re.compile(rf"{STRING}|{ESCAPED_NAME}|`?[\w$]+|\S", re.S)
_OPEN = frozenset(
    "( [ { begin fork case casex casez generate module macromodule interface program package "
    "class checker function task specify config property sequence covergroup primitive "
    "clocking".split()
)
_CLOSE = frozenset(
    ") ] } end join join_any join_none endcase endgenerate endmodule endinterface endprogram "
    "endpackage endclass endchecker endfunction endtask endspecify endconfig endproperty "
    "endsequence endgroup endprimitive endclocking".split()
)
_DEFINE = re.compile(r"`define\b((?:\\\n|[^\n])*)")
_HEAD = re.compile(r"\s+([A-Za-z_]\w*)")
_NO_USE = frozenset("ifdef ifndef elsif else endif undef undefineall define".split())
_CONDITION_NAME = re.compile(r"`(?:ifdef|ifndef|elsif|undef)\s+\w+")
_PIECE = re.compile(
    rf"{STRING}|{ESCAPED_NAME}|`(?P<use>[A-Za-z_]\w*)|(?P<tick>`)|(?P<word>[\w$]+)", re.S
)


class BoundExceededError(Exception):
    """The text is beyond a bound; says which, and the offset where that showed."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class BadMacroError(BoundExceededError):
    """The text uses or defines a macro in a way that is none."""


def check_shape(text: str) -> None:
    """Refuse expressions, nests and else-chains that no module needs.

    Raises:
        BoundExceededError: One of them is too long or too deep.
    """
    if len(text) < SMALL:
        return
    depth = chain = work = branches = 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token in (";", ","):
            chain = 0
            continue
        chain += 1
        work += 2 * chain - 1
        if token in _OPEN:
            depth += 1
        elif token in _CLOSE:
            depth = max(0, depth - 1)
        elif token == "else":
            branches += 1
        if work > MAX_CHAIN_WORK:
            raise BoundExceededError("expressions are too long", match.start())
        if depth > MAX_DEPTH:
            message = f"brackets or blocks are nested more than {MAX_DEPTH} deep"
            raise BoundExceededError(message, match.start())
        if branches > MAX_ELSE:
            raise BoundExceededError(f"more than {MAX_ELSE:,} branches of else", match.start())


class _Size(msgspec.Struct, frozen=True):
    """Characters of an expansion: `fixed`, and so many `times` each parameter."""

    fixed: int
    times: dict[str, int] = {}

    @property
    def most(self) -> int:
        """How often the parameter that is used most often is used."""
        return max(self.times.values(), default=0)


class _Macro(msgspec.Struct, frozen=True):
    parameters: frozenset[str] | None
    defaults: str
    body: str
    offset: int


def model_expansion(text: str) -> str:
    """`text` with each use of a macro replaced by a run of words as long as it can grow to.

    Definitions are left out. What comes out is as long as what a preprocessor would make,
    whichever conditions hold, or longer, so that `check_shape` may judge it.

    Raises:
        BoundExceededError: Macros are recursive, add too much, or take forms that no answer needs.
    """
    macros = _Macros(text)
    plain = _DEFINE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)
    parts: list[str] = []
    total = at = 0
    for start, stop, size in macros.uses(_CONDITION_NAME.sub(lambda m: " " * len(m[0]), plain)):
        total += size
        if total > MAX_EXPANDED:
            raise BoundExceededError(_TOO_MUCH, start)
        parts += [plain[at:start], " x" * (size // 2 + 1)]
        at = stop
    return "".join([*parts, plain[at:]])


_NONE: frozenset[str] = frozenset()
_TOO_MUCH = f"macros expand to more than {MAX_EXPANDED:,} characters"


class _Macros:
    """The macros of one text; a name defined twice counts as the larger of both."""

    def __init__(self, text: str) -> None:
        self.by_name: dict[str, list[_Macro]] = {}
        self._known: dict[str, _Size] = {}
        self._open: list[str] = []
        self._depth = 0
        for match in _DEFINE.finditer(text):
            name, macro = _read_macro(match)
            self.by_name.setdefault(name, []).append(macro)

    def uses(self, text: str) -> list[tuple[int, int, int]]:
        """(start, stop, characters) of each use in `text`, arguments included."""
        found = []
        at = 0
        while (match := _PIECE.search(text, at)) is not None:
            at = match.end()
            if match["tick"] is not None:
                raise BadMacroError("a ` that names no macro", match.start())
            if match["use"] is not None and match["use"] not in _NO_USE:
                try:
                    size, at = self._use(text, match, _NONE)
                except BoundExceededError as e:  # its offset lies in a macro's body
                    raise type(e)(e.message, match.start()) from e
                found.append((match.start(), at, size.fixed))
        return found

    def _use(
        self, text: str, match: re.Match[str], parameters: frozenset[str]
    ) -> tuple[_Size, int]:
        """What the use at `match` grows to, and where it ends."""
        name, at = match["use"], match.end()
        if self._depth > MAX_MACRO_NESTING:
            raise BoundExceededError("macros are nested too deep", match.start())
        self._depth += 1
        try:
            return self._size_of_use(text, name, at, parameters)
        finally:
            self._depth -= 1

    def _size_of_use(
        self, text: str, name: str, at: int, parameters: frozenset[str]
    ) -> tuple[_Size, int]:
        size = self._size_of(name)
        if not any(m.parameters is not None for m in self.by_name.get(name, ())):
            return size, at
        stop = _end_of_arguments(text, at)
        given = self._bound(text[at:stop], parameters)
        factor = max(1, size.most)
        times = {name: factor * n for name, n in given.times.items()}
        return _capped(_Size(size.fixed + factor * given.fixed, times), at), stop

    def _size_of(self, name: str) -> _Size:
        if name in self._known:
            return self._known[name]
        if name in self._open:
            raise BadMacroError(f"macro {name} is recursive", self.by_name[name][0].offset)
        self._open.append(name)
        sizes = [self._size(m) for m in self.by_name.get(name, ())] or [_Size(len(name))]
        self._open.pop()
        size = _Size(max(s.fixed for s in sizes), {"": max(s.most for s in sizes)})
        self._known[name] = size
        return size

    def _size(self, macro: _Macro) -> _Size:
        body = self._bound(macro.body, macro.parameters or _NONE)
        default = self._bound(macro.defaults, _NONE)
        return _capped(_Size(body.fixed + body.most * default.fixed, body.times), macro.offset)

    def _bound(self, text: str, parameters: frozenset[str]) -> _Size:
        fixed, at = len(text), 0
        times: dict[str, int] = defaultdict(int)
        while (match := _PIECE.search(text, at)) is not None:
            at = match.end()
            if match["word"] in parameters:
                times[match["word"]] += 1
            elif match["use"] is not None:
                if match["use"] in _NO_USE:
                    raise BadMacroError("a directive inside a macro", match.start())
                size, at = self._use(text, match, parameters)
                fixed += size.fixed
                for name, n in size.times.items():
                    times[name] += n
            elif match["tick"] is not None:
                raise BadMacroError("a ` that names no macro", match.start())
        return _Size(fixed, times)


def _capped(size: _Size, offset: int) -> _Size:
    if max(size.fixed, size.most) > MAX_EXPANDED:
        raise BoundExceededError(_TOO_MUCH, offset)
    return size


def _read_macro(match: re.Match[str]) -> tuple[str, _Macro]:
    text, offset = match.group(1), match.start()
    head = _HEAD.match(text)
    if head is None:
        raise BadMacroError("a definition without a plain name", offset)
    at = head.end()
    parameters: frozenset[str] | None = None
    given = ""
    if text[at : at + 1] == "(":
        stop = _end_of_arguments(text, at)
        given, at = text[at:stop], stop
        parameters = frozenset(re.findall(r"[A-Za-z_]\w*", given))
    return head.group(1), _Macro(parameters, given, text[at:].replace("\\\n", " \n"), offset)


def _end_of_arguments(text: str, at: int) -> int:
    """The offset behind the bracket that closes the arguments which begin at or after `at`."""
    depth = 0
    for match in _TOKEN.finditer(text, at):
        token = match.group()
        if depth == 0 and token != "(":
            break
        depth += (token in "([{") - (token in ")]}")
        if depth == 0:
            return match.end()
    raise BadMacroError("a macro's arguments do not end", at)
