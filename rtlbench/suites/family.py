"""A family as written: what its spec.toml may say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from rtlbench.io.toml_file import read_toml_as
from rtlbench.records.spec import Difficulty, ParamValue, Role

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
    phrasings: list[Phrasing]
    members: list[Member]


def read_family(folder: Path) -> Family:
    """The spec.toml of a family, as written.

    Raises:
        UserError: It cannot be read.
    """
    return read_toml_as(folder / "spec.toml", "family", Family)
