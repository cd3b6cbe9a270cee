"""The suite's own specs: families in `hdl_specs/<category>/<family>/`.

A family is `spec.toml` (title, ports with roles, parameter space, phrasings, members),
`golden.sv.j2` (the golden RTL) and `model.py` (the reference model). docs/families.md says
how to write one.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
import msgspec

import rtlbench
from rtlbench.bench.model import RESERVED_NAMES
from rtlbench.errors import UserError
from rtlbench.spec import Difficulty, ParamValue, Port, Role, Spec
from rtlbench.suites.cache import kept

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
    folders = sorted(p.parent for p in (root or specs_root()).glob("*/*/spec.toml"))
    return kept(_digest(folders), lambda: _read_families(folders))


def _digest(folders: list[Path]) -> str:
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
    path = folder / "spec.toml"
    try:
        raw = tomllib.loads(path.read_text())
        family = msgspec.convert(raw, Family)
        golden = _ENV.from_string((folder / "golden.sv.j2").read_text())
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError, jinja2.TemplateError) as e:
        raise UserError(f"{path}: {e}") from e
    return [_member_to_spec(folder, family, golden, member) for member in family.members]


def _member_to_spec(
    folder: Path, family: Family, golden: jinja2.Template, member: Member
) -> Spec:
    where = f"{folder / 'spec.toml'}: member {member.id}"
    params = {**COMMON_DEFAULTS, **member.params}
    _check_in_space(where, family, member)
    try:
        ports = _ports(family, member, params)
        context = _context(member.top or family.top, ports, params)
        prompt = _phrasing(where, family, member.phrasing).render(context)
        rtl = golden.render(context)
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
        reference_hash=_hash_of(where, folder / "model.py"),
    )
    _check_prompt(where, spec)
    return spec


def _hash_of(where: str, path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as e:
        raise UserError(f"{where}: no reference model: {e}") from e


def _check_in_space(where: str, family: Family, member: Member) -> None:
    reserved = RESERVED_NAMES & {*family.space, *(p.id for p in family.ports)}
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


def _context(top: str, ports: tuple[Port, ...], params: dict[str, ParamValue]) -> dict[str, Any]:
    """What prompt and golden templates can say; listed in docs/families.md."""
    names = {p.id: p.name for p in ports}
    clock = next((p for p in ports if p.role == "clock"), None)
    reset = next((p for p in ports if p.role == "reset"), None)
    enable = next((p for p in ports if p.role == "enable"), None)
    return {
        **params,
        "top": top,
        "n": names,
        "width_of": {p.id: p.width for p in ports},
        "ports": ",\n".join(f"    {_declaration(p)}" for p in ports),
        "header": _header(top, ports),
        "interface": "\n".join(_bullet(p) for p in ports),
        "has_reset": reset is not None,
        "has_enable": enable is not None,
        "always_ff": _always(clock, reset, params),
        "reset_on": _asserted(reset),
        "enable_on": _asserted(enable),
        "clock_edge": _clock_words(clock, params),
        "reset_words": _reset_words(reset, params),
        "enable_words": f"active-{enable.active} enable `{enable.name}`" if enable else "",
    }


def _declaration(port: Port) -> str:
    span = f" [{port.width - 1}:0]" if port.width > 1 else ""
    return f"{port.direction} logic{span} {port.name}"


def _header(top: str, ports: tuple[Port, ...]) -> str:
    lines = ",\n".join(
        f"    {p.direction}" + (f" [{p.width - 1}:0]" if p.width > 1 else "") + f" {p.name}"
        for p in ports
    )
    return f"module {top} (\n{lines}\n);"


def _bullet(port: Port) -> str:
    bits = "1 bit" if port.width == 1 else f"{port.width} bits, [{port.width - 1}:0]"
    return f"- `{port.name}` ({port.direction}, {bits}): {port.about}"


def _always(clock: Port | None, reset: Port | None, params: dict[str, ParamValue]) -> str:
    if clock is None:
        return "always_comb"
    events = f"{params['edge']} {clock.name}"
    if reset is not None and params["reset"] == "async":
        events += f" or {'posedge' if reset.active == 'high' else 'negedge'} {reset.name}"
    return f"always_ff @({events})"


def _asserted(port: Port | None) -> str:
    if port is None:
        return "1'b0"
    return port.name if port.active == "high" else f"!{port.name}"


def _clock_words(clock: Port | None, params: dict[str, ParamValue]) -> str:
    edge = "rising" if params["edge"] == "posedge" else "falling"
    return f"{edge} edge of `{clock.name}`" if clock else ""


def _reset_words(reset: Port | None, params: dict[str, ParamValue]) -> str:
    kind = {"sync": "synchronous", "async": "asynchronous"}.get(str(params["reset"]), "")
    return f"active-{reset.active} {kind} reset `{reset.name}`" if reset else ""


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.strip().splitlines()]
    return "\n".join(lines) + "\n"


def _check_prompt(where: str, spec: Spec) -> None:
    missing = [w for w in (spec.top, *(p.name for p in spec.ports)) if w not in spec.prompt]
    if missing:
        raise UserError(f"{where}: the prompt never names {', '.join(missing)}")
