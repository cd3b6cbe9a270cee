"""Where copies go: the address, checked before anything relies on it, and the folder there, on any
file system that fsspec knows, written and read back.

An address is a URL that fsspec knows, or a folder's path. What a shell makes of a variable that is
not set (`s3://`, `s3:///nights`, nothing at all) is refused, and so is a folder of the nights' own.
Every fault of a file system is a UserError that names the file and never shows a password.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from rtlbench.errors import UserError
from rtlbench.io.untrusted import one_line, quoted
from rtlbench.nightly.paths import Paths

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PORT = re.compile(r":\d+\Z")
_USER_INFO = re.compile(r"(?<=://)[^/\s]*@")
_QUERY = re.compile(r"\?\S*")
EXAMPLE = "such as s3://bucket/rtlbench, or a folder's path"


def shown(url: str) -> str:
    """`url` without user, password and query, which may hold keys."""
    return _QUERY.sub("", _USER_INFO.sub("", url))


def target_url(text: str) -> str:
    """The address `text` as everything here uses it: no slash at its end, the scheme in small
    letters.

    Raises:
        UserError: It names no place that copies could be read back from.
    """
    told = quoted(shown(text))
    if not text.strip() or text != text.strip() or not text.isprintable():
        raise UserError(f"--snapshot {told}: no address; give one, {EXAMPLE}")
    found = _SCHEME.match(text)
    if found is None:
        return _folder(text, told)
    scheme, rest = found[1].lower(), text[found.end() :]
    if "::" in text or scheme == "memory":
        raise UserError(
            f"--snapshot {told}: would be read back from this machine's own memory or disk; "
            f"give the place itself, {EXAMPLE}"
        )
    if not rest.startswith("//"):
        raise UserError(
            f"--snapshot {told}: no address; write {scheme}://..., or a folder's path with ./ "
            "or / at its beginning"
        )
    is_local = _is_local(scheme, told)
    place = _absolute(rest[2:], told) if is_local else _remote(rest[2:], told)
    _refuse_without_package(scheme, told)
    return f"{scheme}://{place}"


def check_target(text: str, paths: Paths) -> str:
    """`target_url`, and that it is no folder of the nights' own.

    Raises:
        UserError: It is none that copies may go to.
    """
    url = target_url(text)
    place = local_folder(url, paths.root)
    for own in (paths.work, paths.models, paths.runs, paths.history):
        if place is not None and place.resolve().is_relative_to(own.resolve()):
            raise UserError(
                f"--snapshot {quoted(shown(text))}: lies within {own}, which it is to be a copy "
                "of; give another place"
            )
    return url


def local_folder(url: str, beside: Path) -> Path | None:
    """The folder of this machine that a checked address leads to; None where it is elsewhere."""
    found = _SCHEME.match(url)
    if found is None:
        return beside / url
    return Path(url[found.end() + 2 :]) if _is_local(found[1], quoted(shown(url))) else None


def _folder(text: str, told: str) -> str:
    if not text.strip("/"):
        raise UserError(f"--snapshot {told}: names no folder; give one, {EXAMPLE}")
    return text.rstrip("/")


def _absolute(path: str, told: str) -> str:
    if not path.startswith("/") or not path.strip("/"):
        raise UserError(f"--snapshot {told}: names no folder; write file:///the/folder")
    return path.rstrip("/")


def _remote(rest: str, told: str) -> str:
    place, *folders = rest.rstrip("/").split("/")
    host = _PORT.sub("", place.rpartition("@")[2])
    if not _HOST.fullmatch(host):
        raise UserError(
            f"--snapshot {told}: names no bucket or host; give one, {EXAMPLE} "
            "(is a variable in it not set?)"
        )
    if any(name in ("", ".", "..") for name in folders):
        raise UserError(
            f"--snapshot {told}: has an empty part, or . or .., among its folders; write it "
            "without (is a variable in it not set?)"
        )
    return "/".join([place, *folders])


def _is_local(scheme: str, told: str) -> bool:
    """Whether addresses with this scheme are folders of this machine.

    Raises:
        UserError: fsspec does not know it.
    """
    import fsspec
    from fsspec.implementations.local import LocalFileSystem

    try:
        return issubclass(fsspec.get_filesystem_class(scheme), LocalFileSystem)
    except ImportError:
        return False
    except ValueError as e:
        raise UserError(f"--snapshot {told}: no address; fsspec knows no {scheme}://") from e


def _refuse_without_package(scheme: str, told: str) -> None:
    import fsspec

    try:
        fsspec.get_filesystem_class(scheme)
    except ImportError as e:
        raise UserError(
            f"--snapshot {told}: needs a package that is not here ({e}); "
            "for S3: pip install 'rtlbench[s3]'"
        ) from e


AT_ONCE = 16
"""Files on their way: a store far away answers late, and a night has thousands of small ones."""
_CHUNK = 1 << 20
# s3fs tries five times by itself; a store that is away must not hold the night up for long.
_TRIES = 2
_PATIENCE: dict[str, dict[str, Any]] = {
    "s3": {"config_kwargs": {
        "connect_timeout": 10, "read_timeout": 60, "retries": {"total_max_attempts": 1},
    }},
}  # fmt: skip


Item = TypeVar("Item")
Found = TypeVar("Found")


class Store:
    """The folder `url`.

    Raises:
        UserError: fsspec does not know such an address, or needs a package for it.
    """

    def __init__(self, url: str) -> None:
        import fsspec

        self._secret = url
        self.url = shown(url).rstrip("/")
        """For people, without passwords."""
        protocol = fsspec.utils.get_protocol(url)
        with self._told("", "use"):
            self._fs, path = fsspec.url_to_fs(
                url, use_listings_cache=False, skip_instance_cache=True,
                **_PATIENCE.get(protocol, {}),
            )  # fmt: skip
        if hasattr(self._fs, "retries"):
            self._fs.retries = _TRIES
        self._root = str(path).rstrip("/")
        self._is_local = protocol in ("file", "local")

    @property
    def local(self) -> Path | None:
        """The folder, where it is one of this machine."""
        return Path(self._root) if self._is_local else None

    def put(self, file: Path, name: str) -> None:
        """Copy a file to `name`, a path below the folder."""
        with self._told(name, "write"):
            self._make_parent(name)
            self._fs.put_file(str(file), self._path(name))

    def write(self, name: str, data: bytes) -> None:
        """Write a small file."""
        with self._told(name, "write"):
            self._make_parent(name)
            self._fs.pipe_file(self._path(name), data)

    def read(self, name: str, most: int) -> bytes | None:
        """A small file of at most `most` bytes; None where there is none."""
        with self._told(name, "read"):
            try:
                with self._fs.open(self._path(name), "rb") as file:
                    data: bytes = file.read(most + 1)
            except FileNotFoundError:
                return None
        if len(data) > most:
            raise UserError(f"{self.url}/{name}: larger than {most:,} bytes")
        return data

    def fetch(self, name: str, to: Path, most: int) -> None:
        """Copy what is stored as `name` to a file here; of a longer one no more than `most` bytes
        and a chunk."""
        left = most
        with self._told(name, "read"), to.open("wb") as here:
            with self._fs.open(self._path(name), "rb") as file:
                while left >= 0 and (chunk := file.read(_CHUNK)):
                    here.write(chunk)
                    left -= len(chunk)
            here.flush()
            os.fsync(here.fileno())

    def digest(self, name: str, most: int) -> str | None:
        """SHA-256 of what is stored, read back; None where there is nothing of that name.

        Args:
            most: Bytes; of a longer file no more than that and a chunk are read.
        """
        digest, left = hashlib.sha256(), most
        with self._told(name, "read"):
            try:
                with self._fs.open(self._path(name), "rb") as file:
                    while left >= 0 and (chunk := file.read(_CHUNK)):
                        digest.update(chunk)
                        left -= len(chunk)
            except FileNotFoundError:
                return None
        return digest.hexdigest()

    def is_elsewhere(self, name: str, file: Path) -> bool:
        """Whether what would be stored as `name` lies elsewhere by a link, or is no copy of `file`
        but the very file, as where one folder is mounted in two places."""
        if not self._is_local:
            return False
        place, stored = Path(self._root), Path(self._path(name))
        place = place.parent.resolve() / place.name
        return stored.resolve() != place / name or (stored.exists() and stored.samefile(file))

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _make_parent(self, name: str) -> None:
        # Elsewhere folders are part of a name, and making one may try to make a bucket.
        if self._is_local:
            Path(self._path(name)).parent.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def _told(self, name: str, verb: str) -> Iterator[None]:
        where = f"{self.url}/{name}" if name else self.url
        try:
            yield
        except ImportError as e:
            raise UserError(
                f"{where}: needs a package that is not here ({self._plain(e)}); "
                "for S3: pip install 'rtlbench[s3]'"
            ) from e
        except Exception as e:  # each file system has errors of its own
            raise UserError(
                f"{where}: cannot {verb} it ({self._plain(e)}); see to it and run the same command"
            ) from e

    def _plain(self, error: Exception) -> str:
        text = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return one_line(shown(text.replace(self._secret, self.url)))


def at_once(work: Callable[[Item], Found], items: Iterable[Item]) -> list[Found]:
    """What `work` makes of each item, several at a time; after a failure no more are begun."""
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        return list(pool.map(work, items))
    finally:
        pool.shutdown(cancel_futures=True)
