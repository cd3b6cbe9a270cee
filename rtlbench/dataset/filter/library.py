"""`rtlbench filter --library FOLDER`: records whose modules lie in other files are completed.

Limits: a module is found by its name alone, where the folder has one text for it; what has more
than one is not used. What is taken from a library is text from outside like the record itself, and
judged with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
from pyslang import SourceManager

from rtlbench.errors import UserError
from rtlbench.io.untrusted import one_line
from rtlbench.records.example import Record
from rtlbench.rtl.extraction import extract
from rtlbench.rtl.lexical import COMMENT, LINE_COMMENT
from rtlbench.rtl.preprocessing import prepare
from rtlbench.rtl.scan import scan
from rtlbench.rtl.slang import TooDeepError, parse

COMPLETED = "completed"
"""In a record's metadata: the modules that a library gave it."""
ENDINGS = (".v", ".sv")
MAX_FILE = 1 << 20
MAX_MODULES = 64
"""That complete one record."""
_MODULE = re.compile(
    rf"(?P<skipped>{LINE_COMMENT}|{COMMENT})"
    r"|(?P<module>\bmodule\s+(?:automatic\s+|static\s+)?(?P<name>[A-Za-z_]\w*)\b.*?\bendmodule\b)",
    re.S,
)


class ModuleLibrary:
    """The modules below some folders, by name.

    Raises:
        UserError: One is no folder, or holds no module.
    """

    def __init__(self, folders: tuple[str, ...]) -> None:
        self._modules: dict[str, str | None] = {}
        for folder in folders:
            self._read(Path(folder))

    def _read(self, folder: Path) -> None:
        if not folder.is_dir():
            raise UserError(f"--library {folder}: is no folder; name one with .v or .sv files")
        before = len(self._modules)
        for path in sorted(p for p in folder.rglob("*") if p.suffix in ENDINGS and p.is_file()):
            if path.stat().st_size <= MAX_FILE:
                for name, text in _modules(path.read_text("utf-8", "replace")):
                    known = self._modules.setdefault(name, text)
                    if known is not None and known.split() != text.split():
                        self._modules[name] = None
        if len(self._modules) == before:
            raise UserError(f"--library {folder}: no module is in its .v and .sv files")

    def completed(self, record: Record) -> Record:
        """The record with the modules that it uses, does not define and that are here."""
        rtl = extract(record.output, None, record.instruction).rtl
        added: dict[str, str] = {}
        missing = _missing(rtl)
        while missing and len(added) < MAX_MODULES:
            name = missing.pop()
            text = self._modules.get(name)
            if text is not None and name not in added:
                added[name] = text
                missing |= _missing(text) - set(added)
        if not added:
            return record
        output = "\n".join([rtl.strip("\n"), *(added[n] for n in sorted(added)), ""])
        metadata = {**record.metadata, COMPLETED: sorted(added)}
        return msgspec.structs.replace(record, output=output, metadata=metadata)


def _modules(text: str) -> Iterator[tuple[str, str]]:
    for found in _MODULE.finditer(text):
        if found["module"]:
            yield found["name"], found["module"]


def _missing(text: str) -> set[str]:
    """The modules that a text uses and does not define; none where it is not to be opened."""
    source = prepare(text)
    if source.refusals:
        return set()
    try:
        found = scan(parse(source.text, SourceManager()))
    except TooDeepError:
        return set()
    return {one_line(name) for _, name in found.names if name not in found.modules}
