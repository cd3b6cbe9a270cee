"""`rtlbench exercises`: work on code that is there, as tasks and as training examples."""

from __future__ import annotations

from pathlib import Path

import click

from rtlbench.cli.options import isolation_option, suite_options, workers_option
from rtlbench.errors import UserError

KINDS = ("complete", "modify", "mend", "find")


@click.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE.jsonl",
              help="Where the tasks go, for --suite exercises=FILE.jsonl.")
@click.option("--records", metavar="FILE", help="Write them as training examples, too; with "
              "--training.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS),
              help="Of these kinds; again for more (default: all, in turn).")
@click.option("--training", type=click.IntRange(min=0), metavar="SEED",
              help="On members that this seed draws from the training part, in place of a suite's.")
@click.option("--size", type=click.IntRange(min=1), metavar="N",
              help="So many (default: one a task of the suite).")
@click.option("--seed", default=0, show_default=True, help="Of what is left out or made wrong.")
@suite_options
@isolation_option
@workers_option
def exercises(
    out: Path,
    records: str | None,
    kinds: tuple[str, ...],
    training: int | None,
    size: int | None,
    seed: int,
    suite: str,
    workers: str,
) -> None:
    """Make tasks of code that is there: complete it, modify it, mend it, find its bug.

    Of each it is judged that the code given is wrong and the golden right.
    """
    import msgspec

    from rtlbench.dataset.files import refuse_other_ending, writing
    from rtlbench.io.atomic import write_whole
    from rtlbench.judging.judge import Judge
    from rtlbench.refine.exercises import make_exercises, record_of, training_specs
    from rtlbench.runs.suite import read_suite
    from rtlbench.suites.families import family_folders

    if records is not None and training is None:
        raise UserError("--records: the benchmark is nothing to train on; give --training")
    if training is not None and size is None:
        raise UserError("--training: there are members without end; say by --size how many")
    if records is not None:
        refuse_other_ending(Path(records))
    specs = read_suite(suite) if training is None else training_specs(family_folders(), training)
    chosen = [k for k in KINDS if not kinds or k in kinds]
    wanted = size or len(read_suite(suite))
    with Judge(workers=int(workers)) as judge:
        found = list(make_exercises(specs, chosen, wanted, seed, judge))  # type: ignore[arg-type]
    if not found:
        raise UserError(f"--suite {suite}: no exercise of {', '.join(chosen)} can be made of it")
    write_whole(out, b"".join(msgspec.json.encode(e) + b"\n" for e in found))
    if records is not None:
        with writing(Path(records)) as writer:
            for exercise in found:
                writer.write(record_of(exercise))
    counts = ", ".join(f"{sum(e.kind == k for e in found)} {k}" for k in chosen)
    click.echo(f"written: {out} ({counts})")
