"""Which Spec, if any, a record answers: only then can its function be judged.

In doubt there is none: a wrong match would refuse what is right. In this order:

- `spec_id`: the metadata name a Spec of the suite;
- `member`: the metadata give a point of a family's parameter space, from which the Spec is made;
- `prompt`: the instruction is the prompt of one Spec, word for word, but for white space;
- `words`: the same words in the same order, once markup and words that carry nothing ("please",
  "write", "module") are left out, and the answer has exactly that Spec's ports;
- `testbench`: the record carries a testbench in Verilog (see
  rtlbench.checks.record_testbench), which comes last: it must not keep a record from a reference
  that its writer did not write.

Whoever made the record may be mistaken in what the first two say; then the answer fails. What
the metadata say of right and wrong is never looked at.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.errors import HarnessError, UserError
from rtlbench.records.example import Record
from rtlbench.records.spec import Difficulty, ParamValue, Port, Spec, Testbench
from rtlbench.suites.families import Family, Member, family_folders, read_family
from rtlbench.suites.rendering import family_specs

KEPT_SPECS = 4096
"""Specs of drawn members that are kept, the latest used."""
_UNFIT = (UserError, HarnessError, ValueError, ArithmeticError, LookupError, TypeError)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}")
_TOKEN = re.compile(r"[A-Za-z0-9_]+|[^\sA-Za-z0-9_`*#]")
_MODULE = re.compile(r"\bmodule\s+(?:automatic\s+)?([A-Za-z_]\w*)")
_IDLE_WORDS = frozenset(
    "a an the please write create design implement build give me provide generate develop i need "
    "we you are your want would like can could should verilog systemverilog hdl rtl code module "
    "synthesizable following named called name for in of using with as expert engineer hardware "
    "helpful assistant return only answer complete solution task description below above that this "
    "is it and to".split()
)
_IDLE_SIGNS = frozenset(".,:;-!?\"'()")


class SpecMatch(msgspec.Struct, frozen=True, kw_only=True):
    """The Spec that a record answers, and why it is taken for that."""

    spec: Spec | None = None
    how: str = "none"
    """`spec_id`, `member`, `testbench`, `prompt`, `words` or `none`."""
    reason: str = ""
    """Why there is none."""
    reworded: bool = False
    """True where the instruction is not the Spec's own prompt."""


class DrawnMember(msgspec.Struct, frozen=True, kw_only=True):
    """`metadata.member`: a point of a family's parameter space, as `rtlbench corpus` writes it."""

    family: str
    phrasing: str
    params: dict[str, ParamValue] = {}
    names: dict[str, str] = {}
    top: str = ""
    difficulty: Difficulty = "medium"


class Matcher:
    """Finds Specs for records.

    Args:
        specs: The suite.
        root: Where its families are; None for rtlbench's own.
    """

    def __init__(self, specs: Iterable[Spec], root: Path | None = None) -> None:
        self._by_id = {s.id: s for s in specs}
        self._by_prompt = _only_ones((_squeezed(s.prompt), s) for s in self._by_id.values())
        self._by_words = _only_ones((_words(s.prompt), s) for s in self._by_id.values())
        self._folders = {f.name: f for f in family_folders(root)}
        self._families: dict[str, Family] = {}
        self._drawn: OrderedDict[bytes, Spec | str] = OrderedDict()

    def match(self, record: Record) -> SpecMatch:
        """The Spec that `record` answers, or none."""
        doubts: list[str] = []
        named = self._named(record, doubts) or self._member(record, doubts)
        if named is not None:
            return named
        worded = self._worded(record)
        if worded is not None or record.testbench is None:
            return worded or _none(doubts)
        spec = bench_spec(record)
        return SpecMatch(spec=spec, how="testbench") if isinstance(spec, Spec) else _none(
            [*doubts, spec]
        )

    def _named(self, record: Record, doubts: list[str]) -> SpecMatch | None:
        name = record.metadata.get("spec_id")
        spec = self._by_id.get(name) if isinstance(name, str) else None
        if spec is None:
            doubts += [f"no spec {str(name)[:80]!r} in the suite"] if name else []
            return None
        return SpecMatch(spec=spec, how="spec_id", reworded=_is_reworded(record, spec))

    def _member(self, record: Record, doubts: list[str]) -> SpecMatch | None:
        given = record.metadata.get("member")
        if given is None:
            return None
        found = self._drawn_spec(given)
        if isinstance(found, str):
            doubts.append(f"metadata.member: {found}")
            return None
        return SpecMatch(spec=found, how="member", reworded=_is_reworded(record, found))

    def _drawn_spec(self, given: Any) -> Spec | str:
        """The Spec of a drawn member, or why there is none."""
        key = msgspec.json.encode(given, order="sorted")
        found = self._drawn.pop(key, None)
        if found is None:
            try:
                found = self._render(msgspec.convert(given, DrawnMember), key)
            except (msgspec.ValidationError, *_UNFIT) as e:
                found = str(e)[:300] or type(e).__name__
        self._drawn[key] = found
        while len(self._drawn) > KEPT_SPECS:
            self._drawn.popitem(last=False)
        return found

    def _render(self, drawn: DrawnMember, key: bytes) -> Spec:
        folder = self._folders.get(drawn.family)
        if folder is None:
            raise UserError(f"there is no family {drawn.family[:80]!r}")
        family = self._families.get(drawn.family) or read_family(folder)
        self._families[drawn.family] = family
        _refuse_names(drawn, family)
        member = Member(
            id=f"drawn_{hashlib.sha256(key).hexdigest()[:12]}",
            difficulty=drawn.difficulty,
            phrasing=drawn.phrasing,
            params=drawn.params,
            names=drawn.names,
            top=drawn.top,
        )
        return family_specs(folder, family, [member])[0]

    def _worded(self, record: Record) -> SpecMatch | None:
        """By the instruction itself."""
        spec = self._by_prompt.get(_squeezed(record.instruction))
        if spec is not None:
            return SpecMatch(spec=spec, how="prompt")
        spec = self._by_words.get(_words(record.instruction))
        if spec is not None and _has_ports(record.output, spec):
            return SpecMatch(spec=spec, how="words", reworded=True)
        return None


def _none(doubts: list[str]) -> SpecMatch:
    told = "no spec of the suite has these words, and no testbench came along"
    return SpecMatch(reason="; ".join(doubts) or told)


def _is_reworded(record: Record, spec: Spec) -> bool:
    return _squeezed(record.instruction) != _squeezed(spec.prompt)


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _words(text: str) -> tuple[str, ...]:
    tokens = _TOKEN.findall(text)
    return tuple(t for t in tokens if t.lower() not in _IDLE_WORDS and t not in _IDLE_SIGNS)


def _only_ones(pairs: Iterable[tuple[Any, Spec]]) -> dict[Any, Spec]:
    """Specs by key; keys that two of them share are left out."""
    found: dict[Any, list[Spec]] = {}
    for key, spec in pairs:
        found.setdefault(key, []).append(spec)
    return {key: specs[0] for key, specs in found.items() if len(specs) == 1}


def _refuse_names(drawn: DrawnMember, family: Family) -> None:
    """Names come from outside and go into RTL: each must be an identifier, and another one."""
    ids = {p.id for p in family.ports}
    if unknown := set(drawn.names) - ids:
        raise UserError(f"the family has no port {sorted(unknown)[0][:80]!r}")
    given = [*drawn.names.values(), *([drawn.top] if drawn.top else [])]
    for name in given:
        if not _NAME.fullmatch(name):
            raise UserError(f"{name[:80]!r} cannot name a port or module")
    if len(set(given)) != len(given):
        raise UserError("two of the names are the same")


def _has_ports(output: str, spec: Spec) -> bool:
    """Whether the answer defines the Spec's module with exactly its ports."""
    from rtlbench.rtl.extraction import extract
    from rtlbench.rtl.preprocessing import prepare
    from rtlbench.rtl.slang import elaborate

    source = prepare(extract(output, spec.top).rtl)
    if source.refusals:
        return False
    try:
        view = elaborate(source.text, spec.top)
    except HarnessError:
        return False
    if view.top is None:
        return False
    found = {(s.name, _direction(s), int(s.type.bitWidth)) for s in view.top.body.portList}
    return found == {(p.name, p.direction, p.width) for p in spec.ports}


def _direction(symbol: Any) -> str:
    kinds = {"In": "input", "Out": "output"}
    return kinds.get(getattr(getattr(symbol, "direction", None), "name", ""), "other")


def bench_spec(record: Record) -> Spec | str:
    """A Spec judged by the record's own testbench, or why there is none."""
    from rtlbench.checks.record_testbench import refusal, tested_module

    assert record.testbench is not None
    if why := refusal(record.testbench):
        return f"its testbench is not run: {why}"
    top = tested_module(record.testbench)
    if top is None:
        return "its testbench does not instantiate exactly one module from outside"
    if top not in _MODULE.findall(record.output):
        return f"its testbench instantiates {top[:80]}, which the answer does not define"
    ports: tuple[Port, ...] = ()
    return Spec(
        id="own_testbench",
        category="",
        family="",
        difficulty="medium",
        title="judged by the testbench that came with the record",
        prompt=record.instruction,
        top=top,
        ports=ports,
        testbench=Testbench(text=record.testbench),
        suite="dataset",
    )
