"""Members of benchmarks as training data must not hold them: instruction and reference.

More suites are known here than can be run as benchmarks: to keep a member out of training data
takes its words and its code, not its bench.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.runs.suite import read_suite
from rtlbench.suites import SUITES

_RTL = (".v", ".sv", ".vh", ".svh")


class BenchmarkMember(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one task of a benchmark."""

    name: str
    """`suite/id`."""
    instruction: str
    code: str
    """The suite's own solution; empty where it gives none."""


def read_members(text: str) -> list[BenchmarkMember]:
    """The members of `NAME` or `NAME=FOLDER`.

    Raises:
        UserError: There is no such suite or folder, or nothing is found in it.
    """
    name, _, folder = text.partition("=")
    reader = _READERS.get(name)
    if reader is None:
        if name not in SUITES and not name.startswith("rtlbench@"):
            known = ", ".join(sorted({*SUITES, *_READERS}))
            raise UserError(f"--against {text}: no suite {name!r}; there are {known}")
        return [
            BenchmarkMember(name=f"{name}/{s.id}", instruction=s.prompt, code=s.golden)
            for s in read_suite(text)
        ]
    path = Path(folder)
    if not folder or not path.exists():
        raise UserError(f"--against {text}: give the suite's folder: --against {name}=FOLDER")
    found = list(reader(path))
    if not found:
        raise UserError(f"--against {text}: nothing of {name} is in {path}")
    return found


def _verilog_eval(folder: Path) -> Iterator[BenchmarkMember]:
    """VerilogEval v2: `NAME_prompt.txt` and `NAME_ref.sv`, anywhere below the folder."""
    for prompt in sorted(folder.rglob("*_prompt.txt")):
        stem = prompt.name.removesuffix("_prompt.txt")
        reference = prompt.with_name(f"{stem}_ref.sv")
        code = _read(reference) if reference.is_file() else ""
        yield BenchmarkMember(name=f"verilog-eval/{stem}", instruction=_read(prompt), code=code)


def _cvdp(folder: Path) -> Iterator[BenchmarkMember]:
    """CVDP: JSONL files, with or without solutions; one with a solution is preferred."""
    files = sorted(folder.rglob("*.jsonl")) if folder.is_dir() else [folder]
    found: dict[str, BenchmarkMember] = {}
    for file in files:
        for number, line in enumerate(_read(file).splitlines(), 1):
            if line.strip():
                member = _cvdp_member(f"{file}:{number}", line)
                if member is not None and (member.code or member.name not in found):
                    found[member.name] = member
    yield from found.values()


def _cvdp_member(where: str, line: str) -> BenchmarkMember | None:
    try:
        entry: Any = msgspec.json.decode(line)
    except msgspec.DecodeError as e:
        raise UserError(f"{where}: not JSON ({e}); give CVDP's own files") from e
    if not isinstance(entry, dict) or "id" not in entry:
        return None
    given, wanted = entry.get("input"), entry.get("output")
    prompt = given.get("prompt") if isinstance(given, dict) else entry.get("prompt")
    files = wanted.get("context") if isinstance(wanted, dict) else entry.get("patch")
    if not isinstance(prompt, str):
        return None
    texts = files.items() if isinstance(files, dict) else ()
    code = "\n".join(t for n, t in texts if isinstance(t, str) and n.endswith(_RTL))
    return BenchmarkMember(name=f"cvdp/{entry['id']}", instruction=prompt, code=code)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig", "replace")
    except OSError as e:
        raise UserError(f"{path}: cannot be read ({e.strerror})") from e


_READERS: dict[str, Callable[[Path], Iterator[BenchmarkMember]]] = {
    "verilog-eval": _verilog_eval,
    "cvdp": _cvdp,
}
