"""One night, as its stages see it, and what a stage gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.nightly.paths import Paths
from rtlbench.nightly.settings import Settings
from rtlbench.nightly.state import State
from rtlbench.pipeline.stages import Stage, run_stages

SOURCE = "continuous_retrain"
"""`metadata.source` of the nights' records."""


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """What a stage gave."""

    message: str
    """For people, one line."""
    result: Mapping[str, Any] = {}
    """For later stages and the record of the night."""


@dataclass
class Night:
    """What the stages of one night share."""

    settings: Settings
    paths: Paths
    state: State
    say: Callable[[str], None] = field(default=print)

    @property
    def for_real(self) -> Night:
        """The same with its own folder, where it is only looked ahead to."""
        paths = msgspec.structs.replace(self.paths, scratch=None)
        return Night(self.settings, paths, self.state, self.say)

    def run(self, stages: list[Stage], place: str) -> Path:
        """Run commands in a folder of the night, which is given; those done before are not.

        Raises:
            UserError: One failed.
        """
        work = self.paths.night / place
        run_stages(stages, work, 1, self.say)
        return work
