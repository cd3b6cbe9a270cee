"""The parts of an answer: thinking, fenced blocks, and the words around them.

Models write their answer after thinking aloud, in Markdown or without it, with fences off their
own lines, or with the first fence already in the prompt. No tool is asked here, and nothing of the
text is lost: parts are given as offsets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_NAMES = r"think|thinking|thought|thoughts|reason|reasoning|analysis|reflection|scratchpad|cot"
_TAG = re.compile(
    rf"<\s*(?P<close>/?)\s*(?:\|?(?:begin_of_|end_of_)?)?(?:seed:)?(?:{_NAMES})\s*\|?>"
    r"|(?P<begin><\|(?:begin_of_thought|START_THINKING)\|>|\[THINK\]|◁think▷)"
    r"|(?P<end><\|(?:end_of_thought|END_THINKING)\|>|\[/THINK\]|◁/think▷)",
    re.I,
)
_FINAL = re.compile(r"<\|channel\|>\s*final\s*(?:<\|constrain\|>\s*\w*\s*)?<\|message\|>")
_CHANNEL = re.compile(r"<\|channel\|>")
_BARE_FINAL = re.compile(r"assistant\s*final", re.I)
"""What is left of a switch of channels where special tokens were not printed."""
_FENCES = ("```", "~~~")
_FENCE = re.compile(r"`{3,}|~{3,}")
_INFO = re.compile(r"[A-Za-z][\w+#.-]*")
_LANGUAGES = frozenset({"verilog", "systemverilog", "sv", "v", "vlog", "svh", "vh", "code", "hdl"})


class AnswerPart(NamedTuple):
    """A stretch of the answer that no fence and no thinking divides."""

    start: int
    stop: int
    is_fenced: bool
    """Whether it stood between fences, so that all of it was meant as code."""


def without_thinking(text: str) -> tuple[list[tuple[int, int]], bool]:
    """The stretches of `text` that are no thinking, and whether any thinking was left out.

    Thinking that is never closed runs to the end: what breaks off there has not been answered.
    """
    at, ended = _last_channel(text)
    kept: list[tuple[int, int]] = []
    opened: int | None = None
    for tag in _TAG.finditer(text, at):
        is_end = bool(tag["close"]) or tag["end"] is not None or "end_of_" in tag.group()
        if is_end:
            if opened is None:
                kept.clear()  # the prompt had opened it
            at, opened, ended = tag.end(), None, True
        elif opened is None:
            kept.append((at, tag.start()))
            opened, ended = tag.start(), True
    if opened is None:
        kept.append((at, len(text)))
    return [span for span in kept if span[0] < span[1]], ended


def _last_channel(text: str) -> tuple[int, bool]:
    """Where the last channel that is an answer begins; all of the text where it has no channels."""
    finals = list(_FINAL.finditer(text))
    if finals:
        return finals[-1].end(), True
    if _CHANNEL.search(text):
        return len(text), True
    if text.lstrip().startswith("analysis"):
        finals = list(_BARE_FINAL.finditer(text))
        if finals:
            return finals[-1].end(), True
    return 0, False


def parts_of(text: str, start: int, stop: int) -> Iterator[AnswerPart]:
    """`text[start:stop]` at its fences, whatever line they stand on; info strings left out."""
    fenced = any(mark in text for mark in _FENCES)  # most are not, and this is told at once
    fences = list(_FENCE.finditer(text, start, stop)) if fenced else []
    at = start
    inside = bool(fences) and not _opens(text, fences[0], stop, inside=False) and at < stop
    for fence in fences:
        yield AnswerPart(at, fence.start(), inside)
        opens = _opens(text, fence, stop, inside=inside)
        at = _behind_info(text, fence.end(), stop) if opens else fence.end()
        inside = opens
    yield AnswerPart(at, stop, inside)


def _opens(text: str, fence: re.Match[str], stop: int, *, inside: bool) -> bool:
    """Whether a fence opens a block: any does outside of one, and one with a language anywhere."""
    info = _INFO.match(text, fence.end(), stop)
    named = info is not None and info.group().lower() in _LANGUAGES
    if inside:
        return named
    before = text[: fence.start()].rstrip()
    # The first fence of all may close what the prompt had opened.
    return named or info is not None or not before.endswith(("endmodule", "endpackage"))


def _behind_info(text: str, at: int, stop: int) -> int:
    """Where the code of a block begins: on the next line, or behind the language's name."""
    end = text.find("\n", at, stop)
    line_end = stop if end < 0 else end
    line = text[at:line_end]
    info = _INFO.match(line)
    rest = line[info.end() :] if info else line
    if re.match(r"\s+(?:\(\*|`|module\b|package\b|interface\b|typedef\b|import\b)", rest):
        return at + (info.end() if info else 0)
    return line_end
