"""`rtlbench report`: a run's page, in a real browser; hostile answers stay text."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rtlbench.pages.page import script_data
from rtlbench.suites.families import load_suite
from tests.browsing import CHROMIUM, Scheme, browser, opened
from tests.conftest import right, wrong

SPEC = next(s for s in load_suite() if s.id == "updown_w4_sync")
OWNED = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>"
HOSTILE = {
    "spec_id": SPEC.id,
    "sample": 2,
    "model": OWNED,
    "completion": f"""```verilog
module updown_counter; // {OWNED}
  \\{OWNED.replace(" ", "_")} u();
endmodule
```""",
}


def command(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """`python -m rtlbench` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "rtlbench", *map(str, arguments)],
        capture_output=True, text=True, cwd=cwd, check=False,
    )  # fmt: skip


def judged(folder: Path, name: str, *answers: dict[str, Any]) -> Path:
    """The results folder of a run over `answers`, which lie beside it."""
    lines = folder / f"{name}.jsonl"
    lines.write_text("".join(f"{json.dumps(a)}\n" for a in answers))
    results = folder / name
    given = ("--candidates", lines, "--results", results, "--workers", 1, "--partial")
    ran = command("bench", *given, cwd=folder)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return results


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a run with a right, a wrong and a hostile answer."""
    folder = tmp_path_factory.mktemp("report")
    results = judged(folder, "results", right(SPEC), wrong(SPEC), HOSTILE)
    out = folder / "page.html"
    told = command(
        "report", results, "--candidates", folder / "results.jsonl", "--out", out, cwd=folder
    )
    assert told.returncode == 0, told.stderr
    assert "3 answers to 1 task\n" in told.stdout
    return out


def shown(page: Path, fragment: str = "") -> str:
    """The page's document once its scripts have run."""
    assert CHROMIUM is not None
    return subprocess.run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
            f"--user-data-dir={page.parent / 'browser'}", f"{page.as_uri()}{fragment}",
        ],
        capture_output=True, text=True, timeout=120, check=True,
    ).stdout  # fmt: skip


def data(page: Path) -> dict[str, Any]:
    """What the page's script reads."""
    found = re.search(r'id="data">(.*?)</script>', page.read_text(), re.S)
    assert found is not None
    read: dict[str, Any] = json.loads(found[1])
    return read


def test_every_answer_is_there_with_its_reason_and_its_code(made: Path) -> None:
    rows = {row["sample"]: row for row in data(made)["rows"]}
    assert [rows[k]["outcome"] for k in range(3)] == ["pass", "fail", "fail"]
    assert rows[1]["rule"] == "simulation.mismatch"
    assert rows[1]["message"].startswith("cycle ")
    assert rows[1]["trace"][-1]["got"]["q"] != rows[1]["trace"][-1]["expected"]["q"]
    assert "+ 2'd2" in rows[1]["code"]
    assert data(made)["prompts"] == {SPEC.id: SPEC.prompt}


def test_nothing_of_an_answer_ends_the_script_and_nothing_is_fetched(made: Path) -> None:
    text = made.read_text()
    assert data(made)["rows"][2]["model"].startswith("</script>")
    assert text.count("</script>") == 2
    assert "<img" not in text
    assert not re.search(r'(?:src|href)="(?!#)', text.replace('{href: `#', ""))
    assert "default-src 'none'" in text


@browser
def test_a_browser_shows_the_table_and_an_answers_waveform(made: Path) -> None:
    dom = shown(made, f"#{SPEC.id}/1")
    assert "<title>results: rtlbench report</title>" in dom
    assert "3 of 3" in dom
    assert dom.count('aria-expanded="true"') == 1
    assert "<svg" in dom
    assert re.search(r"Cycle \d+: q is \d+, expected \d+", dom)
    assert "What was asked" in dom


@browser
def test_in_a_browser_hostile_text_is_text(made: Path) -> None:
    dom = shown(made, f"#{SPEC.id}/2")
    assert "<title>results: rtlbench report</title>" in dom
    assert "<img" not in dom
    assert "&lt;img src=x" in dom


def test_runs_stand_side_by_side(tmp_path: Path) -> None:
    folders = [
        judged(tmp_path, "before", right(SPEC), wrong(SPEC)),
        judged(tmp_path, "after", right(SPEC), right(SPEC, 1)),
    ]
    out = tmp_path / "both.html"
    told = command("report", *folders, "--out", out, "--allow", "candidates", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    found = data(out)
    assert found["others"] == ["after"]
    assert [(r["outcome"], r["others"]) for r in found["rows"]] == [
        ("pass", ["pass"]), ("fail", ["pass"]),
    ]  # fmt: skip
    assert "Beside other runs" in out.read_text()
    assert "2 without their code" in told.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(("report", "nowhere"), "no run.json there"), (("report",), "Missing argument")],
)
def test_what_is_no_run_is_told(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    ran = command(*arguments, cwd=tmp_path)
    assert ran.returncode == 2
    assert told in ran.stderr


@browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_usable_by_all_and_asks_for_nothing(made: Path, scheme: Scheme) -> None:
    with opened(f"{made.as_uri()}#{SPEC.id}/1", scheme) as page:
        page.page.wait_for_selector("svg")
        assert page.faults() == []
        assert not page.errors
        assert page.asked == {""}


@browser
def test_five_thousand_answers_are_one_file_of_less_than_15_mb(made: Path, tmp_path: Path) -> None:
    text, held = made.read_text(), data(made)
    held["rows"] = [held["rows"][k % 2] | {"sample": k} for k in range(5000)]
    big = tmp_path / "big.html"
    found = re.search(r'id="data">(.*?)</script>', text, re.S)
    assert found is not None
    big.write_text(text[: found.start(1)] + script_data(held) + text[found.end(1) :])
    assert big.stat().st_size < 15_000_000
    with opened(big.as_uri()) as page:
        assert page.page.locator("#count").inner_text() == "5000 of 5000"
        assert page.page.locator("#rows > tr").count() == 200
        assert not page.errors
