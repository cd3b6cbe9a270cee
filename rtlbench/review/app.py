"""The review page's paths. All lie below a token that only who started the review knows.

Guarantee: a request is answered only where its path has the token and its Host is this machine's
own name; one that writes must be JSON, so that no form of another page can send it.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rtlbench.dataset.reviews import Word
from rtlbench.errors import HarnessError, UserError
from rtlbench.pages.page import page, script_data
from rtlbench.review.desk import Desk
from rtlbench.serve.app import LOOPBACK_NAMES

MOST_BYTES = 1 << 20
"""Of one request."""
HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",  # the page's address holds the token
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
Handler = Callable[[Request], Awaitable[Response]]


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be judged."""

    output: str


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a reviewer decided."""

    decision: Word
    comment: str = ""
    output: str | None = None


def review_app(desk: Desk, token: str) -> Starlette:
    """What a server runs."""
    paths = _Paths(desk)

    def known(handler: Handler) -> Handler:
        async def handle(request: Request) -> Response:
            if not hmac.compare_digest(request.path_params["token"].encode(), token.encode()):
                return Response("no such page\n", 404, HEADERS)
            return await handler(request)

        return handle

    routes = [
        Route("/{token}/", known(paths.page), methods=["GET"]),
        Route("/{token}/records/{place:int}", known(paths.record), methods=["GET"]),
        Route("/{token}/judge/{place:int}", known(paths.judge), methods=["POST"]),
        Route("/{token}/decide/{place:int}", known(paths.decide), methods=["POST"]),
    ]
    near = Middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK_NAMES)
    return Starlette(routes=routes, middleware=[near])


class _Paths:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._writing = asyncio.Lock()

    async def page(self, _request: Request) -> Response:
        data = script_data({"records": self._desk.listed()})
        count, who = len(self._desk.records), self._desk.reviewer
        text = page("review", data=data, reviewer=who, count=count)
        return Response(text, media_type="text/html", headers=HEADERS)

    async def record(self, request: Request) -> Response:
        return await self._told(request, None)

    async def judge(self, request: Request) -> Response:
        return await self._told(request, Text)

    async def decide(self, request: Request) -> Response:
        return await self._told(request, Said)

    async def _told(self, request: Request, kind: type[Text] | type[Said] | None) -> Response:
        """The answer to a request, what is wrong with it as JSON."""
        place = request.path_params["place"]
        if not 0 <= place < len(self._desk.records):
            return _json({"error": "there is no such record"}, 404)
        try:
            return _json(await self._answer(place, request, kind))
        except msgspec.DecodeError as e:
            return _json({"error": f"no such request: {e}"}, 422)
        except UserError as e:
            return _json({"error": str(e)}, 422)
        except HarnessError as e:
            return _json({"error": f"the harness failed: {e}"}, 503)

    async def _answer(
        self, place: int, request: Request, kind: type[Text] | type[Said] | None
    ) -> object:
        if kind is None:
            return self._desk.shown(place)
        given = await _body(request, kind)
        if isinstance(given, Text):
            return await self._desk.see(place, given.output)
        async with self._writing:
            made = await self._desk.decide(place, given.decision, given.comment, given.output)
        return {"decision": "" if made.decision == "undecided" else made.decision}


async def _body(request: Request, kind: type[Text] | type[Said]) -> Text | Said:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise UserError("send JSON: Content-Type: application/json")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise UserError(f"more than {MOST_BYTES} bytes")
    return msgspec.json.decode(bytes(body), type=kind)


def _json(told: object, status: int = 200) -> Response:
    text = msgspec.json.encode(told)
    return Response(text, status, HEADERS, media_type="application/json")
