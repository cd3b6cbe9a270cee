"""The service's interface as an OpenAPI document, made of the records that it reads and writes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

import rtlbench
from rtlbench.client.messages import (
    About,
    ErrorResponse,
    JudgeRequest,
    JudgeResponse,
    TasksResponse,
)

REFUSALS = {
    401: "The token is missing or wrong.",
    408: "The request does not come to its end.",
    413: "The request is too large.",
    415: "The request is no JSON.",
    422: "Something in the request cannot be used; `field` says what.",
    429: "Too many answers wait; ask again after `Retry-After` seconds.",
    503: "Nothing can be judged now; ask again after `Retry-After` seconds.",
}


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """OpenAPI 3.1."""
    shapes = (JudgeRequest, JudgeResponse, TasksResponse, About, ErrorResponse)
    schemas, components = msgspec.json.schema_components(
        shapes, ref_template="#/components/schemas/{name}"
    )
    asked, judged, tasks, about, refusal = schemas
    refusals = {str(s): _told(text, refusal) for s, text in REFUSALS.items()}
    judge = {
        "summary": "Judge answers to tasks: one Verdict each, in order.",
        "requestBody": {"required": True, **_content(asked)},
        "responses": {"200": _told("The Verdicts.", judged), **refusals},
    }
    listed = {
        "summary": "The tasks that are judged by their id.",
        "responses": {"200": _told("The tasks.", tasks), "401": refusals["401"]},
    }
    told = {
        "summary": "What is judged by.",
        "responses": {"200": _told("Settings and versions.", about), "401": refusals["401"]},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "rtlbench judging service", "version": rtlbench.__version__},
        "paths": {
            "/v1/judge": {"post": judge},
            "/v1/tasks": {"get": listed},
            "/v1/about": {"get": told},
            "/healthz": {"get": _plain("Whether the service runs.")},
            "/readyz": {"get": _plain("Whether it can take an answer.", "503")},
            "/metrics": {"get": _plain("Counters for Prometheus.", "401")},
        },
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _told(text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": text, **_content(schema)}


def _plain(summary: str, *refused: str) -> dict[str, Any]:
    statuses = {"200": {"description": "Yes."}, **{s: {"description": "No."} for s in refused}}
    return {"summary": summary, "responses": statuses}
