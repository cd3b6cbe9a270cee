"""Where copies go, checked as an address before anything relies on it.

An address is a URL that fsspec knows, or a folder's path. What a shell makes of a variable that is
not set (`s3://`, `s3:///nights`, nothing at all) is refused, and so is a folder of the nights' own.
"""

from __future__ import annotations

import re
from pathlib import Path

from rtlbench.errors import UserError
from rtlbench.io.untrusted import quoted
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
