"""`rtlbench filter --report`: the page that a person decides from."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from html import unescape
from pathlib import Path

from tests.conftest import SmallSuite
from tests.support import CLASSIC

Command = Callable[..., subprocess.CompletedProcess[str]]
WIRE = "module w(input a, output y);\n    assign y = a;\nendmodule\n"


def test_the_page_says_what_is_in_the_set_and_shows_examples_of_each_reason(
    tmp_path: Path, small_suite: SmallSuite, rtlbench: Command
) -> None:
    """Words of a record are text, whatever they look like."""
    spec = small_suite.specs[0]
    hostile = "A wire. <script>alert(1)</script>"
    rows = [
        {"instruction": spec.prompt, "output": spec.golden},
        *({"instruction": f"Counter {k}", "output": CLASSIC} for k in range(12)),
        {"instruction": hostile, "output": WIRE},
        {"instruction": "Another wire.", "output": WIRE},
    ]
    raw, out = tmp_path / "raw.jsonl", tmp_path / "gold.jsonl"
    raw.write_text("".join(json.dumps(r) + "\n" for r in rows))
    against = small_suite.option.removeprefix("--suite=")
    call = ["filter", raw, "--out", out, small_suite.option, "--cache", "none", "-n", "1"]
    ran = rtlbench(*call, "--report", "--against", against)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    page = tmp_path / "gold.report.html"
    assert str(page) in ran.stdout
    text = page.read_text()
    assert "<script" not in text
    assert hostile in unescape(text)
    cards = dict(re.findall(r'<span class="quiet">([^<]+)</span><span class="value">(\d+)', text))
    assert cards == {
        "kept": "1", "set aside: nothing speaks for them": "2", "refused": "12",
        "not judged": "0", "leave ports unused": "12", "repeat another's code": "12",
        "resemble a benchmark's member": "1",
    }  # fmt: skip
    summary = re.compile(r'<details><summary>([^<]+) <span class="quiet">(\d+)</span>')
    reasons = dict(summary.findall(unescape(text)))
    assert reasons == {
        "ports.unused-input": "12", "set aside, unproven: the static Checks": "2",
        "kept, proven: the task's model": "1",
    }  # fmt: skip
    assert text.count("<summary>raw.jsonl:") == 10 + 2 + 1
    for threshold in ("0.7", "0.95", "1.0"):
        assert f'<th scope="row">{threshold}</th>' in text
