"""Reader of VerilogEval v2's native layout, and of suites that have taken it over: four files a
problem, `NAME_prompt.txt`, `NAME_ref.sv`, `NAME_test.sv` and, for completion, `NAME_ifc.txt`.

Guarantee: the words are the suite's own. The bench drives answer and reference alike and compares;
so the reference is the judge, and the bench gives the stimulus (rtlbench.simulation.listening).

Limits: VerilogEval states no difficulty, so every Spec says "medium". Where a folder holds both of
the suite's data sets, which have the same problems, spec-to-rtl is read; name the other's folder to
have that.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rtlbench.errors import UserError
from rtlbench.io.cache import kept
from rtlbench.records.spec import Spec, Testbench
from rtlbench.suites.interface import digest_of_texts, ports_of, with_roles
from rtlbench.suites.native import (
    instantiated,
    outside_modules,
    read_text,
    renamed_module,
    scan_text,
)

PROMPT, REFERENCE, TEST, HEADER = "_prompt.txt", "_ref.sv", "_test.sv", "_ifc.txt"
PREFERRED = "spec-to-rtl"


def read_verilog_eval(folder: Path | None) -> tuple[Spec, ...]:
    """The problems below `folder`, in order of their names.

    Raises:
        UserError: No folder is given, there is no problem in it, or one lacks a file.
    """
    if folder is None:
        raise UserError("--suite verilog-eval needs its folder: --suite verilog-eval=FOLDER")
    found = problems_below(folder)
    if not found:
        raise UserError(f"--suite verilog-eval={folder}: no NAME{TEST} below that folder")
    texts = [t for stem in found for t in _texts(stem)]
    return kept(digest_of_texts(texts), lambda: with_roles([_problem(s) for s in found]), "public")


def problems_below(folder: Path) -> list[Path]:
    """The problems, each as its files' path without their endings; one of each name."""
    found: dict[str, Path] = {}
    every = sorted(folder.rglob(f"*{TEST}"), key=lambda p: (PREFERRED not in p.parent.name, p))
    for test in every:
        stem = test.name.removesuffix(TEST)
        found.setdefault(stem, test.with_name(stem))
    return [found[name] for name in sorted(found)]


def words_and_code(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Name, words and reference of every problem in both data sets; a reference may be missing."""
    for prompt in sorted(folder.rglob(f"*{PROMPT}")):
        stem = prompt.with_name(prompt.name.removesuffix(PROMPT))
        reference = _file(stem, REFERENCE)
        yield stem.name, read_text(prompt), read_text(reference) if reference.is_file() else ""


def _texts(stem: Path) -> list[str]:
    return [stem.name, *(read_text(_file(stem, end)) for end in (PROMPT, REFERENCE, TEST))]


def _file(stem: Path, ending: str) -> Path:
    return stem.with_name(stem.name + ending)


def _problem(stem: Path) -> Spec:
    _, words, reference, test = _texts(stem)
    own = scan_text(reference).modules
    top = instantiated(_file(stem, TEST), test, own)
    name = next((n for n in outside_modules(test) if n in own), top)
    golden = renamed_module(reference, name, top)
    ports = ports_of(golden, top)
    title = stem.name.partition("_")[2].replace("_", " ") or stem.name
    if not ports:
        title += " (its reference does not elaborate: ports are not compared)"
    return Spec(
        id=stem.name,
        category=_category(stem),
        family=stem.name,
        difficulty="medium",
        title=title,
        prompt=words,
        top=top,
        ports=ports,
        golden=golden,
        testbench=Testbench(text=test, compares=True, beside=reference),
        suite="verilog-eval",
    )


def _category(stem: Path) -> str:
    return stem.parent.name.removeprefix("dataset_").replace("-", "_") or "verilog_eval"
