"""Retention: what is beyond a limit goes once its copy was read back, and nothing else does."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rtlbench.dataset.files import writing
from rtlbench.errors import UserError
from rtlbench.nightly.checks import check_options
from rtlbench.nightly.publish import published
from rtlbench.nightly.retention import read_limit
from rtlbench.nightly.train import gather
from rtlbench.records.example import Record
from tests.nightly.judged import judged_night
from tests.nightly.killing import killed_at
from tests.nightly.made import Task, argv, lines, night_of, nightly
from tests.nightly.test_outcome import go_on

GOOD = tuple(f"2026-03-0{k}" for k in range(1, 6))
REFUSED = ("2026-03-06", "2026-03-07")
QUIET = "2026-03-09"
LIVE, BEFORE, OLDER = f"nightly_{GOOD[-1]}", f"nightly_{GOOD[-2]}", f"nightly_{GOOD[-3]}"


class Kept:
    """Five nights that were published and two that were refused, all copied."""

    def __init__(self, root: Path) -> None:
        self.root, self.place = root, root.parent / "offsite"
        self.work = root / "work" / "continuous_retrain"
        self.models = root / "models" / "qwen_coder_rtl"

    @classmethod
    def made(cls, root: Path, task: Task) -> Kept:
        kept = cls(root)
        for k, date in enumerate(GOOD + REFUSED):
            good = date in GOOD
            night = judged_night(root, task, date, right=7 + k if good else 2,
                                 last=(6 + k if good else 11) if k else None)  # fmt: skip
            policy = root / "gate.toml"
            policy.write_text(policy.read_text().replace("0.75", "0.5"))
            with writing(night.paths.delta) as file:
                file.write(Record(instruction=date, output="y", metadata={"spec_hash": date}))
            done = go_on(night, "--snapshot", kept.place)
            assert done.returncode == (0 if good else 1), done.stdout + done.stderr
        return kept

    def command(self, *options: object, date: str = QUIET) -> list[str]:
        (self.root / "data" / "runs").mkdir(parents=True, exist_ok=True)
        return argv(self.root, "--date", date, "--workers", 1, "--policy", self.root / "gate.toml",
                    "--snapshot", self.place, *options)  # fmt: skip

    def run(self, *options: object, date: str = QUIET, code: int = 0) -> str:
        done = nightly(self.root, *self.command(*options, date=date)[5:])
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def whole(self) -> dict[str, set[str]]:
        """What is here and not retired, by kind."""
        archives = (self.work / "archive").glob("*")
        return {
            "night": {d for d in (*GOOD, *REFUSED) if (self.work / d / "benchmark").is_dir()},
            "model": {f.name for f in self.models.glob("nightly_*") if f.is_dir()},
            "archive": {f.name for f in archives if (f / "model").is_dir()},
        }

    def rows(self) -> list[dict[str, Any]]:
        file = self.work / "retired.jsonl"
        return lines(file) if file.is_file() else []

    def check(self) -> None:
        """What is not here any more has a row, and its copy is whole; what stays of it is here."""
        gone = {(r["kind"], r["name"].rpartition("/")[2]) for r in self.rows()}
        here = self.whole()
        every = {"night": {*GOOD, *REFUSED}, "model": {f"nightly_{d}" for d in GOOD},
                 "archive": set(REFUSED)}  # fmt: skip
        assert gone == {(kind, n) for kind, names in every.items() for n in names - here[kind]}
        for row in self.rows():
            manifest = self.place / row["name"] / "manifest.json"
            text = manifest.read_bytes()
            assert hashlib.sha256(text).hexdigest() == row["manifest_sha256"]
            for name, file in json.loads(text)["files"].items():
                data = (manifest.parent / name).read_bytes()
                assert hashlib.sha256(data).hexdigest() == file["sha256"]
        assert not list(self.root.rglob("*.retired.part"))
        for date in (*GOOD, *REFUSED):
            assert (self.work / date / "state.json").is_file()
            assert lines(self.work / date / "delta.jsonl")
        for date in REFUSED:
            assert (self.work / "archive" / date / "summary.md").is_file()
        live = published(self.models / "latest_nightly")
        assert live is not None
        assert (live / "adapter_model.safetensors").is_file()


slow = pytest.mark.slow
"""Each calls the job, some of them twice."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.nightly.made import UPDOWN

    folder = tmp_path_factory.mktemp("kept")
    (folder / "root").mkdir()
    Kept.made(folder / "root", Task(UPDOWN))
    return folder


@pytest.fixture
def kept(made: Path) -> Iterator[Kept]:
    """The same folders, put back as they were once a test has used them."""
    aside = Path(shutil.copytree(made, made.with_name("aside"), symlinks=True))
    yield Kept(made / "root")
    shutil.rmtree(made)
    aside.rename(made)


@slow
@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [("30", 30, ""), ("0", 0, ""), ("90d", 90, "d"), ("90D", 90, "d"), ("20GB", 20e9, "B"),
     ("1.5 MB", 1.5e6, "B"), ("512B", 512, "B"), ("3kb", 3000, "B"), ("2TB", 2e12, "B")],
)  # fmt: skip
def test_a_limit_is_a_count_an_age_or_a_size(text: str, amount: float, unit: str) -> None:
    assert read_limit("keep_nights", text)[:2] == (amount, unit)


@pytest.mark.parametrize("text", "|-1|1.5|30 days|GB|20G|d|1e3|nan|30w|30, 20GB".split("|"))
def test_what_is_none_is_one_message(root: Path, text: str) -> None:
    (root / "data" / "runs").mkdir(parents=True)
    night = night_of(root, keep_models=(text,), snapshot=str(root / "offsite"))
    with pytest.raises(UserError, match=r"--keep-models .*such as 30, 90d or 20GB"):
        check_options(night.settings, "2026-03-02", "collect")


def test_without_a_place_of_copies_a_limit_is_refused(root: Path) -> None:
    (root / "data" / "runs").mkdir(parents=True)
    for option in ("keep_nights", "keep_models", "keep_archives"):
        limits: dict[str, Any] = {option: ("30",)}
        night = night_of(root, **limits)
        with pytest.raises(UserError, match="give --snapshot"):
            check_options(night.settings, "2026-03-02", "collect")


@slow
def test_by_default_nothing_ever_goes(kept: Kept) -> None:
    before = kept.whole()
    kept.run()
    assert kept.whole() == before
    assert not kept.rows()


@slow
def test_a_look_ahead_names_what_would_go_and_why_what_stays_stays(kept: Kept) -> None:
    before = kept.whole()
    told = kept.run("--keep-nights", 3, "--keep-models", "1d", "--keep-archives", 1, "--dry-run")
    assert f"retire model nightly_{GOOD[0]}" in told
    assert "beyond --keep-models 1d, once its copy is read back" in told
    assert f"keep model {LIVE}" in told
    assert "latest_nightly leads to it" in told
    assert f"keep model {BEFORE}" in told
    assert "was in use before the one that is" in told
    assert f"retire night {GOOD[1]}" in told
    assert f"keep night {GOOD[3]}" in told
    assert f"retire archive archive/{REFUSED[0]}" in told
    assert "1 within --keep-archives 1: stay" in told
    assert "2 within --keep-models" not in told
    assert kept.whole() == before
    assert not kept.rows()
    told = kept.run("--keep-nights", 3, "--dry-run")
    assert "--keep-models is not given: every model stays" in told


@slow
@pytest.mark.parametrize(
    ("options", "nights", "models", "archives"),
    [
        (("--keep-nights", 4), {*GOOD[2:], *REFUSED}, None, None),
        (("--keep-nights", "4d"), {*GOOD[2:], *REFUSED}, None, None),
        (("--keep-nights", "1B"), set(GOOD[2:]), None, None),
        (("--keep-models", 4), None, set(GOOD[1:]), None),
        (("--keep-models", 0), None, set(GOOD[2:]), None),
        (("--keep-models", "7d"), None, set(GOOD[1:]), None),
        (("--keep-archives", 0), None, None, set()),
        (("--keep-archives", "2d"), None, None, {REFUSED[1]}),
        (("--keep-archives", 9, "--keep-archives", "1kB"), None, None, set()),
        (("--keep-archives", "1GB"), None, None, None),
    ],
)
def test_what_is_beyond_a_limit_goes_and_leaves_a_row(
    kept: Kept, options: tuple[object, ...], nights: set[str] | None, models: set[str] | None,
    archives: set[str] | None,
) -> None:  # fmt: skip
    before = kept.whole()
    told = kept.run(*options)
    assert kept.whole() == {
        "night": before["night"] if nights is None else nights,
        "model": before["model"] if models is None else {f"nightly_{d}" for d in models},
        "archive": before["archive"] if archives is None else archives,
    }
    kept.check()
    assert ("retired: " in told) == bool(kept.rows())
    again = kept.run(*options)
    assert "purge: " not in again, "there is nothing more to do"
    kept.check()


@slow
def test_later_nights_learn_what_retired_ones_have(kept: Kept) -> None:
    kept.run("--keep-nights", 0, "--keep-models", 0, "--keep-archives", 0)
    assert kept.whole()["night"] == set(GOOD[2:])
    tomorrow = night_of(kept.root, "2026-03-10").paths
    tomorrow.night.mkdir()
    tomorrow.delta.touch()
    assert {r.instruction for r in gather(tomorrow).records} == {*GOOD, *REFUSED}


@slow
def test_the_model_that_was_rolled_back_to_stays(kept: Kept) -> None:
    done = nightly(kept.root, "rollback", GOOD[1], "--why", "the later ones loop")
    assert done.returncode == 0, done.stderr
    kept.run("--keep-models", 0)
    assert kept.whole()["model"] == {f"nightly_{GOOD[0]}", f"nightly_{GOOD[1]}"}
    kept.check()


@slow
def test_what_any_link_or_the_mainline_names_stays(kept: Kept) -> None:
    (kept.models / "in_production").symlink_to(f"nightly_{GOOD[0]}")
    mainline = f"models/qwen_coder_rtl/nightly_{GOOD[1]}"
    kept.run("--keep-models", 0, "--mainline", mainline)
    assert len(kept.whole()["model"]) == len(GOOD)


@slow
def test_a_link_that_leads_to_nothing_keeps_all_models(kept: Kept) -> None:
    link = kept.models / "latest_nightly"
    link.unlink()
    link.symlink_to("nowhere")
    before = kept.whole()
    kept.run("--keep-models", 0, "--keep-nights", 0, code=2)
    assert kept.whole() == before


@slow
@pytest.mark.parametrize("what", ["lost", "changed", "link"])
def test_what_its_copy_does_not_hold_as_it_is_stays_and_the_others_go(
    kept: Kept, what: str
) -> None:
    model, copy = kept.models / f"nightly_{GOOD[0]}", kept.place / f"nightly_{GOOD[0]}"
    if what == "lost":
        (copy / "adapter_model.safetensors").unlink()
    elif what == "changed":
        (model / "adapter_model.safetensors").write_text("other weights")
    else:
        (model / "more").symlink_to("/etc")
    told = kept.run("--keep-models", 0)
    assert "; 1 kept (model " in told
    assert kept.whole()["model"] == {model.name, OLDER, BEFORE, LIVE}
    assert {r["name"] for r in kept.rows()} == {f"nightly_{GOOD[1]}"}
    if what != "link":
        told = kept.run("--keep-models", 0)
        assert f"copied away by this run: {model.name}" in told
        kept.check()


@slow
def test_a_place_that_is_another_one_now_costs_nothing(kept: Kept) -> None:
    before = kept.whole()
    kept.place.rename(kept.place.with_name("elsewhere"))
    kept.place.mkdir()
    for code in (0, 3):
        kept.run("--keep-models", 0, "--keep-nights", 0, code=code)
        assert kept.whole() == before
    assert not kept.rows()


@slow
def test_what_an_unfinished_night_goes_by_stays(kept: Kept, updown: Task) -> None:
    night = judged_night(kept.root, updown, "2026-03-08", right=12, last=11)
    state = json.loads(night.paths.state.read_text())
    results = state["stages"]["benchmark"]["result"]["results"]
    results["mainline"] = f"work/continuous_retrain/{GOOD[0]}/benchmark/mainline/results"
    night.paths.state.write_text(json.dumps(state))
    kept.run("--keep-nights", 0)
    assert kept.whole()["night"] == {GOOD[0], *GOOD[2:]}
    assert night.paths.raw.is_dir()


@slow
def test_what_was_retired_is_named_where_it_is_asked_for(kept: Kept) -> None:
    kept.run("--keep-models", 0, "--keep-nights", 0, "--keep-archives", 0)
    place = str(kept.place)
    for words in (("rollback", GOOD[0], "--why", "x"),):
        done = nightly(kept.root, *words)
        assert done.returncode == 2
        assert f"its copy is in {place}/nightly_{GOOD[0]}" in done.stderr
    for date, stage, name in ((GOOD[0], "gate", f"nightly_{GOOD[0]}"),
                              (REFUSED[0], "gate", f"archive/{REFUSED[0]}")):  # fmt: skip
        told = kept.run("--from", stage, date=date, code=2)
        assert f"its copy is in {place}/{name}" in told
    status = json.loads(nightly(kept.root, "status", "--json").stdout)
    assert status["retired"] == {"night": 4, "model": 2, "archive": 2}
    assert status["outstanding"] == {place: []}
    assert "retired: 2 archives, 2 models, 4 nights" in nightly(kept.root, "status").stdout


@slow
def test_brought_back_from_its_copy_it_is_there_again(kept: Kept) -> None:
    kept.run("--keep-models", 0)
    shutil.copytree(kept.place / f"nightly_{GOOD[0]}", kept.models / f"nightly_{GOOD[0]}")
    done = nightly(kept.root, "rollback", GOOD[0], "--why", "the last that was right")
    assert done.returncode == 0, done.stderr


@slow
def test_the_ledger_of_copies_has_archives_too(kept: Kept) -> None:
    said = json.loads((kept.work / "copies.json").read_text())
    (place,) = said["places"].values()
    models = {f"nightly_{d}" for d in GOOD}
    assert set(place["copies"]) == {*GOOD, *REFUSED, *models, *(f"archive/{d}" for d in REFUSED)}


@slow
def test_killed_anywhere_while_it_removes_it_goes_on_to_the_same_end(
    kept: Kept, tmp_path: Path
) -> None:
    options = ("--keep-nights", 0, "--keep-models", 0, "--keep-archives", 0)
    base = kept.root.parent
    killed = step = 0
    while True:
        step += 5
        again = Path(shutil.copytree(base, tmp_path / "base", symlinks=True))
        swap(base, again)
        was = killed_at(step, kept.command(*options), tmp_path)
        if was:
            half = {p.name for p in kept.models.glob("nightly_*") if not p.name.endswith(".part")}
            for name in half:
                assert (kept.models / name / "adapter_model.safetensors").is_file()
            kept.run(*options)
        kept.check()
        assert kept.whole() == {"night": set(GOOD[2:]), "archive": set(),
                                "model": {f"nightly_{d}" for d in GOOD[2:]}}  # fmt: skip
        names = [(r["kind"], r["name"]) for r in kept.rows()]
        assert len(names) == len(set(names)), "a row each"
        swap(base, again)
        shutil.rmtree(again)
        killed += was
        if not was:
            break
    assert killed >= 5


def swap(one: Path, other: Path) -> None:
    aside = one.with_name("swapped")
    one.rename(aside)
    other.rename(one)
    aside.rename(other)
