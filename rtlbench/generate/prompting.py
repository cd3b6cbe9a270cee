"""From an instruction to what a model is given. Training uses the same, so that both agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from rtlbench.generate.answer import Message

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def messages_for(instruction: str, conversation: Sequence[Message] = ()) -> list[dict[str, str]]:
    """What a model that chats is sent: the conversation, or the instruction as one message."""
    return [msgspec.structs.asdict(m) for m in conversation or [Message("user", instruction)]]


def as_prompt(
    tokenizer: PreTrainedTokenizerBase, instruction: str, conversation: Sequence[Message] = ()
) -> str:
    """The text that the model goes on from: the tokenizer's chat template where it has one, else
    the instruction and a newline."""
    if not tokenizer.chat_template:
        return instruction + "\n"
    text: Any = tokenizer.apply_chat_template(
        messages_for(instruction, conversation), tokenize=False, add_generation_prompt=True
    )
    return str(text)


def prompt_ids(
    tokenizer: PreTrainedTokenizerBase, instruction: str, conversation: Sequence[Message] = ()
) -> list[int]:
    """The ids of `as_prompt`; a chat template brings its own special tokens."""
    text = as_prompt(tokenizer, instruction, conversation)
    encoded: Any = tokenizer(text, add_special_tokens=not tokenizer.chat_template)
    return list(encoded.input_ids)
