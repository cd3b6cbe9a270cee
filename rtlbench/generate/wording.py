"""How a task becomes what a model is asked: its own words, or what `--system`, `--template` and
`--few-shot` make of them.

A template is Jinja in a sandbox: it gets `task` (id, name, category, title, prompt, top, ports),
`examples` (prompt, answer) and `system`, and gives the text of one message, or a JSON list of
messages. Examples are tasks of the same suite with their references, never of the task's family,
and the same for each task but those.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.generate.answer import Message
from rtlbench.generate.source import Generation
from rtlbench.records.spec import Spec


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """What run.json says of how tasks were put."""

    system: str = ""
    template: str = ""
    few_shot: int = 0
    hash: str = ""
    """SHA-256 of the two texts and the number."""
    example: str = ""
    """What the first task became."""


class Words:
    """Puts the tasks of a suite into words.

    Raises:
        UserError: A file cannot be read, or there are not as many examples.
    """

    def __init__(self, asked: Generation, suite: Sequence[Spec]) -> None:
        self._system = _read("--system", asked.system)
        self._template = _read("--template", asked.template)
        self._few_shot = asked.few_shot
        by_family = {s.family: s for s in reversed(suite) if s.golden}
        self._examples = sorted(by_family.values(), key=lambda s: _digest(s.id))
        self._first = next(iter(suite), None)
        if len(self._examples) <= self._few_shot and self._few_shot:
            raise UserError(
                f"--few-shot {self._few_shot}: the suite has {len(self._examples)} families with "
                "references; ask for fewer examples than that"
            )

    @property
    def is_plain(self) -> bool:
        """Whether tasks are put in their own words."""
        return not (self._system or self._template or self._few_shot)

    def conversation(self, spec: Spec) -> tuple[Message, ...]:
        """The turns that a model gets; none where the task's own words will do.

        Raises:
            UserError: The template cannot be rendered.
        """
        if self.is_plain:
            return ()
        examples = self._of_others(spec)
        turns = [Message("system", self._system)] if self._system else []
        if self._template:
            return tuple(self._rendered(spec, examples) or turns)
        for example in examples:
            turns.append(Message("user", example.prompt))
            turns.append(Message("assistant", f"```verilog\n{example.golden.strip()}\n```"))
        return (*turns, Message("user", spec.prompt))

    def record(self) -> Wording:
        """What is recorded of it."""
        parts = f"{self._system}\0{self._template}\0{self._few_shot}"
        first = self._first
        return Wording(
            system=self._system,
            template=self._template,
            few_shot=self._few_shot,
            hash=_digest(parts),
            example="" if first is None else as_text(self.conversation(first)) or first.prompt,
        )

    def _of_others(self, spec: Spec) -> list[Spec]:
        others = [s for s in self._examples if s.family != spec.family]
        return others[: self._few_shot]

    @cached_property
    def _compiled(self) -> Any:
        from jinja2 import StrictUndefined, TemplateError
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        sandbox = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined, keep_trailing_newline=True
        )
        try:
            return sandbox.from_string(self._template)
        except TemplateError as e:
            raise UserError(f"--template: line {getattr(e, 'lineno', '?')}: {e}") from e

    def _rendered(self, spec: Spec, examples: Sequence[Spec]) -> list[Message]:
        from jinja2 import TemplateError

        task = {"id": spec.id, "name": spec.name, "category": spec.category, "title": spec.title,
                "prompt": spec.prompt, "top": spec.top,
                "ports": [msgspec.to_builtins(p) for p in spec.ports]}  # fmt: skip
        shown = [{"prompt": e.prompt, "answer": e.golden} for e in examples]
        try:
            text = self._compiled.render(task=task, examples=shown, system=self._system)
        except (TemplateError, TypeError, ValueError, ArithmeticError) as e:
            raise UserError(f"--template: cannot be rendered for {spec.id} ({e})") from e
        if text.lstrip().startswith("["):
            try:
                return msgspec.json.decode(text, type=list[Message])
            except msgspec.MsgspecError as e:
                raise UserError(
                    f"--template: begins as a list of messages and is none ({e}); give role "
                    "(system, user or assistant) and content of each, by `| tojson`"
                ) from e
        system = [Message("system", self._system)] if self._system else []
        return [*system, Message("user", text)]


def as_text(turns: Sequence[Message]) -> str:
    """A conversation for a model that does not chat."""
    return "\n\n".join(t.content for t in turns)


def _read(flag: str, path: str | None) -> str:
    if path is None:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        why = getattr(e, "strerror", None) or e
        raise UserError(f"{flag} {path}: cannot read it ({why}); give a text file") from e


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
