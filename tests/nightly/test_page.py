"""The status page: true, alone, and safe to open whatever the nights have written."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rtlbench.io.log import append
from rtlbench.nightly.decisions import Decision
from rtlbench.nightly.history import NightOutcome, NightRun, NightStage, write_night
from rtlbench.nightly.night import State, write_state
from rtlbench.nightly.page import HEIGHT, TOP, page
from rtlbench.nightly.paths import Paths
from rtlbench.nightly.retired import Retired, write_retired
from rtlbench.pipeline.state import StageRecord
from tests.nightly.made import nightly

EVIL = "</td><script>alert(1)</script><img src=x onerror=alert(1)>\x1b[31m\u202e&\"'"


class Seen(HTMLParser):
    """Tags, and texts, of a page; fails where a tag is closed that is not the last open one."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def paths_of(root: Path) -> Paths:
    return Paths(root=root, runs=root / "data" / "runs", date="")


def write(paths: Paths, number: int, outcome: NightOutcome, value: float | None,
          reasons: tuple[str, ...] = ()) -> None:  # fmt: skip
    date = f"2026-03-{number:02d}"
    metrics: dict[str, Any] = {"candidate": {"functional": value, "score": value}}
    about = (value or 0) - 0.1, (value or 0) + 0.1
    intervals = {"candidate": {"functional": about}}
    at = f"{date}T02:00:00+00:00"
    write_night(paths.history, NightRun(
        date=date, outcome=outcome, started=at, finished=at, records=number,
        stages=(NightStage(name="train", started=at, finished=f"{date}T02:30:00+00:00"),),
        metrics=metrics if value is not None else {},
        intervals=intervals if value is not None else {},
        disk={"nights": 1000 * number, "free": 10**9}, reasons=reasons,
    ))  # fmt: skip
    done = StageRecord(started=at, finished=at, message="", result={"records": number})
    night = paths.of(date)
    night.night.mkdir(parents=True)
    write_state(night, State(date=date, started=at, settings={}, stages={"curate": done},
                             outcome=outcome))  # fmt: skip


@pytest.fixture
def paths(root: Path) -> Paths:
    """Four nights, and all that others write with what they should not."""
    found = paths_of(root)
    write(found, 1, "published", 0.5)
    write(found, 2, "archived", 0.25, (EVIL,))
    write(found, 3, "published", 0.75)
    write(found, 4, "failed", None, (EVIL,))
    append(found.work / "decisions.jsonl", [
        Decision(at="2026-03-05T08:00:00+00:00", kind="exclude", night="2026-03-01", why=EVIL)
    ])  # fmt: skip
    write_retired(found, Retired(
        at="2026-03-06T02:00:00+00:00", kind="model", name=f"nightly_{EVIL}",
        rule="--keep-models 1", place=f"s3://{EVIL}", manifest_sha256="0", files=1, bytes=1,
    ))  # fmt: skip
    return found


def test_nothing_is_loaded_or_run_whatever_others_have_written(paths: Paths) -> None:
    text = page(paths)
    seen = Seen(text)
    tags = {tag for tag, _ in seen.tags}
    assert not tags & {"script", "img", "link", "iframe", "object", "a", "form", "base", "use"}
    for _, words in seen.tags:
        assert not {"src", "href", "style", "srcset"} & set(words)
        assert not [name for name in words if name.startswith("on")]
    (policy,) = [words["content"] for _, words in seen.tags if "http-equiv" in words]
    assert str(policy).startswith("default-src 'none'; ")
    assert "http" not in str(policy)
    assert not re.search(r"@import|url\(", text)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "<script>alert(1)</script>" in "".join(seen.text), "told, as text"
    assert "prefers-color-scheme: dark" in text


def test_each_night_is_where_its_figure_is_with_its_interval(paths: Paths) -> None:
    seen = Seen(page(paths))
    marks = [w["class"] for t, w in seen.tags if t == "g"]
    assert marks == ["mark published", "mark archived", "mark published"] * 2
    circles = [float(w["cy"] or 0) for t, w in seen.tags if t == "circle"][:3]
    assert circles == [TOP + HEIGHT * (1 - v) for v in (0.5, 0.25, 0.75)]
    whiskers = [w for t, w in seen.tags if t == "line" and "class" not in w][:3]
    for whisker, value in zip(whiskers, (0.5, 0.25, 0.75), strict=True):
        low, high = (TOP + HEIGHT * (1 - v) for v in (value - 0.1, value + 0.1))
        assert float(whisker["y1"] or 0) == pytest.approx(low, abs=0.1)
        assert float(whisker["y2"] or 0) == pytest.approx(high, abs=0.1)
    text = " ".join(seen.text)
    assert "2026-03-03, published: 0.750 (0.650 to 0.850)" in text
    assert "2026-03-04: failed" in text
    assert "beyond --keep-models 1" in text
    lines = [w["points"] or "" for t, w in seen.tags if t == "polyline"]
    assert [len(line.split()) for line in lines] == [2, 2, 4, 4]
    heights = [float(point.split(",")[1]) for point in lines[2].split()]
    assert heights == pytest.approx([TOP + HEIGHT * (1 - n / 10) for n in (1, 3, 6, 10)], abs=0.1)


def test_before_the_first_night_there_is_a_page(root: Path) -> None:
    assert "model in use" in page(paths_of(root))


def test_the_command_writes_it_whole(paths: Paths, tmp_path: Path) -> None:
    file = tmp_path / "pages" / "status.html"
    done = nightly(paths.root, "status", "--html", file)
    assert done.returncode == 0, done.stderr
    assert not done.stdout
    Seen(file.read_text())
    done = nightly(paths.root, "status", "--html", "/dev/null/x")
    assert done.returncode == 2
    assert "cannot write it" in done.stderr


def test_a_record_of_before_there_were_intervals_is_read(root: Path) -> None:
    found = paths_of(root)
    write(found, 1, "published", 0.5)
    path = found.history / "2026-03-01.json"
    said = msgspec.json.decode(path.read_bytes())
    del said["intervals"], said["disk"]
    path.write_bytes(msgspec.json.encode(said))
    assert "2026-03-01, published: 0.500 (0.500 to 0.500)" in page(found)
