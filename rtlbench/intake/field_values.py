"""What the fields of data hold that others wrote: text, turns of a chat, a description that is an
object, several answers of which one is the best."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

import msgspec

from rtlbench.io.untrusted import from_json, one_line
from rtlbench.rtl.extraction import code_in_json

DESCRIPTIONS = (
    "description", "detailed_global_summary", "high_level_global_summary", "block_summary",
)  # fmt: skip
"""Of a description that is an object, or the text of one, the fields that say it, best first."""
_ASKING = frozenset({"user", "human"})
_ANSWERING = frozenset({"assistant", "gpt", "model", "chatgpt", "bot", "bing", "bard", "ai"})
_SILENT = frozenset({"tool", "function"})
"""What a tool gave back is neither asked nor answered."""
_MAX_LITERAL = 1 << 20
_KNOWN_ROLES = _ASKING | _ANSWERING | _SILENT | {"system", "developer"}
_CHAT_MARKS = re.compile(r"</?s>|<<SYS>>.*?<</SYS>>|\[/?INST\]", re.S)


class LayoutError(ValueError):
    """The object is none of what is read; the message says what it lacks."""


def reason_of(error: Exception) -> str:
    """Why something cannot be read, in a line."""
    return one_line(str(error)) or type(error).__name__


def description_of(value: Any) -> Any:
    """What says it best in a description that is an object, or text of one in JSON or Python, as
    PyraNet and MG-Verilog have it, without the marks of a chat template."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        value = _literal(value) or value
    if isinstance(value, dict):
        lower = {str(n).lower(): v for n, v in value.items()}
        named = (lower[n] for n in DESCRIPTIONS if isinstance(lower.get(n), str))
        value = next((text for text in named if text.strip()), value)
    return _CHAT_MARKS.sub(" ", value).strip() if isinstance(value, str) else value


def _literal(text: str) -> Any:
    """What the text of a Python or JSON value holds; None where it is none."""
    if len(text) > _MAX_LITERAL:
        return None
    try:
        return from_json(text)
    except (msgspec.DecodeError, RecursionError):
        pass
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None


def best_answer(answered: Any, scores: Any) -> Any:
    """The one answer with the highest score, of several that have one each (RTLCoder); a list that
    is text (PyraNet's code) is the list."""
    if isinstance(answered, str) and answered.lstrip().startswith("["):
        found = _literal(answered.strip())
        answered = found if isinstance(found, list) and found else answered
    if not (isinstance(answered, list) and isinstance(scores, list)):
        return answered
    if len(answered) != len(scores) or not all(isinstance(s, int | float) for s in scores):
        return answered
    return answered[max(range(len(scores)), key=lambda k: scores[k])] if scores else answered


def text_of(name: str, value: Any, *, several: bool = False) -> str:
    """`value` as text; a list of one text is that text, and `several` texts are paragraphs."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(v, str) for v in value):
        if len(value) == 1 or several:
            return "\n\n".join(value)
        raise LayoutError(f"field {name!r} holds {len(value)} texts: give each a line of its own")
    raise LayoutError(f"field {name!r} must be text, it is {kind_of(value)}")


def is_chat(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def from_chat(name: str, value: Any) -> tuple[str, str, str]:
    if not is_chat(value):
        raise LayoutError(f"field {name!r} must be a list of turns, it is {kind_of(value)}")
    asked, answered, system = turns_of(name, value)
    if answered is None:
        raise LayoutError(f"field {name!r} holds no answer of an assistant")
    return asked, answered, system


def turns_of(name: str, turns: list[dict[str, Any]]) -> tuple[str, str | None, str]:
    """All that was asked, the last answer that holds a module or else the last, and the system's
    words."""
    texts: list[tuple[str, str]] = [_turn(name, turn) for turn in turns]
    answers = [text for role, text in texts if role in _ANSWERING]
    modules = [text for text in answers if "endmodule" in text]
    asked = [text for role, text in texts if role in _ASKING]
    system = [text for role, text in texts if role not in _ASKING | _ANSWERING | _SILENT]
    answer = (modules or answers)[-1] if answers else None
    return "\n\n".join(asked), answer, "\n\n".join(system)


def _turn(name: str, turn: dict[str, Any]) -> tuple[str, str]:
    role = turn.get("role", turn.get("from"))
    if not isinstance(role, str) or role.lower() not in _KNOWN_ROLES:
        raise LayoutError(f"a turn of {name!r} has no known role: {str(role)[:40]}")
    content = turn.get("content", turn.get("value"))
    if content is None and turn.get("tool_calls"):
        return role.lower(), _written(turn["tool_calls"])
    if isinstance(content, list) and is_chat(content):
        content = [part.get("text", "") for part in content]
    return role.lower(), text_of(f"{name}.content", content, several=True)


def _written(calls: Any) -> str:
    """The Verilog that calls of tools write to files."""
    functions = [c.get("function") for c in calls if isinstance(c, dict)] if is_chat(calls) else []
    arguments = [f.get("arguments") for f in functions if isinstance(f, dict)]
    return "\n\n".join(code_in_json(a) for a in arguments if isinstance(a, str))


_Kind = Callable[[Any], bool]
_KINDS: tuple[tuple[str, _Kind], ...] = (
    ("nothing", lambda v: v is None),
    ("true or false", lambda v: isinstance(v, bool)),
    ("a number", lambda v: isinstance(v, int | float)),
    ("text", lambda v: isinstance(v, str)),
    ("a list", lambda v: isinstance(v, list)),
    ("an object", lambda v: isinstance(v, dict)),
)


def kind_of(value: Any) -> str:
    return next((name for name, fits in _KINDS if fits(value)), type(value).__name__)
