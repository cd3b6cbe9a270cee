"""`rtlbench combine`: several sets of training data made into one, and the manifest of it.

Guarantee: every input is read twice and never held in memory; the same inputs, in the same order,
under the same recipe give the same bytes; nothing that the filter has not judged gets in, unless
that is asked for; what is left out is written down, record by record, with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec

import rtlbench
from rtlbench.dataset import most_frequent_first
from rtlbench.dataset.combine_recipe import (
    NO_SUITE,
    REASONS,
    Recipe,
    RecordGroup,
    Selection,
    select,
)
from rtlbench.dataset.combine_survey import (
    OUT,
    RANKS,
    CombineRemoval,
    InputCounts,
    Survey,
    digest_of,
    of_group,
)
from rtlbench.dataset.dedupe import Deduplicator
from rtlbench.dataset.file_record import MANIFEST, note_of, sealed
from rtlbench.dataset.files import (
    Writer,
    file_hash,
    refuse_input_as_output,
    refuse_other_ending,
    writing,
)
from rtlbench.dataset.reviews import Reviews, read_decisions
from rtlbench.dataset.similarity.signatures import MAX_WORKERS
from rtlbench.errors import UserError
from rtlbench.intake.files import input_of
from rtlbench.io.atomic import write_record
from rtlbench.io.explain import aligned
from rtlbench.io.progress import waiting
from rtlbench.records.example import Placed
from rtlbench.sandbox.pool import WorkerPool
from rtlbench.suites.category import CATEGORIES

SHOWN = 12
"""Sources that a message names."""
MANIFEST_SCHEMA_VERSION = 4
UNVERIFIED = "unverified"


class InputFile(msgspec.Struct, frozen=True, kw_only=True):
    """One input."""

    name: str
    sha256: str
    """Of the file as it is stored."""
    records: int
    broken: int
    """Lines or rows that were no record; they are left out."""
    unverified: int


class ReviewFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of decisions."""

    name: str
    sha256: str
    decisions: int


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the records of one source or category."""

    records: int = 0
    removed: int = 0
    kept: int = 0
    written: int = 0
    """Those kept, copies counted."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """NAME.manifest.json. It holds no times and no folders: the same inputs give the same file."""

    output: str
    sha256: str
    """Of the output."""
    total: Share
    inputs: list[InputFile]
    recipe: Recipe
    tiers: dict[str, int]
    """Records kept, by tier; `unverified` for what no filter has judged."""
    sources: dict[str, Share]
    categories: dict[str, Share]
    removed: dict[str, int]
    """Records left out, by reason, the most frequent first."""
    limited: dict[str, dict[str, int]] = {}
    """Records that weights, caps or the balance left out, by source and reason."""
    resembled: dict[str, int]
    """Records left out by the suites' members that they resemble."""
    reviews: list[ReviewFile] = []
    """Whose decisions were honoured."""
    only_reviewed: bool = False
    """Whether what nobody accepted or corrected was left out."""
    notes: list[str]
    """What in the recipe, and in the reviews, had no effect; what nothing shows of the inputs."""
    rtlbench: str
    seal: str = ""
    """SHA-256 over the rest of this document."""
    schema_version: int = MANIFEST_SCHEMA_VERSION


def combine(  # noqa: PLR0913 - what a user may choose, each by its name
    inputs: tuple[str, ...],
    out: Path,
    recipe: Recipe,
    workers: int | None = None,
    *,
    by_hand: Iterable[str] = (),
    may_be_empty: bool = False,
    reviews: Sequence[Path] = (),
    only_reviewed: bool = False,
) -> Manifest:
    """Write `out`, what was left out (`OUT.removed.jsonl`), and the manifest, which is returned.

    Args:
        inputs: Paths or URLs; of records that are alike, the first ones stay.
        workers: Processes that compare; None for one a core. The output does not depend on it.
        by_hand: Names in the recipe that some record must have.
        may_be_empty: Whether to write a set without records.
        reviews: Files of decisions by `rtlbench review`.
        only_reviewed: Whether what nobody accepted or corrected is left out.

    Raises:
        UserError: An input cannot be read, is not verified or changes meanwhile, the output
            cannot be written, a suite in the recipe is missing, no record has a name that was
            given by hand, or nothing is left.
    """
    refuse_other_ending(out)
    refuse_input_as_output(out, inputs, "one of the inputs")
    suites = [s for s in recipe.against if s != NO_SUITE]
    decided = [(path, list(read_decisions(path))) for path in reviews]
    judged = Reviews((d for _, found in decided for d in found), only_reviewed=only_reviewed)
    with ExitStack() as stack:
        aside = stack.enter_context(writing(out.with_name(f"{out.name}.removed.jsonl")))
        pool = stack.enter_context(WorkerPool(MAX_WORKERS, workers))
        with waiting("reading the suites' members"):
            deduplicator = Deduplicator(suites, recipe.duplicate_rule, pool)
        stack.enter_context(waiting("reading, comparing and writing"))
        survey = Survey(recipe, deduplicator, aside.write, judged)
        named = zip(inputs, _names(inputs), strict=True)
        files = [_input_file(url, name, survey.read(url)) for url, name in named]
        notes = _notes(inputs, may_differ=recipe.allow_unverified)
        _refuse_unknown(by_hand, survey.records)
        selection = select(survey.groups, survey.group_of, survey.ranks, survey.digests, recipe)
        kept = stack.enter_context(writing(out))
        second = _SecondPass(survey, selection, recipe)
        second.write(inputs, kept, aside.write)
        if not second.written.total() and not may_be_empty:
            raise _nothing_left(inputs, survey.removed + second.left_out)
    made = _manifest(out, recipe, files, survey, second)
    manifest = msgspec.structs.replace(
        made,
        reviews=[
            ReviewFile(name=path.name, sha256=file_hash(str(path)), decisions=len(decisions))
            for path, decisions in decided
        ],
        only_reviewed=only_reviewed,
        notes=[*made.notes, *_unmet(judged), *_of_judged(inputs, files, notes)],
    )
    manifest = sealed(manifest)
    write_record(out.with_name(f"{out.name}.{MANIFEST}"), manifest)
    return manifest


def _refuse_unknown(names: Iterable[str], records: Iterable[RecordGroup]) -> None:
    groups = list(records)
    sources = sorted({g.source for g in groups})
    known = {*(f"source:{s}" for s in sources), *(f"category:{g.category}" for g in groups),
             *(f"category:{c}" for c in CATEGORIES)}
    for name in names:
        if name not in known:
            raise UserError(
                f"{name.partition(':')[2]}: no record has that source, and it is no category; "
                f"there are the sources {', '.join(sources[:SHOWN]) or 'none'}"
            )


def _nothing_left(inputs: tuple[str, ...], removed: Mapping[str, int]) -> UserError:
    why = ", ".join(f"{n} {reason}" for reason, n in most_frequent_first(removed).items())
    return UserError(
        f"{', '.join(inputs)}: no record is left ({why or 'there is none'}); nothing is written. "
        "Give records that `rtlbench filter` has kept, or --allow-empty"
    )


def _names(inputs: Sequence[str]) -> list[str]:
    """What the manifest calls each input: its file's name, with as many folders before it as tell
    it from the others."""
    parts = [[*_folders(url), input_of(url).name] for url in inputs]
    deep, most = 1, max(map(len, parts))
    while deep < most and len({"/".join(p[-deep:]) for p in parts}) < len(set(inputs)):
        deep += 1
    names = ["/".join(p[-deep:]) for p in parts]
    alone = Counter(p[-1] for p in parts)
    return [p[-1] if alone[p[-1]] == 1 else n for p, n in zip(parts, names, strict=True)]


def _folders(url: str) -> list[str]:
    return [part for part in url.split("?", maxsplit=1)[0].split("/")[:-1] if part]


def _input_file(url: str, name: str, counts: InputCounts) -> InputFile:
    return InputFile(
        name=name,
        sha256=file_hash(url),
        records=counts.records,
        broken=counts.broken,
        unverified=counts.unverified,
    )


class _SecondPass:
    """The second pass: writes what was chosen."""

    def __init__(self, survey: Survey, selection: Selection, recipe: Recipe) -> None:
        self._survey, self._selection, self._recipe = survey, selection, recipe
        self.kept: Counter[RecordGroup] = Counter()
        self.written: Counter[RecordGroup] = Counter()
        self.left_out: Counter[str] = Counter()
        self.limited: dict[str, Counter[str]] = {}
        self.tiers: Counter[str] = Counter()

    def write(
        self, inputs: tuple[str, ...], kept: Writer, remove: Callable[[CombineRemoval], None]
    ) -> None:
        """Read the inputs again."""
        groups, group_of = self._survey.groups, self._survey.group_of
        for at, placed in self._again(inputs):
            if group_of[at] == OUT:
                continue
            group, copies = groups[group_of[at]], int(self._selection.copies[at])
            for _ in range(copies):
                kept.write(placed.record)
            self.kept[group] += copies > 0
            self.tiers[RANKS[self._survey.ranks[at]] or UNVERIFIED] += copies > 0
            self.written[group] += copies
            if not copies:
                reason = REASONS[self._selection.why[at]]
                self.left_out[reason] += 1
                self.limited.setdefault(group.source, Counter())[reason] += 1
                remove(of_group(CombineRemoval(where=placed.where, reason=reason), group))

    def _again(self, inputs: tuple[str, ...]) -> Iterator[tuple[int, Placed]]:
        digests = self._survey.digests
        at = 0
        for url in inputs:
            for placed in self._survey.again(url):
                digest = digest_of(placed.record, self._recipe.seed)
                if at >= len(digests) or int(digests[at]) != digest:
                    raise _changed(url)
                yield at, placed
                at += 1
        if at != len(digests):
            raise _changed(inputs[-1])


def _notes(inputs: Sequence[str], *, may_differ: bool) -> dict[str, str]:
    """What nothing shows of the inputs, each by its name alone.

    Args:
        may_differ: Whether an input that was changed is told of, not refused.
    """
    told = {}
    for url in inputs:
        try:
            note = note_of(url)
        except UserError as e:
            if not may_differ:
                raise
            note = str(e)
        if note:
            told[url] = note.replace(str(Path(url).parent) + "/", "")
    return told


def _of_judged(
    inputs: Sequence[str], files: Sequence[InputFile], notes: Mapping[str, str]
) -> Iterator[str]:
    """The notes on all files but those of which the filter has judged nothing."""
    for url, file in zip(inputs, files, strict=True):
        if url in notes and (file.records > file.unverified or not file.records):
            yield notes[url]


def _unmet(reviews: Reviews) -> list[str]:
    if not reviews.unmet:
        return []
    return [f"reviews: {reviews.unmet} decided records are in no input"]


def _changed(url: str) -> UserError:
    return UserError(f"{url}: it changed while it was read; combine again")


def _manifest(
    out: Path,
    recipe: Recipe,
    files: list[InputFile],
    survey: Survey,
    second: _SecondPass,
) -> Manifest:
    without_folders = tuple(suite.partition("=")[0] for suite in recipe.against)
    return Manifest(
        output=out.name,
        sha256=file_hash(str(out)),
        total=_share(survey.records, survey, second),
        inputs=files,
        recipe=msgspec.structs.replace(recipe, against=without_folders),
        tiers={str(t or UNVERIFIED): second.tiers[t or UNVERIFIED] for t in RANKS},
        sources=_shares(lambda g: g.source, survey, second),
        categories=_shares(lambda g: g.category, survey, second),
        removed=most_frequent_first(survey.removed + second.left_out),
        limited={n: most_frequent_first(c) for n, c in sorted(second.limited.items())},
        resembled=most_frequent_first(survey.resembled),
        notes=[*_without_effect(recipe, survey.records), *_unwatched(survey)],
        rtlbench=rtlbench.__version__,
    )


def _shares(
    name: Callable[[RecordGroup], str], survey: Survey, second: _SecondPass
) -> dict[str, Share]:
    groups: dict[str, list[RecordGroup]] = {}
    for group in survey.records:
        groups.setdefault(name(group), []).append(group)
    return {n: _share(members, survey, second) for n, members in sorted(groups.items())}


def _share(groups: Iterable[RecordGroup], survey: Survey, second: _SecondPass) -> Share:
    members = list(groups)
    records = sum(survey.records[g] for g in members)
    kept = sum(second.kept[g] for g in members)
    return Share(
        records=records,
        removed=records - kept,
        kept=kept,
        written=sum(second.written[g] for g in members),
    )


def _without_effect(recipe: Recipe, records: Mapping[RecordGroup, int]) -> list[str]:
    """Names in the recipe that no record has: a slip, or nothing of the kind today."""
    known = {f"source:{g.source}" for g in records} | {f"category:{g.category}" for g in records}
    return [
        f"{word} {name}: no record has it"
        for word, table in (("weight", recipe.weight), ("cap", recipe.cap))
        for name in sorted(table)
        if name not in known
    ]


def _unwatched(survey: Survey) -> list[str]:
    """What the comparison cannot see."""
    why = "neither code nor words of its own to find"
    return [f"against {name}: {why}" for name in survey.unwatched]


def summary(manifest: Manifest) -> str:
    """A few lines for people."""
    rows = [["category", "records", "removed", "kept", "written"]]
    for name, s in [*manifest.categories.items(), ("all", manifest.total)]:
        rows.append([name, *(str(n) for n in (s.records, s.removed, s.kept, s.written))])
    reasons = [f"  {count}  {reason}" for reason, count in manifest.removed.items()]
    told = ", ".join(f"{count} {tier}" for tier, count in manifest.tiers.items() if count)
    lines = [*aligned(rows), f"kept: {told or 'nothing'}"]
    taken = [
        f"  {count} of {source} by {reason}"
        for source, table in manifest.limited.items()
        for reason, count in table.items()
    ]
    return "\n".join([
        *lines,
        *(["removed for:", *reasons] if reasons else []),
        *(["where not all can stay:", *taken] if taken else []),
        *manifest.notes,
    ])
