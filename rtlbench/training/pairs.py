"""Pairs of answers to one task, a right one and one that the Verifier found wrong, as tokens.

Guarantee: prompts and answers are the tokens that fine-tuning and generation use; a pair is used
whole or left out; a line that is no judged pair ends it all with one message.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.generate.answer import prompt_ids
from rtlbench.io.untrusted import one_line
from rtlbench.training.data import check_template
from rtlbench.training.record import Examples, example_hash

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

MAX_LINE = 4 << 20
"""Bytes of a line."""


class JudgedPair(msgspec.Struct, frozen=True, kw_only=True):
    """A line of pairs.jsonl."""

    prompt: str
    chosen: str
    rejected: str
    metadata: dict[str, Any] = {}
    """`refused`: what the Verifier has found wrong with the rejected answer."""


class PairTokens(msgspec.Struct, frozen=True, kw_only=True):
    """What the trainer is given."""

    rows: tuple[dict[str, list[int]], ...]
    """Columns `prompt_ids`, `chosen_ids` and `rejected_ids`."""
    examples: Examples


def read_pairs(path: Path) -> list[JudgedPair]:
    """The pairs of a file.

    Raises:
        UserError: It cannot be read, has none, or a line is no pair that was judged.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as e:
        raise UserError(f"{path}: cannot be read ({e.strerror}); give pairs by --data") from e
    pairs = [_pair(f"{path}:{number}", line) for number, line in enumerate(lines, 1)]
    if not pairs:
        raise UserError(f"{path}: no pairs; give some by --data")
    return pairs


def _pair(where: str, line: bytes) -> JudgedPair:
    try:
        if len(line) > MAX_LINE:
            raise msgspec.DecodeError(f"longer than {MAX_LINE >> 20} MiB")
        pair = msgspec.json.decode(line, type=JudgedPair)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        raise UserError(f"{where}: no pair ({one_line(str(e))}); mend or remove the line") from e
    if not pair.prompt.strip() or not pair.chosen.strip() or pair.chosen == pair.rejected:
        raise UserError(f"{where}: a pair needs a prompt and two different answers")
    if not isinstance(pair.metadata.get("refused"), str):
        raise UserError(
            f"{where}: nobody has judged the rejected answer (metadata.refused is missing); pairs "
            "come from the nightly job's pairs.jsonl"
        )
    return pair


def pair_tokens(
    pairs: Iterable[JudgedPair], tokenizer: PreTrainedTokenizerBase, max_length: int
) -> PairTokens:
    """The pairs that are short enough.

    Args:
        max_length: In tokens, of the prompt with either answer.

    Raises:
        UserError: The tokenizer has no token for the end of a text, its chat template leaves the
            prompt out, or nothing is left.
    """
    if tokenizer.eos_token_id is None:
        raise UserError(f"{tokenizer.name_or_path}: the tokenizer has no end-of-text token")
    every = list(pairs)
    check_template(tokenizer, [p.prompt for p in every])
    rows, too_long, left_out = [], 0, []
    for pair in every:
        row = _row(pair, tokenizer)
        if max(_lengths(row)) > max_length:
            too_long += 1
            left_out.append(example_hash(pair.prompt, pair.chosen))
        else:
            rows.append(row)
    if not rows:
        raise UserError(
            f"no pair is left to train on: {too_long} are longer than data.max_length = "
            f"{max_length} tokens"
        )
    tokens = sum(sum(_lengths(row)) for row in rows)
    examples = Examples(read=len(rows) + too_long, other_category=0, too_long=too_long,
                        trained=len(rows), held_back=0, tokens=tokens,
                        left_out=tuple(left_out))  # fmt: skip
    return PairTokens(rows=tuple(rows), examples=examples)


def _row(pair: JudgedPair, tokenizer: PreTrainedTokenizerBase) -> dict[str, list[int]]:
    def answer(text: str) -> list[int]:
        encoded: Any = tokenizer(text, add_special_tokens=False)
        return [*encoded.input_ids, tokenizer.eos_token_id]

    return {
        "prompt_ids": prompt_ids(tokenizer, pair.prompt),
        "chosen_ids": answer(pair.chosen),
        "rejected_ids": answer(pair.rejected),
    }


def _lengths(row: dict[str, list[int]]) -> Iterator[int]:
    for name in ("chosen_ids", "rejected_ids"):
        yield len(row["prompt_ids"]) + len(row[name])
