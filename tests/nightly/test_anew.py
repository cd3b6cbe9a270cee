"""A night done anew never costs a published model or a record, whatever of it is gone or fails."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from rtlbench.dataset.files import writing
from rtlbench.nightly.night import Night, read_state, write_state
from rtlbench.nightly.publish import publish, published
from rtlbench.nightly.purge import purge
from rtlbench.nightly.snapshot import snapshot
from rtlbench.nightly.train import gather
from rtlbench.pipeline.state import StageRecord
from rtlbench.records.example import Record
from rtlbench.runs.results import utc_now
from tests.nightly.judged import judged_night
from tests.nightly.killing import killed_at
from tests.nightly.made import Task, argv, lines, nightly
from tests.nightly.test_outcome import record

DATES = OLDEST, MIDDLE, NEWEST = ("2026-03-01", "2026-03-02", "2026-03-03")
TOMORROW = "2026-03-04"
LAX = "[category.fsm]\nfunctional = 0.5\n"
STRICT = "[category.fsm]\nfunctional = 1.0\n"
FEW = ("--workers", 1)
"""Nothing is trained: --min-delta is 20, and there are never so many."""


class Month:
    """Three nights that are published, the last one's model in use."""

    def __init__(self, root: Path, task: Task) -> None:
        self.root = root
        self.nights = {date: self.make(date, task) for date in DATES}
        self.paths = self.nights[NEWEST].paths
        self.records = self.learnt()
        assert len(self.records) == 3 * len(DATES)
        self.models = self.weights()

    def make(self, date: str, task: Task) -> Night:
        night = judged_night(self.root, task, date, right=11)
        with writing(night.paths.delta) as file:
            for k in range(3):
                about = {"spec_hash": f"{date}/{k}"}
                file.write(Record(instruction="x", output="y", metadata=about))
        done = {**night.state.stages}
        for stage, result in (("gate", {"passed": True, "reasons": []}),
                              ("publish", {"outcome": "published"}),
                              ("snapshot", {}), ("purge", {})):  # fmt: skip
            done[stage] = StageRecord(started=utc_now(), finished=utc_now(), message="",
                                      result=result)  # fmt: skip
        night.state = msgspec.structs.replace(night.state, stages=done, outcome="published")
        write_state(night.paths, night.state)
        publish(night.paths.model, night.paths.latest)
        return night

    def learnt(self) -> list[str]:
        """The tasks that the next night would learn of the nights before it."""
        scratch = self.root.parent / "tomorrow"
        tomorrow = msgspec.structs.replace(self.paths.of(TOMORROW), scratch=scratch)
        tomorrow.night.mkdir(parents=True, exist_ok=True)
        tomorrow.delta.touch()
        return sorted(r.metadata["spec_hash"] for r in gather(tomorrow).records)

    def weights(self) -> dict[str, str]:
        """What each model in its place holds."""
        found = self.paths.models.glob("nightly_*/adapter_model.safetensors")
        return {p.parent.name: p.read_text() for p in found}

    def again(self, date: str, stage: str, *more: object, code: int) -> str:
        """Do a night anew; what was said of it."""
        done = nightly(self.root, "--date", date, "--from", stage,
                       "--policy", self.root / "gate.toml", *FEW, *more)  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        self.check()
        return done.stdout + done.stderr

    def check(self) -> None:
        """Every model and every record is where it was."""
        assert self.models.items() <= self.weights().items()
        assert self.learnt() == self.records
        latest = published(self.paths.latest)
        assert latest is not None
        assert latest.name in self.models
        for date in DATES:
            state = read_state(self.paths.of(date))
            assert state is not None
            assert state.outcome == "published"


@pytest.fixture
def month(root: Path, updown: Task) -> Month:
    return Month(root, updown)


def purge_oldest(month: Month, target: Path) -> None:
    """Remove the oldest night's raw copies, as the job does."""
    snapshot(month.paths.of(OLDEST).night, str(target))
    (gone,) = purge(month.paths.of(OLDEST).of(MIDDLE), 0, str(target))
    assert (gone.date, gone.kept) == (OLDEST, "")


@pytest.mark.parametrize("stage", ["collect", "curate"])
def test_without_raw_copies_a_night_is_not_done_anew_and_stays(
    month: Month, root: Path, stage: str
) -> None:
    purge_oldest(month, root / "offsite")
    shutil.rmtree(root / "data" / "runs")
    (root / "data" / "runs").mkdir()
    told = month.again(OLDEST, stage, code=2)
    assert "1 of 1 raw copies of the night of 2026-03-01 are not in" in told
    assert "give the --snapshot" in told
    if stage == "curate":
        shutil.rmtree(root / "offsite" / OLDEST)
        told = month.again(OLDEST, stage, "--snapshot", root / "offsite", code=2)
        assert "holds no snapshot of this night" in told
        assert "nothing to do" in nightly(root, *FEW).stdout, "later nights are not held up"


def spoilt(month: Month, stored: Path) -> str:
    """Have the copy off-site be another one; what is told then."""
    stored.write_text("module other; endmodule\n")
    return month.again(OLDEST, "curate", "--snapshot", stored.parents[4], code=2)


def test_raw_copies_that_read_back_other_than_they_were_sent_are_refused(
    month: Month, root: Path
) -> None:
    purge_oldest(month, root / "offsite")
    (stored,) = (root / "offsite" / OLDEST).glob("raw/*/*/rtl.sv")
    assert "is not what was sent" in spoilt(month, stored)
    stored.unlink()
    told = month.again(OLDEST, "curate", "--snapshot", root / "offsite", code=2)
    assert "rtl.sv: cannot read it" in told


@pytest.mark.slow
def test_purged_copies_are_read_back_and_what_is_not_published_does_not_take_the_place(
    month: Month, root: Path
) -> None:
    purge_oldest(month, root / "offsite")
    ahead = month.again(OLDEST, "curate", "--snapshot", root / "offsite", "--dry-run", code=0)
    assert "curate: 1 records" in ahead
    told = month.again(OLDEST, "curate", "--snapshot", root / "offsite", code=1)
    assert "curate: 1 records" in told
    assert "skipped: the night stays as it was published" in told
    aside = month.paths.work / "set_aside" / OLDEST
    assert len(lines(aside / "delta.jsonl")) == 1
    assert not month.paths.of(OLDEST).raw.exists()
    assert len(lines(month.paths.of(OLDEST).delta)) == 3


@pytest.mark.slow
def test_collected_anew_it_has_what_it_had_though_the_traces_are_gone(
    month: Month, root: Path
) -> None:
    taken = month.paths.taken.read_bytes()
    shutil.rmtree(root / "data" / "runs")
    (root / "data" / "runs").mkdir()
    told = month.again(OLDEST, "collect", code=1)
    assert "collect: 1 new passing answers" in told
    assert month.paths.taken.read_bytes() == taken
    assert list(month.paths.of(OLDEST).raw.glob("*/*/rtl.sv"))
    assert "nothing to do" in nightly(root, *FEW).stdout


@pytest.mark.parametrize("date", DATES)
def test_a_night_with_too_little_to_train_on_stays_published(month: Month, date: str) -> None:
    told = month.again(date, "train", code=1)
    assert "skipped: the night stays as it was published" in told


@pytest.mark.parametrize("date", [OLDEST, NEWEST])
def test_a_benchmark_that_fails_leaves_the_night_and_later_ones_go_on_with_it(
    month: Month, root: Path, date: str
) -> None:
    told = month.again(date, "benchmark", "--bench-option=--no-such-flag", code=2)
    assert f"the night of {date} stopped in benchmark" in told
    assert not (month.paths.history / f"{date}.json").exists(), "it was not written down as failed"
    assert "is put aside in" in month.again(date, "gate", code=0)


@pytest.mark.parametrize("date", [OLDEST, NEWEST])
def test_published_again_it_takes_the_place_and_what_was_there_is_kept(
    month: Month, date: str
) -> None:
    before = (month.paths.of(date).state).read_bytes()
    told = month.again(date, "gate", code=0)
    stays = f"latest_nightly stays with nightly_{NEWEST}, which is of a later night"
    assert (stays if date == OLDEST else f"latest_nightly leads to nightly_{date}") in told
    live = published(month.paths.latest)
    assert live is not None
    assert live.name == f"nightly_{NEWEST}", "no older model takes its place"
    aside = month.paths.work / "set_aside" / date
    assert (aside / "state.json").read_bytes() == before
    assert len(lines(aside / "delta.jsonl")) == 3
    assert list(month.paths.of(date).raw.glob("*/*/rtl.sv"))
    assert not list(aside.glob("raw/*/*/*")), "raw copies are there once"
    assert not (month.paths.work / "anew" / date).exists()
    month.again(date, "publish", code=0)
    assert (aside.with_name(f"{date}.2") / "state.json").is_file()


@pytest.mark.parametrize("date", [OLDEST, NEWEST])
def test_a_stricter_policy_takes_nothing_away_from_what_is_published(
    month: Month, root: Path, date: str
) -> None:
    (root / "gate.toml").write_text(STRICT)
    told = month.again(date, "gate", code=1)
    assert "archived: the night stays as it was published" in told
    archived = month.paths.of(date).archive
    assert (archived / "summary.md").is_file()
    assert not (archived / "model").exists()


def test_a_refused_model_passes_a_laxer_policy_from_its_archive(root: Path, updown: Task) -> None:
    night = judged_night(root, updown, OLDEST, right=8)
    options = ("--date", OLDEST, "--policy", root / "gate.toml", *FEW)
    assert nightly(root, *options).returncode == 1
    assert not night.paths.model.exists()
    said = record(night)["reasons"][-1]
    assert "refused for its model, not for its data: its 1 records count" in said
    (root / "gate.toml").write_text(LAX)
    ahead = nightly(root, *options, "--from", "gate", "--dry-run")
    assert ahead.returncode == 0, ahead.stderr
    assert not night.paths.model.exists()
    done = nightly(root, *options, "--from", "gate")
    assert done.returncode == 0, done.stdout + done.stderr
    assert published(night.paths.latest) == night.paths.model
    assert (night.paths.archive / "model" / "adapter_model.safetensors").is_file()
    assert record(night)["adapter"] == f"models/qwen_coder_rtl/nightly_{OLDEST}"


def test_a_night_that_was_refused_is_done_anew_only_with_its_model(
    root: Path, updown: Task
) -> None:
    night = judged_night(root, updown, OLDEST, right=2)
    options = ("--date", OLDEST, "--policy", root / "gate.toml", *FEW)
    assert nightly(root, *options).returncode == 1
    kept = night.paths.archive.rename(root / "elsewhere")
    done = nightly(root, *options, "--from", "gate")
    kept.rename(night.paths.archive)
    assert done.returncode == 2
    assert "--from train trains another one" in done.stderr
    state = read_state(night.paths)
    assert state is not None
    assert state.outcome == "archived"
    done = nightly(root, *options, "--from", "train")
    assert done.returncode == 0, done.stderr
    assert (night.paths.archive / "model" / "adapter_model.safetensors").is_file()
    state = read_state(night.paths)
    assert state is not None
    assert (state.outcome, state.attempt) == ("skipped", 2)


@pytest.mark.slow
def test_killed_anywhere_a_night_that_is_done_anew_costs_nothing(
    month: Month, root: Path
) -> None:
    whole = shutil.copytree(root, root.parent / "whole", symlinks=True)
    options = ["--policy", "gate.toml", "--workers", "1"]
    step = killed = 0
    while True:
        step += 3
        shutil.rmtree(root)
        shutil.copytree(whole, root, symlinks=True)
        command = [*argv(root), "--date", MIDDLE, "--from", "gate", *options]
        if not killed_at(step, command, root.parent):
            break
        killed += 1
        done = nightly(root, *options)
        assert done.returncode == 0, done.stdout + done.stderr
        month.check()
        assert not list((month.paths.work / "anew").glob("*/*"))
    assert killed >= 5
