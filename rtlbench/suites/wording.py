"""What prompt and golden templates can say of a member; listed in docs/families.md."""

from __future__ import annotations

from typing import Any

from rtlbench.records.spec import ParamValue, Port

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
