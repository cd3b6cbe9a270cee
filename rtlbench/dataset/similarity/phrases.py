"""How much of a benchmark's instruction is in another text, by runs of words.

Only what is a member's own counts: runs that a second member of the suite has as well are its
template (`Use exactly this interface`, `I would like you to implement a module named`). And a
text in which a fact of the member is missing (a number, a polarity, an edge, a direction) asks
for something else in the same words.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence

import msgspec

RUN = 8
"""Words in a run."""
SHARE = 0.7
VERBATIM = 0.95
"""Of a member's own runs, from which a text is taken for its instruction."""
MIN_RUNS = 8
"""A member with fewer runs of its own is not looked for by its words."""
_WORD = re.compile(r"[a-z]+(?:[-_][a-z\d]+)*|\d+(?:\.\d+)?|[a-z]\w*")
_FACTS = frozenset(
    "rising falling posedge negedge positive negative high low active-high active-low "
    "asynchronous asynchronously synchronous synchronously left right up down even odd moore mealy "
    "msb lsb first last signed unsigned increment decrement all both either neither no not "
    "without never".split()
)


class Likeness(msgspec.Struct, frozen=True):
    """The member that a text resembles most."""

    at: int
    share: float
    """Of the member's own runs."""
    is_verbatim: bool
    """The member's words as they are, every fact as often as there."""


def words(text: str) -> list[str]:
    """The words of a text in lower case, without marks."""
    return _WORD.findall(text.lower())


def _runs(found: Sequence[str]) -> set[bytes]:
    runs = (" ".join(found[k : k + RUN]) for k in range(len(found) - RUN + 1))
    return {hashlib.blake2b(r.encode(), digest_size=8).digest() for r in runs}


def _facts(found: Sequence[str]) -> Counter[str]:
    return Counter(w for w in found if w in _FACTS or w[0].isdecimal())


class PhraseIndex:
    """The runs of words of a suite's instructions."""

    def __init__(self, instructions: Sequence[str]) -> None:
        every = [words(text) for text in instructions]
        runs = [_runs(found) for found in every]
        used = Counter(run for found in runs for run in found)
        self._facts = [_facts(found) for found in every]
        self._owner: dict[bytes, int] = {}
        self._sizes = [0] * len(every)
        for at, found in enumerate(runs):
            own = [run for run in found if used[run] == 1]
            if len(own) >= MIN_RUNS:
                self._sizes[at] = len(own)
                self._owner.update(dict.fromkeys(own, at))

    @property
    def unwatched(self) -> list[int]:
        """Places of the instructions with too few words of their own."""
        return [at for at, size in enumerate(self._sizes) if not size]

    def find(self, text: str) -> Likeness | None:
        """The instruction that most of is in `text`; None where there is none."""
        found = words(text)
        hits = Counter(self._owner[run] for run in _runs(found) if run in self._owner)
        facts = _facts(found)
        likely = ((n / self._sizes[at], -at) for at, n in hits.items()
                  if self._facts[at].keys() <= facts.keys())
        share, at = max(likely, default=(0.0, 0))
        if share < SHARE:
            return None
        return Likeness(-at, share, share >= VERBATIM and self._facts[-at] <= facts)
