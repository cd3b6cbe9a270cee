"""docs/catalogue.md: made from the tasks and the figures in data/catalogue.json."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from rtlbench.suites.families import load_suite
from scripts.make_catalogue import Figures, Measured, catalogue
from tests.support import updown

ROOT = Path(__file__).parents[2]
AGAIN = "make it again: python scripts/make_catalogue.py"


def test_the_page_is_what_is_made_of_the_tasks_and_the_figures() -> None:
    measured = msgspec.json.decode((ROOT / "data" / "catalogue.json").read_bytes(), type=Measured)
    specs = load_suite()
    page = (ROOT / "docs" / "catalogue.md").read_text()
    listed = re.findall(r"^\| `(\w+)` \|", page, re.M)
    assert sorted(listed) == sorted(s.id for s in specs), AGAIN
    assert set(measured.members) <= set(listed), AGAIN
    assert page == catalogue(specs, measured), AGAIN


def test_figures_are_summed_by_category_and_in_all() -> None:
    specs = list(updown().values())
    one = Figures(made=50, killed=48, equivalent=2, formal="proved")
    two = Figures(made=1_000, killed=1_000, formal="more than one clock")
    page = catalogue(specs, Measured(about="x", members={specs[0].id: one, specs[1].id: two}))
    families, tasks = "1", "5"
    levels = [str(sum(s.difficulty == d for s in specs)) for d in ("easy", "medium", "hard")]
    figures = ["1,050", "1,048", "2", "0", "0", "0", "1"]
    row = " | ".join([families, tasks, *levels, *figures])
    assert f"| [updown_counter](#updown_counter) | {row} |" in page
    assert f"| **all** | {row} |" in page
    assert "2 of 5 tasks have figures" in page
    first = f"| `{specs[0].id}` | updown | {specs[0].difficulty} |"
    assert f"{first} 50 | 48 | 2 | 0 | 0 | 0 | proved |" in page


def test_a_task_without_figures_says_so() -> None:
    page = catalogue(list(updown().values()), Measured(about="x"))
    assert page.count("| - | - | - | - | - | - | not measured |") == 5
