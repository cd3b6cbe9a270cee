"""A byte-level BPE for prompts and RTL: whole phrases become one token, names and digits do not.

Guarantee: every text comes back byte for byte. What a small model must copy (a port's name, a
number) is cut the same way in the prompt and in the code: names stand alone, digits one by one.
What it must only recognise (the fixed words of a task) may merge over spaces, which makes
sequences several times shorter.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

PAD, USER, ANSWER, END = "<|pad|>", "<|user|>", "<|answer|>", "<|end|>"
SPECIAL = (PAD, USER, ANSWER, END)
TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'assistant' %}{{ '<|answer|>' + message['content'] + '<|end|>' }}"
    "{% else %}{{ '<|user|>' + message['content'] }}{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|answer|>' }}{% endif %}"
)
"""The chat template; training on prompt and completion and generation use the same."""

_NAME = r"[A-Za-z_]+"
_KEYWORDS = (
    "module assign initial always else int localparam posedge negedge logic reg wire input output"
).split()
_CODE = r"(?=\w*(?:[,;)\[\n]| \(| <?=| or ))"
_CODE_FOLLOWS = rf"(?:(?<=\[)|(?=[A-Za-z_]){_CODE})"
"""What comes behind a keyword is a name of code, and no word of a sentence, where this fits."""
_DECLARED = (
    r"(?:(?:input |output )?(?:logic |reg |wire )\[?|(?:input|output) \[?"
    r"|(?:assign|initial|module) )"
)
_STATEMENT = (
    r"always(?:_ff)? @\((?:pos|neg)edge |always_comb begin|end else if \(!?|end else begin"
    r"|else if \(!?|else begin|if \(!?|endmodule|endcase|case \(|end\b|else\b|default: "
)
_WORD = r"[A-Za-z]+"
_JOINT = r"(?:[ -]|, |: |; |\. )"
PIECES = "|".join(
    (
        rf"[,;)]*(?:\n+ *)+(?:{_STATEMENT}|{_DECLARED}{_CODE_FOLLOWS}|- `?)?",
        r"1'b[01]|'s?[bdh]|[0-9]|:0\][ )]?:? ?| bits?, \[|(?:` )?\((?:in|out)put, (?=\d+ bits)",
        rf"(?<=`){_NAME}",
        rf"(?: or )?(?:pos|neg)edge {_CODE_FOLLOWS}|{_DECLARED}{_CODE_FOLLOWS}|{_STATEMENT}",
        "(?:" + "|".join(f"(?<={w} )" for w in _KEYWORDS) + rf"){_NAME}{_CODE}",
        rf"(?:`(?: \((?:in|out)put, 1 bit\))?(?=[ .,;:)=])[ .,;:)=(]*)?{_WORD}(?:{_JOINT}{_WORD})*"
        r"(?:[ (]+`(?=[A-Za-z_]))?",
        _NAME,
        r"[^\w\n`]+`?|`[^\w\n`]*`?",
    )
)
"""What merges never cross (Oniguruma syntax); anything that fits no branch stands alone too."""


def train_tokenizer(texts: Iterable[str], size: int) -> PreTrainedTokenizerFast:
    """A tokenizer of `size` tokens at most, learnt from `texts`."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        eos_token=END,
        chat_template=TEMPLATE,
        clean_up_tokenization_spaces=False,
    )
