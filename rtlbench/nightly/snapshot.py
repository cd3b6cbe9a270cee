"""A copy of a folder elsewhere, which counts once it has been read back.

Guarantee: the manifest is written last, after every file has been read back and found the same. It
goes on to name what an earlier snapshot of the folder held and this machine has purged since.
"""

from __future__ import annotations

import datetime
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.untrusted import quoted
from rtlbench.nightly.store import Store, at_once, target_url

MANIFEST = "manifest.json"
MANIFEST_BYTES = 256 << 20
SNAPSHOT_SCHEMA_VERSION = 1


class StoredFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a snapshot."""

    sha256: str
    size: int
    """Bytes."""


class SnapshotManifest(msgspec.Struct, frozen=True, kw_only=True):
    """manifest.json of a snapshot."""

    folder: str
    """The folder's own name."""
    made: str
    """UTC, ISO 8601."""
    files: dict[str, StoredFile]
    """By path below the folder."""
    schema_version: int = SNAPSHOT_SCHEMA_VERSION


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What a verified snapshot holds."""

    url: str
    """Where it is, without passwords."""
    files: int
    bytes: int
    sent: int
    """Files that were not there before."""
    manifest_sha256: str
    left_out: tuple[str, ...] = ()
    """Links and the like, which are not followed."""


def snapshot(folder: Path, target: str) -> Snapshot:
    """Copy `folder` to `target`/NAME, with its own name, and verify the copy.

    What is there already, by an earlier manifest and by its content, is not sent again.

    Args:
        target: A path, or a URL that fsspec understands, such as s3://bucket/rtlbench.

    Raises:
        UserError: It cannot be copied, or reads back other than it was sent; no manifest is
            written then.
    """
    store = store_of(folder, target)
    files, left_out = files_of(folder)
    before = read_manifest(store)
    known = before.files if before is not None else {}

    def send(name: str) -> bool:
        refuse_elsewhere(store, name, folder / name)
        if known.get(name) == files[name] and holds(store, name, files[name]):
            return False
        store.put(folder / name, name)
        _read_back(store, name, files[name])
        return True

    sent = sum(at_once(send, files))
    kept = {name: stored for name, stored in known.items() if name not in files}
    text = _write_manifest(store, folder.name, {**kept, **files})
    return Snapshot(
        url=store.url,
        files=len(files),
        bytes=sum(f.size for f in files.values()),
        sent=sent,
        manifest_sha256=hashlib.sha256(text).hexdigest(),
        left_out=left_out,
    )


def store_of(folder: Path, target: str) -> Store:
    """Where the snapshot of `folder` is.

    Raises:
        UserError: It cannot be there.
    """
    store = Store(f"{target_url(target)}/{folder.name}")
    place = store.local
    if place is not None and place.resolve().is_relative_to(folder.resolve()):
        raise UserError(f"{target}: lies within {folder}; give --snapshot another place")
    return store


def files_of(folder: Path) -> tuple[dict[str, StoredFile], tuple[str, ...]]:
    """The plain files below `folder` by path, and all else that there is but folders.

    Raises:
        UserError: One of them cannot be read, or has a name that cannot be written down.
    """
    files: dict[str, StoredFile] = {}
    others: list[str] = []
    try:
        for place, folders, names in os.walk(folder, onerror=_raise):
            here = Path(place)
            for name in sorted([*names, *(f for f in folders if (here / f).is_symlink())]):
                path = here / name
                relative = _name_of(path, folder)
                if path.is_symlink() or not path.is_file():
                    others.append(relative)
                else:
                    files[relative] = stored_file(path)
    except OSError as e:
        raise UserError(f"{e.filename or folder}: cannot read it ({e.strerror})") from e
    return dict(sorted(files.items())), tuple(sorted(others))


def stored_file(path: Path) -> StoredFile:
    """What a file holds now.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return StoredFile(sha256=digest, size=file.tell())


def read_manifest(store: Store) -> SnapshotManifest | None:
    """The manifest as it is stored now; None where there is none.

    Raises:
        UserError: It cannot be read.
    """
    text = store.read(MANIFEST, MANIFEST_BYTES)
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=SnapshotManifest)
    except msgspec.DecodeError as e:
        raise UserError(
            f"{store.url}/{MANIFEST}: no manifest of a snapshot ({e}); move it elsewhere"
        ) from e


def holds(store: Store, name: str, stored: StoredFile) -> bool:
    """Whether `name` reads back as it should.

    Raises:
        UserError: That cannot be told.
    """
    return store.digest(name, stored.size) == stored.sha256


def refuse_elsewhere(store: Store, name: str, file: Path) -> None:
    """Make sure that what is stored is a file of its own.

    Raises:
        UserError: It is ours, or may be, by a link or a mount.
    """
    if store.is_elsewhere(name, file):
        raise UserError(
            f"{store.url}/{name}: is a link, or {file} itself, and so no copy; remove the link, or "
            "give --snapshot another place"
        )


def _read_back(store: Store, name: str, stored: StoredFile) -> None:
    if not holds(store, name, stored):
        raise UserError(
            f"{store.url}/{name}: reads back other than it was sent; the snapshot does not count, "
            "run the same command"
        )


def _write_manifest(store: Store, folder: str, files: Mapping[str, StoredFile]) -> bytes:
    made = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    manifest = SnapshotManifest(folder=folder, made=made, files=dict(sorted(files.items())))
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"
    store.write(MANIFEST, text)
    size = StoredFile(sha256=hashlib.sha256(text).hexdigest(), size=len(text))
    _read_back(store, MANIFEST, size)
    return text


def _name_of(path: Path, folder: Path) -> str:
    name = path.relative_to(folder).as_posix()
    if not name.isprintable():
        raise UserError(f"{quoted(name)} in {folder}: no name for a snapshot; rename it")
    if name == MANIFEST:
        raise UserError(f"{path}: has the name of the snapshot's own manifest; rename it")
    return name


def _raise(error: OSError) -> None:
    raise error
