"""The service's paths. One handler judges; all else says how the service is.

Guarantee: a request that is answered with 200 has one Verdict for each of its answers, in order,
the same that `rtlbench verify` gives. A request that is refused had none of them judged.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

import rtlbench
from rtlbench.client.messages import (
    About,
    AnswerToJudge,
    ErrorResponse,
    JudgeRequest,
    JudgeResponse,
    TaskInfo,
    TasksResponse,
)
from rtlbench.errors import HarnessError, UserError
from rtlbench.judging.judge import Judge
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Verdict
from rtlbench.rtl.versions import survey, tool_versions
from rtlbench.runs.suite import find_spec
from rtlbench.serve.limits import Load, RefusedError, ServiceLimits, check_token
from rtlbench.serve.metrics import Metrics
from rtlbench.serve.openapi import document

_NAMED = re.compile(r"(?:missing required|unknown) field `([^`]*)`")
"""How msgspec names a field that is at fault where it stands in an object."""
LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"]
Handler = Callable[[Request], Awaitable[Response]]


class Service:
    """A Judge behind HTTP.

    Args:
        judge: Judges for all clients; it is closed with the service.
        token: What clients must know; None where only this machine can reach the service.
    """

    def __init__(self, judge: Judge, limits: ServiceLimits, token: str | None) -> None:
        self._judge, self._limits, self._token = judge, limits, token
        self._load = Load(limits.waiting)
        self._metrics = Metrics(judge.pool, self._load)
        self._tools = tool_versions(survey())
        self._uploads = 0
        self._tasks = _json(TasksResponse(tasks=[_info(s) for s in judge.specs]))
        names = {name: s for s in judge.specs for name in (s.id, s.name)}
        self._specs, self._digests = names, {s.id: s.digest() for s in judge.specs}

    def app(self) -> Starlette:
        """What a server runs."""
        guarded = self._guarded
        routes = [
            Route("/v1/judge", guarded(self._judged), methods=["POST"]),
            Route("/v1/tasks", guarded(self._told_tasks), methods=["GET"]),
            Route("/v1/about", guarded(self._told_about), methods=["GET"]),
            Route("/metrics", guarded(self._told_metrics), methods=["GET"]),
            Route("/openapi.json", _told_interface, methods=["GET"]),
            Route("/healthz", _alive, methods=["GET"]),
            Route("/readyz", self._ready, methods=["GET"]),
        ]
        # A web page may send a browser to a server on its own machine, under the page's name.
        near = Middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK_NAMES)
        return Starlette(
            routes=routes, lifespan=self._lifespan, middleware=[] if self._token else [near]
        )

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        self._judge.pool.start(self._judge.pool.workers)
        yield
        await asyncio.to_thread(self._judge.close)

    def _guarded(self, handler: Handler) -> Handler:
        """`handler` for those who know the token; what it refuses is told as JSON."""

        async def handle(request: Request) -> Response:
            try:
                check_token(request.headers.get("authorization"), self._token)
                response = await handler(request)
            except RefusedError as e:
                response = _refused(e)
            if request.method == "POST":
                self._metrics.requests.labels(str(response.status_code)).inc()
            return response

        return handle

    async def _judged(self, request: Request) -> Response:
        begun = time.monotonic()
        body = await self._read(request)
        asked = _decoded(body)
        tasks = [self._task(k, a) for k, a in enumerate(asked.answers)]
        self._load.take(len(tasks))
        try:
            verdicts = await self._verdicts(tasks, asked.answers)
        finally:
            self._load.give_back(len(tasks))
        for verdict in verdicts:
            self._metrics.verdicts.labels(verdict.outcome.value).inc()
        self._metrics.seconds.observe(time.monotonic() - begun)
        return _response(JudgeResponse(verdicts=verdicts))

    async def _verdicts(
        self, tasks: Sequence[Spec | None], answers: Sequence[AnswerToJudge]
    ) -> list[Verdict]:
        try:
            futures = self._judge.submit(tasks, [a.candidate() for a in answers])
            return list(await asyncio.gather(*map(asyncio.wrap_future, futures)))
        except (UserError, HarnessError, RuntimeError) as e:  # of the service, not of the request
            raise RefusedError(503, str(e), after=5) from e

    def _task(self, place: int, answer: AnswerToJudge) -> Spec | None:
        if answer.task is None:
            return None
        try:
            spec = self._specs.get(answer.task) or find_spec(self._judge.specs, answer.task)
        except UserError as e:
            raise RefusedError(422, str(e), field=f"answers[{place}].task") from e
        if answer.digest not in (None, self._digests.get(spec.id) or spec.digest()):
            told = f"this service's {spec.id} is another: its suite or version is not the client's"
            raise RefusedError(422, told, field=f"answers[{place}].digest")
        return spec

    async def _read(self, request: Request) -> bytes:
        """The body, as far as there is room for its answers and for itself."""
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            raise RefusedError(415, "send JSON: Content-Type: application/json")
        told = request.headers.get("content-length", "0")
        if told.isdecimal() and int(told) > self._limits.body:
            raise self._too_large()
        if self._load.taken >= self._load.limit or self._uploads >= self._limits.uploads:
            raise self._load.full()
        self._uploads += 1
        try:
            async with asyncio.timeout(self._limits.upload_seconds):
                return await self._received(request)
        except TimeoutError as e:
            raise RefusedError(408, "the request does not come to its end") from e
        except ClientDisconnect as e:
            raise RefusedError(400, "the request was broken off") from e
        finally:
            self._uploads -= 1

    async def _received(self, request: Request) -> bytes:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self._limits.body:
                raise self._too_large()
        return bytes(body)

    def _too_large(self) -> RefusedError:
        told = f"a request may have {self._limits.body} bytes: send fewer answers"
        return RefusedError(413, told)

    async def _told_tasks(self, _request: Request) -> Response:
        return Response(self._tasks, media_type="application/json")

    async def _told_about(self, _request: Request) -> Response:
        pool = self._judge.pool
        if not pool.isolation:
            raise RefusedError(503, "no worker is ready yet", after=1)
        config = pool.setup.config
        about = About(
            rtlbench=rtlbench.__version__, simulator=config.simulator, seed=config.seed,
            formal=config.formal, isolation=pool.isolation, tools=self._tools,
        )  # fmt: skip
        return _response(about)

    async def _told_metrics(self, _request: Request) -> Response:
        return Response(self._metrics.text(), media_type="text/plain; version=0.0.4")

    async def _ready(self, _request: Request) -> Response:
        """Whether there is a worker that can judge and room for an answer."""
        if not self._judge.pool.pids:
            return _refused(RefusedError(503, "no worker is ready yet", after=1))
        if self._load.taken >= self._load.limit:
            return _refused(RefusedError(503, "no room for another answer", after=1))
        return Response(b'{"status":"ready"}', media_type="application/json")


async def _alive(_request: Request) -> Response:
    return Response(b'{"status":"alive"}', media_type="application/json")


async def _told_interface(_request: Request) -> Response:
    return _response(document())


def _decoded(body: bytes) -> JudgeRequest:
    try:
        return msgspec.json.decode(body, type=JudgeRequest)
    except msgspec.ValidationError as e:
        told, _, place = str(e).partition(" - at `$")
        named = _NAMED.search(told)
        path = [p for p in (place.rstrip("`").lstrip("."), named and named[1]) if p]
        raise RefusedError(422, told, field=".".join(path) or None) from e
    except (msgspec.DecodeError, UnicodeDecodeError) as e:
        raise RefusedError(422, f"is no JSON: {e}") from e


def _info(spec: Spec) -> TaskInfo:
    return TaskInfo(
        id=spec.id, category=spec.category, family=spec.family, difficulty=spec.difficulty,
        title=spec.title, prompt=spec.prompt, top=spec.top, digest=spec.digest(),
    )  # fmt: skip


def _json(told: Any) -> bytes:
    return msgspec.json.encode(told)


def _response(told: Any) -> Response:
    return Response(_json(told), media_type="application/json")


def _refused(error: RefusedError) -> Response:
    headers = {"retry-after": str(error.after)} if error.after is not None else {}
    if error.status == 401:
        headers["www-authenticate"] = "Bearer"
    told = _json(ErrorResponse(error=error.told, field=error.field))
    return Response(told, error.status, headers, media_type="application/json")
