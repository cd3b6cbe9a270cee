"""Records of nights: written whole, read tolerantly."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from rtlbench.errors import UserError
from rtlbench.nightly.history import (
    MAX_BYTES,
    NightRun,
    NightStage,
    history_json,
    history_table,
    read_history,
    write_night,
)

PUBLISHED = NightRun(
    date="2026-03-01",
    outcome="published",
    started="2026-03-01T02:00:00Z",
    finished="2026-03-02T09:00:00Z",
    stages=(
        NightStage(name="collect", started="2026-03-01T02:00:00Z",
                   finished="2026-03-01T02:01:10Z", message="12 taken"),
        NightStage(name="curate", started="2026-03-02T08:20:00Z", finished="2026-03-02T09:00:00Z"),
    ),
    settings={"delta_weight": 2.0, "recipe": {"lora": {"rank": 16}}},
    records=12,
    metrics={"candidate": {"functional": 0.8125}, "last_nightly": {"functional": 0.75}},
    data={"delta.jsonl": "ab" * 32},
    tools={"yosys": "0.23"},
    adapter="models/qwen_coder_rtl/nightly_2026-03-01",
)
ARCHIVED = NightRun(
    date="2026-03-02",
    outcome="archived",
    started="2026-03-02T02:00:00Z",
    finished="2026-03-02T02:30:00Z",
    stages=(
        NightStage(name="collect", started="2026-03-02T02:00:00Z", finished="2026-03-02T02:30:00Z"),
    ),
    records=3,
    reasons=("functional, fsm: 0.500, at least 0.750",),
)
SKIPPED = NightRun(
    date="2026-03-03", outcome="skipped", started="?", finished="2026-03-03T02:00:01Z"
)


def test_what_is_written_is_read_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "run_db" / "nightly"
    for night in (SKIPPED, PUBLISHED, ARCHIVED):
        assert write_night(folder, night) == folder / f"{night.date}.json"
    history = read_history(folder)
    assert history.nights == (PUBLISHED, ARCHIVED, SKIPPED)
    assert history.problems == ()
    assert len(list(folder.iterdir())) == 3
    rerun = msgspec.structs.replace(ARCHIVED, outcome="published", reasons=())
    write_night(folder, rerun)
    assert read_history(folder).nights[1] == rerun


def test_the_table_has_a_line_a_night_and_its_reasons(tmp_path: Path) -> None:
    """The minutes are those of the stages: the first night was cut short, and ended a day later."""
    for night in (PUBLISHED, ARCHIVED, SKIPPED):
        write_night(tmp_path, night)
    assert history_table(read_history(tmp_path)).splitlines() == [
        "night         outcome  records  functional  before  minutes",
        "2026-03-01  published       12       0.812   0.750       41",
        "2026-03-02   archived        3           -       -       30",
        "    functional, fsm: 0.500, at least 0.750",
        "2026-03-03    skipped        -           -       -        -",
    ]


def test_no_nights_are_said_so(tmp_path: Path) -> None:
    assert history_table(read_history(tmp_path / "none")) == "no nights yet"


def test_json_holds_all_that_is_known(tmp_path: Path) -> None:
    write_night(tmp_path, PUBLISHED)
    (tmp_path / "torn.json").write_text('{"date": "2026')
    said = msgspec.json.decode(history_json(read_history(tmp_path)))
    assert said["nights"] == [msgspec.json.decode(msgspec.json.encode(PUBLISHED))]
    assert len(said["problems"]) == 1


def test_the_command_shows_the_same(
    tmp_path: Path, rtlbench: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    folder = tmp_path / "data" / "run_db" / "nightly"
    write_night(folder, PUBLISHED)
    (folder / "torn.json").write_text("{")
    shown = rtlbench("nightly", "history", "--root", tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout == history_table(read_history(folder)) + "\n"
    as_json = rtlbench("nightly", "history", "--json", CT_RETRAIN_ROOT=str(tmp_path))
    assert as_json.stdout == history_json(read_history(folder)) + "\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("2026-03-05.json", b'{"date": "2026-03-05", "outc'),
        ("2026-03-05.json", b"\xff\xfe\x00"),
        ("2026-03-05.json", b"[]"),
        ("2026-03-05.json", b"[" * 200_000),
        ("2026-03-05.json", b'"' + b"x" * MAX_BYTES + b'"'),
        ("2026-03-05.json", msgspec.json.encode(PUBLISHED)),
        ("e\nvil\x1b.json", b"{}"),
    ],
)
def test_a_file_that_is_no_record_is_named_and_the_others_are_read(
    tmp_path: Path, name: str, content: bytes
) -> None:
    write_night(tmp_path, PUBLISHED)
    (tmp_path / name).write_bytes(content)
    history = read_history(tmp_path)
    assert history.nights == (PUBLISHED,)
    (told,) = history.problems
    assert told.endswith("; left out")
    assert "\n" not in told
    assert told in history_table(history)


def test_neither_a_pipe_nor_a_folder_holds_the_reading_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "2026-03-05.json")
    (tmp_path / "2026-03-06.json").mkdir()
    assert len(read_history(tmp_path).problems) == 2


def test_fields_of_later_versions_are_tolerated(tmp_path: Path) -> None:
    write_night(tmp_path, PUBLISHED)
    later = {**msgspec.to_builtins(ARCHIVED), "schema_version": 9, "moon": "full"}
    (tmp_path / "2026-03-02.json").write_bytes(msgspec.json.encode(later))
    assert [n.date for n in read_history(tmp_path).nights] == ["2026-03-01", "2026-03-02"]


def test_a_folder_that_cannot_be_written_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot write it") as e:
        write_night(tmp_path / "file", PUBLISHED)
    assert "\n" not in str(e.value)
