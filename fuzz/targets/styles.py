"""Right answers, however they are written: none may fail, and none may end as an error.

An outcome `error` that an answer can bring about by its text is a defect, and so is a right answer
that is refused for its style.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import lru_cache

import msgspec

from fuzz.choices import Choices
from fuzz.goldens import one_a_family
from fuzz.target import Target
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome
from rtlbench.verifier import Verifier
from tests.checks import styles
from tests.dataset.restructure import reformatted, restructured

MAX_TOGETHER = 6


class Written(msgspec.Struct, frozen=True):
    """Goldens in styles; `texts` are all right."""

    spec_id: str
    texts: tuple[str, ...]


def make(c: Choices) -> Written:
    """One golden, by one to three changes of its style each time."""
    spec = c.pick(_varied())
    return Written(spec.id, tuple(c.many(1, MAX_TOGETHER, lambda c: _written(c, spec))))


def _written(c: Choices, spec: Spec) -> str:
    for name in c.many(1, 3, lambda c: c.pick(list(WAYS))):
        spec = msgspec.structs.replace(spec, golden=WAYS[name](spec, c.integer(0, 1 << 30)))
    return spec.golden


def check(case: Written) -> bool:
    """Always True: every one is judged."""
    spec = next(s for s in one_a_family() if s.id == case.spec_id)
    candidates = [Candidate(text=t, sample=k) for k, t in enumerate(case.texts)]
    for verdict, text in zip(_verifier().verify(spec, candidates), case.texts, strict=True):
        told = [f"{f.rule}: {f.message}" for f in verdict.findings]
        broken = [c.detail.get("reason") for c in verdict.checks.values()]
        assert verdict.outcome is Outcome.PASS, f"{verdict.outcome}: {told} {broken}\n{text}"
        assert verdict.functional, f"{told}\n{text}"
        assert verdict.score >= 0.9, f"{verdict.score}: {told}\n{text}"
    return True


@lru_cache(maxsize=1)
def _verifier() -> Verifier:
    return Verifier()


@lru_cache(maxsize=1)
def _varied() -> list[Spec]:
    """The first of each family, but for the few that show a constant or an unset register, which
    `always @*` does not compute."""
    return [s for s in one_a_family() if s.id not in _UNVARIED]


_UNVARIED = {"bit_engine_q1_sync", "spi_controller_mode0_w4", "skid_buffer_full_w4_none"}


def _in_macros(spec: Spec) -> str:
    return f"`timescale 1ns / 1ps\n`default_nettype none\n{spec.golden}\n`default_nettype wire\n"


def _with_assertion(spec: Spec) -> str:
    at = spec.golden.rindex("endmodule")
    clock = next((p.name for p in spec.ports if p.role == "clock"), None)
    held = f"assert property (@(posedge {clock}) 1'b0);\n" if clock else "initial assert (1'b0);\n"
    return f"{spec.golden[:at]}{held}{spec.golden[at:]}"


def _in_a_child(spec: Spec) -> str:
    if "whole_thing" in spec.golden:
        return spec.golden
    ports = ", ".join(f"{p.direction} wire [{p.width - 1}:0] {p.name}" for p in spec.ports)
    whole = re.sub(rf"\b{spec.top}\b", "whole_thing", spec.golden)
    return f"{whole}\nmodule {spec.top}({ports});\n  whole_thing u(.*);\nendmodule\n"


def _unique_ifs(spec: Spec) -> str:
    # An `if` after `else` takes none, and none takes two.
    return re.sub(
        r"(\b(?:else|unique0)(?:\s|//[^\n]*\n|/\*.*?\*/)+)?\bif \((?=\w+\)\n)",
        lambda found: found[0] if found[1] else "unique0 if (", spec.golden,
        flags=re.S,
    )  # fmt: skip


def _by_style(style: Callable[[Spec], str]) -> Callable[[Spec, int], str]:
    return lambda spec, _: style(spec)


def _implicit_lists(spec: Spec) -> str:
    return spec.golden if "wire" in spec.golden else styles.implicit_lists(spec)


def _full_lists(spec: Spec) -> str:
    return spec.golden if "wire" in spec.golden else styles.full_lists(spec)


def _functions(spec: Spec) -> str:
    is_plain = f"module {spec.top} (" in spec.golden and "made_0" not in spec.golden
    return styles.functions(spec) if is_plain else spec.golden


def _two_processes(spec: Spec) -> str:
    return spec.golden if "_nx" in spec.golden else styles.two_processes(spec)


def _restructured(spec: Spec, seed: int) -> str:
    if "through_1" in spec.golden:
        return spec.golden
    return restructured(spec.golden, random.Random(seed))[0]


def _netlist(spec: Spec, _: int) -> str:
    return styles.word_netlists([spec])[0]


_PLAIN = (
    _implicit_lists, _full_lists, styles.ports_in_the_body, _two_processes, _functions,
    _in_macros, _with_assertion, _in_a_child, _unique_ifs,
)  # fmt: skip
WAYS: dict[str, Callable[[Spec, int], str]] = {
    **{way.__name__: _by_style(way) for way in _PLAIN},
    "restructured": _restructured,
    "reformatted": lambda spec, seed: reformatted(spec.golden, random.Random(seed)),
    "netlist": _netlist,
}

TARGET = Target(case=Written, make=make, check=check, share=15, timeout=600)
