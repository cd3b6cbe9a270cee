"""The layout's one direction: what may import what.

Read off the imports as they are written, those for types only and those inside functions too.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import grimp
import pytest

import rtlbench

LAYERS = (
    "errors", "extensions", "records", "io", "scoring", "statistics", "pages", "sandbox", "rtl",
    "equivalence",
    "simulation", "checks", "verifier", "judge_digest", "suites", "mutation", "intake", "generate",
    "client", "runs", "judging", "rewards", "serve", "pipeline", "traces", "dataset", "refine",
    "training", "gate", "report", "leaderboard", "review", "nightly", "schemas", "cli", "__main__",
)  # fmt: skip
"""The lowest first: each may import itself and those before it. docs: CONTRIBUTING.md."""
FRONT = "rtlbench"
"""Names the Python interface, wherever it lies, and imports nothing before it is used."""
NESTED = ("rtlbench", "rtlbench.dataset")
PACKAGE = Path(rtlbench.__file__).parent


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """Every import inside the library."""
    return grimp.build_graph("rtlbench", cache_dir=None)


def _layer(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def _imports(graph: grimp.ImportGraph) -> Iterator[tuple[str, str]]:
    for module in sorted(graph.modules):
        for imported in sorted(graph.find_modules_directly_imported_by(module)):
            yield module, imported


def test_every_module_has_a_layer(graph: grimp.ImportGraph) -> None:
    assert {_layer(m) for m in graph.modules} - {""} <= set(LAYERS)


def test_no_arrow_back(graph: grimp.ImportGraph) -> None:
    order = {name: k for k, name in enumerate(LAYERS)} | {"": -1}
    back = [
        f"{importer} -> {imported}"
        for importer, imported in _imports(graph)
        if order[_layer(imported)] > order[_layer(importer)] and importer != FRONT
    ]
    sys.stdout.write(f"arrows back: {len(back)}\n")
    assert not back, "\n".join(back)


def test_no_circle_between_packages(graph: grimp.ImportGraph) -> None:
    tied = [pair for package in NESTED for pair in graph.nominate_cycle_breakers(package)]
    sys.stdout.write(f"circles between packages: {len(tied)} imports tie them\n")
    assert not tied, "\n".join(f"{importer} -> {imported}" for importer, imported in sorted(tied))


def test_sizes_are_printed() -> None:
    lines = sorted(len(f.read_bytes().splitlines()) for f in PACKAGE.rglob("*.py"))
    assert lines, "the library has files"
    sys.stdout.write(
        f"rtlbench/: {len(lines)} files, {sum(lines)} lines; a file has {median(lines):.0f} in the "
        f"median, {lines[-1]} at most\n"
    )
