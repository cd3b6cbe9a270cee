"""`rtlbench review`: a real server, a real browser, real verdicts; what `combine` makes of it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import httpx2
import pytest

from rtlbench.suites.families import load_suite
from tests.browsing import Scheme, browser, opened, waits

SCRIPT = Path(sysconfig.get_path("scripts")) / "rtlbench"
SPEC = next(s for s in load_suite() if s.id == "updown_w4_sync")
OWNED = "</script><script>document.title='owned'</script><img src=x onerror=document.title=1>"
WRONG = SPEC.golden.replace("+ 1'b1", "+ 2'd2")
FREE = "module gate(input a, input b, output y);\n  assign y = a & b;\nendmodule\n"
Command = Callable[..., "subprocess.CompletedProcess[str]"]
pytestmark = pytest.mark.slow


def records() -> list[dict[str, Any]]:
    """A right and a wrong answer to a task, one that nothing can judge, and a hostile one."""
    return [
        {"instruction": SPEC.prompt, "output": SPEC.golden, "metadata": {"spec_id": SPEC.id}},
        {"instruction": SPEC.prompt, "output": WRONG, "metadata": {"spec_id": SPEC.id}},
        {"instruction": "An and gate `gate` of a and b, output y.", "output": FREE},
        {"instruction": f"A wire {OWNED}", "output": f"module w(input a, output y); // {OWNED}\n"
         "  assign y = a;\nendmodule\n", "metadata": {"source": OWNED}},
    ]  # fmt: skip


class Review:
    """The installed command, on loopback."""

    def __init__(self, file: Path, *options: object) -> None:
        argv = [sys.executable, str(SCRIPT), "review", str(file), "-n", "1", *map(str, options)]
        self.process = subprocess.Popen(
            argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        told = re.search(r"review: (http://127\.0\.0\.1:\d+/\S+/)", self.process.stdout.readline())
        assert told is not None, self.process.communicate()[1]
        self.url = told[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGINT)
        self.told, self.complained = self.process.communicate(timeout=60)

    def decide(self, place: int, **said: Any) -> httpx2.Response:
        return httpx2.post(f"{self.url}decide/{place}", json=said, timeout=60)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    file = tmp_path / "data.jsonl"
    file.write_text("".join(f"{json.dumps(r)}\n" for r in records()))
    return file


@pytest.fixture
def running(data: Path) -> Iterator[Review]:
    with Review(data, "--reviewer", "ada") as review:
        yield review


def decisions(data: Path, reviewer: str = "ada") -> list[dict[str, Any]]:
    lines = data.with_name(f"{data.name}.{reviewer}.review.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


@browser
def test_a_reviewer_goes_through_the_records_by_keyboard(data: Path, running: Review) -> None:
    with opened(running.url) as shown:
        page = shown.page
        waits(shown, "#verdict", "pass, score")
        page.keyboard.press("a")
        waits(shown, "#verdict", "fail, score")
        assert page.locator("svg").count() == 1
        assert page.get_by_text("[simulation.mismatch]").count() >= 1
        page.keyboard.press("s")  # nothing was changed
        waits(shown, "#told", "changed")
        page.keyboard.press("e")
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(SPEC.golden + "// mended\n")
        waits(shown, "#verdict", "pass, score")
        assert page.locator("svg").count() == 0
        page.keyboard.press("Escape")
        page.keyboard.press("s")
        waits(shown, "#where", "3.")
        page.keyboard.press("c")
        page.keyboard.insert_text("ar is no word")  # typed into a field, not taken for decisions
        page.keyboard.press("Escape")
        page.keyboard.press("r")
        waits(shown, "#where", "4.")
        assert page.locator("#count").inner_text() == "3 of 4 decided"
        page.keyboard.press("k")
        waits(shown, "#comment", "ar is no word")
        assert not shown.errors
        assert shown.asked == {running.url.split("/")[2]}
    made = decisions(data)
    assert [d["decision"] for d in made] == ["accept", "correct", "reject"]
    assert made[1]["corrected"]["metadata"]["rtlbench"]["tier"] == "proven"
    assert made[2]["comment"] == "ar is no word"


@browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_a_record_holds_is_text_and_the_page_is_usable_by_all(
    running: Review, scheme: Scheme
) -> None:
    with opened(f"{running.url}#4", scheme) as shown:
        page = shown.page
        waits(shown, "#verdict", "score")
        assert page.title() == "Review: 4 records"
        assert page.locator("main img").count() == 0
        assert OWNED in page.locator("#instruction").inner_text()
        assert shown.faults() == []
        page.keyboard.press("k")
        page.keyboard.press("k")
        page.wait_for_selector("svg")
        assert shown.faults() == []
        assert not shown.errors


def test_progress_is_kept_and_a_decision_can_be_taken_back(data: Path) -> None:
    with Review(data, "--reviewer", "ada") as first:
        assert first.decide(0, decision="accept").json() == {"decision": "accept"}
        assert first.decide(2, decision="reject", comment="no").json() == {"decision": "reject"}
        assert first.decide(2, decision="undecided").json() == {"decision": ""}
    assert "1 of 4 decided (1 accept)" in first.told
    log = data.with_name(f"{data.name}.ada.review.jsonl")
    with log.open("a") as file:
        file.write('{"record":"torn')
    with Review(data, "--reviewer", "ada") as second:
        assert second.decide(1, decision="reject").status_code == 200
        busy = subprocess.run(
            [sys.executable, str(SCRIPT), "review", str(data), "--reviewer", "ada"],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert busy.returncode == 2
    assert "another review writes it" in busy.stderr
    assert "2 of 4 decided" in second.told
    assert [d["decision"] for d in decisions(data)] == ["accept", "reject", "undecided", "reject"]


def test_a_correction_that_is_wrong_is_not_kept(data: Path, running: Review) -> None:
    for place, output in ((1, WRONG + "// still wrong\n"), (2, "no code at all"), (0, SPEC.golden)):
        refused = running.decide(place, decision="correct", output=output)
        assert refused.status_code == 422, refused.text
        assert refused.json()["error"]
    assert not data.with_name(f"{data.name}.ada.review.jsonl").exists()


def test_only_who_knows_the_token_gets_anything(running: Review) -> None:
    host = running.url.split("/")[2]
    for path in ("", "x/", "x/records/0"):
        assert httpx2.get(f"http://{host}/{path}").status_code == 404
    assert httpx2.post(f"http://{host}/x/decide/0", json={"decision": "accept"}).status_code == 404
    elsewhere = httpx2.get(running.url, headers={"host": "evil.example"})
    assert elsewhere.status_code == 400
    form = httpx2.post(
        f"{running.url}decide/0",
        content='{"decision":"accept"}',
        headers={"content-type": "text/plain"},
    )
    assert form.status_code == 422
    assert running.decide(0, decision="sure").status_code == 422
    assert running.decide(9, decision="accept").status_code == 404
    assert running.decide(0, decision="accept", comment="x" * (1 << 21)).status_code == 422
    page = httpx2.get(running.url)
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "<img" not in page.text


def test_combine_honours_what_was_decided(data: Path, command: Command, tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    assert command("filter", data, "--out", kept, "--accept", "unproven", "-n", 1).returncode == 0
    with Review(kept, "--reviewer", "ada") as review:
        shown = [httpx2.get(f"{review.url}records/{k}").json() for k in range(3)]
        gate = next(k for k, r in enumerate(shown) if "gate" in r["instruction"])
        wire = next(k for k, r in enumerate(shown) if "wire" in r["instruction"])
        assert shown[gate]["about"]["tier"] == "unproven"
        better = FREE.replace("a & b", "b & a")
        told = review.decide(gate, decision="correct", output=better, comment="nicer")
        assert told.status_code == 200, told.text
        review.decide(wire, decision="reject", comment="nobody needs it")
    log = f"{kept}.ada.review.jsonl"
    out = tmp_path / "set.jsonl"
    base = ("combine", kept, "--out", out, "--duplicates", "none", "--against", "none")
    before = command(*base, "--json")
    assert json.loads(before.stdout)["total"]["written"] == 1  # the proven one alone
    told_now = command(*base, "--review", log, "--json")
    assert told_now.returncode == 0, told_now.stderr
    manifest = json.loads(told_now.stdout)
    assert manifest["total"]["written"] == 2
    assert manifest["removed"] == {"review.rejected": 1}
    assert manifest["reviews"][0]["decisions"] == 2
    written = {r["output"]: r for r in map(json.loads, out.read_text().splitlines())}
    about = written[better]["metadata"]["rtlbench"]
    assert (about["tier"], about["evidence"], about["reviewers"]) == (
        "attested", "a reviewer", ["ada"],
    )  # fmt: skip
    again = command("combine", out, "--out", tmp_path / "again.jsonl", *base[4:])
    assert again.returncode == 0, again.stderr  # its seals hold
    only = command(*base, "--review", log, "--reviewed-only", "--json")
    assert json.loads(only.stdout)["removed"] == {"review.rejected": 1, "review.none": 1}
    text = Path(log).read_text().replace("b & a", "b | a")
    Path(log).write_text(text)
    forged = command(*base, "--review", log)
    assert forged.returncode == 2
    assert "it was changed since the filter wrote it" in forged.stderr


def test_two_reviewers_and_their_agreement(data: Path, command: Command) -> None:
    for reviewer, words in (("ada", "aara"), ("bob", "aarr")):
        with Review(data, "--reviewer", reviewer) as review:
            for place, letter in enumerate(words):
                review.decide(place, decision={"a": "accept", "r": "reject"}[letter])
    told = command("review", data, "--agreement")
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines()[:2] == [
        "ada and bob: 3 of 4 alike, kappa 0.500",  # (3/4 - 1/2) / (1 - 1/2)
        "  data.jsonl:4: ada accept, bob reject",
    ]
    assert "Cohen 1960" in told.stdout
