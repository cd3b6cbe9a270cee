"""What was refused, for mending; and records that a library of modules completes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from tests.conftest import SmallSuite
from tests.support import CLASSIC

Command = Callable[..., subprocess.CompletedProcess[str]]
SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "repair.v1.json"
WIRE = "module w(input a, output y);\n  assign y = a;\nendmodule\n"


def filtered(
    folder: Path, rtlbench: Command, rows: list[dict[str, Any]], *more: object
) -> subprocess.CompletedProcess[str]:
    raw = folder / "raw.jsonl"
    raw.write_text("".join(json.dumps(r) + "\n" for r in rows))
    call = ["filter", raw, "--out", folder / "gold.jsonl", "--cache", "none", "-n", "1"]
    return rtlbench(*call, *more)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_what_was_refused_is_kept_for_mending_and_simple_mends_are_judged_again(
    tmp_path: Path, small_suite: SmallSuite, rtlbench: Command
) -> None:
    """A mend that is none is offered with what is still wrong; nothing mended is kept."""
    spec = small_suite.specs[0]
    cut = spec.golden.rstrip().removesuffix("endmodule")
    assert cut != spec.golden.rstrip()
    wrong = cut.replace("+ 1'b1", "+ 2'd2")
    rows = [
        {"instruction": spec.prompt, "output": f"Here:\n```verilog\n{cut}"},
        {"instruction": spec.prompt, "output": f"`pragma once\n{spec.golden}"},
        {"instruction": spec.prompt, "output": wrong},
        {"instruction": spec.prompt, "output": cut[: len(cut) // 2]},
        {"instruction": "A counter with enable", "output": CLASSIC},
        {"instruction": "A wire", "output": WIRE},
    ]
    ran = filtered(tmp_path, rtlbench, rows, small_suite.option, "--repair")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert lines(tmp_path / "gold.jsonl") == []
    made = lines(tmp_path / "gold.repair.jsonl")
    for line in made:
        jsonschema.validate(line, json.loads(SCHEMA.read_text()))
    found = {r["where"].partition(":")[2]: r for r in made}
    assert set(found) == {"1", "2", "3", "4", "5"}
    assert [(found[k]["mended"]["by"], found[k]["mended"]["tier"]) for k in "12"] == [
        (["endmodule"], "proven"), (["directive"], "proven"),
    ]  # fmt: skip
    assert found["1"]["mended"]["output"].strip() == spec.golden.strip()
    assert found["1"]["broken"] == rows[0]["output"]
    assert found["3"]["mended"]["place"] == "refused"
    assert found["3"]["mended"]["messages"][0].startswith("simulation.mismatch")
    assert "mended" not in found["5"]
    assert found["5"]["findings"][0].startswith("ports.unused-input")
    assert "(5, 2 of them mended)" in ran.stdout


def test_a_library_completes_records_whose_modules_lie_in_other_files(
    tmp_path: Path, rtlbench: Command
) -> None:
    """Modules of modules too; a name with two texts completes nothing, a module in a comment is
    none."""
    folder = tmp_path / "library"
    (folder / "deep").mkdir(parents=True)
    stage = "module stage(input a, output y);\n  inner i(.a(a), .y(y));\nendmodule\n"
    (folder / "stage.v").write_text(f"// module inner(input a); endmodule\n{stage}")
    (folder / "deep" / "inner.sv").write_text(WIRE.replace("module w", "module inner"))
    (folder / "one.v").write_text(WIRE.replace("module w", "module twice"))
    (folder / "two.v").write_text(WIRE.replace("module w", "module twice").replace("= a", "= ~a"))
    top = "module top(input a, output y);\n  NAME u(.a(a), .y(y));\nendmodule\n"
    names = ("stage", "twice", "nowhere")
    rows = [{"instruction": "", "output": top.replace("NAME", n), "name": n} for n in names]
    more = ("--library", folder, "--accept", "unproven")
    ran = filtered(tmp_path, rtlbench, rows, *more)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (kept,) = lines(tmp_path / "gold.jsonl")
    assert kept["metadata"]["name"] == "stage"
    assert kept["metadata"]["completed"] == ["inner", "stage"]
    assert "module inner" in kept["output"]
    refused = lines(tmp_path / "gold.refused.jsonl")
    told = {r["metadata"]["name"]: r["metadata"]["rtlbench"] for r in refused}
    assert {n: about["refused"] for n, about in told.items()} == {
        "twice": "syntax.unknown-module", "nowhere": "syntax.unknown-module",
    }  # fmt: skip
    assert told["nowhere"]["messages"] == ["syntax.unknown-module: unknown module 'nowhere'"]


@pytest.mark.parametrize("name", ["none", "empty"])
def test_a_library_without_modules_is_one_message(
    tmp_path: Path, rtlbench: Command, name: str
) -> None:
    (tmp_path / "empty").mkdir()
    rows = [{"instruction": "A wire", "output": WIRE}]
    ran = filtered(tmp_path, rtlbench, rows, "--library", tmp_path / name)
    assert ran.returncode == 2
    assert f"--library {tmp_path / name}: " in ran.stderr
    assert "Traceback" not in ran.stderr
