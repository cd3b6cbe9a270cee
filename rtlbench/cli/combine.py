"""`rtlbench combine`: several verified sets made into one."""

from __future__ import annotations

from typing import Any

import click

from rtlbench.cli.options import isolation_option, workers_option
from rtlbench.dataset.similarity import DUPLICATES, FEW


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--out", default="data/rtl_behavioral_v3.jsonl", show_default=True, metavar="FILE",
              help="Where to write the result (.jsonl, .parquet; .gz, .zst).")
@click.option("--recipe", metavar="FILE.toml", help="The options below as a file, by their names.")
@click.option("--weight", "weights", multiple=True, metavar="NAME=W",
              help="Copies of each record of a source or category; 0.5 takes half of them.")
@click.option("--cap", "caps", multiple=True, metavar="NAME=N",
              help="Records of a source or category, at most.")
@click.option("--balance", type=float, metavar="R",
              help="No category gets more than R times what the median category has.")
@click.option("--threshold", type=float, metavar="T", help="Least score (default 0.95).")
@click.option("--against", multiple=True, metavar="NAME[=FOLDER]",
              help="Leave out what resembles a member of this suite (rtlbench, rtllm, "
              "verilog-eval, cvdp; default: rtlbench); `none` for no suite.")
@click.option("--duplicates", type=click.Choice(DUPLICATES), help="What counts as alike: nothing, "
              "equal code, or equal circuits too (default).")
@click.option("--per-function", type=int, metavar="K",
              help=f"Of records that are alike K stay (default {FEW}); of equal words and code 1.")
@click.option("--allow-unverified", is_flag=True, help="Take records that no filter has judged.")
@click.option("--seed", type=int, metavar="S", help="Another choice where not all can stay.")
@isolation_option
@workers_option
@click.option("--json", "as_json", is_flag=True, help="Print the manifest at the end.")
def combine(
    inputs: tuple[str, ...],
    out: str,
    recipe: str | None,
    weights: tuple[str, ...],
    caps: tuple[str, ...],
    balance: float | None,
    threshold: float | None,
    against: tuple[str, ...],
    duplicates: str | None,
    per_function: int | None,
    allow_unverified: bool,
    seed: int | None,
    workers: str,
    as_json: bool,
) -> None:
    """Make one set of training data of several that `rtlbench filter` has kept.

    Of records that are alike the first stay, so name the best input first. Beside FILE,
    FILE.manifest.json has the hash of every input and all counts, and FILE.removed.jsonl each
    record that was left out, with the reason. NAME is a category or a source (`metadata.source`,
    else the file's name); `category:NAME` and `source:NAME` say which.
    """
    from pathlib import Path

    import msgspec

    from rtlbench.dataset import combine as combining
    from rtlbench.dataset.combine_recipe import pairs, read_recipe

    options = {"balance": balance, "threshold": threshold, "seed": seed,
               "duplicates": duplicates, "per_function": per_function}
    changes: dict[str, Any] = {n: value for n, value in options.items() if value is not None}
    changes |= {"weight": pairs("--weight", weights), "cap": pairs("--cap", caps)}
    changes |= {"against": against} if against else {}
    changes |= {"allow_unverified": True} if allow_unverified else {}
    chosen = read_recipe(Path(recipe) if recipe else None, changes)
    made = combining.combine(inputs, Path(out), chosen, int(workers))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(made), indent=2))
        return
    click.echo(combining.summary(made))
    click.echo(f"written: {out} ({made.total.written} records)")
