"""What an endpoint says: which refusals pass by, how long to wait, and what to tell the user; and
its key: read from the environment, fit for a header, and never shown or kept.

What an endpoint says may have the key in it, as it is or as some library wrote it; so it is masked
before anything is cut off, and in answers too, which are kept.
"""

from __future__ import annotations

import difflib
import html
import json
import os
import re
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from openai import APIConnectionError, APIError, APIStatusError, APITimeoutError

from rtlbench.errors import UserError
from rtlbench.generate.answer import Ended
from rtlbench.generate.source import MODEL_OPTIONS, Generation

LONGEST_WAIT = 300.0
"""Seconds; an endpoint that asks for more is waited for no longer."""
SHOWN = 206
"""Letters of what an endpoint says."""
MASKED = 1 << 16
"""Letters of it that are looked at, far more than are shown."""
PASSING = frozenset({408, 409, 429})
"""Besides all that are the server's own fault."""
BUSY = frozenset({429, 529})
"""Too many requests, of ours or of all."""
DOOMED = frozenset({401, 402, 403, 404})
SPENT = frozenset({"insufficient_quota", "billing_hard_limit_reached", "credit_balance_too_low"})
"""What waiting does not mend, though some send it with the status of a busy endpoint."""
FILTERS = frozenset({"content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation"})
"""Codes of errors that speak of a filter."""
MASK = "***"
HEAD = 8
"""Letters of a key that tell a part of it from other text."""
LONG = 16
"""Letters of a key that no answer has by chance; a shorter one, such as `none`, is no secret."""
_NAME = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
"""What is a variable's name and can hardly be a key that was given in its place."""
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_UNKNOWN = re.compile(
    r"unsupported|not supported|does not support|unknown|unrecogni[sz]ed|unexpected|not permitted|"
    r"not allowed|extra inputs|no field|deprecated|cannot be used|not compatible",
    re.I,
)
_NO_MODEL = re.compile(
    r"\b(unknown|invalid|unavailable|no such|nonexistent|unrecogni[sz]ed) model\b|"
    r"\bmodel[ _](name |id )?(is )?(not[ _](found|exist|available|loaded)|unknown|invalid)|"
    r"\bnot a valid model\b|\bno model (named|called|with)\b",
    re.I,
)
_NOT_THERE = re.compile(
    r"pinned to|not found|not exist|n't exist|is not (available|loaded|served)|only serves|"
    r"could not find|no access to",
    re.I,
)
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_DEFAULT = MODEL_OPTIONS["--api-key-env"].default


def passes_by(error: BaseException) -> bool:
    """Whether trying again may help."""
    if isinstance(error, APIStatusError):
        if error.code in SPENT or error.type in SPENT:
            return False
        return error.status_code in PASSING or error.status_code >= 500
    return isinstance(error, APIConnectionError | TimeoutError)


def is_busy(error: BaseException | None) -> bool:
    """Whether the endpoint refuses for others' sake: what helps is to wait."""
    return isinstance(error, APIStatusError) and (
        error.status_code in BUSY
        or (error.status_code == 503 and "retry-after" in error.response.headers)
    )


def asked_to_wait(error: BaseException | None) -> float | None:
    """Seconds that the endpoint asks for by `Retry-After`, or None."""
    if not isinstance(error, APIStatusError):
        return None
    header = error.response.headers.get("retry-after", "")
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - time.time()
        except ValueError:
            return None
    return min(max(seconds, 0.0), LONGEST_WAIT)


def explained(error: Exception, where: str, model: str, secrets: tuple[str, ...]) -> str:
    """One message: what the endpoint said, and what to do; never one of the secrets."""
    words = masked(_words_of(error)[:MASKED], secrets)[:SHOWN]  # what is cut first can't be found
    status = error.status_code if isinstance(error, APIStatusError) else 0
    if status in (401, 403):
        remedy = "refuses the API key ({}); set OPENAI_API_KEY, or name another by --api-key-env"
    elif lacks_the_model(error, model):
        remedy = f"has no model {model!r} there ({{}}); see --model and --base-url"
    elif isinstance(error, APIStatusError) and (error.code in SPENT or error.type in SPENT):
        remedy = "has nothing left to pay with ({}); run the same again when the account has"
    elif status == 429:
        remedy = "takes no more requests ({}); see --patience and --requests-per-minute"
    elif status >= 500:
        remedy = "failed again and again ({}); run the same again when it works"
    elif status:
        remedy = "refuses the request ({}); see --model, --max-tokens, --temperature"
    elif isinstance(error, APITimeoutError | TimeoutError):
        remedy = "did not answer in time ({}); see --request-timeout and --concurrency"
    elif isinstance(error, APIConnectionError):
        proxy = by_proxy(where)
        remedy = f"cannot be reached{proxy} ({{}}); see --base-url"
        remedy += ", or name the host in NO_PROXY" if proxy else ""
    else:
        remedy = "gave what is no answer ({}); see --base-url"
    return f"{where}: " + remedy.replace("{}", words)


def ends_the_run(error: Exception, model: str) -> bool:
    """Whether no other request can fare better: a wrong key, address or model, an empty account,
    nobody there; the rest is between the endpoint and one task."""
    if isinstance(error, APIStatusError):
        spent = error.code in SPENT or error.type in SPENT
        return error.status_code in DOOMED or spent or lacks_the_model(error, model)
    return isinstance(error, APIConnectionError) and not isinstance(error, APITimeoutError)


def lacks_the_model(error: Exception, model: str) -> bool:
    """Whether the endpoint says that it has no such model: by 404, or by another refusal that
    says so in a code or in words, as several servers do."""
    if not isinstance(error, APIStatusError):
        return False
    if error.status_code in (400, 422):
        told = _words_of(error)[:MASKED]
        by_name = model.lower() in told.lower() and _NOT_THERE.search(told) is not None
        named = error.code == "model_not_found" or error.param == "model"
        return named or by_name or _NO_MODEL.search(told) is not None
    return error.status_code == 404


def ended_by(error: Exception) -> Ended:
    """How a request ended for which this was raised: some filters are an error of the request."""
    is_filter = isinstance(error, APIStatusError) and error.code in FILTERS
    return "filtered" if is_filter else "failed"


def is_refused(error: APIStatusError, name: str) -> bool:
    """Whether a request was refused for having the parameter `name`, not for its value."""
    told = str(error)
    named = error.param == name or re.search(rf"[`'\"]?\b{name}\b", told) is not None
    return named and _UNKNOWN.search(told) is not None


def by_proxy(url: str) -> str:
    """` by the proxy ADDRESS (VARIABLE)`, where the environment names one for that address."""
    parts = urlsplit(url)
    if proxy_bypass(parts.hostname or ""):
        return ""
    for scheme in (parts.scheme, "all"):
        if found := getproxies().get(scheme):
            return f" by the proxy {without_secrets(found)} ({scheme.upper()}_PROXY)"
    return ""


def headers_of(asked: Generation) -> dict[str, str]:
    """The headers that the user gave; a value such as `$NAME` is that variable's.

    Raises:
        UserError: There is no such variable, or the value is none for a header.
    """
    found = {}
    for header in asked.header:
        name, colon, value = header.partition(":")
        name, value = name.strip(), value.strip()
        if not colon or not _TOKEN.fullmatch(name):
            raise UserError("--header: give 'NAME: VALUE', the name in letters of ASCII")
        if value.startswith("$"):
            variable = value[1:].strip("{}")
            value = os.environ.get(variable, "").strip()
            if not value:
                raise UserError(f"--header {name}: there is nothing in {_shown(variable)}")
        if not value.isprintable() or not value.isascii():
            raise UserError(f"--header {name}: its value can be none; give letters of ASCII")
        found[name] = value
    return found


def without_secrets(url: str) -> str:
    """A URL without user, password and query."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}{parts.path}".rstrip("/")


def _words_of(error: Exception) -> str:
    if isinstance(error, APIStatusError):
        body = error.body
        fields = body if isinstance(body, dict) else {}
        message = fields.get("message") or fields.get("detail") or error.message
        return f"{error.status_code}: {message}"
    cause = error.__cause__ if isinstance(error, APIError) else None
    return str(cause or error) or type(error).__name__


def key_of(asked: Generation) -> str:
    """The endpoint's key, without the blanks and line ends around it; empty for none.

    Raises:
        UserError: The variable that was named is not there, or what it holds can be no key.
    """
    name = asked.api_key_env
    key = os.environ.get(name, "").strip() if name and "=" not in name else ""
    if not key and name != _DEFAULT:
        raise UserError(_missing(name))
    if key and not _VISIBLE.fullmatch(key):
        raise UserError(
            f"--api-key-env: what {_shown(name)} holds can be no key: it has blanks, line ends or "
            "letters beyond ASCII in it; set it to the key alone"
        )
    return key


def secrets_of(asked: Generation, url: str) -> tuple[str, ...]:
    """All that must not be shown: the key, and what the address has of the kind."""
    parts = urlsplit(url)
    of_query = (value for _, value in parse_qsl(parts.query) if len(value) >= LONG)
    of_headers = (value for value in headers_of(asked).values() if len(value) >= HEAD)
    every = (key_of(asked), unquote(parts.password or ""), *of_query, *of_headers)
    return tuple(secret for secret in every if secret)


def masked(text: str, secrets: tuple[str, ...]) -> str:
    """`text` without secrets, in the ways that they are written, and without the heads of long
    ones that somebody has cut."""
    for secret in secrets:
        text = _without(text, secret)
        if len(secret) >= LONG:
            text = _without_parts(text, secret)
    return text


def masked_answer(text: str, secrets: tuple[str, ...]) -> str:
    """An answer without the whole secrets that can be told from RTL."""
    for secret in secrets:
        if len(secret) >= LONG:
            text = _without(text, secret)
    return text


def _without(text: str, secret: str) -> str:
    for form in sorted(set(_forms(secret)), key=len, reverse=True):
        text = text.replace(form, MASK)
    return text


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield repr(secret)[1:-1]
    yield json.dumps(secret)[1:-1]
    yield quote(secret, safe="")
    yield quote(secret)
    yield html.escape(secret)


def _without_parts(text: str, secret: str) -> str:
    head = secret[:HEAD]
    kept, rest = [], text
    while (at := rest.find(head)) >= 0:
        end = HEAD
        while end < len(secret) and rest[at + end : at + end + 1] == secret[end]:
            end += 1
        kept.append(rest[:at] + MASK)
        rest = rest[at + end :]
    return "".join(kept) + rest


def _missing(name: str) -> str:
    close = difflib.get_close_matches(name, [n for n in os.environ if _NAME.fullmatch(n)], 1)
    hint = f"; did you mean {close[0]}?" if _NAME.fullmatch(name) and close else ""
    return (
        f"--api-key-env: there is no key in {_shown(name)}; give the name of a variable that "
        f"holds it, not the key itself{hint}"
    )


def _shown(name: str) -> str:
    """A variable's name; not what may be a key that was given for one."""
    return f"the variable {name}" if _NAME.fullmatch(name) else "a variable of that name"
