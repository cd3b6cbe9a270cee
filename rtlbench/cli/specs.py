"""`rtlbench specs`: list, show and validate the tasks of a suite."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
import msgspec

from rtlbench.errors import UserError
from rtlbench.spec import Spec

_SUITE = click.option("--suite", default="rtlbench", metavar="NAME[=FOLDER]", help="Which suite.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def specs() -> None:
    """The tasks of a suite."""


@specs.command("list")
@_SUITE
@click.option("--category", help="Only this category.")
@_JSON
def list_specs(suite: str, category: str | None, as_json: bool) -> None:
    """List the tasks, one a line."""
    found = [s for s in _read(suite) if category in (None, s.category)]
    if as_json:
        rows = [
            {
                "id": s.id,
                "category": s.category,
                "family": s.family,
                "difficulty": s.difficulty,
                "title": s.title,
                "top": s.top,
                "suite": s.suite,
            }
            for s in found
        ]
        click.echo(msgspec.json.format(msgspec.json.encode(rows)).decode())
        return
    for s in found:
        click.echo(f"{s.name:<52} {s.difficulty:<7} {s.title}")
    click.echo(f"{len(found)} specs", err=True)


@specs.command()
@click.argument("spec_id")
@_SUITE
@click.option("--golden", is_flag=True, help="Print the golden RTL too.")
@_JSON
def show(spec_id: str, suite: str, golden: bool, as_json: bool) -> None:
    """Print a task: its prompt and interface."""
    spec = find_spec(_read(suite), spec_id)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(spec)).decode())
        return
    click.echo(f"{spec.name}  ({spec.difficulty}, {spec.title})\n\n{spec.prompt}")
    if golden:
        click.echo(f"// golden\n{spec.golden}")


@specs.command()
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every task of the suite.")
@_SUITE
def validate(names: Sequence[str], everything: bool, suite: str) -> None:
    """Make sure that tasks judge rightly: the golden passes, do-nothing answers fail.

    NAMES are ids, families or categories.
    """
    from rtlbench.suites.validate import validate_spec

    chosen = [
        s for s in _read(suite) if everything or {s.id, s.family, s.category, s.name} & set(names)
    ]
    if not chosen:
        raise UserError("nothing to validate: name ids, families or categories, or give --all")
    wrong = 0
    for spec in chosen:
        faults = validate_spec(spec)
        wrong += bool(faults)
        click.echo(f"{spec.name:<52} {'ok' if not faults else 'WRONG'}")
        for fault in faults:
            click.echo(f"    {fault}")
    click.echo(f"{len(chosen)} specs, {wrong} wrong")
    sys.exit(1 if wrong else 0)


def _read(suite: str) -> tuple[Spec, ...]:
    from rtlbench.suites import read_suite

    return read_suite(suite)


def find_spec(found: Sequence[Spec], spec_id: str) -> Spec:
    """The Spec with that id, or name `category/id`.

    Raises:
        UserError: There is none; the message names the closest.
    """
    import difflib

    for spec in found:
        if spec_id in (spec.id, spec.name):
            return spec
    close = difflib.get_close_matches(spec_id, [s.id for s in found], 3)
    hint = f"; did you mean {' or '.join(close)}?" if close else "; see `rtlbench specs list`"
    raise UserError(f"no spec {spec_id!r}{hint}")
