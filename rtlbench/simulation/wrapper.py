"""The generated Verilog around the lanes: plays frames back, compares, counts.

The top module has a part for each Spec, and each part its own frames, lanes and counts; all they
have in common is the tick.

Nothing in it can be reached from a lane: lanes see their ports and no hierarchical name leads
out of them (the safety Check and slang's elaboration see to that). Each lane has input nets of
its own, so that one that drives its inputs from inside disturbs itself and nobody else.

Tick by tick, until a part's frames are over: on the rising edge of `tick` the next frame is
applied to every lane, on its falling edge, when all has settled, every lane's outputs are compared
under the care mask with case equality, so that an X or Z on a bit that matters is a mismatch.
`first` keeps the frame of each lane's first mismatch, `got` what it showed then. `compared` counts
the frames compared, each in every lane at once; `caught` those in which the complement was found
wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from rtlbench.records.spec import Port, Spec
from rtlbench.rtl.batches import Unit
from rtlbench.simulation.frames import Frame, Plan

_COMPLEMENT = str.maketrans("01", "10")


class Part(msgspec.Struct, frozen=True):
    """What is simulated of one Spec."""

    spec: Spec
    plan: Plan
    lanes: Sequence[Unit]
    """The last is the golden; one more, with no module of its own, shows its complement."""

    @property
    def count(self) -> int:
        """Lanes, the complement's among them."""
        return len(self.lanes) + 1


def stimulus_file(part: int) -> str:
    """The name of a part's frames, in the folder where the simulator runs."""
    return f"stimulus{part}.mem"


def write_stimulus(folder: Path, parts: Sequence[Part]) -> None:
    """Write the frames of every part."""
    for k, part in enumerate(parts):
        (folder / stimulus_file(k)).write_text(stimulus_text(part.plan))


def stimulus_text(plan: Plan) -> str:
    """The frames for `$readmemb`, one a line: inputs, expected, care."""
    return "\n".join(_rows(plan, plan.frames)) + "\n"


def _rows(plan: Plan, frames: Sequence[Frame]) -> list[str]:
    outs, ins = plan.output_bits, plan.input_bits
    digits = f"0{ins + 2 * outs}b"
    rows = [
        format((f.inputs << (2 * outs)) | (f.expected << outs) | f.care, digits) for f in frames
    ]
    for k, frame in enumerate(frames):
        if frame.unknown:
            rows[k] = with_unknown(rows[k], frame.unknown, ins)
    return rows


def with_unknown(row: str, unknown: int, width: int) -> str:
    """Binary digits of which the first `width` are X where `unknown` has a 1."""
    mask = f"{unknown:0{width}b}"
    return "".join("x" if m == "1" else d for d, m in zip(row, mask, strict=False)) + row[width:]


def wrapper_text(parts: Sequence[Part], name: str, *, two_state: bool = False) -> str:
    """The top module `name`, and a module for each part that instantiates its lanes and judges
    them.

    Args:
        two_state: Whether it is for a simulator that knows no X.
    """
    instances = "\n".join(
        f"    {name}_{k} part_{k} (.tick(tick), .done(ended[{k}]));" for k in range(len(parts))
    )
    modules = "\n".join(
        _part_text(part, k, f"{name}_{k}", two_state) for k, part in enumerate(parts)
    )
    return f"""`timescale 1ns/1ps
module {name};
    reg tick = 1'b0;
    wire [{len(parts) - 1}:0] ended;
    wire done = &ended;
{instances}
endmodule
{modules}
"""


def _part_text(part: Part, number: int, name: str, two_state: bool) -> str:
    spec, plan, lanes = part.spec, part.plan, part.lanes
    instances = "\n".join(_instance(spec, lane, k) for k, lane in enumerate(lanes))
    golden, complement = len(lanes) - 1, len(lanes)
    count, outs, ins = part.count, plan.output_bits, plan.input_bits
    frames = len(plan.frames)
    start = _before_first(spec, plan, two_state)
    return f"""module {name} (input wire tick, output reg done);
    reg applied = 1'b0;
    reg [31:0] frame = 32'd0;
    reg [31:0] compared = 32'd0;
    reg [31:0] caught = 32'd0;
    reg [{ins + 2 * outs - 1}:0] frames [0:{frames - 1}];
    reg [{ins + 2 * outs - 1}:0] now = {ins + 2 * outs}'b{start};
{_drive(ins, outs)}    wire [{outs - 1}:0] expected = now[{2 * outs - 1}:{outs}];
    wire [{outs - 1}:0] care = now[{outs - 1}:0];
    wire [{count - 1}:0] bad;
    wire [{outs - 1}:0] shown [0:{count - 1}];
    reg [{count - 1}:0] seen = {count}'d0;
    reg [31:0] first [0:{count - 1}];
    reg [{outs - 1}:0] got [0:{count - 1}];
    integer k;

    initial done = 1'b0;
    initial $readmemb("{stimulus_file(number)}", frames);

    always @(posedge tick)
        if (frame < {frames}) begin
            now = frames[frame];
            applied = 1'b1;
        end

    always @(negedge tick)  // the one from unknown to 0 at the start applies to no frame
        if (applied && frame < {frames}) begin
            if ((bad & ~seen) != {count}'d0)
                for (k = 0; k < {count}; k = k + 1)
                    if (bad[k] & ~seen[k]) begin
                        first[k] = frame;
                        got[k] = shown[k];
                    end
            seen = seen | bad;
            compared = compared + 1;
            if (bad[{complement}]) caught = caught + 1;
            frame = frame + 1;
            if (frame == {frames}) done = 1'b1;
        end

{instances}
    assign shown[{complement}] = ~shown[{golden}];
{_judge(complement)}
endmodule
"""


def _drive(ins: int, outs: int) -> str:
    """The inputs of all lanes; a Spec may have none."""
    if not ins:
        return ""
    return f"    wire [{ins - 1}:0] drive = now[{ins + 2 * outs - 1}:{2 * outs}];\n"


def _before_first(spec: Spec, plan: Plan, two_state: bool) -> str:
    """What is applied before the first frame: clocks as there, so that they have no edge; all else
    unknown, so that a block which waits for a change of its inputs has one.

    With two states all else is the complement. An X there would not do: in the initial value of
    a variable, Verilator 5 draws every bit of the number, the clocks' as well, for one X in it.
    """
    (digits,) = _rows(plan, plan.frames[:1])
    parts: list[str] = []
    at = 0
    for port in spec.inputs:
        given = digits[at : at + port.width]
        changed = given.translate(_COMPLEMENT) if two_state else "x" * port.width
        parts.append(given if port.role == "clock" else changed)
        at += port.width
    return "".join(parts) + digits[at:]


def _instance(spec: Spec, lane: Unit, k: int) -> str:
    connections = ", ".join(
        [*_connections(spec.inputs, f"in_{k}"), *_connections(spec.outputs, f"shown[{k}]")]
    )
    width = sum(p.width for p in spec.inputs)
    driven = f"    wire [{width - 1}:0] in_{k};\n    assign in_{k} = drive;\n" if width else ""
    return (
        f"{driven}"
        f"    {lane.top} lane_{k} ({connections});\n{_judge(k)}"
    )


def _judge(k: int) -> str:
    return f"    assign bad[{k}] = ((shown[{k}] ^ expected) & care) !== 0;"


def _connections(ports: tuple[Port, ...], bus: str) -> list[str]:
    low = sum(p.width for p in ports)
    text = []
    for port in ports:
        low -= port.width
        text.append(f".{port.name}({bus}[{low + port.width - 1}:{low}])")
    return text
