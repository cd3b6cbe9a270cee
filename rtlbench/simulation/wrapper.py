"""The generated Verilog around the lanes: plays frames back, compares, counts.

The top module has a part for each Spec, and each part its own frames, lanes and counts.

Nothing in it can be reached from a lane: lanes see their ports and no hierarchical name leads
out of them (the safety Check and slang's elaboration see to that). Each lane has input nets of
its own, so that one that drives its inputs from inside disturbs itself and nobody else.

Frame by frame: the next one is applied to every lane, and when all has settled, every lane's
outputs are compared under the care mask with case equality, so that an X or Z on a bit that
matters is a mismatch. `first` keeps the frame of each lane's first mismatch, `got` what it showed
then. From there on the lane sleeps: its inputs stay as they are, and it is compared no more.
`compared` counts the frames compared, each at once in every lane that is awake; `caught` those in
which the complement was found wrong: it never sleeps.

All lanes are compared in one expression, and their inputs are one variable: for each frame a
simulator that is no compiler reads a few long values, not many short ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from rtlbench.records.spec import Port, Spec
from rtlbench.rtl.batches import Unit
from rtlbench.simulation.frames import Plan, with_unknown

TOGETHER = 4
"""Lanes whose outputs are one net: a simulator copies nets bit by bit, and takes as long again to
read one."""
HALF = 50
"""Nanoseconds from a frame's beginning to its comparison, and from there to its end."""
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
        (folder / stimulus_file(k)).write_bytes(part.plan.rows.text.encode())


def wrapper_text(parts: Sequence[Part], name: str, *, two_state: bool = False) -> str:
    """The top module `name`, and a module for each part that instantiates its lanes and judges
    them.

    Args:
        two_state: Whether it is for a simulator that knows no X, and has no delays. There all waits
            for `tick`, a signal of the top module: a frame comes with its rising edge, and is
            compared at the falling one.
    """
    tick = ".tick(tick), " if two_state else ""
    instances = "\n".join(
        f"    {name}_{k} part_{k} ({tick}.done(ended[{k}]));" for k in range(len(parts))
    )
    modules = "\n".join(
        _part_text(part, k, f"{name}_{k}", two_state) for k, part in enumerate(parts)
    )
    signal = "    reg tick = 1'b0;\n" if two_state else ""
    return f"""`timescale 1ns/1ps
module {name};
{signal}    wire [{len(parts) - 1}:0] ended;
    wire done = &ended;
{instances}
endmodule
{modules}
"""


def _part_text(part: Part, number: int, name: str, two_state: bool) -> str:
    spec, plan, lanes = part.spec, part.plan, part.lanes
    instances = "\n".join(_instance(spec, lane, k) for k, lane in enumerate(lanes))
    count, outs, ins = len(lanes), plan.output_bits, plan.input_bits
    width = ins + 2 * outs
    run = _by_tick if two_state else _by_delays
    read = "$readmemb" if plan.rows.has_unknown else "$readmemh"
    return f"""module {name} ({"input wire tick, " if two_state else ""}output reg done);
    reg [31:0] compared = 32'd0;
    reg [31:0] caught = 32'd0;
    reg [{width - 1}:0] frames [0:{len(plan.frames) - 1}];
    reg [{width - 1}:0] now;
{_drive(ins, count, _before_first(spec, plan, two_state))}
    wire [{outs - 1}:0] shown [0:{count - 1}];
{_groups(outs, count)}
    reg [{outs * count - 1}:0] awake = ~{outs * count}'d0;
    reg [{count}:0] seen = {count + 1}'d0;
    reg [31:0] first [0:{count}];
    reg [{outs - 1}:0] got [0:{count}];
    reg asleep = 1'b0;
    integer k;

    initial done = 1'b0;
    initial {read}("{stimulus_file(number)}", frames);

{run(len(plan.frames), _apply(ins, outs, count), _compare(ins, outs, count))}
{instances}
endmodule
"""


def _groups(outs: int, count: int) -> str:
    """What the lanes show, some of them together."""
    groups = []
    for low in range(0, count, TOGETHER):
        high = min(low + TOGETHER, count)
        names = ", ".join(f"shown[{k}]" for k in reversed(range(low, high)))
        groups.append(f"    wire [{outs * (high - low) - 1}:0] from_{low} = {{{names}}};")
    return "\n".join(groups)


def _drive(ins: int, count: int, start: str) -> str:
    """The inputs of all lanes, and which are still driven; a Spec may have none."""
    if not ins:
        return ""
    return f"""    reg [{ins * count - 1}:0] drive = {{{count}{{{ins}'b{start}}}}};
    reg [{ins * count - 1}:0] driven = ~{ins * count}'d0;
"""


def _apply(ins: int, outs: int, count: int) -> str:
    """What applies the next frame to every lane that is awake."""
    if not ins:
        return "now = frames[compared];"
    given = f"{{{count}{{now[{ins + 2 * outs - 1}:{2 * outs}]}}}}"
    return f"""now = frames[compared];
            drive = asleep ? (drive & ~driven) | ({given} & driven) : {given};"""


def _compare(ins: int, outs: int, count: int) -> str:
    """What compares every lane that is awake, and the complement."""
    expected, care = f"now[{2 * outs - 1}:{outs}]", f"now[{outs - 1}:0]"
    all_expected, all_care = f"{{{count}{{{expected}}}}}", f"{{{count}{{{care}}}}}"
    every = f"{{{', '.join(f'from_{k}' for k in reversed(range(0, count, TOGETHER)))}}}"
    sleep = f" driven[k * {ins} +: {ins}] = {ins}'d0;" if ins else ""
    return f"""if (asleep
                ? ({every} & awake & {all_care}) !== ({all_expected} & awake)
                : ({every} & {all_care}) !== {all_expected})
                for (k = 0; k < {count}; k = k + 1)
                    if (!seen[k] && (shown[k] & {care}) !== {expected}) begin
                        seen[k] = 1'b1;
                        asleep = 1'b1;
                        first[k] = compared;
                        got[k] = shown[k];
                        awake[k * {outs} +: {outs}] = {outs}'d0;{sleep}
                    end
            if ((~shown[{count - 1}] & {care}) !== {expected}) begin
                caught = caught + 1;
                if (!seen[{count}]) begin
                    seen[{count}] = 1'b1;
                    first[{count}] = compared;
                    got[{count}] = ~shown[{count - 1}];
                end
            end
            compared = compared + 1;"""


def _by_delays(frames: int, apply: str, compare: str) -> str:
    """All frames, one after the other."""
    return f"""    initial begin
        repeat ({frames}) begin
            #{HALF}
            {apply}
            #{HALF}
            {compare}
        end
        done = 1'b1;
    end
"""


def _by_tick(frames: int, apply: str, compare: str) -> str:
    """All frames, as the tick has edges."""
    return f"""    reg applied = 1'b0;
    always @(posedge tick)
        if (compared < {frames}) begin
            {apply}
            applied = 1'b1;
        end
    always @(negedge tick)  // the one from unknown to 0 at the start applies to no frame
        if (applied && compared < {frames}) begin
            {compare}
            if (compared == {frames}) done = 1'b1;
        end
"""


def _before_first(spec: Spec, plan: Plan, two_state: bool) -> str:
    """What is applied before the first frame: clocks as there, so that they have no edge; all else
    unknown, so that a block which waits for a change of its inputs has one.

    With two states all else is the complement. An X there would not do: in the initial value of
    a variable, Verilator 5 draws every bit of the number, the clocks' as well, for one X in it.
    """
    first, ins = plan.frames[0], plan.input_bits
    digits = with_unknown(f"{first.inputs:0{ins}b}", first.unknown, ins) if ins else ""
    parts: list[str] = []
    at = 0
    for port in spec.inputs:
        given = digits[at : at + port.width]
        changed = given.translate(_COMPLEMENT) if two_state else "x" * port.width
        parts.append(given if port.role == "clock" else changed)
        at += port.width
    return "".join(parts)


def _instance(spec: Spec, lane: Unit, k: int) -> str:
    connections = ", ".join(
        [*_connections(spec.inputs, f"in_{k}"), *_connections(spec.outputs, f"shown[{k}]")]
    )
    width = sum(p.width for p in spec.inputs)
    own = f"drive[{(k + 1) * width - 1}:{k * width}]"
    nets = f"    wire [{width - 1}:0] in_{k} = {own};\n" if width else ""
    return f"{nets}    {lane.top} lane_{k} ({connections});"


def _connections(ports: tuple[Port, ...], bus: str) -> list[str]:
    low = sum(p.width for p in ports)
    text = []
    for port in ports:
        low -= port.width
        text.append(f".{port.name}({bus}[{low + port.width - 1}:{low}])")
    return text
