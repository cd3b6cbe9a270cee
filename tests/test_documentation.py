"""The documentation as pages: every page has its place, and Zensical finds no fault in any."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


def pages(entries: list[Any]) -> Iterator[str]:
    """The pages that a navigation names, at any depth."""
    for entry in entries:
        for below in entry.values():
            yield from [below] if isinstance(below, str) else pages(below)


def test_every_page_has_one_place_in_the_navigation() -> None:
    # Zensical says nothing of a page that is named and is not there, or is there and not named.
    project = tomllib.loads((ROOT / "zensical.toml").read_text())["project"]
    assert sorted(pages(project["nav"])) == sorted(p.name for p in (ROOT / "docs").glob("*.md"))


def test_the_index_leads_to_every_page() -> None:
    index = (ROOT / "docs" / "index.md").read_text()
    others = {p.name for p in (ROOT / "docs").glob("*.md")} - {"index.md"}
    assert not [name for name in sorted(others) if f"({name})" not in index]


def test_the_readmes_figures_of_the_filter_are_those_of_their_page() -> None:
    row = re.compile(r"\| (\d+) \| (\d+\.\d%) \|")
    text, page = ((ROOT / name).read_text() for name in ("README.md", "docs/dataset.md"))
    shown = row.findall(text)
    assert len(shown) == 7
    assert not set(shown) - set(row.findall(page))


def test_the_readmes_throughput_is_that_of_its_page() -> None:
    text, page = ((ROOT / name).read_text() for name in ("README.md", "docs/performance.md"))
    told = " ".join(text.partition("share one simulation.")[2].partition("(docs/")[0].split())
    milliseconds = re.findall(r"whole verdict, all Checks +(\d+\.\d+) ms", page)[:2]
    times = re.findall(r"against one simulation each: (\d+\.\d) times", page)[:2]
    assert [f"{float(ms):.0f}" for ms in milliseconds] == re.findall(r"(\d+) ms", told)
    assert f"{float(times[1]):.0f} times" in told
    low, high = re.findall(r"(\d+) to (\d+) times", told)[0]
    assert float(low) <= round(float(times[0])) <= float(high)


def test_the_readmes_fine_tuned_model_is_that_of_its_page() -> None:
    text, page = (
        " ".join((ROOT / name).read_text().split())
        for name in ("README.md", "docs/experiment-real-long.md")
    )
    told = re.search(r"of (\d+) fresh tasks .*?\(functional (\S+), (.*?)\)", text)
    assert told is not None
    tasks, share, interval = told.groups()
    row = page.partition("| functional | 0.7 |")[2].partition("| version |")[0]
    assert f"| {share} ({interval}), met |" in row
    assert f"Over {tasks} tasks." in page


def test_the_readmes_wrong_counter_fails_as_it_says(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text().partition("A counter that")[2]
    counter, command, told = re.findall(r"^```(?:verilog)?\n(.*?)^```", text, re.M | re.S)[:3]
    (tmp_path / "counter.sv").write_text(counter)
    ran = subprocess.run(
        [sys.executable, "-m", *command.split()],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert ran.returncode == 1, ran.stderr
    assert ran.stdout == told


def test_the_readmes_scores_are_those_of_their_page() -> None:
    figure = re.compile(r"\d+\.\d% \(\d+\.\d to \d+\.\d\)")
    text, scores = ((ROOT / name).read_text() for name in ("README.md", "docs/scores.md"))
    shown = figure.findall(text)
    assert len(shown) == 3
    assert all(f"| {one} |" in scores for one in shown)


def test_every_schema_is_listed() -> None:
    listed = (ROOT / "docs" / "schemas.md").read_text()
    names = [p.name for p in (ROOT / "docs" / "schemas").iterdir()]
    assert not [name for name in names if f"(schemas/{name})" not in listed]


def build(project: Path) -> subprocess.CompletedProcess[str]:
    """A strict build of `project`/docs by our settings."""
    shutil.copy(ROOT / "zensical.toml", project)
    return subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"],
        cwd=project, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(find_spec("zensical") is None, reason="needs rtlbench[docs]: Zensical")
def test_the_pages_are_built_strictly(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    built = build(tmp_path)
    assert built.returncode == 0, built.stdout + built.stderr
    for page in (ROOT / "docs").glob("*.md"):
        place = tmp_path / "site" / ("" if page.stem == "index" else page.stem)
        assert (place / "index.html").is_file(), page.name
    assert (tmp_path / "site/schemas/verdict.v1.json").is_file()


@pytest.mark.slow
@pytest.mark.skipif(find_spec("zensical") is None, reason="needs rtlbench[docs]: Zensical")
@pytest.mark.parametrize("link", ["../README.md", "nosuch.md", "index.md#nosuch"])
def test_a_link_that_leads_nowhere_stops_it(tmp_path: Path, link: str) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.md").write_text("# Top\n")
    (docs / "wrong.md").write_text(f"# Wrong\n\n[there]({link})\n")
    built = build(tmp_path)
    assert built.returncode != 0
    assert "wrong.md" in built.stdout + built.stderr
