"""How far a small model's training has come, in a file beside the folder that it will fill.

A run that was cut off goes on from there to the same losses: the data's order and the model's
first weights come from seeds, and all else that changes is in the file.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rtlbench.io.atomic import write_whole

EVERY = 120.0
"""Seconds between two writings; one takes a fraction of a second."""


@dataclass
class TrainingProgress:
    """What was done so far, by all runs together."""

    losses: list[float] = field(default_factory=list)
    """Of every step, in nats a token."""
    tokens: int = 0
    seconds: float = 0.0


class Checkpoint:
    """Keeps a training's state in `path`.

    Args:
        made_of: A word for recipe and data; of other ones the file is not used.
        every: Seconds between two writings.
        log: Told what is not as it should be; nothing here stops a training.
    """

    def __init__(
        self, path: Path, made_of: str, every: float = EVERY, log: Callable[[str], None] = print
    ) -> None:
        self.path, self._made_of, self._every, self._log = path, made_of, every, log
        self._written = time.monotonic()

    def load(self, parts: Mapping[str, Any]) -> TrainingProgress:
        """Bring model and optimisers to where they were; nothing done where that is not known."""
        import torch

        if not self.path.is_file():
            return TrainingProgress()
        before = deepcopy({name: part.state_dict() for name, part in parts.items()})
        try:
            found = torch.load(self.path, weights_only=True)
            if found["made_of"] != self._made_of:
                self._log(f"{self.path}: is of another recipe or other data, and is not used")
                return TrainingProgress()
            _bring(parts, found["parts"])
            return TrainingProgress(**found["progress"])
        except Exception as e:  # noqa: BLE001 - torch and pickle have errors of their own
            self._log(f"{self.path}: cannot be used ({type(e).__name__}); beginning anew")
            _bring(parts, before)
            return TrainingProgress()

    def keep(self, parts: Mapping[str, Any], progress: TrainingProgress) -> None:
        """Write the state, where it is time."""
        import torch

        if time.monotonic() - self._written < self._every:
            return
        state = {
            "made_of": self._made_of,
            "parts": {name: part.state_dict() for name, part in parts.items()},
            "progress": vars(progress),
        }
        packed = io.BytesIO()
        torch.save(state, packed)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self.path, packed.getvalue())
        except OSError as e:
            self._log(f"{self.path}: cannot be written ({e.strerror}); a stop would cost the work")
        self._written = time.monotonic()

    def remove(self) -> None:
        """The model is made: the file is of no more use."""
        self.path.unlink(missing_ok=True)


def _bring(parts: Mapping[str, Any], states: Mapping[str, Any]) -> None:
    for name, part in parts.items():
        part.load_state_dict(states[name])
