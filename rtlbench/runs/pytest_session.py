"""The Session of a pytest process: made of its options, or of what xdist's controller hands on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

from rtlbench.errors import UserError
from rtlbench.runs.options import is_worker, option

if TYPE_CHECKING:
    from rtlbench.generate.options import Generation
    from rtlbench.records.spec import Spec
    from rtlbench.runs.session import Session

SESSION = pytest.StashKey["Session"]()
_FOLDER = "rtlbench_results"
_SPECS = "rtlbench_specs"


def session_of(config: pytest.Config) -> Session:
    """The session of this process, made when it is first asked for.

    Raises:
        UserError: Something that the user named cannot be used.
    """
    if SESSION not in config.stash:
        from rtlbench.runs.session import Session, SessionOptions
        from rtlbench.suites import with_fresh

        samples = option(config, "--samples")
        if samples is not None and samples < 1:
            raise UserError("--samples: give a number of at least 1")
        fresh, count = option(config, "--fresh"), option(config, "--fresh-count")
        options = SessionOptions(
            suite=with_fresh(option(config, "--suite"), fresh, count),
            candidates=option(config, "--candidates"),
            generation=_generation_of(config),
            samples=samples,
            simulator=option(config, "--simulator"),
            seed=option(config, "--seed"),
            formal=option(config, "--formal"),
            results=_results_of(config),
        )
        ours = Session(options, _specs_of(config))
        if not is_worker(config) and not config.option.collectonly:
            ours.open()
            config.hook.pytest_rtlbench_started(
                folder=str(ours.folder.path),
                answers=ours.count,
                problems=ours.answers.problem_count,
            )
        config.stash[SESSION] = ours
    return config.stash[SESSION]


def _generation_of(config: pytest.Config) -> Generation | None:
    """The model that is asked; where no recorded answers are given, the shipped one."""
    from rtlbench.generate.model_options import KNOBS, field
    from rtlbench.generate.options import generation
    from rtlbench.io.shipped import shipped_model

    shipped = None if option(config, "--candidates") else shipped_model()
    return generation({field(name): option(config, name) for name in KNOBS}, shipped)


def _results_of(config: pytest.Config) -> str | None:
    if not is_worker(config):
        return option(config, "--results")  # type: ignore[no-any-return]
    folder = str(config.workerinput[_FOLDER])  # type: ignore[attr-defined]
    if not folder:
        raise UserError(
            "with -n, name the file or folder of the tests that ask for `rtl_spec`, "
            "or give --results FOLDER"
        )
    return folder


def _specs_of(config: pytest.Config) -> Sequence[Spec] | None:
    if not is_worker(config):
        return None
    import msgspec

    from rtlbench.records.spec import Spec

    return msgspec.json.decode(config.workerinput[_SPECS], type=list[Spec])  # type: ignore[attr-defined]


def hand_on(node: Any) -> None:
    """Give a worker of xdist's the results folder that the controller opened, and the Specs."""
    import msgspec

    ours = node.config.stash.get(SESSION, None)
    node.workerinput[_FOLDER] = str(ours.folder.path.resolve()) if ours else ""
    node.workerinput[_SPECS] = msgspec.json.encode(list(ours.specs.values())) if ours else b"[]"
