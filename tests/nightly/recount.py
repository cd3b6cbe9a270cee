"""What is left of a month, counted anew from the files: records, models, copies, summaries.

Nothing of the job's own counting is used: JSON as it lies on the disk, and hashes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from functools import cached_property
from pathlib import Path
from statistics import fmean
from typing import Any

import msgspec
import pytest

from rtlbench.nightly.raw import event_hash
from rtlbench.traces.trace_file import Event
from tests.nightly.machine import LIMITS, Machine
from tests.nightly.made import lines

KEEP_MODELS, KEEP_ARCHIVES, KEEP_NIGHTS = (LIMITS[LIMITS.index(f"--keep-{n}") + 1]
                                           for n in ("models", "archives", "nights"))
TITLES = {"published": "published", "archived": "refused, the model in use stays",
          "skipped": "nothing trained"}
Json = dict[str, Any]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Recount:
    """Counts what a Machine has left.

    Args:
        notices: Titles of what people were sent.
        quiet: Nights on which there was nothing new.
    """

    def __init__(self, machine: Machine, notices: list[str], quiet: list[str]) -> None:
        self.machine, self.notices, self.quiet = machine, notices, quiet
        self.root, self.place = machine.root, machine.place
        self.work = self.root / "work" / "continuous_retrain"
        self.models = self.root / "models" / "qwen_coder_rtl"

    def all(self) -> None:
        """Everything."""
        self.check_copies()
        self.check_records()
        self.check_models()
        self.check_retired()
        for date, row in self.rows.items():
            self.check_row(date, row)
        self.check_notices()
        self.check_status()

    @cached_property
    def rows(self) -> dict[str, Json]:
        """The history."""
        folder = self.root / "data" / "run_db" / "nightly"
        return {f.stem: json.loads(f.read_text()) for f in sorted(folder.glob("*.json"))}

    @cached_property
    def states(self) -> dict[str, Json]:
        """state.json of each night."""
        return {f.parent.name: json.loads(f.read_text())
                for f in sorted(self.work.glob("2026-*/state.json"))}  # fmt: skip

    @cached_property
    def retired(self) -> list[Json]:
        file = self.work / "retired.jsonl"
        return lines(file) if file.is_file() else []

    @cached_property
    def manifests(self) -> dict[str, Json]:
        """Of the copies, by the folder's name in the place."""
        found = self.place.rglob("manifest.json")
        return {str(f.parent.relative_to(self.place)): json.loads(f.read_text()) for f in found}

    def result(self, date: str, stage: str) -> Json:
        stages = self.states[date]["stages"]
        return dict(stages[stage]["result"]) if stage in stages else {}

    def read(self, name: str) -> bytes:
        """A file of a night or model: here, or, where it was purged or retired, its copy."""
        here = self.root / name
        if here.is_file():
            return here.read_bytes()
        folder, _, rest = name.removeprefix("work/continuous_retrain/").removeprefix(
            "models/qwen_coder_rtl/").partition("/")  # fmt: skip
        copy = self.place / folder / rest
        assert rest in self.manifests[folder]["files"], name
        return copy.read_bytes()

    def read_lines(self, name: str) -> list[Json]:
        return [json.loads(line) for line in self.read(name).splitlines()]

    def check_copies(self) -> None:
        """The ledger and the place say the same, and each file reads back as it should."""
        ledger = json.loads((self.work / "copies.json").read_text())["places"]
        copies = ledger[str(self.place)]["copies"]
        assert set(ledger) == {str(self.place)}
        assert set(copies) == set(self.manifests)
        stored = set()
        for name, manifest in self.manifests.items():
            text = (self.place / name / "manifest.json").read_bytes()
            assert sha256(text) == copies[name]["manifest_sha256"]
            for file, said in manifest["files"].items():
                data = (self.place / name / file).read_bytes()
                assert (sha256(data), len(data)) == (said["sha256"], said["size"])
                stored.add(self.place / name / file)
        every = {f for f in self.place.rglob("*") if f.is_file()}
        marks = {f for f in every if f.name in ("manifest.json", "rtlbench-copies.json")}
        assert every - marks == stored
        finished = {d for d, state in self.states.items() if state["outcome"]}
        assert finished == set(self.states)
        assert {n for n in copies if n.startswith("2026")} == finished
        assert {n for n in copies if n.startswith("nightly_")} == set(self.published.values())
        assert {n for n in copies if n.startswith("archive/")} == {
            f"archive/{d}" for d, s in self.states.items() if s["outcome"] == "archived"
        }

    def check_records(self) -> None:
        """Every event that said `pass` was taken by one night, and is kept by that one or refused;
        its copy is here, or was purged and is in the place."""
        taken: dict[tuple[str, str], list[Json]] = defaultdict(list)
        for line in lines(self.work / "taken.jsonl"):
            taken[line["run_id"], line["event"]].append(line)
        passed = list(self._passed())
        sent = self.machine.sent
        assert len(passed) == sent.right + sent.wrong + sent.missing
        is_broken = [t for found in taken.values() for t in found if t.get("is_broken")]
        assert len(is_broken) == sent.broken
        assert len(taken) == len(passed) + sent.broken
        places: Counter[str] = Counter()
        for run, event in passed:
            ((night, refused),) = {(t["night"], t.get("refused", "")) for t in taken[run, event]}
            places[self._place_of(run, event, night, bool(refused))] += 1
        assert sum(places.values()) == len(passed)
        assert places["refused"] == sent.missing
        assert places["here"] > 0
        assert places["copy"] > 0
        kept = [r for d in self.states for r in lines(self.work / d / "delta.jsonl")]
        no = [r for d in self.states for r in lines(self.work / d / "refused.jsonl")]
        assert len(kept) == sent.right, "each right answer is learnt from, once"
        assert Counter(r["stage"] for r in no) == {"curate": sent.wrong, "collect": sent.missing}

    def _passed(self) -> Any:
        for trace in sorted((self.root / "data" / "runs").glob("*/trace.jsonl")):
            for text in trace.read_bytes().splitlines():
                try:
                    event = msgspec.json.decode(text, type=Event)
                except msgspec.DecodeError:
                    continue
                if event.status == "pass":
                    yield trace.parent.name, event_hash(event)

    def _place_of(self, run: str, event: str, night: str, is_refused: bool) -> str:
        below = f"raw/{run}/{event[:16]}/record.json"
        here = [d for d in self.states if (self.work / d / below).is_file()]
        away = [d for d, m in self.manifests.items() if below in m["files"]]
        if is_refused:
            assert not here + away
            return "refused"
        assert away == [night], f"{run}/{event}"
        assert here in ([night], [])
        return "here" if here else "copy"

    @cached_property
    def published(self) -> dict[str, str]:
        """The models that were published, by night: what the job itself has said at that time."""
        said = dict.fromkeys(name for name in self.machine.live if name)
        return {name.removeprefix("nightly_"): name for name in said}

    def check_models(self) -> None:
        """Every published model is here, whole, or was retired; the link leads to the last one."""
        gone = {r["name"] for r in self.retired if r["kind"] == "model"}
        for name in self.published.values():
            folder = self.models / name
            assert folder.is_dir() != (name in gone), name
            files = self.manifests[name]["files"]
            for file, said in files.items() if folder.is_dir() else ():
                assert sha256((folder / file).read_bytes()) == said["sha256"]
        assert (self.models / "latest_nightly").readlink().name == self.machine.live[-1]
        others = {f.name for f in self.models.iterdir() if not f.is_symlink()}
        assert others == set(self.published.values()) - gone, "and nothing else"

    def check_retired(self) -> None:
        """What was retired was beyond the limit, and what is here is not, or must stay."""
        for row in self.retired:
            assert row["manifest_sha256"], row
            assert row["name"] in self.manifests
            assert row["rule"] == {
                "model": f"--keep-models {KEEP_MODELS}", "night": f"--keep-nights {KEEP_NIGHTS}",
                "archive": f"--keep-archives {KEEP_ARCHIVES}",
            }[row["kind"]]  # fmt: skip
        names = {k: {r["name"] for r in self.retired if r["kind"] == k}
                 for k in ("model", "night", "archive")}  # fmt: skip
        models = sorted(self.published.values())
        within = set(models[-int(KEEP_MODELS):])
        before = [m for m in models if m < self.machine.live[-1]]
        must = {self.machine.live[-1], *before[-2:]}
        assert set(models) - names["model"] == within | must
        refused = sorted(d for d, s in self.states.items() if s["outcome"] == "archived")
        assert names["archive"] == {f"archive/{d}" for d in refused[: -int(KEEP_ARCHIVES)]}
        for date in refused:
            assert (self.work / "archive" / date / "summary.md").is_file()
        nights = sorted(self.states)
        must = {m.removeprefix("nightly_") for m in must}
        assert set(nights) - names["night"] == set(nights[-int(KEEP_NIGHTS):]) | must

    def check_row(self, date: str, row: Json) -> None:
        """A line of the history, and what its stages said."""
        if date in self.quiet:
            assert (row["outcome"], row["reasons"]) == ("skipped", ["nothing new"])
            assert date not in self.states
            return
        state = self.states[date]
        assert row["outcome"] == state["outcome"]
        told = {s["name"]: s["message"] for s in row["stages"]}
        taken = [t for t in lines(self.work / "taken.jsonl")
                 if t["night"] == date and not t.get("is_broken")]
        good = [t for t in taken if not t.get("refused")]
        runs = len({t["run_id"] for t in good})
        assert told["collect"].startswith(
            f"{len(good)} new passing answers of {runs} runs, {len(taken) - len(good)} refused"
        )
        kept, pairs, refused = (len(lines(self.work / date / f"{n}.jsonl"))
                                for n in ("delta", "pairs", "refused"))
        assert told["curate"].startswith(f"{kept} records, {pairs} pairs; {refused} refused")
        files = self.manifests[date]["files"]
        copied = re.match(r"(\d+) files in (\S+),? ", told["snapshot"])
        if copied is not None:
            assert copied[2].rstrip(",") == f"{self.place}/{date}"
            assert int(copied[1]) == len(files)
        else:
            assert told["snapshot"] == "copied away by a later run"
        assert row["snapshot"] == f"{self.place}/{date}"
        purged = re.match(r"raw copies of (\d+) nights removed", told.get("purge", ""))
        if purged is not None:
            assert int(purged[1]) == len(self.result(date, "purge")["purged"])
        if row["outcome"] != "skipped":
            self._check_model(date, row, told)

    def _check_model(self, date: str, row: Json, told: dict[str, str]) -> None:
        night, train = f"work/continuous_retrain/{date}", self.result(date, "train")
        place = str(row["adapter"])
        model = place if row["outcome"] == "published" else f"{night}/none"
        deltas = self.read_lines(f"{night}/train/deltas.jsonl")
        data = self.read_lines(f"{night}/train/data/data.jsonl")
        assert train["delta_records"] == len(deltas)
        learnt = self._learnt_before(date)
        new = {(r["instruction"], r["output"]) for r in deltas} - learnt
        assert row["records"] == len(new & {(r["instruction"], r["output"]) for r in data})
        assert row["data"]["delta.jsonl"] == sha256(self.read(f"{night}/delta.jsonl"))
        assert row["data"]["data.jsonl"] == sha256(self.read(f"{night}/train/data/data.jsonl"))
        assert train["delta_sha256"] == sha256(self.read(f"{night}/train/deltas.jsonl"))
        said = re.match(r"(\d+) examples, (\d+) of the nights' records among them; (\d+) steps",
                        told["train"])  # fmt: skip
        assert said is not None
        assert int(said[2]) == len(deltas)
        if row["outcome"] == "published":
            run = json.loads(self.read(f"{model}/run.json"))
            assert int(said[1]) == run["examples"]["trained"]
            assert int(said[3]) == run["result"]["steps"]
        for name, folder in self.result(date, "benchmark")["results"].items():
            for figure, value in self._figures(folder).items():
                assert row["metrics"][name][figure] == pytest.approx(value), (date, name, figure)
            of_all = row["metrics"][name]["functional"]
            assert f"{name} {of_all:.3f}" in told["benchmark"]

    def _learnt_before(self, date: str) -> set[tuple[str, str]]:
        """What some published model had learnt: the records up to the last published night."""
        dates = [d for d in sorted(self.states) if d < date]
        last = max((d for d in dates if self.states[d]["outcome"] == "published"), default="")
        return {
            (r["instruction"], r["output"])
            for d in dates if d <= last for r in lines(self.work / d / "delta.jsonl")
        }  # fmt: skip

    def _figures(self, folder: str) -> dict[str, float]:
        """Means by task, then over tasks, of all and of each category."""
        by: dict[str, dict[str, dict[str, list[float]]]] = defaultdict(
            lambda: defaultdict(lambda: defaultdict(list)))  # fmt: skip
        for verdict in self.read_lines(f"{folder}/samples.jsonl"):
            for of in ("", f"/{verdict['category']}"):
                if verdict["functional"] is not None:
                    by[f"functional{of}"]["v"][verdict["spec_id"]].append(verdict["functional"])
                by[f"score{of}"]["v"][verdict["spec_id"]].append(verdict["score"])
        return {
            name: fmean(x for task in found["v"].values() for x in task)
            for name, found in by.items()
        }

    def check_notices(self) -> None:
        """Each night that ended was told of once, whatever had killed it."""
        told = Counter(self.notices)
        for date, state in self.states.items():
            assert told[f"nightly {date}: {TITLES[state['outcome']]}"] == 1, date
        for date in self.quiet:
            assert not [t for t in told if date in t]

    def check_status(self) -> None:
        """What `status` and `history` say."""
        said = json.loads(self.machine.ask("status", "--json"))
        live = self.machine.live[-1]
        assert (said["live"], said["live_night"]) == (live, live.removeprefix("nightly_"))
        assert said["figures"] == self.rows[said["live_night"]]["metrics"]["candidate"]
        assert said["outstanding"] == {str(self.place): []}
        assert not said["unfinished"]
        assert said["retired"] == Counter(r["kind"] for r in self.retired)
        assert len(said["excluded"]) == 1
        assert said["disk"]["models"] == _bytes(self.models)
        assert said["disk"]["archives"] == _bytes(self.work / "archive")
        assert said["disk"]["nights"] == sum(_bytes(self.work / d) for d in self.states)
        history = json.loads(self.machine.ask("history", "--json"))
        assert {n["date"]: n["outcome"] for n in history["nights"]} == {
            d: r["outcome"] for d, r in self.rows.items()
        }
        assert not history["problems"]
        assert len(self.rows) == 30
        for row in self.rows.values():
            assert set(row["disk"]) == {"nights", "models", "archives", "set aside", "free"}


def _bytes(folder: Path) -> int:
    found = {(f.lstat().st_dev, f.lstat().st_ino): f.lstat().st_size
             for f in folder.rglob("*") if f.is_file()}  # fmt: skip
    return sum(found.values())
