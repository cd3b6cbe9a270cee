"""The state of work whose stages run in this process, one after another: a JSON file.

Guarantee: it is replaced in one step after each stage, so work that is killed goes on with the
stage that it was in. A stage that is done counts only under the options that it was done with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.atomic import write_record


class StageRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a stage gave."""

    started: str
    """UTC, ISO 8601."""
    finished: str
    message: str
    """For people."""
    result: dict[str, Any] = {}
    """For later stages."""


class PipelineState(msgspec.Struct, frozen=True, kw_only=True):
    """The stages that are done; what else is known of the work is in classes below this one."""

    started: str
    """UTC, ISO 8601."""
    settings: dict[str, Any]
    """The options that stages were done with, by name."""
    stages: dict[str, StageRecord] = {}
    """Those that are done, by name."""

    def next_of(self, order: Sequence[str]) -> str | None:
        """The first of `order` that is not done; None where all are."""
        return next((stage for stage in order if stage not in self.stages), None)

    def result(self, stage: str) -> dict[str, Any]:
        """What a stage gave; nothing where it is not done."""
        record = self.stages.get(stage)
        return record.result if record is not None else {}

    def with_stage(self, stage: str, record: StageRecord, settings: Mapping[str, Any]) -> Self:
        """The state once `stage` is done, with the options that had a say in it."""
        return msgspec.structs.replace(
            self,
            stages={**self.stages, stage: record},
            settings={**self.settings, **settings},
        )

    def before(self, stage: str, order: Sequence[str]) -> Self:
        """The state as it was before `stage`, the later ones of `order` undone as well."""
        earlier = order[: order.index(stage)]
        kept = {name: record for name, record in self.stages.items() if name in earlier}
        return msgspec.structs.replace(self, stages=kept)


AnyState = TypeVar("AnyState", bound=PipelineState)


def read_state(path: Path, kind: type[AnyState]) -> AnyState | None:
    """The state in `path`; None where the work has not begun.

    Raises:
        UserError: It cannot be read.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as e:
        raise UserError(
            f"{path}: cannot be read ({e}); move the folder elsewhere and begin anew"
        ) from e


def write_state(path: Path, state: PipelineState) -> None:
    """Replace the state in one step; its folder is made.

    Raises:
        OSError: It cannot be written; then it is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_record(path, state)


def refuse_other_options(
    state: PipelineState,
    now: Mapping[str, Any],
    what: str,
    flag: Callable[[str], str],
    way: str,
) -> None:
    """Make sure that what is done was done as it is asked for now.

    Args:
        now: The options of the stages that are done, as they are given now.
        what: The work, for the message.
        flag: What the user calls an option.
        way: What else can be done than to give the old ones, for the message.

    Raises:
        UserError: It was not; says which options differ.
    """
    then = state.settings
    differ = [name for name in now if name in then and then[name] != now[name]]
    if differ:
        lines = "".join(
            f"\n  {flag(name)}: {_shown(then[name])} then, {_shown(now[name])} now"
            for name in differ
        )
        raise UserError(
            f"{what} was begun with other options:{lines}\ngive those again, or: {way}"
        )


def _shown(value: Any) -> str:
    return " ".join(map(str, value)) or "none" if isinstance(value, list | tuple) else str(value)
