"""`rtlbench specs`: list, show and validate the tasks of a suite."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from rtlbench.cli import echo_json
from rtlbench.cli.options import suite_options
from rtlbench.errors import UserError
from rtlbench.io.untrusted import printable
from rtlbench.records.spec import Spec

if TYPE_CHECKING:
    from rtlbench.mutation.classification import JudgedMutant, MutantCounts
    from rtlbench.mutation.validate import Validation
    from rtlbench.suites.errata import Erratum

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def specs() -> None:
    """The tasks of a suite."""


@specs.command("list")
@suite_options
@click.option("--category", help="Only this category.")
@_JSON
def list_specs(suite: str, category: str | None, as_json: bool) -> None:
    """List the tasks, one a line."""
    from rtlbench.runs.suite import left_out

    every = _read(suite)
    listed = [s for s in every if category in (None, s.category)]
    if category is not None and not listed:
        known = ", ".join(sorted({s.category for s in every}))
        raise UserError(f"no category {category!r}; there are {known}")
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
                "digest": s.digest(),
            }
            for s in listed
        ]
        echo_json(rows)
        return
    width = max((len(s.name) for s in listed), default=0)
    for s in listed:
        click.echo(fitted(f"{s.name:<{width}}  {s.difficulty:<6}  {s.title}"))
    click.echo(f"{len(listed)} specs", err=True)
    if told := left_out(suite):
        click.echo(told, err=True)


@specs.command()
@click.argument("spec_id")
@suite_options
@click.option("--golden", is_flag=True, help="Print the golden RTL too.")
@_JSON
def show(spec_id: str, suite: str, golden: bool, as_json: bool) -> None:
    """Print a task: its prompt and interface."""
    from rtlbench.runs.suite import find_spec

    spec = find_spec(_read(suite), spec_id)
    if as_json:
        echo_json(spec)
        return
    click.echo(f"{spec.name}  ({spec.difficulty}, {spec.title})\n\n{spec.prompt}")
    if golden:
        click.echo(f"// golden\n{spec.golden}", nl=False)


@specs.command()
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every task of the suite.")
@click.option("--mutants", default=50, show_default=True, help="Mutants of each golden.")
@click.option("--seed", default=0, show_default=True, help="Which mutants.")
@click.option("--prove-all", "prove_killed", type=int, is_flag=False, flag_value=1_000_000,
              default=0, metavar="[N]", help="Prove the killed mutants too, or N of each golden.")
@click.option("--no-proof", is_flag=True, help="Leave the mutants that survive unproved.")
@click.option("--seconds", default=10, show_default=True, help="CPU time for a proof.")
@click.option("--record", is_flag=True,
              help="Keep the inputs that tell a survivor from the golden beside its family.")
@click.option("-n", "--workers", default=1, show_default=True, help="Processes.")
@suite_options
@_JSON
def validate(
    names: Sequence[str],
    everything: bool,
    mutants: int,
    seed: int,
    prove_killed: int,
    no_proof: bool,
    seconds: int,
    record: bool,
    workers: int,
    suite: str,
    as_json: bool,
) -> None:
    """Make sure that tasks judge rightly.

    The golden passes and agrees with its model, do-nothing answers fail, and every mutant of the
    golden that behaves differently is killed. NAMES are ids, families or categories.
    """
    from rtlbench.mutation.validate import ValidationOptions, validate_members

    every = _read(suite)
    if everything and names:
        raise UserError(f"--all means every task: leave out {' '.join(names)}")
    chosen = _chosen(every, None if everything else names)
    options = ValidationOptions(mutants=mutants, seed=seed, prove=not no_proof,
                                prove_killed=prove_killed, seconds=seconds)
    ran = validate_members(chosen, options, workers, every)
    done = print_json(ran) if as_json else print_lines(ran, max(len(s.name) for s in chosen))
    if record:
        from rtlbench.mutation.validate import record_survivors

        specs_by_id = {s.id: s for s in chosen}
        for line in record_survivors(done, specs_by_id):
            click.echo(line, err=True)
    sys.exit(0 if all(v.ok for v in done) else 1)


@specs.command()
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE",
              help="File of errata to write to; entries of other tasks in it are kept.")
@click.option("--mutants", default=20, show_default=True, help="Mutants of each reference.")
@click.option("-n", "--workers", default=1, show_default=True, help="Processes.")
@suite_options
def errata(out: Path | None, mutants: int, workers: int, suite: str) -> None:
    """Measure what is at fault with a public suite's own tasks.

    Its rule judges its own references, modules that do nothing, and mutants of the references.
    """
    from rtlbench.mutation.errata import measured
    from rtlbench.suites.errata import write_errata

    every = _read(suite)
    width = max(len(s.id) for s in every)
    found = {}
    for spec, entry in measured(every, mutants, workers):
        found[spec.id] = entry
        click.echo(fitted(f"{spec.id:<{width}}  {printable(in_words(entry))}"))
    wrong = sum(e.is_unsound for e in found.values())
    seen, made = (sum(getattr(e, n) for e in found.values()) for n in ("noticed", "mutants"))
    click.echo(f"{len(found)} tasks, {wrong} at fault; {seen} of {made} mutants noticed", err=True)
    if out is not None:
        write_errata(out, found)


def in_words(entry: Erratum) -> str:
    """One task's errata in a line."""
    if entry.reference != "pass":
        return f"its own reference: {entry.reference} ({entry.told})"
    passed = f"passes what does nothing: {', '.join(entry.stubs)}; " if entry.stubs else ""
    return f"{passed}{entry.noticed} of {entry.mutants} mutants noticed"


def _chosen(every: Sequence[Spec], names: Sequence[str] | None) -> list[Spec]:
    """The Specs that any of `names` means; all of them for None.

    Raises:
        UserError: A name means none, or nothing is named.
    """
    if names is None:
        return list(every)
    for name in names:
        if not any(name in _names(s) for s in every):
            raise UserError(
                f"no spec, family or category {name!r}; see `rtlbench specs list`"
            )
    if not names:
        raise UserError("nothing to validate: name ids, families or categories, or give --all")
    return [s for s in every if _names(s) & set(names)]


def _names(spec: Spec) -> set[str]:
    return {spec.id, spec.family, spec.category, spec.name}


def fitted(line: str) -> str:
    """`line` cut to the terminal's width; whole where it goes to a file or a pipe."""
    if not sys.stdout.isatty():
        return line
    width = shutil.get_terminal_size().columns
    return line if len(line) <= width else line[: width - 3] + "..."


def _read(suite: str) -> tuple[Spec, ...]:
    from rtlbench.runs.suite import read_suite

    return read_suite(suite)


_SHOWN = ("killed", "equivalent", "different", "undecided", "refused", "unproved", "errors")
_ALWAYS = ("killed", "equivalent", "different", "undecided")


def print_lines(ran: Iterable[Validation], width: int) -> list[Validation]:
    """A line a Spec as it comes, what is wrong under it, sums at the end."""
    done = []
    for one in ran:
        done.append(one)
        counts = f"  {one.counts.made} mutants: {words(one.counts)}" if one.counts.made else ""
        click.echo(f"{one.name:<{width}}  {'ok   ' if one.ok else 'WRONG'}{counts}".rstrip())
        for fault in one.faults:
            click.echo(f"    {printable(fault)}")
        for judged in one.open:
            if judged.simulated == "survived":
                click.echo(f"    {printable(_open(judged))}")
    for line in summary(done):
        click.echo(line)
    return done


def print_json(ran: Iterable[Validation]) -> list[Validation]:
    """All of it in one JSON object."""
    done = list(ran)
    total = total_of(done)
    whole = {"specs": done, "total": total, "wrong": sum(not v.ok for v in done)}
    echo_json(whole)
    return done


def total_of(done: Iterable[Validation]) -> MutantCounts:
    """All counts together."""
    from rtlbench.mutation.classification import MutantCounts

    return sum((v.counts for v in done), MutantCounts())


def summary(done: list[Validation]) -> list[str]:
    """Sums over all Specs: mutants, and how simulation and formal agree."""
    total = total_of(done)
    lines = [f"{len(done)} specs, {sum(not v.ok for v in done)} wrong"]
    if total.made:
        lines.append(f"{total.made} mutants: {words(total)}")
        decided = total.agree + total.disagree
        lines.append(
            f"simulation and formal: {decided} mutants decided by both, {total.agree} agree, "
            f"{total.disagree} disagree"
        )
    return lines


def words(counts: MutantCounts) -> str:
    """`44 killed, 5 equivalent, 0 different, 1 undecided`; rarer ends only where there are any."""
    number = msgspec.structs.asdict(counts)
    return ", ".join(f"{number[n]} {n}" for n in _SHOWN if number[n] or n in _ALWAYS)


def _open(judged: JudgedMutant) -> str:
    proof = judged.proof
    if proof is None:
        return f"survives, not proved: {judged.mutant.place}"
    edges = [m for m in proof.moments if m.edge == "active"]
    inputs = "; ".join(" ".join(f"{k}={v}" for k, v in m.inputs.items()) for m in edges[:12])
    shown = f"  inputs by cycle: {inputs}" if inputs else ""
    return f"survives, {proof.verdict}: {judged.mutant.place}  ({proof.reason}){shown}"
