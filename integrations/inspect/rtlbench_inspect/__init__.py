"""rtlbench's tasks for inspect_ai: `inspect eval rtlbench_inspect/rtlbench`."""

from rtlbench_inspect.task import rtlbench, verdict

__all__ = ["rtlbench", "verdict"]
