"""The key of an endpoint: read from the environment, fit for a header, and never shown or kept.

What an endpoint says may have the key in it, as it is or as some library wrote it; so it is masked
before anything is cut off, and in answers too, which are kept.
"""

from __future__ import annotations

import difflib
import html
import json
import os
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from rtlbench.errors import UserError
from rtlbench.generate.model_options import MODEL_OPTIONS
from rtlbench.generate.options import Generation

MASK = "***"
HEAD = 8
"""Letters of a key that tell a part of it from other text."""
LONG = 16
"""Letters of a key that no answer has by chance; a shorter one, such as `none`, is no secret."""
_NAME = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
"""What is a variable's name and can hardly be a key that was given in its place."""
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_DEFAULT = MODEL_OPTIONS["--api-key-env"].default


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
    every = (key_of(asked), unquote(parts.password or ""), *of_query)
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
