"""Train: an adapter on the nights' records and the gold sets, by `training/sft.py`.

A model is fine-tuned from the same base each night, so what earlier nights have brought in is
learnt again, also that of nights whose model was refused: the Verifier has judged each record, and
a refused model is no refused data. Those of nights that had too few to train on count towards this
one. The adapter appears in `models/qwen_coder_rtl/nightly_<date>/` whole or not at all.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.dataset.combine_survey import describe
from rtlbench.dataset.files import file_hash, writing
from rtlbench.dataset.reading import read_records
from rtlbench.errors import UserError
from rtlbench.io.atomic import sync_folder
from rtlbench.nightly.candidates import Pair
from rtlbench.nightly.decisions import excluded
from rtlbench.nightly.night import (
    ARCHIVED,
    PUBLISHED,
    SKIPPED,
    SOURCE,
    Ended,
    Night,
    project_file,
    project_model,
    read_state,
)
from rtlbench.nightly.options import OPTIONS
from rtlbench.nightly.paths import Paths
from rtlbench.pipeline.stages import ONE_OF, OUT, RTLBENCH, UNJUDGED, Stage
from rtlbench.records.example import Placed, Record
from rtlbench.training.recipe import Recipe, read_recipe
from rtlbench.training.record import RUN, TrainingRun, example_hash, read_run


class Deltas(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to learn."""

    records: tuple[Record, ...]
    """Of each task the newest."""
    new: tuple[Record, ...]
    """Of them, those that no published model has learnt from, to the letter."""
    untried: int
    """Of these, those that no refused model has learnt from either."""
    nights: tuple[str, ...]
    """Where they are from, the latest first."""


def gather(paths: Paths) -> Deltas:
    """The records of the night and of those before it.

    Raises:
        UserError: The state of an earlier night cannot be read.
    """
    found: dict[str, Record] = {}
    nights: list[str] = []
    learnt: set[str] = set()
    tried: set[str] = set()
    is_learnt = is_tried = False
    for date, delta, outcome in _nights(paths):
        is_learnt = is_learnt or outcome == PUBLISHED
        is_tried = is_tried or outcome in (PUBLISHED, ARCHIVED)
        before = len(found)
        for record in _records(delta):
            found.setdefault(str(record.metadata["spec_hash"]), record)
            learnt |= {_name(record)} if is_learnt else set()
            tried |= {_name(record)} if is_tried else set()
        if len(found) > before:
            nights.append(date)
    records = tuple(found.values())
    new = tuple(r for r in records if _name(r) not in learnt)
    untried = sum(_name(r) not in tried for r in records)
    return Deltas(records=records, new=new, untried=untried, nights=tuple(nights))


def gather_pairs(paths: Paths) -> list[Pair]:
    """The pairs of the night and of those before it, the latest first, each once.

    Raises:
        UserError: The state of an earlier night, or its pairs, cannot be read.
    """
    found: dict[tuple[str, str, str], Pair] = {}
    for _, delta, _ in _nights(paths):
        file = delta.with_name(paths.pairs.name)
        try:
            for line in file.read_bytes().splitlines() if file.is_file() else ():
                pair = msgspec.json.decode(line, type=Pair)
                found.setdefault((pair.prompt, pair.chosen, pair.rejected), pair)
        except (OSError, msgspec.DecodeError) as e:
            raise UserError(f"{file}: cannot be read ({e}); --from curate makes it anew") from e
    return list(found.values())


def _name(record: Record) -> str:
    return example_hash(record.instruction, record.output)


def write_deltas(deltas: Deltas, path: Path) -> None:
    """Write them as one file."""
    with writing(path) as file:
        for record in deltas.records:
            file.write(record)


def _nights(paths: Paths) -> Iterator[tuple[str, Path, str | None]]:
    """Date, records and outcome of this night and of those whose records count."""
    yield paths.date, paths.delta, None
    left_out = excluded(paths)
    for date in reversed(paths.nights()):
        if date in left_out:
            continue
        before = msgspec.structs.replace(paths, date=date, scratch=None)
        if date >= paths.date or not before.delta.is_file():
            continue
        state = read_state(before)
        if state is not None and state.outcome in (PUBLISHED, ARCHIVED, SKIPPED):
            yield date, before.delta, state.outcome


def _records(path: Path) -> Iterator[Record]:
    yield from (f.record for f in read_records(str(path)) if isinstance(f, Placed))


PLACE = "train"
DELTAS, DATA, TUNED = "deltas.jsonl", "data", "tuned"
PAIRS, PREFERRED = "pairs.jsonl", "preferred"
RUN_NAME = "nightly"


def train(night: Night) -> Ended:
    """Fine-tune, unless there is too little that is new.

    Raises:
        UserError: Something that is asked for is not there, or a command failed.
    """
    deltas = gather(night.paths)
    if why := too_few(night, deltas):
        return Ended(message=why, result={"skipped": why})
    pairs = _pairs(night)
    if not (night.paths.model / RUN).is_file():
        write_deltas(deltas, _placed(night, DELTAS))
        if pairs:
            with writing(_placed(night, PAIRS)) as file:
                for pair in pairs:
                    file.write(pair)
        work = night.run(commands(night), PLACE)
        _move(_tuned(work / (PREFERRED if pairs else TUNED)), night.paths.model)
    run = read_run(_tuned(_placed(night, TUNED)) if pairs else night.paths.model)
    losses = [at.loss for at in run.result.losses] if run.result is not None else []
    result: dict[str, Any] = {
        "model": str(night.paths.model.relative_to(night.paths.root)),
        "base": recipe(night).model.base,
        "nights": list(deltas.nights),
        "new": _learnt(night, deltas.new, run),
        "delta_records": len(deltas.records),
        "pairs": len(pairs),
        "examples": run.examples.trained if run.examples is not None else None,
        "steps": run.result.steps if run.result is not None else None,
        "last_loss": losses[-1] if losses else None,
        "recipe": msgspec.to_builtins(run.inputs.recipe),
        "data": {f.name: f.sha256 for f in read_run(night.paths.model).inputs.data},
        "delta_sha256": file_hash(str(_placed(night, DELTAS))),
        "tools": run.inputs.tools,
    }
    message = (
        f"{result['examples']} examples, {len(deltas.records)} of the nights' records among them; "
        f"{result['steps']} steps, {f'{len(pairs)} pairs, ' if pairs else ''}{result['model']}"
    )
    return Ended(message=message, result=result)


def _pairs(night: Night) -> list[Pair]:
    """What is learnt beside the records, where that is asked for."""
    return gather_pairs(night.paths) if night.settings.preferences else []


def _learnt(night: Night, new: Iterable[Record], run: TrainingRun) -> int:
    """How many of the new records the model was trained on: some may be too long, or resemble what
    is in a gold set."""
    left_out = set(run.examples.left_out) if run.examples is not None else set()
    data = {_name(record) for record in _records(_placed(night, f"{DATA}/{DATA}.jsonl"))}
    return sum(name in data and name not in left_out for name in map(_name, new))


def plan_train(night: Night) -> list[str]:
    """What would be done."""
    deltas = gather(night.paths)
    if why := too_few(night, deltas):
        return [why]
    nights = ", ".join(deltas.nights)
    return [
        f"{len(deltas.records)} records of the nights {nights}, {len(deltas.new)} of them new",
        *(f"$ {night.shown(stage, PLACE)}" for stage in commands(night.for_real)),
        f"into {night.paths.model}",
    ]


def too_few(night: Night, deltas: Deltas) -> str:
    """Why nothing is trained; empty where something is."""
    if night.learnt_by:
        return f"not trained: the night of {night.learnt_by} has waited, and learns these too"
    least = night.settings.min_delta
    if deltas.untried >= least:
        return ""
    return (
        f"not trained: {deltas.untried} new records, and --min-delta is {least}; they count for "
        "the next night"
    )


def recipe(night: Night) -> Recipe:
    """How the model is fine-tuned.

    Raises:
        UserError: The recipe cannot be used.
    """
    return read_recipe(project_file(night.paths.root, night.settings.recipe), changes(night))


def changes(night: Night) -> list[str]:
    """What differs from the recipe; its model may be one that ships.

    Raises:
        UserError: The recipe cannot be used.
    """
    root, settings = night.paths.root, night.settings
    said = [f'model.base="{settings.base}"'] if settings.base else []
    said += [f"train.epochs={settings.epochs:g}", *settings.set]
    named = read_recipe(project_file(root, settings.recipe), said).model.base
    found = project_model(root, named)
    return said if found == named else [*said, f'model.base="{found}"']


def commands(night: Night) -> list[Stage]:
    """Gold sets that nobody has judged, the data in one, and the fine-tuning.

    Raises:
        UserError: A file is not there.
    """
    root, settings = night.paths.root, night.settings
    script = project_file(root, "training/sft.py")
    chosen = project_file(root, settings.recipe)
    recipe(night)
    stages: list[Stage] = []
    sets = [_placed(night, DELTAS)]
    for k, path in enumerate(gold_sets(night)):
        stages += [] if _is_judged(path) else [_judging(night, path, f"gold_{k}")]
        sets.append(path if _is_judged(path) else _placed(night, f"gold_{k}/gold.jsonl"))
    combine = [
        *RTLBENCH, "combine", *map(str, sets), "--out", f"{OUT}/{DATA}.jsonl",
        "--weight", f"source:{SOURCE}={settings.delta_weight:g}", "-n", settings.processes,
        "--threshold", str(settings.min_delta_score), "--accept", settings.accept.value,
        *(word for suite in settings.against for word in ("--against", suite)),
    ]  # fmt: skip
    needs = tuple(s.name for s in stages)
    stages.append(Stage(name=DATA, argv=tuple(combine), needs=needs))
    tune = [
        sys.executable, str(script), str(chosen), "--name", RUN_NAME, "--out", OUT,
        "--accept", settings.accept.value,
        "--data", str(_placed(night, f"{DATA}/{DATA}.jsonl")),
        *(word for change in changes(night) for word in ("--set", change)),
    ]  # fmt: skip
    stages.append(Stage(name=TUNED, argv=tuple(tune), needs=(DATA,)))
    if _pairs(night):
        stages.append(_preferring(night, chosen))
    return stages


def _preferring(night: Night, chosen: Path) -> Stage:
    """Training on pairs, from what fine-tuning has made."""
    script = project_file(night.paths.root, "training/dpo.py")
    argv = [
        sys.executable, str(script), str(chosen), "--name", RUN_NAME, "--out", OUT,
        "--adapter", f"{ONE_OF}{_placed(night, TUNED)}/run_{RUN_NAME}_*",
        "--data", str(_placed(night, PAIRS)),
        *(word for change in changes(night) for word in ("--set", change)),
    ]  # fmt: skip
    return Stage(name=PREFERRED, argv=tuple(argv), needs=(TUNED,))


def gold_sets(night: Night) -> list[Path]:
    """The gold sets; the default one need not be there.

    Raises:
        UserError: One that was named is not there.
    """
    found = []
    for name in night.settings.gold:
        path = night.paths.root / name
        if path.is_file():
            found.append(path)
        elif night.settings.gold != OPTIONS["gold"].default:
            raise UserError(f"--gold {name}: there is no such file in {night.paths.root}")
    return found


def _is_judged(path: Path) -> bool:
    """Whether the filter has judged the file, as its first record tells."""
    found = read_records(str(path))
    first = next((f.record for f in found if isinstance(f, Placed)), None)
    return first is None or describe(str(path), first).verdict is not None


def _judging(night: Night, path: Path, name: str) -> Stage:
    settings = night.settings
    argv = [
        *RTLBENCH, "filter", str(path), "--out", f"{OUT}/gold.jsonl", "-n", settings.processes,
        "--threshold", str(settings.min_delta_score), "--accept", settings.accept.value,
        "--allow-empty",
    ]  # fmt: skip
    return Stage(name=name, argv=tuple(argv), tolerates=UNJUDGED)


def _placed(night: Night, name: str) -> Path:
    return night.paths.night / PLACE / name


def _tuned(folder: Path) -> Path:
    found = sorted(folder.glob(f"run_{RUN_NAME}_*/{RUN}"))
    if len(found) != 1:
        raise UserError(f"{folder}: holds {len(found)} adapters, not one; do it anew by "
                        "--from train")
    return found[0].parent


def _move(source: Path, final: Path) -> None:
    """Give an adapter its place, whole; across file systems too."""
    final.parent.mkdir(parents=True, exist_ok=True)
    mask = os.umask(0)
    os.umask(mask)
    for path in source.rglob("*"):
        if path.is_file() and not path.is_symlink():
            path.chmod(0o666 & ~mask)  # libraries make the weights readable to the owner alone
    try:
        source.rename(final)
    except OSError:
        part = final.with_name(f"{final.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(source, part)
        part.rename(final)
        shutil.rmtree(source)
    sync_folder(final.parent)
