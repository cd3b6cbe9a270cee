"""Whether a pytest session is about the benchmark, before anything is collected."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from rtlbench.runs.options import OPTIONS, option


def wants_benchmark(config: pytest.Config) -> bool:
    """Whether an option or an argument leads there: xdist's controller collects nothing."""
    named = {Path(str(a).split("::", maxsplit=1)[0]).name for a in config.args}
    if named and named <= {"test_specs.py", "test_dataset.py"}:
        return False  # the tasks themselves or training data are on trial, no answers
    telling = ("--suite", "--candidates", "--model", "--simulator", "--results")
    if any(option(config, n) != OPTIONS[n].get("default") for n in telling):
        return True
    start = config.invocation_params.dir
    paths = (start / str(a).split("::", maxsplit=1)[0] for a in config.args)
    return any(_asks_for_specs(f) for path in paths for f in _test_files(config, path))


def _test_files(config: pytest.Config, path: Path) -> Iterator[Path]:
    """The test files that pytest would collect from `path`."""
    if path.is_file():
        yield path
    pruned, patterns = config.getini("norecursedirs"), config.getini("python_files")
    for folder, folders, files in os.walk(path):
        folders[:] = [f for f in folders if not any(fnmatch(f, p) for p in pruned)]
        yield from (Path(folder) / f for f in files if any(fnmatch(f, p) for p in patterns))


def _asks_for_specs(path: Path) -> bool:
    """Whether a test in the file takes `rtl_spec`."""
    try:
        text = path.read_bytes()
        if b"rtl_spec" not in text:
            return False
        nodes = list(ast.walk(ast.parse(text)))
    except (OSError, SyntaxError, ValueError):
        return False  # pytest will say so
    tests = (n for n in nodes if isinstance(n, ast.FunctionDef) and n.name.startswith("test"))
    return any(a.arg == "rtl_spec" for t in tests for a in t.args.args)
