"""What a user says of the model that is to answer, as one record."""

from __future__ import annotations

from typing import Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.generate.answer import Sampling
from rtlbench.generate.model_options import MODEL_OPTIONS, field

SHIPPED_TOKENS = 320
"""The longest answer of the default model, where none is said: what it knows is shorter, and what
it does not know it would go on about to the end of its context."""


class Generation(msgspec.Struct, frozen=True, kw_only=True):
    """A model and how it is asked; see MODEL_OPTIONS for the words."""

    model: str
    adapter: str | None = MODEL_OPTIONS["--adapter"].default
    load_in_4bit: bool = MODEL_OPTIONS["--load-in-4bit"].default
    dtype: str = MODEL_OPTIONS["--dtype"].default
    device: str = MODEL_OPTIONS["--device"].default
    batch_size: int = MODEL_OPTIONS["--batch-size"].default
    temperature: float = MODEL_OPTIONS["--temperature"].default
    top_p: float = MODEL_OPTIONS["--top-p"].default
    max_tokens: int = MODEL_OPTIONS["--max-tokens"].default
    sampling_seed: int = MODEL_OPTIONS["--sampling-seed"].default
    base_url: str | None = MODEL_OPTIONS["--base-url"].default
    api_key_env: str = MODEL_OPTIONS["--api-key-env"].default
    concurrency: int = MODEL_OPTIONS["--concurrency"].default
    requests_per_minute: float | None = MODEL_OPTIONS["--requests-per-minute"].default
    request_timeout: float = MODEL_OPTIONS["--request-timeout"].default
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
        )


def generation(given: dict[str, Any], shipped: str | None = None) -> Generation | None:
    """The Generation that options (by field; None where not given) say; None without a model.

    Args:
        shipped: The model that answers where none is named.

    Raises:
        UserError: A value makes no sense, or there are options for a model, and no model.
    """
    said = {n: value for n, value in given.items() if value is not None and value is not False}
    model = said.pop("model", shipped)
    if model is None:
        if said:
            words = ", ".join("--" + name.replace("_", "-") for name in said)
            raise UserError(f"{words}: says how a model answers; name it by --model")
        return None
    if model == shipped:
        said.setdefault("max_tokens", SHIPPED_TOKENS)
    made = Generation(model=model, **said)
    _check(made)
    return made


def _check(made: Generation) -> None:
    rate, *prices = made.requests_per_minute, made.prompt_price, made.completion_price
    bad_prices = [price is not None and not price >= 0 for price in prices]
    wrong = {
        "--model": not made.model.strip(),
        "--temperature": not 0 <= made.temperature <= 100,
        "--top-p": not 0 < made.top_p <= 1,
        "--max-tokens": made.max_tokens < 1,
        "--sampling-seed": made.sampling_seed < 0,
        "--batch-size": made.batch_size < 1,
        "--concurrency": made.concurrency < 1,
        "--requests-per-minute": rate is not None and not rate > 0,
        "--request-timeout": not made.request_timeout > 0,
        "--prompt-price": bad_prices[0],
        "--completion-price": bad_prices[1],
    }
    found = [name for name, is_wrong in wrong.items() if is_wrong]
    if found:
        value = getattr(made, field(found[0]))
        raise UserError(f"{found[0]}: {value!r} makes no sense; {MODEL_OPTIONS[found[0]].help}")
