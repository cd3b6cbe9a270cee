"""All options of all stages, looked at before the first of them: a wrong one stops the job within
seconds, on a night without data too, and not after hours of training.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping

from rtlbench.errors import UserError
from rtlbench.gate.policy import Policy
from rtlbench.nightly.benchmark import baselines, policy_of
from rtlbench.nightly.night import Night, Settings, State, paths_of
from rtlbench.nightly.notices import refuse_address
from rtlbench.nightly.options import OPTIONS, PREFIX, STAGES, flag, variable
from rtlbench.nightly.retention import OPTION_OF, read_limit
from rtlbench.nightly.train import commands, recipe
from rtlbench.runs.options import OPTIONS as BENCH_OPTIONS
from rtlbench.runs.results import utc_now
from rtlbench.runs.suite import suite_of
from rtlbench.suites.category import CATEGORIES

NOT_SETTINGS = ("date", "from", "dry_run", "restart", "allow_older")
"""What has a variable beside OPTIONS."""


def refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    """Make sure that every variable with the job's prefix is one of its options.

    Raises:
        UserError: One is not, as where a letter is missing: its value would count for nothing.
    """
    known = [variable(name) for name in (*OPTIONS, *NOT_SETTINGS)]
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known:
            like = difflib.get_close_matches(name, known, 1)
            meant = f"; is {like[0]} meant?" if like else ";"
            raise UserError(
                f"{name}: no option of `rtlbench nightly` has this variable{meant} see "
                "`rtlbench nightly --help`, or unset it"
            )


def check_options(
    settings: Settings, date: str, until: str = STAGES[-1], start: str | None = None
) -> None:
    """Make sure that every stage up to `until` can be begun with what it is asked for.

    Args:
        start: The first stage of a night that is done anew: those before it are not asked.

    Raises:
        UserError: One cannot; says which option is wrong.
    """
    state = State(date=date, started=utc_now(), settings={})
    night = Night(settings, paths_of(settings, date), state, lambda _: None)
    for name in ("notify", "ping"):
        for address in getattr(settings, name):
            if address.strip():  # an empty one is nobody, as where a variable is not set
                refuse_address(flag(name), address)
    _retention(settings)
    begin = STAGES.index(start) if start is not None else 0
    for stage in STAGES[begin : STAGES.index(until) + 1]:
        if (check := CHECKS.get(stage)) is not None:
            check(night)


def _retention(settings: Settings) -> None:
    for option in OPTION_OF.values():
        for text in getattr(settings, option):
            read_limit(option, text)
            if not settings.snapshot:
                raise UserError(
                    f"{flag(option)} {text}: nothing is removed that has no copy; give --snapshot"
                )


def _runs(night: Night) -> None:
    if not night.paths.runs.is_dir():
        raise UserError(
            f"{night.paths.runs}: there is no such folder; see --runs and --root, or make it "
            "where no run has left a trace yet"
        )


def _against(night: Night) -> None:
    for suite in night.settings.against:
        suite_of(suite, "--against")


def _training(night: Night) -> None:
    commands(night)
    base = recipe(night).model.base
    is_path = base.startswith(("/", ".", "~")) or base.count("/") > 1
    if is_path and not (night.paths.root / base).is_dir():
        raise UserError(f"{base}: the base model's folder is not there; see --base and --recipe")


def _benchmark(night: Night) -> None:
    suite_of(night.settings.suite, "--suite")
    for _ in baselines(night):
        pass
    _refuse_bench_options(night.settings.bench_option, bool(night.settings.categories))


def _refuse_bench_options(words: Iterable[str], is_chosen: bool) -> None:
    chosen = ["--categories"] if is_chosen else []
    for word in words:
        name = word.partition("=")[0]
        if word.startswith("-k"):
            chosen.append(word)
        like = difflib.get_close_matches(name, BENCH_OPTIONS, 1, 0.8)
        if word.startswith("--") and name not in BENCH_OPTIONS and like:
            raise UserError(f"--bench-option {word}: is {like[0]} meant?")
    if len(chosen) > 1:
        raise UserError(
            f"--bench-option: pytest heeds one -k alone, and here are {' and '.join(chosen)}; "
            "write one, with `or` or `and` in it"
        )


def _policy(night: Night) -> None:
    policy, name = policy_of(night), night.settings.policy
    chosen = night.settings.categories
    for category in _categories(policy):
        if category not in CATEGORIES:
            raise UserError(
                f"--policy {name}: there is no category {category}; there are "
                f"{', '.join(CATEGORIES)}"
            )
        if chosen and category not in chosen:
            raise UserError(
                f"--policy {name}: has a rule for {category}, which --categories leaves out"
            )


def _categories(policy: Policy) -> list[str]:
    return [*policy.category, *policy.run.categories]


CHECKS: dict[str, Callable[[Night], None]] = {
    "collect": _runs,
    "curate": _against,
    "train": _training,
    "benchmark": _benchmark,
    "gate": _policy,
}
