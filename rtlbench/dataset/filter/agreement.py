"""Several answers to the same words that are one circuit: each speaks for the others.

Whoever guesses does not guess alike; so of a record whose function nothing can judge, it is told
how many independent answers to its words do the same. Answers are compared as circuits: simulated
side by side under drawn stimulus, what agrees is compared formally too, and a difference that
either sees parts them. The largest set of answers that agree is attested, if it is large enough
and no other is as large.

Guarantee: copies of an answer count once. Memory does not grow with the input: answers to words
that come more than once go to files, a part of the words in each.

Limits: answers of one model err alike where its training does; what this is worth where the truth
was known is in docs/dataset.md. Of one task at most MOST answers are compared. What one answer
leaves undefined is not compared with the others.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
import numpy as np

from rtlbench.dataset.filter.cache import VerdictCache
from rtlbench.dataset.filter.judge import JudgedRecord, Pair, verdicts_of
from rtlbench.dataset.filter.references import reference_spec
from rtlbench.dataset.filter.shards import ShardConfig
from rtlbench.dataset.filter.tiers import Agreement
from rtlbench.dataset.filter.wording import words_of
from rtlbench.equivalence.compare import check_equivalence
from rtlbench.errors import HarnessError
from rtlbench.records.candidate import Candidate
from rtlbench.records.example import Record
from rtlbench.records.spec import Spec
from rtlbench.rtl.extraction import extract
from rtlbench.rtl.renaming import GOLDEN_PREFIX, renamed_golden
from rtlbench.sandbox.pool import WorkerPool
from rtlbench.suites.interface import with_roles
from rtlbench.verifier import Verifier

MOST = 16
"""Answers to one task that are compared."""
A_PILE = 256
"""Answers, about, that one process compares together."""
FORMAL_SECONDS = 1
"""CPU seconds of the engines for two answers."""


class _Answer(msgspec.Struct, frozen=True):
    index: int
    words: str
    text: str
    """As given: copies are told by it."""
    rtl: str


class _Pile(msgspec.Struct, frozen=True):
    path: str
    number: int
    config: ShardConfig


def agreements(
    judged: Callable[[], Iterable[JudgedRecord]],
    folder: Path,
    config: ShardConfig,
    number: int,
    workers: int = 1,
) -> dict[int, Agreement]:
    """By a record's index, the answers that agree with it, where they are `number` or more.

    Args:
        judged: Gives the records that nothing has judged and that have words; asked twice.
        folder: For files meanwhile.
    """
    keys = array("Q", (_key(j) for j in judged()))
    values, counts = np.unique(np.frombuffer(keys, np.uint64), return_counts=True)
    often = values[counts >= number]
    if not len(often):
        return {}
    wanted = set(often.tolist())
    piles = _piled(judged(), folder, wanted, 1 + int(counts[counts >= number].sum()) // A_PILE)
    found: dict[int, Agreement] = {}
    with WorkerPool(len(piles), workers) as pool:
        for part in pool.map(_agreeing, [_Pile(str(p), number, config) for p in piles]):
            found |= part
    for path in piles:
        path.unlink(missing_ok=True)
    return found


def _key(judged: JudgedRecord) -> int:
    """Sixty-four bits that stand for a record's words."""
    words = " ".join(words_of(judged.placed.record.instruction)).encode("utf-8", "replace")
    return int.from_bytes(hashlib.sha256(words).digest()[:8], "little")


def _piled(
    judged: Iterable[JudgedRecord], folder: Path, wanted: set[int], piles: int
) -> list[Path]:
    """Answers to words that come often, all answers to the same words in one file."""
    paths = [folder / f"agreement-{k:04d}.jsonl" for k in range(piles)]
    lines: dict[int, list[bytes]] = {}
    for path in paths:
        path.write_bytes(b"")
    for one in judged:
        key = _key(one)
        if key in wanted:
            lines.setdefault(key % piles, []).append(msgspec.json.encode(_answer(one)))
        if len(lines.get(key % piles, ())) >= A_PILE:
            _append(paths[key % piles], lines.pop(key % piles))
    for pile, waiting in lines.items():
        _append(paths[pile], waiting)
    return paths


def _append(path: Path, lines: Sequence[bytes]) -> None:
    with path.open("ab") as file:
        file.writelines(line + b"\n" for line in lines)


def _answer(judged: JudgedRecord) -> _Answer:
    record = judged.placed.record
    rtl = extract(record.output, judged.match.top, record.instruction).rtl
    return _Answer(judged.placed.index, record.instruction, " ".join(record.output.split()), rtl)


class _Group:
    """The answers to the same words, on their way into sets that agree."""

    def __init__(self, answers: Sequence[_Answer]) -> None:
        self.copies: dict[str, list[int]] = {}
        for answer in answers:
            self.copies.setdefault(answer.text, []).append(answer.index)
        first = {a.text: a for a in reversed(answers)}
        self.left = sorted(first.values(), key=lambda a: a.index)[:MOST]
        self.of = len(self.left)
        self.sets: list[list[_Answer]] = []

    def is_open(self, number: int) -> bool:
        """Whether more sets can matter."""
        largest = max(map(len, self.sets), default=0)
        return len(self.left) >= max(number, largest)

    def take(self, alike: Sequence[bool]) -> None:
        """Make a set of the first answer that is left and of those that are alike to it."""
        first, others = self.left[0], self.left[1:]
        pairs = list(zip(others, alike, strict=True))
        self.sets.append([first, *(a for a, same in pairs if same)])
        self.left = [a for a, same in pairs if not same]

    def found(self, number: int) -> Iterator[tuple[int, Agreement]]:
        """The members of the largest set, copies with them."""
        sizes = sorted(map(len, self.sets), reverse=True)
        if not sizes or sizes[0] < number or sizes[1:2] == sizes[:1]:
            return
        for answer in max(self.sets, key=len):
            for index in self.copies[answer.text]:
                yield index, Agreement(sizes[0], self.of)


def _agreeing(pile: _Pile) -> dict[int, Agreement]:
    """The agreements among the answers of one file."""
    by_words: dict[tuple[str, ...], list[_Answer]] = {}
    for line in Path(pile.path).read_bytes().splitlines():
        answer = msgspec.json.decode(line, type=_Answer)
        by_words.setdefault(words_of(answer.words), []).append(answer)
    groups = [_Group(answers) for answers in by_words.values()]
    verifier = Verifier(msgspec.structs.replace(pile.config.verifier, second_look=False))
    folder = pile.config.cache
    cache = VerdictCache(Path(folder), pile.config.judge) if folder is not None else None
    while now := [g for g in groups if g.is_open(pile.number)]:
        for group, alike in zip(now, _alike(now, verifier, cache), strict=True):
            group.take(alike)
    return {index: found for g in groups for index, found in g.found(pile.number)}


def _alike(
    groups: Sequence[_Group], verifier: Verifier, cache: VerdictCache | None
) -> list[list[bool]]:
    """Which of the other answers of each group do what its first one does."""
    pairs = [(g.left[0], other) for g in groups for other in g.left[1:]]
    specs = _specs(pairs)
    asked = [k for k, spec in enumerate(specs) if spec is not None]
    judged: list[Pair] = [(specs[k], Candidate(text=pairs[k][1].rtl)) for k in asked]
    verdicts = dict(zip(asked, verdicts_of(verifier, judged, cache), strict=True))
    same = [
        spec is not None and verdicts[k].functional is True and not _differ(spec, pairs[k][1].rtl)
        for k, spec in enumerate(specs)
    ]
    left = iter(same)
    return [[next(left) for _ in g.left[1:]] for g in groups]


def _specs(pairs: Sequence[tuple[_Answer, _Answer]]) -> list[Spec | None]:
    """What the second of each pair is held to: the first as its reference, where ports agree."""
    made = [
        reference_spec(Record(instruction=other.words, output=other.rtl), first.rtl)
        for first, other in pairs
    ]
    distinct = {s.digest(): s for s in made if isinstance(s, Spec)}
    ready = dict(zip(distinct, with_roles(list(distinct.values())), strict=True))
    return [ready[s.digest()] if isinstance(s, Spec) else None for s in made]


def _differ(spec: Spec, other: str) -> bool:
    """Whether the formal comparison finds a difference; undecided is none."""
    twin = msgspec.structs.replace(spec, golden=other)
    with suppress(HarnessError):
        golden, candidate = renamed_golden(spec, GOLDEN_PREFIX), renamed_golden(twin, "lane0_")
        return check_equivalence(spec, golden, candidate, FORMAL_SECONDS).verdict == "different"
    return False
