"""Which Spec, if any, a record answers: only then can its function be judged.

In doubt there is none: a wrong match would refuse what is right, or call right what the record's
words never asked for. In this order:

- `spec_id`: the metadata name a Spec of the suite, and the words are that task's;
- `member`: the metadata give a point of a family's parameter space, from which the Spec is made,
  and the words are that task's;
- `prompt`: the instruction is the prompt of one Spec, word for word, but for white space;
- `words`: the same words in the same order (rtlbench.dataset.filter.wording), and the answer has
  exactly that Spec's ports;
- `reference`: the words are those of a reference in a file that the user named, and the answer
  has its ports;
- `own_reference`: the record carries a reference in Verilog, and the user trusts what they carry;
- `told`: every word of the instruction is understood, as one of a few plain kinds of circuit
  (rtlbench.dataset.filter.plainly_told), for which we write the reference; only where no testbench
  came along, and only to prove: what differs from it is judged as without it;
- `testbench`: the record carries a testbench in Verilog (see
  rtlbench.checks.record_testbench), which comes last: it must not keep a record from a reference
  that its writer did not write.

The words are a task's where they are its prompt in any of its family's phrasings. What metadata
name and words do not ask for is a doubt, unless the metadata are trusted. What they say of right
and wrong is never looked at.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.dataset.filter.plainly_told import plainly_told
from rtlbench.dataset.filter.references import (
    CARRIED,
    FOUND,
    TOLD,
    ReferenceBook,
    answered,
    carried,
    reference_spec,
)
from rtlbench.dataset.filter.wording import squeezed, words_of
from rtlbench.errors import HarnessError, UserError
from rtlbench.records.example import Record
from rtlbench.records.spec import Difficulty, ParamValue, Port, Spec, Testbench
from rtlbench.suites.families import Family, Member, family_folders, read_family
from rtlbench.suites.rendering import family_specs

LONGEST_TOLD = 2000
"""Characters of an instruction, with a header, that may be plain words."""
KEPT_SPECS = 4096
"""Specs of drawn members that are kept, the latest used."""
_UNFIT = (UserError, HarnessError, ValueError, ArithmeticError, LookupError, TypeError)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}")


class SpecMatch(msgspec.Struct, frozen=True, kw_only=True):
    """The Spec that a record answers, and why it is taken for that."""

    spec: Spec | None = None
    how: str = "none"
    """`spec_id`, `member`, `prompt`, `words`, `reference`, `own_reference`, `told`, `testbench`,
    `none`."""
    reason: str = ""
    """Why there is none; what our own reference was made from."""
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
        trusting: Whether metadata bind a record whose words are not the task's.
        references: What else the user named, and whether what records carry is trusted.
    """

    def __init__(
        self,
        specs: Iterable[Spec],
        root: Path | None = None,
        *,
        trusting: bool = False,
        references: ReferenceBook | None = None,
    ) -> None:
        self._trusting = trusting
        self._references = references or ReferenceBook()
        self._by_id = {s.id: s for s in specs}
        every = [*self._by_id.values(), *self._references.specs]
        self._by_prompt = _only_ones((squeezed(s.prompt), s) for s in every)
        self._by_words = _only_ones((words_of(s.prompt), s) for s in every)
        self._folders = {f.name: f for f in family_folders(root)}
        self._families: dict[str, Family] = {}
        self._drawn: OrderedDict[bytes, Spec | str] = OrderedDict()
        self._phrasings: OrderedDict[str, tuple[str, ...]] = OrderedDict()

    def match(self, record: Record) -> SpecMatch:
        """The Spec that `record` answers, or none."""
        doubts: list[str] = []
        named = self._named(record, doubts) or self._member(record, doubts)
        if named is not None:
            return named
        found = self._worded(record) or self._referenced(record, doubts)
        if found is not None or record.testbench is None:
            return found or _told(record) or _none(doubts)
        spec = bench_spec(record)
        return (
            SpecMatch(spec=spec, how="testbench")
            if isinstance(spec, Spec)
            else _none([*doubts, spec])
        )

    def _referenced(self, record: Record, doubts: list[str]) -> SpecMatch | None:
        """By a reference: one for these words, or the one that the record carries."""
        code, how = self._references.find(record.instruction), FOUND
        if code is None and self._references.carried:
            code, how = carried(record), CARRIED
        if code is None:
            return None
        spec = reference_spec(record, code, benched=self._references.carried)
        if isinstance(spec, Spec):
            return SpecMatch(spec=spec, how=how)
        doubts.append(spec)
        return None

    def member_spec(self, given: Any) -> Spec | None:
        """The Spec of a point of a family's parameter space, as metadata have it; None where it
        makes no sense."""
        found = self._drawn_spec(given)
        return found if isinstance(found, Spec) else None

    def _named(self, record: Record, doubts: list[str]) -> SpecMatch | None:
        name = record.metadata.get("spec_id")
        spec = self._by_id.get(name) if isinstance(name, str) else None
        if spec is None:
            doubts += [f"no spec {str(name)[:80]!r} in the suite"] if name else []
            return None
        return self._bound("spec_id", record, spec, doubts)

    def _member(self, record: Record, doubts: list[str]) -> SpecMatch | None:
        given = record.metadata.get("member")
        if given is None:
            return None
        found = self._drawn_spec(given)
        if isinstance(found, str):
            doubts.append(f"metadata.member: {found}")
            return None
        return self._bound("member", record, found, doubts)

    def _bound(self, how: str, record: Record, spec: Spec, doubts: list[str]) -> SpecMatch | None:
        """The Spec that metadata name, where the words do not speak against it."""
        if self._trusting or self._asks(record.instruction, spec):
            return SpecMatch(spec=spec, how=how, reworded=_is_reworded(record, spec))
        doubts.append(
            f"metadata.{how} names a task that the instruction puts in none of its phrasings "
            "(--trust-metadata takes the metadata at their word)"
        )
        return None

    def _asks(self, instruction: str, spec: Spec) -> bool:
        """Whether the instruction is the task's prompt in some phrasing."""
        if squeezed(instruction) == squeezed(spec.prompt):
            return True
        names = {spec.top, *(p.name for p in spec.ports)}
        said = words_of(instruction, names)
        return any(said == words_of(prompt, names) for prompt in self.prompts(spec))

    def prompts(self, spec: Spec) -> tuple[str, ...]:
        """The task in all phrasings."""
        key = f"{spec.id}\0{spec.prompt}"
        found = self._phrasings.pop(key, None) or (spec.prompt, *self._rephrased(spec))
        self._phrasings[key] = found
        while len(self._phrasings) > KEPT_SPECS:
            self._phrasings.popitem(last=False)
        return found

    def _rephrased(self, spec: Spec) -> Iterator[str]:
        folder = self._folders.get(spec.family) if spec.reference else None
        if folder is None:
            return
        family = self._family(spec.family, folder)
        params = {n: v for n, v in spec.params.items() if n in family.space}
        for phrasing in family.phrasings:
            member = Member(
                id="phrased",
                difficulty=spec.difficulty,
                phrasing=phrasing.style,
                params=params,
                names={p.id: p.name for p in spec.ports},
                top=spec.top,
            )
            try:
                yield family_specs(folder, family, [member])[0].prompt
            except _UNFIT:  # some do not fit every member
                continue

    def _family(self, name: str, folder: Path) -> Family:
        if name not in self._families:
            self._families[name] = read_family(folder)
        return self._families[name]

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
        family = self._family(drawn.family, folder)
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
        spec = self._by_prompt.get(squeezed(record.instruction))
        if spec is not None:
            return SpecMatch(spec=spec, how="prompt")
        spec = self._by_words.get(words_of(record.instruction))
        if spec is None or not self._asks(record.instruction, spec):
            return None
        if _has_ports(record.output, spec):
            return SpecMatch(spec=spec, how="words", reworded=True)
        return None


def _told(record: Record) -> SpecMatch | None:
    """By our own reference, where every word is understood."""
    if not record.instruction or len(record.instruction) > LONGEST_TOLD:
        return None
    answer = answered(record)
    told = plainly_told(record.instruction, answer.top, answer.ports) if answer else None
    spec = reference_spec(record, told.code) if told is not None else None
    if told is None or not isinstance(spec, Spec):
        return None
    return SpecMatch(spec=spec, how=TOLD, reason=told.report)


def _none(doubts: list[str]) -> SpecMatch:
    told = "no spec of the suite has these words, and no testbench came along"
    return SpecMatch(reason="; ".join(doubts) or told)


def _is_reworded(record: Record, spec: Spec) -> bool:
    return squeezed(record.instruction) != squeezed(spec.prompt)


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
