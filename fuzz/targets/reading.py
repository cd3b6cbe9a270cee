"""The reader of candidates gives one message or none, and every line is a candidate or a named
problem, or both where it holds several answers."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import msgspec

from fuzz.choices import Choices
from fuzz.target import Target
from fuzz.texts import any_answer
from rtlbench.errors import UserError
from rtlbench.generate.recorded import CandidateFile
from rtlbench.intake.answers import SHAPES, TEXTS
from rtlbench.intake.task_names import TaskNames
from rtlbench.rtl.extraction import extract

KNOWN = ("counter_w4", "edge_rise", "m")
_KEYS = (
    "spec_id", "sample", "rtl", "completion", "model", "finish_reason", "extra", "prompt", "ended",
    *TEXTS, *(name for shape in SHAPES for name in shape.fields),
)  # fmt: skip
_VALUES: tuple[object, ...] = (
    "counter_w4", "edge_rise", "counter_w5", "", "../../etc/passwd", "\x1b[31m", "a\nb", "\u202e",
    "\u2028", 0, 1, -1, 2**63, 2**80, 1.5, 1e400, True, None, [], {}, ["x"], "x" * 300, "m",
    ["x", "y"], [{}], [["x"]], {"role": "assistant"}, [{"role": "assistant", "content": "x"}],
    [{"message": None}], [{"message": {"content": 3}}], {"body": {"choices": [{}]}},
    {"choices": [{"message": {"content": "x"}}]}, [{"text": "x"}], {"spec_id": "m"},
)  # fmt: skip
_SPOILERS = (
    b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"{", b"}", b'"', b"\\ud800", b"\n", b"NaN",
    b"\xed\xa0\x80", b"[" * 2000, b'{"a":' * 500, b"\x85", b"1e999999",
)  # fmt: skip


class FileCase(msgspec.Struct, frozen=True):
    """A file's bytes."""

    data: bytes


def make(c: Choices) -> FileCase:
    """A file of candidates, of rubbish, or of both."""
    if c.integer(0, 3) == 0:
        return FileCase(c.raw(1 << 16))
    ends = (b"\n", b"\n", b"\n", b"\r\n", b"\n\n", b"")
    return FileCase(b"".join(_line(c) + c.pick(ends) for _ in range(c.integer(0, 8))))


def _line(c: Choices) -> bytes:
    fields: dict[str, object] = {"spec_id": c.pick(KNOWN), "sample": c.integer(0, 3)}
    fields[c.pick(("rtl", "completion"))] = any_answer(c) if c.one_in(3) else "module m; endmodule"
    for _ in range(c.integer(0, 2)):
        fields[c.pick(_KEYS)] = c.pick(_VALUES)
    raw = json.dumps(fields, ensure_ascii=c.one_in(2)).encode("utf-8", "replace")
    if c.one_in(4):
        at = c.integer(0, len(raw))
        raw = raw[:at] + c.pick(_SPOILERS) + raw[at + c.integer(0, 4) :]
    return raw


def check(case: FileCase) -> bool:
    """True where the file holds an answer."""
    with tempfile.TemporaryDirectory(prefix="rtlbench-fuzz-") as folder:
        path = Path(folder) / "answers.jsonl"
        path.write_bytes(case.data)
        return _check_file(path, case.data)


def _check_file(path: Path, data: bytes) -> bool:
    try:
        file = CandidateFile(path, TaskNames(ids=KNOWN))
    except UserError as e:
        assert str(e).startswith(f"{path}")
        return False
    if file.lines_path != path:  # one document, whose lines mean nothing
        return any(file.count([each]) == len(list(file.answers(each))) > 0 for each in KNOWN)
    filled = {n for n, raw in enumerate(data.split(b"\n"), 1) if _is_filled(raw)}
    places = [p.line for group in file.places.values() for p in group]
    named = [_problem_line(str(p), path) for p in file.problems]
    assert file.problem_count == len(file.problems)
    assert {*places, *named} == filled, "a line is neither used nor named"
    for spec_id in file.places:
        assert spec_id in KNOWN
        for answer in file.answers(spec_id):
            assert answer.spec_id == spec_id
            answer.model.encode()
            answer.digest()
            extract(answer.text)
    return bool(places)


def _is_filled(raw: bytes) -> bool:
    return bool(raw.removeprefix(b"\xef\xbb\xbf").strip())


def _problem_line(told: str, path: Path) -> int:
    assert told.startswith(f"{path}:")
    assert told.isprintable(), f"not to be printed: {told!r}"
    return int(told.removeprefix(f"{path}:").partition(":")[0])


TARGET = Target(case=FileCase, make=make, check=check, share=5)
