"""The options of a run of the benchmark, each declared once.

An entry of OPTIONS becomes a flag of the pytest plugin (`add_options`), an option of the commands
that have use for it (rtlbench.cli.options), a field of SessionOptions, and, where it decides
Verdicts, a line of run.json (rtlbench.runs.results.RunConfig). Quick to import.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.generate.source import MODEL_OPTIONS, RunOption, field, help_of
from rtlbench.sandbox.level import VARIABLE

if TYPE_CHECKING:
    import pytest

OPTIONS: dict[str, RunOption] = {
    "--candidates": RunOption("FILE", str, None,
                              "answers: a file, a folder of .v or .sv, or - for standard input, in "
                              "any shape of docs/answers.md (default: the shipped model gives "
                              "them)", once=True),
    "--suite": RunOption("NAME[=FOLDER]", str, "rtlbench",
                         "suite of the tasks, or a public suite's folder"),
    "--partial": RunOption("", bool, False,
                           "leave tasks without an answer out of all figures, instead of counting "
                           "them as wrong"),
    "--samples": RunOption("N", int, None, "answers to judge, or ask for, a spec", least=1),
    "--fresh": RunOption("SEED", int, None, "members that this seed draws, instead of the suite's"),
    "--fresh-count": RunOption("N", int, None, "so many fresh members (default: one a family)"),
    "--simulator": RunOption("NAME", str, None, "what simulates: icarus (default) or verilator"),
    "--seed": RunOption("S", int, 0, "seed of the stimulus"),
    "--formal": RunOption("", bool, False, "compare with the references formally, too"),
    "--judge": RunOption("WHO", str, "reference",
                         "whose verdict counts: own (the suite's rule alone), reference (ours), or "
                         "both"),
    "--errata": RunOption("WHEN", str, "off",
                          "on or off: show the figures without tasks whose own bench is at "
                          "fault, too"),
    "--isolation": RunOption("HOW", str, None,
                             "of the tools: default (the best there is), strict or none",
                             variable=VARIABLE),
    "--judge-url": RunOption("URL", str, None, "judging service that gives the verdicts"),
    "--results": RunOption("FOLDER", str, None, "results folder; a cut-off run goes on there"),
    **MODEL_OPTIONS,
}  # fmt: skip
JUDGES = ("reference", "own", "both")
SWITCH = ("on", "off")
JUDGING = ("--simulator", "--seed", "--formal")
"""What decides how an answer is judged, whoever asks."""


class SessionOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the user chose of OPTIONS, by field; fresh members are part of the suite's name."""

    suite: str = OPTIONS["--suite"].default
    candidates: str | None = None
    model: Mapping[str, Any] = {}
    """What is said of the model that answers, by field of Generation."""
    partial: bool = False
    samples: int | None = None
    simulator: str | None = None
    seed: int = OPTIONS["--seed"].default
    formal: bool = False
    judge: str = OPTIONS["--judge"].default
    errata: str = OPTIONS["--errata"].default
    isolation: str | None = None
    """Of all tools of a process: the plugin sees to it, not the Session."""
    judge_url: str | None = None
    results: str | None = None


def session_options(given: Mapping[str, Any]) -> SessionOptions:
    """The record of what was given, by field; what nobody gave is None or absent.

    Raises:
        UserError: A number is too low, there is no such judge, or the suite has no fresh members.
    """
    from rtlbench.runs.suite import with_fresh

    said = {name: value for name, value in given.items() if value is not None}
    for name, option in OPTIONS.items():
        if option.least is not None and said.get(field(name), option.least) < option.least:
            raise UserError(f"{name}: give a number of at least {option.least}")
    if said.get("judge", JUDGES[0]) not in JUDGES:
        raise UserError(f"--judge {said['judge']}: choose one of {', '.join(JUDGES)}")
    if said.get("errata", SWITCH[1]) not in SWITCH:
        raise UserError(f"--errata {said['errata']}: choose {' or '.join(SWITCH)}")
    suite = said.get("suite", OPTIONS["--suite"].default)
    own = {n: said[n] for n in SessionOptions.__struct_fields__ if n in said and n != "model"}
    own["suite"] = with_fresh(suite, said.get("fresh"), said.get("fresh_count"))
    model = {field(name): said.get(field(name)) for name in MODEL_OPTIONS}
    return SessionOptions(**own, model=model)


def pytest_arguments(given: Mapping[str, Any]) -> Iterator[str]:
    """The flags for pytest that say what was given, by field; what is no option is passed over."""
    for name, option in OPTIONS.items():
        value = given.get(field(name))
        if not option.metavar:
            if value:
                yield name
        elif option.many:
            yield from (f"{name}={each}" for each in value or ())
        elif value is not None:
            yield f"{name}={value}"


def add_options(parser: pytest.Parser) -> None:
    """Have pytest take all options.

    Raises:
        pytest.UsageError: Another plugin has an option of the same name.
    """
    import pytest

    group = parser.getgroup("rtlbench", "benchmark of RTL that models write")
    for name, option in OPTIONS.items():
        how: dict[str, Any] = {"action": "store_true", "default": None}
        if option.metavar:
            how = {"type": option.type, "metavar": option.metavar}
        if option.once or option.many:
            how["action"] = "append"
        try:
            group.addoption(name, dest=_place(name), help=help_of(option), **how)
        except (ValueError, argparse.ArgumentError) as e:
            raise pytest.UsageError(
                f"{name}: another plugin has an option of this name; leave it out by -p no:NAME"
            ) from e


def given_options(config: pytest.Config) -> dict[str, Any]:
    """What the user gave, by field."""
    values = {name: config.getoption(_place(name), None) for name in OPTIONS}
    return {field(name): _once(name, v) for name, v in values.items() if v is not None}


def only_one(name: str, given: Sequence[Any]) -> Any:
    """The value of an option that may be given once; None where it was not.

    Raises:
        UserError: It was given more often.
    """
    if len(given) > 1:
        raise UserError(
            f"{name}: given {len(given)} times ({', '.join(map(str, given))}); judge each in a run "
            "of its own, or put them into one file, where lines say their `model`"
        )
    return given[0] if given else None


def _once(name: str, value: Any) -> Any:
    return only_one(name, value) if OPTIONS[name].once else value


def option(config: pytest.Config, name: str) -> Any:
    """What the user gave for the option, or its default."""
    value = config.getoption(_place(name), None)
    return OPTIONS[name].default if value is None else value


def _place(name: str) -> str:
    return f"rtl_{field(name)}"


def is_worker(config: pytest.Config) -> bool:
    """Whether this process is one of pytest-xdist's workers."""
    return hasattr(config, "workerinput")
