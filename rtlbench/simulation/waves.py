"""The lone path: one candidate, one simulation by cocotb-test, a waveform to look at."""

from __future__ import annotations

import sys
from pathlib import Path

from rtlbench.errors import HarnessError, UserError
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.rtl.extraction import extract
from rtlbench.rtl.renaming import renamed_golden, renamed_text
from rtlbench.sandbox.process import Limits, read_made, run
from rtlbench.sandbox.sandbox import private_folder
from rtlbench.simulation.evidence import Handover
from rtlbench.simulation.simulators import PACKAGE_PARENT, PLAYBACK
from rtlbench.simulation.stimulus import build_plan
from rtlbench.simulation.wrapper import Part, wrapper_text, write_stimulus

LIMITS = Limits(wall=120.0, cpu=30, memory=4 << 30, file_size=256 << 20)
TOP = "rtlbench_waves"


def write_waves(spec: Spec, candidate: Candidate, path: Path) -> None:
    """Simulate `candidate` beside the golden and write the waveform to `path` (FST).

    The candidate is instance `part_0.lane_0`, the golden `part_0.lane_1`. It must have passed the
    safety Check.

    Raises:
        UserError: cocotb-test is not installed, or rtlbench is installed below /tmp.
        HarnessError: A text does not elaborate, or the simulation left no waveform.
    """
    try:
        import cocotb_test  # noqa: F401
    except ImportError as e:
        raise UserError("--waves needs cocotb-test: pip install 'rtlbench[waves]'") from e
    plan = build_plan(spec)
    answer = extract(candidate.text, spec.top, candidate.instruction or spec.prompt).rtl
    lanes = (renamed_text(answer, spec.top, "answer_", "the answer"),
             renamed_golden(spec, "golden_"))
    with private_folder() as folder:
        parts = [Part(spec, plan, lanes)]
        write_stimulus(folder, parts)
        texts = [wrapper_text(parts, TOP), *(lane.text for lane in lanes)]
        (folder / "lanes.sv").write_text("\n".join(texts))
        env = {"PYTHONPATH": str(PACKAGE_PARENT)}
        with Handover(folder, len(lanes) + 1):
            ran = run([sys.executable, "-m", __name__], folder=folder, limits=LIMITS, env=env)
        made = read_made(folder / f"{TOP}.fst")
        if not made and any(p.is_relative_to("/tmp") for p in (PACKAGE_PARENT, Path(sys.prefix))):
            raise UserError(
                "--waves: the simulator's FST writer needs /tmp for itself, and rtlbench is "
                "installed below it; install it elsewhere, or add --isolation none"
            )
        if not made:
            raise HarnessError(f"no waveform was made: {(ran.stdout + ran.stderr)[-1500:]}")
    path.write_bytes(made)


def _main() -> None:
    """In a process of its own, under limits: cocotb-test builds and runs the simulation."""
    from cocotb_test.simulator import run as cocotb_test_run

    folder = Path.cwd()
    cocotb_test_run(
        simulator="icarus",
        verilog_sources=[str(folder / "lanes.sv")],
        toplevel=TOP,
        module="rtlbench.simulation.in_simulator",
        extra_env={"PYGPI_USERS": PLAYBACK},
        sim_build=str(folder),
        compile_args=["-g2012"],
        waves=True,
    )


if __name__ == "__main__":
    _main()
