"""The model that is to answer: what can be said of it, and the source of answers that this means.

Each option is declared once, in MODEL_OPTIONS, and becomes an option of every command that asks a
model and of the pytest plugin. A source is a class, found by the prefix of `--model`. Quick to
import.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Any, NamedTuple, Protocol, cast

import msgspec

from rtlbench.errors import UserError
from rtlbench.extensions import found, load
from rtlbench.generate.answer import Answer, Generator, Request, Sampling
from rtlbench.generate.course import Course

SHIPPED_TOKENS = 320
"""The longest answer of the default model, where none is said: what it knows is shorter, and what
it does not know it would go on about to the end of its context."""
DEFAULT = "transformers"
LLAMA_CPP = "llama.cpp"
ENGINES = ("auto", DEFAULT, LLAMA_CPP)
SOURCES: dict[str, str] = {
    DEFAULT: "rtlbench.generate.transformers_model:TransformersModel",
    "openai": "rtlbench.generate.openai_endpoint:Endpoint",
    "openai-text": "rtlbench.generate.openai_endpoint:Endpoint",
    "router": "rtlbench.generate.router:Router",
    "recorded": "rtlbench.generate.recorded:RecordedTurns",
    LLAMA_CPP: "rtlbench.generate.llama_engine:LlamaCpp",
    "cmd": "rtlbench.generate.programs:ShellCommand",
    "function": "rtlbench.generate.programs:PythonFunction",
}
"""Module and class by prefix; imported when it is asked for."""
ADDRESSES: dict[str, tuple[str, str]] = {
    "ollama": ("http://localhost:11434/v1", ""),
    "llama.cpp": ("http://localhost:8080/v1", ""),
    "vllm": ("http://localhost:8000/v1", ""),
    "openrouter": ("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
    "gemini": ("https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY"),
    "anthropic": ("https://api.anthropic.com/v1", "ANTHROPIC_API_KEY"),
}
"""Endpoints compatible with OpenAI's that have a name: where they are, and the variable that holds
their key."""


class RunOption(NamedTuple):
    """One option, as it is declared for commands and for pytest alike."""

    metavar: str
    """What stands for its value in a help text; empty for a flag."""
    type: type
    default: Any
    help: str
    least: int | None = None
    """The lowest value, where there is one."""
    variable: str = ""
    """The environment variable that stands in where the option is not given."""
    many: bool = False
    """Whether it may be given several times, each time for one more value."""
    once: bool = False
    """Whether giving it twice is a mistake, not a second thought."""


MODEL_OPTIONS: dict[str, RunOption] = {
    "--model": RunOption("MODEL", str, None,
                         "folder, FILE.gguf or hub name (NAME[@REVISION]) of a causal model; "
                         "openai:NAME, or openai-text:NAME without chat, of an endpoint; "
                         "ollama:, llama.cpp:, vllm:, openrouter:, gemini: and anthropic:NAME "
                         "there; cmd:PROGRAM, prompt in, answer out; function:NAME of an entry "
                         "point; router:FILE.toml, an adapter for each category; "
                         "recorded:FILE.jsonl, answers as they stand there"),
    "--model-engine": RunOption("ENGINE", str, "auto",
                          "what computes FILE.gguf: transformers, llama.cpp (rtlbench[llamacpp]), "
                          "or auto: llama.cpp where it is installed"),
    "--adapter": RunOption("PATH", str, None, "PEFT adapter to put on the model"),
    "--load-in-4bit": RunOption("", bool, False, "4-bit NF4 weights, by bitsandbytes"),
    "--dtype": RunOption("TYPE", str,
                         "auto",
                         "type of the weights: auto (the checkpoint's), native (bfloat16 where "
                         "the machine computes in it, else float32), float32, bfloat16 or float16"),
    "--device": RunOption("DEVICE", str, "auto",
                          "where it runs: auto (all GPUs, or the CPU), or a torch device"),
    "--batch-size": RunOption("N", int, 32, "answers that a local model writes at a time"),
    "--temperature": RunOption("T", float, 0.8, "0 is greedy"),
    "--top-p": RunOption("P", float, 0.95, "share of probability that tokens are drawn from"),
    "--max-tokens": RunOption("N", int, 1024, "longest answer, in tokens"),
    "--sampling-seed": RunOption("S", int, 0, "seed of the draws"),
    "--system": RunOption("FILE", str, None, "text of a system's message before each task"),
    "--template": RunOption("FILE", str, None,
                            "Jinja that makes a message, or a JSON list of them, of a task"),
    "--few-shot": RunOption("N", int, 0, "examples before each task, of other families", least=0),
    "--stop": RunOption("TEXT", str, None, "text that ends an answer; may be repeated", many=True),
    "--extra-body": RunOption("JSON", str, None, "what else an endpoint is sent, an object"),
    "--header": RunOption("'NAME: VALUE'", str, None,
                          "of requests to an endpoint; $VARIABLE for a value is taken from the "
                          "environment; may be repeated", many=True),
    "--omit": RunOption("NAMES", str, None,
                        "parameters that an endpoint is not sent: temperature,top_p,seed,..."),
    "--cmd-in-sandbox": RunOption("", bool, False,
                                  "run the program of cmd: without network, files and keys of the "
                                  "user's; files named in it are copied in"),
    "--base-url": RunOption("URL", str, None, "endpoint (else OPENAI_BASE_URL, or OpenAI's)"),
    "--api-key-env": RunOption("NAME", str, "OPENAI_API_KEY",
                               "variable that holds the endpoint's key"),
    "--concurrency": RunOption("N", int, 8, "requests at a time to an endpoint; fewer while it "
                               "says that it is busy"),
    "--max-concurrency": RunOption("N", int, None,
                                   "as many at a time at most, where the endpoint is never busy "
                                   "(else as --concurrency)"),
    "--patience": RunOption("SECONDS", float, 1800.0,
                            "for an endpoint that says it is busy, since its last answer"),
    "--requests-per-minute": RunOption("R", float, None,
                                       "no more requests than that to an endpoint"),
    "--request-timeout": RunOption("SECONDS", float, 600.0, "for one request to an endpoint"),
    "--fail-on-error": RunOption("N", str, None,
                                 "stop when more requests than that have failed: a number, or a "
                                 "share of all such as 0.05"),
    "--prompt-price": RunOption("P", float, None, "of a million tokens of prompt, for the cost"),
    "--completion-price": RunOption("P", float, None,
                                    "of a million tokens of answer, for the cost"),
}  # fmt: skip


def field(flag: str) -> str:
    """The name that the value of `--some-option` has in a record: `some_option`."""
    return flag.removeprefix("--").replace("-", "_")


def help_of(option: RunOption) -> str:
    """What an option does, with its default and its environment variable."""
    shown = option.default not in (None, False)
    default = f" (default: {option.default})" if shown else ""
    variable = f" (else {option.variable})" if option.variable else ""
    return option.help + default + variable


class Generation(msgspec.Struct, frozen=True, kw_only=True):
    """A model and how it is asked; see MODEL_OPTIONS for the words."""

    model: str
    model_engine: str = MODEL_OPTIONS["--model-engine"].default
    adapter: str | None = MODEL_OPTIONS["--adapter"].default
    load_in_4bit: bool = MODEL_OPTIONS["--load-in-4bit"].default
    dtype: str = MODEL_OPTIONS["--dtype"].default
    device: str = MODEL_OPTIONS["--device"].default
    batch_size: int = MODEL_OPTIONS["--batch-size"].default
    temperature: float = MODEL_OPTIONS["--temperature"].default
    top_p: float = MODEL_OPTIONS["--top-p"].default
    max_tokens: int = MODEL_OPTIONS["--max-tokens"].default
    sampling_seed: int = MODEL_OPTIONS["--sampling-seed"].default
    system: str | None = None
    template: str | None = None
    few_shot: int = MODEL_OPTIONS["--few-shot"].default
    stop: tuple[str, ...] = ()
    extra_body: str | None = None
    header: tuple[str, ...] = ()
    omit: str | None = None
    cmd_in_sandbox: bool = MODEL_OPTIONS["--cmd-in-sandbox"].default
    base_url: str | None = MODEL_OPTIONS["--base-url"].default
    api_key_env: str = MODEL_OPTIONS["--api-key-env"].default
    concurrency: int = MODEL_OPTIONS["--concurrency"].default
    max_concurrency: int | None = MODEL_OPTIONS["--max-concurrency"].default
    patience: float = MODEL_OPTIONS["--patience"].default
    requests_per_minute: float | None = MODEL_OPTIONS["--requests-per-minute"].default
    request_timeout: float = MODEL_OPTIONS["--request-timeout"].default
    fail_on_error: str | None = MODEL_OPTIONS["--fail-on-error"].default
    prompt_price: float | None = MODEL_OPTIONS["--prompt-price"].default
    completion_price: float | None = MODEL_OPTIONS["--completion-price"].default

    @property
    def sampling(self) -> Sampling:
        """The part that decides which tokens are chosen."""
        return Sampling(
            temperature=self.temperature,
            top_p=self.top_p,
            max_tokens=self.max_tokens,
            seed=self.sampling_seed,
            stop=self.stop,
            extra_body=_canonical(self.extra_body),
            omitted=omitted(self.omit),
        )


def generation(given: dict[str, Any], shipped: str | None = None) -> Generation | None:
    """The Generation that options (by field; None where not given) say; None without a model.

    Args:
        shipped: The model that answers where none is named.

    Raises:
        UserError: A value makes no sense, or there are options for a model, and no model.
    """
    chosen: dict[str, Any] = {
        n: tuple(value) if isinstance(value, list) else value
        for n, value in given.items()
        if value is not None and value is not False and value not in ((), [])
    }
    model = chosen.pop("model", shipped)
    if model is None:
        if chosen:
            words = ", ".join("--" + name.replace("_", "-") for name in chosen)
            raise UserError(f"{words}: says how a model answers; name it by --model")
        return None
    if model == shipped:
        chosen.setdefault("max_tokens", SHIPPED_TOKENS)
    prefix, _, name = model.partition(":")
    if name and prefix in ADDRESSES:
        url, variable = ADDRESSES[prefix]
        model = f"openai:{name}"
        chosen.setdefault("base_url", url)
        if variable:
            chosen.setdefault("api_key_env", variable)
    asked = Generation(model=model, **chosen)
    _check(asked)
    return asked


def _check(asked: Generation) -> None:
    _canonical(asked.extra_body)
    rate, *prices = asked.requests_per_minute, asked.prompt_price, asked.completion_price
    bad_prices = [price is not None and not price >= 0 for price in prices]
    wrong = {
        "--model": not asked.model.strip(),
        "--model-engine": asked.model_engine not in ENGINES,
        "--temperature": not 0 <= asked.temperature <= 100,
        "--top-p": not 0 < asked.top_p <= 1,
        "--max-tokens": asked.max_tokens < 1,
        "--sampling-seed": asked.sampling_seed < 0,
        "--batch-size": asked.batch_size < 1,
        "--concurrency": asked.concurrency < 1,
        "--max-concurrency": asked.max_concurrency is not None
        and asked.max_concurrency < asked.concurrency,
        "--patience": not asked.patience >= 0,
        "--requests-per-minute": rate is not None and not rate > 0,
        "--request-timeout": not asked.request_timeout > 0,
        "--fail-on-error": _is_no_limit(asked.fail_on_error),
        "--few-shot": asked.few_shot < 0,
        "--cmd-in-sandbox": asked.cmd_in_sandbox and not asked.model.startswith("cmd:"),
        "--omit": not set(omitted(asked.omit)) <= OMITTABLE,
        "--prompt-price": bad_prices[0],
        "--completion-price": bad_prices[1],
    }
    for name, is_wrong in wrong.items():
        if is_wrong:
            value = getattr(asked, field(name))
            raise UserError(f"{name}: {value!r} makes no sense; {MODEL_OPTIONS[name].help}")


def notes_on(asked: Generation, samples: int) -> list[str]:
    """What to say of a way to ask that makes sense, but perhaps not the one that was meant."""
    if asked.temperature == 0 and samples > 1:
        return [f"--temperature 0: the {samples} samples of a task will be alike, or nearly"]
    return []


OMITTABLE = frozenset({"temperature", "top_p", "seed", "stop", "max_tokens"})
"""Parameters that an endpoint need not be sent."""


def omitted(given: str | None) -> tuple[str, ...]:
    """The names in a list of parameters to leave out, sorted."""
    names = {name.strip().replace("-", "_") for name in (given or "").split(",")}
    return tuple(sorted(names - {""}))


def _canonical(extra: str | None) -> str:
    """An object of JSON in one way of writing it.

    Raises:
        UserError: It is none.
    """
    if extra is None:
        return ""
    try:
        found = msgspec.json.decode(extra, type=dict[str, Any])
    except msgspec.MsgspecError as e:
        raise UserError(f"--extra-body {extra[:80]}: give an object of JSON ({e})") from e
    return msgspec.json.encode(found, order="deterministic").decode()


def limit_of(given: str | None, requests: int) -> int | None:
    """How many of `requests` may fail, by a number or a share; None for any.

    Raises:
        ValueError: It is neither.
    """
    if given is None:
        return None
    if given.isdecimal():
        return int(given)
    share = float(given)
    if not 0 <= share < 1:
        raise ValueError(given)
    return int(share * requests)


def _is_no_limit(given: str | None) -> bool:
    try:
        limit_of(given, 1)
    except ValueError:
        return True
    return False


class AnswerSource(Protocol):
    """Something that answers requests. In both calls below, `name` is `asked.model` without the
    prefix."""

    def __init__(self, asked: Generation, name: str) -> None:
        """The source, ready to answer.

        Raises:
            UserError: It cannot be loaded.
        """
        ...

    @staticmethod
    def describe(asked: Generation, name: str) -> Generator:
        """Who will answer, cheaply: nothing is loaded or called.

        Raises:
            UserError: It cannot work: a folder or a key is missing.
        """
        ...

    def answers(
        self, requests: Sequence[Request], course: Course | None = None
    ) -> Iterator[Answer]:
        """An Answer to each request, in any order, as they come; fewer where the course stops.

        Raises:
            UserError: It is misconfigured, or gives up; what was yielded stands.
        """
        ...


def describe(asked: Generation) -> Generator:
    """Who will answer, without loading or calling anything.

    Raises:
        UserError: It cannot work.
    """
    source, name = _source(asked)
    return source.describe(asked, name)


def open_source(asked: Generation) -> AnswerSource:
    """The source that `asked.model` names.

    Raises:
        UserError: It cannot be loaded.
    """
    source, name = _source(asked)
    return source(asked, name)


def _engine(asked: Generation) -> str:
    """What computes a model in this machine.

    Raises:
        UserError: What was chosen cannot.
    """
    if not asked.model.endswith(".gguf"):
        if asked.model_engine == LLAMA_CPP:
            raise UserError(f"--model-engine llama.cpp computes GGUF files; {asked.model} is none")
        return DEFAULT
    if asked.model_engine != "auto":
        return asked.model_engine
    is_there = find_spec("xllamacpp") is not None and find_spec("openai") is not None
    return LLAMA_CPP if is_there and not (asked.adapter or asked.load_in_4bit) else DEFAULT


def _source(asked: Generation) -> tuple[type[AnswerSource], str]:
    prefix, colon, name = asked.model.partition(":")
    if colon and prefix not in SOURCES and prefix in found("sources"):
        return cast(type[AnswerSource], load("sources", prefix)), name
    if not colon or prefix not in SOURCES:
        prefix, name = _engine(asked), asked.model
    elif asked.model_engine != "auto":
        raise UserError(f"--model-engine is for FILE.gguf; {asked.model} is none: leave it out")
    try:
        return cast(type[AnswerSource], pkgutil.resolve_name(SOURCES[prefix])), name
    except ModuleNotFoundError as e:
        raise UserError(f"an endpoint needs the package openai ({e.name}); "
                        "pip install 'rtlbench[openai]'") from e  # fmt: skip
