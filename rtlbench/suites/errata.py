"""Errata of public suites: what is at fault with a task itself, as shipped in `data/errata`.

A file a suite, `NAME.toml`, a table a task. `rtlbench specs errata` measures and writes it
(rtlbench.mutation.errata); `note` and `issues` are by hand and are kept. An entry holds for one
text of bench and reference, by digest: what a suite has mended since has no entry.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.atomic import write_whole
from rtlbench.io.shipped import shipped
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import SuiteWord

FOLDER = ("data", "errata")
HEAD = "# Written by `rtlbench specs errata`; `note` and `issues` are by hand, and are kept.\n"


class Erratum(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was found of one task, by the suite's own rule."""

    digest: str
    """Of the bench and the reference that it was found with."""
    reference: SuiteWord
    """What the rule says of the suite's own reference."""
    told: str = ""
    """Why it says so, where that is not `pass`."""
    stubs: tuple[str, ...] = ()
    """Modules that do nothing, are not what the reference is, and pass."""
    mutants: int = 0
    """Mutants of the reference that are not provably the same circuit."""
    noticed: int = 0
    """Those that do not pass."""
    note: str = ""
    """What the words omit and the bench needs, say."""
    issues: tuple[str, ...] = ()
    """Reports of others."""

    @property
    def is_unsound(self) -> bool:
        """Whether the task's rule refuses what is right, or passes what does nothing."""
        return self.reference != "pass" or bool(self.stubs)


def digest_of(spec: Spec) -> str:
    """Of what a suite's rule goes by: bench and reference."""
    bench = spec.testbench
    texts = [spec.golden]
    if bench is not None:
        texts += [bench.text, bench.beside, *map(str, sorted(bench.files.items()))]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def errata_of(specs: Iterable[Spec]) -> dict[str, Erratum]:
    """The shipped entries that hold for these tasks, by id; a suite without a file has none.

    Raises:
        UserError: A shipped file cannot be read.
    """
    by_suite: dict[str, dict[str, Erratum]] = {}
    found = {}
    for spec in specs:
        if spec.suite not in by_suite:
            by_suite[spec.suite] = read_errata(place_of(spec.suite))
        entry = by_suite[spec.suite].get(spec.id)
        if entry is not None and entry.digest == digest_of(spec):
            found[spec.id] = entry
    return found


def place_of(suite: str) -> Path:
    """Where a suite's errata are shipped."""
    return shipped(FOLDER[0]) / FOLDER[1] / f"{suite}.toml"


def read_errata(path: Path) -> dict[str, Erratum]:
    """The entries of a file, by task; none where there is no file.

    Raises:
        UserError: It is not as `write_errata` writes it.
    """
    if not path.is_file():
        return {}
    try:
        return msgspec.toml.decode(path.read_bytes(), type=dict[str, Erratum])
    except (msgspec.DecodeError, UnicodeDecodeError) as e:
        raise UserError(f"{path}: {e}; write it anew by `rtlbench specs errata`") from e


def write_errata(path: Path, made: Mapping[str, Erratum]) -> None:
    """Put entries into a file; those of other tasks, and what is by hand in these, are kept.

    Raises:
        UserError: The file is there and cannot be read.
    """
    kept = read_errata(path)
    every = dict(kept)
    for task, entry in made.items():
        before = kept.get(task, entry)
        every[task] = msgspec.structs.replace(entry, note=before.note, issues=before.issues)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = HEAD + "".join(_table(task, every[task]) for task in sorted(every))
    write_whole(path, text.encode())


def _table(task: str, entry: Erratum) -> str:
    """One table of TOML; JSON's strings, numbers and arrays are TOML's, too."""
    given = msgspec.to_builtins(entry)
    said = {name: v for name, v in given.items() if v or name in ("digest", "reference")}
    lines = [f"{name} = {_value(v)}" for name, v in said.items()]
    return "\n".join(["", f"[{json.dumps(task)}]", *lines, ""])


def _value(value: str | int | Sequence[str]) -> str:
    return json.dumps(value)
