"""The source that judges, found from what the Verifier imports, and its hash.

What keeps Verdicts, or work that rests on them, keeps this hash beside them: a judge that was
changed finds nothing of the old one's. Read off the code as it is written, nothing is imported:
imports at the top and inside functions count, those for type checkers do not. A module of ours that
runs in another process counts where its full name stands in the code as a string, and a folder of
files for another process where a path leads there from `__file__`.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

PACKAGE = Path(__file__).parent
ROOT = "rtlbench.verifier"


@lru_cache(maxsize=4)
def source_digest(package: Path = PACKAGE) -> str:
    """SHA-256, hex, over name and content of every file that takes part in judging."""
    digest = hashlib.sha256()
    for file in judging_files(package):
        digest.update(f"{file.relative_to(package)}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def judging_files(package: Path = PACKAGE) -> list[Path]:
    """The files below `package` that the Verifier and its processes load, in order."""
    package = package.resolve()
    found: set[Path] = set()
    open_files = [*_files_of(ROOT, package)]
    while open_files:
        file = open_files.pop()
        if file not in found:
            found.add(file)
            open_files += _Loads(file, package).files
    return sorted(found)


def _files_of(module: str, package: Path) -> Iterator[Path]:
    """A module's file and those of the packages it is in; nothing for what is no module of ours."""
    first, *parts = module.split(".")
    file = package.joinpath(*parts)
    file = file / "__init__.py" if file.is_dir() else file.with_suffix(".py")
    if first == package.name and file.is_file():
        yield file
        yield from (package / p / "__init__.py" for p in file.relative_to(package).parents)


class _Loads(ast.NodeVisitor):
    """What one file loads, here or in another process: `files`."""

    def __init__(self, file: Path, package: Path) -> None:
        self.files: list[Path] = []
        self._file, self._package = file, package
        self._within = ".".join([package.name, *file.parent.relative_to(package).parts])
        self.visit(ast.parse(file.read_bytes(), str(file)))

    def _add(self, module: str) -> None:
        self.files += _files_of(module, self._package)

    def visit_Import(self, node: ast.Import) -> None:
        for name in node.names:
            self._add(name.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        name = "." * node.level + (node.module or "")
        module = importlib.util.resolve_name(name, self._within)
        self._add(module)
        for part in node.names:
            self._add(f"{module}.{part.name}")

    def visit_If(self, node: ast.If) -> None:
        if not (isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
            self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and node.value.startswith(f"{self._package.name}."):
            self._add(node.value)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        place = self._place(node)
        if place is None:
            self.generic_visit(node)
        elif place.is_relative_to(self._file.parent):
            self.files += place.rglob("*.py") if place.is_dir() else [place]

    def _place(self, node: ast.expr) -> Path | None:
        """The place that an expression such as `Path(__file__).parent / "folder"` means."""
        match node:
            case ast.BinOp(left=left, op=ast.Div(), right=ast.Constant(value=str(name))):
                folder = self._place(left)
                return folder / name if folder is not None else None
            case ast.Attribute(value=value, attr="parent"):
                place = self._place(value)
                return place.parent if place is not None else None
            case ast.Call(func=ast.Name(id="Path"), args=[ast.Name(id="__file__")]):
                return self._file
        return None
