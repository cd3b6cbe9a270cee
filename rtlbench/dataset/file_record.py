"""What filter.json and a manifest say of the files that were written with them, by which a line
that was lost, doubled, put elsewhere or edited is noticed before anybody learns from it.

A record's own seal (rtlbench.dataset.filter.seal) holds what was judged of it; this holds the file:
how many records it has, and a digest over all of it. Whoever trusts what the filter noted asks
`note_of` first. A file of another name is not held to anything, which is then told.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import msgspec

from rtlbench.dataset.files import file_hash
from rtlbench.errors import UserError
from rtlbench.runs.sums import seal_of

FILTER = "filter.json"
MANIFEST = "manifest.json"
AGAIN = (
    "make it again by the command that wrote it; what was changed on purpose needs another name, "
    "and `rtlbench filter` to judge it"
)
_OURS = frozenset({"dataset", "threshold", "rule", "total", "tiers", "files", "seal"})
"""Keys by which filter.json is told from a file that only has its name."""
_SEALED = frozenset({"files", "seal"})
"""Keys that a document from before there were such records lacks."""
D = TypeVar("D", bound=msgspec.Struct)


class FileRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A file of records as it was written."""

    records: int
    sha256: str
    """Of the file as it is stored."""


def sealed(document: D) -> D:
    """The document with its seal: SHA-256 over all that it says beside it."""
    bare = msgspec.structs.replace(document, seal="")
    return msgspec.structs.replace(bare, seal=seal_of(msgspec.json.encode(bare)))


def note_of(url: str) -> str:
    """What to tell of a file of training data: why nothing shows that it is whole; empty where it
    is the file that filter.json or its manifest names.

    Raises:
        UserError: One of these names it, and it is another; or was itself changed.
    """
    if "://" in url:
        return f"{url}: from elsewhere: nothing shows that none of its records is lost"
    path = Path(url)
    for beside in (path.with_name(f"{path.name}.{MANIFEST}"), path.with_name(FILTER)):
        if beside.is_file() and (named := _named(beside, path.name)) is not None:
            _refuse_other(path, beside, named)
            return ""
    return f"{url}: neither {FILTER} nor a manifest names it: nothing shows that none is lost"


def _named(beside: Path, name: str) -> str | None:
    """The digest that a document gives for the file `name`; None where it says nothing of it."""
    data = beside.read_bytes()
    try:
        found = msgspec.json.decode(data, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        raise UserError(f"{beside}: is not whole ({e}); {AGAIN}") from e
    is_manifest = beside.name != FILTER
    if not is_manifest and len(_OURS & found.keys()) < 3:
        return None
    if not _SEALED & found.keys():  # from before there were seals, or another tool's
        old = found.get("sha256") if is_manifest else None
        return old if isinstance(old, str) else None
    if found.get("seal") != seal_of(data):
        raise UserError(f"{beside}: was changed since it was written; {AGAIN}")
    if is_manifest:
        return str(found["sha256"])
    files = msgspec.convert(found["files"], dict[str, FileRecord])
    return files[name].sha256 if name in files else None


def _refuse_other(path: Path, beside: Path, named: str) -> None:
    if file_hash(str(path)) != named:
        raise UserError(f"{path}: is not as {beside.name} beside it names it, but changed; {AGAIN}")
