"""`rtlbench verify`: judge files, one answer each."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from rtlbench.cli import echo_json
from rtlbench.cli.options import isolation_option, judging_options, suite_options
from rtlbench.errors import UserError
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.rtl.preprocessing import MAX_BYTES

_YES = {True: "yes", False: "no", None: "not judged"}


@click.command(short_help="Judge files, one answer each.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--spec", "spec_id", help="The task that the files answer; without: static checks.")
@suite_options
@click.option("--instruction", default="", help="The words that the files answer, with no task.")
@judging_options
@isolation_option
@click.option("--waves", metavar="FILE", type=click.Path(path_type=Path),
              help="Simulate the one file alone and write its waveform (FST) to FILE.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of Verdicts.")
def verify(
    files: tuple[Path, ...],
    spec_id: str | None,
    suite: str,
    instruction: str,
    judging: dict[str, Any],
    waves: Path | None,
    as_json: bool,
) -> None:
    """Judge FILES, one answer each: RTL, or a model's whole answer.

    Exits with 0 when all pass, 1 when one does not.
    """
    from rtlbench.io.progress import waiting
    from rtlbench.runs.suite import find_spec, read_suite
    from rtlbench.simulation.simulators import choose_simulator
    from rtlbench.verifier import Config, Verifier

    spec: Spec | None = find_spec(read_suite(suite), spec_id) if spec_id else None
    if waves is not None:
        _can_have_waves(spec, files, waves)
    candidates = [_read(path, k, instruction) for k, path in enumerate(files)]
    if spec is not None:
        judging |= {"simulator": choose_simulator(judging.get("simulator"))}
    verifier = Verifier(Config(**judging) if spec is not None else Config())
    with waiting("judging"):
        verdicts = verifier.verify(spec, candidates)
    if as_json:
        echo_json(verdicts)
    else:
        _print(verdicts)
    if waves is not None:
        _waves(spec, candidates[0], verdicts[0], waves)
    sys.exit(0 if all(v.outcome is Outcome.PASS for v in verdicts) else 1)


def _read(path: Path, sample: int, instruction: str) -> Candidate:
    if path.exists() and not path.is_file() and not path.is_dir():
        raise UserError(f"{path}: is no plain file; give files of RTL")
    try:
        with path.open("rb") as file:
            data = file.read(4 * MAX_BYTES + 1)  # what is longer is refused unread
    except OSError as e:
        raise UserError(f"{path}: cannot read it ({e.strerror}); give files of RTL") from e
    text, name = data.decode("utf-8", "replace"), os.fsencode(path).decode("utf-8", "replace")
    return Candidate(
        text=text, instruction=instruction, sample=sample, model=name, origin=name
    )


def _print(verdicts: list[Verdict]) -> None:
    from rtlbench.io.explain import explain

    for verdict in verdicts:
        click.echo(explain(verdict))
        flags = [
            f"{name} {_YES[value]}"
            for name, value in (
                ("syntax", verdict.syntax_valid),
                ("synthesizes", verdict.synthesizes),
                ("all I/O used", verdict.all_io_used),
                ("functional", verdict.functional),
            )
        ]
        if "formal" in verdict.checks:
            flags.append(f"formal {_formal(verdict)}")
        click.echo("  " + ", ".join(flags))


def _formal(verdict: Verdict) -> str:
    """`proved`, `bounded (40 cycles)`, `different`, or `undecided`."""
    depth = f" ({verdict.formal_depth} cycles)" if verdict.formal_depth is not None else ""
    return f"{verdict.formal or 'undecided'}{depth}"


def _can_have_waves(spec: Spec | None, files: tuple[Path, ...], waves: Path) -> None:
    """Refuse before anything is judged what cannot end in a waveform."""
    if spec is None or spec.reference is None or len(files) != 1:
        raise UserError("--waves needs one FILE and a --spec with a reference model")
    if not waves.parent.is_dir():
        raise UserError(f"--waves {waves}: there is no folder {waves.parent}; make it first")


def _waves(spec: Spec | None, candidate: Candidate, verdict: Verdict, waves: Path) -> None:
    from rtlbench.simulation.waves import write_waves

    assert spec is not None
    safety = verdict.checks.get("safety")
    if safety is None or safety.outcome is not Outcome.PASS:
        raise UserError("--waves: this answer fails before simulation; see the findings above")
    try:
        write_waves(spec, candidate, waves)
    except OSError as e:
        raise UserError(f"--waves {waves}: cannot write it ({e.strerror})") from e
    click.echo(f"waveform: {waves}", err=True)
