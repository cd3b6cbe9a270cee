"""The filter's input split into shards in a work folder, and the judging of a shard.

Guarantee: memory does not grow with the input; a shard is judged whole or not at all, and the file
of what was judged appears in one step; what a killed run had finished stays, and the same command
goes on from there. The same input gives the same shards, and the same output. `judge_shard` is a
plain function of picklable arguments: a process pool, pytest cases and remote workers all call it.

A shard holds at most `SHARD` records of one category. Records of the same Spec meet in one shard as
far as memory allows it, since they share simulations: within a category, records are dealt by
their Spec onto a number of piles that follows from the input's size.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import msgspec

from rtlbench.dataset import most_frequent_first
from rtlbench.dataset.files import size_of
from rtlbench.dataset.filter.cache import VerdictCache
from rtlbench.dataset.filter.judge import JudgedRecord, category_of, judge
from rtlbench.dataset.filter.library import ModuleLibrary
from rtlbench.dataset.filter.matching import Matcher
from rtlbench.dataset.filter.references import ReferenceBook
from rtlbench.dataset.reading import read_records
from rtlbench.intake.files import input_of
from rtlbench.io.atomic import write_whole
from rtlbench.judge_digest import source_digest
from rtlbench.records.example import Broken, Placed
from rtlbench.runs.suite import OWN, read_suite
from rtlbench.suites import reader_of
from rtlbench.verifier import Config, Verifier


class ShardConfig(msgspec.Struct, frozen=True, kw_only=True):
    """All that judging a shard depends on beside its records."""

    suite: str = "rtlbench"
    trust_metadata: bool = False
    """Whether metadata name a record's Spec whatever its words say."""
    references: tuple[str, ...] = ()
    """Files of references, and suites, as the user named them."""
    carried: bool = False
    """Whether the benches and references that records carry are trusted."""
    library: tuple[str, ...] = ()
    """Folders of modules that complete records."""
    columns: dict[str, str] = {}
    """What to read for instruction, output and testbench, where no layout has the names."""
    verifier: Config = Config()
    judge: str = ""
    """Hash of the tools' versions."""
    cache: str | None = None
    """The cache's folder; None for none."""


def judge_of(tools: dict[str, str]) -> str:
    """Hash of the tools' versions, as `ShardConfig.judge` has it."""
    return hashlib.sha256(msgspec.json.encode(tools, order="sorted")).hexdigest()


def judge_shard(path: Path, config: ShardConfig) -> Path:
    """Judge the records of a shard, unless that is done; the file of what was judged.

    Raises:
        UserError: A tool or the cache cannot be used.
    """
    done = judged_path(path)
    if not done.is_file():
        records = [msgspec.json.decode(line, type=Placed) for line in _read_lines(path)]
        judged = judge_records(records, config)
        write_whole(done, b"".join(msgspec.json.encode(j) + b"\n" for j in judged))
    return done


def judge_records(records: Sequence[Placed], config: ShardConfig) -> list[JudgedRecord]:
    """Judge records in this process.

    Raises:
        UserError: A tool or the cache cannot be used.
    """
    tools = _shard_judge(config)
    return judge(records, tools.verifier, tools.matcher, tools.cache)


def judged_path(shard: Path) -> Path:
    """Where a shard's Verdicts are."""
    return shard.with_suffix(".judged")


def read_judged(path: Path) -> Iterator[JudgedRecord]:
    """The records of a file that `judge_shard` made."""
    decoder = msgspec.json.Decoder(JudgedRecord)
    for line in _read_lines(path):
        yield decoder.decode(line)


class _ShardJudge:
    """What one process judges with."""

    def __init__(self, config: ShardConfig) -> None:
        self.verifier = Verifier(config.verifier)
        self.matcher = matcher_of(config)
        self.cache = VerdictCache(Path(config.cache), config.judge) if config.cache else None


_SHARD_JUDGE: dict[bytes, _ShardJudge] = {}


def _shard_judge(config: ShardConfig) -> _ShardJudge:
    key = msgspec.json.encode(config)
    if key not in _SHARD_JUDGE:
        _SHARD_JUDGE.clear()
        _SHARD_JUDGE[key] = _ShardJudge(config)
    return _SHARD_JUDGE[key]


def matcher_of(config: ShardConfig) -> Matcher:
    """What finds the Specs that records answer; the last one made is kept.

    Raises:
        UserError: The suite or the references cannot be read.
    """
    return _matcher(config.suite, config.references, config.trust_metadata, config.carried)


@lru_cache(maxsize=1)
def _matcher(suite: str, references: tuple[str, ...], trusting: bool, carried: bool) -> Matcher:
    name, _, folder = suite.partition("=")
    root = Path(folder) if folder and re.match(r"rtlbench\b", name) else None
    others = [s for r in references if is_suite(r) for s in read_suite(r)]
    files = [r for r in references if not is_suite(r)]
    book = ReferenceBook(files, others, carried=carried)
    return Matcher(read_suite(suite), root, trusting=trusting, references=book)


def is_suite(reference: str) -> bool:
    """Whether what `--references` names is a suite, `NAME` or `NAME=FOLDER`, and no file."""
    name = reference.partition("=")[0]
    return name.startswith(f"{OWN}@") or reader_of(name) is not None


def _read_lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file


SHARD = 512
"""Records, at most."""
MAX_PILES = 64
"""Of one category."""
BYTES_A_PILE = 12 << 20
"""Of input, in all categories together: about a shard in each pile."""
UNPACKED = 6
"""How much larger compressed or columnar input becomes."""
BUFFERED = 16 << 20
"""Bytes that wait to be written to piles."""
SPLIT = "split.json"
BROKEN = "broken.jsonl"


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """split.json: the first pass is finished, and this is what it found."""

    source: str
    """What the input was: name, size, time; another input is another split."""
    records: int
    broken: int
    shards: dict[str, int]
    """Records by name of the shard, the largest first."""


def source_of(url: str, config: ShardConfig) -> str:
    """What tells one input, and one way of judging it, from another.

    Raises:
        UserError: There is no such file.
    """
    path = Path(url)
    size = size_of(url)
    changed = path.stat().st_mtime_ns if path.is_file() else 0
    beside = [(r, None if is_suite(r) else size_of(r)) for r in config.references]
    matched_by = f"{config.suite}\0{config.trust_metadata}\0{sorted(config.columns.items())}"
    matched_by += f"\0{beside}\0{config.carried}\0{config.library}"
    judged_by = f"{matched_by}\0{config.verifier.digest()}\0{config.judge}\0{source_digest()}"
    text = f"{url}\0{size}\0{changed}\0{judged_by}"
    return hashlib.sha256(text.encode()).hexdigest()


class WorkFolder:
    """Shards of one input, below one folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def split(self, url: str, config: ShardConfig) -> Split:
        """Split `url` into shards, unless that is done.

        Raises:
            UserError: The input or the suite cannot be read.
        """
        source = source_of(url, config)
        before = self.read_split()
        if before is not None and before.source == source:
            return before
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir(parents=True)
        made = _Splitter(self.path, url, config).run(source)
        write_whole(self.path / SPLIT, msgspec.json.encode(made))
        return made

    def read_split(self) -> Split | None:
        """What a finished first pass left, or None."""
        try:
            return msgspec.json.decode((self.path / SPLIT).read_bytes(), type=Split)
        except (OSError, msgspec.DecodeError):
            return None

    def shard(self, name: str) -> Path:
        """The file of a shard."""
        return self.path / f"{name}.jsonl"

    def judged(self) -> Iterator[JudgedRecord]:
        """Everything that was judged, in the shards' order; shards that are not are left out."""
        split = self.read_split()
        for name in sorted(split.shards if split is not None else ()):
            path = judged_path(self.shard(name))
            if path.is_file():
                yield from read_judged(path)

    def broken(self) -> Iterator[Broken]:
        """The input that was no Record."""
        with (self.path / BROKEN).open("rb") as file:
            for line in file:
                yield msgspec.json.decode(line, type=Broken)

    def remove(self) -> None:
        """Take the folder away."""
        shutil.rmtree(self.path, ignore_errors=True)


class _Splitter:
    """The first pass: deals records onto piles, which are cut into shards as they grow."""

    def __init__(self, folder: Path, url: str, config: ShardConfig) -> None:
        self._folder, self._url, self._columns = folder, url, config.columns
        self._matcher = matcher_of(config)
        self._library = ModuleLibrary(config.library) if config.library else None
        self._piles = _piles(url)
        self._waiting: dict[str, list[bytes]] = {}
        self._bytes = 0
        self._counts: dict[str, int] = {}

    def run(self, source: str) -> Split:
        records = broken = 0
        with (self._folder / BROKEN).open("wb") as aside:
            for found in read_records(self._url, self._columns):
                if isinstance(found, Broken):
                    broken += 1
                    aside.write(msgspec.json.encode(found) + b"\n")
                else:
                    records += 1
                    self._deal(self._completed(found))
        self._flush()
        shards = self._shards()
        return Split(source=source, records=records, broken=broken, shards=shards)

    def _completed(self, placed: Placed) -> Placed:
        if self._library is None:
            return placed
        return msgspec.structs.replace(placed, record=self._library.completed(placed.record))

    def _deal(self, placed: Placed) -> None:
        match = self._matcher.match(placed.record)
        category = category_of(placed.record, match)
        task = match.spec.id if match.spec is not None else str(placed.index)
        pile = int(hashlib.sha256(task.encode()).hexdigest()[:8], 16) % self._piles
        name = f"{category}-{pile:02d}"
        line = msgspec.json.encode(placed) + b"\n"
        number = self._counts.get(name, 0)
        self._counts[name] = number + 1
        self._waiting.setdefault(f"{name}-{number // SHARD:05d}", []).append(line)
        self._bytes += len(line)
        if self._bytes > BUFFERED:
            self._flush()

    def _flush(self) -> None:
        for name, lines in self._waiting.items():
            with (self._folder / f"{name}.jsonl").open("ab") as file:
                file.writelines(lines)
        self._waiting, self._bytes = {}, 0

    def _shards(self) -> dict[str, int]:
        """Records by shard; the largest first, so that none is left over for the end."""
        sizes: dict[str, int] = {}
        for pile, count in sorted(self._counts.items()):
            for number in range(-(-count // SHARD)):
                sizes[f"{pile}-{number:05d}"] = min(SHARD, count - number * SHARD)
        return most_frequent_first(sizes)


def _piles(url: str) -> int:
    source = input_of(url)
    packed = source.is_parquet or source.compression is not None
    size = (size_of(url) or 0) * (UNPACKED if packed else 1)
    return min(MAX_PILES, 1 + size // BYTES_A_PILE)
