"""What is kept of a text to find its duplicates: under a kilobyte, whatever its size.

Four measures, the strictest first: `exact`, the canonical token stream; `function`, the circuit
(rtlbench.dataset.similarity.circuit_hash); and two sketches by MinHash, `text` over runs of tokens
and `syntax` over the syntax tree (rtlbench.dataset.similarity.text_features). Texts that name
different numbers have sketches with nothing in common: the same structure with other constants is
another design. A text's signatures do not depend on the number of processes that make them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from rtlbench.dataset.similarity.circuit_hash import functions
from rtlbench.dataset.similarity.text_features import (
    Token,
    constants,
    exact_hash,
    shingles,
    syntax_features,
    tokens,
)
from rtlbench.errors import UserError
from rtlbench.rtl.extraction import extract
from rtlbench.rtl.preprocessing import prepare
from rtlbench.sandbox.pool import WorkerPool

SHINGLE = 5
"""Tokens in a run."""
PERMUTATIONS = 64
"""Values in a sketch; its estimate of similarity is off by about 0.05."""
_HEADS = frozenset({"module", "macromodule", "package", "interface"})
BATCH = 32
"""Texts that Yosys takes at once."""


class Signatures(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of one text."""

    exact: bytes
    """16 bytes."""
    function: bytes | None = None
    """16 bytes; None where no circuit could be made."""
    text: bytes = b""
    """A sketch, four bytes a value; empty where there is no RTL."""
    syntax: bytes = b""
    """A sketch; empty where slang reads nothing in the text."""


def signatures(code: str) -> Signatures:
    """The signatures of an answer, prose around its RTL left aside.

    Raises:
        HarnessError: Yosys cannot be started.
        UserError: datasketch is not installed.
    """
    return signatures_of([code])[0]


def exact_signatures(codes: Sequence[str]) -> list[Signatures]:
    """Of each answer the canonical token stream alone, which needs no tool."""
    return [Signatures(exact=_exact(c, tokens(extract(c).rtl))) for c in codes]


def signatures_of(codes: Sequence[str]) -> list[Signatures]:
    """All signatures of many, BATCH to a start of Yosys, which is where the time goes."""
    texts = [extract(code).rtl for code in codes]
    found: list[bytes | None] = []
    for start in range(0, len(texts), BATCH):
        found += functions(texts[start : start + BATCH])
    return [
        _signatures(code, text, function)
        for code, text, function in zip(codes, texts, found, strict=True)
    ]


def _signatures(code: str, text: str, function: bytes | None) -> Signatures:
    stream = tokens(text)
    exact = _exact(code, stream)
    if not _has_module(stream):
        return Signatures(exact=exact)
    salt = _salt(stream)
    return Signatures(
        exact=exact,
        function=function,
        text=_sketch(shingles(stream, SHINGLE), salt),
        syntax=_sketch(syntax_features(prepare(text).text), salt),
    )


def _exact(code: str, stream: Sequence[Token]) -> bytes:
    if _has_module(stream):
        return exact_hash(stream)
    return hashlib.blake2b(code.encode("utf-8", "replace"), digest_size=16).digest()


def _has_module(stream: Sequence[Token]) -> bool:
    return any(t.kind == "keyword" and t.text in _HEADS for t in stream)


def _salt(stream: Sequence[Token]) -> int:
    """A number by which sketches of texts that name other numbers have nothing in common."""
    named = ",".join(str(n) for n in sorted(constants(stream)))
    return int.from_bytes(hashlib.blake2b(named.encode(), digest_size=4).digest(), "big")


def _sketch(features: Iterable[str], salt: int) -> bytes:
    words = [f.encode() for f in features]
    if not words:
        return b""
    made = _empty_sketch().copy()
    made.update_batch(words)
    return bytes((made.hashvalues.astype("<u4") ^ salt).tobytes())


@lru_cache(maxsize=1)
def _empty_sketch() -> Any:
    """A MinHash of nothing; to draw its permutations takes longer than to fill it."""
    return sketch_library().MinHash(PERMUTATIONS)


def sketch_library() -> Any:
    """datasketch.

    Raises:
        UserError: It is not installed.
    """
    try:
        import datasketch
    except ImportError as e:
        told = "looking for duplicates needs datasketch: pip install 'rtlbench[data]'"
        raise UserError(told) from e
    return datasketch


MAX_WORKERS = 256
"""Of a pool for work whose amount is not known."""
LOTS = 4
"""Lots a process that are handed out together, so that none waits long for the slowest."""


class SignaturePool:
    """A worker pool that makes signatures.

    Args:
        made: What makes the signatures of a lot.
    """

    def __init__(
        self, pool: WorkerPool, made: Callable[[Sequence[str]], list[Signatures]] = signatures_of
    ) -> None:
        self._pool, self._made = pool, made

    @property
    def round(self) -> int:
        """So many texts keep all processes busy."""
        return BATCH * LOTS * self._pool.count

    def sign(self, codes: Sequence[str]) -> list[Signatures]:
        """The signatures of each text, in order; what fits one lot is done in this process.

        Raises:
            HarnessError: Yosys cannot be started.
            UserError: datasketch is not installed.
        """
        lots = [codes[k : k + BATCH] for k in range(0, len(codes), BATCH)]
        if len(lots) < 2:
            return self._made(codes)
        return [one for made in self._pool.map(self._made, lots) for one in made]
