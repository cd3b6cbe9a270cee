"""rtlbench: a pytest-driven verification harness for RTL written by language models.

What stands in `__all__` is the Python interface (docs/python.md); all else may change at any time.
Nothing is imported before it is used.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing for it takes longer than all else here

if TYPE_CHECKING:
    from rtlbench import rewards
    from rtlbench.client.client import Client
    from rtlbench.errors import HarnessError, UserError
    from rtlbench.judging.judge import Judge, judge, judge_async
    from rtlbench.records.candidate import Candidate
    from rtlbench.records.spec import Port, Spec
    from rtlbench.records.verdict import CheckResult, Finding, Outcome, Severity, TraceRow, Verdict
    from rtlbench.runs.suite import read_suite

__version__ = "0.2.0"
__all__ = [
    "Candidate", "CheckResult", "Client", "Finding", "HarnessError", "Judge", "Outcome", "Port",
    "Severity", "Spec", "TraceRow", "UserError", "Verdict", "judge", "judge_async", "read_suite",
    "rewards",
]  # fmt: skip

_PLACES = {
    ".client.client": ("Client",),
    ".errors": ("HarnessError", "UserError"),
    ".judging.judge": ("Judge", "judge", "judge_async"),
    ".records.candidate": ("Candidate",),
    ".records.spec": ("Port", "Spec"),
    ".records.verdict": ("CheckResult", "Finding", "Outcome", "Severity", "TraceRow", "Verdict"),
    ".runs.suite": ("read_suite",),
}


if not TYPE_CHECKING:  # a checker knows the names by the imports above

    def __getattr__(name):  # noqa: ANN001, ANN202
        from importlib import import_module

        for place, names in _PLACES.items():
            if name in names:
                found = globals()[name] = getattr(import_module(place, __name__), name)
                return found
        if name == "rewards":
            return import_module(".rewards", __name__)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
