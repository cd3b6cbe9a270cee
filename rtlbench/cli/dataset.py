"""`rtlbench filter`, `combine`, `corpus` and `dedupe`: training data judged, merged, made and
thinned.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Literal

import click

from rtlbench.cli import echo_json
from rtlbench.cli.options import (
    isolation_option,
    judging_options,
    suite_options,
    workers_option,
)
from rtlbench.dataset.filter import (
    DEFAULT_AGREE,
    DEFAULT_NOTICED,
    ENGINES,
    PROCESSES,
    RAY,
    SELF,
    TRUST,
)
from rtlbench.dataset.similarity import DUPLICATES, FEW, FUNCTION, DuplicateRule
from rtlbench.errors import UserError
from rtlbench.io.counted import many
from rtlbench.records.tier import DEFAULT_ACCEPT, TIERS

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--out", default="data/rtl_behavioral_v3.jsonl", show_default=True, metavar="FILE",
              help="Where to write the result (.jsonl, .parquet; .gz, .zst).")
@click.option("--recipe", metavar="FILE.toml", help="The options below as a file, by their names.")
@click.option("--weight", "weights", multiple=True, metavar="NAME=W",
              help="Copies of each record of a source or category; 0.5 takes half of them.")
@click.option("--cap", "caps", multiple=True, metavar="NAME=N",
              help="Records of a source or category, at most.")
@click.option("--keep", "keeps", multiple=True, metavar="SOURCE",
              help="Records of this source stay before others where not all can; so do those of "
              "a source with a weight above 1.")
@click.option("--balance", type=float, metavar="R",
              help="No category gets more than R times what the median category has.")
@click.option("--threshold", type=float, metavar="T", help="Least score (default 0.95).")
@click.option("--accept", type=click.Choice(TIERS), help="Least tier: what a record's function "
              "rests on (default attested).")
@click.option("--against", multiple=True, metavar="NAME[=FOLDER]",
              help="Leave out what resembles a member of this suite (rtlbench, rtllm, "
              "verilog-eval, verilog-eval-v1, cvdp; default: rtlbench); `none` for no suite.")
@click.option("--duplicates", type=click.Choice(DUPLICATES), help="What counts as alike: nothing, "
              "equal code, or equal circuits too (default).")
@click.option("--per-function", type=int, metavar="K",
              help=f"Of records that are alike K stay (default {FEW}); of equal words and code 1.")
@click.option("--review", "reviews", multiple=True, metavar="FILE", help="Decisions by `rtlbench "
              "review`: what a reviewer rejected is left out, what was corrected goes in as "
              "corrected, what was accepted is attested; may be given for each reviewer.")
@click.option("--reviewed-only", is_flag=True,
              help="Leave out what no reviewer accepted or corrected.")
@click.option("--allow-unverified", is_flag=True, help="Take records that no filter has judged.")
@click.option("--allow-empty", is_flag=True, help="Write a set even where no record is left.")
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
    keeps: tuple[str, ...],
    balance: float | None,
    threshold: float | None,
    accept: str | None,
    against: tuple[str, ...],
    duplicates: str | None,
    per_function: int | None,
    reviews: tuple[str, ...],
    reviewed_only: bool,
    allow_unverified: bool,
    allow_empty: bool,
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

    from rtlbench.dataset import combine as combining
    from rtlbench.dataset.combine_recipe import full_name, pairs, read_recipe

    options = {"balance": balance, "threshold": threshold, "accept": accept, "seed": seed,
               "duplicates": duplicates, "per_function": per_function}
    changes: dict[str, Any] = {n: value for n, value in options.items() if value is not None}
    changes |= {"weight": pairs("--weight", weights), "cap": pairs("--cap", caps)}
    changes |= {"against": against} if against else {}
    changes |= {"keep": keeps} if keeps else {}
    changes |= {"allow_unverified": True} if allow_unverified else {}
    chosen = read_recipe(Path(recipe) if recipe else None, changes)
    by_hand = [full_name(n) for n in (*changes["weight"], *changes["cap"])]
    by_hand += [f"source:{name}" for name in keeps]
    manifest = combining.combine(
        inputs, Path(out), chosen, int(workers), by_hand=by_hand, may_be_empty=allow_empty,
        reviews=[Path(r) for r in reviews], only_reviewed=reviewed_only,
    )  # fmt: skip
    if as_json:
        echo_json(manifest)
        return
    click.echo(combining.summary(manifest))
    click.echo(f"written: {out} ({many(manifest.total.written, 'record')})")


@click.command()
@click.option("--out", required=True, metavar="FILE",
              help="Where to write them (.jsonl, .parquet; .gz, .zst).")
@click.option("--size", type=int, required=True, metavar="N", help="How many.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another one, other examples.")
@click.option("--categories", default="", metavar="A,B", help="Of these only; default: all.")
@click.option("--families", default="", metavar="A,B", help="Of these only; default: all.")
@click.option("--plain", is_flag=True,
              help="Answers keep the golden's style; the task's phrasing differs instead.")
@click.option("--defects", type=float, default=0.0, show_default=True, metavar="SHARE",
              help="Share of wrong answers, of the kinds that models give.")
@click.option("--per-member", type=int, default=20, show_default=True, metavar="K",
              help="Examples of one task: more of them are made faster, fewer differ more.")
@click.option("--force", is_flag=True, help="Write over FILE where it is there.")
@isolation_option
@workers_option
def corpus(
    out: str,
    size: int,
    seed: int,
    categories: str,
    families: str,
    plain: bool,
    defects: float,
    per_member: int,
    force: bool,
    workers: str,
) -> None:
    """Make training examples from the families' training part, each with its truth.

    `metadata.defect` is null where an answer is right, and else says what is wrong with it.
    The benchmark never shows what these examples are made from.
    """
    from rtlbench.dataset.corpus import CorpusOptions, make_corpus

    options = CorpusOptions(
        out=out,
        size=size,
        seed=seed,
        categories=tuple(c for c in categories.split(",") if c),
        families=tuple(f for f in families.split(",") if f),
        plain=plain,
        defects=defects,
        per_member=per_member,
        force=force,
        workers=int(workers),
    )
    make_corpus(options)


@click.command()
@click.argument("dataset", metavar="FILE")
@click.option("--out", required=True, metavar="FILE",
              help="Where to write what stays (.jsonl, .parquet; .gz, .zst).")
@click.option("--against", multiple=True, default=("rtlbench",), show_default=True,
              metavar="NAME[=FOLDER]", help="Take out what resembles a member of this suite "
              "(rtlbench, rtllm, verilog-eval, verilog-eval-v1, cvdp); repeatable; "
              "`none` for no suite.")
@click.option("--duplicates", type=click.Choice(DUPLICATES), default=FUNCTION, show_default=True,
              help="What counts as alike: nothing, equal code, or equal circuits too.")
@click.option("--per-function", type=int, default=1, show_default=True, metavar="K",
              help="Of records that are alike K stay; of equal words and code 1.")
@click.option("--json", "as_json", is_flag=True, help="Print the report at the end.")
@isolation_option
@workers_option
def dedupe(
    dataset: str,
    out: str,
    against: tuple[str, ...],
    duplicates: Literal["none", "exact", "function"],
    per_function: int,
    as_json: bool,
    workers: str,
) -> None:
    """Take out of FILE, training data by path or URL, duplicates and benchmark members.

    Of records that are alike the first stay. Beside the output, NAME.removed.jsonl has each
    record that was taken out, what it is like, by which measure and how much, and
    NAME.dedupe.json the counts.
    """
    from pathlib import Path

    from rtlbench.dataset import dedupe as deduping

    suites = [name for name in against if name != "none"]
    rule = DuplicateRule(duplicates=duplicates, per_function=per_function)
    report = deduping.dedupe(dataset, Path(out), suites, rule, int(workers))
    if as_json:
        echo_json(report)
        return
    click.echo(deduping.summary(report))
    click.echo(f"written: {out}")


@click.command("filter", context_settings={"ignore_unknown_options": True})
@click.argument("dataset", metavar="FILE")
@click.option("--out", default="data/rtl_verified_training.jsonl", show_default=True,
              metavar="FILE", help="Where to write what is kept (.jsonl, .parquet; .gz, .zst).")
@click.option("--threshold", "thresholds", type=float, multiple=True, default=(0.95,),
              metavar="T", help="Keep what scores at least T (default 0.95); given several times, "
              "files are for the first, and sweep.json and sweep.svg compare all.")
@click.option("--accept", type=click.Choice(TIERS), default=DEFAULT_ACCEPT.value, show_default=True,
              help="Least tier that is kept: what a record's function rests on. What scores and "
              "rests on less goes to NAME.unproven.jsonl.")
@click.option("--testbench", type=click.Choice(TRUST), default=SELF, show_default=True,
              help="Whose benches and references the records carry: of somebody who knows what is "
              "right, or of whoever wrote the answers.")
@click.option("--noticed", type=float, default=DEFAULT_NOTICED, show_default=True, metavar="SHARE",
              help="Share of an answer's mutants that its own bench must notice to attest it.")
@click.option("--agree", type=int, default=DEFAULT_AGREE, show_default=True, metavar="N",
              help="Independent answers to the same words that must be one circuit to attest each "
              "other; 0 for not looking.")
@suite_options
@judging_options
@click.option("--trust-metadata", is_flag=True, help="Metadata name a record's task whatever its "
              "instruction says; without, only where that is the task's prompt in some phrasing.")
@click.option("--references", multiple=True, metavar="FILE|SUITE[=FOLDER]",
              help="Words with the reference in Verilog that answers them (training data of any "
              "layout), or a suite: records of the same words and ports are held to it.")
@click.option("--map", "columns", multiple=True, metavar="FIELD=COLUMN", help="Read COLUMN (`a.b` "
              "for b inside a) for instruction, output or testbench; may be given for each.")
@click.option("--second-look/--no-second-look", default=True, show_default=True,
              help="Compare what passes simulation with its task's golden formally, for a second "
              "of CPU time: a difference refuses it.")
@click.option("--library", multiple=True, metavar="FOLDER", help="Modules in .v and .sv files that "
              "complete records which use them and do not define them.")
@click.option("--repair", is_flag=True, help="Write NAME.repair.jsonl, too: what was refused, with "
              "findings and, where a mend is mechanical, the mended text judged again.")
@click.option("--report", is_flag=True, help="Write NAME.report.html, too: what is in the data "
              "set by category, tier and reason, what each threshold would keep, examples.")
@click.option("--against", multiple=True, default=("rtlbench",), show_default=True,
              metavar="NAME[=FOLDER]", help="Suite whose members the report looks for.")
@click.option("--cache", metavar="FOLDER", help="Where verdicts are kept; `none` for nowhere.")
@click.option("--allow-empty", is_flag=True, help="An input without any record is no mistake.")
@click.option("--engine", type=click.Choice(ENGINES), default=PROCESSES, show_default=True,
              help="What judges: processes here, or Ray (see docs/scaling.md).")
@click.option("--ray-address", metavar="ADDRESS", help="A Ray cluster, instead of Ray here.")
@isolation_option
@workers_option
@click.option("--json", "as_json", is_flag=True, help="Print filter.json at the end.")
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED)
def filter_command(
    dataset: str,
    out: str,
    thresholds: tuple[float, ...],
    accept: str,
    testbench: str,
    noticed: float,
    agree: int,
    suite: str,
    judging: dict[str, Any],
    trust_metadata: bool,
    second_look: bool,
    references: tuple[str, ...],
    columns: tuple[str, ...],
    library: tuple[str, ...],
    repair: bool,
    report: bool,
    against: tuple[str, ...],
    cache: str | None,
    allow_empty: bool,
    engine: str,
    ray_address: str | None,
    workers: str,
    as_json: bool,
    pytest_args: tuple[str, ...],
) -> None:
    """Keep of FILE, training data by path or URL, what is right.

    The refused go to NAME.refused.jsonl with their reasons, what scores and nothing speaks for to
    NAME.unproven.jsonl, what is no record to NAME.broken.jsonl, counts to filter.json.
    PYTEST_ARGS go to pytest. A run that was cut off goes on where it stopped.

    Exits with 0 when every record got a Verdict, kept or refused; 1 when the harness could not
    judge some, or some input was no record; 2 for a mistake in the call, or an input without any
    record (--allow-empty).
    """
    from pathlib import Path

    from rtlbench.dataset.filter.run import FilterOptions, run_filter
    from rtlbench.sandbox.level import wish

    options = FilterOptions(
        dataset=dataset,
        out=out,
        thresholds=thresholds,
        accept=accept,
        testbench=testbench,
        noticed=noticed,
        agree=agree,
        suite=suite,
        trust_metadata=trust_metadata,
        second_look=second_look,
        references=references,
        columns=columns,
        cache=cache,
        library=library,
        repair=repair,
        report=report,
        against=against,
        **judging,
    )
    extra = [f"--isolation={wish()}", *pytest_args]
    if ray_address is not None and engine != RAY:
        raise UserError("--ray-address: give --engine ray with it")
    if engine == RAY:
        extra += [f"--engine={RAY}", f"--ray-workers={workers}"]
        extra += [f"--ray-address={ray_address}"] if ray_address is not None else []
        workers = "1"
    finished = run_filter(options, workers, as_json, tuple(extra))
    if finished.message:
        raise UserError(finished.message)
    written = Path(out).with_name("filter.json")
    if as_json and written.is_file():
        click.echo(written.read_text(), nl=False)
    if finished.all_judged and not allow_empty and written.is_file() and _is_empty(written):
        raise UserError(f"{dataset}: holds no record, so {out} is empty; --allow-empty takes that")
    sys.exit(0 if finished.all_judged else 1)


def _is_empty(report: Path) -> bool:
    """Whether a filter.json tells of no record at all."""
    import msgspec

    from rtlbench.dataset.filter.report import FilterReport

    told = msgspec.json.decode(report.read_bytes(), type=FilterReport)
    return told.total.records == 0
