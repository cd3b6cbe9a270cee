"""The suite's own specs: families in `hdl_specs/<category>/<family>/`.

A family is `spec.toml` (title, ports with roles, parameter space, phrasings, members),
`golden.sv.j2` (the golden RTL) and `model.py` (the reference model). docs/families.md says
how to write one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
import msgspec

import rtlbench
from rtlbench.bench.model import RESERVED_NAMES
from rtlbench.bench.recorded import digest_of
from rtlbench.errors import HarnessError, UserError
from rtlbench.spec import Difficulty, ParamValue, Port, Role, Spec
from rtlbench.suites.cache import kept
from rtlbench.suites.wording import WORDS, context
from rtlbench.toml_file import read_toml_as

_ENV = jinja2.Environment(
    undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
)
COMMON_DEFAULTS: dict[str, ParamValue] = {
    "reset": "none",
    "reset_active": "high",
    "edge": "posedge",
    "enable": False,
    "enable_active": "high",
}
"""Parameters that every family understands, with the value they have where not given."""


_ABOUT: dict[Role, str] = {
    "clock": "clock, {{ 'rising' if edge == 'posedge' else 'falling' }} edge",
    "reset": "{{ reset }}hronous reset, active {{ reset_active }}",
    "enable": "enable, active {{ enable_active }}",
    "data": "",
}
"""What is said of a port whose entry says nothing; `{sync,async}hronous` is not a typo."""


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


def specs_root() -> Path:
    """The folder `hdl_specs` of the checkout, or of the installed package."""
    package = Path(rtlbench.__file__).parent
    for root in (package.parent / "hdl_specs", package / "_shipped" / "hdl_specs"):
        if root.is_dir():
            return root
    raise UserError(f"no hdl_specs folder beside {package}: reinstall rtlbench")


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
    return sorted(p.parent for p in (root or specs_root()).glob("*/*/spec.toml"))


def suite_digest(folders: list[Path]) -> str:
    """Hash of everything that a rendered suite depends on."""
    files = [Path(__file__), *(f for folder in folders for f in sorted(folder.iterdir()))]
    digest = hashlib.sha256(rtlbench.__version__.encode())
    for file in (f for f in files if f.is_file()):
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
    family = read_family(folder)
    return family_specs(folder, family, family.members)


def read_family(folder: Path) -> Family:
    """The spec.toml of a family, as written.

    Raises:
        UserError: It cannot be read.
    """
    return read_toml_as(folder / "spec.toml", "family", Family)


def family_specs(folder: Path, family: Family, members: list[Member]) -> list[Spec]:
    """`members` of a family as Specs; they need not be those that spec.toml names.

    Raises:
        UserError: The golden or a prompt cannot be rendered.
    """
    path = folder / "golden.sv.j2"
    try:
        golden = _template(path.read_text())
    except (OSError, jinja2.TemplateError) as e:
        raise UserError(f"{path}: {e}") from e
    return [_member_to_spec(folder, family, golden, member) for member in members]


def _member_to_spec(
    folder: Path, family: Family, golden: jinja2.Template, member: Member
) -> Spec:
    where = f"{folder / 'spec.toml'}: member {member.id}"
    params = {**COMMON_DEFAULTS, **member.params}
    _check_in_space(where, family, member)
    try:
        ports = _ports(family, member, params)
        words = context(member.top or family.top, ports, params)
        prompt = _phrasing(where, family, member.phrasing).render(words)
        rtl = golden.render(words)
    except jinja2.TemplateError as e:
        raise UserError(f"{where}: {e}") from e
    spec = Spec(
        id=f"{folder.name}_{member.id}",
        category=folder.parent.name,
        family=folder.name,
        difficulty=member.difficulty,
        title=family.title,
        prompt=_tidy(prompt),
        top=member.top or family.top,
        ports=ports,
        params=params,
        reset=params["reset"],  # type: ignore[arg-type]  # checked against the space
        edge=params["edge"],  # type: ignore[arg-type]
        golden=_tidy(rtl),
        reference=str(folder),
        reference_hash=_hash_of(where, folder, f"{folder.name}_{member.id}"),
    )
    _check_prompt(where, spec)
    return spec


def _hash_of(where: str, folder: Path, spec_id: str) -> str:
    """Of the model and of the stimulus that is recorded for this member."""
    try:
        recorded = digest_of(folder, spec_id).encode()
        return hashlib.sha256((folder / "model.py").read_bytes() + recorded).hexdigest()
    except OSError as e:
        raise UserError(f"{where}: no reference model: {e}") from e
    except HarnessError as e:
        raise UserError(str(e)) from e


def _check_in_space(where: str, family: Family, member: Member) -> None:
    reserved = (RESERVED_NAMES & {*family.space, *(p.id for p in family.ports)}) | (
        WORDS & set(family.space)
    )
    if reserved:
        raise UserError(f"{where}: {', '.join(reserved)} cannot name a parameter or port id")
    for name, value in member.params.items():
        if name not in family.space:
            raise UserError(f"{where}: parameter {name} is not in [space]")
        allowed = family.space[name]
        if isinstance(allowed, dict):
            inside = isinstance(value, int) and allowed["min"] <= value <= allowed["max"]
        else:
            inside = value in allowed
        if not inside:
            raise UserError(f"{where}: {name} = {value!r} lies outside [space] {allowed}")


def _ports(family: Family, member: Member, params: dict[str, ParamValue]) -> tuple[Port, ...]:
    ports = []
    for entry in family.ports:
        if entry.role == "reset" and params["reset"] == "none":
            continue
        if entry.role == "enable" and not params["enable"]:
            continue
        if entry.when and not _evaluate(entry.when, params):
            continue
        active = {"reset": params["reset_active"], "enable": params["enable_active"]}
        port = Port(
            id=entry.id,
            name=member.names.get(entry.id, _default_name(entry, params)),
            direction=entry.dir,  # type: ignore[arg-type]
            width=int(_evaluate(entry.width, params)),
            role=entry.role,
            active=active.get(entry.role, "high"),  # type: ignore[arg-type]
            clock=entry.clock,
            about=_template(entry.about or _ABOUT[entry.role]).render(params),
        )
        ports.append(port)
    return tuple(ports)


def _evaluate(expression: str, params: dict[str, ParamValue]) -> Any:
    return _expression(expression)(**params)


@lru_cache(maxsize=1024)
def _expression(text: str) -> Callable[..., Any]:
    return _ENV.compile_expression(text, undefined_to_none=False)


@lru_cache(maxsize=1024)
def _template(text: str) -> jinja2.Template:
    """Compiled once: members share phrasings, and to compile takes longer than all else here."""
    return _ENV.from_string(text)


def _default_name(entry: PortEntry, params: dict[str, ParamValue]) -> str:
    low = {"reset": params["reset_active"], "enable": params["enable_active"]}.get(entry.role)
    return f"{entry.id}_n" if low == "low" else entry.id


def _phrasing(where: str, family: Family, style: str) -> jinja2.Template:
    for phrasing in family.phrasings:
        if phrasing.style == style:
            return _template(phrasing.text)
    styles = ", ".join(p.style for p in family.phrasings)
    raise UserError(f"{where}: no phrasing {style!r}; there are {styles}")


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.strip().splitlines()]
    return "\n".join(lines) + "\n"


def _check_prompt(where: str, spec: Spec) -> None:
    missing = [w for w in (spec.top, *(p.name for p in spec.ports)) if w not in spec.prompt]
    if missing:
        raise UserError(f"{where}: the prompt never names {', '.join(missing)}")
