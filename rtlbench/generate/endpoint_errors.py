"""What an endpoint's refusals mean: which pass by, how long to wait, what to tell the user."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from openai import APIConnectionError, APIError, APIStatusError, APITimeoutError

from rtlbench.generate.secrets import masked

LONGEST_WAIT = 300.0
"""Seconds; an endpoint that asks for more is waited for no longer."""
SHOWN = 206
"""Letters of what an endpoint says."""
MASKED = 1 << 16
"""Letters of it that are looked at, far more than are shown."""
PASSING = frozenset({408, 409, 429})
"""Besides all that are the server's own fault."""


def passes_by(error: BaseException) -> bool:
    """Whether trying again may help."""
    if isinstance(error, APIStatusError):
        return error.status_code in PASSING or error.status_code >= 500
    return isinstance(error, APIConnectionError | TimeoutError)


def asked_to_wait(error: BaseException | None) -> float | None:
    """Seconds that the endpoint asks for by `Retry-After`, or None."""
    if not isinstance(error, APIStatusError):
        return None
    told = error.response.headers.get("retry-after", "")
    try:
        seconds = float(told)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(told).timestamp() - time.time()
        except ValueError:
            return None
    return min(max(seconds, 0.0), LONGEST_WAIT)


def explained(error: Exception, where: str, model: str, secrets: tuple[str, ...]) -> str:
    """One message: what the endpoint said, and what to do; never one of the secrets."""
    said = masked(_said(error)[:MASKED], secrets)[:SHOWN]  # what is cut first can't be found
    status = error.status_code if isinstance(error, APIStatusError) else 0
    if status in (401, 403):
        remedy = "refuses the API key ({}); set OPENAI_API_KEY, or name another by --api-key-env"
    elif status == 404:
        remedy = f"has no model {model!r} there ({{}}); see --model and --base-url"
    elif status == 429:
        remedy = "takes no more requests ({}); see --concurrency and --requests-per-minute"
    elif status >= 500:
        remedy = "failed again and again ({}); run the same again when it works"
    elif status:
        remedy = "refuses the request ({}); see --model, --max-tokens, --temperature"
    elif isinstance(error, APITimeoutError | TimeoutError):
        remedy = "did not answer in time ({}); see --request-timeout and --concurrency"
    elif isinstance(error, APIConnectionError):
        remedy = "cannot be reached ({}); see --base-url"
    else:
        remedy = "gave what is no answer ({}); see --base-url"
    return f"{where}: " + remedy.replace("{}", said)


def without_secrets(url: str) -> str:
    """A URL without user, password and query."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}{parts.path}".rstrip("/")


def _said(error: Exception) -> str:
    if isinstance(error, APIStatusError):
        body = error.body
        words = body if isinstance(body, dict) else {}
        told = words.get("message") or words.get("detail")
        return f"{error.status_code}: {told or error.message}"
    cause = error.__cause__ if isinstance(error, APIError) else None
    return str(cause or error) or type(error).__name__
