"""The Candidate: one answer, and where it came from."""

from __future__ import annotations

import hashlib

import msgspec

CUT_OFF = "length"
"""The finish reason of an answer that the limit on tokens cut off."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """One answer to one Spec or instruction."""

    text: str
    """The answer as given."""
    instruction: str = ""
    """The words that it answers, where they are not the Spec's prompt."""
    spec_id: str | None = None
    sample: int = 0
    """Which of several answers to the same Spec this is, from 0."""
    model: str = "unknown"
    """Who gave it."""
    finish_reason: str | None = None
    """As the generator reported it; CUT_OFF marks a truncated answer."""
    origin: str = ""
    """Where it was read, `file:line`, for messages."""

    def digest(self) -> str:
        """SHA-256 of the text, hex."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()
