"""What answers took, in words."""

from __future__ import annotations

from rtlbench.generate.answer import Usage


def in_words(usage: Usage) -> str:
    """Answers, tokens and cost in a line, as far as they are known."""
    words = [f"{usage.answers:,} answers"]
    if usage.completion_tokens is not None:
        words.append(f"{usage.completion_tokens:,} tokens")
    if usage.prompt_tokens is not None:
        words.append(f"{usage.prompt_tokens:,} of prompts")
    if usage.truncated:
        words.append(f"{usage.truncated:,} cut off")
    if usage.cost is not None:
        words.append(f"cost {usage.cost:.4g}")
    return ", ".join(words)
