"""What a reference in Verilog shows for given inputs: what answers are held to.

It is run alone, under Icarus, by inputs that come and settle as they do in the lanes
(rtlbench.simulation.wrapper). Afterwards it runs again in every batch beside the answers, as the
control lane, and must show the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from rtlbench.errors import HarnessError
from rtlbench.records.spec import Port, Spec
from rtlbench.rtl.batches import Unit
from rtlbench.sandbox.process import Limits
from rtlbench.sandbox.sandbox import private_folder
from rtlbench.simulation.simulators import compile_sources, run_compiled

LIMITS = Limits(wall=300.0, cpu=60, memory=4 << 30, output=512 << 20)
TOP = "rtlbench_shown"


class NotReadError(HarnessError):
    """Icarus does not take what it must take."""


def shown_by(spec: Spec, golden: Unit, inputs: Sequence[str]) -> tuple[list[str], float]:
    """The outputs' binary digits for each of `inputs` (binary digits too), one after the other;
    and the CPU seconds that it took.

    Raises:
        NotReadError: Icarus does not take the reference.
        HarnessError: It does not come to its end.
    """
    with private_folder() as folder:
        (folder / "shown.sv").write_text(f"{_player(spec, golden.top, inputs)}\n{golden.text}\n")
        (folder / "inputs.mem").write_text("\n".join(i or "0" for i in inputs) + "\n")
        built = compile_sources(folder, ("shown.sv",), (TOP,), LIMITS)
        if not built.ok:
            told = built.stderr[:500]
            raise NotReadError(f"{spec.id}: Icarus does not read the reference: {told}")
        ran = run_compiled(folder, LIMITS)
    shown = ran.stdout.split()
    if not ran.ok or len(shown) != len(inputs):
        raise HarnessError(f"{spec.id}: the reference does not come to its end: {ran.stderr[:500]}")
    return shown, ran.cpu


def _player(spec: Spec, golden: str, inputs: Sequence[str]) -> str:
    width = sum(p.width for p in spec.inputs) or 1
    names = ", ".join(f"show{k}" for k, _ in enumerate(spec.outputs))
    wires = "".join(f"wire [{p.width - 1}:0] show{k};\n" for k, p in enumerate(spec.outputs))
    pins = [*_inputs(spec.inputs), *(f".{p.name}(show{k})" for k, p in enumerate(spec.outputs))]
    return f"""`timescale 1ns/1ps
module {TOP};
    reg [{width - 1}:0] inputs [0:{len(inputs) - 1}];
    reg [{width - 1}:0] now = {width}'b{_before(spec.inputs, inputs[0]) or 0};
    integer k;
    {wires}
    {golden} golden ({', '.join(pins)});
    initial begin
        $readmemb("inputs.mem", inputs);
        #1;
        for (k = 0; k < {len(inputs)}; k = k + 1) begin
            now = inputs[k];
            #1 $display("%b", {{{names}}});
        end
    end
endmodule
"""


def _before(ports: Sequence[Port], first: str) -> str:
    """As before the first frame of a lane: clocks as there, all else unknown."""
    parts: list[str] = []
    at = 0
    for port in ports:
        given = first[at : at + port.width]
        parts.append(given if port.role == "clock" else "x" * port.width)
        at += port.width
    return "".join(parts)


def _inputs(ports: Sequence[Port]) -> list[str]:
    low = sum(p.width for p in ports)
    text = []
    for port in ports:
        low -= port.width
        text.append(f".{port.name}(now[{low + port.width - 1}:{low}])")
    return text
