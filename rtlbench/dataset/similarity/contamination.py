"""Whether a training example resembles a member of a benchmark, by its words or by its code.

Code is compared by the measures of rtlbench.dataset.similarity.duplicates, words by runs of words.
The suite's families share phrasings with examples drawn for training, and a design with other
constants is another task; so words count only where nothing speaks against it
(rtlbench.dataset.similarity.phrases), and words that are not the member's to the letter do not
outweigh a circuit that does something else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from rtlbench.dataset.similarity.duplicates import DuplicateIndex, Measure
from rtlbench.dataset.similarity.members import BenchmarkMember
from rtlbench.dataset.similarity.phrases import Likeness, PhraseIndex
from rtlbench.dataset.similarity.signatures import Signatures, signatures, signatures_of
from rtlbench.rtl.versions import survey, tool_versions
from rtlbench.suites.cache import kept_as

_RULES = frozenset(
    {"canonical", "circuit_words", "function", "signatures", "syntax_features"}
)
"""Modules that decide what a signature is."""
Sign = Callable[[Sequence[str]], list[Signatures]]
"""Makes the signatures of texts, in order."""


class Resemblance(msgspec.Struct, frozen=True, kw_only=True):
    """The benchmark member that an example resembles, by which measure, and how much."""

    member: str
    """`suite/id`."""
    measure: Measure | Literal["instruction"]
    similarity: float
    """As of a Match; of an instruction, the share of the member's own runs of words."""


class Contamination:
    """The members of benchmarks, made ready to be looked for.

    Args:
        sign: What makes the signatures of their code.

    Raises:
        HarnessError: Yosys cannot be started.
        UserError: datasketch is not installed.
    """

    def __init__(self, members: Sequence[BenchmarkMember], sign: Sign = signatures_of) -> None:
        self._members = list(members)
        self._phrases = PhraseIndex([m.instruction for m in self._members])
        self._index = DuplicateIndex(thorough=True)
        with_code = [m for m in self._members if m.code.strip()]
        found = _kept_signatures([m.code for m in with_code], sign)
        self._functions = {
            m.name: s.function for m, s in zip(with_code, found, strict=True) if s.function
        }
        for member, one in zip(with_code, found, strict=True):
            self._index.add(member.name, one)

    @property
    def unwatched(self) -> list[str]:
        """Names of the members that cannot be found: no code, and too few words of their own."""
        silent = (self._members[at] for at in self._phrases.unwatched)
        return [m.name for m in silent if not m.code.strip()]

    def check(self, instruction: str, code: str) -> Resemblance | None:
        """The member that an example resembles; None where it is of its own."""
        return self.check_signed(instruction, signatures(code))

    def check_signed(self, instruction: str, found: Signatures) -> Resemblance | None:
        """The same for a code whose signatures are at hand."""
        match = self._index.find(found)
        if match is not None:
            return Resemblance(
                member=match.record_id, measure=match.measure, similarity=match.similarity
            )
        likeness = self._phrases.find(instruction)
        if likeness is None or self._speaks_against(likeness, found):
            return None
        return Resemblance(
            member=self._members[likeness.at].name,
            measure="instruction",
            similarity=likeness.share,
        )

    def _speaks_against(self, likeness: Likeness, found: Signatures) -> bool:
        if likeness.is_verbatim or found.function is None:
            return False
        own = self._functions.get(self._members[likeness.at].name)
        return own is not None and own != found.function


def _kept_signatures(codes: Sequence[str], sign: Sign) -> list[Signatures]:
    """The signatures of a benchmark's code, made once: a suite takes Yosys several seconds."""
    rules = [f.read_text() for f in sorted(Path(__file__).parent.glob("*.py"))
             if f.stem in _RULES]
    tools = tool_versions(survey())
    text = msgspec.json.encode([list(codes), rules, tools], order="sorted")
    digest = hashlib.sha256(text).hexdigest()
    return kept_as(list[Signatures], digest, lambda: sign(codes), "signatures")
