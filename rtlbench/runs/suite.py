"""What `--suite`, `--fresh` and `--count` name: a suite of the registry, or fresh members."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from rtlbench.errors import UserError
from rtlbench.records.spec import Spec
from rtlbench.suites import reader_of, recognised, suite_names
from rtlbench.suites.cvdp import not_judged
from rtlbench.suites.families import family_folders

FILES = frozenset({"cvdp", "exercises", "verilog-eval-v1"})
"""Suites that a file may be named for."""
_STREAMED = re.compile(r"([a-z][a-z0-9_]*)_train(\d{1,9})_(\d{1,9})")
OWN = "rtlbench"
"""The suite that has parameter spaces to draw fresh members from."""


def named_suite(text: str, flag: str = "--suite") -> str:
    """`NAME=FOLDER` where a folder alone is given; its files tell which suite it is.

    Raises:
        UserError: They do not.
    """
    if "=" in text or not Path(text).is_dir():
        return text
    if reader_of(text) is not None:
        return text
    found = recognised(Path(text))
    if found is None:
        known = ", ".join(suite_names())
        raise UserError(f"{flag} {text}: no suite's files are below that folder; known: {known}")
    return f"{found}={text}"


def with_fresh(suite: str, seed: int | None, count: int | None) -> str:
    """How a suite is named that `--fresh SEED` and `--count N` were given for.

    Raises:
        UserError: The suite has no parameter space to draw from, or the numbers make no sense.
    """
    suite = named_suite(suite)
    name, equals, folder = suite.partition("=")
    if seed is None:
        return suite
    if name != OWN:
        raise UserError(f"--fresh draws from rtlbench's own families, not from {name}")
    if seed < 0 or (count is not None and count < 1):
        raise UserError("--fresh needs a seed of 0 or more, and a count of 1 or more")
    return f"{name}@{seed}" + (f"x{count}" if count is not None else "") + equals + folder


def read_suite(text: str) -> tuple[Spec, ...]:
    """The Specs of `NAME` or `NAME=FOLDER`; `rtlbench@SEED` is a suite of fresh members.

    Raises:
        UserError: There is no such suite or folder, or its files cannot be read.
    """
    name, path = suite_of(text)
    reader = reader_of(name)
    specs = reader(path) if reader is not None else _fresh(name, path)
    if not specs:
        raise UserError(f"--suite {text}: {path} holds no specs; give the suite's folder")
    return specs


def left_out(text: str) -> str:
    """What a suite holds and nothing here judges, in a line; empty where it is all judged."""
    name, path = suite_of(text)
    if name != "cvdp" or path is None:
        return ""
    found = {kind: len(ids) for kind, ids in not_judged(path).items()}
    told = ", ".join(f"{count} ({kind})" for kind, count in sorted(found.items()))
    return f"{sum(found.values())} datapoints are not judged: {told}" if found else ""


def suite_of(text: str, flag: str = "--suite") -> tuple[str, Path | None]:
    """Name and folder of a suite that is there, by what `flag` was given; nothing is read.

    Raises:
        UserError: There is no such suite or folder.
    """
    name, _, folder = named_suite(text, flag).partition("=")
    if not name.startswith(f"{OWN}@") and reader_of(name) is None:
        known = ", ".join(suite_names())
        raise UserError(f"{flag} {text}: no suite {name!r}; there are {known}")
    path = Path(folder) if folder else None
    if path is not None and not (path.is_dir() or (name in FILES and path.is_file())):
        raise UserError(f"{flag} {text}: {path} is not a folder")
    return name, path


@lru_cache(maxsize=512)
def _streamed(family: str, seed: str, number: str) -> Spec | None:
    """The task of a family's endless stream (rtlbench.mutation.fresh); None where there is none."""
    from rtlbench.mutation.fresh import streamed

    folder = next((f for f in family_folders() if f.name == family), None)
    return streamed(folder, int(seed), int(number)) if folder is not None else None


def _fresh(name: str, path: Path | None) -> tuple[Spec, ...]:
    from rtlbench.mutation.fresh import fresh_suite  # judges what it draws: seconds to import

    seed, _, count = name.partition("@")[2].partition("x")
    if not seed.isdecimal() or not (count == "" or count.isdecimal()):
        raise UserError(f"--suite {name}: write {OWN}@SEED or {OWN}@SEEDxCOUNT")
    return fresh_suite(int(seed), int(count) if count else None, path)


def chosen(
    every: Sequence[Spec], names: Sequence[str] = (), categories: Sequence[str] = ()
) -> list[Spec]:
    """The Specs of these categories with one of these texts in `category/id`; all without any.

    Raises:
        UserError: There is no such category, or no Spec is left.
    """
    known = sorted({s.category for s in every})
    if unknown := [c for c in categories if c not in known]:
        raise UserError(f"no category {unknown[0]!r}; there are {', '.join(known)}")
    found = [
        s for s in every
        if (not categories or s.category in categories)
        and (not names or any(part.lower() in s.name.lower() for part in names))
    ]  # fmt: skip
    if not found:
        raise UserError(f"-k {' '.join(names)}: no task fits; see `rtlbench specs list`")
    return found


def find_spec(every: Sequence[Spec], spec_id: str) -> Spec:
    """The Spec with that id, or name `category/id`; or the task of an endless stream.

    Raises:
        UserError: There is none; the message names the closest.
    """
    for spec in every:
        if spec_id in (spec.id, spec.name):
            return spec
    if (named := _STREAMED.fullmatch(spec_id)) and (spec_of := _streamed(*named.groups())):
        return spec_of
    ids = [s.id for s in every]
    close = [i for i in ids if spec_id and spec_id in i][:3]
    close = close or difflib.get_close_matches(spec_id, ids, 3)
    hint = f"; did you mean {' or '.join(close)}?" if close else "; see `rtlbench specs list`"
    raise UserError(f"no spec {spec_id!r}{hint}")
