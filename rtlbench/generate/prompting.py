"""From an instruction to what a model is given. Training uses the same, so that both agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def as_prompt(tokenizer: PreTrainedTokenizerBase, instruction: str) -> str:
    """The text that the model goes on from: the tokenizer's chat template where it has one, else
    the instruction and a newline."""
    if not tokenizer.chat_template:
        return instruction + "\n"
    text: Any = tokenizer.apply_chat_template(
        [{"role": "user", "content": instruction}], tokenize=False, add_generation_prompt=True
    )
    return str(text)


def prompt_ids(tokenizer: PreTrainedTokenizerBase, instruction: str) -> list[int]:
    """The ids of `as_prompt`; a chat template brings its own special tokens."""
    text = as_prompt(tokenizer, instruction)
    encoded: Any = tokenizer(text, add_special_tokens=not tokenizer.chat_template)
    return list(encoded.input_ids)
