"""From the gate on, through the front door: the better is published, the worse put aside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rtlbench.nightly.night import Night
from rtlbench.nightly.publish import published
from tests.nightly.endpoints import webhook
from tests.nightly.judged import judged_night, model, other_tools
from tests.nightly.made import Task, nightly

CLOSED = "json://127.0.0.1:9"
"""Nobody listens there."""


def last_model(root: Path) -> Path:
    """A model that is published."""
    folder = model(root / "models" / "qwen_coder_rtl" / "nightly_2026-03-01", "last")
    (folder.parent / "latest_nightly").symlink_to(folder.name)
    return folder


def go_on(night: Night, *args: object) -> Any:
    policy = night.settings.policy
    return nightly(night.paths.root, "--date", night.paths.date, "--policy", policy,
                   "--workers", 1, *args)  # fmt: skip


def record(night: Night) -> dict[str, Any]:
    """What the history has of the night."""
    path = night.paths.history / f"{night.paths.date}.json"
    return json.loads(path.read_text())  # type: ignore[no-any-return]


def test_a_better_model_is_published_copied_away_and_written_down(
    root: Path, updown: Task
) -> None:
    last_model(root)
    night = judged_night(root, updown, "2026-03-02", right=11, last=10)
    done = go_on(night, "--snapshot", root / "offsite")
    assert done.returncode == 0, done.stderr
    assert published(night.paths.latest) == night.paths.model
    assert (night.paths.model / "README.md").is_file()
    assert (root / "offsite" / "2026-03-02" / "manifest.json").is_file()
    assert (root / "offsite" / "nightly_2026-03-02" / "manifest.json").is_file()
    said = record(night)
    assert said["outcome"] == "published"
    assert said["metrics"]["candidate"]["functional"] == pytest.approx(11 / 12)
    assert said["adapter"] == "models/qwen_coder_rtl/nightly_2026-03-02"
    assert "published" in nightly(root, "history").stdout


@pytest.mark.parametrize(
    ("right", "last", "why"),
    [
        (9, 10, "functional, all: lower than last_nightly"),
        (2, 12, "functional, fsm: worse than last_nightly"),
        (8, 7, "functional, fsm: 0.667, at least 0.75 is asked for"),
        (0, None, "functional, fsm: 0.000, at least 0.75 is asked for"),
    ],
)
def test_a_worse_model_is_put_aside_with_the_reason_and_the_link_stays(
    root: Path, updown: Task, right: int, last: int | None, why: str
) -> None:
    before = last_model(root) if last is not None else None
    night = judged_night(root, updown, "2026-03-02", right=right, last=last)
    done = go_on(night)
    assert done.returncode == 1, done.stderr
    assert published(night.paths.latest) == before
    assert not night.paths.model.exists()
    assert (night.paths.archive / "model" / "adapter_model.safetensors").is_file()
    assert why in (night.paths.archive / "summary.md").read_text()
    assert any(why in reason for reason in record(night)["reasons"])


def test_who_cannot_be_reached_keeps_nothing_from_being_done(
    root: Path, updown: Task, tmp_path: Path
) -> None:
    night = judged_night(root, updown, "2026-03-02", right=11)
    (tmp_path / "file").write_text("no folder")
    done = go_on(night, "--notify", CLOSED, "--snapshot", tmp_path / "file" / "x")
    assert done.returncode == 3, done.stdout + done.stderr
    assert done.stdout.count("not told: ") == 1
    assert done.stdout.count("snapshot: not copied away: ") == 1
    assert published(night.paths.latest) == night.paths.model
    assert list(night.paths.raw.glob("*/*/record.json"))


def test_a_copy_that_failed_is_made_by_a_later_night(
    root: Path, updown: Task, tmp_path: Path
) -> None:
    place = tmp_path / "offsite"
    place.write_text("in the way")
    first = judged_night(root, updown, "2026-03-02", right=10)
    assert go_on(first, "--snapshot", place).returncode == 3
    place.unlink()
    second = judged_night(root, updown, "2026-03-03", right=11, last=10)
    done = go_on(second, "--snapshot", place, "--keep-days", 0)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (place / "2026-03-02" / "manifest.json").is_file()
    assert not first.paths.raw.exists(), "its copy was read back, and it is old enough"
    assert second.paths.raw.exists()


@pytest.mark.parametrize(("right", "kind"), [(11, "success"), (2, "warning")])
def test_a_notice_is_ranked_by_what_it_tells(
    root: Path, updown: Task, right: int, kind: str
) -> None:
    night = judged_night(root, updown, "2026-03-02", right=right)
    with webhook() as (port, told):
        go_on(night, "--notify", f"json://127.0.0.1:{port}/")
    assert [t["type"] for t in told.taken] == [kind]


def test_runs_that_cannot_be_compared_stop_the_night_and_publish_nothing(
    root: Path, updown: Task
) -> None:
    night = judged_night(root, updown, "2026-03-02", right=11)
    other_tools(night)
    done = go_on(night)
    assert done.returncode == 2
    assert "the night of 2026-03-02 stopped in gate" in done.stderr
    assert "tools.yosys: 0.23 and 0.9" in done.stderr
    assert published(night.paths.latest) is None
    assert record(night)["outcome"] == "failed"
