"""Members of a family as Specs: ports and widths computed, golden and prompt rendered."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2

from rtlbench.errors import HarnessError, UserError
from rtlbench.records.spec import ParamValue, Port, Role, Spec
from rtlbench.simulation.model import RESERVED_NAMES, recorded_digest
from rtlbench.suites.families import COMMON_DEFAULTS, Family, Member, PortEntry

WORDS = frozenset(
    "top n width_of ports header interface has_reset has_enable always_ff reset_on enable_on "
    "clock_edge reset_words enable_words".split()
)
"""What `context` says beside the parameters; no parameter may have one of these names."""


def context(top: str, ports: tuple[Port, ...], params: dict[str, ParamValue]) -> dict[str, Any]:
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


_ENV = jinja2.Environment(
    undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
)
_ABOUT: dict[Role, str] = {
    "clock": "clock, {{ 'rising' if edge == 'posedge' else 'falling' }} edge",
    "reset": "{{ reset }}hronous reset, active {{ reset_active }}",
    "enable": "enable, active {{ enable_active }}",
    "data": "",
}
"""What is said of a port whose entry says nothing; `{sync,async}hronous` is not a typo."""


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
        recorded = recorded_digest(folder, spec_id).encode()
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
    if broken := broken_limit(family, member.params):
        raise UserError(f"{where}: its params break the limit `{broken}`")


def broken_limit(family: Family, params: dict[str, ParamValue]) -> str:
    """The first of the family's limits that `params` do not keep, or lack a parameter for; empty
    where they keep all.

    Raises:
        UserError: A limit is no expression over the parameters.
    """
    every = {**COMMON_DEFAULTS, **params}
    for limit in family.limits:
        try:
            holds = _evaluate(limit, every)
        except jinja2.UndefinedError:
            return limit  # of a parameter that the point does not give
        except (jinja2.TemplateError, TypeError, ArithmeticError) as e:
            raise UserError(f"{family.top}: limit `{limit}`: {e}") from e
        if not holds:
            return limit
    return ""


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
