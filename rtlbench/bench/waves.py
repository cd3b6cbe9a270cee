"""The lone path: one candidate, one simulation by cocotb-test, a waveform to look at."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from rtlbench.bench.handover import LANES, NONCE, RESULT_FILE
from rtlbench.bench.simulators import PACKAGE_PARENT
from rtlbench.bench.stimulus import build_plan
from rtlbench.bench.wrapper import STIMULUS_FILE, Lane, stimulus_text, wrapper_text
from rtlbench.candidate import Candidate, extract
from rtlbench.errors import HarnessError, UserError
from rtlbench.source import prepare
from rtlbench.spec import Spec
from rtlbench.tools.process import Limits, run
from rtlbench.tools.slang import elaborate
from rtlbench.tools.syntax_scan import blank_delays, rename, scan

LIMITS = Limits(wall=120.0, cpu=30, memory=4 << 30, file_size=256 << 20)
TOP = "rtlbench_waves"
_ARGUMENTS = "RTLBENCH_WAVES"


def write_waves(spec: Spec, candidate: Candidate, path: Path) -> None:
    """Simulate `candidate` beside the golden and write the waveform to `path` (FST).

    The candidate is instance `lane_0`, the golden `lane_1`. It must have passed the safety Check.

    Raises:
        UserError: cocotb-test is not installed.
        HarnessError: The simulation left no waveform.
    """
    try:
        import cocotb_test  # noqa: F401
    except ImportError as e:
        raise UserError("--waves needs cocotb-test: pip install 'rtlbench[waves]'") from e
    plan = build_plan(spec)
    lanes = [_lane(extract(candidate.text, spec.top).rtl, spec, "answer"),
             _lane(spec.golden, spec, "golden")]
    with tempfile.TemporaryDirectory(prefix="rtlbench-") as name:
        folder = Path(name)
        (folder / STIMULUS_FILE).write_text(stimulus_text(plan))
        texts = [wrapper_text(spec, plan, lanes, TOP), *(lane.text for lane in lanes)]
        (folder / "lanes.sv").write_text("\n".join(texts))
        env = {
            "PYTHONPATH": str(PACKAGE_PARENT),
            _ARGUMENTS: json.dumps({"folder": name, "lanes": len(lanes) + 1}),
        }
        ran = run([sys.executable, "-m", __name__], folder=folder, limits=LIMITS, env=env)
        made = next(folder.rglob("*.fst"), None)
        if made is None:
            raise HarnessError(f"no waveform was made: {(ran.stdout + ran.stderr)[-1500:]}")
        shutil.copyfile(made, path)


def _lane(text: str, spec: Spec, prefix: str) -> Lane:
    source = prepare(text)
    found = scan(elaborate(source.text, spec.top).tree)
    renamed, names = rename(blank_delays(source.text, found), found, f"{prefix}_")
    return Lane(renamed, names[spec.top])


def _main() -> None:
    """In a process of its own, under limits: cocotb-test builds and runs the simulation."""
    from cocotb_test.simulator import run as cocotb_test_run

    given = json.loads(os.environ[_ARGUMENTS])
    folder = Path(given["folder"])
    cocotb_test_run(
        simulator="icarus",
        verilog_sources=[str(folder / "lanes.sv")],
        toplevel=TOP,
        module="rtlbench.bench.playback",
        sim_build=str(folder),
        compile_args=["-g2012"],
        waves=True,
        extra_env={
            RESULT_FILE: str(folder / "result.json"),
            NONCE: "waves",
            LANES: str(given["lanes"]),
        },
    )


if __name__ == "__main__":
    _main()
