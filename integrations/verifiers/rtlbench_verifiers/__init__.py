"""rtlbench's tasks for verifiers: `vf-eval rtlbench-verifiers`."""

from rtlbench_verifiers.taskset import RtlTaskset

__all__ = ["RtlTaskset"]
