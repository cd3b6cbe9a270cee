"""What `rtlbench specs validate` prints."""

from __future__ import annotations

from collections.abc import Iterable

import click
import msgspec

from rtlbench.io.untrusted import printable
from rtlbench.mutation.classing import Counts, Judged
from rtlbench.mutation.validate import Validation

_SHOWN = ("killed", "equivalent", "different", "undecided", "refused", "unproved", "errors")
_ALWAYS = ("killed", "equivalent", "different", "undecided")


def print_lines(found: Iterable[Validation], width: int) -> list[Validation]:
    """A line a Spec as it comes, what is wrong under it, sums at the end."""
    done = []
    for one in found:
        done.append(one)
        told = f"  {one.counts.made} mutants: {words(one.counts)}" if one.counts.made else ""
        click.echo(f"{one.name:<{width}}  {'ok   ' if one.ok else 'WRONG'}{told}".rstrip())
        for fault in one.faults:
            click.echo(f"    {printable(fault)}")
        for judged in one.open:
            if judged.simulated == "survived":
                click.echo(f"    {printable(_open(judged))}")
    for line in summary(done):
        click.echo(line)
    return done


def print_json(found: Iterable[Validation]) -> list[Validation]:
    """All of it in one JSON object."""
    done = list(found)
    total = total_of(done)
    whole = {"specs": done, "total": total, "wrong": sum(not v.ok for v in done)}
    click.echo(msgspec.json.format(msgspec.json.encode(whole)).decode())
    return done


def total_of(done: Iterable[Validation]) -> Counts:
    """All counts together."""
    return sum((v.counts for v in done), Counts())


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


def words(counts: Counts) -> str:
    """`44 killed, 5 equivalent, 0 different, 1 undecided`; rarer ends only where there are any."""
    number = msgspec.structs.asdict(counts)
    return ", ".join(f"{number[n]} {n}" for n in _SHOWN if number[n] or n in _ALWAYS)


def _open(judged: Judged) -> str:
    proof = judged.proof
    if proof is None:
        return f"survives, not proved: {judged.mutant.place}"
    edges = [m for m in proof.moments if m.edge == "active"]
    inputs = "; ".join(" ".join(f"{k}={v}" for k, v in m.inputs.items()) for m in edges[:12])
    shown = f"  inputs by cycle: {inputs}" if inputs else ""
    return f"survives, {proof.verdict}: {judged.mutant.place}  ({proof.reason}){shown}"
