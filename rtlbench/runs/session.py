"""One run of the benchmark in one process: which Specs, which answers, what is recorded."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

import rtlbench
from rtlbench.errors import UserError
from rtlbench.extensions import asked_checks
from rtlbench.generate.answer import Usage
from rtlbench.generate.asked import sampled_with
from rtlbench.generate.background import GeneratedAnswers
from rtlbench.generate.recorded import CandidateFile, Problem
from rtlbench.generate.source import Generation, generation, notes_on
from rtlbench.intake.task_names import TaskNames
from rtlbench.io.explain import cause, in_a_line
from rtlbench.io.shipped import shipped_answers, shipped_model
from rtlbench.io.untrusted import one_line
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.rtl.versions import stand_ins, survey, tool_versions, usable
from rtlbench.runs.command import command_of
from rtlbench.runs.options import SessionOptions
from rtlbench.runs.remote import RemoteVerifier
from rtlbench.runs.results import ModelFigures, ResultsFolder, Run, RunConfig, utc_now
from rtlbench.runs.samples import SUPERSEDED
from rtlbench.runs.suite import left_out, read_suite
from rtlbench.runs.tasks import MissingTask, TasksAsked, counted, tasks_asked
from rtlbench.runs.two_verdicts import Comparing, WithoutErrata, without_errata
from rtlbench.sandbox.sandbox import isolation
from rtlbench.scoring import weights_with
from rtlbench.simulation.simulators import choose_simulator
from rtlbench.statistics import Judged, by_category, summarise
from rtlbench.suites.errata import errata_of
from rtlbench.verifier import BATCH, Config, Verifier

BROKEN_SHOWN = 3


def default_results() -> str:
    """A new results folder, for where none is given: named by the time and a few random digits,
    since two runs may begin in one second and a clock may be set back."""
    time_of_day = utc_now().replace(":", "").replace("+0000", "Z")
    return str(Path("results") / f"{time_of_day}-{secrets.token_hex(2)}")


class Session:
    """Reads Specs and answers, judges, records. Nothing is written before `open`.

    Args:
        specs: The suite as another process read it: workers do not read it again.

    Raises:
        UserError: A file, folder, suite or simulator that was named cannot be used.
    """

    def __init__(self, options: SessionOptions, specs: Sequence[Spec] | None = None) -> None:
        self.options = options
        suite = read_suite(options.suite) if specs is None else specs
        self.specs = {s.id: s for s in suite}
        if options.judge != "reference" and not any(s.testbench for s in suite):
            raise UserError(f"--judge {options.judge}: {options.suite} has no rule of its own")
        if options.judge != "reference" and options.judge_url is not None:
            raise UserError(f"--judge {options.judge}: a service judges by `reference` alone")
        self.verifier = _verifier_of(options)
        self.folder = ResultsFolder(Path(options.results or default_results()))
        self.generation = _generation_of(options)
        """How a model is asked, where one gives the answers in the course of the run."""
        self.generated: GeneratedAnswers | None = None
        """Its answers."""
        self.answers = self._open_answers()
        self.selection = ("", "")
        """What pytest is to choose, by -k and -m; set before `open`."""
        self.notes = [told] if specs is None and (told := left_out(options.suite)) else []
        """What stands in for what is missing."""
        self.broken: list[str] = []
        """Why the harness could not judge some answers, a line a cause; known at the end."""
        self.seconds = 0.0
        """How long the run took; known at the end."""
        self.chosen: set[str] = set()
        """Ids of the tasks that this run is about, answered or not, as far as pytest told."""
        self.missing: dict[str, tuple[MissingTask, ...]] = {}
        """The tasks without an answer that count as wrong, by model; known at the end."""
        self._simulator = self.verifier.config.simulator
        self._begun = time.monotonic()
        self._run: Run | None = None

    def _open_answers(self) -> CandidateFile | GeneratedAnswers:
        candidates = self.options.candidates
        if self.generation is None:
            return CandidateFile(candidates or shipped_answers(), TaskNames(self.specs.values()))
        if candidates:
            raise UserError("--candidates and --model: answers are recorded, or a model gives them")
        samples = self.options.samples or 1
        folder = self.folder.path
        self.generated = GeneratedAnswers(folder, self.specs.values(), self.generation, samples)
        return self.generated

    def open(self) -> None:
        """Make sure that everything needed is here, and open the results folder.

        Called once, in the process that leads.

        Raises:
            UserError: A tool is missing, there is no answer to judge, or the folder cannot be used.
        """
        tools, held = self._judged_by()
        if not self.count and not self.answers.problem_count:
            raise UserError(f"{self.answers.path}: holds no answers; give a JSONL file with some")
        config = self._run_config(tools)
        run = Run(
            status="running",
            started=utc_now(),
            rtlbench=rtlbench.__version__,
            config=config,
            isolation=held,
            command=command_of(self._given(), *self.selection),
            sampled_with=self._sampled_with(),
            problems=[str(p) for p in self.problems],
            problem_count=self.answers.problem_count,
        )
        self.folder.open(run)
        self.notes += [*self.folder.repairs, *self._superseded()]
        self._run = run

    def _superseded(self) -> list[str]:
        """Have Verdicts of recorded answers that have changed since count no more."""
        answers = self.answers
        if not isinstance(answers, CandidateFile) or not self.folder.samples.is_file():
            return []
        now = {
            (c.spec_id, c.model, c.sample): c.digest()
            for spec_id in self.specs for c in answers.answers(spec_id)
        }  # fmt: skip
        old = self.folder.supersede(
            lambda of: now.get((of.spec_id, of.model, of.sample)) == of.candidate_hash
        )
        counted = "1 answer has" if old == 1 else f"{old} answers have"
        told = f"{counted} changed since, or gone; the earlier verdicts are in {SUPERSEDED}"
        return [told] if old else []

    def _given(self) -> dict[str, Any]:
        """The options that were given, by field."""
        own = msgspec.structs.asdict(self.options)
        return {**own, **own.pop("model")}

    def _sampled_with(self) -> dict[str, str]:
        if isinstance(self.answers, CandidateFile):
            return self.answers.asked.sampled_with(self.answers.path)
        device = self.generation.device if self.generation is not None else ""
        return sampled_with(self.answers.generator, device)

    def _usage(self) -> Usage | None:
        answers = self.answers
        if isinstance(answers, CandidateFile):
            return answers.asked.usage(answers.path)
        return answers.usage()

    def _judged_by(self) -> tuple[dict[str, str], str]:
        """The versions of what judges, and what is held back of its tools."""
        if isinstance(self.verifier, RemoteVerifier):
            about = self.verifier.about
            self.notes += [f"judged by {self.verifier.url}"]
            return {"rtlbench": about.rtlbench, **about.tools}, about.isolation
        found = survey()
        if missing := usable(found):
            raise UserError("\n".join([*missing, "see `rtlbench doctor`"]))
        self.notes += stand_ins(found, self._simulator)
        return {"rtlbench": rtlbench.__version__, **tool_versions(found)}, str(isolation())

    @property
    def handed_on(self) -> str:
        """The file of answers that xdist's workers are to read instead of what was given; empty
        where that will do."""
        answers = self.answers
        if isinstance(answers, CandidateFile) and answers.lines_path != answers.path:
            return str(answers.lines_path)
        return ""

    @property
    def problems(self) -> list[Problem]:
        """Input that could not be used."""
        return self.answers.problems

    @property
    def count(self) -> int:
        """How many answers there are to judge."""
        return self.count_of(self.specs)

    def count_of(self, spec_ids: Collection[str]) -> int:
        """How many of them are to these Specs."""
        return self.answers.count(spec_ids, self.options.samples)

    def specs_with_answers(self) -> list[Spec]:
        """The Specs that there is something to judge for, in the suite's order."""
        return [s for s in self.specs.values() if self.answers.has(s.id)]

    def begin_generating(self, spec_ids: Collection[str]) -> None:
        """Have a model, if one is asked, answer these Specs from now on.

        Called once, in the process that leads, when it is known what will be judged.

        Raises:
            UserError: The results folder holds other answers, or cannot be written to.
        """
        if self.generated is not None:
            self.generated.begin(spec_ids)
            self.notes += self.generated.notes
            self.notes += notes_on(self.generation, self.options.samples or 1) if self.generation \
                else []

    def end_generating(self) -> None:
        """Stop what `begin_generating` began."""
        if self.generated is not None:
            self.generated.end()

    def judge(self, spec: Spec) -> list[Verdict]:
        """The Verdict of every answer to `spec`; those not yet recorded are made and recorded.

        An answer that the harness could not judge in an earlier run is judged again.

        Raises:
            UserError: They cannot be recorded.
        """
        found: list[Verdict] = []
        answers = self.answers.answers(spec.id, self.options.samples)
        for batch in _batches(answers, BATCH):
            found += self._judge_batch(spec, batch)
        return found

    def unanswered(self, spec: Spec) -> list[str]:
        """Why requests of a Spec that `judge` was asked about have no answer, a line each."""
        if self.generated is None:
            return []
        ended = self.generated.unanswered(spec.id)
        return [f"sample {a.sample}: {a.ended}: {a.why}" for a in ended]

    def _judge_batch(self, spec: Spec, batch: Sequence[Candidate]) -> list[Verdict]:
        recorded = self.folder.recorded()
        keys = [self.verifier.key(spec, c) for c in batch]
        new = [c for c, k in zip(batch, keys, strict=True) if k not in recorded]
        made = {v.key: v for v in self.verifier.verify(spec, new)}
        self.folder.append(made.values())
        return [
            made[k] if k not in recorded else self._recorded(recorded[k], spec, c)
            for c, k in zip(batch, keys, strict=True)
        ]

    def _recorded(self, offset: int, spec: Spec, answer: Candidate) -> Verdict:
        """The Verdict on record, made sure that it is of this answer.

        Raises:
            UserError: It is not, so that someone else must have written it.
        """
        found = self.folder.read_at(offset)
        of = (found.spec_id, found.model, found.sample, found.candidate_hash)
        if of != (spec.id, answer.model, answer.sample, answer.digest()):
            raise self.folder.unfit(offset, "it has the key of another answer")
        return found

    def finish(self, status: str = "finished") -> None:
        """Sum up everything recorded, in run.json.

        Raises:
            UserError: It cannot be written.
        """
        if self._run is None:
            return
        by_model: dict[str, list[Judged]] = defaultdict(list)
        comparing = Comparing()
        broken: dict[str, list[str]] = {}
        for verdict in self.folder.verdicts():
            by_model[verdict.model].append(Judged.of(verdict))
            comparing.add(verdict)
            if verdict.outcome is Outcome.ERROR:
                broken.setdefault(cause(verdict), []).append(in_a_line(verdict))
        self.broken = [_first_of(lines) for lines in islice(broken.values(), BROKEN_SHOWN)]
        self.seconds = time.monotonic() - self._begun
        self.notes += too_few(by_model, self.options.samples) + uneven(by_model)
        asked = self._tasks(by_model)
        alone = next(iter(asked.values()), None)
        run = msgspec.structs.replace(
            self._run,
            status=status,
            finished=max(self._run.started, utc_now()),  # whatever the clock did
            usage=self._usage(),
            suite_rule=comparing.result(counted(alone)) if len(by_model) < 2 else None,
            without_errata=self._without_errata(counted(alone)) if len(by_model) < 2 else None,
            **figures_of(by_model, asked),
        )
        self.missing = {model: one.missing for model, one in asked.items() if one.missing}
        self.folder.write_run(run)

    def _tasks(self, by_model: Mapping[str, Sequence[Judged]]) -> dict[str, TasksAsked]:
        """The tasks of each model's answers."""
        answers = self.answers
        return {
            model: tasks_asked(
                self.specs.values(),
                judged,
                selected=self.chosen,
                answered=answers.answered_by(model) if isinstance(answers, CandidateFile) else (),
                unanswered=self._open(model),
                is_partial=self.options.partial,
                has_function=self.options.judge != "own",
            )
            for model, judged in by_model.items()
        }

    def _open(self, model: str) -> Collection[str]:
        """Ids of tasks whose requests ended without an answer, or have not ended."""
        answers = self.answers
        return answers.ended[model] if isinstance(answers, CandidateFile) else self.chosen

    def _without_errata(self, beside: Sequence[Judged]) -> WithoutErrata | None:
        """What the figures are without tasks at fault, where that was asked.

        Args:
            beside: Answers that are not there and count as wrong.
        """
        if self.options.errata != "on":
            return None
        known = errata_of(self.specs.values())
        unsound = [task for task, entry in known.items() if entry.is_unsound]
        return without_errata(unsound, self.folder.verdicts(), beside)

    def _run_config(self, tools: dict[str, str]) -> RunConfig:
        digests = "".join(s.digest() for s in self.specs.values())
        asked = self.generation
        generator = self.generated.generator if self.generated is not None else None
        sampling = asked.sampling if asked is not None else None
        wording = self.generated.words.record() if self.generated is not None else None
        if isinstance(self.answers, CandidateFile):
            asker = self.answers.asked.asker()
            generator, sampling = (asker.generator, asker.sampling) if asker else (None, None)
            wording = self.answers.asked.wording(self.answers.path)
        return RunConfig(
            suite=self.options.suite.partition("=")[0],
            suite_hash=hashlib.sha256(digests.encode()).hexdigest(),
            simulator=self._simulator,
            seed=self.options.seed,
            formal=self.options.formal,
            judge=self.options.judge,
            samples=self.options.samples,
            candidates=self.answers.path.name,
            generator=generator,
            sampling=sampling,
            wording=wording,
            tools=tools,
            weights=weights_with(asked_checks()),
        )


def figures_of(
    by_model: Mapping[str, Sequence[Judged]], asked: Mapping[str, TasksAsked]
) -> dict[str, Any]:
    """The figures of run.json: over all answers, or, of several models, over those of each.

    Args:
        asked: The tasks of each model's answers; those without an answer count as wrong.
    """
    every = {name: [*judged, *counted(asked[name])] for name, judged in by_model.items()}
    if len(every) > 1:
        return {
            "models": {
                name: ModelFigures(
                    total=summarise(judged), categories=by_category(judged), tasks=asked[name]
                )
                for name, judged in sorted(every.items())
            }
        }
    judged = next(iter(every.values()), [])
    alone = next(iter(asked.values()), None)
    return {"total": summarise(judged), "categories": by_category(judged), "tasks": alone}


def too_few(by_model: Mapping[str, Sequence[Judged]], samples: int | None) -> list[str]:
    """What to say where tasks have fewer answers than were asked for."""
    notes = []
    for name, judged in by_model.items():
        counts = Counter(j.spec_id for j in judged).values()
        few = [n for n in counts if n < (samples or 0)]
        if few:
            of = f" of {one_line(name)}" if len(by_model) > 1 else ""
            notes.append(
                f"{len(few)} of the {len(counts)} tasks answered have fewer than the {samples} "
                f"answers asked for{of} (the least: {min(few)}): pass@k is over those that have k"
            )
    return notes


def uneven(by_model: Mapping[str, Sequence[Judged]]) -> list[str]:
    """What to say where some tasks have more answers than others: they weigh more."""
    notes = []
    for name, judged in by_model.items():
        counts = Counter(j.spec_id for j in judged).values()
        if len(set(counts)) > 1:
            of = f" of {one_line(name)}" if len(by_model) > 1 else ""
            notes.append(
                f"tasks have {min(counts)} to {max(counts)} answers{of}: in the figures by answers "
                "those with more weigh more; --samples N takes the first N of each"
            )
    return notes


def _generation_of(options: SessionOptions) -> Generation | None:
    """The model that is asked; where no recorded answers are given, the shipped one."""
    return generation(dict(options.model), None if options.candidates else shipped_model())


def _verifier_of(options: SessionOptions) -> Verifier:
    """What judges: this machine, or the service that is named."""
    if options.judge_url is not None:
        return RemoteVerifier(
            options.judge_url, options.simulator, seed=options.seed, formal=options.formal
        )
    simulator = choose_simulator(options.simulator)
    config = Config(
        simulator=simulator, seed=options.seed, formal=options.formal, judge=options.judge
    )
    return Verifier(config)


def _first_of(lines: Sequence[str]) -> str:
    more = f" (and {len(lines) - 1} more for the same cause)" if len(lines) > 1 else ""
    return lines[0] + more


def _batches(items: Iterator[Candidate], size: int) -> Iterator[list[Candidate]]:
    while batch := list(islice(items, size)):
        yield batch
