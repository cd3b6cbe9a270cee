"""Candidate lines: what may stand in the fields of an answer."""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from rtlbench.io.shipped import shipped
from rtlbench.suites.families import load_family
from tests.attacks.doors.door import ROOT, SPEC_ID, WRONG_ANSWER, Door, Ran, Scene

_ESCAPE = "\x1b[2J\x1b]0;owned\x07"
_FORGED = f"m\n{SPEC_ID} sample 0 (m): pass, score 1.000"
_WORDS = {
    "path upwards": "../../../rtlbench_owned",
    "absolute path": "/tmp/rtlbench_owned",
    "zero byte": "a\0b",
    "a megabyte": "m" * (1 << 20),
    "right to left": "\u202eecin",
    "script": "<script>alert(1)</script>",
    "end of CDATA": "]]><failure/>",
    "terminal escape": _ESCAPE,
    "forged line": _FORGED,
    "case of pytest": "test_benchmark.py::test_benchmark[x]",
    "bracket": "a] PASSED [100%",
    "quote and ampersand": '"&<!--',
    "format": "{0.__class__} %s %(x)s {{ 7*7 }}",
}
_SAMPLES = ("-1", "1e999", str(2**70), '"0"', "true", "0.5", "null", "NaN", "[0]", "-0.0")
_RAW: dict[str, bytes] = {}


def _golden() -> str:
    specs = load_family(shipped("hdl_specs") / "updown_counter" / "updown")
    return next(s for s in specs if s.id == SPEC_ID).golden


def _line(**fields: Any) -> bytes:
    return json.dumps({"spec_id": SPEC_ID, "rtl": WRONG_ANSWER, **fields}).encode()


def _together(scene: Scene) -> dict[str, list[str]]:
    """All lines in one file, by both commands; a line is known by its number."""
    path = scene.path("lines.jsonl")
    path.write_bytes(b"\n".join(_RAW.values()) + b"\n")
    results = scene.path("lines")
    rtlbench = scene.bench(path, results)
    wrongs = _judged(results, rtlbench)
    plain = scene.path("lines-pytest")
    argv = [sys.executable, "-m", "pytest", str(ROOT / "benchmarks" / "test_benchmark.py"), "-v",
            "-p", "no:cacheprovider", "--isolation", scene.level, "--candidates", str(path),
            "--results", str(plain), "--junitxml", str(scene.path("plain.xml"))]  # fmt: skip
    wrongs += _judged(plain, scene.run(argv))
    for file in (results / "junit.xml", scene.yard.cwd / "plain.xml"):
        wrongs += _xml(file)
    return {DOOR.attempts[0].name: wrongs}


def _judged(results: Path, ran: Ran) -> list[str]:
    wrongs = list(ran.wrongs)
    samples = results / "samples.jsonl"
    if not samples.is_file() or not (results / "run.json").is_file():
        return [*wrongs, f"no results: {ran.told[-300:]!r}"]
    for line in samples.read_text().splitlines():
        verdict = json.loads(line)
        if verdict["outcome"] != "fail":
            wrongs.append(f"{verdict['outcome']} for {verdict['model'][:60]!r}")
    count = json.loads((results / "run.json").read_text())["problem_count"]
    usable = len(samples.read_text().splitlines())
    if count + usable < len(_RAW):
        wrongs.append(f"{len(_RAW) - count - usable} lines are lost")
    return wrongs


def _xml(file: Path) -> list[str]:
    try:
        found = ET.fromstring(file.read_bytes())
    except (OSError, ET.ParseError) as e:
        return [f"{file.name}: {e}"]
    return [] if found.iter("failure") else [f"{file.name}: no failure in it"]


DOOR = Door("candidate lines", _together)


def _add(name: str, tries: str, line: bytes) -> None:
    DOOR.add(name, tries)
    _RAW[name] = line


for _name, _word in _WORDS.items():
    _add(f"model: {_name}", "has its own name do something where it is shown", _line(model=_word))
    _add(f"spec: {_name}", "names a task that is a path, a case or a lure",
         _line(spec_id=_word, rtl=_golden()))
for _number, _text in enumerate(_SAMPLES):
    _add(f"sample: {_text[:12]}", "counts its samples in its own way",
         _line(model=f"s{_number}", sample="@").replace(b'"@"', _text.encode()))
_add("model: half a letter", "cannot be written as UTF-8", _line(model="\udc80"))
_add("text: half a letter", "cannot be written as UTF-8", _line(model="t", rtl=WRONG_ANSWER + "// \udc80"))
_add("two tasks", "gives one field twice", _line(model="two")[:-1] + b', "spec_id": "updown_w4_sync"}')
_add("deep list", "has the reader recurse", _line(model="d")[:-1] + b', "x": ' + b"[" * 90_000 + b"]" * 90_000 + b"}")
_add("deep objects", "has the reader recurse", _line(model="e")[:-1] + b', "x": ' + b'{"a":' * 90_000 + b"1" + b"}" * 90_000 + b"}")
_add("deep beginning", "never closes what it opens", b"[" * 200_000)
_add("long number", "has the reader compute", _line(model="n")[:-1] + b', "x": ' + b"9" * 400_000 + b"}")
_add("no object", "is a string", b'"updown_w4_sync"')
_add("zero bytes", "is what a lost block leaves", b"\0" * 4096)
_add("not UTF-8", "is no text", b'{"spec_id": "\xff\xfe"}')
_add("text as object", "has a list for a text", _line(model="o", rtl=["a"]))
_add("very long line", "takes all memory", _line(model="long", rtl="x" * (65 << 20)))
_add("packed", "unpacks to more", b"\x1f\x8b\x08" + b"\0" * 64)
