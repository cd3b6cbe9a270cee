"""Training examples in all shapes, and in none, as lines of JSON."""

from __future__ import annotations

import json

from fuzz.choices import Choices
from rtlbench.dataset.layouts import CHATS, CONTEXTS, LAYOUTS, TESTBENCHES

PAIRS = tuple((s.instruction, s.output) for s in LAYOUTS)
_TEXTS = (
    "a", "", " ", "module m; endmodule", "\x00", "\x1b[2J", "a\nb", "\u2028", "\u202e", "é\u0301",
    "\U0001f600", "x" * 5000, "{", '{"a": 1}', '{"a": 1, "a": 2}', '{"a": "\\ud800"}', "[" * 3000,
)  # fmt: skip
_NUMBERS = (
    0, -1, 2**53 + 1, 2**63, 2**64, -(2**80), 1.5, -0.0, 5e-324, 1e308, 10**400, True,
)  # fmt: skip
KEYS = (
    "metadata", "source", "Output", "INSTRUCTION", "system", "rtlbench", "spec_id", "K", "\u212a",
    "k", "", "\x1b", *TESTBENCHES, *CONTEXTS, *CHATS,
)  # fmt: skip
ROLES = ("user", "assistant", "system", "human", "gpt", "Model", "developer", "tool", "", 3, None)
_SPOILERS = (
    b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"{", b"}", b'"', b"\\ud800", b"\n", b"NaN",
    b"\xed\xa0\x80", b"[" * 2000, b'{"a":' * 500, b"\x85", b"1e999999", b"-0", b"9" * 5000,
)  # fmt: skip
_ENDS = (b"\n", b"\n", b"\n", b"\r\n", b"\n\n", b"\n \n", b"")


def lines(c: Choices) -> bytes:
    """A file of examples, of rubbish, or of both."""
    if c.integer(0, 7) == 0:
        return c.raw(1 << 16)
    mark = b"\xef\xbb\xbf" if c.one_in(8) else b""
    return mark + b"".join(_line(c) + c.pick(_ENDS) for _ in range(c.integer(0, 8)))


def _line(c: Choices) -> bytes:
    if c.one_in(24):
        return _amplified(c)
    raw = json.dumps(example(c), ensure_ascii=c.one_in(2)).encode("utf-8", "replace")
    if c.one_in(5):
        at = c.integer(0, len(raw))
        raw = raw[:at] + c.pick(_SPOILERS) + raw[at + c.integer(0, 4) :]
    return raw


def _amplified(c: Choices) -> bytes:
    """Many fields, deep or long values: what costs more than its size."""
    count, kind = c.pick((100, 990, 20_000)), c.integer(0, 3)
    pair = b'{"prompt":"a","output":"b",'
    if kind == 0:
        names = (b'"%d":1' % k for k in range(count))
        return pair + b",".join(names) + b',"%d":1}' % (count - 1)
    if kind == 1:
        return pair + b'"x":' + b"[" * count + b"]" * count + b"}"
    if kind == 2:
        return pair + b'"metadata":' + b'{"a":' * count + b"1" + b"}" * count + b"}"
    return b'{"prompt":"' + b"\\u0000" * count + b'","output":"b"}'


def example(c: Choices) -> object:
    """What a line may hold: mostly an example of a known shape with something odd about it."""
    if c.one_in(12):
        return _value(c, 3)
    fields: dict[str, object] = {}
    if c.one_in(3):
        fields[c.pick(CHATS)] = c.many(0, 4, _turn)
    else:
        asked, answered = c.pick(PAIRS)
        fields[asked] = _said(c)
        fields[answered] = _said(c)
    for _ in range(c.integer(0, 3)):
        fields[c.pick(KEYS)] = _value(c, 3)
    return fields


def _said(c: Choices) -> object:
    kind = c.integer(0, 5)
    if kind == 4:
        return c.many(0, 3, _turn)
    return c.many(0, 3, any_word) if kind == 5 else any_word(c)


def _turn(c: Choices) -> object:
    if c.one_in(12):
        return _value(c, 2)
    role, said = c.pick((("role", "content"), ("from", "value"), ("role", "value")))
    return {role: c.pick(ROLES), said: [{"text": any_word(c)}] if c.one_in(5) else any_word(c)}


def any_word(c: Choices) -> str:
    """A text that a reader, a writer or a terminal could stumble over."""
    return c.raw(30).decode("utf-8", "replace") if c.one_in(4) else c.pick(_TEXTS)


def _value(c: Choices, depth: int) -> object:
    kind = c.integer(0, 5 if depth else 2)
    if kind == 0:
        return c.pick(_NUMBERS)
    if kind <= 2:
        return any_word(c) if kind == 1 else c.pick((None, False, [], {}))
    if kind == 3:
        return [_value(c, depth - 1) for _ in range(c.integer(0, 3))]
    return {c.pick((*KEYS, "a", "b")): _value(c, depth - 1) for _ in range(c.integer(0, 3))}
