"""Candidate text made safe to show to any tool: one circuit, the same for all of them.

A candidate can say different things to different tools: a pragma in a comment that only a
synthesizer reads, `` `ifdef YOSYS``, attributes, a macro that leaks into the next file. So before
anything else looks, comments, attributes and harmless directives are blanked (newlines stay, so
lines and columns do), and where macros or conditions remain, slang's preprocessor expands them
with nothing predefined. What comes out holds no directive at all, and every Check and every
tool sees that text and no other.
"""

from __future__ import annotations

import re
from bisect import bisect_right

import msgspec

from rtlbench.records.verdict import Finding, Severity
from rtlbench.rtl.bounds import BadMacroError, BoundExceededError, check_shape, model_expansion
from rtlbench.rtl.lexical import ESCAPED_NAME, LINE_COMMENT, STRING

MAX_BYTES = 1 << 18
"""Longer answers are refused unread: 256 KiB is far above any single module."""
MAX_LINE = 10_000
MAX_IDENTIFIER = 500

_TOKENS = re.compile(
    rf"""
      {STRING}
    | {ESCAPED_NAME}
    | {LINE_COMMENT}
    | /\*.*?(?:\*/|(?P<endless>\Z))
    | \(\*(?!\s*\)).*?(?:\*\)|(?P<open>\Z))
    | `(?:(?:timescale|default_nettype)\b[^\n]*|(?:celldefine|endcelldefine|resetall)\b)
    """,
    re.VERBOSE | re.DOTALL,
)
_KEPT = ('"', "\\")
"""How a string begins, or an escaped name."""
_FORBIDDEN_DIRECTIVE = re.compile(
    r"`\s*(include|pragma|line|protect\w*|begin_keywords|end_keywords|__\w+)|``|(\binclude\b)"
)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_AS_BLANK = {0xFEFF: " ", 0x0B: " ", 0x0C: " "}
"""A byte-order mark, and white space that only some tools take for such."""
_LONG_WORD = re.compile(rf"[\w$]{{{MAX_IDENTIFIER + 1}}}")


class Source(msgspec.Struct, frozen=True):
    """Text ready for the tools, or the reasons why no tool may see it."""

    text: str
    refusals: tuple[Finding, ...] = ()
    line_map: tuple[int, ...] = ()
    """Original line of each line of `text`; empty where they are the same."""

    def original_line(self, line: int) -> int:
        """The line of the candidate's own text that `line` of `text` came from."""
        if not self.line_map:
            return line
        return self.line_map[min(max(line, 1), len(self.line_map)) - 1]

    def in_original_lines(self, finding: Finding) -> Finding:
        """`finding`, which names a line of `text`, placed in the candidate's own text."""
        if finding.line is None or not self.line_map:
            return finding
        return msgspec.structs.replace(finding, line=self.original_line(finding.line))


def prepare(text: str) -> Source:
    """The text that tools may see; `refusals` says why there is none."""
    refusal = _refuse_by_form(text)
    if refusal is not None:
        return Source("", (refusal,))
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_AS_BLANK)
    try:
        plain = _TOKENS.sub(_blank, text)
    except _UnclosedError as e:
        message = f"what `{text[e.offset : e.offset + 2]}` opens is never closed"
        return Source("", (_at("syntax.unclosed", message, text, e.offset),))
    foreign = None if plain.isascii() else _NOT_ASCII.search(plain)
    if foreign is not None:
        message = f"character U+{ord(foreign.group()):04X} outside a comment: use ASCII only"
        return Source("", (_at("syntax.not-ascii", message, plain, foreign.start()),))
    has_directives = "`" in plain
    forbidden = _FORBIDDEN_DIRECTIVE.search(plain) if has_directives else None
    if forbidden is not None:
        what = forbidden.group().strip()
        named = what.lstrip("`")
        message = (
            f"`{named}` has no place in an answer: remove the directive" if named
            else "pasting names by `` has no place in an answer: write them out"
        )  # fmt: skip
        return Source("", (_at("safety.directive", message, plain, forbidden.start()),))
    try:
        check_shape(model_expansion(plain) if has_directives else plain)
    except BoundExceededError as e:
        rule = "syntax.preprocess" if isinstance(e, BadMacroError) else "syntax.too-large"
        return Source("", (_at(rule, e.message, plain, e.offset),))
    return _expand(plain) if has_directives else Source(plain)


def _refuse_by_form(text: str) -> Finding | None:
    if len(text) > MAX_BYTES:
        size = f"{len(text):,} characters, the limit is {MAX_BYTES:,}"
        return Finding("syntax.too-large", Severity.ERROR, f"the answer is too large: {size}")
    if not text.strip():
        return Finding("syntax.empty", Severity.ERROR, "the answer holds no RTL")
    if "\0" in text:
        return Finding("syntax.binary", Severity.ERROR, "the answer is not text")
    long_line = next((n for n, s in enumerate(text.split("\n"), 1) if len(s) > MAX_LINE), None)
    if long_line is not None:
        message = f"a line of more than {MAX_LINE:,} characters"
        return Finding("syntax.too-large", Severity.ERROR, message, long_line)
    long_word = _LONG_WORD.search(text)
    if long_word is not None:
        message = f"a word of more than {MAX_IDENTIFIER} characters"
        return _at("syntax.too-large", message, text, long_word.start())
    return None


class _UnclosedError(Exception):
    """A comment or an attribute that runs to the end of the text."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


def _blank(match: re.Match[str]) -> str:
    if match.group().startswith(_KEPT):
        return match.group()
    if match["endless"] is not None or match["open"] is not None:
        raise _UnclosedError(match.start())
    return re.sub(r"[^\n]", " ", match.group())


def _at(rule: str, message: str, text: str, offset: int) -> Finding:
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    return Finding(rule, Severity.ERROR, message, line, column)


def _expand(plain: str) -> Source:
    """Expand macros and resolve conditions with slang's preprocessor, nothing predefined."""
    from pyslang import DiagnosticEngine, SourceManager
    from pyslang.syntax import SyntaxPrinter

    from rtlbench.rtl.slang import TooDeepError, parse

    manager = SourceManager()
    try:
        tree = parse(plain, manager)
    except TooDeepError as e:
        return Source("", (Finding("syntax.too-deep", Severity.ERROR, str(e)),))
    errors = [d for d in tree.diagnostics if d.isError()]
    if errors:
        line = manager.getLineNumber(errors[0].location)
        message = DiagnosticEngine(manager).formatMessage(errors[0])
        of_macros = re.search("Directive|Macro|Include|Define", str(errors[0].code)) is not None
        rule = "syntax.preprocess" if of_macros else "syntax.error"
        return Source("", (Finding(rule, Severity.ERROR, message, line),))
    printer = SyntaxPrinter(manager)
    printer.setExpandMacros(True)
    printer.setIncludeDirectives(False)
    printer.setIncludeComments(False)
    printer.setIncludeSkipped(False)
    printer.setSquashNewlines(False)
    text = printer.print(tree).str()
    if "`" in _TOKENS.sub(_blank, text):
        message = "a directive is left after macro expansion"
        return Source("", (Finding("safety.directive", Severity.ERROR, message),))
    return Source(text, (), _line_map(tree, manager, text))


def _line_map(tree: object, manager: object, text: str) -> tuple[int, ...]:
    """Original line by expanded line: the k-th token is the same on both sides."""
    from pyslang import SourceManager
    from pyslang.syntax import SyntaxTree

    expanded_manager = SourceManager()
    expanded = SyntaxTree.fromText(text, expanded_manager, "expanded", "expanded")
    old = _token_lines(tree, manager)
    new = _token_lines(expanded, expanded_manager)
    lines: list[int] = []
    pairs = sorted(zip(new, old, strict=False))
    starts = [p[0] for p in pairs]
    for line in range(1, text.count("\n") + 2):
        at = bisect_right(starts, line) - 1
        lines.append(pairs[max(at, 0)][1] if pairs else line)
    return tuple(lines)


def _token_lines(tree: object, manager: object) -> list[int]:
    from pyslang.parsing import Token

    lines: list[int] = []

    def visit(node: object) -> None:
        if isinstance(node, Token) and node.valueText:
            where = manager.getFullyExpandedLoc(node.location)  # type: ignore[attr-defined]
            lines.append(manager.getLineNumber(where))  # type: ignore[attr-defined]

    tree.root.visit(visit)  # type: ignore[attr-defined]
    return lines
