"""Ways to proof for records without a task: references, trusted benches, answers that agree."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]
WORDS = "Write a module that gives the larger of two unsigned 4-bit numbers a and b on y."
PORTS = "(input [3:0] a, input [3:0] b, output [3:0] y)"
REFERENCE = f"module reference{PORTS};\n  assign y = a > b ? a : b;\nendmodule\n"
RIGHT = {
    "plain": f"module max4{PORTS};\n  assign y = (a >= b) ? a : b;\nendmodule\n",
    "block": "module max4(input [3:0] a, input [3:0] b, output reg [3:0] y);\n"
    "  always @(*) begin\n    y = b;\n    if (a > b) y = a;\n  end\nendmodule\n",
    "gates": f"module larger{PORTS};\n  wire s = b < a;\n"
    "  assign y = ({4{s}} & a) | ({4{~s}} & b);\nendmodule\n",
}
WRONG = {
    "smaller": f"module max4{PORTS};\n  assign y = a < b ? a : b;\nendmodule\n",
    "corner": f"module max4{PORTS};\n"
    "  assign y = (a > b) ^ (a == 4'd13 && b == 4'd6) ? a : b;\nendmodule\n",
}
OTHER_PORTS = "module max4(input [3:0] a, input [3:0] b, output [3:0] z);\n" \
    "  assign z = a > b ? a : b;\nendmodule\n"  # fmt: skip
BENCH = """module tb;
  reg [3:0] a, b; wire [3:0] y; integer i; integer bad;
  max4 dut(.a(a), .b(b), .y(y));
  initial begin
    bad = 0;
    for (i = 0; i < 256; i = i + 1) begin
      {a, b} = i; #1;
      if (y !== (a > b ? a : b)) bad = bad + 1;
    end
    if (bad == 0) $display("All tests passed"); else $display("FAIL: %0d errors", bad);
    $finish;
  end
endmodule
"""


def filtered(
    folder: Path, rtlbench: Command, rows: Iterable[dict[str, Any]], *more: object
) -> dict[str, tuple[str, str]]:
    """By the record's name: where it went, and its tier."""
    raw, out = folder / "raw.jsonl", folder / "out" / "gold.jsonl"
    raw.write_text("".join(json.dumps(r) + "\n" for r in rows))
    ran = rtlbench("filter", raw, "--out", out, "--cache", folder / "cache", "-n", "1", *more)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = {}
    for place in ("kept", "unproven", "refused"):
        path = out if place == "kept" else out.with_name(f"gold.{place}.jsonl")
        for line in path.read_text().splitlines():
            metadata = json.loads(line)["metadata"]
            found[metadata["name"]] = (place, metadata["rtlbench"]["tier"])
    return found


def row(name: str, code: str, words: str = WORDS, **more: object) -> dict[str, Any]:
    return {"instruction": words, "output": code, "name": name, **more}


KEPT, ATTESTED = ("kept", "proven"), ("kept", "attested")
BELOW, REFUSED = ("unproven", "unproven"), ("refused", "unproven")


def test_a_file_of_references_judges_records_of_its_words_and_ports(
    tmp_path: Path, rtlbench: Command
) -> None:
    """Whatever the module is called; not of other words, not with other ports."""
    references = tmp_path / "references.jsonl"
    lines = [
        {"question": f"Please, {WORDS}", "answer": "see below", "reference": REFERENCE},
        {"question": "An inverter from a to y.", "answer": "no module at all"},
        {"question": "Which is it?", "answer": REFERENCE},
        {"question": "Which is it?", "answer": REFERENCE.replace(">", "<")},
    ]
    references.write_text("".join(json.dumps(r) + "\n" for r in lines))
    inverter = "module inv(input a, output y);\n  assign y = ~a;\nendmodule\n"
    rows = [
        *(row(n, c) for n, c in (RIGHT | WRONG).items()),
        row("fenced", f"Here:\n```verilog\n{RIGHT['plain']}```\n"),
        row("other ports", OTHER_PORTS),
        row("other words", RIGHT["plain"], WORDS.replace("larger", "largest")),
        row("reference unread", inverter, "An inverter from a to y."),
        row("two references", RIGHT["plain"], "Which is it?"),
    ]
    found = filtered(tmp_path, rtlbench, rows, "--references", references, "--agree", 0)
    assert {n: found[n] for n in RIGHT} == dict.fromkeys(RIGHT, KEPT)
    assert {n: found[n] for n in WRONG} == dict.fromkeys(WRONG, REFUSED)
    assert found["fenced"] == KEPT
    for name in ("other ports", "other words", "reference unread", "two references"):
        assert found[name] == BELOW, name


@pytest.mark.parametrize(
    ("trust", "expected"),
    [
        ("trusted", {"right": KEPT, "wrong": REFUSED, "bench": KEPT, "wrong bench": REFUSED,
                     "hostile": BELOW, "both": KEPT}),
        ("self", {"right": BELOW, "wrong": BELOW, "bench": ATTESTED, "wrong bench": REFUSED,
                  "hostile": BELOW, "both": ATTESTED}),
    ],
)  # fmt: skip
def test_what_a_record_carries_is_proof_where_it_is_trusted(
    tmp_path: Path, rtlbench: Command, trust: str, expected: dict[str, tuple[str, str]]
) -> None:
    """A reference that no tool may open judges nothing, whoever is trusted."""
    hostile = REFERENCE.replace("endmodule", "  initial $system(\"id\");\nendmodule")
    rows = [
        row("right", RIGHT["gates"], reference=REFERENCE),
        row("wrong", WRONG["corner"], golden=REFERENCE),
        row("bench", RIGHT["plain"], testbench=BENCH),
        row("wrong bench", WRONG["corner"], testbench=BENCH),
        row("hostile", RIGHT["block"], ref=hostile),
        row("both", RIGHT["block"], testbench=BENCH, ground_truth=REFERENCE),
    ]
    assert filtered(tmp_path, rtlbench, rows, "--testbench", trust, "--agree", 0) == expected


def test_answers_that_agree_attest_each_other_and_copies_count_once(
    tmp_path: Path, rtlbench: Command
) -> None:
    other = "Give the larger of the unsigned 4-bit numbers a and b on y."
    twice = "On y give the larger of the unsigned 4-bit numbers a and b."
    rows = [
        *(row(n, c) for n, c in (RIGHT | WRONG).items()),
        row("copy", RIGHT["plain"]),
        *(row(f"copy {k}", RIGHT["plain"] + "\n" * k, other) for k in range(3)),
        *(row(f"two {n}", c, twice) for n, c in list(RIGHT.items())[:2]),
        *(row(f"no words {n}", c, "") for n, c in RIGHT.items()),
        *(row(f"idle words {n}", c, "Please write a Verilog module.") for n, c in RIGHT.items()),
    ]
    found = filtered(tmp_path, rtlbench, rows, "--agree", 3)
    assert {n for n, place in found.items() if place == ATTESTED} == {*RIGHT, "copy"}
    assert {place for n, place in found.items() if n not in {*RIGHT, "copy"}} == {BELOW}
    report = json.loads((tmp_path / "out" / "filter.json").read_text())
    assert report["evidence"]["other answers to its words"] == 4
    assert report["rule"]["agree"] == 3


@pytest.mark.slow
def test_as_many_that_agree_on_something_else_leave_it_open(
    tmp_path: Path, rtlbench: Command
) -> None:
    again = {f"{n} again": f"// once more\n{c}" for n, c in WRONG.items()}
    smaller = {n: c for n, c in (WRONG | again).items() if n.startswith("smaller")}
    rows = [row(n, c) for n, c in ({n: RIGHT[n] for n in ("plain", "block")} | smaller).items()]
    found = filtered(tmp_path, rtlbench, rows, "--agree", 2)
    assert set(found.values()) == {BELOW}
    found = filtered(tmp_path, rtlbench, [*rows, row("gates", RIGHT["gates"])], "--agree", 2)
    assert {n for n, place in found.items() if place == ATTESTED} == set(RIGHT)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--references", "none.jsonl"), "none.jsonl"),
        (("--agree", "1"), "--agree 1: give 2 or more, or 0 for none"),
        (("--noticed", "2"), "--noticed 2: give a number from 0 to 1"),
    ],
)
def test_a_mistake_is_one_message(
    tmp_path: Path, rtlbench: Command, given: tuple[str, ...], told: str
) -> None:
    raw = tmp_path / "raw.jsonl"
    raw.write_text(json.dumps(row("a", RIGHT["plain"])) + "\n")
    ran = rtlbench("filter", raw, "--out", tmp_path / "gold.jsonl", *given)
    assert ran.returncode == 2
    assert told in ran.stderr
    assert "Traceback" not in ran.stderr
