"""The index that finds duplicates in a stream of texts, by their signatures alone.

The first of several likes wins, in the order in which they are added; so equal input gives equal
output. What the index holds does not depend on the length of the texts (docs/duplicates.md has
the figures).
"""

from __future__ import annotations

import hashlib
from array import array
from typing import Any, Literal

import msgspec
import numpy as np

from rtlbench.dataset.similarity.signatures import PERMUTATIONS, Signatures, sketch_library

Measure = Literal["exact", "function", "text", "syntax"]

TEXT_SIMILARITY = 0.8
"""Share of runs of tokens in common from which two texts are near."""
SYNTAX_SIMILARITY = 0.85
BANDS = (12, 5)
"""Bands and rows of the LSH: of pairs at 0.8 it looks at 99 %, of those at 0.4 at 12 %."""


class Duplicate(msgspec.Struct, frozen=True, kw_only=True):
    """What a text is like."""

    record_id: str
    """The id of the one that came first."""
    measure: Measure
    similarity: float
    """1 for `exact` and `function`; else the estimated share of features in common."""


class _Nearest(msgspec.Struct, frozen=True):
    """As a Duplicate, by the place in the index."""

    at: int
    measure: Measure
    similarity: float


class DuplicateIndex:
    """Signatures of the texts seen that were like no other.

    Args:
        thorough: Whether the sketches of texts that have a circuit are kept too, so that a near
            text without one is found; at twenty times the memory.
        most: So many texts that are alike may stay.

    Raises:
        UserError: datasketch is not installed.
    """

    def __init__(self, *, thorough: bool = False, most: int = 1) -> None:
        self._thorough, self._most = thorough, most
        self._ids: list[str] = []
        self._has_function: list[bool] = []
        self._stay = array("I")
        self._exact: dict[bytes, int] = {}
        self._function: dict[bytes, int] = {}
        self._text = _Sketches(TEXT_SIMILARITY)
        self._syntax = _Sketches(SYNTAX_SIMILARITY)

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, record_id: str, signatures: Signatures) -> Duplicate | None:
        """The earlier text that this one is like; None where it may stay: nothing is like it, or
        fewer than `most`."""
        like = self._like(signatures)
        if like is None:
            self._keep(record_id, signatures)
        elif self._stay[like.at] < self._most:
            self._stay[like.at] += 1
            return None
        return self._match(like)

    def find(self, signatures: Signatures) -> Duplicate | None:
        """The text kept that this one is like, by the strictest measure that says so."""
        return self._match(self._like(signatures))

    def _like(self, signatures: Signatures) -> _Nearest | None:
        if signatures.exact in self._exact:
            return _Nearest(self._exact[signatures.exact], "exact", 1.0)
        if signatures.function is not None and signatures.function in self._function:
            return _Nearest(self._function[signatures.function], "function", 1.0)
        for measure, sketches, sketch in (
            ("text", self._text, signatures.text), ("syntax", self._syntax, signatures.syntax)
        ):
            for at, similarity in sketches.near(sketch):
                # Two circuits that differ settle it: a polarity is one token of a hundred.
                if signatures.function is None or not self._has_function[at]:
                    return _Nearest(at, measure, similarity)  # type: ignore[arg-type]
        return None

    def _match(self, like: _Nearest | None) -> Duplicate | None:
        if like is None:
            return None
        name = self._ids[like.at]
        return Duplicate(record_id=name, measure=like.measure, similarity=like.similarity)

    def _keep(self, record_id: str, signatures: Signatures) -> None:
        at = len(self._ids)
        self._ids.append(record_id)
        self._stay.append(1)
        self._has_function.append(signatures.function is not None)
        self._exact[signatures.exact] = at
        if signatures.function is not None:
            self._function[signatures.function] = at
            if not self._thorough:
                return
        self._text.keep(at, signatures.text)
        self._syntax.keep(at, signatures.syntax)


class _Sketches:
    """Sketches by MinHash, and the LSH that finds those that may be near."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._lsh = sketch_library().MinHashLSH(
            num_perm=PERMUTATIONS, params=BANDS, hashfunc=_short
        )
        self._sketches: dict[int, bytes] = {}

    def keep(self, at: int, sketch: bytes) -> None:
        if sketch:
            self._sketches[at] = sketch
            self._lsh.insert(at, _minhash(sketch), check_duplication=False)

    def near(self, sketch: bytes) -> list[tuple[int, float]]:
        """Those above the threshold, the most similar first; of equals the earliest."""
        if not sketch:
            return []
        values = np.frombuffer(sketch, "<u4")
        found = []
        for at in self._lsh.query(_minhash(sketch)):
            other = np.frombuffer(self._sketches[at], "<u4")
            similarity = float(np.mean(values == other))
            if similarity >= self._threshold:
                found.append((at, similarity))
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def _minhash(sketch: bytes) -> Any:
    values = np.frombuffer(sketch, "<u4").astype("u8")
    return sketch_library().LeanMinHash(seed=1, hashvalues=values)


def _short(key: bytes) -> bytes:
    return hashlib.blake2b(key, digest_size=8).digest()
