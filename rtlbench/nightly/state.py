"""state.json of a night: which stages are done, what each gave, and how the night ended."""

from __future__ import annotations

import msgspec

from rtlbench.nightly.options import STAGES, flag
from rtlbench.nightly.paths import Paths
from rtlbench.nightly.settings import Settings
from rtlbench.pipeline import state as pipeline
from rtlbench.pipeline.state import PipelineState

STATE_SCHEMA_VERSION = 1


class State(PipelineState, frozen=True, kw_only=True):
    """state.json."""

    date: str
    outcome: str | None = None
    """`published`, `archived` or `skipped`; None while the night is not finished."""
    announced: tuple[str, ...] = ()
    """Notices that were sent."""
    attempt: int = 1
    """How many times the night has trained a model."""
    schema_version: int = STATE_SCHEMA_VERSION

    @property
    def next(self) -> str | None:
        """The stage that is next; None where all are done."""
        return self.next_of(STAGES)


def read_state(paths: Paths) -> State | None:
    """The state of a night; None where it has not begun.

    Raises:
        UserError: It cannot be read.
    """
    return pipeline.read_state(paths.state, State)


def write_state(paths: Paths, state: State) -> None:
    """Replace state.json in one step."""
    pipeline.write_state(paths.state, state)


def refuse_other_options(state: State, settings: Settings) -> None:
    """Make sure that what is done was done as it is asked for now.

    Raises:
        UserError: It was not; says which options differ.
    """
    now = settings.of_stages(state.stages)
    pipeline.refuse_other_options(state, now, f"the night of {state.date}", flag)


def without_from(state: State, stage: str) -> State:
    """The state as it was before `stage` was done."""
    return msgspec.structs.replace(state.before(stage, STAGES), outcome=None, announced=())
