"""The suite's own specs: families in `hdl_specs/<category>/<family>/`.

A family is `spec.toml` (title, ports with roles, parameter space, phrasings, members),
`golden.sv.j2` (the golden RTL) and `model.py` (the reference model). docs/families.md says
how to write one.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

import rtlbench
from rtlbench.errors import UserError
from rtlbench.io.cache import kept
from rtlbench.io.configuration import read_toml_as
from rtlbench.io.shipped import shipped
from rtlbench.records.spec import Difficulty, ParamValue, Role, Spec

COMMON_DEFAULTS: dict[str, ParamValue] = {
    "reset": "none",
    "reset_active": "high",
    "edge": "posedge",
    "enable": False,
    "enable_active": "high",
}
"""Parameters that every family understands, with the value they have where not given."""


class PortEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[ports]]` of spec.toml; `when` and `width` are expressions over the parameters."""

    id: str
    dir: str = "input"
    width: str = "1"
    role: Role = "data"
    when: str = ""
    clock: str = ""
    about: str = ""


class Phrasing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[phrasings]]` of spec.toml: one way to put the task into words (a Jinja template)."""

    style: str
    text: str


class Member(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[members]]` of spec.toml: one frozen point of the family's parameter space."""

    id: str
    difficulty: Difficulty
    phrasing: str
    params: dict[str, ParamValue] = {}
    names: dict[str, str] = {}
    top: str = ""


class Family(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A spec.toml as written."""

    title: str
    top: str
    ports: list[PortEntry]
    space: dict[str, Any]
    limits: list[str] = []
    """Expressions over the parameters; a point where one of them is false makes no sense."""
    phrasings: list[Phrasing]
    members: list[Member]


def read_family(folder: Path) -> Family:
    """The spec.toml of a family, as written.

    Raises:
        UserError: It cannot be read.
    """
    return read_toml_as(folder / "spec.toml", "family", Family)


CODE = ("families.py", "rendering.py")
"""What a rendered suite depends on, of the files here."""


@lru_cache(maxsize=4)
def load_suite(root: Path | None = None) -> tuple[Spec, ...]:
    """Every member of every family below `root`, in order of category, family and file.

    Rendering all templates takes about a second, which sixteen workers would each spend; so the
    result is kept in the user's cache folder, by the content of all files it came from.

    Raises:
        UserError: A family's files are missing or malformed, or two members share an id.
    """
    folders = family_folders(root)
    return kept(suite_digest(folders), lambda: _read_families(folders))


def family_folders(root: Path | None = None) -> list[Path]:
    """The folder of every family, in order."""
    return sorted(p.parent for p in (root or shipped("hdl_specs")).glob("*/*/spec.toml"))


def suite_digest(folders: list[Path]) -> str:
    """Hash of everything that a rendered suite depends on."""
    code = [Path(__file__).with_name(name) for name in CODE]
    theirs = (f for folder in folders for f in sorted(folder.iterdir()) if f.is_file())
    digest = hashlib.sha256(rtlbench.__version__.encode())
    for file in (*code, *theirs):
        digest.update(f"{file}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _read_families(folders: list[Path]) -> tuple[Spec, ...]:
    specs = [spec for folder in folders for spec in load_family(folder)]
    seen: dict[str, str] = {}
    for spec in specs:
        if spec.id in seen:
            raise UserError(f"{spec.reference}: member id {spec.id} is taken by {seen[spec.id]}")
        seen[spec.id] = str(spec.reference)
    return tuple(specs)


def load_family(folder: Path) -> list[Spec]:
    """The members of one family.

    Raises:
        UserError: spec.toml or golden.sv.j2 cannot be read or rendered.
    """
    from rtlbench.suites.rendering import family_specs  # a suite from the cache needs no templates

    family = read_family(folder)
    return family_specs(folder, family, family.members)
