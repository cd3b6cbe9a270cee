"""state.json of a night: which stages are done, and what each gave.

Guarantee: it is replaced in one step after each stage, so a job that is killed goes on with the
stage that it was in. A stage that is done counts only under the options that it was done with.
"""

from __future__ import annotations

from typing import Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.atomic import write_record
from rtlbench.nightly.options import STAGES, flag
from rtlbench.nightly.paths import Paths
from rtlbench.nightly.settings import Settings

STATE_SCHEMA_VERSION = 1


class StageRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a stage gave."""

    started: str
    """UTC, ISO 8601."""
    finished: str
    message: str
    """For people."""
    result: dict[str, Any] = {}
    ends: str = ""
    """The night's outcome, where nothing is left to be done after this stage."""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """state.json."""

    date: str
    started: str
    """UTC, ISO 8601."""
    settings: dict[str, Any]
    """The options that stages were done with, by name."""
    stages: dict[str, StageRecord] = {}
    """Those that are done, by name."""
    outcome: str | None = None
    """`published`, `archived` or `skipped`; None while the night is not finished."""
    announced: tuple[str, ...] = ()
    """Notices that were sent."""
    schema_version: int = STATE_SCHEMA_VERSION

    @property
    def next(self) -> str | None:
        """The stage that is next; None where all are done."""
        return next((s for s in STAGES if s not in self.stages), None)

    def result(self, stage: str) -> dict[str, Any]:
        """What a stage gave; nothing where it is not done."""
        record = self.stages.get(stage)
        return record.result if record is not None else {}


def read_state(paths: Paths) -> State | None:
    """The state of a night; None where it has not begun.

    Raises:
        UserError: It cannot be read.
    """
    try:
        return msgspec.json.decode(paths.state.read_bytes(), type=State)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as e:
        raise UserError(
            f"{paths.state}: cannot be read ({e}); move the folder elsewhere and begin anew"
        ) from e


def write_state(paths: Paths, state: State) -> None:
    """Replace state.json in one step."""
    paths.night.mkdir(parents=True, exist_ok=True)
    write_record(paths.state, state)


def refuse_other_options(state: State, settings: Settings) -> None:
    """Make sure that what is done was done as it is asked for now.

    Raises:
        UserError: It was not; says which options differ.
    """
    now = settings.of_stages(state.stages)
    differ = [name for name in now if name in state.settings and state.settings[name] != now[name]]
    if differ:
        told = "".join(
            f"\n  {flag(n)}: {_shown(state.settings[n])} then, {_shown(now[n])} now" for n in differ
        )
        raise UserError(
            f"the night of {state.date} was begun with other options:{told}\n"
            "give those again, or do a stage anew by --from STAGE"
        )


def _shown(value: Any) -> str:
    return " ".join(map(str, value)) or "none" if isinstance(value, list | tuple) else str(value)


def without_from(state: State, stage: str) -> State:
    """The state as it was before `stage` was done."""
    kept = {n: r for n, r in state.stages.items() if STAGES.index(n) < STAGES.index(stage)}
    return msgspec.structs.replace(state, stages=kept, outcome=None, announced=())
