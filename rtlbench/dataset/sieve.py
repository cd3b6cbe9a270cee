"""What must not be in training data: likes of an earlier record, and of benchmark members."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from rtlbench.dataset.contamination import Contamination, Resemblance
from rtlbench.dataset.duplicates import DuplicateIndex, Match
from rtlbench.dataset.members import read_members
from rtlbench.dataset.record import Placed
from rtlbench.dataset.signatures import BATCH, signatures_of


class Sieve:
    """Says of each record in turn whether it may stay; the first of several likes may.

    Args:
        against: Suites, each `NAME` or `NAME=FOLDER`, whose members may not stay.
        duplicates: Whether likes of earlier records are found too.

    Raises:
        UserError: A suite cannot be read, or datasketch is not installed.
        HarnessError: Yosys cannot be started.
    """

    def __init__(self, against: Sequence[str], *, duplicates: bool = True) -> None:
        members = [m for text in against for m in read_members(text)]
        self._benchmarks = Contamination(members) if members else None
        self._seen = DuplicateIndex() if duplicates else None
        self.unwatched = self._benchmarks.unwatched if self._benchmarks is not None else []
        """Members that have no code and too few words of their own to be found."""

    def sift(self, records: Sequence[Placed]) -> list[Match | Resemblance | None]:
        """What each record is like, in order; None for one that may stay.

        What resembles a benchmark's member takes no part in looking for duplicates.
        """
        found = signatures_of([p.record.output for p in records])
        verdicts: list[Match | Resemblance | None] = []
        for placed, one in zip(records, found, strict=True):
            like: Match | Resemblance | None = None
            if self._benchmarks is not None:
                like = self._benchmarks.check_signed(placed.record.instruction, one)
            if like is None and self._seen is not None:
                like = self._seen.add(placed.where, one)
            verdicts.append(like)
        return verdicts


def batches(records: Iterable[Placed]) -> Iterator[list[Placed]]:
    """Records in lots that a Sieve takes well."""
    waiting = iter(records)
    while lot := list(islice(waiting, BATCH)):
        yield lot
