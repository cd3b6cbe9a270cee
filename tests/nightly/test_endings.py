"""A night from the gate's word on, through the front door, with real endpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
import msgspec
import pytest

from rtlbench.gate.policy import Policy
from rtlbench.gate.rules import judge_gate
from rtlbench.io.atomic import write_record
from rtlbench.nightly.benchmark import NightGate
from rtlbench.nightly.history import read_history
from rtlbench.nightly.night import State, read_state, write_state
from rtlbench.nightly.publish import archive, publish, published
from rtlbench.nightly.snapshot import MANIFEST, SnapshotManifest, snapshot
from rtlbench.pipeline.state import StageRecord
from tests.gate.made import answers_of, run_of
from tests.nightly.endpoints import Webhook, closed_port, s3_environment, s3_server, webhook
from tests.nightly.made import night_of, nightly
from tests.training.test_card import RUN, results

DATE, OLD = "2026-03-31", "2026-02-01"
DONE = ("collect", "curate", "train", "benchmark", "gate")
REASON = "functional, fsm: 0.500, at least 0.750"


class Gated:
    """A night whose gate has spoken, an old night, and the model that was published then."""

    def __init__(self, root: Path, passed: bool) -> None:
        self.root = root
        night = night_of(root, DATE)
        self.paths = night.paths
        self.good = self.paths.of(OLD).model
        self.good.mkdir(parents=True)
        (self.good / "adapter.bin").write_text("good")
        publish(self.good, self.paths.latest)
        self.make_night(OLD, outcome="published")
        self.make_night(DATE, outcome=None)
        self.make_model()
        results(self.paths.night / "benchmark", self.paths.model)
        report = judge_gate(Policy(), run_of(answers_of([[1.0]])), None, [])
        reasons = () if passed else (REASON,)
        gate = NightGate(passed=passed, reasons=reasons, reports={"mainline": report})
        write_record(self.paths.gate, gate)
        said: dict[str, dict[str, Any]] = {stage: {} for stage in DONE}
        said["train"] = {"model": str(self.paths.model.relative_to(root))}
        where = self.paths.night.relative_to(root) / "benchmark"
        said["benchmark"] = {"results": {"candidate": str(where)}}
        said["gate"] = {"passed": passed, "reasons": list(reasons)}
        stages = {
            n: StageRecord(started="t", finished="t", message="done", result=r)
            for n, r in said.items()
        }
        write_state(self.paths, msgspec.structs.replace(night.state, stages=stages))

    def make_night(self, date: str, outcome: str | None) -> None:
        paths = self.paths.of(date)
        paths.raw.mkdir(parents=True)
        paths.runs.mkdir(parents=True, exist_ok=True)
        (paths.raw / "dut.sv").write_text(f"module m; endmodule // {date}\n")
        write_state(paths, State(date=date, started="t", settings={}, outcome=outcome))

    def make_model(self) -> None:
        self.paths.model.mkdir(parents=True)
        (self.paths.model / "run.json").write_bytes(msgspec.json.encode(RUN))
        (self.paths.model / "adapter.bin").write_text("new")

    @property
    def state(self) -> State:
        found = read_state(self.paths)
        assert found is not None
        return found

    @property
    def leads_to(self) -> str:
        found = published(self.paths.latest)
        assert found is not None
        return found.name


@pytest.fixture
def gated(tmp_path: Path) -> Callable[[bool], Gated]:
    """Makes the night."""
    return lambda passed: Gated(tmp_path / "root", passed)


@pytest.fixture
def hook() -> Iterator[tuple[str, Webhook]]:
    with webhook() as (port, server):
        yield f"json://127.0.0.1:{port}/x", server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with s3_server(tmp_path_factory.mktemp("s3") / "log") as environment:
        yield environment


def test_a_better_model_is_published_copied_and_told_of_once(
    gated: Callable[[bool], Gated],
    hook: tuple[str, Webhook],
    server: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in server.items():
        monkeypatch.setenv(name, value)
    night, (url, told) = gated(True), hook
    system = fsspec.filesystem("s3", skip_instance_cache=True, use_listings_cache=False)
    system.mkdir("endings")
    snapshot(night.paths.of(OLD).night, "s3://endings/x")
    options = ("--date", DATE, "--snapshot", "s3://endings/x", "--notify", url)
    done = nightly(night.root, *options)
    assert (done.returncode, done.stderr) == (0, "")
    assert night.leads_to == f"nightly_{DATE}"
    assert "## Gate" in (night.paths.model / "README.md").read_text()
    for folder, file in ((DATE, "raw/dut.sv"), (f"nightly_{DATE}", "adapter.bin")):
        text = system.cat_file(f"endings/x/{folder}/{MANIFEST}")
        assert file in msgspec.json.decode(text, type=SnapshotManifest).files
    assert not night.paths.of(OLD).raw.exists()
    assert night.paths.raw.is_dir()
    assert [t["title"] for t in told.taken] == [f"nightly {DATE}: published"]
    (record,) = read_history(night.paths.history).nights
    assert (record.outcome, record.snapshot) == ("published", f"s3://endings/x/{DATE}")
    assert nightly(night.root, *options).returncode == 0
    assert len(told.taken) == 1


def test_a_worse_model_is_put_aside_and_told_of_once(
    gated: Callable[[bool], Gated], hook: tuple[str, Webhook]
) -> None:
    night, (url, told) = gated(False), hook
    done = nightly(night.root, "--date", DATE, "--notify", url)
    assert (done.returncode, done.stderr) == (1, "")
    assert night.leads_to == night.good.name
    assert not night.paths.model.exists()
    assert (night.paths.archive / "model" / "adapter.bin").read_text() == "new"
    assert f"- {REASON}\n" in (night.paths.archive / "summary.md").read_text()
    (notice,) = told.taken
    assert REASON in notice["message"]
    (record,) = read_history(night.paths.history).nights
    assert (record.outcome, record.reasons[0]) == ("archived", REASON)
    nightly(night.root, "--date", DATE, "--notify", url)
    assert len(told.taken) == 1
    assert night.leads_to == night.good.name


@pytest.mark.parametrize("passed", [True, False])
def test_killed_after_the_deed_before_it_was_written_down_it_ends_the_same(
    gated: Callable[[bool], Gated], passed: bool
) -> None:
    night = gated(passed)
    if passed:
        publish(night.paths.model, night.paths.latest)
    else:
        archive(night.paths.night, night.paths.model, night.paths.archive, [REASON])
    assert nightly(night.root, "--date", DATE).returncode == (0 if passed else 1)
    assert night.leads_to == (f"nightly_{DATE}" if passed else night.good.name)
    assert night.state.outcome == ("published" if passed else "archived")
    made = [] if passed else [night.paths.archive]
    assert list(night.paths.work.glob("archive/*")) == made


def test_targets_that_are_away_are_a_line_each_and_nothing_is_purged(
    gated: Callable[[bool], Gated], tmp_path: Path
) -> None:
    night, port = gated(True), closed_port()
    options = ("--date", DATE, "--keep-days", "0", "--notify")
    dead = ("--snapshot", "s3://endings/x")
    done = nightly(
        night.root, *options, f"json://u:secret@127.0.0.1:{port}/", *dead, env=s3_environment(port)
    )
    assert (done.returncode, done.stderr) == (3, "")
    assert night.leads_to == f"nightly_{DATE}"
    lines = done.stdout.splitlines()
    assert len([ln for ln in lines if "snapshot: not copied away: s3://endings/x" in ln]) == 1
    assert len([ln for ln in lines if "not told: --notify json://...: " in ln]) == 1
    assert "secret" not in done.stdout
    assert night.paths.of(OLD).raw.is_dir()
    again = ("--snapshot", str(tmp_path / "copies"), "--from", "snapshot")
    snapshot(night.paths.of(OLD).night, str(tmp_path / "copies"))
    assert nightly(night.root, *options, "", *again).returncode == 0
    assert (tmp_path / "copies" / DATE / MANIFEST).is_file()
    assert not night.paths.of(OLD).raw.exists()


def test_a_folder_in_the_links_place_stops_the_night_and_stays(
    gated: Callable[[bool], Gated],
) -> None:
    night = gated(True)
    night.paths.latest.unlink()
    night.paths.latest.mkdir()
    done = nightly(night.root, "--date", DATE)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "is a folder, not a link" in done.stderr
    assert night.state.next == "publish"
    night.paths.latest.rmdir()
    assert nightly(night.root, "--date", DATE).returncode == 0
    assert night.leads_to == f"nightly_{DATE}"
