"""Make the reference from the code: docs/commands.md of the command line, docs/interface.md of the
Python interface.

    python scripts/make_reference.py

Commands, arguments and options are those that click knows, with the texts of `--help`; names,
signatures and fields those of `rtlbench.__all__` and `rtlbench.rewards.__all__`, with their
docstrings. tests/test_reference.py says when the pages are not as the code is.
"""

from __future__ import annotations

import ast
import enum
import inspect
import re
import textwrap
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click

import rtlbench
from rtlbench import rewards
from rtlbench.cli.main import cli

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
SCRIPTS = ("sft", "dpo", "grpo", "card")
"""Of training/: commands of their own."""
MADE = "This page is made by `python scripts/make_reference.py` from the code itself."
WIDTH = 100
"""Columns of a usage line; whoever makes the page may have any terminal."""
SECTION = re.compile(r"^(Args|Returns|Raises|Attributes|Yields):$", re.MULTILINE)


def commands_page() -> str:
    """Every command, with its arguments and options."""
    head = f"""# All commands

{MADE}
`rtlbench COMMAND --help` (or `-h`) prints the same. The options of `bench` are those of the pytest
plugin too (`pytest benchmarks --candidates ...`). The scripts in `training/` stand at the end.

Tab completion: `eval "$(_RTLBENCH_COMPLETE=bash_source rtlbench)"` in `~/.bashrc`; `zsh_source` and
`fish_source` for the other shells.
"""
    own = [_command(words, command) for words, command in _commands(cli, ("rtlbench",))]
    scripts = [
        _command(("python", f"training/{name}.py"), _script(name)) for name in SCRIPTS
    ]  # fmt: skip
    return "\n".join([head, *own, *scripts])


def _commands(
    group: click.Group, words: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command below `group` that does something, by the words that call it."""
    context = click.Context(group, info_name=" ".join(words))
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        if isinstance(command, click.Group):
            yield from _commands(command, (*words, name))
        else:
            yield (*words, name), command


def _script(name: str) -> click.Command:
    found = [v for v in vars(import_module(f"training.{name}")).values()
             if isinstance(v, click.Command)]  # fmt: skip
    (command,) = found
    return command


def _command(words: tuple[str, ...], command: click.Command) -> str:
    name = " ".join(words)
    context = click.Context(command, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    rows = [r for p in command.params if (r := p.get_help_record(context)) is not None]
    parts = [f"## {name}", "", "```", usage, "```", "", *_prose(command.help or ""), ""]
    if rows:
        parts += ["| option | what it does |", "|---|---|"]
        parts += [f"| `{_cell(flag)}` | {_text(_cell(told))} |" for flag, told in rows]
        parts += [""]
    return "\n".join(parts)


def _prose(told: str) -> list[str]:
    """A help text, its paragraphs filled anew; what click is told to leave as it is, as code."""
    shown: list[str] = []
    for paragraph in re.split(r"\n\s*\n", inspect.cleandoc(told)):
        kept = paragraph.startswith("\b\n")
        text = paragraph.removeprefix("\b\n")
        filled = textwrap.fill(_text(" ".join(text.split())), WIDTH, break_long_words=False)
        lines = ["```", text, "```"] if kept else [filled]
        shown += [*([""] if shown else []), *lines]
    return shown


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _text(text: str) -> str:
    """Words out of the code, without a meaning in Markdown: what is code there is code here."""
    return "".join(
        part if k % 2 else re.sub(r"([*_<>\[\]])", r"\\\1", part)
        for k, part in enumerate(re.split(r"(`[^`]*`)", text))
    )


def interface_page() -> str:
    """Every public name."""
    head = f"""# The Python interface

{MADE}
What stands here is documented, typed and kept; all else may change at any time. How it is used:
[python.md](python.md), [rewards.md](rewards.md).
"""
    names = [n for n in rtlbench.__all__ if n != "rewards"]
    own = [_entry("rtlbench", n, getattr(rtlbench, n)) for n in sorted(names, key=str.lower)]
    further = [_entry("rtlbench.rewards", n, getattr(rewards, n)) for n in sorted(rewards.__all__)]
    return "\n".join([head, *own, *further])


def _entry(module: str, name: str, found: Any) -> str:
    """A class with its fields and methods, or a function."""
    parts = [f"## {module}.{name}", ""]
    if not inspect.isclass(found):
        return "\n".join([*parts, *_signature(name, found), *_docstring(found), ""])
    if issubclass(found, enum.Enum):
        values = ", ".join(f"`{member.value}`" for member in found)
        return "\n".join([*parts, *_docstring(found), "", f"One of {values}.", ""])
    fields = list(_fields(found))
    if not fields and not issubclass(found, Exception):
        parts += _signature(name, found)
    parts += [*_docstring(found), ""]
    if fields:
        parts += ["| field | type | what it is |", "|---|---|---|"]
        parts += [
            f"| `{n}` | `{_cell(kind)}` | {_text(_cell(told))} |" for n, kind, told in fields
        ] + [""]
    for method, function in _methods(found):
        parts += [f"### {name}.{method}", "", *_signature(method, function), *_docstring(function)]
        parts += [""]
    return "\n".join(parts)


def _signature(name: str, found: Any) -> list[str]:
    function = inspect.unwrap(found)
    is_async = "async def " if inspect.iscoroutinefunction(function) else ""
    signature = inspect.signature(function)
    own = [_unquoted(p) for n, p in signature.parameters.items() if n != "self"]
    returns = signature.return_annotation
    is_said = returns is not inspect.Signature.empty and not inspect.isclass(found)
    shown = inspect.Signature(own)
    arrow = f" -> {returns}" if is_said else ""
    return ["```python", f"{is_async}{name}{shown}{arrow}", "```", ""]


class _Words(str):
    """An annotation, which is text already, shown as it stands."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _unquoted(parameter: inspect.Parameter) -> inspect.Parameter:
    if parameter.annotation is inspect.Parameter.empty:
        return parameter
    return parameter.replace(annotation=_Words(parameter.annotation))


def _docstring(found: Any) -> list[str]:
    """Its prose, and what stands under `Args:` and the like as a list."""
    told = inspect.getdoc(found) or ""
    pieces = SECTION.split(told)
    shown = _prose(pieces[0])
    for title, body in zip(pieces[1::2], pieces[2::2], strict=True):
        shown += ["", f"{title}:", ""]
        shown += [f"- {_item(item)}" for item in _items(textwrap.dedent(body))]
    return shown


def _items(body: str) -> list[str]:
    """The entries of a section: each begins at the margin and goes on indented."""
    entries: list[str] = []
    for line in body.strip("\n").splitlines():
        if line.startswith(" ") and entries:
            entries[-1] += f" {line.strip()}"
        elif line.strip():
            entries.append(line.strip())
    return entries


def _item(text: str) -> str:
    name, colon, told = text.partition(": ")
    return f"`{name}`: {_text(told)}" if colon and " " not in name else _text(text)


def _fields(found: type) -> Iterator[tuple[str, str, str]]:
    """Name, type and what the literal below it says, of each field of a record."""
    if not hasattr(found, "__struct_fields__"):
        return
    body = ast.parse(textwrap.dedent(inspect.getsource(found))).body[0]
    assert isinstance(body, ast.ClassDef)
    for node, below in zip(body.body, [*body.body[1:], None], strict=True):
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        told = ""
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            told = str(below.value.value)
        default = f" = {ast.unparse(node.value)}" if node.value is not None else ""
        yield node.target.id, f"{ast.unparse(node.annotation)}{default}", told


def _methods(found: type) -> Iterator[tuple[str, Any]]:
    for name, value in vars(found).items():
        if not name.startswith("_") and inspect.isfunction(value):
            yield name, value


PAGES = {"commands.md": commands_page, "interface.md": interface_page}


def main() -> None:
    """Write both."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page().rstrip("\n") + "\n")


if __name__ == "__main__":
    main()
