"""What the model behind a run was trained on, from the record that its fine-tuning left.

The adapter is known by the content of its files, so that another of the same name is never taken
for it; where it is not found, nothing is said.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from rtlbench.gate.matrix import Training
from rtlbench.gate.runs import JudgedRun
from rtlbench.generate.revision import folder_revision
from rtlbench.training.record import RUN, TrainingRun

ADAPTER = "adapter_config.json"


def training_of(run: JudgedRun, models: Path) -> Training:
    """The facts about the adapter that gave the answers of `run`, looked for below `models`."""
    generator = run.run.config.generator
    if generator is None or not generator.adapter_revision:
        return Training()
    for place in sorted(models.rglob(ADAPTER)):
        folder = place.parent
        if folder.name == generator.adapter and _is(folder, generator.adapter_revision):
            return _facts(folder)
    return Training()


def _is(folder: Path, revision: str) -> bool:
    try:
        return folder_revision(folder) == revision
    except OSError:
        return False


def _facts(folder: Path) -> Training:
    try:
        found = msgspec.json.decode((folder / RUN).read_bytes(), type=TrainingRun)
    except (OSError, msgspec.DecodeError):
        return Training()
    if found.examples is None:
        return Training()
    least = [f.least_score for f in found.inputs.data]
    known = [s for s in least if s is not None]
    return Training(
        examples=found.examples.trained,
        least_score=min(known) if known and len(known) == len(least) else None,
    )
