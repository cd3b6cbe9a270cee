"""Members of benchmarks, and whether a training example resembles one, by its words or its code.

More suites are known here than can be run as benchmarks: to keep a member out of training data
takes its words and its code, not its testbench.

Code is compared by the measures of rtlbench.dataset.similarity.duplicates, words by runs of words.
The suite's families share phrasings with examples drawn for training, and a design with other
constants is another task; so words count only where nothing speaks against it (PhraseIndex), and
words that are not the member's to the letter do not outweigh a circuit that does something else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from rtlbench.dataset.similarity.duplicates import DuplicateIndex, Measure
from rtlbench.dataset.similarity.signatures import Signatures, signatures, signatures_of
from rtlbench.dataset.similarity.text_features import InstructionMatch, PhraseIndex
from rtlbench.errors import UserError
from rtlbench.io.cache import kept_as
from rtlbench.rtl.versions import survey, tool_versions
from rtlbench.runs.suite import read_suite
from rtlbench.suites import reader_of, suite_names
from rtlbench.suites.verilog_eval import words_and_code

_RTL = (".v", ".sv", ".vh", ".svh")


class BenchmarkMember(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one task of a benchmark."""

    name: str
    """`suite/id`."""
    instruction: str
    code: str
    """The suite's own solution; empty where it gives none."""


def read_members(text: str) -> list[BenchmarkMember]:
    """The members of `NAME` or `NAME=FOLDER`.

    Raises:
        UserError: There is no such suite or folder, or nothing is found in it.
    """
    name, _, folder = text.partition("=")
    reader = _READERS.get(name)
    if reader is None:
        if not name.startswith("rtlbench@") and reader_of(name) is None:
            known = ", ".join(sorted({*suite_names(), *_READERS}))
            raise UserError(f"--against {text}: no suite {name!r}; there are {known}")
        return [
            BenchmarkMember(name=f"{name}/{s.id}", instruction=s.prompt, code=s.golden)
            for s in read_suite(text)
        ]
    path = Path(folder)
    if not folder or not path.exists():
        raise UserError(f"--against {text}: give the suite's folder: --against {name}=FOLDER")
    found = list(reader(path))
    if not found:
        raise UserError(f"--against {text}: nothing of {name} is in {path}")
    return found


def _verilog_eval(folder: Path) -> Iterator[BenchmarkMember]:
    """VerilogEval v2, both wordings of a problem, with a testbench or without."""
    for name, words, code in words_and_code(folder):
        yield BenchmarkMember(name=f"verilog-eval/{name}", instruction=words, code=code)


def _cvdp(folder: Path) -> Iterator[BenchmarkMember]:
    """CVDP: JSONL files, with or without solutions; one with a solution is preferred."""
    files = sorted(folder.rglob("*.jsonl")) if folder.is_dir() else [folder]
    found: dict[str, BenchmarkMember] = {}
    for file in files:
        for number, line in enumerate(_read(file).splitlines(), 1):
            if line.strip():
                member = _cvdp_member(f"{file}:{number}", line)
                if member is not None and (member.code or member.name not in found):
                    found[member.name] = member
    yield from found.values()


def _cvdp_member(where: str, line: str) -> BenchmarkMember | None:
    try:
        entry: Any = msgspec.json.decode(line)
    except msgspec.DecodeError as e:
        raise UserError(f"{where}: not JSON ({e}); give CVDP's own files") from e
    if not isinstance(entry, dict) or "id" not in entry:
        return None
    given, wanted = entry.get("input"), entry.get("output")
    prompt = given.get("prompt") if isinstance(given, dict) else entry.get("prompt")
    files = wanted.get("context") if isinstance(wanted, dict) else entry.get("patch")
    if not isinstance(prompt, str):
        return None
    texts = files.items() if isinstance(files, dict) else ()
    code = "\n".join(t for n, t in texts if isinstance(t, str) and n.endswith(_RTL))
    return BenchmarkMember(name=f"cvdp/{entry['id']}", instruction=prompt, code=code)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig", "replace")
    except OSError as e:
        raise UserError(f"{path}: cannot be read ({e.strerror})") from e


_READERS: dict[str, Callable[[Path], Iterator[BenchmarkMember]]] = {
    "verilog-eval": _verilog_eval,
    "cvdp": _cvdp,
}


_RULES = frozenset({"circuit_hash", "signatures", "text_features"})
"""Modules that decide what a signature is."""
Sign = Callable[[Sequence[str]], list[Signatures]]
"""Makes the signatures of texts, in order."""


class Resemblance(msgspec.Struct, frozen=True, kw_only=True):
    """The benchmark member that an example resembles, by which measure, and how much."""

    member: str
    """`suite/id`."""
    measure: Measure | Literal["instruction"]
    similarity: float
    """As of a Duplicate; of an instruction, the share of the member's own runs of words."""


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

    def check_signed(self, instruction: str, signatures: Signatures) -> Resemblance | None:
        """The same for a code whose signatures are at hand."""
        match = self._index.find(signatures)
        if match is not None:
            return Resemblance(
                member=match.record_id, measure=match.measure, similarity=match.similarity
            )
        likeness = self._phrases.find(instruction)
        if likeness is None or self._speaks_against(likeness, signatures):
            return None
        return Resemblance(
            member=self._members[likeness.at].name,
            measure="instruction",
            similarity=likeness.share,
        )

    def _speaks_against(self, likeness: InstructionMatch, found: Signatures) -> bool:
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
