"""`rtlbench combine` through its front door: what the filter wrote and somebody edited, what a cap
takes, and sets of nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rtlbench.errors import UserError
from rtlbench.records.tier import Tier
from rtlbench.training.data import read_data
from tests.conftest import Command
from tests.dataset.test_combine import OPEN, beside, lines_of, manifest_of, verified, write

FRAME = "Here it is:\n\n```verilog\n{}```\nIt inverts.\n"
Edit = Callable[[dict[str, Any]], None]


@pytest.fixture
def filtered(tmp_path: Path, command: Command) -> Path:
    """What the filter keeps of three answers, one of them in prose."""
    rows = []
    for k, name in enumerate(("one", "two", "three")):
        code = f"module {name}(input a, output y);\n    assign y = ~a;\nendmodule\n"
        rows.append({
            "instruction": f"Write the module {name}: its output y is its input a inverted.",
            "output": FRAME.format(code) if k else code,
            "metadata": {"source": "web"},
        })
    out = tmp_path / "kept.jsonl"
    ran = command("filter", write(tmp_path / "raw.jsonl", rows), "--out", out, "-n", "1",
                  "--accept", "unproven", "--cache", "none", "--threshold", "0.5")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert len(lines_of(out)) == 3
    return out


def _replace(field: str, old: str, new: str) -> Edit:
    def edit(row: dict[str, Any]) -> None:
        assert old in row[field]
        row[field] = row[field].replace(old, new)

    return edit


def _say(**change: Any) -> Edit:
    return lambda row: row["metadata"]["rtlbench"].update(change)


def _unsay(name: str) -> Edit:
    return lambda row: row["metadata"]["rtlbench"].pop(name)


EDITS: dict[str, tuple[Edit, str]] = {
    "output": (_replace("output", "~a", "a"), "changed since the filter wrote it"),
    "a comment in the output": (_replace("output", "endmodule", "endmodule // x"), "changed since"),
    "instruction": (_replace("instruction", "inverted", "as it is"), "changed since"),
    "a bench is added": (lambda row: row.update(testbench="module tb; endmodule"), "changed since"),
    "score": (_say(score=1.0, tier="proven"), "changed since"),
    "seal": (_unsay("seal"), "from before the filter sealed"),
    "answer as given": (_say(original_output="no code at all"), "changed since"),
}


@pytest.mark.parametrize("name", EDITS)
def test_what_is_trained_is_what_was_judged(
    tmp_path: Path, command: Command, filtered: Path, name: str
) -> None:
    edit, told = EDITS[name]
    rows = lines_of(filtered)
    edit(rows[2])
    write(filtered, rows)
    out = tmp_path / "v3.jsonl"
    call = ("combine", filtered, "--out", out, *OPEN, "--threshold", "0.5", "--accept", "unproven")
    ran = command(*call)
    assert ran.returncode == 2
    assert ran.stderr.startswith("rtlbench: kept.jsonl:3: not verified")
    assert told in ran.stderr
    assert not out.exists()
    taken = command(*call, "--allow-unverified")
    assert taken.returncode == 0
    assert manifest_of(out)["inputs"][0]["unverified"] == 1


def test_what_nobody_edited_is_taken_from_any_packing(
    tmp_path: Path, command: Command, filtered: Path
) -> None:
    call = (*OPEN, "--threshold", "0.5", "--accept", "unproven")
    packed, again = tmp_path / "packed.parquet", tmp_path / "again.jsonl.gz"
    assert command("combine", filtered, "--out", packed, *call).returncode == 0
    assert command("combine", packed, "--out", again, *call).returncode == 0
    assert manifest_of(again)["total"]["kept"] == 3


def _without(path: Path) -> None:
    write(path, lines_of(path)[1:])


def _doubled(path: Path) -> None:
    rows = lines_of(path)
    write(path, [*rows, rows[0]])


def _turned_round(path: Path) -> None:
    write(path, lines_of(path)[::-1])


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes().rpartition(b"\n{")[0] + b"\n")


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _renamed_source(path: Path) -> None:
    rows = lines_of(path)
    rows[1]["metadata"]["source"] = "gold"
    write(path, rows)


def _document(**change: Any) -> Callable[[Path], None]:
    def edit(path: Path) -> None:
        file = path.with_name("filter.json")
        file.write_text(json.dumps({**json.loads(file.read_text()), **change}))

    return edit


FILE_EDITS: dict[str, Callable[[Path], None]] = {
    "a line lost": _without,
    "a line twice": _doubled,
    "another order": _turned_round,
    "cut off": _cut,
    "emptied": _emptied,
    "another source": _renamed_source,
    "another threshold": _document(threshold=0.95),
    "no files named": _document(files={}),
    "other tiers": _document(tiers={"proven": 3}),
}
TAKEN = (*OPEN, "--threshold", "0.5", "--accept", "unproven")


@pytest.mark.parametrize("name", FILE_EDITS)
def test_a_file_that_is_not_as_the_filter_wrote_it_is_refused(
    tmp_path: Path, command: Command, filtered: Path, name: str
) -> None:
    FILE_EDITS[name](filtered)
    out = tmp_path / "v3.jsonl"
    ran = command("combine", filtered, "--out", out, *TAKEN)
    assert ran.returncode == 2
    assert "changed" in ran.stderr
    assert "make it again" in ran.stderr
    assert not out.exists()
    with pytest.raises(UserError, match="changed"):
        read_data([str(filtered)], None, Tier.UNPROVEN)


def test_a_combined_set_is_learnt_from_as_it_was_written(
    tmp_path: Path, command: Command, filtered: Path
) -> None:
    out = tmp_path / "v3.jsonl"
    assert command("combine", filtered, "--out", out, *TAKEN).returncode == 0
    assert manifest_of(out)["notes"] == []
    whole = read_data([str(out)], None, Tier.UNPROVEN)
    assert (len(whole.chosen), whole.notes) == (3, ())
    manifest = beside(out, "manifest.json")
    said = manifest.read_text()
    manifest.write_text(said.replace('"kept": 3', '"kept": 2'))
    with pytest.raises(UserError, match=r"manifest\.json: was changed since"):
        read_data([str(out)], None, Tier.UNPROVEN)
    manifest.write_text(said)
    _without(out)
    with pytest.raises(UserError, match=r"v3\.jsonl: is not as v3\.jsonl\.manifest\.json"):
        read_data([str(out)], None, Tier.UNPROVEN)


def test_of_a_file_that_stands_alone_it_is_told_that_lines_may_be_lost(
    tmp_path: Path, command: Command, filtered: Path
) -> None:
    moved = tmp_path / "elsewhere" / "mine.jsonl"
    moved.parent.mkdir()
    write(moved, lines_of(filtered)[1:])
    out = tmp_path / "v3.jsonl"
    ran = command("combine", moved, "--out", out, *TAKEN)
    assert ran.returncode == 0, ran.stderr
    (note,) = manifest_of(out)["notes"]
    assert note.startswith("mine.jsonl: neither filter.json nor a manifest names it")
    assert note in ran.stdout
    assert len(read_data([str(moved)], None, Tier.UNPROVEN).notes) == 1
    rows = lines_of(moved)
    rows[0]["output"] = rows[0]["output"].replace("~a", "a")
    write(moved, rows)
    with pytest.raises(UserError, match=r"mine\.jsonl:1: is not the record that was judged"):
        read_data([str(moved)], None, Tier.UNPROVEN)


def gold(count: int) -> list[dict[str, Any]]:
    about: dict[str, Any] = {"functional": None}
    return [verified(100 + k, "gold", **about) for k in range(count)]


@pytest.mark.parametrize("how", [("--keep", "gold"), ("--weight", "gold=2")])
@pytest.mark.parametrize("limit", [("--cap", "fsm=10"), ("--balance", "1")])
def test_a_source_that_is_to_be_kept_goes_in_before_others(
    tmp_path: Path, command: Command, how: tuple[str, str], limit: tuple[str, str]
) -> None:
    few = [verified(200 + k, "web", "fifo") for k in range(8 if "--keep" in how else 14)]
    rest = [verified(k) for k in range(40)]
    inputs = [write(tmp_path / f"{n}.jsonl", rows)
              for n, rows in (("rest", rest), ("few", few), ("gold", gold(5)))]
    out = tmp_path / "v3.jsonl"
    call = ("combine", *inputs, "--out", out, *OPEN, "--accept", "unproven", *limit)
    ran = command(*call, *how)
    assert ran.returncode == 0, ran.stderr
    made = manifest_of(out)
    assert made["sources"]["gold"]["kept"] == 5
    reason = "cap.category" if "--cap" in limit else "balance"
    assert made["limited"] == {"web": {reason: 48 - 8 - made["sources"]["web"]["kept"] + len(few)}}
    assert f"of web by {reason}" in ran.stdout
    assert command(*call).returncode == 0
    assert manifest_of(out)["sources"]["gold"]["kept"] == 0


def test_a_set_of_nothing_is_no_success(tmp_path: Path, command: Command) -> None:
    empty = write(tmp_path / "empty.jsonl", [])
    refused = write(tmp_path / "refused.jsonl", [verified(1, refused="simulation.mismatch")])
    out = tmp_path / "v3.jsonl"
    for inputs, told in (([empty], "there is none"), ([refused, empty], "1 refused")):
        ran = command("combine", *inputs, "--out", out, *OPEN)
        assert ran.returncode == 2
        assert f"no record is left ({told})" in ran.stderr
        assert not out.exists()
        assert not beside(out, "manifest.json").exists()
    assert command("combine", empty, "--out", out, *OPEN, "--allow-empty").returncode == 0
    assert out.read_bytes() == b""


def test_inputs_of_one_name_are_told_apart(tmp_path: Path, command: Command) -> None:
    inputs = []
    for k, folder in enumerate(("a/x", "b/x", "b/y")):
        place = tmp_path / folder
        place.mkdir(parents=True)
        inputs.append(write(place / "kept.jsonl", [verified(k)]))
    ran = command("combine", *inputs, "--out", tmp_path / "v3.jsonl", *OPEN)
    assert ran.returncode == 0, ran.stderr
    names = [i["name"] for i in manifest_of(tmp_path / "v3.jsonl")["inputs"]]
    assert names == ["a/x/kept.jsonl", "b/x/kept.jsonl", "b/y/kept.jsonl"]


@pytest.mark.parametrize("option", [("--weight", "nosuch=2"), ("--cap", "nosuch=2"),
                                    ("--keep", "nosuch"), ("--weight", "category:fsmm=2")])
def test_a_name_that_no_record_has_is_refused(
    tmp_path: Path, command: Command, option: tuple[str, str]
) -> None:
    data = write(tmp_path / "one.jsonl", [verified(1)])
    ran = command("combine", data, "--out", tmp_path / "v3.jsonl", *OPEN, *option)
    assert ran.returncode == 2
    assert "no record has that source, and it is no category" in ran.stderr
    assert "there are the sources web" in ran.stderr


def test_a_corpus_is_not_written_over_another_file(tmp_path: Path, command: Command) -> None:
    out = tmp_path / "made.jsonl"
    out.write_text("mine\n")
    call = ("corpus", "--size", "2", "--families", "updown", "-n", "1", "--out")
    for place, told in ((out, "is there already"), (tmp_path / "x.csv", "end it in .jsonl")):
        ran = command(*call, place)
        assert ran.returncode == 2
        assert told in ran.stderr
    assert out.read_text() == "mine\n"
    assert command(*call, out, "--force").returncode == 0
    assert all(json.loads(line) for line in out.read_text().splitlines())
