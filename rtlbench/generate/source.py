"""Sources of answers: one Protocol, a file a kind, one registry by the prefix of `--model`."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from typing import Protocol, cast

from rtlbench.generate.answer import Answer, Generator, Request
from rtlbench.generate.options import Generation


class Source(Protocol):
    """Something that answers requests."""

    def answers(self, requests: Sequence[Request]) -> Iterator[Answer]:
        """An Answer to each request, in any order, as they come.

        Raises:
            UserError: It is misconfigured, or gives up; what was yielded stands.
        """
        ...


class Kind(Protocol):
    """A module of this package that knows one kind of source."""

    def describe(self, asked: Generation, name: str) -> Generator:
        """Who will answer, cheaply: nothing is loaded or called.

        Args:
            name: `asked.model` without the prefix.

        Raises:
            UserError: It cannot work: a folder or a key is missing.
        """
        ...

    def open_source(self, asked: Generation, name: str) -> Source:
        """The source, ready to answer.

        Raises:
            UserError: It cannot be loaded.
        """
        ...


DEFAULT = "transformers"
KINDS: dict[str, str] = {
    DEFAULT: "rtlbench.generate.transformers_model",
    "openai": "rtlbench.generate.openai_endpoint",
    "openai-text": "rtlbench.generate.openai_endpoint",
    "router": "rtlbench.generate.router",
    "recorded": "rtlbench.generate.recorded_turns",
}
"""Module by prefix; imported when it is asked for."""


def describe(asked: Generation) -> Generator:
    """Who will answer, without loading or calling anything.

    Raises:
        UserError: It cannot work.
    """
    kind, name = _kind(asked)
    return kind.describe(asked, name)


def open_source(asked: Generation) -> Source:
    """The source that `asked.model` names.

    Raises:
        UserError: It cannot be loaded.
    """
    kind, name = _kind(asked)
    return kind.open_source(asked, name)


def _kind(asked: Generation) -> tuple[Kind, str]:
    prefix, colon, name = asked.model.partition(":")
    if not colon or prefix not in KINDS:
        prefix, name = DEFAULT, asked.model
    return cast(Kind, importlib.import_module(KINDS[prefix])), name
