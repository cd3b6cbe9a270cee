"""Records of training data made into token sequences that the trainer takes.

Guarantee: prompts are made by rtlbench.generate.answer, so that training and generation see
the same text in the same tokens; an example is used whole or left out; the same files give the
same sequences in the same order. A line that is no record ends it all with one message; a record
that teaches nothing (no instruction, no answer, refused by the filter) is left out, and named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from rtlbench.dataset.combine_survey import noted_category
from rtlbench.dataset.file_record import note_of
from rtlbench.dataset.files import file_hash
from rtlbench.dataset.filter.seal import SEAL, doubt_of
from rtlbench.dataset.filter.written import PLACE
from rtlbench.dataset.reading import read_records
from rtlbench.errors import UserError
from rtlbench.generate.answer import as_prompt, prompt_ids
from rtlbench.io.untrusted import one_line, printable
from rtlbench.records.example import Broken, Placed, Record
from rtlbench.records.tier import DEFAULT_ACCEPT, Tier, accepts, noted_tier
from rtlbench.suites.category import CATEGORIES
from rtlbench.training.record import DataFile, Examples, example_hash

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedTokenizerBase

Row = dict[str, list[int]]
UNJUDGED = "unjudged"
EMPTY_ANSWER, EMPTY_INSTRUCTION = "without an answer", "without an instruction"
REFUSED = "refused by the filter"
NAMED = 5
"""Records left out that are named."""
SHOWN = 2000
"""Characters of either part of the example that is shown."""


class Records(msgspec.Struct, frozen=True, kw_only=True):
    """What was read, and from where."""

    files: tuple[DataFile, ...]
    chosen: tuple[Record, ...]
    other_category: int
    below: int
    """Of a lower tier than is accepted."""
    useless: dict[str, list[str]] = {}
    """Where those are that teach nothing, by why."""
    notes: tuple[str, ...] = ()
    """What nothing shows of the files."""

    def named(self, why: str) -> str:
        """How many were left out for `why`, and the first of them."""
        places = self.useless.get(why, [])
        more = f" and {len(places) - NAMED} more" if len(places) > NAMED else ""
        return f"{len(places)} {why} ({', '.join(places[:NAMED])}{more})"


class Sequences(msgspec.Struct, frozen=True, kw_only=True):
    """What the trainer is given: columns `input_ids` and `completion_mask`."""

    train: Any
    """A `datasets.Dataset`."""
    validation: Any
    """As well, or None."""
    examples: Examples
    first: str
    """The first example as the model sees it, for people."""


def read_data(
    urls: Sequence[str], category: str | None, accept: Tier = DEFAULT_ACCEPT
) -> Records:
    """The records of all files, of one category where one is given.

    Of records that the filter has judged, those that it refused and those of a lower tier than
    `accept` are left out; of others nothing is known, and they are counted so. Records without an
    instruction or an answer are left out.

    Raises:
        UserError: A file cannot be read, a line of it is no record or not the one that the filter
            judged, the file is not the one that was written, or nothing is left.
    """
    if category is not None and category not in CATEGORIES:
        raise UserError(f"--category {category}: there are {', '.join(CATEGORIES)}")
    files, chosen, others, below = [], [], 0, 0
    useless: dict[str, list[str]] = {}
    notes = []
    for url in urls:
        placed = list(_records(url))
        note = note_of(url)
        records = [p.record for p in placed]
        notes += [note] if note and (not records or any(map(_is_sealed, records))) else []
        tiers = [_tier(r) for r in records]
        for p in placed:
            if why := _useless(p.record):
                useless.setdefault(why, []).append(p.where)
        useful = [(r, t) for r, t in zip(records, tiers, strict=True) if not _useless(r)]
        good = [r for r, t in useful if t is None or accepts(accept, t)]
        mine = [r for r in good if category is None or _category(r) == category]
        name = url.split("?", maxsplit=1)[0].rsplit("/", maxsplit=1)[-1]
        files.append(
            DataFile(
                name=name,
                sha256=file_hash(url),
                records=len(records),
                least_score=_least_score(records),
                tiers=dict(sorted(Counter(t or UNJUDGED for t in tiers).items())),
            )
        )
        others += len(good) - len(mine)
        below += len(useful) - len(good)
        chosen += mine
    found = Records(
        files=tuple(files), chosen=tuple(chosen), other_category=others, below=below,
        useless=useless, notes=tuple(notes),
    )  # fmt: skip
    if not chosen:
        of = f" of category {category}" if category else ""
        told = f" that is {accept} ({below} are less: see --accept)" if below else ""
        left = "".join(f"; {found.named(why)}" for why in useless)
        raise UserError(f"{', '.join(urls)}: no record{of}{told}{left}; give data by --data")
    return found


def _useless(record: Record) -> str:
    """Why a record teaches nothing; empty where it may."""
    judged = record.metadata.get(PLACE)
    if isinstance(judged, dict) and judged.get("refused"):
        return REFUSED
    if _is_blank(record.output):
        return EMPTY_ANSWER
    return EMPTY_INSTRUCTION if _is_blank(record.instruction) else ""


def _is_blank(text: str) -> bool:
    """Whether there is nothing to see in it."""
    return not any(c.isprintable() and not c.isspace() for c in text)


def _tier(record: Record) -> Tier | None:
    """The tier that the filter gave it; None where no filter has judged it."""
    judged = record.metadata.get(PLACE)
    if not isinstance(judged, dict) or not {"tier", "functional"} & judged.keys():
        return None
    return noted_tier(judged)


def _records(url: str) -> Iterator[Placed]:
    for placed in read_records(url):
        if isinstance(placed, Broken):
            place = placed.where.rpartition(":")[2]
            raise UserError(
                f"{url}:{place}: no training record ({one_line(placed.reason)}); mend or remove "
                "the line, or let `rtlbench filter` write a clean file"
            )
        if doubt := _doubt(placed.record):
            raise UserError(
                f"{placed.where}: is not the record that was judged ({doubt}); "
                "let `rtlbench filter` judge it again"
            )
        yield placed


def _is_sealed(record: Record) -> bool:
    judged = record.metadata.get(PLACE)
    return isinstance(judged, dict) and SEAL in judged


def _doubt(record: Record) -> str:
    """Why a record that says that the filter judged it is another; empty where it is not."""
    judged: Any = record.metadata.get(PLACE)
    if not _is_sealed(record):
        return ""
    return doubt_of(record, judged, "", None)


def _category(record: Record) -> str:
    """What the filter found, else what the record or its words say."""
    judged = record.metadata.get(PLACE)
    category = judged.get("category") if isinstance(judged, dict) else None
    return category if isinstance(category, str) else noted_category(record)


def _least_score(records: Sequence[Record]) -> float | None:
    scores = []
    for record in records:
        judged = record.metadata.get(PLACE)
        score = judged.get("score") if isinstance(judged, dict) else None
        if not isinstance(score, float | int):
            return None
        scores.append(float(score))
    return min(scores, default=None)


def sequences(
    records: Records, tokenizer: PreTrainedTokenizerBase, max_length: int, validation: float
) -> Sequences:
    """Prompt, answer and end of text as tokens, with a mask that is 1 on what is learnt.

    Args:
        max_length: In tokens; longer examples are left out.
        validation: The share of examples kept back, chosen by their text.

    Raises:
        UserError: The tokenizer has no token for the end of a text, its chat template leaves the
            instruction out, or no example is left.
    """
    if tokenizer.eos_token_id is None:
        raise UserError(f"{tokenizer.name_or_path}: the tokenizer has no end-of-text token")
    check_template(tokenizer, [r.instruction for r in records.chosen])
    train: list[Row] = []
    kept_back: list[Row] = []
    too_long = 0
    left_out: list[str] = []
    for record in records.chosen:
        row, name = _row(record, tokenizer), example_hash(record.instruction, record.output)
        if len(row["input_ids"]) > max_length:
            too_long += 1
            left_out.append(name)
        elif _share_of(name) < validation:
            kept_back.append(row)
            left_out.append(name)
        else:
            train.append(row)
    if not train:
        raise UserError(
            f"no example is left to train on: {too_long} are longer than data.max_length = "
            f"{max_length} tokens, {len(kept_back)} kept back by data.validation"
        )
    examples = Examples(
        read=sum(f.records for f in records.files),
        other_category=records.other_category,
        below=records.below,
        useless={why: len(places) for why, places in records.useless.items()},
        too_long=too_long,
        trained=len(train),
        held_back=len(kept_back),
        tokens=sum(len(row["input_ids"]) for row in train),
        left_out=tuple(left_out),
    )
    return Sequences(
        train=_dataset(train),
        validation=_dataset(kept_back) if kept_back else None,
        examples=examples,
        first=_shown(train[0], tokenizer),
    )


def check_template(tokenizer: PreTrainedTokenizerBase, instructions: Iterable[str]) -> None:
    """Make sure that the model sees what it is asked.

    Raises:
        UserError: Of some instruction the chat template makes other words.
    """
    for instruction in instructions:
        prompt = as_prompt(tokenizer, instruction)
        if " ".join(instruction.split()) not in " ".join(prompt.split()):
            raise UserError(
                f"{tokenizer.name_or_path}: the chat template does not hold the instruction "
                f"{one_line(instruction, 60)!r} as it is, the model would see "
                f"{one_line(prompt, 100)!r}; mend chat_template.jinja there"
            )


def _shown(row: Row, tokenizer: PreTrainedTokenizerBase) -> str:
    """An example, with what is masked and what is learnt apart."""
    at = row["completion_mask"].index(1)
    parts = {"masked": row["input_ids"][:at], "learnt": row["input_ids"][at:]}
    lines = ["the first example, as the model sees it:"]
    for name, ids in parts.items():
        text = str(tokenizer.decode(ids))
        cut = "[...]" if len(text) > SHOWN else ""
        lines.append(f"{name}, {len(ids)} tokens:")
        lines += [f"  | {printable(line)}" for line in (text[:SHOWN] + cut).split("\n")]
    return "\n".join(lines)


def _row(record: Record, tokenizer: PreTrainedTokenizerBase) -> Row:
    prompt = prompt_ids(tokenizer, record.instruction)
    encoded: Any = tokenizer(record.output, add_special_tokens=False)
    answer = [*encoded.input_ids, tokenizer.eos_token_id]
    mask = [0] * len(prompt) + [1] * len(answer)
    return {"input_ids": prompt + answer, "completion_mask": mask}


def _share_of(example: str) -> float:
    """A number in [0, 1) that depends on an example's text alone, given as its hash."""
    return int(example[:12], 16) / float(1 << 48)


def _dataset(rows: list[Row]) -> Dataset:
    from datasets import Dataset

    return Dataset.from_list(rows)
