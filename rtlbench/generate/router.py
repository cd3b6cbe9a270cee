"""Answers from one base model with an adapter for each category: `--model router:FILE.toml`.

    base = "models/tiny-rtl"
    [adapters]
    fsm = "models/qwen_coder_rtl/run_tiny_fsm_20260101_000000"
    shift_register = "models/qwen_coder_rtl/run_tiny_shift_register_20260101_000000"
    default = "models/qwen_coder_rtl/run_tiny_20260101_000000"

`default` answers all other categories; without it the base does. Folders are taken from where the
command runs. The base is loaded once, whatever the number of adapters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.generate import adapters
from rtlbench.generate.answer import Answer, Generator, Request
from rtlbench.generate.course import Course
from rtlbench.generate.source import Generation
from rtlbench.generate.transformers_model import TransformersModel
from rtlbench.io.configuration import read_toml_as
from rtlbench.suites.category import CATEGORIES

REST = "default"


class Routes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file: a base and the adapters by category."""

    base: str
    adapters: dict[str, str]

    def route(self, category: str) -> str | None:
        """The key of the adapter that answers `category`; None for the base alone."""
        if category in self.adapters:
            return category
        return REST if REST in self.adapters else None


def read_routes(path: Path) -> Routes:
    """The routes in a TOML file.

    Raises:
        UserError: It cannot be read, or names what there is not.
    """
    remedy = "give base = and [adapters], see docs/training.md"
    routes = read_toml_as(path, "router's file", Routes, remedy)
    if not routes.adapters:
        raise UserError(f"{path}: names no adapter under [adapters]")
    known = (*CATEGORIES, REST)
    strange = next((c for c in routes.adapters if c not in known), None)
    if strange is not None:
        raise UserError(f"{path}: no category {strange!r}; there are {', '.join(known)}")
    return routes


class Router:
    """A base in this process, with several adapters of which one is on at a time.

    Raises:
        UserError: The base cannot be loaded, or an adapter does not fit it.
    """

    def __init__(self, asked: Generation, name: str) -> None:
        self.routes = read_routes(Path(name))
        self.generator = self.describe(asked, name)
        (first, path), *others = self.routes.adapters.items()
        self._source = TransformersModel(
            msgspec.structs.replace(asked, adapter=path), self.routes.base
        )
        self._names = {first: self._model.active_adapter}
        for category, adapter in others:
            self._names[category] = category if category != REST else "rest"
            self._add(adapter, self._names[category])

    @staticmethod
    def describe(asked: Generation, name: str) -> Generator:
        """Who will answer: its revision is made of the base's and of every adapter's.

        Raises:
            UserError: The file or what it names cannot be used.
        """
        if asked.adapter is not None:
            raise UserError(f"--adapter {asked.adapter}: {name} names the adapters; leave it out")
        routes = read_routes(Path(name))
        base = TransformersModel.describe(asked, routes.base)
        _check_adapters(Path(name), routes)
        digest = hashlib.sha256(f"{base.model}\0{base.revision}\0".encode())
        for category, adapter in sorted(routes.adapters.items()):
            digest.update(f"{category}\0{adapters.folder_revision(Path(adapter))}\0".encode())
        return msgspec.structs.replace(
            base, source="router", model=Path(name).stem, revision=digest.hexdigest()
        )

    @property
    def _model(self) -> Any:
        return self._source.model

    def _add(self, adapter: str, name: str) -> None:
        try:
            adapters.refuse_misfit(self._model.load_adapter(adapter, adapter_name=name), adapter)
        except (OSError, ValueError, RuntimeError, KeyError) as e:
            first = (str(e).strip().splitlines() or [type(e).__name__])[0]
            raise UserError(f"{adapter}: the adapter does not fit {self.routes.base} ({first})") \
                from e

    def answers(
        self, requests: Sequence[Request], course: Course | None = None
    ) -> Iterator[Answer]:
        """An Answer to each request, adapter by adapter.

        Raises:
            UserError: Memory does not suffice.
        """
        groups: dict[str | None, list[Request]] = {}
        for request in requests:
            groups.setdefault(self.routes.route(request.category), []).append(request)
        for route, group in groups.items():
            yield from self._by(route, group, course)

    def _by(
        self, route: str | None, requests: Sequence[Request], course: Course | None
    ) -> Iterator[Answer]:
        if route is not None:
            self._model.set_adapter(self._names[route])
        adapter = None if route is None else Path(self.routes.adapters[route]).resolve().name
        with self._model.disable_adapter() if route is None else nullcontext():
            for answer in self._source.answers(requests, course):
                yield msgspec.structs.replace(
                    answer, model=self.generator.name, adapter=adapter, generator=self.generator
                )


def _check_adapters(path: Path, routes: Routes) -> None:
    for category, adapter in routes.adapters.items():
        if not (Path(adapter) / adapters.CONFIG).is_file():
            raise UserError(f"{path}: {category} = {adapter}: no adapter's folder")
        adapters.refuse_other_base(adapter, routes.base)
