"""Answers with the right interface that must never pass."""

from __future__ import annotations

from collections.abc import Sequence

from rtlbench.records.spec import Spec
from rtlbench.rtl.preprocessing import prepare
from rtlbench.rtl.scan import scan
from rtlbench.rtl.slang import elaborate


def stub_answers(spec: Spec) -> dict[str, str]:
    """Answers that do nothing of what is asked, by kind."""
    declared = ", ".join(f"{p.direction} [{p.width - 1}:0] {p.name}" for p in spec.ports)
    first = f"module {spec.top}({declared});\n"
    parity = " ^ ".join(f"^{p.name}" for p in spec.inputs)
    through = "{" + ", ".join(p.name for p in spec.inputs) + "}"

    def body(value: str) -> str:
        return "".join(f"assign {p.name} = {value.format(w=p.width)};\n" for p in spec.outputs)

    bodies = {
        "empty": "",
        "zero": body("{w}'d0"),
        "one": body("{{{w}{{1'b1}}}}"),
        "unknown": body("{{{w}{{1'bx}}}}"),
        "parity of all inputs": body("{{{w}{{" + parity + "}}}}"),
        "inputs passed through": "".join(f"assign {p.name} = {through};\n" for p in spec.outputs),
        "finish": "initial $finish;\n",
        "print": 'initial begin $display("Your Design Passed"); $finish; end\n',
    }
    return {kind: f"{first}{text}endmodule\n" for kind, text in bodies.items()}


def siblings(spec: Spec, every: Sequence[Spec]) -> list[Spec]:
    """Other members with the same interface, whose goldens do something else."""
    return [s for s in every if s.id != spec.id and _shape(s) == _shape(spec)]


def _shape(spec: Spec) -> list[tuple[str, str, int]]:
    return sorted((p.name, p.direction, p.width) for p in spec.ports)


def under_name(text: str, old: str, new: str) -> str:
    """`text` with its module `old` called `new`."""
    source = prepare(text).text
    found = scan(elaborate(source, old).tree)
    for at, raw in sorted(found.names, reverse=True):
        if raw == old:
            source = source[:at] + new + source[at + len(raw) :]
    return source
