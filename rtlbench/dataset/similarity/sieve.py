"""What must not be in training data: more likes of one example than may stay, and likes of
benchmark members."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from rtlbench.dataset.similarity.contamination import Contamination, Resemblance
from rtlbench.dataset.similarity.duplicates import DuplicateIndex, Match
from rtlbench.dataset.similarity.likes import EXACT, NONE, Likes
from rtlbench.dataset.similarity.members import read_members
from rtlbench.dataset.similarity.signatures import Signatures, exact_signatures, signatures_of
from rtlbench.dataset.similarity.signing import Signers
from rtlbench.records.example import Placed
from rtlbench.sandbox.pool import Crew


class Sieve:
    """Says of each record in turn whether it may stay; the first of those that are alike may.

    Args:
        against: Suites, each `NAME` or `NAME=FOLDER`, whose members may not stay.
        likes: What counts as alike, and how much of it may stay.
        crew: What makes the signatures.

    Raises:
        UserError: A suite cannot be read, or datasketch is not installed.
        HarnessError: Yosys cannot be started.
    """

    def __init__(self, against: Sequence[str], likes: Likes, crew: Crew) -> None:
        members = [m for text in against for m in read_members(text)]
        needs_all = bool(members) or likes.duplicates not in (EXACT, NONE)
        self._is_idle = not members and likes.duplicates == NONE
        self._signers = Signers(crew, signatures_of if needs_all else exact_signatures)
        self._benchmarks = Contamination(members, self._signers.sign) if members else None
        self._alike = _Alike(likes) if likes.duplicates != NONE else None
        self.unwatched = self._benchmarks.unwatched if self._benchmarks is not None else []
        """Members that have no code and too few words of their own to be found."""

    @property
    def lot(self) -> int:
        """Records that are compared well together."""
        return self._signers.round

    def sift(self, records: Sequence[Placed]) -> list[Match | Resemblance | None]:
        """What each record is like, in order; None for one that may stay.

        What resembles a benchmark's member takes no part in looking for duplicates.
        """
        if self._is_idle:
            return [None] * len(records)
        found = self._signers.sign([p.record.output for p in records])
        return [self._like(p, one) for p, one in zip(records, found, strict=True)]

    def _like(self, placed: Placed, one: Signatures) -> Match | Resemblance | None:
        if self._benchmarks is not None:
            member = self._benchmarks.check_signed(placed.record.instruction, one)
            if member is not None:
                return member
        return self._alike.add(placed, one) if self._alike is not None else None


class _Alike:
    """The examples that stay."""

    def __init__(self, likes: Likes) -> None:
        self._index = DuplicateIndex(most=likes.per_function)
        self._is_exact = likes.duplicates == EXACT
        self._by_words: dict[bytes, str] | None = {} if likes.per_function > 1 else None

    def add(self, placed: Placed, one: Signatures) -> Match | None:
        """What keeps the example out; where nothing does, it is remembered."""
        said = _said(placed.record.instruction, one)
        if self._by_words is not None and said in self._by_words:
            return Match(record_id=self._by_words[said], measure="exact", similarity=1.0)
        like = self._index.add(placed.where, Signatures(exact=one.exact) if self._is_exact else one)
        if like is None and self._by_words is not None:
            self._by_words[said] = placed.where
        return like


def _said(instruction: str, one: Signatures) -> bytes:
    """What stands for the words and the code, letter case and white space of the words aside."""
    words = " ".join(instruction.casefold().split()).encode("utf-8", "replace")
    return hashlib.blake2b(one.exact + words, digest_size=16).digest()
