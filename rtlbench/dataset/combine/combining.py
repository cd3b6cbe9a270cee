"""Several sets of training data made into one: verified sets, corpora, the night's additions.

Guarantee: every input is read twice and never held in memory; the same inputs, in the same order,
under the same recipe give the same bytes; nothing that the filter has not judged gets in, unless
that is asked for; what is left out is written down, record by record, with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import msgspec

import rtlbench
from rtlbench.dataset.combine.choice import REASONS, Choice, Group, choose
from rtlbench.dataset.combine.manifest import InputFile, Manifest, Removal, Share
from rtlbench.dataset.combine.recipe import Recipe
from rtlbench.dataset.combine.sieve import CombineSieve
from rtlbench.dataset.combine.survey import (
    OUT,
    Survey,
    Tally,
    as_of,
    digest_of,
    placed_records,
)
from rtlbench.dataset.opening import file_hash
from rtlbench.dataset.similarity.signing import MAX_WORKERS
from rtlbench.dataset.writing import Writer, writing
from rtlbench.errors import UserError
from rtlbench.io.atomic import write_record
from rtlbench.io.table import aligned
from rtlbench.records.example import Placed
from rtlbench.sandbox.pool import Crew

DEFAULT_OUT = "data/rtl_behavioral_v3.jsonl"
ENDINGS = (".jsonl", ".parquet", ".pq", ".gz", ".zst", ".zstd")


class Output(msgspec.Struct, frozen=True):
    """Where everything goes."""

    records: Path

    @property
    def manifest(self) -> Path:
        """`OUT.manifest.json`."""
        return self.records.with_name(f"{self.records.name}.manifest.json")

    @property
    def removed(self) -> Path:
        """`OUT.removed.jsonl`."""
        return self.records.with_name(f"{self.records.name}.removed.jsonl")


def combine(
    inputs: tuple[str, ...], out: Path, recipe: Recipe, workers: int | None = None
) -> Manifest:
    """Write `out`, what was left out, and the manifest, which is returned.

    Args:
        inputs: Paths or URLs; of records that are alike, the first ones stay.
        workers: Processes that compare; None for one a core. The output does not depend on it.

    Raises:
        UserError: An input cannot be read, is not verified or changes meanwhile, the output
            cannot be written, or a suite in the recipe is missing.
    """
    _check(inputs, out)
    output = Output(out)
    with ExitStack() as stack:
        aside = stack.enter_context(writing(output.removed))
        sieve = CombineSieve(recipe, stack.enter_context(Crew(MAX_WORKERS, workers)))
        survey = Survey(recipe, sieve, sieve.lot, aside.write)
        files = [_input_file(url, survey.read(url)) for url in inputs]
        choice = choose(survey.groups, survey.group_of, survey.ranks, survey.digests, recipe)
        kept = stack.enter_context(writing(out))
        written = _Second(survey, choice, recipe).write(inputs, kept, aside.write)
    manifest = _manifest(output, recipe, files, survey, written)
    manifest = msgspec.structs.replace(manifest, notes=[*manifest.notes, *sieve.notes])
    write_record(output.manifest, manifest)
    return manifest


def _check(inputs: tuple[str, ...], out: Path) -> None:
    if out.suffix not in ENDINGS:
        raise UserError(f"--out {out}: end it in .jsonl, .parquet, .jsonl.gz or .jsonl.zst")
    for url in inputs:
        if out.exists() and Path(url).exists() and out.samefile(url):
            raise UserError(f"--out {out}: that is one of the inputs; choose another file")


def _input_file(url: str, tally: Tally) -> InputFile:
    return InputFile(
        name=Path(url.split("?", maxsplit=1)[0]).name,
        sha256=file_hash(url),
        records=tally.records,
        broken=tally.broken,
        unverified=tally.unverified,
    )


class _Second:
    """The second pass: writes what was chosen."""

    def __init__(self, survey: Survey, choice: Choice, recipe: Recipe) -> None:
        self._survey, self._choice, self._recipe = survey, choice, recipe
        self.kept: Counter[Group] = Counter()
        self.written: Counter[Group] = Counter()
        self.left_out: Counter[str] = Counter()

    def write(
        self, inputs: tuple[str, ...], kept: Writer, remove: Callable[[Removal], None]
    ) -> _Second:
        """Read the inputs again; itself, with its counts."""
        groups, group_of = self._survey.groups, self._survey.group_of
        for at, placed in self._again(inputs):
            if group_of[at] == OUT:
                continue
            group, copies = groups[group_of[at]], int(self._choice.copies[at])
            for _ in range(copies):
                kept.write(placed.record)
            self.kept[group] += copies > 0
            self.written[group] += copies
            if not copies:
                reason = REASONS[self._choice.why[at]]
                self.left_out[reason] += 1
                remove(as_of(Removal(where=placed.where, reason=reason), group))
        return self

    def _again(self, inputs: tuple[str, ...]) -> Iterator[tuple[int, Placed]]:
        digests = self._survey.digests
        at = 0
        for url in inputs:
            for placed in placed_records(url):
                digest = digest_of(placed.record, self._recipe.seed)
                if at >= len(digests) or int(digests[at]) != digest:
                    raise _changed(url)
                yield at, placed
                at += 1
        if at != len(digests):
            raise _changed(inputs[-1])


def _changed(url: str) -> UserError:
    return UserError(f"{url}: it changed while it was read; combine again")


def _manifest(
    output: Output, recipe: Recipe, files: list[InputFile], survey: Survey, second: _Second
) -> Manifest:
    removed = survey.removed + second.left_out
    return Manifest(
        output=output.records.name,
        sha256=file_hash(str(output.records)),
        total=_share(survey.records, survey, second),
        inputs=files,
        recipe=_without_folders(recipe),
        sources=_shares(lambda g: g.source, survey, second),
        categories=_shares(lambda g: g.category, survey, second),
        removed=_by_count(removed),
        resembled=_by_count(survey.resembled),
        notes=_notes(recipe, survey.records),
        rtlbench=rtlbench.__version__,
    )


def _without_folders(recipe: Recipe) -> Recipe:
    against = tuple(suite.partition("=")[0] for suite in recipe.against)
    return msgspec.structs.replace(recipe, against=against)


def _by_count(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _shares(name: Callable[[Group], str], survey: Survey, second: _Second) -> dict[str, Share]:
    groups: dict[str, list[Group]] = {}
    for group in survey.records:
        groups.setdefault(name(group), []).append(group)
    return {n: _share(members, survey, second) for n, members in sorted(groups.items())}


def _share(groups: Iterable[Group], survey: Survey, second: _Second) -> Share:
    members = list(groups)
    records = sum(survey.records[g] for g in members)
    kept = sum(second.kept[g] for g in members)
    return Share(
        records=records,
        removed=records - kept,
        kept=kept,
        written=sum(second.written[g] for g in members),
    )


def _notes(recipe: Recipe, records: Mapping[Group, int]) -> list[str]:
    """Names in the recipe that no record has: a slip, or nothing of the kind today."""
    known = {f"source:{g.source}" for g in records} | {f"category:{g.category}" for g in records}
    return [
        f"{word} {name}: no record has it"
        for word, table in (("weight", recipe.weight), ("cap", recipe.cap))
        for name in sorted(table)
        if name not in known
    ]


def summary(manifest: Manifest) -> str:
    """A few lines for people."""
    rows = [["category", "records", "removed", "kept", "written"]]
    for name, s in [*manifest.categories.items(), ("all", manifest.total)]:
        rows.append([name, *(str(n) for n in (s.records, s.removed, s.kept, s.written))])
    lines = aligned(rows)
    reasons = [f"  {count}  {reason}" for reason, count in manifest.removed.items()]
    return "\n".join([*lines, *(["removed for:", *reasons] if reasons else []), *manifest.notes])
