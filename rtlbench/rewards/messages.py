"""What a trainer calls a prompt or completion: plain text, or a list of chat messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

ChatMessage: TypeAlias = Mapping[str, Any]
Told: TypeAlias = str | Sequence[ChatMessage]


def said_by(role: str, told: Told) -> str:
    """The text itself, or what `role` said last."""
    if isinstance(told, str):
        return told
    said = [m for m in told if m.get("role", role) == role]
    return _text(said[-1].get("content")) if said else ""


def _text(content: Any) -> str:
    """A message's content: text, or parts of which some are text."""
    if isinstance(content, str):
        return content
    parts = content or ()
    return "".join(str(p.get("text") or "") for p in parts if isinstance(p, Mapping))
