"""All that the fence uses of the library: one place to change when a module moves."""

from __future__ import annotations

from rtlbench.mutation.mutants import source_mutants
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Verdict
from rtlbench.suites.families import load_suite
from rtlbench.suites.rtllm import read_rtllm
from rtlbench.verifier import Verifier

__all__ = [
    "Candidate", "Spec", "Verdict", "Verifier", "load_suite", "read_rtllm", "source_mutants",
]  # fmt: skip
