"""Files that `filter` and `combine` wrote, with one thing changed: lines dropped, doubled, put
elsewhere, cut; or a field of a record, of filter.json or of the manifest with another value. Where
that changes a figure or what is learnt from, whoever reads them next refuses or tells.

One case in three stands alone, without filter.json and manifest, as when a file was moved: then an
edited record is refused by its own seal, and that lines may be lost is told.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from fuzz.choices import Choices
from fuzz.lines import REARRANGEMENTS, rearrange
from fuzz.target import Target
from fuzz.targets.changed import VALUES
from rtlbench.dataset.combine import combine
from rtlbench.dataset.combine_recipe import Recipe
from rtlbench.dataset.file_record import FILTER
from rtlbench.dataset.filter.run import FilterOptions, FilterRun
from rtlbench.dataset.filter.shards import judge_shard
from rtlbench.dataset.filter.written import PLACE
from rtlbench.errors import UserError
from rtlbench.records.tier import Tier
from rtlbench.suites.families import load_suite
from rtlbench.training.data import read_data

GOLD, UNPROVEN, REFUSED = "gold.jsonl", "gold.unproven.jsonl", "gold.refused.jsonl"
SET, SET_MANIFEST = "v3.jsonl", "v3.jsonl.manifest.json"
RECORDS = (GOLD, UNPROVEN, REFUSED, SET)
DOCUMENTS = (FILTER, SET_MANIFEST)
EACH = 6
"""Records of each kind."""
OPEN = Recipe(threshold=0.5, accept=Tier.UNPROVEN, against=("none",), duplicates="none")
LINES = (*REARRANGEMENTS, "cut")
TEXTS = ("module m; endmodule\n", "an inverter")

Told = tuple[Any, str]
"""What a reader makes of the files, and what it tells of them beside."""


class ChangedSet(msgspec.Struct, frozen=True):
    """All files after one change."""

    files: dict[str, str]
    what: str = ""
    """The change, in words."""
    where: str = ""
    """The file that was changed."""


def make(c: Choices) -> ChangedSet:
    """One change of one file."""
    files = dict(whole())
    if c.one_in(3):
        files = {n: text for n, text in files.items() if n not in DOCUMENTS}
    name = c.pick(tuple(files))
    if name in DOCUMENTS:
        files[name], what = _other_document(c, files[name])
    else:
        files[name], what = _other_lines(c, files[name])
    return ChangedSet(files, what, name)


def _other_document(c: Choices, text: str) -> tuple[str, str]:
    if c.one_in(8):
        return text[: c.integer(0, len(text) - 1)], "a document cut"
    document = json.loads(text)
    places = [document, *(v for v in document.values() if isinstance(v, dict) and v)]
    place = c.pick(tuple(places))
    inner = [v for v in place.values() if isinstance(v, dict) and v]
    _change(c, c.pick((place, *inner)))
    return json.dumps(document), "a document's field"


def _other_lines(c: Choices, text: str) -> tuple[str, str]:
    lines = text.splitlines()
    what = c.pick((*LINES, "a field", "a field", "a noted field", "a noted field"))
    at = rearrange(c, lines, what)
    if what == "cut":
        return text[: c.integer(0, len(text) - 1)], what
    if what not in LINES:
        record = json.loads(lines[at])
        metadata = record["metadata"]
        _change(c, metadata[PLACE] if what == "a noted field" else c.pick((record, metadata)))
        lines[at] = json.dumps(record)
    return "".join(f"{line}\n" for line in lines), what


def _change(c: Choices, place: dict[str, Any]) -> None:
    name = c.pick(tuple(place))
    if c.one_in(6):
        del place[name]
    elif isinstance(place[name], str) and c.one_in(2):
        text = place[name]
        at = c.integer(0, len(text))
        place[name] = text[:at] + c.pick(("", "~", " ", "0")) + text[at + c.integer(0, 3) :]
    else:
        place[name] = c.pick((*VALUES, *TEXTS))


def check(case: ChangedSet) -> bool:
    """True where a reader refused the change.

    Raises:
        AssertionError: None did, none told, and what comes of the files is another.
    """
    with tempfile.TemporaryDirectory(prefix="rtlbench-fuzz-") as name:
        folder = Path(name)
        for file, text in case.files.items():
            (folder / file).write_text(text)
        refused = [_check(case, folder, reader) for reader in READERS]
        return any(refused)


def _check(case: ChangedSet, folder: Path, reader: Callable[[Path], Told]) -> bool:
    try:
        found, told = reader(folder)
    except UserError as e:
        assert str(folder) in str(e) or any(name in str(e) for name in RECORDS), e
        return True
    is_same = found == _as_made(reader)[0]
    may_tell = case.what in LINES or _is_bare(case)
    assert is_same or (may_tell and case.where in told), (
        f"{reader.__name__}, {case.what} of {case.where}: another set, and nothing is told"
    )
    return False


def _is_bare(case: ChangedSet) -> bool:
    """Whether what was changed is what a record's own metadata say, which nobody has judged; or
    what makes it no record any more, which is left out by name."""
    if case.what != "a field":
        return False
    pairs = zip(case.files[case.where].splitlines(), whole()[case.where].splitlines(), strict=True)
    return all(_judged(json.loads(one)) in (None, _judged(json.loads(two))) for one, two in pairs)


def _judged(record: dict[str, Any]) -> Any:
    """What the filter has judged and noted; None where the record says nothing of that, or is none.
    """
    metadata = record.get("metadata")
    place = metadata.get(PLACE) if isinstance(metadata, dict) else None
    if not isinstance(place, dict) or not place:
        return None
    texts = (record.get("instruction"), record.get("output"), record.get("testbench", ""))
    return (texts, place) if all(isinstance(t, str) for t in texts) else None


def combined(folder: Path) -> Told:
    """What `combine` makes of what the filter wrote."""
    return _combined(folder, (GOLD, UNPROVEN, REFUSED))


def combined_again(folder: Path) -> Told:
    """What it makes of what it wrote itself."""
    return _combined(folder, (SET,))


def _combined(folder: Path, names: tuple[str, ...]) -> Told:
    with tempfile.TemporaryDirectory(prefix="rtlbench-fuzz-") as out:
        made = combine(tuple(str(folder / n) for n in names), Path(out) / "o.jsonl", OPEN, 1)
        rows = [json.loads(line) for line in (Path(out) / "o.jsonl").read_text().splitlines()]
    for row in rows:
        row["metadata"][PLACE].pop("seal", None)
    figures = (made.total, made.tiers, made.sources, made.categories, made.removed)
    broken = [f"{file.name}: {file.broken} broken" for file in made.inputs if file.broken]
    return (rows, figures), " ".join([*made.notes, *broken])


def learnt(folder: Path) -> Told:
    """What training learns from what the filter wrote."""
    return _learnt(folder, (GOLD, UNPROVEN))


def learnt_again(folder: Path) -> Told:
    """What it learns from what `combine` wrote."""
    return _learnt(folder, (SET,))


def _learnt(folder: Path, names: tuple[str, ...]) -> Told:
    found = read_data([str(folder / n) for n in names], None, Tier.UNPROVEN)
    files = [(f.name, f.records, f.least_score, f.tiers) for f in found.files]
    texts = [(r.instruction, r.output) for r in found.chosen]
    return (texts, files, found.other_category, found.below, found.useless), " ".join(found.notes)


READERS: tuple[Callable[[Path], Told], ...] = (combined, combined_again, learnt, learnt_again)


@lru_cache(maxsize=8)
def _as_made(reader: Callable[[Path], Told]) -> Told:
    with tempfile.TemporaryDirectory(prefix="rtlbench-fuzz-") as name:
        for file, text in whole().items():
            (Path(name) / file).write_text(text)
        return reader(Path(name))


@lru_cache(maxsize=1)
def whole() -> dict[str, str]:
    """The files as the filter and `combine` write them of right, unproven and wrong answers."""
    with tempfile.TemporaryDirectory(prefix="rtlbench-fuzz-") as name:
        folder = Path(name)
        raw = folder / "raw.jsonl"
        raw.write_text("".join(f"{json.dumps(row)}\n" for row in _rows()))
        run = FilterRun(FilterOptions(dataset=str(raw), out=str(folder / GOLD), cache="none"))
        for shard in run.shards:
            judge_shard(run.work.shard(shard), run.config)
        run.finish()
        run.close()
        inputs = tuple(str(folder / n) for n in (GOLD, UNPROVEN, REFUSED))
        combine(inputs, folder / SET, OPEN, 1)
        return {n: (folder / n).read_text() for n in (*RECORDS, *DOCUMENTS)}


def _rows() -> list[dict[str, Any]]:
    suite = load_suite()
    rows = []
    for k, spec in enumerate(suite[:: len(suite) // EACH][:EACH]):
        plain = f"module inv{k}(input a, output y);\n    assign y = ~a;\nendmodule\n"
        words = f"Write the module inv{k}: its output y is its input a inverted."
        fenced = f"Here it is:\n```verilog\n{spec.golden}```\n"
        rows += [
            (spec.prompt, fenced if k % 2 else spec.golden),
            (words, plain),
            (words, plain.replace("endmodule", "")),
        ]
    return [
        {"instruction": i, "output": o, "metadata": {"source": ("web", "model")[k % 2]}}
        for k, (i, o) in enumerate(rows)
    ]


TARGET = Target(case=ChangedSet, make=make, check=check, share=2)
