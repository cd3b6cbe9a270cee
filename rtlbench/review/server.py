"""Running the review page on this machine, by uvicorn, until its user stops it."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn

from rtlbench.errors import UserError
from rtlbench.review.app import review_app
from rtlbench.review.desk import Desk

HOST = "127.0.0.1"


def serve_review(desk: Desk, port: int, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        port: 0 takes any that is free.
        announce: Called with the page's address, which holds the token.

    Raises:
        UserError: It cannot listen there.
    """
    try:
        listening = socket.create_server((HOST, port))
    except OSError as e:
        raise UserError(f"cannot listen on {HOST} port {port}: {e.strerror}") from e
    token = secrets.token_urlsafe(24)
    config = uvicorn.Config(
        review_app(desk, token), log_level="warning", access_log=False, server_header=False
    )
    announce(f"http://{HOST}:{listening.getsockname()[1]}/{token}/")
    with suppress(KeyboardInterrupt):  # how its user ends it; uvicorn has closed all by then
        uvicorn.Server(config).run(sockets=[listening])
