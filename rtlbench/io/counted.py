"""Numbers of things, in words for people."""

from __future__ import annotations


def many(number: int, noun: str) -> str:
    """`1 answer`, `1,024 answers`; `noun` is one whose plural ends in s."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
