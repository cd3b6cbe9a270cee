"""Reads README, docs/ and the other pages: spelling, the field's terms, words of ours, style.

    python scripts/prose.py [FILE.md...]

A line for each fault, and 1 at the end where there is one. Spelling: pyspellchecker's English
dictionary and `terms` in prose.toml, each in its own case. Style: proselint. What stands in code,
in links' targets and in quotation marks is nobody's prose.
"""

from __future__ import annotations

import functools
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from spellchecker import SpellChecker

ROOT = Path(__file__).parents[1]
WORDS = Path(__file__).with_name("prose.toml")
NOT_PROSE = [
    re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL),
    re.compile(r"^<!--.*?-->", re.MULTILINE | re.DOTALL),
    re.compile(r"``.*?``|`[^`]*`", re.DOTALL),
    re.compile(r"(?<=\])\([^)]*\)"),
    re.compile(r"https?://\S+|</?\w[^>]*>"),
    re.compile(r'"[^"\n]*"'),
    re.compile(r"[\w./-]+\.(?:md|toml|jsonl?|py|sv)\b"),
    re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d)?"),
]
FIGURES = frozenset({"scores.md", "commands.md", "interface.md"})
"""Pages that are names and figures, or the code's own texts, written by a command."""
TOKEN = re.compile(r"[^\s()\[\],;:?!|]+")
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
NAME = re.compile(r"[\d_.=*{}$\\/]")
"""What makes a token a name, a number or a path."""


class Fault(NamedTuple):
    """What is wrong at a place."""

    line: int
    what: str


class Vocabulary(NamedTuple):
    """What prose.toml says."""

    terms: dict[str, set[str]]
    """The spellings of a term by its lower case."""
    instead: dict[str, str]
    """What to say in place of a word."""
    style: dict[str, bool]
    """Checks of proselint's."""


def vocabulary() -> Vocabulary:
    """Read prose.toml."""
    found = tomllib.loads(WORDS.read_text())
    terms: dict[str, set[str]] = {}
    for term in found["terms"].split():
        terms.setdefault(term.lower(), set()).add(term)
    return Vocabulary(terms, found["instead"], found["style"])


def prose_of(text: str) -> str:
    """`text` with dots in the middle where it is not prose; every line keeps its number."""
    for pattern in NOT_PROSE:
        text = pattern.sub(lambda m: re.sub(r"\S", "·", m[0]), text)
    return text


def faults_in(text: str, words: Vocabulary) -> list[Fault]:
    """All that is wrong with a page, by line."""
    prose = prose_of(text)
    return sorted({*_spelling(prose, words), *_instead(prose, words), *_style(prose, words)})


def _spelling(prose: str, words: Vocabulary) -> Iterator[Fault]:
    for number, line in enumerate(prose.splitlines(), 1):
        for token in TOKEN.findall(line):
            if NAME.search(token.strip(".")) or token in words.terms.get(token.lower(), ()):
                continue
            for word in WORD.findall(token):
                yield from _word(number, word, words)


@functools.cache
def _english() -> SpellChecker:
    from spellchecker import SpellChecker

    return SpellChecker()


def _word(line: int, word: str, words: Vocabulary) -> Iterator[Fault]:
    stem = word.removesuffix("'s")
    known = words.terms.get(stem.lower())
    if known is not None:
        if not {stem, stem[0].lower() + stem[1:]} & known:
            yield Fault(line, f"{stem}: write {' or '.join(sorted(known))}")
    elif stem.lower() not in _english():
        yield Fault(line, f"{stem}: no word of English, nor a term in {WORDS.name}")


def _instead(prose: str, words: Vocabulary) -> Iterator[Fault]:
    for number, line in enumerate(prose.splitlines(), 1):
        for word, better in words.instead.items():
            if re.search(rf"\b{word}\b", line, re.IGNORECASE):
                yield Fault(number, f"{word}: write {better}")


def _style(prose: str, words: Vocabulary) -> Iterator[Fault]:
    from proselint.checks import __register__
    from proselint.config import DEFAULT
    from proselint.registry import CheckRegistry
    from proselint.tools import LintFile

    registry = CheckRegistry()
    if not registry.checks:
        registry.register_many(__register__)
    checks = {**DEFAULT["checks"], **words.style}
    by_depth = dict(sorted(checks.items(), key=lambda item: -item[0].count(".")))
    found = LintFile("page", prose).lint({"max_errors": 1000, "checks": by_depth})
    for one in found:
        yield Fault(one.pos[0], f"{one.check_result.message}  [{one.check_result.check_path}]")


def pages() -> list[Path]:
    """What people read."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")]
    return sorted(page for page in found if page.name not in FIGURES)


def main(names: list[str]) -> int:
    """Print what is wrong; 1 where something is."""
    words, count = vocabulary(), 0
    read = [Path(name) for name in names] or pages()
    for page in read:
        for fault in faults_in(page.read_text(), words):
            count += 1
            print(f"{page.relative_to(ROOT) if not names else page}:{fault.line}: {fault.what}")
    print(f"{len(read)} pages, {count} faults")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
