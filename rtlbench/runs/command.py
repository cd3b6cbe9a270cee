"""How a run was asked for, as run.json has it, and the options that ask for it again.

Values of headers and what an address has of secrets are left out; what a run cannot be repeated
without is said then.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from rtlbench.errors import UserError


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """The options that were given, and what pytest was to choose."""

    options: dict[str, Any] = {}
    """By field; those that nobody gave are not there."""
    headers: tuple[str, ...] = ()
    """Names of headers, whose values are not recorded."""
    keyword: str = ""
    """pytest's `-k`."""
    markers: str = ""
    """pytest's `-m`."""


def command_of(given: Mapping[str, Any], keyword: str = "", markers: str = "") -> Command:
    """The record of what was given, by field, without secrets."""
    options = {n: v for n, v in given.items() if v not in (None, False, (), []) and n != "results"}
    headers = tuple(str(h).partition(":")[0] for h in options.pop("header", ()))
    if "base_url" in options:
        options["base_url"] = _without_secrets(str(options["base_url"]))
    return Command(options=options, headers=headers, keyword=keyword, markers=markers)


def _without_secrets(url: str) -> str:
    """An address without user and password; of its query only short values stay."""
    parts = urlsplit(url)
    query = "&".join(p for p in parts.query.split("&") if len(p.partition("=")[2]) < 16)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query=query).geturl()


def options_like(place: str, given: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The options of the run recorded in `place`, with those that are given instead; and the
    arguments for pytest.

    Args:
        place: A run.json, or its folder.

    Raises:
        UserError: There is no such record, or it lacks what is secret.
    """
    path = Path(place) / "run.json" if Path(place).is_dir() else Path(place)
    try:
        recorded = msgspec.json.decode(path.read_bytes(), type=_Recorded).command
    except OSError as e:
        raise UserError(f"--like {place}: cannot read it ({e.strerror}); give a run.json") from e
    except (msgspec.DecodeError, UnicodeDecodeError) as e:
        raise UserError(f"--like {place}: not a run ({e}); give a run.json") from e
    if recorded is None:
        raise UserError(f"--like {place}: an older run, which does not say how it was asked for")
    if recorded.headers and not given.get("header"):
        named = ", ".join(recorded.headers)
        raise UserError(f"--like {place}: values of headers are not recorded; give {named} anew")
    chosen = {"-k": recorded.keyword, "-m": recorded.markers}
    said = {name: value for name, value in given.items() if value not in (None, ())}
    return {**recorded.options, **said}, tuple(f"{f}={v}" for f, v in chosen.items() if v)


class _Recorded(msgspec.Struct, frozen=True):
    command: Command | None = None
