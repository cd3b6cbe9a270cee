"""The state of stages in one process: kept in one step, counted only under the same options."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtlbench.errors import UserError
from rtlbench.pipeline.state import (
    PipelineState,
    StageRecord,
    read_state,
    refuse_other_options,
    write_state,
)

ORDER = ("collect", "train", "publish")
BEGUN = PipelineState(started="2026-01-01T00:00:00+00:00", settings={})


class Named(PipelineState, frozen=True, kw_only=True):
    """A state that says more."""

    name: str


def record(word: str) -> StageRecord:
    return StageRecord(started="s", finished="f", message=word, result={"word": word})


def done(*stages: str) -> PipelineState:
    state = BEGUN
    for stage in stages:
        state = state.with_stage(stage, record(stage), {f"{stage}_option": 1})
    return state


def test_the_next_stage_is_the_first_that_is_not_done() -> None:
    assert [done(*ORDER[:n]).next_of(ORDER) for n in range(4)] == [*ORDER, None]
    assert done("train").next_of(ORDER) == "collect"


def test_a_stage_is_known_by_what_it_gave() -> None:
    state = done("collect")
    assert state.result("collect") == {"word": "collect"}
    assert state.result("train") == {}
    assert state.settings == {"collect_option": 1}


@pytest.mark.parametrize("stage", ORDER)
def test_doing_a_stage_anew_undoes_those_behind_it(stage: str) -> None:
    state = done(*ORDER).before(stage, ORDER)
    assert list(state.stages) == list(ORDER[: ORDER.index(stage)])


def test_a_state_is_read_as_it_was_written_with_all_that_its_class_says(tmp_path: Path) -> None:
    path = tmp_path / "new" / "state.json"
    assert read_state(path, Named) is None
    state = Named(started="s", settings={"a": [1]}, stages={"collect": record("x")}, name="n")
    write_state(path, state)
    assert read_state(path, Named) == state
    assert [p.name for p in path.parent.iterdir()] == ["state.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"started": 1}'])
def test_a_state_that_is_none_is_one_message(tmp_path: Path, text: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(text)
    with pytest.raises(UserError, match=r"state.json: cannot be read .*; move the folder"):
        read_state(path, PipelineState)


def test_only_options_of_what_is_done_are_refused_each_by_name() -> None:
    state = done("collect", "train")
    refuse_other_options(state, {"collect_option": 1, "publish_option": 5}, "it", str, "")
    with pytest.raises(UserError) as refused:
        refuse_other_options(
            state, {"collect_option": 2, "train_option": 1}, "it", "--{}".format, "begin again"
        )
    assert str(refused.value) == (
        "it was begun with other options:\n  --collect_option: 1 then, 2 now\n"
        "give those again, or: begin again"
    )
