"""What is asked of a model, as records and as prompts, and what it answered: a line of an answers
file. Training makes its prompts here too, so that both agree.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec

from rtlbench.errors import UserError
from rtlbench.records.candidate import CUT_OFF
from rtlbench.records.spec import Spec

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

ANSWER_SCHEMA_VERSION = 1
Ended = Literal["answered", "refused", "filtered", "failed"]
"""How a request ended: with an answer; the model would not; the endpoint kept it back; or it failed
on the way. Only an answer is judged."""
ANSWERED: Ended = "answered"
N = TypeVar("N", int, float)


class Sampling(msgspec.Struct, frozen=True, kw_only=True):
    """How tokens are chosen."""

    temperature: float
    """0 is greedy."""
    top_p: float
    """Share of probability that is drawn from; 1 is all of it."""
    max_tokens: int
    """The longest answer; a longer one is cut off, and its finish reason is `length`."""
    seed: int
    """Every request's own seed follows from it."""
    stop: tuple[str, ...] = ()
    """Texts that end an answer, and are not part of it."""
    extra_body: str = ""
    """What else an endpoint is sent, as JSON."""
    omitted: tuple[str, ...] = ()
    """Parameters that an endpoint is not sent, by name."""


class Generator(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers: all that decides what it says, save the sampling."""

    source: str
    """The kind: `transformers`, `openai`, ..."""
    model: str
    """Name on the hub or at the endpoint; of a local folder its own name."""
    revision: str = ""
    """SHA-256 (see rtlbench.generate.adapters) of a local folder; a hub revision that was named;
    empty where nothing tells one."""
    adapter: str | None = None
    adapter_revision: str = ""
    four_bit: bool = False
    dtype: str = ""
    base_url: str = ""
    sandboxed: bool = False
    """Of a program: whether it was shut in."""

    @property
    def name(self) -> str:
        """What tables call it."""
        return self.model if self.adapter is None else f"{self.model}+{self.adapter}"


class Message(msgspec.Struct, frozen=True):
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One answer that is asked for."""

    spec_id: str
    sample: int
    """From 0."""
    prompt: str
    """The task in words, before any chat template."""
    seed: int
    """In [0, 2**31): what endpoints take."""
    category: str = ""
    top: str = ""
    """The module that is asked for, where one is."""
    turn: int = 1
    """Which of several attempts this is, from 1."""
    conversation: tuple[Message, ...] = ()
    """What `prompt` says, as turns, for those who chat; empty where it is one turn."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an answers file. Whoever reads candidates can read it."""

    spec_id: str
    sample: int
    completion: str
    """As the model gave it, prose and fences and all."""
    model: str
    """What tables call who answered."""
    finish_reason: str | None = None
    """`stop`; `length` where the limit on tokens cut it off; or what the endpoint says."""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    ended: Ended = ANSWERED
    why: str = ""
    """Why there is no answer, in a line."""
    reasoning: str | None = None
    """What the model thought before, where the endpoint keeps that apart."""
    reasoning_tokens: int | None = None
    """Of `completion_tokens`, those that were thought."""
    cached_tokens: int | None = None
    """Of `prompt_tokens`, those that the endpoint had read before."""
    served_model: str | None = None
    """The model that answered, as the endpoint calls it."""
    fingerprint: str | None = None
    """Of the endpoint's system, as it tells it."""
    seconds: float = 0.0
    """From asking to the last token; of a batch, those of the whole batch."""
    latency: float | None = None
    """From the last try to the last token, without waiting; of an endpoint."""
    tries: int = 1
    """Requests that left for it."""
    omitted: tuple[str, ...] = ()
    """Parameters that were left out since the endpoint refused them by name."""
    cost: float | None = None
    """In the currency of the prices that were given."""
    adapter: str | None = None
    """The adapter that gave this very answer."""
    seed: int = 0
    """The request's own."""
    prompt_hash: str = ""
    """SHA-256 of the request's prompt."""
    wording: str = ""
    """SHA-256 of how tasks were put; the words themselves are in `NAME.asked.json`."""
    sampling: Sampling
    generator: Generator
    schema_version: int = ANSWER_SCHEMA_VERSION


def requests_for(
    specs: Iterable[Spec],
    samples: int,
    seed: int,
    turns_of: Callable[[Spec], tuple[Message, ...]] = lambda _spec: (),
) -> list[Request]:
    """`samples` requests for every Spec, in the Specs' order.

    Args:
        turns_of: What a Spec becomes, where its own words will not do.
    """
    turns = {spec.id: (spec, turns_of(spec)) for spec in specs}
    return [
        Request(
            spec_id=spec.id,
            sample=sample,
            prompt="\n\n".join(t.content for t in said) if said else spec.prompt,
            seed=request_seed(seed, spec.id, sample),
            category=spec.category,
            top=spec.top,
            conversation=said,
        )
        for spec, said in turns.values()
        for sample in range(samples)
    ]


def request_seed(seed: int, spec_id: str, sample: int) -> int:
    """The seed of one request: the same whatever else is asked for."""
    digest = hashlib.sha256(f"{seed}\0{spec_id}\0{sample}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def answer_to(
    request: Request, completion: str, generator: Generator, sampling: Sampling, **known: Any
) -> Answer:
    """The Answer of `generator` to a request.

    Args:
        known: Its other fields, as far as the source tells them.
    """
    return Answer(
        spec_id=request.spec_id,
        sample=request.sample,
        completion=completion,
        model=generator.name,
        seed=request.seed,
        prompt_hash=prompt_hash(request.prompt),
        sampling=sampling,
        generator=generator,
        **known,
    )


def without_second_copy(text: str, top: str) -> str:
    """What a model that does not chat wrote, up to where it begins the module anew behind a whole
    one: it goes on to the end of its room, and what counts is what it wrote first."""
    starts = [m.start() for m in re.finditer(rf"^[ \t]*module\s+{re.escape(top)}\b", text, re.M)]
    if not top or len(starts) < 2:
        return text
    ended = re.search(r"\bendmodule\b", text[starts[0] : starts[1]])
    return text[: starts[1]] if ended else text


def prompt_hash(prompt: str) -> str:
    """SHA-256 of a prompt, hex."""
    return hashlib.sha256(prompt.encode("utf-8", "surrogatepass")).hexdigest()


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What answers took; None where an endpoint does not say."""

    answers: int = 0
    truncated: int = 0
    """Those that the limit on tokens cut off."""
    refused: int = 0
    """Requests to which the model would not answer; like the next two they are not judged."""
    filtered: int = 0
    """Those whose answers the endpoint kept back."""
    failed: int = 0
    """Those that failed on the way; the same command asks them again."""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost: float | None = None
    requests: int | None = None
    """Requests that left, tries and those that a kill cut off included; of an endpoint."""
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
    finish_reasons: dict[str, int] = {}
    """Answers by how they ended, as the source says it."""
    omitted: dict[str, int] = {}
    """Answers by the parameters that were left out since the endpoint refused them."""
    served: dict[str, int] = {}
    """Answers by the model and fingerprint that the endpoint names."""


def usage_of(answers: Iterable[Answer]) -> Usage:
    """The sums over `answers`."""
    every = [msgspec.structs.replace(a, completion="", reasoning=None) for a in answers]
    ended = Counter(a.ended for a in every)
    return Usage(
        answers=ended[ANSWERED],
        refused=ended["refused"],
        filtered=ended["filtered"],
        failed=ended["failed"],
        truncated=sum(a.finish_reason == CUT_OFF for a in every),
        prompt_tokens=_sum([a.prompt_tokens for a in every]),
        completion_tokens=_sum([a.completion_tokens for a in every]),
        cost=_sum([a.cost for a in every]),
        reasoning_tokens=_sum([a.reasoning_tokens for a in every]),
        cached_tokens=_sum([a.cached_tokens for a in every]),
        finish_reasons=_counts(a.finish_reason for a in every),
        omitted=_counts(", ".join(a.omitted) for a in every),
        served=_counts(" ".join(n for n in (a.served_model, a.fingerprint) if n) for a in every),
    )


def _counts(names: Iterable[str | None]) -> dict[str, int]:
    return dict(sorted(Counter(n for n in names if n).items()))


def _sum(values: Sequence[N | None]) -> N | None:
    known = [v for v in values if v is not None]
    return sum(known[1:], known[0]) if known else None


def messages_for(instruction: str, conversation: Sequence[Message] = ()) -> list[dict[str, str]]:
    """What a model that chats is sent: the conversation, or the instruction as one message."""
    return [msgspec.structs.asdict(m) for m in conversation or [Message("user", instruction)]]


def as_prompt(
    tokenizer: PreTrainedTokenizerBase, instruction: str, conversation: Sequence[Message] = ()
) -> str:
    """The text that the model goes on from: the tokenizer's chat template where it has one, else
    the instruction and a newline."""
    if not tokenizer.chat_template:
        return instruction + "\n"
    from jinja2 import TemplateError

    wrong = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError)

    try:
        text: Any = tokenizer.apply_chat_template(
            messages_for(instruction, conversation), tokenize=False, add_generation_prompt=True
        )
    except wrong as e:
        hint = "; see --system" if any(m.role == "system" for m in conversation) else ""
        raise UserError(f"the model's chat template cannot be rendered ({e}){hint}") from e
    return str(text)


def prompt_ids(
    tokenizer: PreTrainedTokenizerBase, instruction: str, conversation: Sequence[Message] = ()
) -> list[int]:
    """The ids of `as_prompt`; a chat template brings its own special tokens."""
    text = as_prompt(tokenizer, instruction, conversation)
    encoded: Any = tokenizer(text, add_special_tokens=not tokenizer.chat_template)
    return list(encoded.input_ids)
