"""How answers were asked for, beside their file: `NAME.asked.json`.

Each line of an answers file says who answered and how tokens were chosen, and holds a hash of the
words that tasks were put in; here are those words, and the versions of what sampled. So a run that
judges recorded answers knows as much of them as one that asked itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.generate.answer import Answer, Generator, Sampling, Usage, usage_of
from rtlbench.generate.course import requests_sent
from rtlbench.generate.wording import Wording
from rtlbench.io import log
from rtlbench.io.atomic import write_record

LIBRARIES = {
    "transformers": ("torch", "transformers", "tokenizers", "accelerate"),
    "router": ("torch", "transformers", "tokenizers", "accelerate", "peft"),
    "llama.cpp": ("xllamacpp", "openai"),
    "openai": ("openai",),
    "openai-text": ("openai",),
}
"""What decides how a source samples, besides the model."""
LONGEST = 1 << 24
"""Bytes of a record; no template is as long."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The record beside an answers file."""

    wording: Wording | None = None
    sampled_with: dict[str, str] = {}
    """Versions by library, and the device; several where it went on with others."""


def sampled_with(generator: Generator, device: str) -> dict[str, str]:
    """Versions of the libraries that sample, and where."""
    names = [*LIBRARIES.get(generator.source, ())]
    names += ["peft"] if generator.adapter is not None else []
    names += ["bitsandbytes"] if generator.four_bit else []
    found = {"device": device} if generator.source in ("transformers", "router") else {}
    for name in dict.fromkeys(names):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue  # loading tells, where it is needed
    return found


def write_asked(answers: Path, wording: Wording, sampled: dict[str, str]) -> None:
    """Note how the answers in a file are asked for.

    Raises:
        UserError: It cannot be written.
    """
    before = read_asked(answers)
    both = {
        name: _and(before.sampled_with.get(name, ""), sampled.get(name, ""))
        for name in sorted({*before.sampled_with, *sampled})
    }
    place = _place(answers)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        write_record(place, Asked(wording=wording, sampled_with=both))
    except OSError as e:
        raise UserError(f"{place}: cannot be written ({e.strerror or e})") from e


def _and(before: str, now: str) -> str:
    return ", ".join(dict.fromkeys(each for each in (*before.split(", "), now) if each))


def read_asked(answers: Path) -> Asked:
    """The record beside a file of answers; an empty one where there is none that can be read."""
    try:
        with _place(answers).open("rb") as file:
            return msgspec.json.decode(file.read(LONGEST), type=Asked)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Asked()


def _place(answers: Path) -> Path:
    return answers.with_name(f"{answers.stem}.asked.json")


class Asker(msgspec.Struct, frozen=True):
    """What a line says of who answered, and how that was asked."""

    generator: Generator
    sampling: Sampling
    wording: str = ""
    """Its hash; empty in lines of before it was noted."""


class AskedOf:
    """Gathers, line by line, how the answers of a file were asked for: nothing of it is known
    where lines differ."""

    def __init__(self) -> None:
        self._askers: set[bytes] = set()
        self._usage = Usage()

    def note(self, record: object) -> None:
        """Look at one decoded line."""
        fields = record if isinstance(record, dict) else {}
        if len(self._askers) < 2:
            said = {name: fields.get(name) for name in Asker.__struct_fields__}
            said["wording"] = said["wording"] or ""
            self._askers.add(msgspec.json.encode(said, order="deterministic"))
        if fields.get("generator") is not None:
            self._usage = _added(self._usage, _usage_of_line(fields))

    def asker(self) -> Asker | None:
        """Who gave all answers; None where that is not known."""
        if len(self._askers) != 1:
            return None
        try:
            return msgspec.json.decode(next(iter(self._askers)), type=Asker)
        except msgspec.MsgspecError:
            return None

    def wording(self, answers: Path) -> Wording | None:
        """The words that all tasks were put in; as far as its hash where the record is gone."""
        asker = self.asker()
        if asker is None or not asker.wording:
            return None
        found = read_asked(answers).wording
        return found if found is not None and found.hash == asker.wording else \
            Wording(hash=asker.wording)

    def sampled_with(self, answers: Path) -> dict[str, str]:
        """Versions of what sampled, as far as they are on record."""
        return read_asked(answers).sampled_with if self.asker() is not None else {}

    def usage(self, answers: Path) -> Usage | None:
        """What the answers took, those that failed included; None where nobody knows."""
        if self.asker() is None:
            return None
        failed = answers.with_name(f"{answers.stem}.failed.jsonl")
        ended: Iterable[bytes] = (
            (line for _, line in log.whole_lines(failed)) if failed.is_file() else ()
        )
        found = self._usage
        for line in ended:
            found = _added(found, _usage_of_line(msgspec.json.decode(line)))
        return msgspec.structs.replace(found, requests=requests_sent(answers))


def _usage_of_line(fields: dict[str, object]) -> Usage:
    """What one line took; nothing where it is not one of ours."""
    try:
        return usage_of([msgspec.convert(fields, Answer)])
    except msgspec.ValidationError:
        return Usage()


def _added(one: Usage, other: Usage) -> Usage:
    """Field by field: what only one knows counts as it is."""
    total: dict[str, Any] = {}
    for name in Usage.__struct_fields__:
        a, b = getattr(one, name), getattr(other, name)
        if isinstance(a, dict):
            total[name] = {k: a.get(k, 0) + b.get(k, 0) for k in sorted({*a, *b})}
        else:
            total[name] = a + b if a is not None and b is not None else a if b is None else b
    return Usage(**total)
