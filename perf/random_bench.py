"""A testbench of random cycles for a task with one clock, in Verilog and for cocotb: reference and
answer get the same inputs, and every cycle is compared."""

from __future__ import annotations

from rtlbench.records.spec import Port, Spec
from rtlbench.rtl.renaming import renamed_golden

CYCLES = 1000
RESET = 3
"""Cycles at the start with the reset active."""


def harness(spec: Spec) -> str:
    """Module `tb`: the inputs as variables, and a wire `differs` that is 1 where outputs do."""
    reference = renamed_golden(spec, "ref_")
    lines = [f"reg {_range(p)}{p.name} = 0;" for p in spec.inputs]
    for side in ("r", "a"):
        lines += [f"wire {_range(p)}{side}_{p.name};" for p in spec.outputs]
    for side, module in (("r", reference.top), ("a", spec.top)):
        pins = [f".{p.name}({p.name})" for p in spec.inputs]
        pins += [f".{p.name}({side}_{p.name})" for p in spec.outputs]
        lines.append(f"{module} {side}_side ({', '.join(pins)});")
    sides = [", ".join(f"{side}_{p.name}" for p in spec.outputs) for side in ("a", "r")]
    lines.append(f"wire differs = {{{sides[0]}}} !== {{{sides[1]}}};")
    return "module tb;\n" + "\n".join(lines) + f"\n{_MARK}\nendmodule\n{reference.text}\n"


_MARK = "// what drives it"


def bench(spec: Spec) -> str:
    """Module `tb` that drives itself and ends with status 1 where something differed."""
    clock, reset = spec.port_of_role("clock"), spec.port_of_role("reset")
    assert clock is not None
    active = int(spec.edge == "posedge")
    draws = [f"{p.name} = $random;" for p in spec.inputs if p not in (clock, reset)]
    if reset is not None:
        level = int(reset.active == "high")
        draws.append(f"{reset.name} = (k < {RESET} || $random % 32 == 0) ? {level} : {1 - level};")
    return harness(spec).replace(_MARK, f"""integer k, bad = 0;
initial begin
  {clock.name} = {1 - active};
  for (k = 0; k < {CYCLES}; k = k + 1) begin
    {" ".join(draws)}
    #4 if (k > {RESET} && differs) bad = bad + 1;
    #1 {clock.name} = {active};
    #4 if (k > {RESET} && differs) bad = bad + 1;
    #1 {clock.name} = {1 - active};
  end
  $finish_and_return(bad != 0);
end""")


def facts(spec: Spec) -> dict[str, str]:
    """What the test for cocotb (random_cycles.py) has to know, as environment variables."""
    clock, reset = spec.port_of_role("clock"), spec.port_of_role("reset")
    assert clock is not None
    driven = [f"{p.name}:{p.width}" for p in spec.inputs if p not in (clock, reset)]
    return {
        "TB_CLOCK": clock.name, "TB_ACTIVE": str(int(spec.edge == "posedge")),
        "TB_RESET": reset.name if reset else "", "TB_CYCLES": str(CYCLES),
        "TB_LEVEL": str(int(reset is not None and reset.active == "high")),
        "TB_DRIVEN": ",".join(driven), "TB_RESET_CYCLES": str(RESET),
    }  # fmt: skip


def _range(port: Port) -> str:
    return f"[{port.width - 1}:0] " if port.width > 1 else ""
