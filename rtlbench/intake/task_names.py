"""Which task an answer from elsewhere is to: by id, by the name that `specs list` prints, by the
task's words or their hash."""

from __future__ import annotations

import difflib
import hashlib
from collections import defaultdict
from collections.abc import Iterable

from rtlbench.intake.answers import Given
from rtlbench.intake.field_values import LayoutError
from rtlbench.records.spec import Spec

MAX_NAME = 80
MAX_HINTS = 1000
_SHORTEST_WITHIN = 40
"""Letters of a task's words that are looked for inside a longer prompt."""


class TaskNames:
    """The tasks of a suite, by all that may name them."""

    def __init__(self, specs: Iterable[Spec] = (), ids: Iterable[str] = ()) -> None:
        self._by_name: dict[str, str] = {each: each for each in ids}
        self._by_words: dict[str, set[str]] = defaultdict(set)
        self._hints: dict[str, str | None] = {}
        self.categories: set[str] = set()
        for spec in specs:
            self.categories.add(spec.category.lower())
            self._by_name[spec.name] = spec.id
            words = _plain(spec.prompt)
            digest = hashlib.sha256(spec.prompt.encode("utf-8", "surrogatepass")).hexdigest()
            for key in (words, digest):
                self._by_words[key].add(spec.id)
            self._by_name[spec.id] = spec.id

    @property
    def ids(self) -> set[str]:
        """Every task's id."""
        return set(self._by_name.values())

    def named(self, name: str) -> tuple[str, int | None] | None:
        """The task of that id or name, and the sample that `ID#SAMPLE` numbers."""
        if name in self._by_name:
            return self._by_name[name], None
        base, mark, number = name.rpartition("#")
        if mark and number.isdecimal() and len(number) < 9 and base in self._by_name:
            return self._by_name[base], int(number)
        last = name.rpartition("/")[2]
        return (self._by_name[last], None) if last in self._by_name else None

    def find(self, given: Given) -> tuple[str, int | None]:
        """The task that an answer is to, and its sample where the name says it.

        Raises:
            LayoutError: There is none, or it says two different ones.
        """
        named = next((n for n in map(self.named, given.names) if n is not None), None)
        exact = self._by_exact_words(given.prompts)
        if named is not None:
            if exact and named[0] not in exact:
                raise LayoutError(
                    f"names {named[0]} and holds the prompt of {min(exact)}; leave one of them out"
                )
            return named
        asked = exact or self._by_words_within(given.prompts)
        if len(asked) > 1:
            shown = ", ".join(sorted(asked)[:3])
            raise LayoutError(f"the prompt is that of {shown}; add `spec_id`")
        if not asked and given.names:
            raise LayoutError(f"unknown spec {given.names[0][:MAX_NAME]!r}{self._hint(given)}")
        if not asked:
            raise LayoutError(
                "names no task: no `spec_id`, and no prompt of the suite; see `rtlbench prompts`"
            )
        return next(iter(asked)), None

    def _by_exact_words(self, prompts: Iterable[str]) -> set[str]:
        keys = (key for prompt in prompts for key in (_plain(prompt), prompt))
        return next((self._by_words[k] for k in keys if k in self._by_words), set())

    def _by_words_within(self, prompts: Iterable[str]) -> set[str]:
        """Of a prompt that a chat template or examples stand around: the task comes last."""
        for words in map(_plain, prompts):
            ends = {
                w: (words.rfind(w) + len(w), len(w))
                for w in self._by_words
                if len(w) >= _SHORTEST_WITHIN and w in words
            }
            if ends:
                return self._by_words[max(ends, key=lambda w: ends[w])]
        return set()

    def _hint(self, given: Given) -> str:
        name = given.names[0][:MAX_NAME]
        if name not in self._hints and len(self._hints) < MAX_HINTS:
            close = difflib.get_close_matches(name, self.ids, 1)
            self._hints[name] = close[0] if close else None
        close_one = self._hints.get(name)
        return f"; did you mean {close_one}?" if close_one else "; see `rtlbench specs list`"


def _plain(words: str) -> str:
    return " ".join(words.split())
